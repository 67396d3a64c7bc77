package io.remitflow.reconciliation;

import io.remitflow.bank.BankLine;
import io.remitflow.bank.MatchDependents;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.ledger.JournalEntry;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** An approved bank reconciliation rests on what its lines were said to be: it is opened again before any of that is undone. */
@Component
class ApprovedPeriods implements MatchDependents {

    private final JdbcClient jdbc;

    ApprovedPeriods(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** A line that the period carried, and that was said to be something only later, on a later day, is none of what it rests on. */
    @Override
    public Optional<String> keeping(List<BankLine> lines, List<JournalEntry> entries) {
        return jdbc.sql("""
                        select r.reconciliation_number from accounting_bank_reconciliation r
                        join accounting_bank_lines l on l.org_id = r.org_id and l.bank_account_id = r.bank_account_id
                             and l.booked_on <= r.period_end
                        join accounting_journal_entries e on e.org_id = r.org_id and e.id = any(:entries)
                             and (e.entry_date <= r.period_end or e.posted_at <= r.reconciled_at)
                        where r.org_id = :org and r.status = 'completed' and l.id = any(:lines)
                        order by r.period_start limit 1
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("lines", lines.stream().map(BankLine::id).toArray(UUID[]::new))
                .param("entries", entries.stream().map(JournalEntry::id).toArray(UUID[]::new))
                .query(String.class)
                .optional()
                .map("Bank reconciliation %s with its line is approved; open it again first"::formatted);
    }
}

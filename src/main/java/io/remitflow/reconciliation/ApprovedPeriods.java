package io.remitflow.reconciliation;

import io.remitflow.bank.BankLine;
import io.remitflow.bank.MatchDependents;
import io.remitflow.identity.CurrentOrganization;
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

    @Override
    public Optional<String> keeping(List<BankLine> lines) {
        return jdbc.sql("""
                        select r.reconciliation_number from accounting_bank_reconciliation r
                        join accounting_bank_lines l on l.org_id = r.org_id and l.bank_account_id = r.bank_account_id
                             and l.booked_on between r.period_start and r.period_end
                        where r.org_id = :org and r.status = 'completed' and l.id = any(:lines)
                        order by r.period_start limit 1
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("lines", lines.stream().map(BankLine::id).toArray(UUID[]::new))
                .query(String.class)
                .optional()
                .map("Bank reconciliation %s with its line is approved; open it again first"::formatted);
    }
}

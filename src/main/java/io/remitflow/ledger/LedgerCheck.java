package io.remitflow.ledger;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.ui.BooksChecks;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Rebuilds what the ledger caches from its lines and reports every difference. Sound books have none. */
@Service
public class LedgerCheck {

    private static final String CHECK = "Ledger";

    private static final String DIFFERENCES = """
            select 'account ' || a.account_code as what, a.current_balance as kept, coalesce(l.balance, 0) as rebuilt, a.currency
              from accounting_chart_of_accounts a
              left join (select account_id, sum(debit_amount - credit_amount) as balance
                           from accounting_journal_lines where org_id = :org group by account_id) l on l.account_id = a.id
             where a.org_id = :org and a.current_balance <> coalesce(l.balance, 0)
            union all
            select 'clearing reference ' || r.reference_kind || ' ' || r.reference_value || ' of account ' || a.account_code,
                   r.balance, coalesce(l.balance, 0), r.currency
              from accounting_clearing_references r
              join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id
              left join (select clearing_reference_id, sum(debit_amount - credit_amount) as balance
                           from accounting_journal_lines
                          where org_id = :org and clearing_reference_id is not null
                          group by clearing_reference_id) l on l.clearing_reference_id = r.id
             where r.org_id = :org and r.balance <> coalesce(l.balance, 0)
            union all
            select 'entry ' || e.entry_number, e.total_debit, l.debits, e.currency
              from accounting_journal_entries e
              left join (select journal_entry_id, count(*) as lines, sum(debit_amount) as debits, sum(credit_amount) as credits
                           from accounting_journal_lines where org_id = :org group by journal_entry_id) l
                   on l.journal_entry_id = e.id
             where e.org_id = :org
               and (l.lines is distinct from e.line_count or l.debits is distinct from e.total_debit
                    or l.credits is distinct from e.total_credit)
            union all
            select 'trial balance in ' || currency, 0, sum(debit_amount - credit_amount), currency
              from accounting_journal_lines where org_id = :org group by currency having sum(debit_amount - credit_amount) <> 0
            """;

    private final JdbcClient jdbc;
    private final BooksChecks checks;

    LedgerCheck(JdbcClient jdbc, BooksChecks checks) {
        this.jdbc = jdbc;
        this.checks = checks;
    }

    /**
     * A kept figure that differs from the lines.
     *
     * @param keptMinor and {@code rebuiltMinor} are debit minus credit in minor units
     */
    public record Difference(String what, long keptMinor, long rebuiltMinor, String currency) {}

    /** Of the current organization. */
    @Transactional(readOnly = true)
    public List<Difference> differences() {
        return jdbc.sql(DIFFERENCES)
                .param("org", CurrentOrganization.id().value())
                .query((row, number) -> new Difference(
                        row.getString("what"), row.getLong("kept"), row.getLong("rebuilt"), row.getString("currency")))
                .list();
    }

    @Scheduled(cron = "${remitflow.ledger.check-cron:0 30 2 * * *}", zone = "UTC")
    void checkAll() {
        checks.run(
                CHECK,
                () -> differences().stream()
                        .map(difference -> BooksChecks.Difference.of(
                                difference.what(),
                                difference.keptMinor(),
                                difference.rebuiltMinor(),
                                difference.currency()))
                        .toList());
    }
}

package io.remitflow.bank;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.ui.BooksChecks;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Compares bank suspense (1090) with the bank lines that nothing explains and reports every difference: each of those lines is
 * there in its amount, and nothing else is. Sound books have none.
 */
@Service
public class SuspenseCheck {

    private static final String CHECK = "Bank suspense";

    private static final String DIFFERENCES = """
            with unexplained as (
                select 'bank-line ' || l.id as what, l.amount, l.currency
                  from accounting_bank_lines l
                  join accounting_bank_bookings b on b.org_id = l.org_id and b.line_id = l.id and b.counter = 'suspense'
                 where l.org_id = :org and not exists (
                       select from accounting_bank_match_parts p
                         join accounting_bank_matches m on m.org_id = p.org_id and m.id = p.match_id and m.status = 'accepted'
                        where p.org_id = l.org_id and p.side = 'line' and p.part_id = l.id and p.active)),
            suspense as (
                select r.reference_kind || ' ' || r.reference_value as what, r.balance, r.currency
                  from accounting_clearing_references r
                  join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id
                 where r.org_id = :org and a.account_code = '1090' and r.balance <> 0 and r.reference_kind <> 'gateway-transaction')
            select coalesce(u.what, s.what) as what, coalesce(-s.balance, 0) as kept, coalesce(u.amount, 0) as unexplained,
                   coalesce(u.currency, s.currency) as currency
              from unexplained u full join suspense s on s.what = u.what
             where coalesce(-s.balance, 0) <> coalesce(u.amount, 0)
             order by 1
            """;

    private final JdbcClient jdbc;
    private final BooksChecks checks;

    SuspenseCheck(JdbcClient jdbc, BooksChecks checks) {
        this.jdbc = jdbc;
        this.checks = checks;
    }

    /**
     * A reference whose balance is not what is unexplained of its line.
     *
     * @param keptMinor what suspense holds for it, above zero for money that came in
     * @param unexplainedMinor the amount of the line, zero if it is explained or there is none
     */
    public record Difference(String what, long keptMinor, long unexplainedMinor, String currency) {}

    /** Of the current organization. */
    @Transactional(readOnly = true)
    public List<Difference> differences() {
        return jdbc.sql(DIFFERENCES)
                .param("org", CurrentOrganization.id().value())
                .query((row, number) -> new Difference(
                        row.getString("what"),
                        row.getLong("kept"),
                        row.getLong("unexplained"),
                        row.getString("currency")))
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
                                difference.unexplainedMinor(),
                                difference.currency()))
                        .toList());
    }
}

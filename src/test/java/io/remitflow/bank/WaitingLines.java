package io.remitflow.bank;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.local.KnownDifferences;
import io.remitflow.local.TestHospital;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** References that are open in clearing, and the bank lines that should settle them; what differs is known. */
final class WaitingLines {

    private final KnownDifferences known;
    private final TestHospital hospital;
    private final KeyedLines keyed;
    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;

    WaitingLines(ApplicationContext context, KnownDifferences known) {
        this.known = known;
        this.hospital = TestHospital.create(context);
        this.keyed = context.getBean(KeyedLines.class);
        this.jdbc = context.getBean(JdbcClient.class);
        this.transactions = context.getBean(TransactionTemplate.class);
        KnownDifferences.load(this::load);
        KnownDifferences.analyze("accounting_clearing_references", "accounting_bank_unbooked_lines");
    }

    private void load(JdbcClient database) {
        String number = "'PI' || upper(substr(md5(:org || '-' || i), 1, 24))";
        database.sql("""
                        insert into accounting_clearing_references (org_id, id, account_id, currency, reference_kind,
                            reference_value, balance, opened_on, last_entry_on)
                        select a.org_id, md5(:org || 'r' || i)::uuid, a.id, a.currency, 'gateway-payment', %s,
                               case when %s = 'state' then 0 else 1000 + mod(i, 100000) end, current_date, current_date
                        from generate_series(0, :records - 1) i
                        join accounting_chart_of_accounts a on a.org_id = :org::uuid and a.account_code = '1060'
                        """.formatted(number, KnownDifferences.KIND))
                .param("org", hospital.id().toString())
                .param("records", known.records())
                .update();
        database.sql("""
                        insert into accounting_bank_unbooked_lines (org_id, line_id, booked_on, amount, currency, keys)
                        select :org::uuid, gen_random_uuid(), current_date, amount, currency, array[number]
                        from (select %1$s as number, 1000 + mod(i, 100000) + case when %2$s = 'amount' then 1 else 0 end as amount,
                                     case when %2$s = 'currency' then 'EUR' else 'USD' end as currency
                              from generate_series(0, :records - 1) i where %2$s <> 'missing'
                              union all
                              select %1$s, 1000 + mod(i, 100000), 'USD'
                              from generate_series(0, :records - 1) i where %2$s = 'doubled'
                              union all
                              select %1$s, 1000, 'USD'
                              from generate_series(:records, :records + :more - 1) i) line
                        order by md5(number)
                        """.formatted(number, KnownDifferences.KIND))
                .param("org", hospital.id().toString())
                .param("records", known.records())
                .param("more", known.missingHere())
                .update();
    }

    /** Compares as the application does, checks the findings and takes them back. */
    void compare(Runnable measured) {
        hospital.run(() -> transactions.executeWithoutResult(transaction -> {
            measured.run();
            assertThat(findings()).isEqualTo(expected());
            assertThat(referencesWithoutLine()).isEqualTo(known.missingThere());
            transaction.setRollbackOnly();
        }));
    }

    void compareAll() {
        keyed.compare(Long.MAX_VALUE);
    }

    private Map<String, Long> expected() {
        return Map.of(
                "certain", known.same(),
                "amount", known.otherAmount(),
                "currency", known.otherCurrency(),
                "settled", known.otherState(),
                "several", 2 * known.doubled(),
                "unknown", known.missingHere());
    }

    private Map<String, Long> findings() {
        Map<String, Long> found = new HashMap<>();
        jdbc.sql("""
                        select coalesce(f.finding, 'certain') as finding, count(*) as lines
                        from accounting_bank_unbooked_lines q
                        left join accounting_bank_line_findings f on f.org_id = q.org_id and f.line_id = q.line_id
                        group by 1
                        """).query(row -> {
            found.put(Objects.requireNonNull(row.getString("finding")), row.getLong("lines"));
        });
        return found;
    }

    private long referencesWithoutLine() {
        return jdbc.sql("""
                        select count(*) from accounting_clearing_references r
                        where not exists (select from (select unnest(keys) as key from accounting_bank_unbooked_lines) k
                                          where k.key = r.match_key)
                        """).query(Long.class).single();
    }

    TestHospital hospital() {
        return hospital;
    }
}

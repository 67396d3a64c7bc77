package io.remitflow.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.core.Ids;
import io.remitflow.identity.Organizations;
import io.remitflow.local.KnownDifferences;
import io.remitflow.local.TestHospital;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Payments of one day and what their gateway told of them; what differs is known. */
final class ReportedPayments {

    private final KnownDifferences known;
    private final TestHospital hospital;
    private final Comparison comparison;
    private final RunRows runs;
    private final Organizations organizations;
    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final LocalDate day;
    private final Instant noon;

    ReportedPayments(ApplicationContext context, KnownDifferences known) {
        this.known = known;
        this.hospital = TestHospital.create(context);
        this.comparison = context.getBean(Comparison.class);
        this.runs = context.getBean(RunRows.class);
        this.organizations = context.getBean(Organizations.class);
        this.jdbc = context.getBean(JdbcClient.class);
        this.transactions = context.getBean(TransactionTemplate.class);
        this.day = hospital.call(organizations::today).minusDays(3);
        this.noon = day.atTime(12, 0)
                .atZone(hospital.call(organizations::current).timeZone())
                .toInstant();
        KnownDifferences.load(this::load);
        KnownDifferences.analyze("billing_payments", "payments_gateway_events", "payments_gateway_transactions");
    }

    /** Each payer has 20 payments, all of different amounts: none of them looks like another. */
    private void load(JdbcClient database) {
        String number = "'pi_' || substr(md5(:org || '-' || i), 1, 24)";
        String amount = "(1000 + 10 * div(i, :payers))::bigint";
        database.sql("""
                        insert into billing_payments (org_id, id, payment_number, account_id, payment_date, payment_amount, currency,
                            payment_method, gateway_provider, gateway_transaction_id, status, posted_at, created_at, updated_at)
                        select :org::uuid, gen_random_uuid(), 'PM-' || i, md5(:org || 'a' || mod(i, :payers))::uuid, :day, %s,
                               'USD', 'credit_card', 'sandbox', %s, 'completed', :noon, :noon, :noon
                        from generate_series(0, :records - 1) i
                        """.formatted(amount, number))
                .param("org", hospital.id().toString())
                .param("records", known.records())
                .param("payers", payers())
                .param("day", day)
                .param("noon", Timestamp.from(noon), Types.TIMESTAMP)
                .update();
        database.sql("""
                        create temp table told on commit drop as
                        select number, kind, i, amount + case when kind = 'amount' then 1 else 0 end as amount,
                               case when kind = 'currency' then 'EUR' else 'USD' end as currency,
                               case when kind = 'state' then 'failed' else 'succeeded' end as status,
                               'cus_' || mod(i, :payers) as payer
                        from (select %1$s as number, %2$s as kind, i, %3$s as amount
                              from generate_series(0, :records - 1) i
                              union all
                              select %1$s, 'more', i, %3$s from generate_series(:records, :records + :more - 1) i) each
                        where kind <> 'missing' order by md5(number)
                        """.formatted(number, KnownDifferences.KIND, amount))
                .param("org", hospital.id().toString())
                .param("records", known.records())
                .param("payers", payers())
                .param("more", known.missingHere())
                .update();
        database.sql("""
                        insert into payments_gateway_events (org_id, id, gateway_provider, event_id, event_type, object_id, body,
                            state, received_at, object_type, transaction_id, charge_id, amount, refunded_amount, currency,
                            object_status, payer_reference, occurred_at)
                        select :org::uuid, gen_random_uuid(), 'sandbox', 'evt_' || attempt || '_' || i, 'charge.' || status,
                               'ch_' || attempt || '_' || i, '', 'processed', :noon, 'charge', number,
                               'ch_' || attempt || '_' || i, amount, 0, currency, status, payer, :noon
                        from told cross join lateral generate_series(1, case when kind = 'doubled' then 2 else 1 end) attempt
                        """)
                .param("org", hospital.id().toString())
                .param("noon", Timestamp.from(noon), Types.TIMESTAMP)
                .update();
        database.sql("""
                        insert into payments_gateway_transactions (org_id, gateway_provider, transaction_id, first_at, currency,
                            payer_reference, charges, amount, refunded, disputed, state)
                        select :org::uuid, 'sandbox', number, :noon, currency, payer,
                               case when kind = 'doubled' then 2 when kind = 'state' then 0 else 1 end,
                               case when kind = 'doubled' then 2 * amount else amount end, 0, 0, status
                        from told
                        """)
                .param("org", hospital.id().toString())
                .param("noon", Timestamp.from(noon), Types.TIMESTAMP)
                .update();
    }

    private int payers() {
        return known.records() / 20;
    }

    TestHospital hospital() {
        return hospital;
    }

    /** Compares as a run does, checks what it found and takes it back. */
    void compare(Measured measured) {
        hospital.run(() -> transactions.executeWithoutResult(transaction -> {
            var period = new Period(day, day);
            UUID run = runs.begin(Ids.next(), period, Trigger.SCHEDULE, null, noon);
            var found = new Comparison.Found[1];
            measured.run(() -> found[0] = comparison.write(run, organizations.current(), period, Set.of()));
            RunSummary summary = Objects.requireNonNull(found[0]).summary();
            assertThat(items(run)).isEqualTo(expected());
            assertThat(summary.matchedCount()).isEqualTo(known.same());
            assertThat(summary.recordCount()).isEqualTo(known.records() + known.missingHere());
            assertThat(summary.internalCount()).isEqualTo(known.records());
            assertThat(summary.providerCount()).isEqualTo(known.records() - known.missingThere() + known.missingHere());
            transaction.setRollbackOnly();
        }));
    }

    /** Runs the comparison and measures it, or does not. */
    interface Measured {
        void run(Runnable comparison);
    }

    /** A charge that was taken twice is of twice the amount too. */
    private Map<String, Long> expected() {
        return Map.of(
                "AmountMismatch", known.otherAmount(),
                "CurrencyMismatch", known.otherCurrency(),
                "StatusMismatch", known.otherState(),
                "AmountMismatch,DuplicateChargeSuspected", known.doubled(),
                "MissingProviderRecord", known.missingThere(),
                "MissingInternalRecord", known.missingHere());
    }

    private Map<String, Long> items(UUID run) {
        Map<String, Long> found = new HashMap<>();
        jdbc.sql("""
                        select array_to_string(types, ',') as types, count(*) as items
                        from reconciliation_items where run_id = :run group by 1
                        """).param("run", run).query(row -> {
            found.put(Objects.requireNonNull(row.getString("types")), row.getLong("items"));
        });
        return found;
    }
}

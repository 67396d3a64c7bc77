package io.remitflow.receivables;

import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.Map;
import java.util.UUID;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Ages open debits in SQL, from the transactions dated up to a day. The rules are those of {@link Aging}. */
@Repository
class AgingQuery {

    private static final String AGING = """
            with dated as (
                select account_id, responsibility, claim_id, id, aging_date, amount
                from billing_patient_transactions
                where transaction_date <= :asOf and (:everyone or account_id = :account)
                    and (cast(:known as timestamptz) is null or posted_at <= cast(:known as timestamptz))
            ),
            credits as (
                select account_id, responsibility, claim_id, -sum(amount) as credit
                from dated where amount < 0
                group by account_id, responsibility, claim_id
            ),
            within_claim as (
                select d.account_id, d.responsibility, d.id, d.aging_date,
                    greatest(0, least(d.amount, sum(d.amount) over (
                        partition by d.account_id, d.responsibility, d.claim_id order by d.aging_date, d.id)
                        - coalesce(c.credit, 0))) as open
                from dated d
                left join credits c on c.account_id = d.account_id and c.responsibility = d.responsibility
                    and c.claim_id = d.claim_id
                where d.amount > 0
            ),
            free as (
                select account_id, responsibility, credit from credits where claim_id is null
            ),
            aged as (
                select w.account_id, w.responsibility, :asOf - w.aging_date as age,
                    greatest(0, least(w.open, sum(w.open) over (
                        partition by w.account_id, w.responsibility order by w.aging_date, w.id)
                        - coalesce(f.credit, 0))) as open
                from within_claim w
                left join free f on f.account_id = w.account_id and f.responsibility = w.responsibility
            ),
            open_debits as (
                select responsibility,
                    coalesce(sum(open) filter (where age <= 30), 0) as days_0_30,
                    coalesce(sum(open) filter (where age between 31 and 60), 0) as days_31_60,
                    coalesce(sum(open) filter (where age between 61 and 90), 0) as days_61_90,
                    coalesce(sum(open) filter (where age between 91 and 120), 0) as days_91_120,
                    coalesce(sum(open) filter (where age > 120), 0) as over_120
                from aged group by responsibility
            ),
            balances as (
                select responsibility, sum(amount) as balance from dated group by responsibility
            )
            select b.responsibility, coalesce(days_0_30, 0)::bigint as days_0_30,
                coalesce(days_31_60, 0)::bigint as days_31_60, coalesce(days_61_90, 0)::bigint as days_61_90,
                coalesce(days_91_120, 0)::bigint as days_91_120, coalesce(over_120, 0)::bigint as over_120,
                (coalesce(days_0_30 + days_31_60 + days_61_90 + days_91_120 + over_120, 0) - b.balance)::bigint
                    as unapplied
            from balances b left join open_debits o on o.responsibility = b.responsibility
            """;

    private final JdbcClient jdbc;

    AgingQuery(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Aging ofAccount(UUID accountId, LocalDate asOf, CurrencyUnit currency) {
        return query(accountId, asOf, null, currency);
    }

    Aging ofAll(LocalDate asOf, @Nullable Instant knownAt, CurrencyUnit currency) {
        return query(null, asOf, knownAt, currency);
    }

    private Aging query(@Nullable UUID accountId, LocalDate asOf, @Nullable Instant knownAt, CurrencyUnit currency) {
        Map<Responsibility, Aging.Buckets> found = new EnumMap<>(Responsibility.class);
        jdbc.sql(AGING)
                .param("asOf", asOf)
                .param("known", knownAt == null ? null : Timestamp.from(knownAt), java.sql.Types.TIMESTAMP)
                .param("everyone", accountId == null)
                .param("account", accountId, java.sql.Types.OTHER)
                .query(row -> {
                    found.put(
                            Responsibility.ofKey(row.getString("responsibility")),
                            new Aging.Buckets(
                                    Money.ofMinor(currency, row.getLong("days_0_30")),
                                    Money.ofMinor(currency, row.getLong("days_31_60")),
                                    Money.ofMinor(currency, row.getLong("days_61_90")),
                                    Money.ofMinor(currency, row.getLong("days_91_120")),
                                    Money.ofMinor(currency, row.getLong("over_120")),
                                    Money.ofMinor(currency, row.getLong("unapplied"))));
                });
        var none = Money.zero(currency);
        var nothing = new Aging.Buckets(none, none, none, none, none, none);
        return new Aging(
                asOf,
                found.getOrDefault(Responsibility.INSURANCE, nothing),
                found.getOrDefault(Responsibility.PATIENT, nothing));
    }
}

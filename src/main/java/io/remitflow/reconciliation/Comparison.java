package io.remitflow.reconciliation;

import io.remitflow.core.Amounts;
import io.remitflow.discrepancies.DiscrepancyType;
import io.remitflow.discrepancies.FoundDiscrepancy;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The comparison itself: one statement over payments and gateway events, whatever their number.
 *
 * <p>A record is compared under its transaction, across the edges of periods; it belongs to the later of the two business
 * days of a pair, and alone to the day on which its counterpart had to be here. So it is part of one period only. The
 * rules are told in {@code docs/decisions/0060-*}.
 */
@Repository
class Comparison {

    private static final String SEPARATOR = ":";

    /** What is reported of one item to the cases of a run; small enough for one round trip. */
    private static final int BATCH = 1_000;

    /**
     * From the records of both sides to one row per transaction with all that differs. Candidates are those of the period
     * and a while before it, and whatever has an unresolved discrepancy.
     */
    private static final String COMPARED = """
            told as materialized (
                select distinct gateway_provider, transaction_id
                from payments_gateway_events
                where object_type in ('charge', 'intent') and occurred_at >= :eventsFrom and occurred_at < :eventsTo
                union
                select split_part(k, ':', 1), substr(k, strpos(k, ':') + 1) from unnest(:keys::text[]) as k
            ),
            ours_found as (
                select id from billing_payments
                where gateway_provider is not null and payment_date between :paymentsFrom and :paymentsTo
                union
                select p.id from told t join billing_payments p
                  on p.gateway_provider = t.gateway_provider and p.gateway_transaction_id = t.transaction_id
                union
                select p.id from told t
                join payments_gateway_events e on e.gateway_provider = t.gateway_provider
                     and e.transaction_id = t.transaction_id and e.object_type is not null
                     and e.charge_id <> e.transaction_id
                join billing_payments p
                  on p.gateway_provider = e.gateway_provider and p.gateway_transaction_id = e.charge_id
            ),
            ours as materialized (
                select p.id, p.account_id, p.gateway_provider, p.gateway_transaction_id, p.payment_date, p.created_at,
                       p.payment_amount, p.refunded_amount, p.disputed_amount, p.currency, p.status,
                       coalesce(a.transaction_id, p.gateway_transaction_id) as transaction_id
                from billing_payments p join ours_found f on f.id = p.id
                left join lateral (
                    select e.transaction_id from payments_gateway_events e
                    where e.org_id = p.org_id and e.gateway_provider = p.gateway_provider
                      and e.charge_id = p.gateway_transaction_id and e.object_type is not null
                      and e.transaction_id <> e.charge_id
                    limit 1) a on true
            ),
            internal as materialized (
                select gateway_provider,
                       case when row_number() over same = 1 then transaction_id else gateway_transaction_id end
                           as transaction_id,
                       id, account_id, payment_date, created_at, payment_amount as amount, currency,
                       refunded_amount as refunded, disputed_amount as disputed,
                       case status when 'completed' then 'succeeded' when 'pending' then 'pending'
                            when 'processing' then 'pending' when 'void' then 'failed' when 'failed' then 'failed'
                            when 'returned' then 'failed' else status end as state
                from ours
                window same as (partition by gateway_provider, transaction_id
                                order by gateway_transaction_id = transaction_id desc, id)
            ),
            candidates as materialized (
                select gateway_provider, transaction_id from told
                union
                select gateway_provider, transaction_id from internal
            ),
            latest as materialized (
                select distinct on (e.gateway_provider, e.transaction_id, e.object_type, part)
                       e.gateway_provider, e.transaction_id, e.object_type, e.amount, e.currency, e.object_status,
                       e.refunded_amount, e.payer_reference, e.occurred_at,
                       case when e.object_type in ('charge', 'intent') then coalesce(e.charge_id, e.transaction_id)
                            else coalesce(e.object_id, e.transaction_id) end as part,
                       min(e.occurred_at) filter (where e.object_type in ('charge', 'intent'))
                           over (partition by e.gateway_provider, e.transaction_id) as first_at
                from payments_gateway_events e
                join candidates c on c.gateway_provider = e.gateway_provider and c.transaction_id = e.transaction_id
                where e.object_type is not null
                order by e.gateway_provider, e.transaction_id, e.object_type, part, e.occurred_at desc,
                         e.object_status = 'succeeded' desc, e.refunded_amount desc nulls last, e.event_id desc
            ),
            told_parts as (
                select gateway_provider, transaction_id, min(first_at) as at,
                       bool_or(object_type = 'charge') as has_charge,
                       sum(amount) filter (where object_type = 'charge' and object_status = 'succeeded') as charged,
                       count(*) filter (where object_type = 'charge' and object_status = 'succeeded') as charges,
                       coalesce(sum(refunded_amount) filter (where object_type = 'charge'), 0) as charge_refunded,
                       (array_agg(amount order by occurred_at desc) filter (where object_type in ('charge', 'intent')))[1]
                           as last_amount,
                       (array_agg(object_status order by object_type, occurred_at desc)
                           filter (where object_type in ('charge', 'intent')))[1] as last_status,
                       min(currency) filter (where object_type in ('charge', 'intent')) as currency,
                       max(payer_reference) as payer,
                       coalesce(sum(amount) filter (where object_type = 'refund' and object_status = 'succeeded'), 0)
                           as refunds,
                       bool_or(object_type = 'refund' and object_status in ('failed', 'canceled')) as refund_failed,
                       coalesce(sum(amount) filter (where object_type = 'dispute'
                           and object_status not in ('won', 'warning_closed', 'warning_needs_response',
                               'warning_under_review')), 0) as disputed
                from latest
                group by gateway_provider, transaction_id
                having bool_or(object_type in ('charge', 'intent'))
            ),
            told_sums as (
                select gateway_provider, transaction_id, at, currency, payer, charges, disputed,
                       coalesce(charged, last_amount)::bigint as amount,
                       (case when refund_failed then refunds else greatest(refunds, charge_refunded) end)::bigint as refunded,
                       charges > 0 or (not has_charge and last_status = 'succeeded') as taken,
                       last_status
                from told_parts
            ),
            provider as (
                select gateway_provider, transaction_id, at, currency, payer, charges, amount, refunded,
                       disputed::bigint as disputed,
                       case when not taken then case when last_status = 'pending' then 'pending' else 'failed' end
                            when disputed > 0 then 'disputed'
                            when refunded >= amount then 'refunded'
                            when refunded > 0 then 'partially_refunded'
                            else 'succeeded' end as state
                from told_sums
            ),
            pairs as (
                select coalesce(i.gateway_provider, p.gateway_provider) as gateway_provider,
                       coalesce(i.transaction_id, p.transaction_id) as transaction_id,
                       i.id as payment_id, i.account_id, i.amount as i_amount, i.refunded as i_refunded,
                       i.currency as i_currency, i.state as i_state, p.amount as p_amount, p.refunded as p_refunded,
                       p.currency as p_currency, p.state as p_state, p.at as p_at, p.payer, p.charges,
                       case when i.state = 'failed' or i.state = 'pending' then 0
                            else i.amount - i.refunded - i.disputed end as i_kept,
                       case when p.state = 'failed' or p.state = 'pending' then 0
                            else p.amount - p.refunded - p.disputed end as p_kept,
                       coalesce(p.at, i.created_at) as at,
                       case when i.id is not null and p.at is not null
                                 then greatest(i.payment_date, (p.at at time zone :zone)::date)
                            when i.id is null then ((p.at + :lagSeconds * interval '1 second') at time zone :zone)::date
                            when i.payment_date = (i.created_at at time zone :zone)::date
                                 then ((i.created_at + :lagSeconds * interval '1 second') at time zone :zone)::date
                            else i.payment_date end as business_day
                from internal i
                full join provider p on p.gateway_provider = i.gateway_provider and p.transaction_id = i.transaction_id
                where (i.id is not null or p.state not in ('failed', 'pending'))
                  and (p.at is not null or i.state not in ('failed', 'pending'))
            ),
            repeated as (
                select *,
                       coalesce(charges > 1, false)
                       or coalesce(at - lag(at) over (partition by account_id, i_currency, i_amount, i_state in
                               ('succeeded', 'partially_refunded', 'disputed') order by at, transaction_id)
                               <= :windowSeconds * interval '1 second'
                           and account_id is not null and i_state in ('succeeded', 'partially_refunded', 'disputed'), false)
                       or coalesce(at - lag(at) over (partition by gateway_provider, payer, p_currency, p_amount, p_state in
                               ('succeeded', 'partially_refunded', 'disputed') order by at, transaction_id)
                               <= :windowSeconds * interval '1 second'
                           and payer is not null and p_state in ('succeeded', 'partially_refunded', 'disputed'), false)
                           as again
                from pairs
            ),
            compared as (
                select *,
                       array_remove(array[
                           case when payment_id is null then 'MissingInternalRecord' end,
                           case when p_at is null then 'MissingProviderRecord' end,
                           case when i_currency <> p_currency then 'CurrencyMismatch' end,
                           case when i_currency = p_currency
                                     and (i_amount <> p_amount
                                          or (i_state = p_state and i_state = 'partially_refunded'
                                              and i_refunded <> p_refunded)) then 'AmountMismatch' end,
                           case when i_state <> p_state then 'StatusMismatch' end,
                           case when again then 'DuplicateChargeSuspected' end], null) as types
                from repeated
            ),
            judged as (
                select *, case when types = '{}' or types = '{DuplicateChargeSuspected}' then 'matched' else types[1] end
                              as result,
                       coalesce(i_currency, p_currency) as currency
                from compared
            )
            """;

    /** How much of a type differs, in the currency of the row. */
    private static final String DIFFERENCE = """
            case %1$s when 'MissingInternalRecord' then p_amount
                      when 'MissingProviderRecord' then i_amount
                      when 'CurrencyMismatch' then i_amount
                      when 'AmountMismatch' then case when i_amount <> p_amount then abs(i_amount - p_amount)
                                                      else abs(i_refunded - p_refunded) end
                      when 'StatusMismatch' then case when i_currency = p_currency then abs(i_kept - p_kept)
                                                      else i_amount end
                      when 'DuplicateChargeSuspected' then coalesce(i_amount, p_amount)
                      else 0 end""";

    private static final String INSERT =
            """
            with %s,
            written as (
                insert into reconciliation_items (org_id, run_id, gateway_provider, transaction_id, payment_id, account_id,
                    business_day, internal_amount, internal_refunded, internal_currency, internal_state, provider_amount,
                    provider_refunded, provider_currency, provider_state, provider_at, result, types, differences, difference)
                select :org, :run, gateway_provider, transaction_id, payment_id, account_id, business_day, i_amount,
                       i_refunded, i_currency, i_state, p_amount, p_refunded, p_currency, p_state, p_at, result, types,
                       case when types = '{}' then '{}'
                            else array(select %s from unnest(types) with ordinality as t (type, place) order by place) end,
                       %s
                from judged where business_day between :from and :to
            )
            select gateway_provider || ':' || transaction_id as key, types from judged
            where gateway_provider || ':' || transaction_id = any(:keys::text[]) and types <> '{}'
            """.formatted(COMPARED, DIFFERENCE.formatted("t.type"), DIFFERENCE.formatted("result"));

    private final JdbcClient jdbc;
    private final ReconciliationSettings settings;

    Comparison(JdbcClient jdbc, ReconciliationSettings settings) {
        this.jdbc = jdbc;
        this.settings = settings;
    }

    static String key(String provider, String transaction) {
        return provider + SEPARATOR + transaction;
    }

    /**
     * Writes the items of a period anew.
     *
     * @param watched keys whose types are wanted, whatever period they belong to
     * @return the types of the watched ones that still differ
     */
    Map<String, Set<DiscrepancyType>> write(UUID run, Organization organization, Period period, Set<String> watched) {
        jdbc.sql("delete from reconciliation_items where run_id = :run")
                .param("run", run)
                .update();
        // A charge of the evening before can be repeated in the morning, and the news of one can be late.
        Duration before = settings.duplicateWindow().plus(settings.lag());
        Instant start =
                period.start().atStartOfDay(organization.timeZone()).toInstant().minus(before);
        Instant end =
                period.end().plusDays(1).atStartOfDay(organization.timeZone()).toInstant();
        Map<String, Set<DiscrepancyType>> found = new HashMap<>();
        jdbc.sql(INSERT)
                .param("org", CurrentOrganization.id().value())
                .param("run", run)
                .param("eventsFrom", Timestamp.from(start), Types.TIMESTAMP)
                .param("eventsTo", Timestamp.from(end), Types.TIMESTAMP)
                .param("paymentsFrom", period.start().minusDays(before.toDays() + 1))
                .param("paymentsTo", period.end())
                .param("keys", watched.toArray(String[]::new))
                .param("zone", organization.timeZone().getId())
                .param("lagSeconds", settings.lag().toSeconds())
                .param("windowSeconds", settings.duplicateWindow().toSeconds())
                .param("from", period.start())
                .param("to", period.end())
                .query(row -> {
                    found.put(row.getString("key"), types(row));
                });
        return found;
    }

    /** In steps, in the order of their keys; the currency is that of our record, else the provider's. */
    List<FoundDiscrepancy> differing(UUID run, String afterProvider, String afterTransaction) {
        List<FoundDiscrepancy> found = new ArrayList<>();
        jdbc.sql("""
                        select i.*, p.payment_number, t.type, t.amount
                        from (select * from reconciliation_items
                              where run_id = :run and types <> '{}'
                                and (gateway_provider, transaction_id) > (:provider, :transaction)
                              order by gateway_provider, transaction_id limit :limit) i
                        cross join lateral unnest(i.types, i.differences) as t (type, amount)
                        left join billing_payments p on p.org_id = i.org_id and p.id = i.payment_id
                        order by i.gateway_provider, i.transaction_id
                        """)
                .param("run", run)
                .param("provider", afterProvider)
                .param("transaction", afterTransaction)
                .param("limit", BATCH)
                .query(row -> {
                    String internal = row.getString("internal_currency");
                    String number = row.getString("payment_number");
                    String transaction = row.getString("transaction_id");
                    String provider = row.getString("gateway_provider");
                    found.add(new FoundDiscrepancy(
                            DiscrepancyType.ofKey(row.getString("type")).orElseThrow(),
                            GatewayTransactions.SUBJECT,
                            key(provider, transaction),
                            row.getObject("payment_id", UUID.class),
                            number == null ? provider + " " + transaction : number,
                            Amounts.ofMinor(
                                    row.getLong("amount"),
                                    internal == null ? row.getString("provider_currency") : internal),
                            row.getDate("business_day").toLocalDate()));
                });
        return found;
    }

    RunSummary summarize(UUID run) {
        Map<DiscrepancyType, Long> byType = new EnumMap<>(DiscrepancyType.class);
        jdbc.sql("""
                        select t.type, count(*) as count from reconciliation_items i cross join lateral unnest(i.types) as t (type)
                        where i.run_id = :run and i.types <> '{}' group by t.type
                        """).param("run", run).query(row -> {
            byType.put(DiscrepancyType.ofKey(row.getString("type")).orElseThrow(), row.getLong("count"));
        });
        Map<String, Long> mismatches = new TreeMap<>();
        jdbc.sql("""
                        select coalesce(internal_currency, provider_currency) as currency, sum(difference) as amount
                        from reconciliation_items where run_id = :run and types <> '{}'
                        group by 1 having sum(difference) > 0 order by 1
                        """).param("run", run).query(row -> {
            mismatches.put(row.getString("currency"), row.getLong("amount"));
        });
        List<RunSummary.Totals> totals = jdbc.sql("""
                        select currency, sum(i_taken) as i_taken, sum(i_back) as i_back, sum(p_taken) as p_taken,
                               sum(p_back) as p_back
                        from (select internal_currency as currency, internal_amount as i_taken, internal_refunded as i_back,
                                     0 as p_taken, 0 as p_back
                              from reconciliation_items
                              where run_id = :run and internal_state not in ('failed', 'pending')
                              union all
                              select provider_currency, 0, 0, provider_amount, provider_refunded
                              from reconciliation_items
                              where run_id = :run and provider_state not in ('failed', 'pending')) s
                        group by currency order by currency
                        """)
                .param("run", run)
                .query((row, index) -> new RunSummary.Totals(
                        row.getString("currency"),
                        row.getLong("i_taken"),
                        row.getLong("i_back"),
                        row.getLong("p_taken"),
                        row.getLong("p_back")))
                .list();
        return jdbc.sql("""
                        select count(internal_amount) as ours, count(provider_amount) as theirs, count(*) as records,
                               count(*) filter (where result = 'matched') as matched
                        from reconciliation_items where run_id = :run
                        """)
                .param("run", run)
                .query((row, index) -> new RunSummary(
                        row.getLong("ours"),
                        row.getLong("theirs"),
                        row.getLong("records"),
                        row.getLong("matched"),
                        byType,
                        mismatches,
                        totals))
                .single();
    }

    private static Set<DiscrepancyType> types(ResultSet row) throws SQLException {
        Array array = row.getArray("types");
        Set<DiscrepancyType> types = new HashSet<>();
        for (Object type : (Object[]) array.getArray()) {
            types.add(DiscrepancyType.ofKey(String.valueOf(Objects.requireNonNull(type)))
                    .orElseThrow());
        }
        return types;
    }
}

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
import java.time.LocalDate;
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
import org.jspecify.annotations.Nullable;
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

    private static final String WORK_MEMORY = "64MB";

    private static final String STATE_OF_PAYMENT = """
            case status when 'completed' then 'succeeded' when 'pending' then 'pending' when 'processing' then 'pending'
                        when 'void' then 'failed' when 'failed' then 'failed' when 'returned' then 'failed' else status end""";

    /** What both have in disputes: ours never claims more of a payment than was not refunded. */
    private static final String OTHER_DISPUTE =
            "%1$sdisputed <> least(%2$sdisputed, greatest(%2$samount - %2$srefunded, 0))";

    private static final String DIFFERS =
            "%1$scurrency <> %2$scurrency or %1$samount <> %2$samount or %1$sstate <> %2$sstate"
                    + " or %1$srefunded <> %2$srefunded or " + OTHER_DISPUTE;

    /**
     * From the records of both sides to one row per transaction. Almost all are paired at once, the records of the period and
     * a while before it by the transaction they share. What is left on one side, and what has an unresolved discrepancy, is
     * looked up one by one, whenever its counterpart happened and under its charge too.
     */
    private static final String PAIRS = """
            joined as materialized (
                select coalesce(i.gateway_provider, p.gateway_provider) as gateway_provider,
                       coalesce(i.gateway_transaction_id, p.transaction_id) as transaction_id,
                       i.id as payment_id, i.account_id, i.amount as i_amount, i.refunded as i_refunded,
                       i.disputed as i_disputed, i.currency as i_currency, i.state as i_state,
                       p.amount as p_amount, p.refunded as p_refunded, p.disputed as p_disputed, p.currency as p_currency,
                       p.state as p_state, p.first_at as p_at, p.payer_reference as payer, p.charges, p.first_at as at,
                       i.payment_date, null::date as business_day,
                       p.first_at < :periodEnd and (p.first_at >= :periodStart or i.payment_date >= :from) as in_period,
                       case when i.state in ('succeeded', 'partially_refunded', 'disputed')
                            then uuid_hash_extended(i.account_id, i.amount) end as account_group,
                       case when p.state in ('succeeded', 'partially_refunded', 'disputed')
                            then hashtextextended(p.payer_reference, p.amount) end as payer_group,
                       %3$s as differs
                from (select id, account_id, gateway_provider, gateway_transaction_id, payment_date, payment_amount as amount,
                             refunded_amount as refunded, disputed_amount as disputed, currency, %1$s as state
                      from billing_payments
                      where gateway_provider is not null and payment_date between :paymentsFrom and :paymentsTo) i
                full join (select gateway_provider, transaction_id, first_at, currency, payer_reference, charges, amount,
                                  refunded, disputed, state
                           from payments_gateway_transactions
                           where state is not null and first_at >= :eventsFrom and first_at < :eventsTo) p
                  on p.gateway_provider = i.gateway_provider and p.transaction_id = i.gateway_transaction_id
            ),
            asked as (
                select split_part(k, ':', 1) as gateway_provider, substr(k, strpos(k, ':') + 1) as transaction_id
                from (%2$s) as wanted (k)
            ),
            told as materialized (
                select gateway_provider, transaction_id from joined where payment_id is null
                union
                select gateway_provider, transaction_id from asked a
                where not exists (select from joined j where j.payment_id is not null and j.p_at is not null
                                  and j.gateway_provider = a.gateway_provider and j.transaction_id = a.transaction_id)
            ),
            ours_found as (
                select payment_id as id from joined where p_at is null
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
                where not exists (select from payments_gateway_transactions d
                                  where d.org_id = p.org_id and d.gateway_provider = p.gateway_provider
                                    and d.transaction_id = p.gateway_transaction_id and d.state is not null)
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
                      and not exists (select from billing_payments x
                                      where x.org_id = e.org_id and x.gateway_provider = e.gateway_provider
                                        and x.gateway_transaction_id = e.transaction_id)
                      and not exists (select from payments_gateway_transactions d
                                      where d.org_id = p.org_id and d.gateway_provider = p.gateway_provider
                                        and d.transaction_id = p.gateway_transaction_id and d.state is not null)
                    limit 1) a on true
            ),
            internal as materialized (
                select gateway_provider,
                       case when row_number() over same = 1 then transaction_id else gateway_transaction_id end
                           as transaction_id,
                       id, account_id, payment_date, created_at, payment_amount as amount, currency,
                       refunded_amount as refunded, disputed_amount as disputed, %1$s as state
                from ours
                window same as (partition by gateway_provider, transaction_id
                                order by gateway_transaction_id = transaction_id desc, id)
            ),
            candidates as materialized (
                select gateway_provider, transaction_id from told
                union
                select gateway_provider, transaction_id from internal
            ),
            provider as (
                select t.* from candidates c join payments_gateway_transactions t
                  on t.gateway_provider = c.gateway_provider and t.transaction_id = c.transaction_id and t.state is not null
            ),
            looked_up as (
                select coalesce(i.gateway_provider, p.gateway_provider) as gateway_provider,
                       coalesce(i.transaction_id, p.transaction_id) as transaction_id,
                       i.id as payment_id, i.account_id, i.amount as i_amount, i.refunded as i_refunded,
                       i.disputed as i_disputed, i.currency as i_currency, i.state as i_state, p.amount as p_amount,
                       p.refunded as p_refunded, p.disputed as p_disputed, p.currency as p_currency, p.state as p_state,
                       p.first_at as p_at, p.payer_reference as payer, p.charges, coalesce(p.first_at, i.created_at) as at,
                       i.payment_date,
                       case when i.id is not null and p.first_at is not null
                                 then greatest(i.payment_date, (p.first_at at time zone :zone)::date)
                            when i.id is null
                                 then ((p.first_at + :lagSeconds * interval '1 second') at time zone :zone)::date
                            when i.payment_date = (i.created_at at time zone :zone)::date
                                 then ((i.created_at + :lagSeconds * interval '1 second') at time zone :zone)::date
                            else i.payment_date end as business_day
                from internal i
                full join provider p on p.gateway_provider = i.gateway_provider and p.transaction_id = i.transaction_id
                where (i.id is not null or p.state not in ('failed', 'pending'))
                  and (p.first_at is not null or i.state not in ('failed', 'pending'))
            ),
            one_by_one as materialized (
                select l.*, business_day between :from and :to as in_period,
                       case when i_state in ('succeeded', 'partially_refunded', 'disputed')
                            then uuid_hash_extended(account_id, i_amount) end as account_group,
                       case when p_state in ('succeeded', 'partially_refunded', 'disputed')
                            then hashtextextended(payer, p_amount) end as payer_group,
                       payment_id is null or p_at is null or %4$s as differs
                from looked_up l
            ),
            pairs as not materialized (
                select * from joined where payment_id is not null and p_at is not null
                union all
                select * from one_by_one
            )
            """;

    private static final String WATCHED = "select unnest(:keys::text[])";

    /** Of older days: what an event or we ourselves said about them since. */
    private static final String CHANGED = """
            select e.gateway_provider || ':' || e.transaction_id
            from payments_gateway_events e
            join payments_gateway_transactions t on t.org_id = e.org_id and t.gateway_provider = e.gateway_provider
                 and t.transaction_id = e.transaction_id
            where e.received_at >= :since and e.object_type is not null and t.first_at < :since
            union
            select gateway_provider || ':' || gateway_transaction_id
            from billing_payments
            where updated_at >= :since and gateway_provider is not null and payment_date <= :to""";

    /**
     * Charges of one payer that look the same and follow one another closely. Almost all have no such companion, which a hash
     * of payer and amount tells cheaply: only where two have the same one, the records themselves are compared.
     */
    private static final String AGAIN = """
            again as materialized (
                select gateway_provider, transaction_id from (
                    select p.gateway_provider, p.transaction_id,
                           at - lag(at) over (partition by account_id, i_currency, i_amount order by at, transaction_id)
                               <= :windowSeconds * interval '1 second' as soon
                    from (select account_group as common from pairs where account_group is not null
                          group by account_group having count(*) > 1) g
                    join pairs p on p.account_group = g.common) on_account
                where soon
                union
                select gateway_provider, transaction_id from (
                    select p.gateway_provider, p.transaction_id,
                           at - lag(at) over (partition by gateway_provider, payer, p_currency, p_amount
                                   order by at, transaction_id) <= :windowSeconds * interval '1 second' as soon
                    from (select payer_group as common from pairs where payer_group is not null
                          group by payer_group having count(*) > 1) g
                    join pairs p on p.payer_group = g.common) of_payer
                where soon
            ),
            judged as not materialized (
                select p.*, coalesce(charges > 1, false)
                            or (gateway_provider, transaction_id) in (select gateway_provider, transaction_id from again) as again
                from pairs p
            )
            """;

    /** All that differs about a row that differs. */
    private static final String COMPARED = """
            select d.*,
                   case when i_state = 'failed' or i_state = 'pending' then 0
                        else i_amount - i_refunded - i_disputed end as i_kept,
                   case when p_state = 'failed' or p_state = 'pending' then 0
                        else p_amount - p_refunded - p_disputed end as p_kept,
                   array_remove(array[
                       case when payment_id is null then 'MissingInternalRecord' end,
                       case when p_at is null then 'MissingProviderRecord' end,
                       case when i_currency <> p_currency then 'CurrencyMismatch' end,
                       case when i_currency = p_currency
                                 and (i_amount <> p_amount
                                      or (i_state = p_state and (i_refunded <> p_refunded or %s)))
                            then 'AmountMismatch' end,
                       case when i_state <> p_state then 'StatusMismatch' end,
                       case when again then 'DuplicateChargeSuspected' end], null) as types
            from judged d""".formatted(OTHER_DISPUTE.formatted("i_", "p_"));

    /** How much of a type differs, in the currency of the row. */
    private static final String DIFFERENCE = """
            case %1$s when 'MissingInternalRecord' then p_amount
                      when 'MissingProviderRecord' then i_amount
                      when 'CurrencyMismatch' then i_amount
                      when 'AmountMismatch' then case when i_amount <> p_amount then abs(i_amount - p_amount)
                                                      else greatest(abs(i_refunded - p_refunded),
                                                          abs(i_disputed - least(p_disputed, greatest(p_amount - p_refunded, 0)))) end
                      when 'StatusMismatch' then case when i_currency = p_currency then abs(i_kept - p_kept)
                                                      else i_amount end
                      when 'DuplicateChargeSuspected' then coalesce(i_amount, p_amount)
                      else 0 end""";

    /**
     * What differs is written, and what ever had a discrepancy, so that its evidence stays; the others are counted. The rows
     * are sums by the currencies of both sides, and the watched keys that still differ.
     */
    private static final String RUN = """
            with %1$s, %2$s,
            remembered as (
                select split_part(subject_key, ':', 1) as gateway_provider,
                       substr(subject_key, strpos(subject_key, ':') + 1) as transaction_id
                from reconciliation_discrepancies
                where org_id = :org and subject_type = :subject and occurred_on between :from and :to
            ),
            different as (
                %3$s
                where in_period
                  and (differs or again or (gateway_provider, transaction_id) in
                       (select gateway_provider, transaction_id from remembered))
            ),
            resulting as (
                select *, case when types = '{}' or types = '{DuplicateChargeSuspected}' then 'matched' else types[1] end
                              as result
                from different
            ),
            written as (
                insert into reconciliation_items (org_id, run_id, gateway_provider, transaction_id, payment_id, account_id,
                    business_day, internal_amount, internal_refunded, internal_disputed, internal_currency, internal_state,
                    provider_amount, provider_refunded, provider_disputed, provider_currency, provider_state, provider_at, result, types, differences, difference)
                select :org, :run, gateway_provider, transaction_id, payment_id, account_id,
                       coalesce(business_day, greatest(payment_date, (p_at at time zone :zone)::date)), i_amount, i_refunded,
                       i_disputed, i_currency, i_state, p_amount, p_refunded, p_disputed, p_currency, p_state, p_at, result, types,
                       case when types = '{}' then '{}'
                            else array(select %4$s from unnest(types) with ordinality as t (type, place) order by place) end,
                       %5$s
                from resulting
            )
            select null as key, null::text[] as types, i_currency, p_currency, count(*) as records, count(i_amount) as ours,
                   count(p_amount) as theirs, count(*) filter (where not differs) as matched,
                   coalesce(sum(i_amount) filter (where i_state not in ('failed', 'pending')), 0) as i_taken,
                   coalesce(sum(i_refunded) filter (where i_state not in ('failed', 'pending')), 0) as i_back,
                   coalesce(sum(p_amount) filter (where p_state not in ('failed', 'pending')), 0) as p_taken,
                   coalesce(sum(p_refunded) filter (where p_state not in ('failed', 'pending')), 0) as p_back
            from pairs where in_period
            group by i_currency, p_currency
            union all
            select gateway_provider || ':' || transaction_id, types, null, null, 0, 0, 0, 0, 0, 0, 0, 0
            from (%3$s where (gateway_provider, transaction_id) in (select gateway_provider, transaction_id from asked)) w
            where types <> '{}'
            """.formatted(
                    pairs(WATCHED), AGAIN, COMPARED, DIFFERENCE.formatted("t.type"), DIFFERENCE.formatted("result"));

    private static final String LATE = """
            with %s
            select distinct business_day from one_by_one where in_period and differs order by business_day
            """.formatted(pairs(CHANGED));

    /**
     * What stands beside the unresolved suspicions: without it a charge would look alone, and its case would close, whenever
     * a period is run that the two do not belong to.
     */
    private static final String COMPANIONS = """
            with suspected as (
                select subject_id, split_part(subject_key, ':', 1) as gateway_provider,
                       substr(subject_key, strpos(subject_key, ':') + 1) as transaction_id
                from reconciliation_discrepancies
                where org_id = :org and subject_type = :subject and status <> 'resolved'
                  and discrepancy_type = 'DuplicateChargeSuspected'
            )
            select o.gateway_provider || ':' || o.gateway_transaction_id
            from suspected s
            join billing_payments p on p.org_id = :org and p.id = s.subject_id
            join billing_payments o on o.org_id = :org and o.account_id = p.account_id
                 and o.payment_amount = p.payment_amount and o.currency = p.currency
            where o.gateway_provider is not null
            union
            select o.gateway_provider || ':' || o.transaction_id
            from suspected s
            join payments_gateway_transactions t on t.org_id = :org and t.gateway_provider = s.gateway_provider
                 and t.transaction_id = s.transaction_id and t.state is not null
            join payments_gateway_transactions o on o.org_id = :org and o.gateway_provider = t.gateway_provider
                 and o.payer_reference = t.payer_reference and o.amount = t.amount and o.currency = t.currency
                 and o.first_at between t.first_at - :windowSeconds * interval '1 second' and t.first_at
                 and o.state is not null
            """;

    private final JdbcClient jdbc;
    private final ReconciliationSettings settings;

    Comparison(JdbcClient jdbc, ReconciliationSettings settings) {
        this.jdbc = jdbc;
        this.settings = settings;
    }

    private static String pairs(String wanted) {
        return PAIRS.formatted(STATE_OF_PAYMENT, wanted, DIFFERS.formatted("i.", "p."), DIFFERS.formatted("i_", "p_"));
    }

    static String key(String provider, String transaction) {
        return provider + SEPARATOR + transaction;
    }

    /**
     * What a comparison found.
     *
     * @param differing the types of the watched ones that still differ
     */
    record Found(RunSummary summary, Map<String, Set<DiscrepancyType>> differing) {}

    /**
     * Writes the items of a period anew.
     *
     * @param watched keys whose types are wanted, whatever period they belong to
     */
    Found write(UUID run, Organization organization, Period period, Set<String> watched) {
        jdbc.sql("delete from reconciliation_items where run_id = :run")
                .param("run", run)
                .update();
        // One run at a time, so that sorting and joining a million records need not go through files.
        jdbc.sql("select set_config('work_mem', :memory, true), set_config('jit', 'off', true)")
                .param("memory", WORK_MEMORY)
                .query(row -> {});
        // A charge of the evening before can be repeated in the morning, and the news of one can be late.
        Duration before = settings.duplicateWindow().plus(settings.lag());
        Instant start =
                period.start().atStartOfDay(organization.timeZone()).toInstant().minus(before);
        Instant end =
                period.end().plusDays(1).atStartOfDay(organization.timeZone()).toInstant();
        Set<String> keys = new HashSet<>(watched);
        keys.addAll(companions());
        Map<String, Set<DiscrepancyType>> found = new HashMap<>();
        var sums = new Sums();
        jdbc.sql(RUN)
                .param("org", CurrentOrganization.id().value())
                .param("run", run)
                .param("subject", GatewayTransactions.SUBJECT)
                .param("eventsFrom", Timestamp.from(start), Types.TIMESTAMP)
                .param("eventsTo", Timestamp.from(end), Types.TIMESTAMP)
                .param(
                        "periodStart",
                        Timestamp.from(period.start()
                                .atStartOfDay(organization.timeZone())
                                .toInstant()),
                        Types.TIMESTAMP)
                .param("periodEnd", Timestamp.from(end), Types.TIMESTAMP)
                .param("paymentsFrom", period.start().minusDays(before.toDays() + 1))
                .param("paymentsTo", period.end())
                .param("keys", keys.toArray(String[]::new))
                .param("zone", organization.timeZone().getId())
                .param("lagSeconds", settings.lag().toSeconds())
                .param("windowSeconds", settings.duplicateWindow().toSeconds())
                .param("from", period.start())
                .param("to", period.end())
                .query(row -> {
                    String key = row.getString("key");
                    if (key == null) {
                        sums.add(row);
                    } else {
                        found.put(key, types(row));
                    }
                });
        return new Found(summary(run, sums), found);
    }

    /**
     * Days on which something differs that has changed since, long after it happened: a refund on the gateway's own page weeks
     * after the charge is reported under the day of the charge.
     *
     * @param from of these days the first
     * @param until the day after the last of them, and since when something changed
     */
    List<LocalDate> daysThatDifferByNow(Organization organization, LocalDate from, LocalDate until) {
        Timestamp since =
                Timestamp.from(until.atStartOfDay(organization.timeZone()).toInstant());
        // Nothing but what changed is looked up: no period is joined.
        return jdbc.sql(LATE)
                .param("since", since, Types.TIMESTAMP)
                .param("eventsFrom", since, Types.TIMESTAMP)
                .param("eventsTo", since, Types.TIMESTAMP)
                .param("periodStart", since, Types.TIMESTAMP)
                .param("periodEnd", since, Types.TIMESTAMP)
                .param("paymentsFrom", until)
                .param("paymentsTo", until.minusDays(1))
                .param("zone", organization.timeZone().getId())
                .param("lagSeconds", settings.lag().toSeconds())
                .param("from", from)
                .param("to", until.minusDays(1))
                .query(LocalDate.class)
                .list();
    }

    private List<String> companions() {
        return jdbc.sql(COMPANIONS)
                .param("org", CurrentOrganization.id().value())
                .param("subject", GatewayTransactions.SUBJECT)
                .param("windowSeconds", settings.duplicateWindow().toSeconds())
                .query(String.class)
                .list();
    }

    /** Counts and sums over all records of the period, as the rows of the statement bring them. */
    private static final class Sums {

        private long ours;
        private long theirs;
        private long records;
        private long matched;
        private final Map<String, RunSummary.Totals> totals = new TreeMap<>();

        void add(ResultSet row) throws SQLException {
            ours += row.getLong("ours");
            theirs += row.getLong("theirs");
            records += row.getLong("records");
            matched += row.getLong("matched");
            add(row.getString("i_currency"), row.getLong("i_taken"), row.getLong("i_back"), 0, 0);
            add(row.getString("p_currency"), 0, 0, row.getLong("p_taken"), row.getLong("p_back"));
        }

        private void add(@Nullable String currency, long taken, long back, long takenThere, long backThere) {
            if (currency == null) {
                return;
            }
            totals.merge(
                    currency,
                    new RunSummary.Totals(currency, taken, back, takenThere, backThere),
                    (one, more) -> new RunSummary.Totals(
                            currency,
                            one.internalSucceeded() + more.internalSucceeded(),
                            one.internalRefunded() + more.internalRefunded(),
                            one.providerSucceeded() + more.providerSucceeded(),
                            one.providerRefunded() + more.providerRefunded()));
        }
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

    private RunSummary summary(UUID run, Sums sums) {
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
        return new RunSummary(
                sums.ours,
                sums.theirs,
                sums.records,
                sums.matched,
                byType,
                mismatches,
                List.copyOf(sums.totals.values()));
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

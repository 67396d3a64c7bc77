package io.remitflow.bank;

import static io.remitflow.ledger.StandardAccount.CARD_CLEARING;
import static io.remitflow.ledger.StandardAccount.OUTGOING_PAYMENTS_CLEARING;
import static io.remitflow.ledger.StandardAccount.UNDEPOSITED_CHECKS;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.ledger.ClearingReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Which lines carry the key of something that is open in clearing, in exactly its amount: set-based, since almost all lines
 * end here. Only where a line has one such reference, and that reference one such line, is it certain.
 *
 * <p>All lines that wait are compared at once, so that two lines for one reference are seen whatever lies between them;
 * what is not certain is written down as a finding. The others are looked up again when they are booked, by their keys.
 */
@Component
class KeyedLines {

    /**
     * The accounts on which references wait for the bank, and what else a bank calls them by: SePay's transfers its own
     * reference code, payouts of gateways their trace number, deposits the number of their slip.
     */
    private static final String CLEARED = """
            cleared as (
                select id, account_code from accounting_chart_of_accounts
                where org_id = :org and account_code in (:accounts)
            ),
            known_as as not materialized (
                select match_key, 'gateway-payment' as kind, transfer_id as value
                from payments_bank_transfers where org_id = :org and match_key is not null
                union all
                select match_key, 'payout', gateway_payout_id
                from payments_payouts where org_id = :org and match_key is not null
                union all
                select match_key, 'payout-return', gateway_payout_id
                from payments_payouts where org_id = :org and match_key is not null
                union all
                select match_key, 'deposit', deposit_number
                from billing_bank_deposits where org_id = :org and match_key is not null
            )
            """;

    /**
     * Almost all lines fit exactly one reference; only the others are looked at closely.
     *
     * <p>What they are looked up by is behind an {@code offset 0}: the database takes new lines for few, and would compare each
     * with each.
     */
    private static final String COMPARE = "with " + CLEARED + """
            , line as not materialized (
                select line_id, amount, currency,
                       unnest(case when cardinality(keys) = 0 then array[null::text] else keys end) as key
                from accounting_bank_unbooked_lines q
                where org_id = :org and position <= :upTo
                  and not exists (select from accounting_bank_line_findings f where f.org_id = q.org_id and f.line_id = q.line_id)
            ),
            fit as materialized (
                select l.line_id, r.id as reference_id
                from line l
                left join accounting_clearing_references r
                  on r.match_key = l.key and r.org_id = :org and r.balance = l.amount and r.currency = l.currency
                     and r.balance <> 0 and r.account_id = any(array(select id from cleared))
                union all
                select l.line_id, r.id
                from known_as k
                cross join lateral (
                    select c.id, c.balance, c.currency from accounting_clearing_references c
                    where c.org_id = :org and c.reference_kind = k.kind and c.reference_value = k.value
                      and c.balance <> 0 and c.account_id = any(array(select id from cleared)) offset 0) r
                join line l on l.key = k.match_key and l.amount = r.balance and l.currency = r.currency
            ),
            odd as (
                select line_id, count(reference_id) as fits from fit group by line_id having count(reference_id) <> 1
            ),
            unsure as (
                select f.line_id from odd o join fit f on f.line_id = o.line_id
                where o.fits > 1 group by f.line_id having count(distinct f.reference_id) > 1
            ),
            wanted as (
                select reference_id from fit where reference_id is not null group by reference_id having count(*) > 1
            ),
            crowded as (
                select f.reference_id from wanted w join fit f on f.reference_id = w.reference_id
                group by f.reference_id having count(distinct f.line_id) > 1
            ),
            found as (
                select line_id, 'several' as finding, null::uuid as reference_id from unsure
                union
                select f.line_id, 'several', null from crowded c join fit f on f.reference_id = c.reference_id
                union
                select o.line_id, coalesce(near.finding, 'unknown'), near.reference_id
                from odd o
                cross join lateral (
                    select u.currency, u.keys from accounting_bank_unbooked_lines u
                    where u.org_id = :org and u.line_id = o.line_id offset 0) q
                left join lateral (
                    select case when r.balance = 0 then 'settled' when r.currency <> q.currency then 'currency'
                                else 'amount' end as finding, r.id as reference_id
                    from (select d.* from unnest(q.keys) as key
                          cross join lateral (
                              select c.* from accounting_clearing_references c
                              where c.org_id = :org and c.match_key = key offset 0) d
                          union all
                          select d.* from known_as k
                          cross join lateral (
                              select c.* from accounting_clearing_references c
                              where c.org_id = :org and c.reference_kind = k.kind and c.reference_value = k.value offset 0) d
                          where k.match_key = any(q.keys)) r
                    where r.account_id = any(array(select id from cleared))
                    order by r.balance <> 0 desc, r.currency = q.currency desc, r.id limit 1) near on true
                where o.fits = 0
            )
            insert into accounting_bank_line_findings (org_id, line_id, finding, reference_id)
            select :org, line_id, finding, reference_id from found
            """;

    private static final String AMONG = "with " + CLEARED + """
            , line as (
                select line_id, amount, currency, unnest(keys) as key from accounting_bank_unbooked_lines q
                where org_id = :org and line_id = any(:lines)
                  and not exists (select from accounting_bank_line_findings f where f.org_id = :org and f.line_id = q.line_id)
            ),
            pair as (
                select l.line_id, r.id as reference_id, r.account_id, r.reference_kind, r.reference_value
                from line l
                join accounting_clearing_references r on r.org_id = :org and r.match_key = l.key
                     and r.balance <> 0 and r.balance = l.amount and r.currency = l.currency
                union
                select l.line_id, r.id, r.account_id, r.reference_kind, r.reference_value
                from line l
                join known_as k on k.match_key = l.key
                cross join lateral (
                    select c.* from accounting_clearing_references c
                    where c.org_id = :org and c.reference_kind = k.kind and c.reference_value = k.value offset 0) r
                where r.balance <> 0 and r.balance = l.amount and r.currency = l.currency
            ),
            counted as (
                select p.*, a.account_code, count(*) over (partition by line_id) as of_line,
                       count(*) over (partition by reference_id) as of_reference
                from pair p join cleared a on a.id = p.account_id
            )
            select line_id, account_code, reference_kind, reference_value from counted
            where of_line = 1 and of_reference = 1
            """;

    private static final String WORK_MEMORY = "64MB";

    private static final int MANY = 500;

    private static final List<String> ACCOUNTS =
            List.of(CARD_CLEARING.code(), UNDEPOSITED_CHECKS.code(), OUTGOING_PAYMENTS_CLEARING.code());

    private final JdbcClient jdbc;

    KeyedLines(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param accountCode the clearing account on which the reference is open */
    record Hit(UUID lineId, String accountCode, ClearingReference reference) {}

    /**
     * Writes down what is not certain about lines that were not compared yet.
     *
     * @param upTo the position of the last of them
     */
    void compare(long upTo) {
        int waiting = jdbc.sql("""
                        select count(*) from (select from accounting_bank_unbooked_lines
                                              where org_id = :org and position <= :upTo limit :many) w
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("upTo", upTo)
                .param("many", MANY)
                .query(Integer.class)
                .single();
        // One comparison of an organization at a time: joining a million lines need not go through files.
        jdbc.sql("select set_config('work_mem', :memory, true), set_config('jit', 'off', true)")
                .param("memory", WORK_MEMORY)
                .query(row -> {});
        jdbc.sql(of(waiting, COMPARE))
                .param("org", CurrentOrganization.id().value())
                .param("accounts", ACCOUNTS)
                .param("upTo", upTo)
                .update();
    }

    /** The certain ones of lines that wait. */
    Map<UUID, Hit> among(List<UUID> lineIds) {
        if (lineIds.isEmpty()) {
            return Map.of();
        }
        Map<UUID, Hit> hits = new HashMap<>();
        jdbc.sql(of(lineIds.size(), AMONG))
                .param("org", CurrentOrganization.id().value())
                .param("accounts", ACCOUNTS)
                .param("lines", lineIds.toArray(UUID[]::new))
                .query((row, number) -> new Hit(
                        row.getObject("line_id", UUID.class),
                        row.getString("account_code"),
                        new ClearingReference(row.getString("reference_kind"), row.getString("reference_value"))))
                .list()
                .forEach(hit -> hits.put(hit.lineId(), hit));
        return hits;
    }

    /**
     * By its statistics the database takes an organization whose lines or references just came for one without any; thousands
     * of them were each compared with each, for minutes. Hidden in a {@code select}, it is taken for one like the others.
     */
    private static String of(int lines, String sql) {
        return lines < MANY ? sql : sql.replace("= :org", "= (select :org::uuid)");
    }
}

package io.remitflow.reconciliation;

import io.remitflow.identity.CurrentOrganization;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Claims against the answers of their payers in SQL. The state of a claim is made of the answers dated and recorded by
 * then, never of the state it has now.
 */
@Repository
class PayerRows {

    private static final int OVERDUE_DAYS = 30;

    /**
     * A claim counts for its own payer and for every further one that it was sent to or that answered it. An answer is the
     * further payer's if it came second or later in the order of payers; whatever else is known of no payer is the claim's own.
     */
    private static final String CLAIMS = """
            with further_answer as (
                select r.id, r.claim_id, m.payer_id, r.responded_on
                from billing_remittance_claims x
                join billing_remittances m on m.org_id = x.org_id and m.id = x.remittance_id
                join billing_claim_responses r on r.org_id = x.org_id and r.source_key in (
                    'remittance:' || x.remittance_id || ':' || x.position || ':outcome',
                    'remittance-back:' || x.remittance_id || ':' || x.position || ':outcome')
                join billing_claims c on c.org_id = r.org_id and c.id = r.claim_id and c.payer_id <> m.payer_id
                where x.org_id = :org and x.payer_sequence > 1 and r.responded_on <= :day and r.recorded_at <= :known
            ),
            further as (
                select claim_id, payer_id, min(since) as submitted_on
                from (
                    select e.claim_id, e.payer_id, (e.recorded_at at time zone :zone)::date as since
                    from claims_submission_events e
                    where e.org_id = :org and e.payer_id is not null and e.kind = 'sent' and e.recorded_at <= :known
                    union all
                    select claim_id, payer_id, responded_on from further_answer
                ) told
                group by claim_id, payer_id
            ),
            sent as (
                select c.id, c.payer_id, c.payer_id as own_payer, c.control_number, c.submitted_on, c.charged
                from billing_claims c
                where c.org_id = :org and c.submitted_on between :from and :day and c.created_at <= :known
                  and (cast(:payer as uuid) is null or c.payer_id = :payer)
                union all
                select c.id, f.payer_id, c.payer_id, c.control_number, f.submitted_on, c.charged
                from further f
                join billing_claims c on c.org_id = :org and c.id = f.claim_id and c.payer_id <> f.payer_id
                where f.submitted_on between :from and :day and (cast(:payer as uuid) is null or f.payer_id = :payer)
            ),
            answer as (
                select r.*, f.payer_id as further_payer
                from billing_claim_responses r
                left join further_answer f on f.id = r.id
                where r.org_id = :org and r.claim_id in (select id from sent)
                  and r.responded_on <= :day and r.recorded_at <= :known
            ),
            answered as (
                select s.id as claim_id, s.payer_id, sum(r.paid)::bigint as paid,
                    sum(r.paid + r.contractual + r.patient_responsibility)::bigint as explained,
                    max(r.responded_on) as last_on,
                    (array_agg(r.kind order by r.id desc) filter (where r.kind <> 'billed'))[1] as last_kind
                from answer r
                join sent s on s.id = r.claim_id and s.payer_id = coalesce(r.further_payer, s.own_payer)
                group by s.id, s.payer_id
            ),
            together as (
                select claim_id, sum(paid + contractual)::bigint as settled, sum(patient_responsibility)::bigint as patient
                from answer group by claim_id
            ),
            acknowledged as (
                select distinct on (e.claim_id, s.payer_id) e.claim_id, s.payer_id, e.kind
                from claims_submission_events e
                join sent s on s.id = e.claim_id and s.payer_id = coalesce(e.payer_id, s.own_payer)
                where e.org_id = :org and e.kind <> 'message' and e.recorded_at <= :known
                  and (e.recorded_at at time zone :zone)::date <= :day
                order by e.claim_id, s.payer_id, e.id desc
            ),
            given_up as (
                select t.claim_id
                from billing_patient_transactions t
                where t.org_id = :org and t.claim_id in (select id from sent where payer_id = own_payer)
                  and t.responsibility = 'insurance' and t.transaction_date <= :day and t.posted_at <= :known
                group by t.claim_id
                having sum(t.amount) <= 0
                   and coalesce(sum(t.amount) filter (where t.source_key like 'write-off:%'), 0) < 0
            ),
            judged as (
                select s.*, coalesce(a.paid, 0) as paid, coalesce(a.explained, 0) as explained, a.last_on,
                    coalesce(w.settled, 0) as settled, coalesce(w.patient, 0) as patient,
                    case
                        when a.last_kind is null or (a.last_kind = 'reversed' and a.explained = 0 and a.paid = 0)
                            then case when k.kind = 'rejected' then 'rejected' else 'pending' end
                        when a.last_kind = 'denied' and a.paid <= 0 then 'denied'
                        else 'paid'
                    end as answer,
                    s.payer_id = s.own_payer and exists (select from given_up g where g.claim_id = s.id) as given_up
                from sent s
                left join answered a on a.claim_id = s.id and a.payer_id = s.payer_id
                left join together w on w.claim_id = s.id
                left join acknowledged k on k.claim_id = s.id and k.payer_id = s.payer_id
            ),
            claims as (
                select j.*, case when j.answer <> 'paid' and j.given_up then 'written_off' else j.answer end as state,
                    :day - j.submitted_on as days,
                    case when j.payer_id = j.own_payer then j.charged - j.explained
                         else j.charged - j.settled - case when j.answer = 'paid' then j.patient else 0 end end as open
                from judged j
            )
            """;

    private static final String REMITTANCES = """
            remitted as (
                select r.id, r.payer_id, r.paid_amount
                from billing_remittances r
                where r.org_id = :org and r.payer_id is not null and r.posted_at <= :known
                  and (cast(:payer as uuid) is null or r.payer_id = :payer)
                  and least(r.payment_date, (r.posted_at at time zone :zone)::date) between :from and :day
                  and (r.reversed_at is null or r.reversed_at > :known or (r.reversed_at at time zone :zone)::date > :day)
            ),
            per_remittance as (
                select r.payer_id, count(*) as remittances, sum(r.paid_amount)::bigint as remitted
                from remitted r group by r.payer_id
            ),
            unidentified as (
                select r.payer_id, count(*) as claims, sum(c.paid_amount)::bigint as amount
                from remitted r
                join billing_remittance_claims c on c.org_id = :org and c.remittance_id = r.id
                    and (c.treatment <> 'posted' or c.released_at > :known)
                group by r.payer_id
            )
            """;

    private final JdbcClient jdbc;

    PayerRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Payers with a claim or a remittance in the period. */
    List<PayerFigures> figures(PayerPeriod period, @Nullable UUID payer, String zone, CurrencyUnit currency) {
        return bind(period, payer, zone, CLAIMS + "," + REMITTANCES + """
                        , per_payer as (
                            select payer_id, count(*) as submitted, sum(charged)::bigint as submitted_amount,
                                sum(paid)::bigint as received,
                                count(*) filter (where state = 'paid') as paid,
                                coalesce(sum(charged) filter (where state = 'paid'), 0)::bigint as paid_amount,
                                count(*) filter (where state = 'denied') as denied,
                                coalesce(sum(charged) filter (where state = 'denied'), 0)::bigint as denied_amount,
                                count(*) filter (where state = 'pending') as pending,
                                coalesce(sum(charged) filter (where state = 'pending'), 0)::bigint as pending_amount,
                                count(*) filter (where state = 'rejected') as rejected,
                                coalesce(sum(charged) filter (where state = 'rejected'), 0)::bigint as rejected_amount,
                                count(*) filter (where state = 'written_off') as written_off,
                                coalesce(sum(charged) filter (where state = 'written_off'), 0)::bigint as written_off_amount,
                                count(*) filter (where state = 'pending' and days > :overdue) as overdue,
                                coalesce(sum(charged) filter (where state = 'pending' and days > :overdue), 0)::bigint
                                    as overdue_amount
                            from claims group by payer_id
                        )
                        select p.id, p.name, c.*, r.remittances, r.remitted, u.claims as unidentified,
                            u.amount as unidentified_amount
                        from billing_payers p
                        left join per_payer c on c.payer_id = p.id
                        left join per_remittance r on r.payer_id = p.id
                        left join unidentified u on u.payer_id = p.id
                        where p.org_id = :org and (c.payer_id is not null or r.payer_id is not null)
                        order by lower(p.name), p.id
                        """)
                .param("overdue", OVERDUE_DAYS)
                .query((row, number) -> new PayerFigures(
                        row.getObject("id", UUID.class),
                        row.getString("name"),
                        part(row, "submitted", "submitted_amount", currency),
                        part(row, "paid", "paid_amount", currency),
                        part(row, "denied", "denied_amount", currency),
                        part(row, "pending", "pending_amount", currency),
                        part(row, "rejected", "rejected_amount", currency),
                        part(row, "written_off", "written_off_amount", currency),
                        part(row, "overdue", "overdue_amount", currency),
                        Money.ofMinor(currency, row.getLong("received")),
                        part(row, "remittances", "remitted", currency),
                        part(row, "unidentified", "unidentified_amount", currency)))
                .list();
    }

    /** In the order in which the claims came to us; {@code overdueOnly}: pending for more than 30 days. */
    List<PayerClaim> claims(
            PayerPeriod period,
            UUID payer,
            @Nullable PayerClaimState state,
            boolean overdueOnly,
            @Nullable UUID after,
            int limit,
            String zone,
            CurrencyUnit currency) {
        return bind(period, payer, zone, CLAIMS + """
                        select * from claims
                        where (cast(:state as text) is null or state = :state)
                          and (not :overdueOnly or (state = 'pending' and days > :overdue))
                          and (cast(:after as uuid) is null or id > :after)
                        order by id limit :limit
                        """)
                .param("state", state == null ? null : state.key(), Types.VARCHAR)
                .param("overdueOnly", overdueOnly)
                .param("overdue", OVERDUE_DAYS)
                .param("after", after, Types.OTHER)
                .param("limit", limit)
                .query((row, number) -> new PayerClaim(
                        row.getObject("id", UUID.class),
                        row.getString("control_number"),
                        row.getObject("submitted_on", LocalDate.class),
                        row.getLong("days"),
                        PayerClaimState.ofKey(row.getString("state")).orElseThrow(),
                        row.getObject("last_on", LocalDate.class),
                        Money.ofMinor(currency, row.getLong("charged")),
                        Money.ofMinor(currency, row.getLong("paid")),
                        Money.ofMinor(currency, row.getLong("open"))))
                .list();
    }

    private JdbcClient.StatementSpec bind(PayerPeriod period, @Nullable UUID payer, String zone, String sql) {
        return jdbc.sql(sql)
                .param("org", CurrentOrganization.id().value())
                .param("from", period.from())
                .param("day", period.asOf().day())
                .param("known", Timestamp.from(period.asOf().knownAt()), Types.TIMESTAMP)
                .param("payer", payer, Types.OTHER)
                .param("zone", zone);
    }

    private static PayerFigures.Part part(ResultSet row, String count, String amount, CurrencyUnit currency)
            throws SQLException {
        return new PayerFigures.Part(row.getLong(count), Money.ofMinor(currency, row.getLong(amount)));
    }
}

package io.remitflow.payments;

import io.remitflow.identity.CurrentOrganization;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * What the events of one transaction say together. The latest by the gateway's own time counts, for each charge, refund and
 * dispute; in which order they arrive does not matter.
 */
@Component
class GatewayTransactionSums {

    private static final String WRITE = """
            with latest as (
                select distinct on (object_type, part)
                       object_type, amount, currency, object_status, refunded_amount, payer_reference, occurred_at,
                       case when object_type in ('charge', 'intent') then coalesce(charge_id, transaction_id)
                            else coalesce(object_id, transaction_id) end as part,
                       min(occurred_at) filter (where object_type in ('charge', 'intent')) over () as first_at
                from payments_gateway_events
                where org_id = :org and gateway_provider = :provider and transaction_id = :transaction
                  and object_type is not null
                order by object_type, part, occurred_at desc, object_status = 'succeeded' desc,
                         refunded_amount desc nulls last, event_id desc
            ),
            parts as (
                select min(first_at) as first_at,
                       bool_or(object_type = 'charge') as has_charge,
                       sum(amount) filter (where object_type = 'charge' and object_status = 'succeeded') as charged,
                       count(*) filter (where object_type = 'charge' and object_status = 'succeeded') as charges,
                       coalesce(sum(refunded_amount) filter (where object_type = 'charge'), 0) as charge_refunded,
                       (array_agg(amount order by occurred_at desc) filter (where object_type in ('charge', 'intent')))[1]
                           as last_amount,
                       (array_agg(object_status order by object_type, occurred_at desc)
                           filter (where object_type in ('charge', 'intent')))[1] as last_status,
                       min(currency) filter (where object_type in ('charge', 'intent')) as currency,
                       max(payer_reference) as payer_reference,
                       coalesce(sum(amount) filter (where object_type = 'refund' and object_status = 'succeeded'), 0)
                           as refunds,
                       bool_or(object_type = 'refund' and object_status in ('failed', 'canceled')) as refund_failed,
                       coalesce(sum(amount) filter (where object_type = 'dispute'
                           and object_status not in ('won', 'warning_closed', 'warning_needs_response',
                               'warning_under_review')), 0)::bigint as disputed
                from latest
                having bool_or(object_type in ('charge', 'intent'))
            ),
            sums as (
                select *, coalesce(charged, last_amount)::bigint as amount,
                       (case when refund_failed then refunds else greatest(refunds, charge_refunded) end)::bigint as refunded,
                       charges > 0 or (not has_charge and last_status = 'succeeded') as taken
                from parts
            )
            update payments_gateway_transactions t
               set first_at = s.first_at, currency = s.currency, payer_reference = s.payer_reference, charges = s.charges,
                   amount = s.amount, refunded = s.refunded, disputed = s.disputed,
                   state = case when not s.taken then case when s.last_status = 'pending' then 'pending' else 'failed' end
                                when s.disputed > 0 then 'disputed'
                                when s.refunded >= s.amount then 'refunded'
                                when s.refunded > 0 then 'partially_refunded'
                                else 'succeeded' end
              from sums s
             where t.org_id = :org and t.gateway_provider = :provider and t.transaction_id = :transaction
            """;

    private final JdbcClient jdbc;

    GatewayTransactionSums(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Events of one transaction follow one another from here to the end of their transactions: none is left out of the sums. */
    @Transactional(propagation = Propagation.MANDATORY)
    void lock(String provider, String transaction) {
        jdbc.sql("""
                        insert into payments_gateway_transactions as t (org_id, gateway_provider, transaction_id)
                        values (:org, :provider, :transaction)
                        on conflict (org_id, gateway_provider, transaction_id) do update set org_id = t.org_id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("provider", provider)
                .param("transaction", transaction)
                .update();
    }

    /** Call it after {@link #lock} and after the event was stored. */
    @Transactional(propagation = Propagation.MANDATORY)
    void write(String provider, String transaction) {
        jdbc.sql(WRITE)
                .param("org", CurrentOrganization.id().value())
                .param("provider", provider)
                .param("transaction", transaction)
                .update();
    }
}

-- What a gateway event says about a payment, beside its bytes, so that events can be compared with payments in one query.

alter table payments_gateway_events
    add column object_type     text check (object_type in ('charge', 'intent', 'refund', 'dispute')),
    add column transaction_id  text,
    add column charge_id       text,
    add column amount          bigint check (amount >= 0),
    add column refunded_amount bigint check (refunded_amount >= 0),
    add column currency        char(3),
    add column object_status   text,
    add column payer_reference text,
    add column occurred_at     timestamptz,
    add constraint payments_gateway_events_facts
        check ((object_type is null) = (transaction_id is null) and (object_type is null) = (amount is null)
            and (object_type is null) = (currency is null) and (object_type is null) = (object_status is null)
            and (object_type is null) = (occurred_at is null));
comment on column payments_gateway_events.object_type is
    'Null: the event says nothing about money taken from a payer, or comes from the other mode (test or live).';
comment on column payments_gateway_events.transaction_id is
    'What a payment is known by at the gateway: the intent where there is one, else the charge, else the transfer.';
comment on column payments_gateway_events.charge_id is 'One attempt to take the money of a transaction.';
comment on column payments_gateway_events.payer_reference is 'The gateway''s own name for the payer, for suspected duplicates.';
comment on column payments_gateway_events.occurred_at is 'When it happened at the gateway, not when it reached us.';
create index payments_gateway_events_transaction on payments_gateway_events (org_id, gateway_provider, transaction_id)
    where object_type is not null;
create index payments_gateway_events_charge on payments_gateway_events (org_id, gateway_provider, charge_id)
    where object_type is not null and charge_id is not null;
create index payments_gateway_events_occurred on payments_gateway_events (org_id, occurred_at)
    where object_type in ('charge', 'intent');
create index billing_payments_via_gateway on billing_payments (org_id, payment_date) where gateway_provider is not null;

-- Events that arrived before: the owner of the table reads them all while row security is not forced on it. The application
-- reads new ones itself (payments.GatewayFacts); what cannot be read here stays without facts.
alter table payments_gateway_events no force row level security;
alter table billing_payment_gateways no force row level security;
do $$
declare
    event  record;
    told   jsonb;
    object jsonb;
begin
    for event in select e.org_id, e.id, e.gateway_provider, e.event_type, e.body, e.received_at, g.test_mode
                 from payments_gateway_events e
                 join billing_payment_gateways g on g.org_id = e.org_id and g.gateway_provider = e.gateway_provider loop
        begin
            told := convert_from(event.body, 'UTF8')::jsonb;
            object := told #> '{data,object}';
            if event.gateway_provider = 'sepay' and lower(told ->> 'transferType') = 'in' then
                update payments_gateway_events set object_type = 'charge', transaction_id = told ->> 'id',
                    charge_id = told ->> 'id', amount = (told ->> 'transferAmount')::bigint, refunded_amount = 0,
                    currency = 'VND', object_status = 'succeeded', payer_reference = told ->> 'referenceCode',
                    occurred_at = event.received_at
                where org_id = event.org_id and id = event.id;
            elsif event.event_type like 'charge.%' and object ->> 'object' = 'charge'
                    and coalesce((told ->> 'livemode')::boolean, not event.test_mode) <> event.test_mode then
                update payments_gateway_events set object_type = 'charge',
                    transaction_id = coalesce(object ->> 'payment_intent', object ->> 'id'), charge_id = object ->> 'id',
                    amount = (object ->> 'amount')::bigint,
                    refunded_amount = coalesce((object ->> 'amount_refunded')::bigint, 0),
                    currency = upper(object ->> 'currency'), object_status = object ->> 'status',
                    payer_reference = object ->> 'customer',
                    occurred_at = coalesce(to_timestamp((told ->> 'created')::bigint), event.received_at)
                where org_id = event.org_id and id = event.id;
            end if;
        exception when others then
            continue;
        end;
    end loop;
end $$;
alter table billing_payment_gateways force row level security;
alter table payments_gateway_events force row level security;

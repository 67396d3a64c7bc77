-- Payments of patients, the gateways that carry them, and what the gateways tell us.

create table billing_payment_gateways (
    org_id                     uuid not null references organizations (org_id),
    id                         uuid not null,
    gateway_name               text not null,
    gateway_provider           text not null,
    base_url                   text,
    api_key_encrypted          bytea not null,
    webhook_secret_encrypted   bytea not null,
    previous_secret_encrypted  bytea,
    merchant_id                text,
    is_active                  boolean not null default true,
    is_default                 boolean not null default false,
    supported_methods          text[] not null default '{}',
    test_mode                  boolean not null default true,
    created_at                 timestamptz not null,
    updated_at                 timestamptz not null,
    primary key (org_id, id),
    unique (org_id, gateway_provider)
);
comment on table billing_payment_gateways is
    'How an organization reaches its card gateways. Keys and secrets are encrypted with a key that is not in the database; '
    'while a webhook secret is rotated, the previous one stays valid beside it. No base_url: the configured address.';
call protect('billing_payment_gateways');

create table billing_payments (
    org_id                 uuid not null references organizations (org_id),
    id                     uuid not null,
    payment_number         text not null,
    account_id             uuid not null,
    claim_id               uuid,
    payment_date           date not null,
    payment_amount         bigint not null check (payment_amount > 0),
    refunded_amount        bigint not null default 0 check (refunded_amount >= 0),
    disputed_amount        bigint not null default 0 check (disputed_amount >= 0),
    currency               char(3) not null,
    payment_method         text not null check (payment_method in ('cash', 'check', 'credit_card', 'debit_card', 'ach', 'wire', 'eft',
                               'payment_plan', 'insurance', 'online', 'mobile', 'other')),
    reference_number       text,
    card_last_4            char(4),
    card_type              text,
    gateway_provider       text,
    gateway_transaction_id text,
    status                 text not null check (status in ('pending', 'processing', 'completed', 'failed', 'refunded', 'partially_refunded',
                               'disputed', 'returned', 'void')),
    unapplied_amount       bigint not null default 0,
    journal_entry_id       uuid,
    received_by            uuid,
    posted_at              timestamptz not null,
    created_at             timestamptz not null,
    updated_at             timestamptz not null,
    primary key (org_id, id),
    unique (org_id, payment_number),
    check (refunded_amount + disputed_amount <= payment_amount),
    check ((gateway_provider is null) = (gateway_transaction_id is null)),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, claim_id) references billing_claims (org_id, id)
);
comment on table billing_payments is
    'Money received from patients. What was refunded or is disputed can never exceed what was paid.';
create index billing_payments_of_account on billing_payments (org_id, account_id);
create index billing_payments_of_claim on billing_payments (org_id, claim_id);
create unique index billing_payments_of_gateway on billing_payments (org_id, gateway_provider, gateway_transaction_id);
call protect('billing_payments');

create table payments_gateway_events (
    org_id           uuid not null references organizations (org_id),
    id               uuid not null,
    gateway_provider text not null,
    event_id         text not null,
    event_type       text not null,
    object_id        text,
    idempotency_key  text,
    body             bytea not null,
    state            text not null check (state in ('received', 'processed', 'unmatched', 'ignored')),
    received_at      timestamptz not null,
    processed_at     timestamptz,
    attempts         int not null default 0,
    primary key (org_id, id),
    unique (org_id, gateway_provider, event_id)
);
comment on table payments_gateway_events is
    'What gateways reported, as received and once per event. Only events with a valid signature get here; an event is a nudge '
    'to read the object at the gateway, never the truth itself.';
create index payments_gateway_events_waiting on payments_gateway_events (org_id, received_at) where state = 'received';
call protect('payments_gateway_events');

create table payments_idempotency_keys (
    org_id          uuid not null references organizations (org_id),
    scope           text not null,
    idempotency_key text not null,
    request_hash    text not null,
    result_id       uuid,
    created_at      timestamptz not null,
    primary key (org_id, scope, idempotency_key)
);
comment on table payments_idempotency_keys is
    'Idempotency-Key of requests that move money, written in the transaction of the request: a repeat answers with the first result.';
call protect('payments_idempotency_keys');

-- Payments that a patient makes at a gateway, from the wish to pay to the posted payment, and what was asked about them.

create table billing_checkouts (
    org_id                 uuid not null references organizations (org_id),
    id                     uuid not null,
    checkout_number        text not null,
    account_id             uuid not null,
    claim_id               uuid,
    amount                 bigint not null check (amount > 0),
    currency               char(3) not null,
    gateway_provider       text not null,
    idempotency_key        text not null,
    gateway_transaction_id text,
    status                 text not null check (status in ('intended', 'unknown', 'open', 'processing', 'succeeded', 'cancelled',
                               'declined', 'refused')),
    decline_code           text,
    refusal_reason         text,
    payment_id             uuid,
    started_by             uuid,
    started_at             timestamptz not null,
    changed_at             timestamptz not null,
    primary key (org_id, id),
    unique (org_id, checkout_number),
    unique (org_id, idempotency_key),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, claim_id) references billing_claims (org_id, id),
    foreign key (org_id, payment_id) references billing_payments (org_id, id),
    foreign key (org_id, started_by) references users (org_id, id),
    check ((status = 'succeeded') = (payment_id is not null)),
    check ((status = 'refused') = (refusal_reason is not null))
);
comment on table billing_checkouts is
    'A payment that a patient makes at a gateway. The idempotency key stands at the gateway too, by which its reports find the '
    'checkout. refused: the gateway took money that is not what was asked for; nothing was posted and a person decides.';
comment on column billing_checkouts.status is
    'intended: not sent yet; unknown: sent, and no answer that says what became of it; open: waits for the patient; processing: the '
    'gateway waits for a bank; declined: never taken up by the gateway.';
create unique index billing_checkouts_of_gateway on billing_checkouts (org_id, gateway_provider, gateway_transaction_id);
create index billing_checkouts_of_account on billing_checkouts (org_id, account_id);
create index billing_checkouts_of_claim on billing_checkouts (org_id, claim_id);
create index billing_checkouts_of_payment on billing_checkouts (org_id, payment_id);
create index billing_checkouts_started_by on billing_checkouts (org_id, started_by);
create index billing_checkouts_unsettled on billing_checkouts (org_id, changed_at)
    where status in ('intended', 'unknown', 'open', 'processing');
call protect('billing_checkouts');

create table payments_gateway_questions (
    org_id     uuid not null references organizations (org_id),
    kind       text not null,
    subject_id uuid not null,
    times      int not null check (times >= 1),
    asked_at   timestamptz not null,
    answer     text,
    primary key (org_id, kind, subject_id)
);
comment on table payments_gateway_questions is
    'When the gateway was last asked what became of a payment, refund or dispute. Whoever moves asked_at on may ask: two '
    'schedulers never ask about the same one at the same time.';
call protect('payments_gateway_questions');

-- Money that a cardholder's bank took back waits here, per dispute, until the dispute is decided.
alter table accounting_chart_of_accounts no force row level security;
insert into accounting_chart_of_accounts (org_id, id, account_code, account_name, account_type, account_subtype, normal_balance,
    is_system, currency)
select org_id, gen_random_uuid(), '1065', 'Disputed Card Payments', 'asset', 'clearing', 'debit', true, currency
from accounting_chart_of_accounts where account_code = '1060'
on conflict (org_id, account_code) do nothing;
alter table accounting_chart_of_accounts force row level security;

-- An event of another mode is settled as soon as it is stored.
alter table payments_gateway_events no force row level security;
update payments_gateway_events set processed_at = received_at where state = 'ignored' and processed_at is null;
alter table payments_gateway_events force row level security;

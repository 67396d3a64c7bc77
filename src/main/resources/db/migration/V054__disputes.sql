-- Card payments that a cardholder disputes at the bank.

create table billing_disputes (
    org_id             uuid not null references organizations (org_id),
    id                 uuid not null,
    dispute_number     text not null,
    payment_id         uuid not null,
    account_id         uuid not null,
    gateway_provider   text not null,
    gateway_dispute_id text not null,
    amount             bigint not null check (amount > 0),
    currency           char(3) not null,
    reason             text not null,
    status             text not null check (status in ('inquiry', 'needs_response', 'under_review', 'won', 'lost', 'closed')),
    evidence_due_at    timestamptz,
    withdrawn_amount   bigint not null default 0 check (withdrawn_amount >= 0),
    reinstated_amount  bigint not null default 0 check (reinstated_amount >= 0),
    fee_amount         bigint not null default 0,
    lost_amount        bigint not null default 0,
    problem            text,
    version            int not null default 1,
    opened_at          timestamptz not null,
    changed_at         timestamptz not null,
    closed_at          timestamptz,
    primary key (org_id, id),
    unique (org_id, dispute_number),
    unique (org_id, gateway_provider, gateway_dispute_id),
    foreign key (org_id, payment_id) references billing_payments (org_id, id),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id),
    check ((status in ('won', 'lost', 'closed')) = (closed_at is not null))
);
comment on table billing_disputes is
    'A payment that the cardholder''s bank questions or has taken back. An inquiry takes no money. lost_amount is what the patient '
    'owes again because the dispute was lost.';
comment on column billing_disputes.problem is 'Why the money of the dispute was not booked, in words; null if it was.';
create index billing_disputes_of_payment on billing_disputes (org_id, payment_id);
create index billing_disputes_of_account on billing_disputes (org_id, account_id);
create index billing_disputes_open on billing_disputes (org_id, evidence_due_at) where closed_at is null;
call protect('billing_disputes');

create table billing_dispute_movements (
    org_id                 uuid not null references organizations (org_id),
    id                     uuid not null,
    dispute_id             uuid not null,
    gateway_transaction_id text not null,
    amount                 bigint not null check (amount <> 0),
    fee_amount             bigint not null,
    currency               char(3) not null,
    journal_entry_id       uuid not null,
    recorded_at            timestamptz not null,
    primary key (org_id, id),
    unique (org_id, dispute_id, gateway_transaction_id),
    foreign key (org_id, dispute_id) references billing_disputes (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id)
);
comment on table billing_dispute_movements is
    'Money that a dispute took (below zero) or gave back, once per transaction on the balance at the gateway, with its fee.';
create index billing_dispute_movements_entry on billing_dispute_movements (org_id, journal_entry_id);
call protect('billing_dispute_movements');
call append_only('billing_dispute_movements');

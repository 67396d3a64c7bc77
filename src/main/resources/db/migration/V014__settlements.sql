-- Three-way settlement: what payers say they paid, what the bank says arrived, and whether the two are the same money.
-- Amounts are minor units of the currency beside them.

create table billing_settlement_settings (
    org_id             uuid primary key references organizations (org_id),
    late_after_days    int not null check (late_after_days between 1 and 60),
    missing_after_days int not null check (missing_after_days between 2 and 120),
    follow_up_days     int not null check (follow_up_days between 1 and 60),
    card_fee_basis_points int not null check (card_fee_basis_points between 0 and 10000),
    updated_at         timestamptz not null,
    check (missing_after_days > late_after_days)
);
comment on table billing_settlement_settings is
    'After how many business days a payment or its remittance is late, missing, and asked for again. No row means the defaults.';
call protect('billing_settlement_settings');

create table billing_settlements (
    org_id               uuid not null references organizations (org_id),
    id                   uuid not null,
    reference            text not null,
    payer_id             uuid,
    payer_identifier     text not null,
    payer_name           text not null,
    trace_number         text not null,
    trace_key            text not null,
    currency             char(3) not null,
    expected_amount      bigint not null default 0 check (expected_amount >= 0),
    received_amount      bigint not null default 0 check (received_amount >= 0),
    unidentified_amount  bigint not null default 0 check (unidentified_amount >= 0),
    payment_date         date,
    counted_from         date not null,
    state                text not null check (state in ('expected', 'waiting', 'late', 'missing', 'mismatched', 'settled', 'closed')),
    state_since          timestamptz not null,
    awaiting_payer_since timestamptz,
    refusal_reason       text,
    round                int not null default 1,
    version              int not null default 1,
    opened_at            timestamptz not null,
    primary key (org_id, id),
    unique (org_id, reference),
    foreign key (org_id, payer_id) references billing_payers (org_id, id),
    check (unidentified_amount = 0 or expected_amount = 0),
    check ((state = 'settled') = (expected_amount > 0 and received_amount = expected_amount)),
    check ((state = 'closed') = (expected_amount = 0 and received_amount = 0))
);
comment on table billing_settlements is
    'One payment of a payer under its trace number: expected by remittances, received at the bank. The reference is that of its '
    'balance in remittance clearing. A settlement that opens again begins another round, which is another process instance.';
comment on column billing_settlements.counted_from is 'The day from which the clock of the side that is missing runs.';
create index billing_settlements_open on billing_settlements (org_id, state, counted_from) where state not in ('settled', 'closed');
create index billing_settlements_trace on billing_settlements (org_id, trace_key);
create index billing_settlements_recent on billing_settlements (org_id, id desc);
call protect('billing_settlements');

create table billing_settlement_remittances (
    org_id        uuid not null,
    remittance_id uuid not null,
    settlement_id uuid not null,
    amount        bigint not null check (amount > 0),
    primary key (org_id, remittance_id),
    foreign key (org_id, remittance_id) references billing_remittances (org_id, id),
    foreign key (org_id, settlement_id) references billing_settlements (org_id, id)
);
comment on table billing_settlement_remittances is 'Which posted remittances expect the money of a settlement.';
create index billing_settlement_remittances_of on billing_settlement_remittances (org_id, settlement_id);
call protect('billing_settlement_remittances');
call append_only('billing_settlement_remittances');

create table billing_bank_receipts (
    org_id           uuid not null references organizations (org_id),
    id               uuid not null,
    receipt_number   text not null,
    kind             text not null check (kind in ('eft', 'check', 'card')),
    source           text not null check (source in ('hand', 'bank')),
    source_key       text,
    trace_number     text not null,
    trace_key        text not null,
    payer_identifier text not null,
    payer_hint       text not null,
    amount           bigint not null check (amount > 0),
    fee_amount       bigint not null default 0 check (fee_amount >= 0),
    currency         char(3) not null,
    bank_date        date not null,
    state            text not null check (state in ('received', 'reversed', 'corrected')),
    corrects         uuid,
    reason           text,
    journal_entry_id uuid,
    recorded_by      uuid,
    recorded_at      timestamptz not null,
    primary key (org_id, id),
    unique (org_id, receipt_number),
    foreign key (org_id, corrects) references billing_bank_receipts (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    check (state = 'received' or reason is not null)
);
comment on table billing_bank_receipts is
    'Money of payers as it arrived at the bank: electronic payment, check or card payout. The amount is what arrived; a card '
    'processor kept fee_amount. source_key is the bank line once there is one.';
create unique index billing_bank_receipts_source on billing_bank_receipts (org_id, source_key) where source_key is not null;
create unique index billing_bank_receipts_once on billing_bank_receipts (org_id, trace_key, payer_identifier, amount, bank_date)
    where state = 'received' and source_key is null;
create index billing_bank_receipts_trace on billing_bank_receipts (org_id, trace_key);
call protect('billing_bank_receipts');

create table billing_settlement_receipts (
    org_id        uuid not null,
    receipt_id    uuid not null,
    settlement_id uuid not null,
    amount        bigint not null check (amount > 0),
    rule          text not null,
    evidence      text not null,
    decided_by    uuid,
    matched_at    timestamptz not null,
    primary key (org_id, receipt_id, settlement_id),
    foreign key (org_id, receipt_id) references billing_bank_receipts (org_id, id),
    foreign key (org_id, settlement_id) references billing_settlements (org_id, id)
);
comment on table billing_settlement_receipts is
    'How much of a receipt, its fee included, counts for which settlement, by which rule and evidence. All parts of a receipt '
    'add up to its amount and fee while it counts.';
create index billing_settlement_receipts_of on billing_settlement_receipts (org_id, settlement_id);
call protect('billing_settlement_receipts');

create table billing_payer_bank_names (
    org_id           uuid not null references organizations (org_id),
    payer_identifier text not null,
    bank_name        text not null,
    learned_by       uuid,
    learned_at       timestamptz not null,
    primary key (org_id, payer_identifier, bank_name)
);
comment on table billing_payer_bank_names is
    'What banks call a payer in their lines, learned when a person matched such a line with the payer''s remittance.';
call protect('billing_payer_bank_names');

create table billing_settlement_task_results (
    org_id        uuid not null references organizations (org_id),
    task_key      bigint not null,
    settlement_id uuid not null,
    element_id    text not null,
    actor         uuid,
    source        text not null check (source in ('remitflow', 'tasklist')),
    choice        text not null,
    refusal       text,
    job_key       bigint,
    recorded_at   timestamptz not null,
    primary key (org_id, task_key),
    foreign key (org_id, settlement_id) references billing_settlements (org_id, id)
);
comment on table billing_settlement_task_results is
    'Every completed human task of a settlement that was taken into account, accepted or refused: no task counts twice.';
call protect('billing_settlement_task_results');
call append_only('billing_settlement_task_results');

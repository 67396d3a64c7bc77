-- How refunds leave: checks with their register, ACH batches with what the banks return, and what holds a refund back.

create table refund_ach_destinations (
    org_id            uuid not null references organizations (org_id),
    id                uuid not null,
    account_id        uuid not null,
    routing_number    text not null check (routing_number ~ '^[0-9]{9}$'),
    account_encrypted bytea not null,
    account_last4     text not null,
    account_type      text not null check (account_type in ('checking', 'savings')),
    state             text not null check (state in ('active', 'replaced', 'unusable')),
    state_reason      text,
    source            text not null check (source in ('person', 'notice')),
    entered_by        uuid not null,
    entered_at        timestamptz not null,
    changed_at        timestamptz not null,
    primary key (org_id, id),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id)
);
comment on table refund_ach_destinations is
    'Bank accounts of payees. The number is encrypted for the organization; people see its last four digits. A changed account is a new row.';
create unique index refund_ach_destinations_active on refund_ach_destinations (org_id, account_id) where state = 'active';
call protect('refund_ach_destinations');

alter table billing_refunds
    add column ach_destination_id uuid,
    add column hold_reason        text,
    add column reissue_of         uuid,
    add column return_choice      text check (return_choice in ('reissued', 'left')),
    add column due_on             date,
    add foreign key (org_id, ach_destination_id) references refund_ach_destinations (org_id, id),
    add foreign key (org_id, reissue_of) references billing_refunds (org_id, id);
-- The owner of the tables sees the rows of every organization while row security is not forced on it.
alter table billing_refunds no force row level security;
alter table billing_credit_balances no force row level security;
update billing_refunds r set due_on = coalesce(
    (select c.refund_due from billing_credit_balances c where c.org_id = r.org_id and c.id = r.credit_balance_id),
    r.refund_date + 30);
alter table billing_refunds force row level security;
alter table billing_credit_balances force row level security;
alter table billing_refunds alter column due_on set not null;
comment on column billing_refunds.hold_reason is
    'Why this refund must not leave although it was approved: a payer took the same money back. Cleared when it is approved anew.';
comment on column billing_refunds.return_choice is
    'What a person chose after the money came back: a refund anew, or to leave the credit on the account.';
comment on column billing_refunds.due_on is 'Thirty days after the overpayment was noticed, as the accounting plan 3.5 asks.';
create unique index billing_refunds_reissued_once on billing_refunds (org_id, reissue_of)
    where reissue_of is not null and status not in ('rejected', 'cancelled');
create index billing_refunds_ready_for_ach on billing_refunds (org_id, refund_method, current_step) where status = 'processing';

create table refund_check_books (
    org_id      uuid not null references organizations (org_id),
    id          uuid not null,
    code        text not null,
    name        text not null,
    next_number bigint not null check (next_number > 0),
    stale_days  int not null check (stale_days between 30 and 730),
    main        boolean not null default false,
    updated_at  timestamptz not null,
    primary key (org_id, id),
    unique (org_id, code)
);
comment on table refund_check_books is 'A bank account of ours that checks are drawn on, with the next number of its stock.';
create unique index refund_check_books_main on refund_check_books (org_id) where main;
call protect('refund_check_books');

create table refund_checks (
    org_id         uuid not null references organizations (org_id),
    id             uuid not null,
    book_id        uuid not null,
    check_number   bigint not null check (check_number > 0),
    reference      text not null,
    refund_id      uuid not null,
    account_id     uuid not null,
    amount         bigint not null check (amount > 0),
    currency       char(3) not null,
    issued_on      date not null,
    issued_by      uuid not null,
    state          text not null check (state in ('issued', 'voided', 'stopped', 'stale', 'cleared', 'reissued')),
    state_reason   text,
    printed        int not null default 0,
    replaces_id    uuid,
    cleared_on     date,
    bank_reference text,
    version        int not null default 1,
    changed_at     timestamptz not null,
    primary key (org_id, id),
    unique (org_id, book_id, check_number),
    unique (org_id, reference),
    unique (org_id, replaces_id),
    foreign key (org_id, book_id) references refund_check_books (org_id, id),
    foreign key (org_id, refund_id) references billing_refunds (org_id, id),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, replaces_id) references refund_checks (org_id, id)
);
comment on table refund_checks is
    'The check register: every number of a book once, whatever became of it. The payee is the patient of the account; no MICR line is kept.';
create index refund_checks_of_refund on refund_checks (org_id, refund_id);
create index refund_checks_outstanding on refund_checks (org_id, state, issued_on);
call protect('refund_checks');

create table refund_ach_originators (
    org_id             uuid not null references organizations (org_id),
    odfi_routing       text not null check (odfi_routing ~ '^[0-9]{9}$'),
    destination_name   text not null,
    immediate_origin   text not null,
    origin_name        text not null,
    company_name       text not null,
    company_id         text not null,
    entry_description  text not null,
    cut_off            time not null,
    return_window_days int not null check (return_window_days between 1 and 60),
    updated_at         timestamptz not null,
    primary key (org_id)
);
comment on table refund_ach_originators is 'How the organization signs its ACH files: what its bank (ODFI) told it to write.';
call protect('refund_ach_originators');

create table refund_ach_batches (
    org_id            uuid not null references organizations (org_id),
    id                uuid not null,
    batch_number      text not null,
    file_sequence     bigint not null,
    file_name         text not null,
    effective_on      date not null,
    final_on          date not null,
    entries           int not null check (entries > 0),
    amount            bigint not null check (amount > 0),
    currency          char(3) not null,
    entry_hash        text not null,
    content_encrypted bytea not null,
    content_sha256    text not null,
    state             text not null check (state in ('released', 'sending', 'sent')),
    released_by       uuid not null,
    released_at       timestamptz not null,
    sending_since     timestamptz,
    sent_at           timestamptz,
    primary key (org_id, id),
    unique (org_id, batch_number),
    unique (org_id, file_sequence),
    unique (org_id, file_name)
);
comment on table refund_ach_batches is
    'NACHA files, one batch each. A file is written to the bank once: sending is the intent before, sent the record after.';
call protect('refund_ach_batches');

create table refund_ach_entries (
    org_id         uuid not null references organizations (org_id),
    id             uuid not null,
    batch_id       uuid not null,
    refund_id      uuid not null,
    destination_id uuid not null,
    trace_number   text not null check (trace_number ~ '^[0-9]{15}$'),
    amount         bigint not null check (amount > 0),
    return_code    text,
    returned_at    timestamptz,
    primary key (org_id, id),
    unique (org_id, trace_number),
    unique (org_id, refund_id),
    foreign key (org_id, batch_id) references refund_ach_batches (org_id, id),
    foreign key (org_id, refund_id) references billing_refunds (org_id, id),
    foreign key (org_id, destination_id) references refund_ach_destinations (org_id, id)
);
comment on table refund_ach_entries is 'One refund in one ACH batch, under a trace number that is never used again.';
create index refund_ach_entries_of_batch on refund_ach_entries (org_id, batch_id);
call protect('refund_ach_entries');

create table refund_ach_returns (
    org_id              uuid not null references organizations (org_id),
    id                  uuid not null,
    file_id             uuid not null,
    position            int not null,
    kind                text not null check (kind in ('return', 'notice')),
    code                text not null,
    original_trace      text not null,
    amount              bigint not null,
    entry_id            uuid,
    refund_id           uuid,
    account_id          uuid,
    state               text not null check (state in ('applied', 'unmatched', 'repeated', 'waiting', 'confirmed', 'dismissed')),
    note                text not null,
    corrected_encrypted bytea,
    corrected_shown     text,
    decided_by          uuid,
    decided_at          timestamptz,
    recorded_at         timestamptz not null,
    primary key (org_id, id),
    unique (org_id, file_id, position),
    foreign key (org_id, file_id) references intake_files (org_id, id),
    foreign key (org_id, entry_id) references refund_ach_entries (org_id, id),
    foreign key (org_id, refund_id) references billing_refunds (org_id, id),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id)
);
comment on table refund_ach_returns is
    'What banks sent back: returns (addenda 99) and notices of change (addenda 98), with what was done about each.';
create index refund_ach_returns_open on refund_ach_returns (org_id, state, recorded_at);
call protect('refund_ach_returns');

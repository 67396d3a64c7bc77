-- Deposits: checks and cash that are brought to the bank together and arrive there as one amount.

create table billing_bank_deposits (
    org_id           uuid not null references organizations (org_id),
    id               uuid not null,
    deposit_number   text not null,
    deposit_method   text not null check (deposit_method in ('check', 'cash')),
    bank_account_id  uuid not null,
    deposit_date     date not null,
    slip_number      text check (slip_number <> ''),
    match_key        text generated always as (
        case when length(regexp_replace(slip_number, '[^A-Za-z0-9]', '', 'g')) >= 6
             then upper(regexp_replace(slip_number, '[^A-Za-z0-9]', '', 'g')) end) stored,
    amount           bigint not null check (amount > 0),
    currency         char(3) not null,
    item_count       int not null check (item_count >= 1),
    status           text not null check (status in ('prepared', 'verified', 'cancelled')),
    prepared_by      uuid not null,
    prepared_at      timestamptz not null,
    verified_by      uuid,
    verified_at      timestamptz,
    journal_entry_id uuid,
    cancelled_by     uuid,
    cancelled_at     timestamptz,
    cancel_reason    text,
    version          int not null default 1,
    primary key (org_id, id),
    unique (org_id, deposit_number),
    foreign key (org_id, bank_account_id) references accounting_bank_accounts (org_id, id),
    foreign key (org_id, prepared_by) references users (org_id, id),
    foreign key (org_id, verified_by) references users (org_id, id),
    foreign key (org_id, cancelled_by) references users (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    check (verified_by <> prepared_by),
    check ((verified_by is null) = (verified_at is null)),
    check ((verified_by is null) = (journal_entry_id is null)),
    check (status <> 'prepared' or verified_by is null),
    check (status <> 'verified' or verified_by is not null),
    check ((status = 'cancelled') = (cancelled_at is not null)),
    check ((cancelled_at is null) = (cancelled_by is null)),
    check ((cancelled_at is null) = (cancel_reason is null))
);
comment on table billing_bank_deposits is
    'What is brought to the bank together: prepared by one person, verified by another one. Its entry moves the money from the '
    'references of its items to the reference of the deposit, which the line of the bank clears: it is credited when that is zero.';
create index billing_bank_deposits_recent on billing_bank_deposits (org_id, id desc);
create index billing_bank_deposits_of_account on billing_bank_deposits (org_id, bank_account_id);
create index billing_bank_deposits_prepared_by on billing_bank_deposits (org_id, prepared_by);
create index billing_bank_deposits_amount on billing_bank_deposits (org_id, amount);
comment on column billing_bank_deposits.match_key is 'The slip number as a bank''s statement carries it, in capitals without punctuation.';
create index billing_bank_deposits_match_key on billing_bank_deposits (org_id, match_key) where match_key is not null;
create index billing_bank_deposits_slip on billing_bank_deposits (org_id, slip_number) where slip_number is not null;
call protect('billing_bank_deposits');

create table billing_bank_deposit_items (
    org_id          uuid not null references organizations (org_id),
    deposit_id      uuid not null,
    line_number     int not null check (line_number >= 1),
    receipt_kind    text not null check (receipt_kind in ('check', 'payment')),
    receipt_id      uuid not null,
    receipt_number  text not null,
    paper_number    text,
    reference_kind  text not null,
    reference_value text not null,
    received_on     date not null,
    amount          bigint not null check (amount > 0),
    currency        char(3) not null,
    released        boolean not null default false,
    primary key (org_id, deposit_id, line_number),
    foreign key (org_id, deposit_id) references billing_bank_deposits (org_id, id)
);
comment on table billing_bank_deposit_items is
    'The checks and payments of a deposit, each with its reference on undeposited checks. released: the deposit was cancelled, so the '
    'receipt waits again.';
comment on column billing_bank_deposit_items.paper_number is 'What is printed on the check.';
create unique index billing_bank_deposit_items_once on billing_bank_deposit_items (org_id, receipt_kind, receipt_id)
    where not released;
create index billing_bank_deposit_items_receipt on billing_bank_deposit_items (org_id, receipt_id);
call protect('billing_bank_deposit_items');

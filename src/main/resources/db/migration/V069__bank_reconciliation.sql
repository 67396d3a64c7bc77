-- Reconciliations of bank accounts: one per account and period, worked by one person and approved by another.

create table accounting_bank_reconciliation (
    org_id                uuid not null,
    id                    uuid not null,
    reconciliation_number varchar(50) not null,
    bank_account_id       uuid not null,
    period_start          date not null,
    period_end            date not null,
    currency              char(3) not null,
    opening_balance       bigint not null,
    closing_balance       bigint not null,
    statement_balance     bigint not null,
    book_balance          bigint not null,
    difference            bigint not null,
    status                varchar(20) not null check (status in ('in_progress', 'discrepancy', 'balanced', 'completed')),
    round                 int not null default 1 check (round >= 1),
    version               int not null default 1 check (version >= 1),
    started_by            uuid not null,
    started_at            timestamptz not null,
    reconciled_by         uuid,
    reconciled_at         timestamptz,
    approved_by           uuid,
    approved_at           timestamptz,
    refusal_reason        text,
    notes                 varchar(500),
    updated_at            timestamptz not null,
    primary key (org_id, id),
    unique (org_id, reconciliation_number),
    -- Two people who begin the same period: one of them does.
    constraint accounting_bank_reconciliation_period unique (org_id, bank_account_id, period_start),
    unique (org_id, bank_account_id, period_end),
    foreign key (org_id, bank_account_id) references accounting_bank_accounts (org_id, id),
    foreign key (org_id, started_by) references users (org_id, id),
    foreign key (org_id, reconciled_by) references users (org_id, id),
    foreign key (org_id, approved_by) references users (org_id, id),
    check (period_start <= period_end),
    check ((reconciled_by is null) = (reconciled_at is null)),
    check ((approved_by is null) = (approved_at is null)),
    check ((status = 'completed') = (approved_at is not null)),
    check (status not in ('balanced', 'completed') or (reconciled_at is not null and difference = 0)),
    constraint two_people check (approved_by is distinct from reconciled_by or approved_by is null)
);
comment on table accounting_bank_reconciliation is
    'A bank account over a period against the books. Periods follow each other without a gap. Balanced: one person completed '
    'it with a difference of zero; completed: another one approved that. reconciled_at is the instant as of which its figures '
    'are added up again later.';
comment on column accounting_bank_reconciliation.status is
    'discrepancy: somebody wanted to complete it while both sides differed, or lines were not explained.';
comment on column accounting_bank_reconciliation.round is 'Counts how often it was opened; each time has a process of its own.';
comment on column accounting_bank_reconciliation.version is 'Counts how often it was completed: an approval holds for one version.';
create index accounting_bank_reconciliation_recent on accounting_bank_reconciliation (org_id, period_end desc, id);
call protect('accounting_bank_reconciliation');

create table accounting_reconciliation_items (
    org_id            uuid not null,
    reconciliation_id uuid not null,
    version           int not null,
    position          int not null,
    item_type         varchar(20) not null check (item_type in
        ('deposit', 'payment', 'fee', 'adjustment', 'outstanding_check', 'outstanding_deposit', 'bank_error')),
    transaction_date  date not null,
    description       text not null,
    reference_type    varchar(30) not null,
    reference_id      uuid not null,
    amount            bigint not null check (amount <> 0),
    notes             text,
    primary key (org_id, reconciliation_id, version, position),
    foreign key (org_id, reconciliation_id) references accounting_bank_reconciliation (org_id, id)
);
comment on table accounting_reconciliation_items is
    'What was open when a version was completed: outstanding checks, deposits in transit, unbooked items (adjustment) and errors '
    'of the bank. Kept as it was, whatever is booked later.';
call protect('accounting_reconciliation_items');
call append_only('accounting_reconciliation_items');

create table accounting_bank_exceptions (
    org_id          uuid not null,
    id              uuid not null,
    bank_account_id uuid not null,
    line_id         uuid not null,
    decision        text not null check (decision in ('carried', 'bank_error', 'open')),
    reason          varchar(300) not null check (reason <> ''),
    decided_by      uuid not null,
    decided_at      timestamptz not null,
    primary key (org_id, id),
    foreign key (org_id, bank_account_id) references accounting_bank_accounts (org_id, id),
    foreign key (org_id, line_id) references accounting_bank_lines (org_id, id),
    foreign key (org_id, decided_by) references users (org_id, id)
);
comment on table accounting_bank_exceptions is
    'What people decided about lines that stay in suspense: carried into the next period, or an error that the bank must correct. '
    'The latest row of a line holds.';
create index accounting_bank_exceptions_of on accounting_bank_exceptions (org_id, bank_account_id, line_id, decided_at desc);
call protect('accounting_bank_exceptions');
call append_only('accounting_bank_exceptions');

-- Bank accounts, what banks say about them, and what each line of a statement is matched with.
-- Amounts are minor units of the currency beside them: above zero money came in, below zero it left.

-- Money of the bank that nothing explains yet. Every organization gets the account that new ones start with.
-- The owner of the tables sees the rows of every organization while row security is not forced on it.
alter table accounting_chart_of_accounts no force row level security;
insert into accounting_chart_of_accounts
    (org_id, id, account_code, account_name, account_type, account_subtype, normal_balance, is_system, currency)
select org_id, gen_random_uuid(), '1090', 'Bank Suspense', 'asset', 'clearing', 'debit', true, currency from organizations
on conflict (org_id, account_code) do nothing;
alter table accounting_chart_of_accounts force row level security;

create table accounting_bank_accounts (
    org_id            uuid not null references organizations (org_id),
    id                uuid not null,
    account_name      varchar(100) not null check (account_name <> ''),
    bank_name         varchar(100) not null check (bank_name <> ''),
    account_encrypted bytea not null,
    account_last4     text not null,
    account_type      varchar(20) not null check (account_type in ('checking', 'savings', 'merchant', 'payroll')),
    currency          char(3) not null,
    gl_account_id     uuid not null,
    is_active         boolean not null default true,
    created_by        uuid not null,
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    primary key (org_id, id),
    unique (org_id, account_name),
    foreign key (org_id, gl_account_id, currency) references accounting_chart_of_accounts (org_id, id, currency)
);
comment on table accounting_bank_accounts is
    'Our accounts at banks, each with its account in the general ledger. The number, as the bank writes it in statements, is '
    'encrypted for the organization; people see its last four characters.';
create index accounting_bank_accounts_gl on accounting_bank_accounts (org_id, gl_account_id);
call protect('accounting_bank_accounts');

create table accounting_bank_csv_profiles (
    org_id          uuid not null,
    id              uuid not null,
    bank_account_id uuid not null,
    name            varchar(100) not null check (name <> ''),
    layout          jsonb not null,
    updated_by      uuid not null,
    updated_at      timestamptz not null,
    primary key (org_id, id),
    unique (org_id, bank_account_id, name),
    foreign key (org_id, bank_account_id) references accounting_bank_accounts (org_id, id)
);
comment on table accounting_bank_csv_profiles is
    'How a bank lays out its CSV files: delimiter, columns, formats. A file belongs to the profile with exactly its columns.';
call protect('accounting_bank_csv_profiles');

create table accounting_bank_statements (
    org_id           uuid not null,
    id               uuid not null,
    bank_account_id  uuid not null,
    file_id          uuid not null,
    position         int not null,
    format           text not null check (format in ('bai2', 'mt940', 'camt053', 'ofx', 'csv')),
    statement_number text not null,
    first_on         date,
    last_on          date,
    opening_balance  bigint,
    closing_balance  bigint,
    currency         char(3) not null,
    finding          text,
    imported_at      timestamptz not null,
    primary key (org_id, id),
    unique (org_id, file_id, position),
    foreign key (org_id, bank_account_id) references accounting_bank_accounts (org_id, id),
    foreign key (org_id, file_id) references intake_files (org_id, id)
);
comment on table accounting_bank_statements is
    'What a bank said about an account, as the file had it. A balance is null if the bank does not state it.';
comment on column accounting_bank_statements.finding is
    'What does not continue the statement before: its opening balance is not the closing balance of that one.';
create index accounting_bank_statements_of on accounting_bank_statements (org_id, bank_account_id, last_on desc, id desc);
call protect('accounting_bank_statements');
call append_only('accounting_bank_statements');

create table accounting_bank_lines (
    org_id           uuid not null,
    id               uuid not null,
    bank_account_id  uuid not null,
    statement_id     uuid not null,
    booked_on        date not null,
    value_on         date,
    amount           bigint not null check (amount <> 0),
    currency         char(3) not null,
    reversal         boolean not null,
    type_code        text not null,
    bank_reference   text not null,
    reference        text not null,
    check_number     text not null,
    counterparty     text not null,
    description      text not null,
    trace_number     text not null,
    payer_identifier text not null,
    content_key      text not null,
    occurrence       int not null check (occurrence > 0),
    primary key (org_id, id),
    -- No other full index of this table begins with org_id: see V019.
    constraint accounting_bank_lines_once unique (bank_account_id, booked_on, amount, content_key, occurrence, org_id),
    foreign key (org_id, bank_account_id) references accounting_bank_accounts (org_id, id),
    -- A statement is written when its end was read.
    foreign key (org_id, statement_id) references accounting_bank_statements (org_id, id) deferrable initially deferred
);
comment on table accounting_bank_lines is
    'Every movement once, whichever files report it. Two that look the same are told apart by their occurrence: of the same '
    'account, day, amount, text and reference there are as many as the file that shows most of them shows.';
comment on column accounting_bank_lines.content_key is 'SHA-256 of normalised text and references.';
create index accounting_bank_lines_of_statement on accounting_bank_lines (statement_id, org_id);
call protect('accounting_bank_lines');
call append_only('accounting_bank_lines');

create table accounting_bank_statement_lines (
    org_id       uuid not null,
    statement_id uuid not null,
    position     int not null,
    line_id      uuid not null,
    primary key (org_id, statement_id, position),
    foreign key (org_id, statement_id) references accounting_bank_statements (org_id, id) deferrable initially deferred,
    foreign key (org_id, line_id) references accounting_bank_lines (org_id, id)
);
comment on table accounting_bank_statement_lines is 'Which movements a statement shows, those that another one showed before included.';
create index accounting_bank_statement_lines_of on accounting_bank_statement_lines (org_id, line_id);
call protect('accounting_bank_statement_lines');
call append_only('accounting_bank_statement_lines');

create table accounting_bank_line_keys (
    org_id  uuid not null,
    line_id uuid not null,
    key     text not null,
    primary key (org_id, line_id, key),
    foreign key (org_id, line_id) references accounting_bank_lines (org_id, id)
);
comment on table accounting_bank_line_keys is
    'Numbers that a line carries, in capitals without punctuation: what it is matched by when one of our references is among them.';
create index accounting_bank_line_keys_by_key on accounting_bank_line_keys (org_id, key);
call protect('accounting_bank_line_keys');
call append_only('accounting_bank_line_keys');

create table accounting_bank_bookings (
    org_id           uuid not null,
    line_id          uuid not null,
    counter          text not null check (counter in ('remittance', 'clearing', 'suspense', 'taken-back')),
    rule             text not null,
    evidence         text not null,
    receipt_id       uuid,
    journal_entry_id uuid,
    booked_at        timestamptz not null,
    primary key (org_id, line_id),
    foreign key (org_id, line_id) references accounting_bank_lines (org_id, id),
    foreign key (org_id, receipt_id) references billing_bank_receipts (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    check ((counter in ('remittance', 'taken-back')) = (receipt_id is not null)),
    check ((counter in ('clearing', 'suspense')) = (journal_entry_id is not null))
);
comment on table accounting_bank_bookings is
    'How each line came into the books, once: against the remittance whose trace number it repeats, against a reference in '
    'clearing, or against bank suspense until somebody says what it is.';
create index accounting_bank_bookings_receipt on accounting_bank_bookings (org_id, receipt_id) where receipt_id is not null;
call protect('accounting_bank_bookings');
call append_only('accounting_bank_bookings');

create table accounting_bank_matches (
    org_id       uuid not null references organizations (org_id),
    id           uuid not null,
    status       text not null check (status in ('suggested', 'accepted', 'declined', 'lapsed')),
    rule         text not null,
    rule_title   text not null,
    evidence     text not null,
    considered   int not null check (considered >= 0),
    undecided    boolean not null,
    certificate  jsonb not null,
    content_key  text not null,
    suggested_at timestamptz not null,
    decided_by   uuid,
    decided_at   timestamptz,
    reason       text,
    primary key (org_id, id),
    check ((status in ('accepted', 'declined')) = (decided_by is not null)),
    check ((status = 'suggested') = (decided_at is null))
);
comment on table accounting_bank_matches is
    'Suggestions of the matcher with their certificate (rule, evidence, alternatives), and what a person decided. Ambiguous ones '
    'are never booked without a person.';
create unique index accounting_bank_matches_once on accounting_bank_matches (org_id, content_key) where status <> 'lapsed';
create index accounting_bank_matches_open on accounting_bank_matches (org_id, id desc) where status = 'suggested';
call protect('accounting_bank_matches');

create table accounting_bank_match_parts (
    org_id   uuid not null,
    match_id uuid not null,
    side     text not null check (side in ('line', 'settlement', 'reference')),
    part_id  uuid not null,
    amount   bigint not null check (amount <> 0),
    active   boolean not null,
    primary key (org_id, match_id, side, part_id),
    foreign key (org_id, match_id) references accounting_bank_matches (org_id, id)
);
comment on table accounting_bank_match_parts is
    'The lines and records of a match: bank lines, settlements of payers, references in clearing. None is in two matches at once.';
create unique index accounting_bank_match_parts_once on accounting_bank_match_parts (org_id, side, part_id) where active and side = 'line';
call protect('accounting_bank_match_parts');

-- The books: chart of accounts, fiscal periods, journal, clearing references, cost centers.
-- Amounts are minor units of the currency beside them. Balances are debit minus credit, so that all of them add up to zero.

create table accounting_cost_centers (
    org_id                uuid not null references organizations (org_id),
    id                    uuid not null,
    cost_center_code      varchar(20) not null,
    cost_center_name      varchar(100) not null,
    parent_cost_center_id uuid,
    cost_center_type      varchar(30) check (cost_center_type in ('clinical', 'administrative', 'support', 'revenue_generating')),
    is_active             boolean not null default true,
    created_at            timestamptz not null default now(),
    primary key (org_id, id),
    unique (org_id, cost_center_code),
    foreign key (org_id, parent_cost_center_id) references accounting_cost_centers (org_id, id)
);
comment on table accounting_cost_centers is 'Departments and other places that journal lines can be charged to.';
call protect('accounting_cost_centers');

create table accounting_chart_of_accounts (
    org_id            uuid not null references organizations (org_id),
    id                uuid not null,
    account_code      varchar(20) not null check (account_code ~ '^[0-9A-Za-z][0-9A-Za-z.-]*$'),
    account_name      varchar(200) not null check (account_name <> ''),
    account_type      varchar(50) not null check (account_type in
        ('asset', 'liability', 'equity', 'revenue', 'expense', 'contra_asset', 'contra_liability', 'contra_equity', 'contra_revenue')),
    account_subtype   varchar(100),
    parent_account_id uuid,
    normal_balance    varchar(10) not null check (normal_balance =
        case when account_type in ('asset', 'expense', 'contra_liability', 'contra_equity', 'contra_revenue') then 'debit' else 'credit' end),
    is_system         boolean not null default false,
    is_active         boolean not null default true,
    description       text,
    currency          char(3) not null,
    current_balance   bigint not null default 0,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    primary key (org_id, id),
    unique (org_id, account_code),
    unique (org_id, id, currency),
    foreign key (org_id, parent_account_id) references accounting_chart_of_accounts (org_id, id)
) with (fillfactor = 50);
comment on table accounting_chart_of_accounts is
    'The accounts of an organization, each kept in one currency. current_balance (debit minus credit) is a cache written by the posting transaction; '
    'a nightly rebuild from the lines must find no difference.';
call protect('accounting_chart_of_accounts');

create table accounting_fiscal_periods (
    org_id        uuid not null references organizations (org_id),
    id            uuid not null,
    fiscal_period varchar(10) not null,
    starts_on     date not null,
    ends_on       date not null,
    status        varchar(10) not null default 'open' check (status in ('open', 'closed')),
    closed_by     uuid,
    closed_at     timestamptz,
    primary key (org_id, id),
    unique (org_id, fiscal_period),
    unique (org_id, starts_on),
    foreign key (org_id, closed_by) references users (org_id, id),
    check (starts_on <= ends_on),
    check ((status = 'closed') = (closed_at is not null))
);
comment on table accounting_fiscal_periods is
    'Months of the books. Posting holds a share lock on its period, closing an exclusive one, so an entry is in before the close or refused.';
call protect('accounting_fiscal_periods');

create table accounting_clearing_references (
    org_id          uuid not null references organizations (org_id),
    id              uuid not null,
    account_id      uuid not null,
    currency        char(3) not null,
    reference_kind  varchar(50) not null,
    reference_value varchar(200) not null,
    balance         bigint not null,
    opened_on       date not null,
    last_entry_on   date not null,
    primary key (org_id, id),
    unique (org_id, account_id, reference_kind, reference_value),
    unique (org_id, id, account_id),
    foreign key (org_id, account_id, currency) references accounting_chart_of_accounts (org_id, id, currency)
) with (fillfactor = 70);
comment on table accounting_clearing_references is
    'Every outside event (TRN, payout, deposit, refund) with the balance it still has on its clearing account; settled exactly when that is zero.';
create index accounting_clearing_open on accounting_clearing_references (org_id, opened_on) where balance <> 0;
call protect('accounting_clearing_references');

create table accounting_journal_keys (
    org_id           uuid not null references organizations (org_id),
    source_key       varchar(200) not null,
    journal_entry_id uuid not null,
    content_hash     char(64) not null,
    primary key (org_id, source_key),
    unique (org_id, journal_entry_id)
);
comment on table accounting_journal_keys is
    'Which source key became which entry. Written before the entry takes its number, so that a repeated posting waits here and never uses up a number.';
call protect('accounting_journal_keys');
call append_only('accounting_journal_keys');

create table accounting_journal_entries (
    org_id               uuid not null references organizations (org_id),
    id                   uuid not null,
    entry_number         varchar(50) not null,
    entry_date           date not null,
    effective_date       date not null,
    entry_type           varchar(50) not null check (entry_type in ('standard', 'adjusting', 'closing', 'reversing', 'opening')),
    fiscal_period        varchar(10) not null,
    source_module        varchar(50) not null,
    source_key           varchar(200) not null,
    source_document_type varchar(50),
    source_document_id   uuid,
    reference_number     varchar(100),
    description          varchar(500) not null,
    currency             char(3) not null,
    total_debit          bigint not null check (total_debit > 0),
    total_credit         bigint not null,
    line_count           int not null check (line_count >= 2),
    reverses_entry_id    uuid,
    reversal_reason      varchar(500),
    posted_by            uuid,
    posted_at            timestamptz not null,
    primary key (org_id, id),
    unique (org_id, entry_number),
    constraint accounting_journal_entries_source_key unique (org_id, source_key),
    constraint accounting_journal_entries_reversed_once unique (org_id, reverses_entry_id),
    unique (org_id, id, entry_date, currency, line_count),
    constraint balanced_entry check (total_debit = total_credit),
    check ((reverses_entry_id is null) = (reversal_reason is null)),
    check (reverses_entry_id is null or entry_type = 'reversing'),
    foreign key (org_id, source_key) references accounting_journal_keys (org_id, source_key),
    foreign key (org_id, fiscal_period) references accounting_fiscal_periods (org_id, fiscal_period),
    foreign key (org_id, reverses_entry_id) references accounting_journal_entries (org_id, id),
    foreign key (org_id, posted_by) references users (org_id, id)
);
comment on table accounting_journal_entries is
    'Posted entries, never changed or deleted; a correction is another entry that reverses one. Drafts live in accounting_journal_drafts.';
create index accounting_journal_entries_by_date on accounting_journal_entries (org_id, entry_date, id);
create index accounting_journal_entries_by_document on accounting_journal_entries (org_id, source_document_id) where source_document_id is not null;
call protect('accounting_journal_entries');
call append_only('accounting_journal_entries');

create table accounting_journal_lines (
    org_id                uuid not null,
    journal_entry_id      uuid not null,
    line_number           int not null,
    line_count            int not null,
    entry_date            date not null,
    account_id            uuid not null,
    cost_center_id        uuid,
    currency              char(3) not null,
    debit_amount          bigint not null,
    credit_amount         bigint not null,
    clearing_reference_id uuid,
    description           varchar(500),
    reference_type        varchar(50),
    reference_id          uuid,
    primary key (org_id, journal_entry_id, line_number),
    check (line_number between 1 and line_count),
    constraint debit_or_credit check ((debit_amount > 0 and credit_amount = 0) or (credit_amount > 0 and debit_amount = 0)),
    constraint amount_in_range check (debit_amount <= 1000000000000000 and credit_amount <= 1000000000000000),
    foreign key (org_id, journal_entry_id, entry_date, currency, line_count)
        references accounting_journal_entries (org_id, id, entry_date, currency, line_count),
    foreign key (org_id, account_id, currency) references accounting_chart_of_accounts (org_id, id, currency),
    foreign key (org_id, clearing_reference_id, account_id) references accounting_clearing_references (org_id, id, account_id),
    foreign key (org_id, cost_center_id) references accounting_cost_centers (org_id, id)
);
comment on table accounting_journal_lines is
    'Lines of posted entries. Date, currency and number of lines repeat those of the entry under one foreign key: no line can be added to an entry later.';
create index accounting_journal_lines_by_account on accounting_journal_lines (org_id, account_id, entry_date, journal_entry_id, line_number)
    include (debit_amount, credit_amount);
create index accounting_journal_lines_by_clearing on accounting_journal_lines (org_id, clearing_reference_id) where clearing_reference_id is not null;
create index accounting_journal_lines_by_reference on accounting_journal_lines (org_id, reference_id) where reference_id is not null;
call protect('accounting_journal_lines');
call append_only('accounting_journal_lines');

-- Second guard behind the posting service: whoever inserts, at commit every entry is complete, balanced and in an open period.
create function journal_entry_is_sound() returns trigger language plpgsql as $$
declare
    lines int; debits bigint; credits bigint; period accounting_fiscal_periods%rowtype;
begin
    select count(*), coalesce(sum(debit_amount), 0), coalesce(sum(credit_amount), 0) into lines, debits, credits
      from accounting_journal_lines where org_id = new.org_id and journal_entry_id = new.id;
    if lines <> new.line_count or debits <> new.total_debit or credits <> new.total_credit then
        raise exception 'journal entry % is not balanced or not complete', new.entry_number
            using errcode = 'check_violation', constraint = 'journal_entry_is_sound';
    end if;
    select * into period from accounting_fiscal_periods where org_id = new.org_id and fiscal_period = new.fiscal_period;
    if period.status is distinct from 'open' or new.entry_date not between period.starts_on and period.ends_on then
        raise exception 'journal entry % is not dated in an open period', new.entry_number
            using errcode = 'check_violation', constraint = 'journal_entry_is_sound';
    end if;
    return null;
end $$;
create constraint trigger journal_entry_is_sound after insert on accounting_journal_entries
    deferrable initially deferred for each row execute function journal_entry_is_sound();

create table accounting_journal_drafts (
    org_id           uuid not null references organizations (org_id),
    id               uuid not null,
    status           varchar(10) not null default 'draft' check (status in ('draft', 'posted', 'void')),
    entry_date       date not null,
    entry_type       varchar(50) not null check (entry_type in ('standard', 'adjusting', 'closing', 'opening')),
    reference_number varchar(100),
    description      varchar(500) not null,
    currency         char(3) not null,
    lines            jsonb not null,
    idempotency_key  varchar(200),
    content_hash     char(64) not null,
    version          int not null default 1,
    created_by       uuid,
    created_at       timestamptz not null,
    updated_by       uuid,
    updated_at       timestamptz not null,
    voided_by        uuid,
    voided_at        timestamptz,
    void_reason      varchar(500),
    primary key (org_id, id),
    unique (org_id, idempotency_key),
    foreign key (org_id, created_by) references users (org_id, id),
    foreign key (org_id, updated_by) references users (org_id, id),
    foreign key (org_id, voided_by) references users (org_id, id)
);
comment on table accounting_journal_drafts is
    'Entries people are still writing. A draft becomes the posted entry with the same id, or is discarded; it is no part of the books.';
create index accounting_journal_drafts_open on accounting_journal_drafts (org_id, entry_date) where status = 'draft';
call protect('accounting_journal_drafts');

-- What people say a line in bank suspense is, and the accounts for what banks charge and pay.

alter table accounting_chart_of_accounts no force row level security;
insert into accounting_chart_of_accounts
    (org_id, id, account_code, account_name, account_type, account_subtype, normal_balance, is_system, currency)
select o.org_id, gen_random_uuid(), added.code, added.name, added.type, added.subtype, added.normal, true, o.currency
  from organizations o
  cross join (values ('4230', 'Interest Earned at Banks', 'revenue', 'other_operating', 'credit'),
                     ('8140', 'Bank Fees', 'expense', 'other', 'debit')) as added (code, name, type, subtype, normal)
on conflict (org_id, account_code) do nothing;
alter table accounting_chart_of_accounts force row level security;

create table accounting_bank_explanations (
    org_id           uuid not null,
    line_id          uuid not null,
    kind             text not null check (kind in ('account', 'offset', 'cash-entry')),
    account_code     varchar(20),
    other_line_id    uuid,
    cash_entry_id    uuid,
    journal_entry_id uuid not null,
    reason           varchar(300) not null check (reason <> ''),
    explained_by     uuid not null,
    explained_at     timestamptz not null,
    primary key (org_id, line_id),
    foreign key (org_id, line_id) references accounting_bank_lines (org_id, id),
    foreign key (org_id, other_line_id) references accounting_bank_lines (org_id, id),
    foreign key (org_id, cash_entry_id) references accounting_journal_entries (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    foreign key (org_id, explained_by) references users (org_id, id),
    check ((kind = 'account') = (account_code is not null)),
    check ((kind = 'offset') = (other_line_id is not null)),
    check ((kind = 'cash-entry') = (cash_entry_id is not null)),
    check (other_line_id is distinct from line_id)
);
comment on table accounting_bank_explanations is
    'Lines that a person took out of bank suspense, once each, by a new entry: to an account such as bank fees, against another '
    'line that takes it back or is the other side of a transfer, or against an entry that had booked the same money before.';
create unique index accounting_bank_explanations_cash_entry on accounting_bank_explanations (org_id, cash_entry_id)
    where cash_entry_id is not null;
call protect('accounting_bank_explanations');
call append_only('accounting_bank_explanations');

-- Which account money goes to unless somebody says otherwise, and up to where each is reconciled.
alter table accounting_bank_accounts
    add column is_default              boolean not null default false,
    add column last_reconciled_date    date,
    add column last_reconciled_balance bigint,
    add constraint accounting_bank_accounts_reconciled check ((last_reconciled_date is null) = (last_reconciled_balance is null)),
    add constraint accounting_bank_accounts_default_active check (is_active or not is_default);
comment on column accounting_bank_accounts.last_reconciled_date is
    'The last day of the latest approved bank reconciliation, and what the bank stated then; null while there is none, or it was opened again.';
create unique index accounting_bank_accounts_one_default on accounting_bank_accounts (org_id) where is_default;

alter table accounting_bank_accounts no force row level security;
alter table accounting_bank_reconciliation no force row level security;
update accounting_bank_accounts a set last_reconciled_date = r.period_end, last_reconciled_balance = r.statement_balance
  from (select distinct on (org_id, bank_account_id) org_id, bank_account_id, period_end, statement_balance
          from accounting_bank_reconciliation where status = 'completed' order by org_id, bank_account_id, period_end desc) r
 where r.org_id = a.org_id and r.bank_account_id = a.id;
alter table accounting_bank_reconciliation force row level security;
alter table accounting_bank_accounts force row level security;

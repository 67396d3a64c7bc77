-- "Looked at again in the next period" is true only if a decision about a bank line belongs to the period in which it was said.

alter table accounting_bank_exceptions
    add column reconciliation_id uuid,
    add foreign key (org_id, reconciliation_id) references accounting_bank_reconciliation (org_id, id);

-- What was said until now: in the first period that holds the line and was not completed before.
alter table accounting_bank_exceptions no force row level security;
alter table accounting_bank_lines no force row level security;
alter table accounting_bank_reconciliation no force row level security;
alter table accounting_bank_exceptions disable trigger append_only;
update accounting_bank_exceptions x set reconciliation_id =
    (select r.id from accounting_bank_reconciliation r
       join accounting_bank_lines l on l.org_id = x.org_id and l.id = x.line_id
      where r.org_id = x.org_id and r.bank_account_id = x.bank_account_id and r.period_end >= l.booked_on
      order by coalesce(r.reconciled_at < x.decided_at, false), r.period_start limit 1);
alter table accounting_bank_exceptions enable trigger append_only;
alter table accounting_bank_exceptions force row level security;
alter table accounting_bank_lines force row level security;
alter table accounting_bank_reconciliation force row level security;

alter table accounting_bank_exceptions alter column reconciliation_id set not null;
comment on table accounting_bank_exceptions is
    'What people decided in a bank period about lines that stay in suspense: carried into the next period, or an error that the bank '
    'must correct. The latest row of a line holds: carried in its own period only, an error until the line leaves suspense.';

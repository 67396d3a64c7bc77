-- What the rule said about a return of a credit beside its levels, and returns whose money came back.
alter table billing_credit_returns
    add column approval_groups   text[],
    add column approval_due_days int check (approval_due_days > 0),
    add column escalate_to       text,
    add column escalated_level   int check (escalated_level > 0),
    drop constraint billing_credit_returns_status_check,
    drop constraint billing_credit_returns_check2,
    add constraint billing_credit_returns_status_check
        check (status in ('pending', 'approved', 'posted', 'returned', 'rejected', 'cancelled')),
    add constraint billing_credit_returns_check2
        check ((status in ('posted', 'returned')) = (journal_entry_id is not null));
comment on column billing_credit_returns.escalated_level is 'The level whose approval was overdue and went to escalate_to.';

-- Checks to payers are numbered and followed in the same register.
alter table refund_checks
    alter column refund_id drop not null,
    add column credit_return_id uuid,
    add foreign key (org_id, credit_return_id) references billing_credit_returns (org_id, id),
    add constraint refund_checks_pays_one check (num_nonnulls(refund_id, credit_return_id) = 1);
create index refund_checks_of_credit_return on refund_checks (org_id, credit_return_id) where credit_return_id is not null;
comment on table refund_checks is
    'The check register: every number of a book once, whatever became of it. The payee is the patient of the account, or the payer of the credit; no MICR line is kept.';

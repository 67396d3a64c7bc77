-- Every credit has a case, whatever it arose from: also what an account has too much without a claim.

alter table billing_credit_balances
    alter column claim_id drop not null,
    add check (claim_id is not null or owner = 'patient');
comment on table billing_credit_balances is
    'A claim or an account for which more was paid than is owed, as a case until the money is returned or the balance is gone.';
comment on column billing_credit_balances.claim_id is
    'Null: a credit of the account itself, from money that belongs to no claim.';
create unique index billing_credit_balances_unresolved_of_account on billing_credit_balances (org_id, account_id, owner)
    where state <> 'resolved' and claim_id is null;
create index billing_credit_balances_of_account on billing_credit_balances (org_id, account_id, owner, id) where claim_id is null;
create index billing_patient_transactions_without_claim on billing_patient_transactions (org_id, account_id) where claim_id is null;

-- Each amount counts once: the credit of a claim with its claim, money without a claim with its account, and of that only what
-- the claims of the account leave over.
create view billing_credits with (security_invoker = true) as
select b.org_id, b.account_id, b.claim_id, side.owner, b.currency, side.amount
from (select org_id, account_id, claim_id, currency,
             coalesce(sum(amount) filter (where responsibility = 'patient'), 0)::bigint as patient,
             coalesce(sum(amount) filter (where responsibility = 'insurance'), 0)::bigint as insurance
      from billing_patient_transactions
      where claim_id is not null
      group by org_id, account_id, claim_id, currency) b
cross join lateral (
    select 'patient' as owner,
           -- Until a payer has answered, what a patient paid ahead is for a share that nobody knows yet.
           case when b.patient >= 0 then 0
                when b.insurance <= 0 or exists (select from billing_claim_responses r
                                                 where r.org_id = b.org_id and r.claim_id = b.claim_id) then -b.patient
                else greatest(-b.patient - b.insurance, 0) end as amount
    union all
    select 'payer', -b.insurance) side
where side.amount > 0
union all
select c.org_id, c.account_id, null, 'patient', c.currency, c.amount
from (select u.org_id, u.account_id, u.currency,
             -u.amount - (select coalesce(sum(greatest(d.amount, 0)), 0)::bigint
                          from (select sum(t.amount) as amount from billing_patient_transactions t
                                where t.org_id = u.org_id and t.account_id = u.account_id and t.claim_id is not null
                                  and t.responsibility = 'patient'
                                group by t.claim_id) d) as amount
      from (select org_id, account_id, currency, sum(amount)::bigint as amount
            from billing_patient_transactions
            where claim_id is null and responsibility = 'patient'
            group by org_id, account_id, currency
            having sum(amount) < 0) u) c
where c.amount > 0;
comment on view billing_credits is
    'What claims and accounts have too much at this moment, as their transactions say. Each has its case in billing_credit_balances.';
grant select on billing_credits to remitflow_app;

-- What a payer paid twice is its credit in full, also while something else of the claim is still open or denied.

alter table billing_remittance_claims add column repeated_amount bigint not null default 0;
comment on column billing_remittance_claims.repeated_amount is
    'How much more, by this answer, stands posted that another payment had paid already; negative where that is taken back.';
create index billing_remittance_claims_repeated on billing_remittance_claims (org_id, claim_id) where repeated_amount <> 0;

create view billing_paid_twice with (security_invoker = true) as
select c.org_id, c.claim_id,
       (sum(c.repeated_amount)
        - (select coalesce(sum(t.amount), 0) from billing_patient_transactions t
           where t.org_id = c.org_id and t.claim_id = c.claim_id and t.responsibility = 'insurance'
             and t.source_key like 'credit-return%'))::bigint as amount
from billing_remittance_claims c
join billing_remittances r on r.org_id = c.org_id and r.id = c.remittance_id
where c.repeated_amount <> 0 and c.treatment = 'posted' and r.state <> 'reversed'
group by c.org_id, c.claim_id;
comment on view billing_paid_twice is
    'What payers paid twice for a claim, less what was returned to them: theirs, whatever else of the claim is open.';
grant select on billing_paid_twice to remitflow_app;

create or replace view billing_credits with (security_invoker = true) as
select b.org_id, b.account_id, b.claim_id, side.owner, b.currency, side.amount
from (select org_id, account_id, claim_id, currency,
             coalesce(sum(amount) filter (where responsibility = 'patient'), 0)::bigint as patient,
             coalesce(sum(amount) filter (where responsibility = 'insurance'), 0)::bigint as insurance
      from billing_patient_transactions
      where claim_id is not null
      group by org_id, account_id, claim_id, currency) b
left join billing_paid_twice d on d.org_id = b.org_id and d.claim_id = b.claim_id
cross join lateral (
    select 'patient' as owner,
           -- Until a payer has answered, what a patient paid ahead is for a share that nobody knows yet.
           case when b.patient >= 0 then 0
                when b.insurance <= 0 or exists (select from billing_claim_responses r
                                                 where r.org_id = b.org_id and r.claim_id = b.claim_id) then -b.patient
                else greatest(-b.patient - b.insurance, 0) end as amount
    union all
    select 'payer', greatest(-b.insurance, d.amount)) side
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

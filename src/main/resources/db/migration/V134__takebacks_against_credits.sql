-- What a payer took outside of claims can be set against the credit of a claim.

alter table billing_takeback_steps
    add column credit_claim_id uuid,
    add foreign key (org_id, credit_claim_id) references billing_claims (org_id, id),
    add constraint billing_takeback_steps_credit_check
        check ((credit_claim_id is not null) = (resolution is not null and resolution = 'claim_credit'));
comment on column billing_takeback_steps.credit_claim_id is
    'The claim against whose credit a person set the amount, or from which that was taken away again.';

create or replace view billing_paid_twice with (security_invoker = true) as
select c.org_id, c.claim_id,
       (sum(c.repeated_amount)
        - (select coalesce(sum(t.amount), 0) from billing_patient_transactions t
           where t.org_id = c.org_id and t.claim_id = c.claim_id and t.responsibility = 'insurance'
             and (t.source_key like 'credit-return%' or t.source_key like 'takeback-credit%')))::bigint as amount
from billing_remittance_claims c
join billing_remittances r on r.org_id = c.org_id and r.id = c.remittance_id
where c.repeated_amount <> 0 and c.treatment = 'posted' and r.state <> 'reversed'
group by c.org_id, c.claim_id;
comment on view billing_paid_twice is
    'What payers paid twice for a claim, less what was returned to them or set against what they took: theirs, whatever else '
    'of the claim is open.';

-- What a payer keeps of its own credit does not go back to it once more.

create view billing_credit_takings with (security_invoker = true) as
select m.org_id, m.claim_id, coalesce(m.payer_id, c.payer_id) as payer_id, m.currency,
       sum(m.taken)::bigint as taken, sum(m.announced)::bigint as announced
from (select t.org_id, t.claim_id, t.payer_id, t.currency,
             greatest(t.open_amount, 0) as taken, greatest(-t.open_amount, 0) as announced
      from billing_takebacks t
      where t.code = 'WO' and t.open_amount <> 0 and t.claim_id is not null
        -- What is announced together with its reversal has left the credit with that, or will.
        and (t.open_amount > 0
             or not exists (select from billing_remittance_claims v
                            where v.org_id = t.org_id and v.claim_id = t.claim_id and v.remittance_id = t.opened_by
                              and v.status_code = '22' and v.treatment in ('posted', 'held')))
      union all
      select h.org_id, h.claim_id, r.payer_id, r.currency, 0, -h.paid_amount
      from billing_remittance_claims h
      join billing_remittances r on r.org_id = h.org_id and r.id = h.remittance_id
      where h.claim_id is not null and h.status_code = '22' and h.treatment = 'held' and h.paid_amount < 0
        and r.state = 'posted') m
join billing_claims c on c.org_id = m.org_id and c.id = m.claim_id
group by m.org_id, m.claim_id, coalesce(m.payer_id, c.payer_id), m.currency;
comment on view billing_credit_takings is
    'What a payer took for a claim without having reversed it (taken), and what it says that it takes though the claim still '
    'has it (announced): what of its credit must not be returned to it.';
grant select on billing_credit_takings to remitflow_app;

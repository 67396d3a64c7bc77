-- Figures of payers as of a past day need to know for whom a claim was on its way then: claims_submissions says it of today only.

alter table claims_submission_events
    add column payer_id uuid,
    add foreign key (org_id, payer_id) references billing_payers (org_id, id);
comment on column claims_submission_events.payer_id is
    'The secondary or tertiary payer for whom the claim was on its way; null for the payer of the claim itself.';

-- Until now the words of the preparation name the payer.
alter table claims_submission_events no force row level security;
alter table billing_payers no force row level security;
alter table claims_submission_events disable trigger append_only;
update claims_submission_events e set payer_id =
    (select p.id from claims_submission_events b
       join billing_payers p on p.org_id = b.org_id and b.message in
            ('For ' || p.name || ', the secondary payer', 'For ' || p.name || ', the tertiary payer')
      where b.org_id = e.org_id and b.claim_id = e.claim_id and b.kind = 'prepared' and b.id =
            (select l.id from claims_submission_events l
              where l.org_id = e.org_id and l.claim_id = e.claim_id and l.kind = 'prepared' and l.id <= e.id
              order by l.id desc limit 1)
      order by p.id limit 1)
 where exists (select from claims_submission_events b where b.org_id = e.org_id and b.claim_id = e.claim_id
                  and b.kind = 'prepared' and b.message like 'For %, the % payer');
alter table claims_submission_events enable trigger append_only;
alter table claims_submission_events force row level security;
alter table billing_payers force row level security;

create index claims_submission_events_further on claims_submission_events (org_id, payer_id, claim_id) where payer_id is not null;
create index billing_remittance_claims_further on billing_remittance_claims (org_id, remittance_id) where payer_sequence > 1;

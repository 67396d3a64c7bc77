-- Claims that go on to the next payer: the order of a patient's insurances, and for which payer a claim is on its way.

alter table claims_coverages add column position smallint not null default 1 check (position between 1 and 9);
-- Row security is forced on the owner too, so without this the update would find no rows.
alter table claims_coverages no force row level security;
update claims_coverages c set position = ordered.position
from (select org_id, account_id, payer_id,
          row_number() over (partition by org_id, account_id order by updated_at, payer_id) as position
      from claims_coverages) ordered
where (c.org_id, c.account_id, c.payer_id) = (ordered.org_id, ordered.account_id, ordered.payer_id);
alter table claims_coverages force row level security;
alter table claims_coverages
    alter column position drop default,
    add constraint claims_coverages_order unique (org_id, account_id, position) deferrable initially immediate;
comment on column claims_coverages.position is '1 for the primary insurance of the patient, 2 for the secondary, without gaps.';

alter table claims_submissions
    add column payer_id       uuid,
    add column payer_sequence smallint not null default 1 check (payer_sequence between 1 and 3),
    add foreign key (org_id, payer_id) references billing_payers (org_id, id),
    add check ((payer_sequence = 1) = (payer_id is null));
comment on column claims_submissions.payer_id is
    'The secondary or tertiary payer for whom the claim is on its way; null for the payer of the claim itself.';
create index on claims_submissions (org_id, payer_id) where payer_id is not null;

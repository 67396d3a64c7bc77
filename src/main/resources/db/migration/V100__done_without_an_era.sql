-- A remittance that Claim.MD lists and never delivers held the cursor for good. A person may do without it.

alter table billing_claimmd_eras
    drop constraint billing_claimmd_eras_state_check,
    add column given_up_at timestamptz,
    add column given_up_by uuid,
    add column given_up_because text,
    add constraint billing_claimmd_eras_state_check check (state in ('fetched', 'failed', 'given_up')),
    add constraint billing_claimmd_eras_given_up_check
        check ((state = 'given_up') = (given_up_at is not null) and (state = 'given_up') = (given_up_because is not null));
comment on table billing_claimmd_eras is
    'Remittances that Claim.MD listed: the stored file of each, why it could not be fetched, or who does without it.';
create index billing_claimmd_eras_failed on billing_claimmd_eras (org_id, era_id) where state = 'failed';

-- What payers keep of claims: reasons that a contract explains, a list of the organization and of a payer where its contract
-- differs; and what it does not explain, a case beside the denials although the claim was paid.

create table billing_accepted_adjustments (
    org_id     uuid not null references organizations (org_id),
    codes      text[] not null,
    updated_at timestamptz not null,
    primary key (org_id)
);
comment on table billing_accepted_adjustments is
    'Reason codes (CARC) that are written off under the contract when they come with CO or OA; without a row those of the installation hold.';
call protect('billing_accepted_adjustments');

alter table billing_payers add column accepted_adjustments text[];
comment on column billing_payers.accepted_adjustments is
    'The reason codes that this payer''s contract explains; null: those of the organization.';

alter table billing_denials add column underpaid boolean not null default false;
comment on column billing_denials.underpaid is
    'Nothing of it was denied: the payer paid, and somebody has to accept what it kept, or to claim it.';

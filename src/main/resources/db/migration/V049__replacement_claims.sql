-- Claims that replace an earlier one at the payer (CLM05-3 of 7), and claims that are voided there (8).

alter table billing_claims
    add column replaces_id        uuid,
    add column original_reference text check (length(original_reference) between 1 and 50),
    add foreign key (org_id, replaces_id) references billing_claims (org_id, id),
    add check ((replaces_id is null) = (original_reference is null)),
    add check (replaces_id <> id),
    drop constraint billing_claims_status_check,
    add constraint billing_claims_status_check check (status in
        ('submitted', 'accepted', 'paid', 'partially_paid', 'denied', 'reversed', 'closed', 'replaced', 'voided'));
comment on column billing_claims.replaces_id is
    'The claim that this one replaces at the payer: its charges were taken back when this one was charged.';
comment on column billing_claims.original_reference is
    'The payer''s number of the replaced claim as this one names it, REF*F8.';
create unique index billing_claims_replacement on billing_claims (org_id, replaces_id) where replaces_id is not null;

alter table billing_denials drop constraint billing_denials_closing_check;
alter table billing_denials add constraint billing_denials_closing_check check (closing in
    ('paid', 'denied_again', 'written_off', 'billed_to_patient', 'duplicate', 'nothing_open', 'replaced', 'voided'));
alter table billing_denial_rounds drop constraint billing_denial_rounds_closing_check;
alter table billing_denial_rounds add constraint billing_denial_rounds_closing_check check (closing in
    ('paid', 'denied_again', 'written_off', 'billed_to_patient', 'duplicate', 'nothing_open', 'replaced', 'voided'));

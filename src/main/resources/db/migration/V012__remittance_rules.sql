-- Remittances in full: reversals matched line by line, several payers of one claim, damaged files let in by a person,
-- payments for somebody else, and credits that belong to a payer.

alter table billing_remittances add column conflict_with uuid;
alter table billing_remittances add foreign key (org_id, conflict_with) references billing_remittances (org_id, id);
comment on column billing_remittances.conflict_with is
    'The posted remittance that reports the same payment with other content: a person compares the two.';

alter table billing_remittance_claims
    add column payer_sequence        smallint not null default 1 check (payer_sequence between 1 and 9),
    add column stated_patient_amount bigint not null default 0,
    add column prior_payer_amount    bigint not null default 0,
    add column forwarded_to          text;
update billing_remittance_claims set stated_patient_amount = patient_amount;
comment on column billing_remittance_claims.payer_sequence is '1 for the primary payer of the claim, 2 for the secondary, and so on.';
comment on column billing_remittance_claims.stated_patient_amount is
    'What the patient owes as this payer says (sum of PR). patient_amount is the change that it made: the answer of a later '
    'payer replaces the share that an earlier payer left.';
comment on column billing_remittance_claims.prior_payer_amount is 'What earlier payers explain of the charge, as this payer says (OA-23).';

alter table billing_remittance_service_lines
    add column claim_line_position int,
    add column matched_by          text check (matched_by in ('control_number', 'submitted_code', 'code')),
    add check ((claim_line_position is null) = (matched_by is null));
comment on column billing_remittance_service_lines.claim_line_position is
    'Our line that is answered: by its control number (REF*6R), else by the code we billed (SVC06), else by the code paid.';

create table billing_remittance_reversals (
    org_id              uuid not null references organizations (org_id),
    remittance_claim_id uuid not null,
    kind                text not null check (kind in ('exact', 'partial', 'foreign')),
    original_id         uuid,
    consequence         text not null,
    primary key (org_id, remittance_claim_id),
    foreign key (org_id, remittance_claim_id) references billing_remittance_claims (org_id, id),
    foreign key (org_id, original_id) references billing_remittance_claims (org_id, id)
);
comment on table billing_remittance_reversals is
    'What a reversal (CLP02 22) takes back. exact: all of one earlier answer (original_id) or of all together; partial: less '
    'than was posted, nothing else; foreign: something that was never posted, so it waits in suspense.';
call protect('billing_remittance_reversals');
call append_only('billing_remittance_reversals');

create table billing_remittance_reversal_lines (
    org_id              uuid not null references organizations (org_id),
    remittance_claim_id uuid not null,
    position            int not null,
    line_key            text not null,
    group_code          text not null,
    reason_code         text not null,
    treatment           text,
    posted_amount       bigint not null,
    reversed_amount     bigint not null,
    primary key (org_id, remittance_claim_id, position),
    foreign key (org_id, remittance_claim_id) references billing_remittance_reversals (org_id, remittance_claim_id)
);
comment on table billing_remittance_reversal_lines is
    'A reversal beside what was posted before it, for each service line, group and reason; group PAID is the payment itself. '
    'Their sum is what stays posted.';
call protect('billing_remittance_reversal_lines');
call append_only('billing_remittance_reversal_lines');

create table billing_claim_crossovers (
    org_id       uuid not null references organizations (org_id),
    claim_id     uuid not null,
    source_key   text not null,
    forwarded_to text,
    forwarded_on date not null,
    recorded_at  timestamptz not null,
    primary key (org_id, claim_id, source_key),
    foreign key (org_id, claim_id) references billing_claims (org_id, id)
);
comment on table billing_claim_crossovers is
    'Claims that a payer passed on to the next payer itself: we send no secondary claim for them.';
call protect('billing_claim_crossovers');
call append_only('billing_claim_crossovers');

-- A credit of a claim belongs to the patient or to the payer who paid twice; both may exist side by side.
alter table billing_credit_balances
    add column owner    text not null default 'patient' check (owner in ('patient', 'payer')),
    add column payer_id uuid,
    add foreign key (org_id, payer_id) references billing_payers (org_id, id),
    add check ((owner = 'payer') = (payer_id is not null));
drop index billing_credit_balances_unresolved;
create unique index billing_credit_balances_unresolved on billing_credit_balances (org_id, claim_id, owner) where state <> 'resolved';
comment on column billing_credit_balances.owner is
    'Whose money it is. A payer gets it back by a takeback, a reversal or a refund to the payer, never as a refund to the patient.';

create table billing_payee_identifiers (
    org_id     uuid not null references organizations (org_id),
    identifier text not null check (identifier ~ '^[0-9]{9,10}$'),
    created_at timestamptz not null,
    primary key (org_id, identifier)
);
comment on table billing_payee_identifiers is
    'National provider ids (10 digits) and tax ids (9 digits) under which payers pay the organization. Where there is none, payees are not checked.';
call protect('billing_payee_identifiers');

create table billing_misrouted_remittances (
    org_id            uuid not null references organizations (org_id),
    file_id           uuid not null,
    transaction_index int not null check (transaction_index > 0),
    segment_number    bigint not null,
    payee_ending      text not null,
    detected_at       timestamptz not null,
    primary key (org_id, file_id, transaction_index),
    foreign key (org_id, file_id) references intake_files (org_id, id)
);
comment on table billing_misrouted_remittances is
    'Remittances (ST) that pay somebody else. Nothing of their content is kept here but the last digits of the payee.';
call protect('billing_misrouted_remittances');

create table billing_remittance_repairs (
    org_id        uuid not null references organizations (org_id),
    file_id       uuid not null,
    repairs       text[] not null,
    confirmable   boolean not null,
    obstacle      text,
    remittances   int not null,
    claims        bigint not null,
    paid_amount   bigint not null,
    proposed_at   timestamptz not null,
    confirmed_by  uuid,
    confirmed_at  timestamptz,
    confirmation  text,
    primary key (org_id, file_id),
    foreign key (org_id, file_id) references intake_files (org_id, id),
    foreign key (org_id, confirmed_by) references users (org_id, id),
    check ((confirmed_at is null) = (confirmation is null)),
    check (confirmed_at is null or confirmable),
    check (confirmable = (obstacle is null))
);
comment on table billing_remittance_repairs is
    'A rejected file that can be read once its envelope is repaired: what has to be repaired, what it would pay, and who let '
    'it in. Only balanced money can be let in.';
call protect('billing_remittance_repairs');

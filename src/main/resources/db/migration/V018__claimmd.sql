-- The clearinghouse Claim.MD: its connection, remittances fetched from it, claims sent to it and what came back.

create table claims_claimmd_connections (
    org_id                uuid not null references organizations (org_id),
    account_key_encrypted bytea not null,
    nudge_key_sha256      char(64),
    active                boolean not null default true,
    created_at            timestamptz not null,
    updated_at            timestamptz not null,
    primary key (org_id)
);
comment on table claims_claimmd_connections is
    'How an organization reaches Claim.MD. The account key is encrypted with a key that is not in the database; of the key '
    'in the address of its webhook only the digest is kept.';
call protect('claims_claimmd_connections');

create table claims_claimmd_feeds (
    org_id            uuid not null references organizations (org_id),
    feed              text not null check (feed in ('eras', 'responses', 'uploads')),
    cursor_position   bigint not null default 0 check (cursor_position >= 0),
    leased_until      timestamptz,
    next_poll_at      timestamptz,
    failures          int not null default 0,
    last_polled_at    timestamptz,
    last_succeeded_at timestamptz,
    last_error        text,
    primary key (org_id, feed)
);
comment on table claims_claimmd_feeds is
    'Where reading from Claim.MD stands. The cursor moves only after what lies before it is stored, so after an interruption '
    'something may be read twice and nothing is skipped. Leases are measured by the database clock.';
call protect('claims_claimmd_feeds');

create table billing_claimmd_eras (
    org_id        uuid not null references organizations (org_id),
    era_id        bigint not null,
    state         text not null check (state in ('fetched', 'failed')),
    file_id       uuid,
    check_number  text,
    attempts      int not null default 1,
    last_error    text,
    first_seen_at timestamptz not null,
    updated_at    timestamptz not null,
    primary key (org_id, era_id),
    foreign key (org_id, file_id) references intake_files (org_id, id),
    check ((state = 'fetched') = (file_id is not null))
);
comment on table billing_claimmd_eras is 'Remittances that Claim.MD listed: the stored file of each, or why it could not be fetched.';
call protect('billing_claimmd_eras');

create table claims_billing_providers (
    org_id        uuid not null references organizations (org_id),
    name          text not null,
    npi           text not null check (npi ~ '^[0-9]{10}$'),
    tax_id        text not null check (tax_id ~ '^[0-9]{9}$'),
    taxonomy      text not null,
    street        text not null,
    city          text not null,
    state         char(2) not null,
    postal_code   text not null check (postal_code ~ '^[0-9]{9}$'),
    contact_name  text not null,
    contact_phone text not null check (contact_phone ~ '^[0-9]{10}$'),
    updated_at    timestamptz not null,
    primary key (org_id)
);
comment on table claims_billing_providers is 'Who bills: the organization as payers know it, for claims and eligibility questions.';
call protect('claims_billing_providers');

alter table billing_payers add column claimmd_payer_id text;
comment on column billing_payers.claimmd_payer_id is 'How Claim.MD routes to this payer; null if claims cannot be sent there.';

create table claims_coverages (
    org_id        uuid not null references organizations (org_id),
    account_id    uuid not null,
    payer_id      uuid not null,
    member_id     text not null,
    group_number  text,
    family_name   text not null,
    given_name    text not null,
    birth_date    date not null,
    sex           char(1) not null check (sex in ('F', 'M', 'U')),
    street        text not null,
    city          text not null,
    state         char(2) not null,
    postal_code   text not null,
    updated_at    timestamptz not null,
    primary key (org_id, account_id, payer_id),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, payer_id) references billing_payers (org_id, id)
);
comment on table claims_coverages is 'The insurance of a patient who is the subscriber, as a claim and an eligibility question need it. Never logged.';
call protect('claims_coverages');

create table claims_submission_batches (
    org_id        uuid not null references organizations (org_id),
    id            uuid not null,
    number        text not null,
    form          text not null check (form in ('professional', 'institutional')),
    state         text not null check (state in ('ready', 'sending', 'uncertain', 'uploaded', 'refused')),
    file_name     text not null,
    content       bytea not null,
    sha256        char(64) not null,
    claim_count   int not null check (claim_count between 1 and 2000),
    currency      char(3) not null,
    charged       bigint not null,
    partner_file  text,
    last_error    text,
    attempts      int not null default 0,
    requested_by  uuid,
    created_at    timestamptz not null,
    sent_at       timestamptz,
    uploaded_at   timestamptz,
    primary key (org_id, id),
    unique (org_id, number),
    unique (org_id, file_name)
);
comment on table claims_submission_batches is
    'Files of claims (837) as they are or were sent, byte for byte. sending and uncertain: an answer is missing, and the file '
    'is not sent again before Claim.MD was asked whether it has it.';
create index on claims_submission_batches (org_id, created_at desc, id desc);
call protect('claims_submission_batches');

create table claims_submissions (
    org_id          uuid not null references organizations (org_id),
    claim_id        uuid not null,
    form            text not null check (form in ('professional', 'institutional')),
    diagnoses       text not null,
    place_of_service text,
    type_of_bill    text,
    admitted_on     date,
    patient_status  text,
    attending_npi   text,
    attending_family_name text,
    attending_given_name  text,
    state           text not null check (state in ('ready', 'batched', 'sent', 'accepted', 'rejected')),
    batch_id        uuid,
    round           int not null default 1,
    updated_at      timestamptz not null,
    primary key (org_id, claim_id),
    foreign key (org_id, claim_id) references billing_claims (org_id, id),
    foreign key (org_id, batch_id) references claims_submission_batches (org_id, id),
    check ((form = 'professional') = (place_of_service is not null)),
    check ((form = 'institutional') = (type_of_bill is not null)),
    check ((state = 'ready') or batch_id is not null)
);
comment on table claims_submissions is
    'What a claim needs to be sent besides what was charged, and where it stands on its way to the payer. diagnoses: ICD-10-CM '
    'without points, separated by commas, the principal one first. round counts the sendings, from 1.';
create index on claims_submissions (org_id, state);
create index on claims_submissions (org_id, batch_id);
call protect('claims_submissions');

create table claims_submission_events (
    org_id      uuid not null references organizations (org_id),
    id          uuid not null,
    claim_id    uuid not null,
    source_key  text not null,
    kind        text not null check (kind in ('prepared', 'batched', 'sent', 'accepted', 'rejected', 'message')),
    response_id bigint,
    batch_id    uuid,
    fields      text,
    message     text,
    sender      text,
    recorded_at timestamptz not null,
    primary key (org_id, id),
    unique (org_id, source_key),
    foreign key (org_id, claim_id) references billing_claims (org_id, id)
);
comment on table claims_submission_events is
    'The way of a claim to its payer: sent in which file, and every acknowledgement (277CA) and status with its words. '
    'Messages may quote the claim, so they are shown to people and never logged.';
create index on claims_submission_events (org_id, claim_id, id);
call protect('claims_submission_events');
call append_only('claims_submission_events');

create table claims_unmatched_responses (
    org_id         uuid not null references organizations (org_id),
    id             uuid not null,
    source_key     text not null,
    control_number text not null,
    status         text not null,
    message        text,
    recorded_at    timestamptz not null,
    primary key (org_id, id),
    unique (org_id, source_key)
);
comment on table claims_unmatched_responses is 'Answers about claims that are not ours; kept so that none is lost.';
call protect('claims_unmatched_responses');
call append_only('claims_unmatched_responses');

create table claims_eligibility_checks (
    org_id        uuid not null references organizations (org_id),
    id            uuid not null,
    account_id    uuid not null,
    payer_id      uuid not null,
    service_date  date not null,
    service_type  text not null,
    state         text not null check (state in ('asked', 'covered', 'not_covered', 'unclear', 'failed')),
    request       bytea not null,
    answer        bytea,
    summary       text,
    requested_by  uuid,
    requested_at  timestamptz not null,
    answered_at   timestamptz,
    primary key (org_id, id),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, payer_id) references billing_payers (org_id, id)
);
comment on table claims_eligibility_checks is
    'Questions whether a patient is covered, and the answers. Request and answer hold what identifies the patient and are '
    'encrypted with the key that is not in the database.';
create index on claims_eligibility_checks (org_id, account_id, requested_at desc);
call protect('claims_eligibility_checks');

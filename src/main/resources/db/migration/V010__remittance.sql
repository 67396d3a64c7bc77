-- Remittances as received and what became of each of their parts. Amounts are minor units of the currency beside them.

create table billing_remittances (
    org_id                 uuid not null references organizations (org_id),
    id                     uuid not null,
    file_id                uuid not null,
    transaction_index      int not null check (transaction_index > 0),
    state                  text not null check (state in ('posted', 'held', 'duplicate')),
    duplicate_of           uuid,
    -- The keys by which a second delivery is recognised, see domain rules 4.2.
    control_key            text not null,
    payment_key            text not null,
    content_hash           char(64) not null,
    control_number         text not null,
    segment_number         bigint not null,
    file_offset            bigint not null,
    payer_id               uuid,
    payer_name             text not null,
    payer_identifier       text not null,
    payee_name             text not null,
    payee_identifier       text not null,
    trace_number           text not null,
    handling_code          text not null,
    payment_method         text not null,
    payment_date           date,
    production_date        date,
    currency               char(3) not null,
    paid_amount            bigint not null,
    charged_amount         bigint not null default 0,
    claims_paid_amount     bigint not null default 0,
    provider_amount        bigint not null default 0,
    contractual_amount     bigint not null default 0,
    patient_amount         bigint not null default 0,
    suspense_amount        bigint not null default 0,
    denied_amount          bigint not null default 0,
    claim_count            int not null default 0,
    held_claim_count       int not null default 0,
    denied_claim_count     int not null default 0,
    finding_count          int not null default 0,
    journal_entry_id       uuid,
    received_at            timestamptz not null,
    posted_at              timestamptz,
    primary key (org_id, id),
    unique (org_id, file_id, transaction_index),
    foreign key (org_id, file_id) references intake_files (org_id, id),
    foreign key (org_id, payer_id) references billing_payers (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    foreign key (org_id, duplicate_of) references billing_remittances (org_id, id),
    check ((state = 'duplicate') = (duplicate_of is not null)),
    check ((state = 'posted') = (posted_at is not null)),
    check (journal_entry_id is null or state = 'posted')
);
comment on table billing_remittances is
    'One payment notice (ST) of a file: posted as a whole, held as a whole, or known before. provider_amount is the sum of its PLB.';
comment on column billing_remittances.content_hash is
    'SHA-256 of the content without envelope: equal for the same remittance in another envelope or under another file name.';
create unique index billing_remittances_content on billing_remittances (org_id, content_hash) where state <> 'duplicate';
create unique index billing_remittances_payment on billing_remittances (org_id, payment_key) where state = 'posted' and paid_amount <> 0;
create index billing_remittances_recent on billing_remittances (org_id, id desc);
create index billing_remittances_control on billing_remittances (org_id, control_key);
call protect('billing_remittances');

create table billing_remittance_claims (
    org_id               uuid not null,
    id                   uuid not null,
    remittance_id        uuid not null,
    position             int not null,
    segment_number       bigint not null,
    file_offset          bigint not null,
    claim_control_number text not null,
    payer_claim_number   text not null,
    status_code          text not null,
    filing_indicator     text not null,
    claim_key            text not null,
    service_from         date,
    service_to           date,
    charged_amount       bigint not null,
    paid_amount          bigint not null,
    contractual_amount   bigint not null,
    patient_amount       bigint not null,
    denied_amount        bigint not null,
    other_amount         bigint not null,
    treatment            text not null check (treatment in ('posted', 'held', 'unidentified', 'not_posted')),
    reason               text,
    denied               boolean not null,
    forwarded            boolean not null,
    remarks              text not null default '',
    claim_id             uuid,
    account_id           uuid,
    primary key (org_id, id),
    unique (org_id, remittance_id, position),
    foreign key (org_id, remittance_id) references billing_remittances (org_id, id),
    foreign key (org_id, claim_id) references billing_claims (org_id, id),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id),
    check (treatment <> 'posted' or (claim_id is not null and account_id is not null)),
    check (treatment = 'posted' or reason is not null)
);
comment on table billing_remittance_claims is
    'What a payer said about one claim (CLP), and what was done about it: posted to its patient account, put into '
    'suspense because it is held or nobody knows it, or not posted. other_amount is neither paid, written off, owed by the patient nor denied.';
create index billing_remittance_claims_claim on billing_remittance_claims (org_id, claim_id) where claim_id is not null;
create index billing_remittance_claims_key on billing_remittance_claims (org_id, claim_key);
create index billing_remittance_claims_denied on billing_remittance_claims (org_id, id desc) where denied;
create index billing_remittance_claims_open on billing_remittance_claims (org_id, id desc) where treatment in ('held', 'unidentified');
call protect('billing_remittance_claims');

create table billing_remittance_service_lines (
    org_id               uuid not null,
    remittance_claim_id  uuid not null,
    position             int not null,
    segment_number       bigint not null,
    line_control_number  text,
    procedure_qualifier  text not null,
    procedure_code       text not null,
    modifiers            text not null,
    submitted_procedure  text,
    revenue_code         text,
    service_from         date,
    service_to           date,
    units_paid           numeric(15, 3),
    charged_amount       bigint not null,
    paid_amount          bigint not null,
    allowed_amount       bigint,
    denied               boolean not null,
    remarks              text not null default '',
    primary key (org_id, remittance_claim_id, position),
    foreign key (org_id, remittance_claim_id) references billing_remittance_claims (org_id, id)
);
comment on table billing_remittance_service_lines is 'Service lines (SVC) of a claim on a remittance.';
call protect('billing_remittance_service_lines');
call append_only('billing_remittance_service_lines');

create table billing_remittance_adjustments (
    org_id               uuid not null,
    remittance_claim_id  uuid not null,
    position             int not null,
    line_position        int,
    segment_number       bigint not null,
    group_code           text not null,
    reason_code          text not null,
    amount               bigint not null,
    quantity             numeric(15, 3),
    treatment            text not null check (treatment in ('contractual', 'patient', 'denied', 'other_payer', 'review')),
    primary key (org_id, remittance_claim_id, position),
    foreign key (org_id, remittance_claim_id) references billing_remittance_claims (org_id, id)
);
comment on table billing_remittance_adjustments is
    'Why a payer paid less than charged (CAS): positive took from the payment. line_position is null for adjustments of the claim as a whole.';
call protect('billing_remittance_adjustments');
call append_only('billing_remittance_adjustments');

create table billing_remittance_provider_adjustments (
    org_id            uuid not null,
    remittance_id     uuid not null,
    position          int not null,
    segment_number    bigint not null,
    provider_id       text not null,
    fiscal_period_end date,
    code              text not null,
    reference         text not null,
    amount            bigint not null,
    account_code      text not null,
    primary key (org_id, remittance_id, position),
    foreign key (org_id, remittance_id) references billing_remittances (org_id, id)
);
comment on table billing_remittance_provider_adjustments is
    'Money a payer moved outside of any claim (PLB): positive took from the payment.';
call protect('billing_remittance_provider_adjustments');
call append_only('billing_remittance_provider_adjustments');

create table billing_remittance_findings (
    org_id          uuid not null,
    remittance_id   uuid not null,
    position        int not null,
    rule            text not null,
    holds           boolean not null,
    segment_number  bigint,
    expected_amount bigint,
    found_amount    bigint,
    text            text not null,
    primary key (org_id, remittance_id, position),
    foreign key (org_id, remittance_id) references billing_remittances (org_id, id)
);
comment on table billing_remittance_findings is
    'Why a remittance is held, and what else a biller should know about it, in words without protected content.';
call protect('billing_remittance_findings');
call append_only('billing_remittance_findings');

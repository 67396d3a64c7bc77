-- Insurance payers, and the claims sent to them with what they answered.

create table billing_payers (
    org_id           uuid not null references organizations (org_id),
    id               uuid not null,
    name             text not null,
    payer_class      text not null
        check (payer_class in ('commercial', 'medicare', 'medicaid', 'tricare', 'workers_comp', 'other')),
    remit_identifier text not null,
    active           boolean not null default true,
    created_at       timestamptz not null,
    primary key (org_id, id),
    unique (org_id, remit_identifier)
);
comment on table billing_payers is
    'Insurance payers. remit_identifier is how the payer names itself on an 835: TRN03, or the id of its N1*PR.';
call protect('billing_payers');

create table billing_claims (
    org_id                 uuid not null references organizations (org_id),
    id                     uuid not null,
    account_id             uuid not null,
    payer_id               uuid not null,
    control_number         text not null,
    payer_claim_number     text,
    care_setting           text not null check (care_setting in ('inpatient', 'outpatient', 'emergency')),
    status                 text not null
        check (status in ('submitted', 'accepted', 'paid', 'partially_paid', 'denied', 'reversed', 'closed')),
    service_from           date not null,
    service_to             date not null,
    currency               char(3) not null,
    charged                bigint not null check (charged > 0),
    paid                   bigint not null default 0,
    contractual            bigint not null default 0,
    patient_responsibility bigint not null default 0,
    journal_entry_id       uuid,
    submitted_on           date not null,
    last_response_on       date,
    created_at             timestamptz not null,
    updated_at             timestamptz not null,
    primary key (org_id, id),
    unique (org_id, control_number),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, payer_id) references billing_payers (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    check (service_from <= service_to)
);
comment on table billing_claims is
    'Claims as submitted. control_number is CLM01, which payers return as CLP01. paid, contractual and '
    'patient_responsibility are the sums of billing_claim_responses.';
create index billing_claims_account on billing_claims (org_id, account_id);
create index billing_claims_status on billing_claims (org_id, status, submitted_on);
call protect('billing_claims');

create table billing_claim_lines (
    org_id              uuid not null references organizations (org_id),
    id                  uuid not null,
    claim_id            uuid not null,
    position            int not null check (position > 0),
    line_control_number text not null,
    procedure_code      text,
    modifiers           text not null default '',
    revenue_code        text,
    service_date        date not null,
    units               numeric(15, 3) not null check (units > 0),
    currency            char(3) not null,
    charged             bigint not null check (charged >= 0),
    primary key (org_id, id),
    unique (org_id, claim_id, position),
    unique (org_id, claim_id, line_control_number),
    foreign key (org_id, claim_id) references billing_claims (org_id, id),
    check (procedure_code is not null or revenue_code is not null)
);
comment on table billing_claim_lines is
    'Service lines of a claim. line_control_number is what payers return as REF*6R, the surest way to match a line.';
call protect('billing_claim_lines');

create table billing_claim_responses (
    org_id                 uuid not null references organizations (org_id),
    id                     uuid not null,
    claim_id               uuid not null,
    source_key             text not null,
    kind                   text not null check (kind in ('paid', 'denied', 'reversed')),
    payer_status_code      text,
    payer_claim_number     text,
    responded_on           date not null,
    currency               char(3) not null,
    paid                   bigint not null,
    contractual            bigint not null,
    patient_responsibility bigint not null,
    status_after           text not null,
    recorded_at            timestamptz not null,
    primary key (org_id, id),
    unique (org_id, source_key),
    foreign key (org_id, claim_id) references billing_claims (org_id, id)
);
comment on table billing_claim_responses is
    'Each answer of a payer to a claim, as the change it makes: a reversal has negative amounts.';
create index billing_claim_responses_claim on billing_claim_responses (org_id, claim_id, id);
call protect('billing_claim_responses');
call append_only('billing_claim_responses');

alter table billing_patient_transactions
    add foreign key (org_id, claim_id) references billing_claims (org_id, id),
    add foreign key (org_id, payer_id) references billing_payers (org_id, id);

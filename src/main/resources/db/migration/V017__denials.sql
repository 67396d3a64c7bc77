-- Denials: what a payer refused to pay, as cases with an appeal clock.

alter table billing_payers
    add column appeal_days int not null default 180 check (appeal_days between 1 and 730),
    add column patient_billing_allowed boolean not null default false;
comment on column billing_payers.appeal_days is 'Days from the denial within which the payer takes an appeal.';
comment on column billing_payers.patient_billing_allowed is
    'Whether the contract lets us bill the patient for what this payer denied; amounts of group CO never are.';

create table billing_denials (
    org_id            uuid not null references organizations (org_id),
    id                uuid not null,
    denial_number     text not null,
    claim_id          uuid not null,
    account_id        uuid not null,
    payer_id          uuid not null,
    source            text not null,
    remittance_id     uuid not null,
    previous_id       uuid,
    level             int not null check (level >= 1),
    denied_on         date not null,
    currency          char(3) not null,
    denied_amount     bigint not null default 0,
    open_when_denied  bigint not null,
    remarks           text not null default '',
    status            text not null
        check (status in ('open', 'correcting', 'appealing', 'waiting', 'writing_off', 'billing_patient', 'closed')),
    current_step      text not null,
    denial_class      text,
    priority          int,
    owner_group       text,
    appealable        boolean,
    patient_billable  boolean,
    triage_reason     text,
    appeal_limit_on   date not null,
    expired_at        timestamptz,
    owner             uuid,
    refusal_reason    text,
    sent_as           text check (sent_as in ('corrected', 'appealed')),
    sent_on           date,
    sent_reference    text,
    write_off_id      uuid,
    write_off_round   int not null default 0,
    billed_amount     bigint not null default 0 check (billed_amount >= 0),
    journal_entry_id  uuid,
    opened_at         timestamptz not null,
    updated_at        timestamptz not null,
    closed_at         timestamptz,
    closing           text
        check (closing in ('paid', 'denied_again', 'written_off', 'billed_to_patient', 'duplicate', 'nothing_open')),
    evidence          text,
    primary key (org_id, id),
    unique (org_id, denial_number),
    unique (org_id, source),
    foreign key (org_id, claim_id) references billing_claims (org_id, id),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, payer_id) references billing_payers (org_id, id),
    foreign key (org_id, previous_id) references billing_denials (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    check ((status = 'closed') = (closed_at is not null)),
    check ((closing is not null) = (closed_at is not null)),
    check ((sent_as is null) = (sent_on is null))
);
comment on table billing_denials is
    'What a remittance denied of one claim, until it is paid, given up, billed to the patient or denied again. The class and '
    'what follows from it are null until the rule was asked. denied_amount is the sum of billing_denial_reasons, except what the payer itself gave to the patient (group PR).';
comment on column billing_denials.source is 'The answer that denied: a remittance and the claim. Telling it again changes nothing.';
comment on column billing_denials.open_when_denied is 'What the payer had not explained of the claim when it denied.';
comment on column billing_denials.level is 'Counts the denials of the same claim in a row, from 1.';
create index billing_denials_of_claim on billing_denials (org_id, claim_id) where status <> 'closed';
create index billing_denials_history on billing_denials (org_id, claim_id, id);
create index billing_denials_by_limit on billing_denials (org_id, appeal_limit_on, id) where status <> 'closed';
create index billing_denials_recent on billing_denials (org_id, id desc);
call protect('billing_denials');

create table billing_denial_reasons (
    org_id          uuid not null,
    denial_id       uuid not null,
    answer_position int not null,
    position        int not null,
    line_position   int,
    procedure_code  text,
    group_code      text not null,
    reason_code     text not null,
    text            text not null,
    remarks         text not null default '',
    amount          bigint not null check (amount <> 0),
    primary key (org_id, denial_id, answer_position, position),
    foreign key (org_id, denial_id) references billing_denials (org_id, id)
);
comment on table billing_denial_reasons is
    'Why a payer denied: group and reason code (CARC) with the amount, the remark codes (RARC) beside it, and what the code '
    'meant when it was told. line_position is null for the claim as a whole.';
call protect('billing_denial_reasons');
call append_only('billing_denial_reasons');

create table billing_denial_task_results (
    org_id      uuid not null references organizations (org_id),
    task_key    bigint not null,
    denial_id   uuid not null,
    element_id  text not null,
    actor       uuid,
    source      text not null check (source in ('remitflow', 'tasklist')),
    outcome     text not null,
    refusal     text,
    job_key     bigint,
    recorded_at timestamptz not null,
    primary key (org_id, task_key),
    foreign key (org_id, denial_id) references billing_denials (org_id, id)
);
comment on table billing_denial_task_results is
    'Every completed human task of a denial that was taken into account, accepted or refused: no task counts twice.';
create index billing_denial_task_results_of_denial on billing_denial_task_results (org_id, denial_id);
call protect('billing_denial_task_results');
call append_only('billing_denial_task_results');

-- What we bill the patient after a denial is kept with the answers, so that the sums of a claim stay the sums of its rows.
alter table billing_claim_responses
    drop constraint billing_claim_responses_kind_check,
    add constraint billing_claim_responses_kind_check check (kind in ('paid', 'denied', 'reversed', 'billed'));
comment on table billing_claim_responses is
    'Each answer of a payer to a claim, as the change it makes: a reversal has negative amounts. billed is our own decision to '
    'bill the patient for what was denied.';

-- Credit balances as cases: whose money it is, the legal clock, its investigation with evidence, and how it goes back.

alter table billing_credit_balances
    add column step          text not null default 'classify-credit',
    add column belongs_to    text check (belongs_to in ('payer', 'patient', 'guarantor')),
    add column payer_class   text check (payer_class in ('medicare', 'medicaid', 'commercial', 'self_pay', 'other')),
    add column cause_code    text check (cause_code in ('duplicate_payment', 'patient_overpaid', 'payer_overpaid',
                                 'coordination_of_benefits', 'contractual_posted_twice', 'takeback_pending', 'posted_to_wrong_claim',
                                 'other')),
    add column classified_by uuid,
    add column classified_at timestamptz,
    add column identified_on date,
    add column reminded_for  date,
    add column escalated_for date,
    add column refusal       text,
    add column dismissed     bigint check (dismissed > 0),
    add column closing       text check (closing in ('balance_gone', 'not_a_credit', 'taken_back')),
    add check ((belongs_to is null) = (payer_class is null) and (belongs_to is null) = (cause_code is null)),
    add check ((classified_by is null) = (classified_at is null)),
    add check (dismissed is null or state = 'resolved');
comment on column billing_credit_balances.owner is
    'On which side of the account the credit stands: with the patient or with a payer. Whose money it is says belongs_to.';
comment on column billing_credit_balances.belongs_to is
    'Whose money it is: proposed when the case opens, confirmed or changed by classified_by. See billing_credit_classifications.';
comment on column billing_credit_balances.reminded_for is 'The due date of which people were reminded; another due date is reminded of again.';
comment on column billing_credit_balances.dismissed is
    'The credit that stood in the books when the case was closed without moving it: the same credit opens no other case.';
create index billing_credit_balances_due on billing_credit_balances (org_id, refund_due, id) where state <> 'resolved';
create index billing_credit_balances_of_claim on billing_credit_balances (org_id, claim_id, owner, id);

create table billing_credit_classifications (
    org_id      uuid not null references organizations (org_id),
    id          uuid not null,
    credit_id   uuid not null,
    belongs_to  text not null,
    payer_class text not null,
    cause_code  text not null,
    evidence    text not null,
    decided_by  uuid,
    decided_at  timestamptz not null,
    primary key (org_id, id),
    foreign key (org_id, credit_id) references billing_credit_balances (org_id, id),
    foreign key (org_id, decided_by) references users (org_id, id)
);
comment on table billing_credit_classifications is
    'What a credit was taken for, by whom and on which evidence; without a person it is the proposal of the books.';
create index billing_credit_classifications_of_credit on billing_credit_classifications (org_id, credit_id, id);
call protect('billing_credit_classifications');
call append_only('billing_credit_classifications');

create table billing_credit_investigations (
    org_id       uuid not null references organizations (org_id),
    id           uuid not null,
    credit_id    uuid not null,
    opened_on    date not null,
    opened_by    uuid not null,
    concluded_on date,
    concluded_by uuid,
    finding      text,
    primary key (org_id, id),
    foreign key (org_id, credit_id) references billing_credit_balances (org_id, id),
    foreign key (org_id, opened_by) references users (org_id, id),
    foreign key (org_id, concluded_by) references users (org_id, id),
    check (concluded_on >= opened_on),
    check ((concluded_on is null) = (finding is null))
);
comment on table billing_credit_investigations is
    'While one is open, the clock of Medicare money stands still, at most 180 days from identification (42 CFR 401.305).';
create unique index billing_credit_investigations_open on billing_credit_investigations (org_id, credit_id) where concluded_on is null;
create index billing_credit_investigations_of_credit on billing_credit_investigations (org_id, credit_id, id);
call protect('billing_credit_investigations');

create table billing_credit_evidence (
    org_id           uuid not null references organizations (org_id),
    id               uuid not null,
    credit_id        uuid not null,
    note             text not null check (length(note) between 1 and 2000),
    amount           bigint,
    currency         char(3),
    dated            date,
    remittance_id    uuid,
    payment_id       uuid,
    journal_entry_id uuid,
    recorded_by      uuid,
    recorded_at      timestamptz not null,
    primary key (org_id, id),
    foreign key (org_id, credit_id) references billing_credit_balances (org_id, id),
    foreign key (org_id, remittance_id) references billing_remittances (org_id, id),
    foreign key (org_id, payment_id) references billing_payments (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    foreign key (org_id, recorded_by) references users (org_id, id),
    check ((amount is null) = (currency is null))
);
comment on table billing_credit_evidence is 'What was found out about a credit; without a person the books noted it themselves.';
create index billing_credit_evidence_of_credit on billing_credit_evidence (org_id, credit_id, id);
call protect('billing_credit_evidence');
call append_only('billing_credit_evidence');

create table billing_credit_returns (
    org_id            uuid not null references organizations (org_id),
    id                uuid not null,
    credit_id         uuid not null,
    kind              text not null check (kind in ('transfer', 'payer_refund')),
    amount            bigint not null check (amount > 0),
    currency          char(3) not null,
    target_account_id uuid,
    target_claim_id   uuid,
    payment_id        uuid,
    method            text check (method in ('check', 'ach')),
    reason            text not null,
    status            text not null check (status in ('pending', 'approved', 'posted', 'rejected', 'cancelled')),
    approval_levels   text[],
    approval_reason   text,
    requested_by      uuid not null,
    requested_at      timestamptz not null,
    processed_by      uuid,
    payout_reference  text,
    journal_entry_id  uuid,
    completed_at      timestamptz,
    primary key (org_id, id),
    foreign key (org_id, credit_id) references billing_credit_balances (org_id, id),
    foreign key (org_id, target_account_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, target_claim_id) references billing_claims (org_id, id),
    foreign key (org_id, payment_id) references billing_payments (org_id, id),
    foreign key (org_id, requested_by) references users (org_id, id),
    foreign key (org_id, processed_by) references users (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    check ((kind = 'transfer') = (target_account_id is not null)),
    check ((kind = 'payer_refund') = (method is not null)),
    check ((status = 'posted') = (journal_entry_id is not null)),
    check (kind = 'transfer' or status <> 'posted' or payout_reference is not null),
    check (processed_by is null or cardinality(approval_levels) = 0 or processed_by <> requested_by)
);
comment on table billing_credit_returns is
    'A credit on its way to another open balance of the same guarantor, or back to its payer, with the approval of the refund rule.';
create unique index billing_credit_returns_under_way on billing_credit_returns (org_id, credit_id) where status in ('pending', 'approved');
create index billing_credit_returns_of_credit on billing_credit_returns (org_id, credit_id, id);
create index billing_credit_returns_of_payment on billing_credit_returns (org_id, payment_id) where status = 'posted' and payment_id is not null;
call protect('billing_credit_returns');

create table billing_credit_settings (
    org_id             uuid not null references organizations (org_id),
    patient_days       int not null check (patient_days between 1 and 365),
    commercial_days    int not null check (commercial_days between 1 and 365),
    medicaid_days      int not null check (medicaid_days between 1 and 60),
    remind_days_before int not null check (remind_days_before between 1 and 60),
    follow_up_days     int not null check (follow_up_days between 1 and 180),
    transfers_allowed  boolean not null,
    updated_at         timestamptz not null,
    primary key (org_id)
);
comment on table billing_credit_settings is
    'Within how many days credits go back where no federal rule says it, and whether one may pay another balance of its guarantor. '
    'The 60 days of Medicare are law and no setting.';
call protect('billing_credit_settings');

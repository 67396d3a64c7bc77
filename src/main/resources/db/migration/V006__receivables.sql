-- Patient accounts: what patients and their insurance owe, transaction by transaction.

create table billing_patient_accounts (
    org_id                 uuid not null references organizations (org_id),
    id                     uuid not null,
    account_number         text not null,
    patient_id             text not null,
    patient_family_name    text,
    patient_given_name     text,
    account_status         text not null default 'active'
        check (account_status in ('active', 'suspended', 'collections', 'closed', 'deceased')),
    currency               char(3) not null,
    credit_limit           bigint not null default 0 check (credit_limit >= 0),
    current_balance        bigint not null default 0,
    insurance_balance      bigint not null default 0,
    patient_balance        bigint not null default 0,
    transaction_count      bigint not null default 0,
    last_statement_date    date,
    last_payment_date      date,
    last_payment_amount    bigint,
    guarantor_id           text,
    guarantor_relationship text,
    collection_status      text,
    sent_to_collections_at date,
    notes                  text,
    metadata               jsonb not null default '{}',
    version                bigint not null default 0,
    created_at             timestamptz not null,
    updated_at             timestamptz not null,
    primary key (org_id, id),
    unique (org_id, account_number),
    unique (org_id, patient_id),
    check (current_balance = insurance_balance + patient_balance)
);
comment on table billing_patient_accounts is
    'One account per patient. patient_id is the FHIR Patient id. The three balances and the transaction count are caches '
    'of billing_patient_transactions, written in the transaction that adds a row there; a nightly check compares them.';
comment on column billing_patient_accounts.patient_family_name is 'As the patient record last said; shown to people, never logged.';
create index billing_patient_accounts_status on billing_patient_accounts (org_id, account_status);
create index billing_patient_accounts_balance on billing_patient_accounts (org_id, current_balance);
create index billing_patient_accounts_name on billing_patient_accounts (org_id, lower(patient_family_name));
call protect('billing_patient_accounts');

create table billing_patient_transactions (
    org_id             uuid not null references organizations (org_id),
    id                 uuid not null,
    account_id         uuid not null,
    transaction_number text not null,
    transaction_date   date not null,
    aging_date         date not null,
    transaction_type   text not null
        check (transaction_type in ('charge', 'payment', 'adjustment', 'refund', 'transfer', 'write_off', 'credit')),
    responsibility     text not null check (responsibility in ('insurance', 'patient')),
    currency           char(3) not null,
    amount             bigint not null check (amount <> 0),
    balance_after      bigint not null,
    claim_id           uuid,
    invoice_id         uuid,
    payment_id         uuid,
    adjustment_id      uuid,
    payer_type         text check (payer_type in ('insurance', 'patient', 'guarantor', 'other')),
    payer_id           uuid,
    journal_entry_id   uuid,
    source_key         text not null,
    description        text not null,
    notes              text,
    posted_by          uuid,
    posted_at          timestamptz not null,
    metadata           jsonb not null default '{}',
    primary key (org_id, id),
    unique (org_id, transaction_number),
    unique (org_id, source_key),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    foreign key (org_id, posted_by) references users (org_id, id)
);
comment on table billing_patient_transactions is
    'What was charged, paid, adjusted or moved on a patient account; a correction is a further row. A positive amount '
    'increases what is owed. source_key names the business event: the same key a second time adds nothing.';
comment on column billing_patient_transactions.aging_date is
    'Where the age of a debit starts: insurance from the service date, patient from the day the share became the '
    'patient''s (the first statement, once there are statements). A debit that returns keeps its first date.';
create index billing_patient_transactions_account on billing_patient_transactions (org_id, account_id, transaction_date, id);
create index billing_patient_transactions_claim on billing_patient_transactions (org_id, claim_id) where claim_id is not null;
create index billing_patient_transactions_date on billing_patient_transactions (org_id, transaction_date, transaction_type);
call protect('billing_patient_transactions');
call append_only('billing_patient_transactions');

-- Invoices to people and facilities, and credit memos that reduce them.

create table billing_invoices (
    org_id            uuid not null references organizations (org_id),
    id                uuid not null,
    invoice_number    text not null,
    invoice_type      text not null check (invoice_type in ('patient', 'insurance', 'self_pay', 'institutional')),
    account_id        uuid not null,
    encounter_id      text,
    care_setting      text not null check (care_setting in ('inpatient', 'outpatient', 'emergency')),
    invoice_date      date not null,
    due_date          date not null,
    service_date_from date not null,
    service_date_to   date not null,
    currency          char(3) not null,
    total_amount      bigint not null check (total_amount > 0),
    amount_paid       bigint not null default 0 check (amount_paid >= 0),
    adjustment_amount bigint not null default 0 check (adjustment_amount >= 0),
    amount_due        bigint not null check (amount_due >= 0),
    status            text not null check (status in ('draft', 'sent', 'viewed', 'partial', 'paid', 'overdue', 'void', 'written_off')),
    sent_at           timestamptz,
    sent_method       text check (sent_method in ('email', 'mail', 'portal')),
    viewed_at         timestamptz,
    paid_at           timestamptz,
    void_reason       text,
    payment_terms     text not null,
    notes             text,
    journal_entry_id  uuid,
    generated_by      uuid,
    version           int not null default 1,
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    primary key (org_id, id),
    unique (org_id, invoice_number),
    check (due_date >= invoice_date),
    check (service_date_to >= service_date_from),
    check (amount_due = case when status = 'void' then 0 else total_amount - amount_paid - adjustment_amount end),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    foreign key (org_id, generated_by) references users (org_id, id)
);
comment on table billing_invoices is
    'Bills to the people or facilities of an account. adjustment_amount is what credit memos took off it; the patient is the '
    'one of the account. Overdue is not stored: it follows from due_date and amount_due.';
comment on column billing_invoices.journal_entry_id is 'The charge of services that were not charged before; null if every line bills the share of a claim.';
create index billing_invoices_of_account on billing_invoices (org_id, account_id, invoice_date);
create index billing_invoices_by_status on billing_invoices (org_id, status, due_date);
call protect('billing_invoices');

create table billing_invoice_lines (
    org_id       uuid not null references organizations (org_id),
    id           uuid not null,
    invoice_id   uuid not null,
    line_number  int not null check (line_number >= 1),
    service_date date not null,
    description  text not null,
    cpt_code     text,
    quantity     int not null check (quantity >= 1),
    unit_price   bigint not null check (unit_price > 0),
    line_total   bigint not null check (line_total > 0),
    currency     char(3) not null,
    claim_id     uuid,
    primary key (org_id, id),
    unique (org_id, invoice_id, line_number),
    check (line_total = quantity * unit_price),
    foreign key (org_id, invoice_id) references billing_invoices (org_id, id),
    foreign key (org_id, claim_id) references billing_claims (org_id, id)
);
comment on table billing_invoice_lines is
    'What an invoice is made of: services that it charges, or the patient''s share of a claim, which the remittance charged already.';
create index billing_invoice_lines_of_claim on billing_invoice_lines (org_id, claim_id) where claim_id is not null;
call protect('billing_invoice_lines');

create table billing_credit_memos (
    org_id              uuid not null references organizations (org_id),
    id                  uuid not null,
    credit_memo_number  text not null,
    account_id          uuid not null,
    adjustment_id       uuid not null,
    original_invoice_id uuid,
    credit_date         date not null,
    credit_amount       bigint not null check (credit_amount > 0),
    currency            char(3) not null,
    reason              text not null,
    status              text not null check (status in ('draft', 'issued', 'applied', 'void')),
    applied_amount      bigint not null default 0 check (applied_amount >= 0),
    remaining_amount    bigint not null check (remaining_amount >= 0),
    journal_entry_id    uuid not null,
    issued_at           timestamptz not null,
    updated_at          timestamptz not null,
    primary key (org_id, id),
    unique (org_id, credit_memo_number),
    unique (org_id, adjustment_id),
    check (case when status = 'void' then applied_amount = 0 and remaining_amount = 0
                else applied_amount + remaining_amount = credit_amount end),
    check (status <> 'applied' or remaining_amount = 0),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, original_invoice_id) references billing_invoices (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id)
);
comment on table billing_credit_memos is
    'What was credited to an account after its approval as an adjustment, until invoices have used it up. The patient is the one of the account.';
create index billing_credit_memos_of_account on billing_credit_memos (org_id, account_id, issued_at);
create index billing_credit_memos_by_status on billing_credit_memos (org_id, status, issued_at);
call protect('billing_credit_memos');

create table billing_credit_memo_applications (
    org_id         uuid not null references organizations (org_id),
    id             uuid not null,
    credit_memo_id uuid not null,
    invoice_id     uuid not null,
    applied_amount bigint not null check (applied_amount <> 0),
    currency       char(3) not null,
    applied_by     uuid,
    applied_at     timestamptz not null,
    primary key (org_id, id),
    foreign key (org_id, credit_memo_id) references billing_credit_memos (org_id, id),
    foreign key (org_id, invoice_id) references billing_invoices (org_id, id),
    foreign key (org_id, applied_by) references users (org_id, id)
);
comment on table billing_credit_memo_applications is
    'Which invoice a credit memo reduced, and by how much. Taking a memo back adds the opposite row.';
create index billing_credit_memo_applications_of_memo on billing_credit_memo_applications (org_id, credit_memo_id);
create index billing_credit_memo_applications_of_invoice on billing_credit_memo_applications (org_id, invoice_id);
call protect('billing_credit_memo_applications');
call append_only('billing_credit_memo_applications');

alter table billing_adjustments add column invoice_id uuid;
alter table billing_adjustments add foreign key (org_id, invoice_id) references billing_invoices (org_id, id);
alter table billing_adjustments drop constraint billing_adjustments_adjustment_type_check;
alter table billing_adjustments add constraint billing_adjustments_adjustment_type_check
    check (adjustment_type in ('contractual', 'discount', 'courtesy', 'write_off', 'bad_debt', 'charity', 'small_balance',
        'price_correction', 'coding_correction', 'credit_memo', 'other', 'reversal'));
comment on column billing_adjustments.invoice_id is 'The invoice that a credit memo is meant for first.';

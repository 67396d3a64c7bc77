-- Letters to patients about their refunds.

create table billing_patient_contacts (
    org_id     uuid not null references organizations (org_id),
    account_id uuid not null,
    email      text not null check (length(email) <= 254),
    updated_by uuid not null,
    updated_at timestamptz not null,
    primary key (org_id, account_id),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id)
);
comment on table billing_patient_contacts is 'Where the patient of an account, or the guarantor, reads mail; never logged.';
call protect('billing_patient_contacts');

create table refund_letters (
    org_id          uuid not null references organizations (org_id),
    id              uuid not null,
    refund_id       uuid not null,
    kind            text not null check (kind in ('completed', 'returned')),
    state           text not null check (state in ('waiting', 'sent', 'parked')),
    attempts        int not null default 0,
    next_attempt_at timestamptz not null,
    last_error      text,
    created_at      timestamptz not null,
    sent_at         timestamptz,
    primary key (org_id, id),
    unique (org_id, refund_id, kind),
    foreign key (org_id, refund_id) references billing_refunds (org_id, id)
);
comment on table refund_letters is
    'Letters to be sent: written with the business change, mailed afterwards. Whom and what is read when it is sent.';
create index refund_letters_due on refund_letters (org_id, next_attempt_at) where state = 'waiting';
call protect('refund_letters');

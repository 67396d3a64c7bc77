-- Paper checks: scanned packets, the checks in them, what they pay, and for whom their payers pay.

create table check_packets (
    org_id        uuid not null references organizations (org_id),
    id            uuid not null,
    packet_number text not null,
    file_id       uuid not null,
    media_type    text not null check (media_type in ('application/pdf', 'image/png', 'image/jpeg', 'image/tiff')),
    page_count    int not null check (page_count >= 1),
    state         text not null check (state in ('received', 'staged')),
    read_by       text,
    reading_note  text,
    received_by   uuid,
    received_at   timestamptz not null,
    read_at       timestamptz,
    primary key (org_id, id),
    unique (org_id, packet_number),
    unique (org_id, file_id),
    foreign key (org_id, file_id) references intake_files (org_id, id),
    foreign key (org_id, received_by) references users (org_id, id),
    check ((state = 'staged') = (read_at is not null)),
    check ((state = 'staged') = (read_by is not null))
);
comment on table check_packets is
    'Scans of what came in one envelope. A file is a packet once, so the same bytes are never staged twice. read_by is the '
    'reader that read it; reading_note says what it could not do. A file that is no packet stays in intake_files, rejected with its reason.';
create index check_packets_waiting on check_packets (org_id, received_at) where state = 'received';
call protect('check_packets');

create table check_payers (
    org_id        uuid not null references organizations (org_id),
    id            uuid not null,
    payer_pattern text not null,
    plain_pattern text not null,
    covers_all    boolean not null,
    created_by    uuid,
    created_at    timestamptz not null,
    primary key (org_id, id),
    unique (org_id, plain_pattern),
    foreign key (org_id, created_by) references users (org_id, id)
);
comment on table check_payers is
    'For whom the payers named on checks pay: a name, * standing for anything. covers_all: a management company that pays for '
    'every facility. Insurance payers are in billing_payers.';
call protect('check_payers');

create table check_payer_facilities (
    org_id      uuid not null references organizations (org_id),
    payer_id    uuid not null,
    facility_id uuid not null,
    primary key (org_id, payer_id, facility_id),
    foreign key (org_id, payer_id) references check_payers (org_id, id) on delete cascade,
    foreign key (org_id, facility_id) references billing_patient_accounts (org_id, id)
);
comment on table check_payer_facilities is 'The accounts that a payer of checks pays for; none if it covers all.';
create index check_payer_facilities_of_facility on check_payer_facilities (org_id, facility_id);
call protect('check_payer_facilities');

create table check_payments (
    org_id             uuid not null references organizations (org_id),
    id                 uuid not null,
    number             text not null,
    packet_id          uuid not null,
    position           int not null check (position >= 1),
    status             text not null check (status in ('needs_review', 'confirmed', 'rejected', 'merged', 'returned')),
    check_number       text,
    check_date         date,
    payer_name         text,
    plain_payer        text,
    payee_name         text,
    memo               text,
    amount             bigint check (amount > 0),
    courtesy_amount    bigint,
    legal_amount       bigint,
    currency           char(3) not null,
    signed             boolean,
    confidence         int check (confidence between 0 and 100),
    first_page         int not null check (first_page >= 1),
    last_page          int not null,
    field_boxes        jsonb not null default '{}',
    duplicate_of       uuid,
    duplicate_decision text check (duplicate_decision in ('same', 'another')),
    duplicate_reason   text,
    duplicate_by       uuid,
    merged_into        uuid,
    sent_back_reason   text,
    refusal_reason     text,
    decision_reason    text,
    decided_by         uuid,
    decided_at         timestamptz,
    journal_entry_id   uuid,
    applied_amount     bigint not null default 0 check (applied_amount >= 0),
    return_code        text,
    returned_at        timestamptz,
    version            int not null default 1,
    created_at         timestamptz not null,
    updated_at         timestamptz not null,
    primary key (org_id, id),
    unique (org_id, number),
    unique (org_id, packet_id, position),
    check (last_page >= first_page),
    check ((status = 'needs_review') = (decided_at is null)),
    check ((status in ('confirmed', 'returned')) = (journal_entry_id is not null)),
    check (status not in ('confirmed', 'returned') or amount is not null),
    check (status not in ('confirmed', 'returned') or applied_amount <= amount),
    check ((status = 'merged') = (merged_into is not null)),
    check ((status = 'returned') = (returned_at is not null)),
    check (duplicate_decision is null or duplicate_of is not null),
    check (status <> 'confirmed' or duplicate_of is null or duplicate_decision = 'another'),
    foreign key (org_id, packet_id) references check_packets (org_id, id),
    foreign key (org_id, duplicate_of) references check_payments (org_id, id),
    foreign key (org_id, merged_into) references check_payments (org_id, id),
    foreign key (org_id, duplicate_by) references users (org_id, id),
    foreign key (org_id, decided_by) references users (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id)
);
comment on table check_payments is
    'Checks as they were read and as people corrected them, until one confirms that they were received. What stands in the bank line '
    'at the foot of a check is never kept. courtesy_amount is the one in digits, legal_amount the one in words.';
comment on column check_payments.position is 'In its packet: two checks whose numbers nobody can read are two checks.';
comment on column check_payments.plain_payer is 'The name without capitals and punctuation, to find the same check in another packet.';
comment on column check_payments.field_boxes is 'Where a field was read: page, left, top, width, height; in parts of the page.';
create index check_payments_by_status on check_payments (org_id, status, id);
create index check_payments_like on check_payments (org_id, plain_payer, check_number, amount);
call protect('check_payments');

create table check_payment_lines (
    org_id         uuid not null references organizations (org_id),
    check_id       uuid not null,
    line_number    int not null check (line_number >= 1),
    invoice_number text,
    line_date      date,
    amount         bigint not null,
    currency       char(3) not null,
    invoice_id     uuid,
    primary key (org_id, check_id, line_number),
    foreign key (org_id, check_id) references check_payments (org_id, id),
    foreign key (org_id, invoice_id) references billing_invoices (org_id, id)
);
comment on table check_payment_lines is 'What the stub of a check says it pays; invoice_id is the invoice that a person picked for the line.';
call protect('check_payment_lines');

create table check_payment_facilities (
    org_id      uuid not null references organizations (org_id),
    check_id    uuid not null,
    facility_id uuid not null,
    primary key (org_id, check_id, facility_id),
    foreign key (org_id, check_id) references check_payments (org_id, id),
    foreign key (org_id, facility_id) references billing_patient_accounts (org_id, id)
);
comment on table check_payment_facilities is 'For whom a check pays, where a person said so instead of check_payers.';
call protect('check_payment_facilities');

create table check_remainders (
    org_id      uuid not null references organizations (org_id),
    id          uuid not null,
    check_id    uuid not null,
    facility_id uuid,
    amount      bigint not null check (amount > 0),
    remaining   bigint not null check (remaining >= 0),
    currency    char(3) not null,
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    primary key (org_id, id),
    unique (org_id, check_id),
    check (remaining <= amount),
    foreign key (org_id, check_id) references check_payments (org_id, id),
    foreign key (org_id, facility_id) references billing_patient_accounts (org_id, id)
);
comment on table check_remainders is
    'What of a confirmed check no invoice took: unapplied cash. facility_id is null if its payer pays for several facilities, so that a '
    'person has to say for whom it is.';
create index check_remainders_open on check_remainders (org_id, id) where remaining > 0;
call protect('check_remainders');

create table check_payment_applications (
    org_id           uuid not null references organizations (org_id),
    id               uuid not null,
    check_id         uuid not null,
    invoice_id       uuid not null,
    facility_id      uuid not null,
    payment_id       uuid not null,
    journal_entry_id uuid not null,
    amount           bigint not null check (amount <> 0),
    currency         char(3) not null,
    reason           text not null,
    applied_by       uuid,
    applied_at       timestamptz not null,
    primary key (org_id, id),
    foreign key (org_id, check_id) references check_payments (org_id, id),
    foreign key (org_id, invoice_id) references billing_invoices (org_id, id),
    foreign key (org_id, facility_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, payment_id) references billing_payments (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    foreign key (org_id, applied_by) references users (org_id, id)
);
comment on table check_payment_applications is
    'Which invoice a check paid, how much of it, and why that one. A check that comes back adds the opposite rows.';
create index check_payment_applications_of_check on check_payment_applications (org_id, check_id);
create index check_payment_applications_of_invoice on check_payment_applications (org_id, invoice_id);
call protect('check_payment_applications');
call append_only('check_payment_applications');

create table check_payer_proposals (
    org_id      uuid not null references organizations (org_id),
    id          uuid not null,
    payer_name  text not null,
    plain_payer text not null,
    facility_id uuid not null,
    support     int not null check (support >= 1),
    state       text not null check (state in ('open', 'accepted', 'dismissed')),
    decided_by  uuid,
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    primary key (org_id, id),
    unique (org_id, plain_payer, facility_id),
    check ((state = 'open') = (decided_by is null)),
    foreign key (org_id, facility_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, decided_by) references users (org_id, id)
);
comment on table check_payer_proposals is
    'What people picked for payers that no rule knows; support counts the confirmed checks. Only a person turns one into a rule.';
call protect('check_payer_proposals');

create table check_settings (
    org_id      uuid primary key references organizations (org_id),
    window_days int not null check (window_days between 0 and 60),
    updated_at  timestamptz not null
);
comment on table check_settings is 'How many days the date of a remittance line may lie from an invoice; no row: 10.';
call protect('check_settings');

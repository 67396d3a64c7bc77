create table refund_ach_advices (
    org_id           uuid not null references organizations (org_id),
    id               uuid not null,
    file_id          uuid not null,
    position         int not null,
    effective_on     date not null,
    amount           bigint not null check (amount > 0),
    trace_number     text not null,
    payer_identifier text not null,
    company          text not null,
    recorded_at      timestamptz not null,
    primary key (org_id, id),
    unique (org_id, file_id, position),
    foreign key (org_id, file_id) references intake_files (org_id, id)
);
comment on table refund_ach_advices is
    'Payments that came in by ACH, with the trace number of their remittance (TRN) that a bank told in a file of CCD+ or CTX entries.';
create index refund_ach_advices_on on refund_ach_advices (org_id, effective_on);
call protect('refund_ach_advices');

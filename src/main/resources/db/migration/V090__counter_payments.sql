-- What a payment at the desk pays, and the date on the check that it was paid with.

alter table billing_payments add column check_date date;
comment on column billing_payments.check_date is 'As written on the check, if somebody took it at the desk.';

create table billing_payment_allocations (
    org_id     uuid not null references organizations (org_id),
    id         uuid not null,
    payment_id uuid not null,
    invoice_id uuid,
    claim_id   uuid,
    amount     bigint not null check (amount > 0),
    currency   char(3) not null,
    created_at timestamptz not null,
    primary key (org_id, id),
    check (invoice_id is not null or claim_id is not null),
    foreign key (org_id, payment_id) references billing_payments (org_id, id),
    foreign key (org_id, invoice_id) references billing_invoices (org_id, id),
    foreign key (org_id, claim_id) references billing_claims (org_id, id)
);
comment on table billing_payment_allocations is
    'What a payment paid when it was taken: invoices, and patient shares of claims; a share that an invoice bills has both. What is '
    'not here lies on the account. Never changed: the status of the payment says whether it came back.';
create index billing_payment_allocations_of_payment on billing_payment_allocations (org_id, payment_id);
create index billing_payment_allocations_of_invoice on billing_payment_allocations (org_id, invoice_id);
create index billing_payment_allocations_of_claim on billing_payment_allocations (org_id, claim_id);
call protect('billing_payment_allocations');
call append_only('billing_payment_allocations');

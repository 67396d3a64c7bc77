-- Transfers on the organization's bank accounts, as SePay reports them.

create table payments_bank_transfers (
    org_id           uuid not null references organizations (org_id),
    id               uuid not null,
    gateway_provider text not null,
    transfer_id      text not null,
    direction        text not null check (direction in ('in', 'out')),
    amount           bigint not null check (amount > 0),
    currency         char(3) not null,
    reference_code   text,
    state            text not null check (state in ('matched', 'unmatched', 'duplicate', 'foreign')),
    payment_id       uuid,
    recorded_at      timestamptz not null,
    primary key (org_id, id),
    unique (org_id, gateway_provider, transfer_id),
    foreign key (org_id, payment_id) references billing_payments (org_id, id)
);
comment on table payments_bank_transfers is
    'Each transfer once, by its number at SePay. unmatched and incoming: booked as unapplied cash. duplicate: the bank reference, '
    'direction and amount came before under another number, so nothing was booked. foreign: not in the currency of the books.';
create index payments_bank_transfers_reference on payments_bank_transfers (org_id, reference_code, direction, amount);
create index payments_bank_transfers_payment on payments_bank_transfers (org_id, payment_id);
call protect('payments_bank_transfers');

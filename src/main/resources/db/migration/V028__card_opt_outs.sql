-- Payers that pay by virtual card keep part of the money as a fee: they are asked to stop.

create table billing_card_opt_outs (
    org_id           uuid not null references organizations (org_id),
    id               uuid not null,
    payer_identifier text not null,
    payer_id         uuid,
    payer_name       text not null,
    settlement_id    uuid not null,
    trace_number     text not null,
    amount           bigint not null check (amount > 0),
    fee_amount       bigint not null check (fee_amount >= 0),
    currency         char(3) not null,
    state            text not null check (state in ('open', 'requested', 'opted_out', 'cards_accepted')),
    opened_at        timestamptz not null,
    requested_at     timestamptz,
    ended_at         timestamptz,
    decided_by       uuid,
    note             text not null default '',
    refusal_reason   text,
    primary key (org_id, id),
    foreign key (org_id, payer_id) references billing_payers (org_id, id),
    foreign key (org_id, settlement_id) references billing_settlements (org_id, id),
    foreign key (org_id, decided_by) references users (org_id, id),
    check ((state in ('opted_out', 'cards_accepted')) = (ended_at is not null)),
    check (state = 'open' or decided_by is not null)
);
comment on table billing_card_opt_outs is
    'That a payer who paid by virtual card is asked to pay by EFT instead: opened by its first card payment, with that '
    'payment''s amount and fee; one at a time for each payer. A card payment after the opt-out opens the next one, a payer '
    'whose cards are accepted has no other.';
create unique index billing_card_opt_outs_one on billing_card_opt_outs (org_id, payer_identifier)
    where state in ('open', 'requested', 'cards_accepted');
create index billing_card_opt_outs_recent on billing_card_opt_outs (org_id, id desc);
call protect('billing_card_opt_outs');

-- Which payments were made with one card, as their gateway knows it: by its own fingerprint, from which no number can be found.

create table payments_card_fingerprints (
    org_id           uuid not null references organizations (org_id),
    gateway_provider text not null,
    transaction_id   text not null,
    fingerprint      text not null check (fingerprint ~ '^[A-Za-z0-9_-]{8,64}$' and fingerprint ~ '[A-Za-z]'),
    told_at          timestamptz not null,
    primary key (org_id, gateway_provider, transaction_id)
);
comment on table payments_card_fingerprints is
    'The card of a transaction, under each id by which the gateway calls it (intent and charge). Refunds to one card are added up '
    'whatever accounts they are on. Never a card number.';
call protect('payments_card_fingerprints');
call append_only('payments_card_fingerprints');

-- Money that a card gateway pays out to our bank account, with the transactions on its balance that make it up.

create table payments_payouts (
    org_id               uuid not null references organizations (org_id),
    id                   uuid not null,
    payout_number        text not null,
    gateway_provider     text not null,
    gateway_payout_id    text not null,
    amount               bigint not null,
    currency             char(3) not null,
    status               text not null check (status in ('pending', 'in_transit', 'paid', 'failed', 'canceled')),
    automatic            boolean not null,
    arrives_on           date not null,
    issued_at            timestamptz not null,
    trace_number         text,
    match_key            text generated always as (
        case when length(regexp_replace(trace_number, '[^A-Za-z0-9]', '', 'g')) >= 6
             then upper(regexp_replace(trace_number, '[^A-Za-z0-9]', '', 'g')) end) stored,
    statement_descriptor text,
    failure_code         text,
    state                text not null check (state in ('collecting', 'held', 'posted')),
    hold_reason          text,
    gross_amount         bigint not null default 0,
    fee_amount           bigint not null default 0,
    line_count           int not null default 0,
    journal_entry_id     uuid,
    return_entry_id      uuid,
    first_seen_at        timestamptz not null,
    checked_at           timestamptz not null,
    primary key (org_id, id),
    unique (org_id, payout_number),
    unique (org_id, gateway_provider, gateway_payout_id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    foreign key (org_id, return_entry_id) references accounting_journal_entries (org_id, id),
    check ((state = 'posted') = (journal_entry_id is not null)),
    check ((state = 'held') = (hold_reason is not null))
);
comment on table payments_payouts is
    'One row per payout of a gateway, below zero if it takes money from our bank account. Posted once, with all its transactions or not at all; what the bank then brings clears '
    'its reference "payout" in card clearing.';
comment on column payments_payouts.state is
    'collecting: the gateway has not told all its transactions yet. held: they do not add up, nothing was posted.';
comment on column payments_payouts.automatic is
    'Only of automatic payouts can the gateway tell the transactions. Of others the total alone is posted.';
comment on column payments_payouts.trace_number is 'What the bank''s statement shows of it, as the gateway was told.';
comment on column payments_payouts.fee_amount is
    'Fees of its transactions, those of disputes included, which were booked with the dispute.';
comment on column payments_payouts.return_entry_id is
    'Of a payout that failed after the bank had brought it: what the bank takes back is awaited under reference "payout-return".';
create index payments_payouts_recent on payments_payouts (org_id, issued_at desc, id desc);
create index payments_payouts_checked on payments_payouts (org_id, checked_at);
create index payments_payouts_amount on payments_payouts (org_id, amount);
comment on column payments_payouts.match_key is 'The trace number as a bank''s statement carries it, in capitals without punctuation.';
create index payments_payouts_match_key on payments_payouts (org_id, match_key) where match_key is not null;
create index payments_payouts_trace on payments_payouts (org_id, trace_number) where trace_number is not null;
create index payments_payouts_entry on payments_payouts (org_id, journal_entry_id) where journal_entry_id is not null;
call protect('payments_payouts');

create table payments_payout_lines (
    org_id                 uuid not null references organizations (org_id),
    id                     uuid not null,
    payout_id              uuid not null,
    gateway_provider       text not null,
    gateway_transaction_id text not null,
    transaction_type       text not null,
    kind                   text not null check (kind in ('payment', 'refund', 'dispute', 'fee', 'returned_payout', 'other')),
    source_id              text,
    amount                 bigint not null,
    fee_amount             bigint not null,
    net_amount             bigint not null,
    currency               char(3) not null,
    reference_kind         text,
    reference_value        text,
    payment_id             uuid,
    dispute_id             uuid,
    related_payout_id      uuid,
    problem                text,
    resolved_entry_id      uuid,
    occurred_at            timestamptz not null,
    primary key (org_id, id),
    unique (org_id, gateway_provider, gateway_transaction_id),
    foreign key (org_id, payout_id) references payments_payouts (org_id, id),
    foreign key (org_id, payment_id) references billing_payments (org_id, id),
    foreign key (org_id, dispute_id) references billing_disputes (org_id, id),
    foreign key (org_id, related_payout_id) references payments_payouts (org_id, id),
    foreign key (org_id, resolved_entry_id) references accounting_journal_entries (org_id, id),
    check (net_amount = amount - fee_amount),
    check ((reference_kind is null) = (reference_value is null))
);
comment on table payments_payout_lines is
    'A transaction on the balance at the gateway that a posted payout carried, in at most one payout. Its net is what the payout got of it.';
comment on column payments_payout_lines.reference_kind is
    'Under which reference in card clearing it was posted; null for fees, and for what is unknown and lies in bank suspense.';
comment on column payments_payout_lines.problem is
    'Why it lies in bank suspense under reference "gateway-transaction" or, if it has a reference, what does not fit although it was posted.';
comment on column payments_payout_lines.resolved_entry_id is 'The entry that took it out of suspense when it was known after all.';
create index payments_payout_lines_of_payout on payments_payout_lines (org_id, payout_id, occurred_at, id);
create index payments_payout_lines_of_payment on payments_payout_lines (org_id, payment_id) where payment_id is not null;
create index payments_payout_lines_of_dispute on payments_payout_lines (org_id, dispute_id) where dispute_id is not null;
create index payments_payout_lines_related on payments_payout_lines (org_id, related_payout_id) where related_payout_id is not null;
create index payments_payout_lines_source on payments_payout_lines (org_id, source_id) where source_id is not null;
create index payments_payout_lines_resolved on payments_payout_lines (org_id, resolved_entry_id) where resolved_entry_id is not null;
create index payments_payout_lines_suspense on payments_payout_lines (org_id, payout_id)
    where reference_kind is null and kind <> 'fee';
call protect('payments_payout_lines');

-- What payers move outside of claims and settle with another remittance, as open items. Amounts are minor units of the
-- currency beside them and have the sign of the provider adjustment: positive was taken from a payment (a debit of the
-- account), negative was added to one (a credit).

create table billing_takebacks (
    org_id           uuid not null references organizations (org_id),
    id               uuid not null,
    code             text not null,
    account_code     varchar(50) not null,
    payer_id         uuid,
    payer_identifier text not null,
    payer_name       text not null,
    payee_identifier text not null,
    reference        text not null,
    claim_id         uuid,
    currency         char(3) not null,
    opened_amount    bigint not null check (opened_amount <> 0),
    open_amount      bigint not null,
    opened_on        date not null,
    closed_on        date,
    opened_by        uuid not null,
    problem          text,
    explanation      text,
    explained_by     uuid,
    explained_at     timestamptz,
    primary key (org_id, id),
    foreign key (org_id, opened_by) references billing_remittances (org_id, id),
    foreign key (org_id, payer_id) references billing_payers (org_id, id),
    foreign key (org_id, claim_id) references billing_claims (org_id, id),
    foreign key (org_id, explained_by) references users (org_id, id),
    check (open_amount = 0 or sign(open_amount) = sign(opened_amount)),
    check ((open_amount = 0) = (closed_on is not null)),
    check ((explanation is null) = (explained_at is null)),
    check (explained_by is null or explanation is not null)
);
comment on table billing_takebacks is
    'Open items of provider adjustments (PLB) that a later remittance settles: the open amounts of a payer add up to what '
    'its remittances left on the account. problem says why a person has to look at one.';
-- A payer carries one balance forward; the next remittance takes it back and forwards what is left (RFI 738).
create unique index billing_takebacks_one_forward_balance
    on billing_takebacks (org_id, payer_identifier, payee_identifier, currency) where code = 'FB' and open_amount < 0;
create index billing_takebacks_open on billing_takebacks (org_id, payer_identifier, code, id) where open_amount <> 0;
create index billing_takebacks_claim on billing_takebacks (org_id, claim_id) where claim_id is not null;
create index billing_takebacks_recent on billing_takebacks (org_id, id desc);
call protect('billing_takebacks');

create table billing_takeback_steps (
    org_id           uuid not null references organizations (org_id),
    id               uuid not null,
    takeback_id      uuid not null,
    remittance_id    uuid not null,
    -- Of the provider adjustment; null for what moves between two items.
    line_position    int,
    kind             text not null check (kind in ('opened', 'added', 'settled', 'carried', 'paired')),
    amount           bigint not null check (amount <> 0),
    open_after       bigint not null,
    other_id         uuid,
    journal_entry_id uuid,
    booked_on        date not null,
    primary key (org_id, id),
    foreign key (org_id, takeback_id) references billing_takebacks (org_id, id),
    foreign key (org_id, other_id) references billing_takebacks (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    foreign key (org_id, remittance_id) references billing_remittances (org_id, id),
    foreign key (org_id, remittance_id, line_position)
        references billing_remittance_provider_adjustments (org_id, remittance_id, position),
    check ((kind in ('carried', 'paired')) = (line_position is null)),
    check ((kind in ('carried', 'paired')) = (other_id is not null))
);
comment on table billing_takeback_steps is
    'What each remittance did to an open item: opened it, settled it in part or in full, carried it into a new item, or '
    'paired a confirmed refund with its recovery. The amounts of the steps of an item add up to its open amount.';
create index billing_takeback_steps_item on billing_takeback_steps (org_id, takeback_id, id);
create index billing_takeback_steps_remittance on billing_takeback_steps (org_id, remittance_id, line_position);
call protect('billing_takeback_steps');
call append_only('billing_takeback_steps');

-- References of provider adjustments name claims by the payer's number.
create index billing_claims_payer_number on billing_claims (org_id, payer_claim_number) where payer_claim_number is not null;

-- Credit balances as cases, and the refunds that return them.

create table billing_credit_balances (
    org_id        uuid not null references organizations (org_id),
    id            uuid not null,
    account_id    uuid not null,
    claim_id      uuid not null,
    payment_id    uuid,
    amount        bigint not null check (amount >= 0),
    currency      char(3) not null,
    cause         text not null,
    state         text not null check (state in ('open', 'refund_requested', 'resolved')),
    refund_due    date not null,
    opened_at     timestamptz not null,
    changed_at    timestamptz not null,
    resolved_at   timestamptz,
    resolution    text,
    primary key (org_id, id),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, claim_id) references billing_claims (org_id, id),
    foreign key (org_id, payment_id) references billing_payments (org_id, id)
);
comment on table billing_credit_balances is
    'A claim for which the patient paid more than is owed, as a case until the money is returned or the balance is gone.';
create unique index billing_credit_balances_unresolved on billing_credit_balances (org_id, claim_id) where state <> 'resolved';
call protect('billing_credit_balances');

create table billing_refunds (
    org_id              uuid not null references organizations (org_id),
    id                  uuid not null,
    refund_number       text not null,
    account_id          uuid not null,
    original_payment_id uuid not null,
    credit_balance_id   uuid,
    refund_date         date not null,
    refund_amount       bigint not null check (refund_amount > 0),
    currency            char(3) not null,
    refund_method       text not null check (refund_method in ('cash', 'check', 'credit_card_reversal', 'ach', 'wire', 'other')),
    original_method     boolean not null,
    method_reason       text,
    refund_reason       text not null,
    reason_description  text not null,
    status              text not null check (status in ('pending', 'approved', 'rejected', 'processing', 'completed', 'failed',
                            'returned', 'cancelled')),
    current_step        text not null,
    version             int not null default 1,
    approval_levels     text[],
    approval_reason     text,
    approval_version    int,
    refusal_reason      text,
    requested_by        uuid not null,
    prepared_by         uuid not null,
    approved_by         uuid,
    processed_by        uuid,
    requested_at        timestamptz not null,
    approved_at         timestamptz,
    processed_at        timestamptz,
    completed_at        timestamptz,
    payout_reference    text,
    gateway_refund_id   text,
    decline_code        text,
    journal_entry_id    uuid,
    updated_at          timestamptz not null,
    primary key (org_id, id),
    unique (org_id, refund_number),
    check (original_method or method_reason is not null),
    check (approved_by <> requested_by),
    check (approved_by <> prepared_by),
    check (approved_by is null or processed_by is null or (processed_by <> approved_by and processed_by <> requested_by)),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, original_payment_id) references billing_payments (org_id, id),
    foreign key (org_id, credit_balance_id) references billing_credit_balances (org_id, id)
);
comment on table billing_refunds is
    'Money on its way back to a patient. The version counts amounts and methods: an approval holds for the version it was given for.';
comment on column billing_refunds.approval_levels is 'Roles that must approve, in order; null until the rule was asked for this version.';
create index billing_refunds_of_payment on billing_refunds (org_id, original_payment_id);
create index billing_refunds_of_account on billing_refunds (org_id, account_id, requested_at);
create index billing_refunds_by_status on billing_refunds (org_id, status, requested_at);
call protect('billing_refunds');

create table refund_approvals (
    org_id         uuid not null references organizations (org_id),
    id             uuid not null,
    refund_id      uuid not null,
    refund_version int not null,
    level          int not null check (level >= 1),
    level_role     text not null,
    decision       text not null check (decision in ('approved', 'rejected')),
    amount         bigint not null,
    currency       char(3) not null,
    decided_by     uuid not null,
    decided_as     text not null,
    requested_by   uuid not null,
    prepared_by    uuid not null,
    task_key       bigint not null,
    source         text not null check (source in ('remitflow', 'tasklist')),
    comment        text,
    decided_at     timestamptz not null,
    primary key (org_id, id),
    unique (org_id, task_key),
    unique (org_id, refund_id, refund_version, level),
    unique (org_id, refund_id, refund_version, decided_by),
    check (decided_by <> requested_by),
    check (decided_by <> prepared_by),
    foreign key (org_id, refund_id) references billing_refunds (org_id, id)
);
comment on table refund_approvals is
    'Who approved or rejected which version of a refund, for which amount and in which role. One decision per level, one per person.';
call protect('refund_approvals');
call append_only('refund_approvals');

-- The copies of requester and preparer cannot be invented: they are those of the refund.
create function refund_approval_names_its_people() returns trigger language plpgsql as $$
begin
    if not exists (select from billing_refunds r
                   where r.org_id = new.org_id and r.id = new.refund_id and r.version = new.refund_version
                     and r.requested_by = new.requested_by and r.prepared_by = new.prepared_by) then
        raise exception 'the approval names another version, requester or preparer than its refund' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger names_its_people before insert on refund_approvals for each row execute function refund_approval_names_its_people();

create table refund_task_results (
    org_id      uuid not null references organizations (org_id),
    task_key    bigint not null,
    refund_id   uuid not null,
    element_id  text not null,
    actor       uuid,
    source      text not null check (source in ('remitflow', 'tasklist')),
    accepted    boolean not null,
    refusal     text,
    job_key     bigint,
    recorded_at timestamptz not null,
    primary key (org_id, task_key),
    foreign key (org_id, refund_id) references billing_refunds (org_id, id)
);
comment on table refund_task_results is
    'Every completed human task that was taken into account, accepted or refused: no task counts twice.';
call protect('refund_task_results');
call append_only('refund_task_results');

create table refund_gateway_attempts (
    org_id            uuid not null references organizations (org_id),
    id                uuid not null,
    refund_id         uuid not null,
    attempt           int not null,
    gateway_provider  text not null,
    idempotency_key   text not null,
    amount            bigint not null check (amount > 0),
    currency          char(3) not null,
    state             text not null check (state in ('intended', 'unknown', 'pending', 'succeeded', 'declined')),
    gateway_refund_id text,
    decline_code      text,
    started_at        timestamptz not null,
    changed_at        timestamptz not null,
    primary key (org_id, id),
    unique (org_id, refund_id, attempt),
    unique (org_id, idempotency_key),
    foreign key (org_id, refund_id) references billing_refunds (org_id, id)
);
comment on table refund_gateway_attempts is
    'The intent to move money at a gateway, written before the call, and what became of it.';
call protect('refund_gateway_attempts');

-- Write-offs, discounts and corrections of what is owed on a patient account.

create table billing_adjustments (
    org_id                 uuid not null references organizations (org_id),
    id                     uuid not null,
    adjustment_number      text not null,
    account_id             uuid not null,
    claim_id               uuid,
    responsibility         text not null check (responsibility in ('insurance', 'patient')),
    adjustment_type        text not null check (adjustment_type in ('contractual', 'discount', 'courtesy', 'write_off', 'bad_debt',
                               'charity', 'small_balance', 'price_correction', 'coding_correction', 'other', 'reversal')),
    adjustment_date        date not null,
    adjustment_amount      bigint not null check (adjustment_amount > 0),
    currency               char(3) not null,
    reason_description     text not null,
    status                 text not null check (status in ('pending', 'approved', 'rejected', 'posted', 'reversed', 'cancelled')),
    current_step           text not null,
    version                int not null default 1,
    approval_required      boolean,
    approval_levels        text[],
    approval_reason        text,
    refusal_reason         text,
    requested_by           uuid not null,
    prepared_by            uuid not null,
    requested_at           timestamptz not null,
    approved_by            uuid,
    approved_at            timestamptz,
    posted_at              timestamptz,
    journal_entry_id       uuid,
    reverses_adjustment_id uuid,
    denial_id              uuid,
    denial_round           int,
    void_flag              boolean not null default false,
    voided_at              timestamptz,
    updated_at             timestamptz not null,
    primary key (org_id, id),
    unique (org_id, adjustment_number),
    unique (org_id, denial_id, denial_round),
    check (approved_by <> requested_by),
    check (approved_by <> prepared_by),
    check ((adjustment_type = 'reversal') = (reverses_adjustment_id is not null)),
    check ((status in ('posted', 'reversed')) = (journal_entry_id is not null)),
    check (void_flag = (status = 'reversed')),
    foreign key (org_id, account_id) references billing_patient_accounts (org_id, id),
    foreign key (org_id, claim_id) references billing_claims (org_id, id),
    foreign key (org_id, reverses_adjustment_id) references billing_adjustments (org_id, id)
);
comment on table billing_adjustments is
    'What is given up of a balance, with its approval. The version counts amounts: an approval holds for the version it was '
    'given for. What a balanced remittance adjusts is posted with the remittance and never comes here.';
comment on column billing_adjustments.approval_levels is 'Roles that must approve, in order; null until the rule was asked for this version.';
create index billing_adjustments_of_account on billing_adjustments (org_id, account_id, requested_at);
create index billing_adjustments_by_status on billing_adjustments (org_id, status, requested_at);
create unique index billing_adjustments_reversed_once on billing_adjustments (org_id, reverses_adjustment_id)
    where status in ('pending', 'approved', 'posted');
call protect('billing_adjustments');

-- The copies of requester and preparer in an approval cannot be invented: they are those of the write-off.
create function write_off_approval_names_its_people() returns trigger language plpgsql as $$
begin
    if not exists (select from billing_adjustments a
                   where a.org_id = new.org_id and a.id = new.subject_id and a.version = new.subject_version
                     and a.requested_by = new.requested_by and a.prepared_by = new.prepared_by) then
        raise exception 'the approval names another version, requester or preparer than its write-off' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger names_the_people_of_its_write_off before insert on workflow_approvals for each row
    when (new.subject_type = 'write-off') execute function write_off_approval_names_its_people();

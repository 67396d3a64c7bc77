-- Remittances that wait for a person before anything of them is posted.

alter table intake_deliveries add column delivered_by uuid;
alter table intake_deliveries add foreign key (org_id, delivered_by) references users (org_id, id);
comment on column intake_deliveries.delivered_by is 'Who uploaded it; null for what came by itself, such as from an inbox directory.';

alter table billing_remittances drop constraint billing_remittances_state_check;
alter table billing_remittances add constraint billing_remittances_state_check
    check (state in ('posted', 'held', 'duplicate', 'review', 'rejected'));

create table billing_remittance_review_policy (
    org_id       uuid primary key references organizations (org_id),
    above_amount bigint check (above_amount >= 0),
    takebacks    boolean not null,
    currency     char(3) not null,
    updated_at   timestamptz not null
);
comment on table billing_remittance_review_policy is
    'Which remittances wait for a review: those that move more than above_amount (minor units), and those that take money back. No row: none.';
call protect('billing_remittance_review_policy');

create table billing_remittance_review_payers (
    org_id   uuid not null references organizations (org_id),
    payer_id uuid not null,
    primary key (org_id, payer_id),
    foreign key (org_id, payer_id) references billing_payers (org_id, id)
);
comment on table billing_remittance_review_payers is 'Payers whose every remittance waits for a review.';
call protect('billing_remittance_review_payers');

create table billing_remittance_reviews (
    org_id           uuid not null references organizations (org_id),
    remittance_id    uuid not null,
    reasons          text[] not null check (cardinality(reasons) > 0),
    amount           bigint not null check (amount >= 0),
    currency         char(3) not null,
    takes_back       boolean not null,
    requested_by     uuid,
    requested_at     timestamptz not null,
    approval_levels  text[] check (cardinality(approval_levels) > 0),
    approval_reason  text,
    refusal_reason   text,
    decision         text check (decision in ('approved', 'rejected')),
    decided_at       timestamptz,
    decision_comment text,
    primary key (org_id, remittance_id),
    foreign key (org_id, remittance_id) references billing_remittances (org_id, id),
    foreign key (org_id, requested_by) references users (org_id, id),
    check ((decision is null) = (decided_at is null)),
    check (decision is null or approval_levels is not null)
);
comment on table billing_remittance_reviews is
    'Why a remittance waits for a review, and what was decided. amount is the money it moves in minor units: what it pays, or '
    'what it takes back if that is more. requested_by is whoever uploaded it, null for files that nobody uploaded.';
create index billing_remittance_reviews_waiting on billing_remittance_reviews (org_id, remittance_id) where decision is null;
call protect('billing_remittance_reviews');

create function remittance_approval_names_its_uploader() returns trigger language plpgsql as $$
begin
    if not exists (select from billing_remittance_reviews r
                   where r.org_id = new.org_id and r.remittance_id = new.subject_id and r.amount = new.amount
                     and coalesce(r.requested_by, '00000000-0000-0000-0000-000000000000') = new.requested_by) then
        raise exception 'the approval names another amount or uploader than its remittance' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger names_the_uploader_of_its_remittance before insert on workflow_approvals for each row
    when (new.subject_type = 'remittance') execute function remittance_approval_names_its_uploader();

-- A remittance in review is read again when it is posted: its claims are looked up as they are then. Until then its parts
-- are in no books and may be replaced; from then on they never change.
create function refuse_change_outside_of_review() returns trigger language plpgsql as $$
declare
    part jsonb := to_jsonb(old);
    remittance uuid;
begin
    remittance := coalesce(part ->> 'remittance_id',
        (select c.remittance_id::text from billing_remittance_claims c
         where c.org_id = old.org_id and c.id = (part ->> 'remittance_claim_id')::uuid));
    if not exists (select from billing_remittances r
                   where r.org_id = old.org_id and r.id = remittance and r.state = 'review') then
        raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'insufficient_privilege';
    end if;
    return old;
end $$;

create procedure append_only_after_review(protected regclass) language plpgsql as $$
begin
    execute format('drop trigger append_only on %s', protected);
    execute format('create trigger append_only before update on %s for each row execute function refuse_change()', protected);
    execute format('create trigger append_only_after_review before delete on %s for each row execute function refuse_change_outside_of_review()', protected);
    execute format('grant delete on %s to remitflow_app', protected);
end $$;
call append_only_after_review('billing_remittance_service_lines');
call append_only_after_review('billing_remittance_adjustments');
call append_only_after_review('billing_remittance_provider_adjustments');
call append_only_after_review('billing_remittance_findings');
create trigger final_after_review before delete on billing_remittance_claims
    for each row execute function refuse_change_outside_of_review();
-- Deleting a claim looks for reversals of it.
create index billing_remittance_reversals_original on billing_remittance_reversals (org_id, original_id) where original_id is not null;

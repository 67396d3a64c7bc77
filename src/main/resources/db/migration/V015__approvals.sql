-- Approvals and results of human tasks belong to any kind of case, not to refunds only; authority may be lent for a time.

alter table refund_approvals rename to workflow_approvals;
alter table workflow_approvals rename column refund_id to subject_id;
alter table workflow_approvals rename column refund_version to subject_version;
alter table workflow_approvals drop constraint refund_approvals_org_id_refund_id_fkey;
alter table workflow_approvals add column subject_type text not null default 'refund';
alter table workflow_approvals alter column subject_type drop default;
alter table workflow_approvals add column on_behalf_of uuid;
alter table workflow_approvals add column rule text;
alter table workflow_approvals add check (on_behalf_of <> requested_by and on_behalf_of <> prepared_by and on_behalf_of <> decided_by);
create index workflow_approvals_of_pair on workflow_approvals (org_id, subject_type, requested_by, decided_by, decided_at);
comment on table workflow_approvals is
    'Who approved or rejected which version of a case, for which amount, in which role and under which rule. One decision per level, one per person.';
comment on column workflow_approvals.on_behalf_of is 'Whose authority it was, if somebody absent had lent it.';

drop trigger names_its_people on workflow_approvals;
create or replace function refund_approval_names_its_people() returns trigger language plpgsql as $$
begin
    if not exists (select from billing_refunds r
                   where r.org_id = new.org_id and r.id = new.subject_id and r.version = new.subject_version
                     and r.requested_by = new.requested_by and r.prepared_by = new.prepared_by) then
        raise exception 'the approval names another version, requester or preparer than its refund' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger names_the_people_of_its_refund before insert on workflow_approvals for each row
    when (new.subject_type = 'refund') execute function refund_approval_names_its_people();

alter table refund_task_results rename to workflow_task_results;
alter table workflow_task_results rename column refund_id to subject_id;
alter table workflow_task_results drop constraint refund_task_results_org_id_refund_id_fkey;
alter table workflow_task_results add column subject_type text not null default 'refund';
alter table workflow_task_results alter column subject_type drop default;
create index workflow_task_results_of_subject on workflow_task_results (org_id, subject_type, subject_id);

create table user_delegations (
    org_id       uuid not null references organizations (org_id),
    id           uuid not null,
    delegator_id uuid not null,
    delegate_id  uuid not null,
    starts_at    timestamptz not null,
    ends_at      timestamptz not null,
    reason       text not null,
    created_by   uuid not null,
    created_at   timestamptz not null,
    ended_at     timestamptz,
    ended_by     uuid,
    primary key (org_id, id),
    check (delegator_id <> delegate_id),
    check (created_by <> delegate_id),
    check (ends_at > starts_at and ends_at <= starts_at + interval '31 days'),
    foreign key (org_id, delegator_id) references users (org_id, id),
    foreign key (org_id, delegate_id) references users (org_id, id)
);
comment on table user_delegations is
    'Authority to approve that somebody absent lends to somebody else for at most 31 days; nobody lends it to themselves.';
create index user_delegations_of_delegate on user_delegations (org_id, delegate_id, ends_at) where ended_at is null;
call protect('user_delegations');

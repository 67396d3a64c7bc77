-- Whoever prepared any version of a refund or write-off cannot approve or pay out a later one, however often it changed since.

alter table billing_refunds add column preparers uuid[];
alter table billing_adjustments add column preparers uuid[];

alter table billing_refunds no force row level security;
alter table billing_adjustments no force row level security;
alter table workflow_timeline no force row level security;

-- Of what is not approved yet the history still says who changed it.
update billing_refunds r set preparers = array(
    select distinct preparer from unnest(array[r.prepared_by] || array(
        select t.actor_id from workflow_timeline t
        where t.org_id = r.org_id and t.subject_type = 'refund' and t.subject_id = r.id and t.actor_id is not null
          and t.step in ('Amount changed', 'Another method') and r.approved_by is null)) preparer);
update billing_adjustments a set preparers = array(
    select distinct preparer from unnest(array[a.prepared_by] || array(
        select t.actor_id from workflow_timeline t
        where t.org_id = a.org_id and t.subject_type = 'write-off' and t.subject_id = a.id and t.actor_id is not null
          and t.step = 'Amount changed' and a.approved_by is null)) preparer);

alter table billing_refunds force row level security;
alter table billing_adjustments force row level security;
alter table workflow_timeline force row level security;

alter table billing_refunds
    alter column preparers set not null,
    add check (approved_by <> all (preparers)),
    add check (approved_by is null or processed_by is null or processed_by <> all (preparers));
alter table billing_adjustments
    alter column preparers set not null,
    add check (approved_by <> all (preparers));
comment on column billing_refunds.preparers is 'Whoever prepared a version of it; kept by a trigger, nobody is taken out again.';
comment on column billing_adjustments.preparers is 'Whoever prepared a version of it; kept by a trigger, nobody is taken out again.';

create function keeps_its_preparers() returns trigger language plpgsql as $$
begin
    new.preparers := case
        when tg_op = 'INSERT' then array[new.prepared_by]
        when new.prepared_by = any (old.preparers) then old.preparers
        else old.preparers || new.prepared_by
    end;
    return new;
end $$;
create trigger keeps_its_preparers before insert or update on billing_refunds for each row
    execute function keeps_its_preparers();
create trigger keeps_its_preparers before insert or update on billing_adjustments for each row
    execute function keeps_its_preparers();

create or replace function refund_approval_names_its_people() returns trigger language plpgsql as $$
begin
    if not exists (select from billing_refunds r
                   where r.org_id = new.org_id and r.id = new.subject_id and r.version = new.subject_version
                     and r.requested_by = new.requested_by and r.prepared_by = new.prepared_by
                     and new.decided_by <> all (r.preparers)
                     and (new.on_behalf_of is null or new.on_behalf_of <> all (r.preparers))) then
        raise exception 'the approval names another version, requester or preparer than its refund, or is of a preparer'
            using errcode = 'check_violation';
    end if;
    return new;
end $$;

create or replace function write_off_approval_names_its_people() returns trigger language plpgsql as $$
begin
    if not exists (select from billing_adjustments a
                   where a.org_id = new.org_id and a.id = new.subject_id and a.version = new.subject_version
                     and a.requested_by = new.requested_by and a.prepared_by = new.prepared_by
                     and new.decided_by <> all (a.preparers)
                     and (new.on_behalf_of is null or new.on_behalf_of <> all (a.preparers))) then
        raise exception 'the approval names another version, requester or preparer than its write-off, or is of a preparer'
            using errcode = 'check_violation';
    end if;
    return new;
end $$;

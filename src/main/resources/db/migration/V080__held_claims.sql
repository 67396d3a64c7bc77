-- Claims of posted remittances whose money waits in suspense find their way out of it.

alter table billing_remittance_claims
    add column look_again       boolean not null default false,
    add column assigned_at      timestamptz,
    add column assigned_by      uuid,
    add column assigned_reason  text,
    add column released_at      timestamptz,
    add column released_by      uuid,
    add column release_entry_id uuid,
    add column note             text check (length(note) between 1 and 1000),
    add foreign key (org_id, assigned_by) references users (org_id, id),
    add foreign key (org_id, released_by) references users (org_id, id),
    add foreign key (org_id, release_entry_id) references accounting_journal_entries (org_id, id),
    add check ((assigned_at is null) = (assigned_reason is null)),
    add check (assigned_at is not null or assigned_by is null),
    add check (assigned_at is null or claim_id is not null),
    add check (released_at is not null or (released_by is null and release_entry_id is null)),
    add check (released_at is null or treatment in ('posted', 'not_posted'));
comment on column billing_remittance_claims.look_again is
    'Another answer to its claim was posted or taken back since it was held: it may fit now.';
comment on column billing_remittance_claims.assigned_at is
    'When a person said which claim of ours is meant; claim_id is that one from then on.';
comment on column billing_remittance_claims.released_at is
    'When it was posted out of suspense, after its remittance; release_entry_id moved the money, null if none moved. '
    'released_by is null if that happened by itself.';
create index billing_remittance_claims_look_again on billing_remittance_claims (org_id) where look_again;

-- What such an answer means is decided once more when it is posted, until then it is in no books.
create function refuse_change_unless_waiting() returns trigger language plpgsql as $$
begin
    if not exists (select from billing_remittance_claims c
                   where c.org_id = old.org_id and c.id = old.remittance_claim_id and c.treatment in ('held', 'unidentified')) then
        raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'insufficient_privilege';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;
drop trigger append_only on billing_remittance_service_lines;
create trigger append_only_unless_waiting before update on billing_remittance_service_lines
    for each row execute function refuse_change_unless_waiting();
grant update (claim_line_position, matched_by) on billing_remittance_service_lines to remitflow_app;
drop trigger append_only on billing_remittance_reversals;
create trigger append_only before update on billing_remittance_reversals for each row execute function refuse_change();
create trigger append_only_unless_waiting before delete on billing_remittance_reversals
    for each row execute function refuse_change_unless_waiting();
grant delete on billing_remittance_reversals to remitflow_app;
drop trigger append_only on billing_remittance_reversal_lines;
create trigger append_only before update on billing_remittance_reversal_lines for each row execute function refuse_change();
create trigger append_only_unless_waiting before delete on billing_remittance_reversal_lines
    for each row execute function refuse_change_unless_waiting();
grant delete on billing_remittance_reversal_lines to remitflow_app;

-- Remittances that a person takes back as a whole, with everything they did to the books, and may have posted again.

alter table billing_remittances drop constraint billing_remittances_state_check;
alter table billing_remittances drop constraint billing_remittances_check1;
alter table billing_remittances drop constraint billing_remittances_check2;
alter table billing_remittances
    add column reversed_at       timestamptz,
    add column reversed_by       uuid,
    add column reversal_reason   text,
    add column reversal_entry_id uuid,
    add column posted_again_at   timestamptz,
    add constraint billing_remittances_state_check
        check (state in ('posted', 'held', 'duplicate', 'review', 'rejected', 'reversed')),
    add constraint billing_remittances_posted_check check ((state in ('posted', 'reversed')) = (posted_at is not null)),
    add constraint billing_remittances_entry_check check (journal_entry_id is null or state in ('posted', 'reversed')),
    add constraint billing_remittances_reversed_check check ((state = 'reversed') = (reversed_at is not null)),
    add constraint billing_remittances_reason_check check ((reversed_at is null) = (reversal_reason is null)),
    add constraint billing_remittances_reversal_entry_check check (reversal_entry_id is null or state = 'reversed'),
    add constraint billing_remittances_again_check check (posted_again_at is null or state = 'reversed'),
    add foreign key (org_id, reversed_by) references users (org_id, id),
    add foreign key (org_id, reversal_entry_id) references accounting_journal_entries (org_id, id);
comment on column billing_remittances.reversed_at is
    'When a person took it back: its entry, the patient accounts, the answers of its claims, its takebacks and its settlement.';
comment on column billing_remittances.posted_again_at is
    'When a person had its file read again after that: the remittance of this content is another row from then on.';

drop index billing_remittances_content;
create unique index billing_remittances_content on billing_remittances (org_id, content_hash)
    where state <> 'duplicate' and posted_again_at is null;
create index billing_remittances_reversed on billing_remittances (org_id, content_hash) where state = 'reversed';
alter table billing_remittances drop constraint billing_remittances_org_id_file_id_transaction_index_key;
create unique index billing_remittances_place on billing_remittances (org_id, file_id, transaction_index)
    where posted_again_at is null;

-- What a remittance expected of a settlement goes with it.
create function refuse_unless_taken_back() returns trigger language plpgsql as $$
begin
    if not exists (select from billing_remittances r
                   where r.org_id = old.org_id and r.id = old.remittance_id and r.state = 'reversed') then
        raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'insufficient_privilege';
    end if;
    return old;
end $$;
drop trigger append_only on billing_settlement_remittances;
create trigger append_only before update on billing_settlement_remittances for each row execute function refuse_change();
create trigger append_only_until_taken_back before delete on billing_settlement_remittances
    for each row execute function refuse_unless_taken_back();
grant delete on billing_settlement_remittances to remitflow_app;

alter table billing_takeback_steps drop constraint billing_takeback_steps_kind_check;
alter table billing_takeback_steps drop constraint billing_takeback_steps_check;
alter table billing_takeback_steps drop constraint billing_takeback_steps_check1;
alter table billing_takeback_steps
    add constraint billing_takeback_steps_kind_check
        check (kind in ('opened', 'added', 'settled', 'carried', 'paired', 'reversed')),
    add constraint billing_takeback_steps_line_check
        check ((kind in ('carried', 'paired', 'reversed')) = (line_position is null)),
    add constraint billing_takeback_steps_other_check check ((kind in ('carried', 'paired')) = (other_id is not null));

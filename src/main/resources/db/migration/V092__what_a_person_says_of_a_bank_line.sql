-- Whatever a person says about a line in bank suspense is a match, which can be undone: an entry that had booked the money
-- before is one of its records. What was kept apart until now as explanations becomes that, and a line that was cleared by
-- the key it carries can go to suspense after all.

alter table accounting_bank_match_parts
    drop constraint accounting_bank_match_parts_side_check,
    add constraint accounting_bank_match_parts_side_check check (side in ('line', 'settlement', 'reference', 'account', 'entry'));
comment on table accounting_bank_match_parts is
    'The lines and records of a match: bank lines, settlements of payers, references in clearing, the account that a line was booked '
    'to, or the entry that had booked it before the bank showed it. None is in two matches at once.';
create unique index accounting_bank_match_parts_entry on accounting_bank_match_parts (org_id, part_id) where active and side = 'entry';

alter table accounting_bank_match_shares
    drop constraint accounting_bank_match_shares_side_check,
    add constraint accounting_bank_match_shares_side_check check (side in ('settlement', 'reference', 'account', 'entry'));

-- Nobody had accepted what a rule cleared.
alter table accounting_bank_matches
    drop constraint accounting_bank_matches_check,
    add constraint accounting_bank_matches_check check ((decided_by is not null) =
        (status in ('accepted', 'declined') or (status = 'undone' and rule <> 'key-and-amount')));

alter table accounting_bank_explanations no force row level security;
alter table accounting_bank_lines no force row level security;
alter table accounting_chart_of_accounts no force row level security;
alter table accounting_bank_matches no force row level security;
alter table accounting_bank_match_parts no force row level security;
alter table accounting_bank_match_shares no force row level security;
alter table accounting_bank_match_entries no force row level security;
do $$
declare
    told   record;
    made   uuid;
    other  text;
begin
    for told in
        select x.*, l.amount, a.id as account_id
          from accounting_bank_explanations x
          join accounting_bank_lines l on l.org_id = x.org_id and l.id = x.line_id
          left join accounting_chart_of_accounts a on a.org_id = x.org_id and a.account_code = x.account_code
         -- Two lines that settle each other explained each other.
         where x.kind <> 'offset' or x.line_id < x.other_line_id
    loop
        made := gen_random_uuid();
        other := case told.kind when 'account' then 'account:' || told.account_id
                                 when 'cash-entry' then 'entry:' || told.cash_entry_id
                                 else told.other_line_id::text end;
        insert into accounting_bank_matches (org_id, id, status, rule, rule_title, evidence, considered, undecided, certificate,
            content_key, suggested_at, decided_by, decided_at)
        values (told.org_id, made, 'accepted',
            case told.kind when 'account' then 'booked' when 'cash-entry' then 'booked-before' else 'by-hand' end,
            case told.kind when 'account' then 'Booked to an account by a person'
                           when 'cash-entry' then 'Booked before the bank showed it' else 'Matched by a person' end,
            'evidence given: ' || told.reason, 0, false, '[]',
            (select string_agg(part, ' ' order by part collate "C") from unnest(array[told.line_id::text, other]) as part),
            told.explained_at, told.explained_by, told.explained_at);
        insert into accounting_bank_match_parts (org_id, match_id, side, part_id, amount, active)
        values (told.org_id, made, 'line', told.line_id, told.amount, true);
        if told.kind = 'offset' then
            insert into accounting_bank_match_parts (org_id, match_id, side, part_id, amount, active)
            values (told.org_id, made, 'line', told.other_line_id, -told.amount, true);
        else
            insert into accounting_bank_match_parts (org_id, match_id, side, part_id, amount, active)
            values (told.org_id, made, split_part(other, ':', 1), coalesce(told.account_id, told.cash_entry_id), told.amount, true);
            insert into accounting_bank_match_shares (org_id, match_id, line_id, side, record_id, amount)
            values (told.org_id, made, told.line_id, split_part(other, ':', 1), coalesce(told.account_id, told.cash_entry_id), told.amount);
        end if;
        insert into accounting_bank_match_entries (org_id, match_id, journal_entry_id, line_id)
        values (told.org_id, made, told.journal_entry_id, case told.kind when 'cash-entry' then told.line_id end);
    end loop;
end $$;
alter table accounting_bank_match_entries force row level security;
alter table accounting_bank_match_shares force row level security;
alter table accounting_bank_match_parts force row level security;
alter table accounting_bank_matches force row level security;
alter table accounting_chart_of_accounts force row level security;
alter table accounting_bank_lines force row level security;
drop table accounting_bank_explanations;

create function refuse_change_of_bank_booking() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.counter = 'clearing' and new.counter = 'suspense'
        and (new.org_id, new.line_id, new.booked_at) = (old.org_id, old.line_id, old.booked_at) then
        return new;
    end if;
    raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'insufficient_privilege';
end $$;
drop trigger append_only on accounting_bank_bookings;
create trigger append_only before update or delete on accounting_bank_bookings
    for each row execute function refuse_change_of_bank_booking();
grant update (counter, rule, evidence, journal_entry_id) on accounting_bank_bookings to remitflow_app;
comment on table accounting_bank_bookings is
    'How each line came into the books, once: against the remittance whose trace number it repeats, against a reference in clearing, or '
    'against bank suspense until somebody says what it is. Only one that was cleared wrongly changes, once: it goes to suspense.';

-- What an accepted match booked, who of both sides paid whom, matches that a person made without the matcher, and matches
-- that were undone again.
alter table accounting_bank_matches
    drop constraint accounting_bank_matches_status_check,
    drop constraint accounting_bank_matches_check,
    add constraint accounting_bank_matches_status_check check (status in ('suggested', 'accepted', 'declined', 'lapsed', 'undone')),
    add constraint accounting_bank_matches_check check ((status in ('accepted', 'declined', 'undone')) = (decided_by is not null)),
    add column undone_by   uuid,
    add column undone_at   timestamptz,
    add column undo_reason text,
    add constraint accounting_bank_matches_undone check ((status = 'undone') = (undone_by is not null and undone_at is not null
        and undo_reason is not null));
comment on column accounting_bank_matches.undo_reason is
    'Why a person undid it: its lines are in suspense again and its records open, and it is not suggested again.';

-- One that is open or booked exists once; what was declined or undone may be made again by a person, not by the matcher.
drop index accounting_bank_matches_once;
create unique index accounting_bank_matches_once on accounting_bank_matches (org_id, content_key)
    where status in ('suggested', 'accepted');
create index accounting_bank_match_parts_lines on accounting_bank_match_parts (org_id, part_id) where side = 'line';
create index accounting_bank_matches_decided on accounting_bank_matches (org_id, decided_at desc, id desc)
    where status in ('accepted', 'undone');

alter table accounting_bank_match_parts
    drop constraint accounting_bank_match_parts_side_check,
    add constraint accounting_bank_match_parts_side_check check (side in ('line', 'settlement', 'reference', 'account'));
comment on table accounting_bank_match_parts is
    'The lines and records of a match: bank lines, settlements of payers, references in clearing, or the account that a line was '
    'booked to. None is in two matches at once.';

create table accounting_bank_match_shares (
    org_id    uuid not null,
    match_id  uuid not null,
    line_id   uuid not null,
    side      text not null check (side in ('settlement', 'reference', 'account')),
    record_id uuid not null,
    amount    bigint not null check (amount <> 0),
    primary key (org_id, match_id, line_id, side, record_id),
    foreign key (org_id, match_id) references accounting_bank_matches (org_id, id),
    foreign key (org_id, line_id) references accounting_bank_lines (org_id, id)
);
comment on table accounting_bank_match_shares is
    'Which part of which line paid which record of an accepted match, in the order of dates. It stays as it was when the match '
    'is undone. Records of opposite signs that pay each other need no line and have no share for that.';
create index accounting_bank_match_shares_line on accounting_bank_match_shares (org_id, line_id);
call protect('accounting_bank_match_shares');
call append_only('accounting_bank_match_shares');

create table accounting_bank_match_entries (
    org_id           uuid not null,
    match_id         uuid not null,
    journal_entry_id uuid not null,
    line_id          uuid,
    receipt_id       uuid,
    primary key (org_id, match_id, journal_entry_id),
    unique (org_id, journal_entry_id),
    foreign key (org_id, match_id) references accounting_bank_matches (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    foreign key (org_id, line_id) references accounting_bank_lines (org_id, id),
    foreign key (org_id, receipt_id) references billing_bank_receipts (org_id, id)
);
comment on table accounting_bank_match_entries is
    'The entries by which an accepted match came into the books, each of which is reversed when it is undone. A match that was '
    'accepted before there was this table has none and cannot be undone.';
create index accounting_bank_match_entries_receipt on accounting_bank_match_entries (org_id, receipt_id) where receipt_id is not null;
call protect('accounting_bank_match_entries');
call append_only('accounting_bank_match_entries');

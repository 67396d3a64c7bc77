-- A line with which the bank takes a deposited check back is suggested as such: the check is what the suggestion is about, until a
-- person accepts it and it becomes what the bank is owed for it.

alter table accounting_bank_match_parts
    drop constraint accounting_bank_match_parts_side_check,
    add constraint accounting_bank_match_parts_side_check
        check (side in ('line', 'settlement', 'reference', 'account', 'entry', 'returned-check'));
comment on table accounting_bank_match_parts is
    'The lines and records of a match: bank lines, settlements of payers, references in clearing, the account that a line was booked '
    'to, the entry that had booked it before the bank showed it, or, while it is a suggestion, the deposited check that the bank takes '
    'back. None is in two matches at once.';

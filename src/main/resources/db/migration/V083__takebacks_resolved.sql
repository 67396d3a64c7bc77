-- Open items of provider adjustments that no remittance will settle are resolved by hand, with money.

alter table billing_takeback_steps
    alter column remittance_id drop not null,
    add column resolution text,
    add column reason     text,
    drop constraint billing_takeback_steps_kind_check,
    drop constraint billing_takeback_steps_line_check,
    add constraint billing_takeback_steps_kind_check
        check (kind in ('opened', 'added', 'settled', 'carried', 'paired', 'reversed', 'resolved', 'reopened')),
    add constraint billing_takeback_steps_line_check
        check ((kind in ('carried', 'paired', 'reversed', 'resolved', 'reopened')) = (line_position is null)),
    add constraint billing_takeback_steps_by_hand_check
        check ((kind in ('resolved', 'reopened')) = (remittance_id is null)
           and (kind in ('resolved', 'reopened')) = (resolution is not null and reason is not null)),
    add constraint billing_takeback_steps_entry_check
        check (kind not in ('resolved', 'reopened') or journal_entry_id is not null);
comment on table billing_takeback_steps is
    'What each remittance did to an open item: opened it, settled it in part or in full, carried it into a new item, or '
    'paired a confirmed refund with its recovery; and what a person did who resolved it, or took that back. The amounts of '
    'the steps of an item add up to its open amount.';
comment on column billing_takeback_steps.resolution is
    'As what a person booked the item to another account; the entry is that of the step.';

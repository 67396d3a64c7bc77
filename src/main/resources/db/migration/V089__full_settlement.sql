-- A check that says it pays everything: until when repaying it keeps the rest of the debt.

alter table check_payments add column settlement_until date;
comment on column check_payments.settlement_until is
    'The memo said "paid in full" when it was confirmed: until this day repaying the check keeps the claim to the rest (UCC 3-311, 90 '
    'days). Counted from the confirmation, which is before the bank pays it.';
create index check_payments_settling on check_payments (org_id, settlement_until)
    where settlement_until is not null and status = 'confirmed';

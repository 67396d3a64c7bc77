-- Checks that the bank presents again, and remainders that lie on an account.

alter table check_payments add column represents_id uuid,
    add foreign key (org_id, represents_id) references check_payments (org_id, id);
comment on column check_payments.represents_id is
    'The check that came back and was presented again as this one; the first of them if it came back several times.';
create index check_payments_representing on check_payments (org_id, represents_id) where represents_id is not null;

alter table check_payment_applications alter column invoice_id drop not null;
comment on table check_payment_applications is
    'Which invoice a check paid, how much of it, and why that one; without an invoice it lies on the account as a payment of its own. A '
    'check that comes back adds the opposite rows.';

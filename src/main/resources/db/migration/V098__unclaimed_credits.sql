-- A credit that nobody takes back becomes unclaimed property of the state; its owner is written to before.

alter table billing_credit_settings add column dormancy_years int not null default 3 check (dormancy_years between 1 and 15);
alter table billing_credit_settings alter column dormancy_years drop default;
alter table billing_credit_settings add column letter_days_before int not null default 120 check (letter_days_before >= 1);
alter table billing_credit_settings alter column letter_days_before drop default;

alter table billing_credit_balances add column letter_asked_for date;
alter table billing_credit_balances add column letter_sent_on date;
comment on column billing_credit_balances.letter_asked_for is
    'The last day for the letter to the owner, once people were told that it has to be written.';
comment on column billing_credit_balances.letter_sent_on is 'When the owner was written to; what was written is among the evidence.';

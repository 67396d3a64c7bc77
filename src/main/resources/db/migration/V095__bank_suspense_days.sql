-- A line that nobody explains becomes somebody's case after so many bank days, outside of a bank period that is worked on.

alter table billing_settings add column bank_suspense_days int not null default 3 check (bank_suspense_days between 1 and 90);
comment on column billing_settings.bank_suspense_days is
    'Bank days for which a line may stand in bank suspense before it is a discrepancy with an owner.';

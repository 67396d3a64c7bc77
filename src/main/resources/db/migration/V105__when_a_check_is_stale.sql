-- After how many months a check is stale, by organization.

alter table check_settings add column stale_months int not null default 6 check (stale_months between 1 and 24);
comment on table check_settings is
    'How many days the date of a remittance line may lie from an invoice, and after how many months a check is stale; no row: 10 and 6.';
comment on table check_payer_proposals is
    'What people picked for payers and no rule says; support counts the confirmed checks. Only a person turns one into a rule.';

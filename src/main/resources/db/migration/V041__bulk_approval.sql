-- Several cases may be approved at once below a limit; none until somebody sets one.

alter table billing_settings add column bulk_approval_minor bigint not null default 0 check (bulk_approval_minor >= 0);
comment on column billing_settings.bulk_approval_minor is 'Cases up to this amount may be approved together; 0: each on its own.';

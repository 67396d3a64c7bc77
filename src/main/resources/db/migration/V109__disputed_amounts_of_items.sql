-- Disputed amounts are compared as refunded ones are, and shown beside them.

alter table reconciliation_items add column internal_disputed bigint, add column provider_disputed bigint;
comment on column reconciliation_items.provider_disputed is
    'What disputes claim at the gateway, even of money that was refunded before; ours claim at most what was not refunded. Null in items of runs '
    'before it was kept.';

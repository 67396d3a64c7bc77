-- Billing reconciliation: payments as we booked them against what the gateways told us, per period.

create table reconciliation_runs (
    org_id          uuid not null references organizations (org_id),
    id              uuid not null,
    period_start    date not null,
    period_end      date not null,
    runs            int not null default 0,
    triggered_by    uuid,
    trigger_source  text not null check (trigger_source in ('person', 'schedule', 'token')),
    first_run_at    timestamptz not null,
    last_run_at     timestamptz not null,
    internal_count  bigint not null default 0,
    provider_count  bigint not null default 0,
    record_count    bigint not null default 0,
    matched_count   bigint not null default 0,
    found_count     bigint not null default 0,
    report_json     jsonb,
    report_markdown text,
    primary key (org_id, id),
    unique (org_id, period_start, period_end),
    check (period_end >= period_start),
    check (matched_count <= record_count),
    foreign key (org_id, triggered_by) references users (org_id, id)
);
comment on table reconciliation_runs is
    'One row per organization and period (days in its time zone, both inclusive): running it again replaces what it found before.';
comment on column reconciliation_runs.record_count is 'Internal and provider records together, a pair counted once.';
comment on column reconciliation_runs.runs is 'How often it ran. Who and how it was triggered are those of the last time.';
create index reconciliation_runs_recent on reconciliation_runs (org_id, period_end desc, id desc);
call protect('reconciliation_runs');

create table reconciliation_items (
    org_id            uuid not null,
    run_id            uuid not null,
    gateway_provider  text not null,
    transaction_id    text not null,
    payment_id        uuid,
    account_id        uuid,
    business_day      date not null,
    internal_amount   bigint,
    internal_refunded bigint,
    internal_currency char(3),
    internal_state    text,
    provider_amount   bigint,
    provider_refunded bigint,
    provider_currency char(3),
    provider_state    text,
    provider_at       timestamptz,
    result            text not null,
    types             text[] not null default '{}',
    differences       bigint[] not null default '{}',
    difference        bigint not null default 0,
    check (cardinality(types) = cardinality(differences)),
    primary key (org_id, run_id, gateway_provider, transaction_id),
    check (internal_amount is not null or provider_amount is not null),
    foreign key (org_id, run_id) references reconciliation_runs (org_id, id),
    foreign key (org_id, payment_id) references billing_payments (org_id, id)
);
comment on table reconciliation_items is
    'What a run found out about each payment or transaction of its period. result: matched, or the first type by precedence; '
    'types has all of them, differences the amount of each. difference is that of the result, in the currency of the internal record, else the provider''s.';
create index reconciliation_items_differing on reconciliation_items (org_id, run_id, gateway_provider, transaction_id)
    where types <> '{}';
create index reconciliation_items_of_payment on reconciliation_items (org_id, payment_id) where payment_id is not null;
call protect('reconciliation_items');

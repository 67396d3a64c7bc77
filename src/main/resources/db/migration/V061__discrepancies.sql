-- Differences between records that should agree, as cases that somebody owns, with everything that was done about them.

create table reconciliation_discrepancies (
    org_id              uuid not null references organizations (org_id),
    id                  uuid not null,
    discrepancy_number  text not null,
    discrepancy_type    text not null check (discrepancy_type in ('MissingInternalRecord', 'MissingProviderRecord',
                            'CurrencyMismatch', 'AmountMismatch', 'StatusMismatch', 'DuplicateChargeSuspected')),
    subject_type        text not null,
    subject_key         text not null,
    subject_id          uuid,
    reference           text not null,
    difference          bigint not null check (difference >= 0),
    currency            char(3) not null,
    occurred_on         date not null,
    first_found_by      uuid not null,
    last_found_by       uuid not null,
    last_found_at       timestamptz not null,
    status              text not null check (status in ('open', 'acknowledged', 'resolved')),
    current_step        text not null,
    priority            int,
    owner_group         text,
    triage_reason       text,
    due_at              timestamptz,
    escalated_at        timestamptz,
    assignee            uuid,
    acknowledged_by     uuid,
    acknowledged_at     timestamptz,
    resolution          text check (resolution in ('matched', 'explained', 'provider_corrected', 'corrected')),
    resolution_reason   text,
    adjustment_number   text,
    resolved_by         uuid,
    resolved_at         timestamptz,
    resolved_difference bigint,
    refusal_reason      text,
    round               int not null default 1 check (round >= 1),
    version             int not null default 1,
    opened_at           timestamptz not null,
    updated_at          timestamptz not null,
    primary key (org_id, id),
    unique (org_id, discrepancy_number),
    unique (org_id, subject_type, subject_key, discrepancy_type),
    foreign key (org_id, assignee) references users (org_id, id),
    foreign key (org_id, acknowledged_by) references users (org_id, id),
    foreign key (org_id, resolved_by) references users (org_id, id),
    check ((status = 'resolved') = (resolved_at is not null)),
    check ((status = 'resolved') = (resolution is not null)),
    check ((resolution is not distinct from 'corrected') = (adjustment_number is not null))
);
comment on table reconciliation_discrepancies is
    'A difference that a reconciliation found, once per subject and type however often it is found again. Nothing here changes '
    'the books: a correction is an adjustment, named by its number.';
comment on column reconciliation_discrepancies.subject_key is 'What differs, such as a gateway and its transaction.';
comment on column reconciliation_discrepancies.first_found_by is 'The run that found it first; last_found_by the latest one that still did.';
comment on column reconciliation_discrepancies.resolved_difference is
    'How large it was when it was resolved: if it is found again with another amount, the case is opened again.';
comment on column reconciliation_discrepancies.round is 'Counts how often the case was opened; each time has a process of its own.';
create index reconciliation_discrepancies_open on reconciliation_discrepancies (org_id, due_at, id) where status <> 'resolved';
create index reconciliation_discrepancies_recent on reconciliation_discrepancies (org_id, id desc);
create index reconciliation_discrepancies_of_subject on reconciliation_discrepancies (org_id, subject_id) where subject_id is not null;
call protect('reconciliation_discrepancies');

create table reconciliation_action_log (
    org_id         uuid not null references organizations (org_id),
    id             uuid not null,
    discrepancy_id uuid not null,
    action         text not null check (action in ('opened', 'triaged', 'acknowledged', 'assigned', 'noted', 'reminded',
                       'escalated', 'refused', 'resolved', 'reopened')),
    actor          uuid,
    detail         text not null,
    at             timestamptz not null,
    primary key (org_id, id),
    foreign key (org_id, discrepancy_id) references reconciliation_discrepancies (org_id, id),
    foreign key (org_id, actor) references users (org_id, id)
);
comment on table reconciliation_action_log is
    'Everything that was done about a discrepancy, by whom; no actor is the system. Rows are never changed or deleted.';
create index reconciliation_action_log_of_discrepancy on reconciliation_action_log (org_id, discrepancy_id, id);
call protect('reconciliation_action_log');
call append_only('reconciliation_action_log');

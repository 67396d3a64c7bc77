-- What the application keeps about the processes: the outbox to the engine, which instance belongs to which case, what
-- rules decided, the timeline of a case, and the steps that failed. Which models are deployed is the engine's knowledge.

create table workflow_outbox (
    org_id          uuid not null references organizations (org_id),
    id              uuid not null,
    kind            text not null check (kind in ('message', 'task-completion')),
    message_name    text,
    correlation_key text,
    task_key        bigint,
    sign_in_name    text,
    variables       jsonb not null,
    state           text not null default 'waiting' check (state in ('waiting', 'sent', 'parked')),
    attempts        int not null default 0,
    next_attempt_at timestamptz not null default now(),
    last_error      text,
    created_at      timestamptz not null default now(),
    sent_at         timestamptz,
    primary key (org_id, id),
    check (case kind
        when 'message' then message_name is not null and correlation_key is not null
        else task_key is not null and sign_in_name is not null end)
);
create index workflow_outbox_waiting on workflow_outbox (org_id, next_attempt_at) where state = 'waiting';
create index workflow_outbox_parked on workflow_outbox (org_id, created_at) where state = 'parked';
create index workflow_outbox_sent on workflow_outbox (org_id, sent_at) where state = 'sent';
comment on table workflow_outbox is
    'Messages and task completions on their way to the engine, written with the business change. The id is the message id '
    'by which the engine recognises a repetition. While an instance sends a row, next_attempt_at lies in the future (a '
    'lease by the clock of the database); last_error holds codes only.';
call protect('workflow_outbox');

create table workflow_process_instances (
    org_id               uuid not null references organizations (org_id),
    process_id           text not null,
    business_key         text not null,
    process_instance_key bigint not null,
    started_at           timestamptz not null,
    ended_at             timestamptz,
    primary key (org_id, process_id, business_key)
);
comment on table workflow_process_instances is
    'The one process instance of each case: the second lock against a case that starts twice.';
call protect('workflow_process_instances');

create table workflow_decisions (
    org_id           uuid not null references organizations (org_id),
    id               uuid not null,
    subject_type     text not null,
    subject_id       uuid not null,
    decision_id      text not null,
    decision_key     bigint not null,
    decision_version int not null,
    inputs           jsonb not null,
    inputs_hash      text not null,
    outputs          jsonb not null,
    reason           text,
    decided_at       timestamptz not null,
    primary key (org_id, id),
    unique (org_id, subject_type, subject_id, decision_id, inputs_hash)
);
comment on table workflow_decisions is
    'Each decision of a rule with its version, inputs and outputs. The same question about the same subject keeps its '
    'first answer.';
call protect('workflow_decisions');
call append_only('workflow_decisions');

create table workflow_timeline (
    org_id       uuid not null references organizations (org_id),
    id           uuid not null,
    subject_type text not null,
    subject_id   uuid not null,
    at           timestamptz not null,
    actor_id     uuid,
    step         text not null,
    text         text not null,
    primary key (org_id, id)
);
create index workflow_timeline_subject on workflow_timeline (org_id, subject_type, subject_id, at);
comment on table workflow_timeline is
    'What happened to a case, in words, without names of patients. No actor means that the system did it.';
call protect('workflow_timeline');
call append_only('workflow_timeline');

create table workflow_incidents (
    org_id               uuid not null references organizations (org_id),
    id                   uuid not null,
    process_id           text not null,
    element_id           text not null,
    process_instance_key bigint not null,
    element_instance_key bigint not null,
    job_key              bigint not null,
    job_type             text not null,
    code                 text not null,
    correlation_id       text not null,
    occurred_at          timestamptz not null,
    resolved_at          timestamptz,
    primary key (org_id, id)
);
create unique index workflow_incidents_open on workflow_incidents (org_id, job_key) where resolved_at is null;
comment on table workflow_incidents is
    'Steps whose retries are used up. Code and correlation id only; the log has the details.';
call protect('workflow_incidents');

-- Decision tables of each organization: what holds, what is being worked on, and the examples a table must answer.

create table rules_releases (
    org_id         uuid not null references organizations (org_id),
    id             uuid not null,
    decision_id    text not null,
    number         int not null check (number > 0),
    source         text not null check (source in ('packaged', 'draft', 'rollback')),
    copied_from    int,
    xml            text not null,
    engine_id      text not null,
    why            text not null,
    requested_by   uuid,
    effective_from timestamptz not null,
    released_at    timestamptz not null,
    primary key (org_id, id),
    unique (org_id, decision_id, number),
    foreign key (org_id, requested_by) references users (org_id, id),
    check ((source = 'packaged') = (requested_by is null)),
    check ((source = 'rollback') = (copied_from is not null))
);
comment on table rules_releases is
    'Every version of a decision table that ever held or will hold: the one with the latest effective_from that is not in '
    'the future holds. engine_id is the decision id under which the engine has it; packaged tables have their own.';
create index rules_releases_in_force on rules_releases (org_id, decision_id, effective_from desc, number desc);
call protect('rules_releases');
call append_only('rules_releases');

create table rules_drafts (
    org_id      uuid not null references organizations (org_id),
    decision_id text not null,
    based_on    int not null,
    xml         text not null,
    version     int not null,
    editors     uuid[] not null,
    edited_by   uuid not null,
    edited_at   timestamptz not null,
    primary key (org_id, decision_id),
    foreign key (org_id, decision_id, based_on) references rules_releases (org_id, decision_id, number),
    foreign key (org_id, edited_by) references users (org_id, id)
);
comment on table rules_drafts is 'The table as analysts are editing it, one per decision; version counts the saves, editors are all who saved it.';
call protect('rules_drafts');

create table rules_test_cases (
    org_id      uuid not null references organizations (org_id),
    id          uuid not null,
    decision_id text not null,
    name        text not null check (length(name) between 1 and 200),
    inputs      jsonb not null,
    expected    jsonb not null,
    created_by  uuid not null,
    created_at  timestamptz not null,
    primary key (org_id, id),
    unique (org_id, decision_id, name),
    foreign key (org_id, created_by) references users (org_id, id)
);
comment on table rules_test_cases is 'Examples that a table must answer as expected before it can be released.';
call protect('rules_test_cases');

create table rules_release_requests (
    org_id          uuid not null references organizations (org_id),
    id              uuid not null,
    number          text not null,
    decision_id     text not null,
    source          text not null check (source in ('draft', 'rollback')),
    copied_from     int,
    based_on        int not null,
    xml             text not null,
    why             text not null check (length(why) between 1 and 2000),
    effective_from  timestamptz,
    editors         uuid[] not null,
    replay          jsonb not null,
    state           text not null check (state in ('requested', 'approved', 'released', 'rejected', 'withdrawn')),
    levels          text[],
    approval_reason text,
    requested_by    uuid not null,
    requested_at    timestamptz not null,
    decided_at      timestamptz,
    release_number  int,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, requested_by) references users (org_id, id),
    foreign key (org_id, decision_id, based_on) references rules_releases (org_id, decision_id, number),
    check ((state = 'released') = (release_number is not null))
);
create unique index rules_release_requests_open on rules_release_requests (org_id, decision_id)
    where state in ('requested', 'approved');
comment on table rules_release_requests is
    'A table on its way to its release, with what the replay of past decisions said when it was requested. editors worked '
    'on the draft and so cannot approve it. effective_from null means at once.';
call protect('rules_release_requests');

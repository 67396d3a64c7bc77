-- Lent authority names the roles that are lent; signs that a case was split are kept, and recorded with the decision.

alter table user_delegations add column roles text[] not null default '{}';
comment on column user_delegations.roles is 'Keys of the roles that are lent; none: all that the person has.';

alter table workflow_approvals add column case_number text;
alter table workflow_approvals add column warnings text[] not null default '{}';
comment on column workflow_approvals.case_number is 'What people call the case, such as refund RF-2026-000007.';
comment on column workflow_approvals.warnings is 'What the person had been warned about, in words without names.';
create index workflow_approvals_by_time on workflow_approvals (org_id, decided_at);

create table workflow_split_warnings (
    org_id          uuid not null references organizations (org_id),
    subject_type    text not null,
    subject_id      uuid not null,
    subject_version int not null,
    relation        text not null check (relation in ('guarantor', 'requester', 'payee')),
    related_ids     uuid[] not null,
    related_numbers text[] not null,
    amount          bigint not null,
    currency        char(3) not null,
    levels          text[] not null,
    reason          text not null,
    noted_at        timestamptz not null,
    primary key (org_id, subject_type, subject_id, subject_version, relation),
    check (cardinality(related_ids) > 0 and cardinality(related_ids) = cardinality(related_numbers))
);
comment on table workflow_split_warnings is
    'Other cases of seven days that together with this one would need more approvals than it does: a sign that one case was '
    'split. The amount is the sum of all of them, the levels are those that the rule asks for it.';
call protect('workflow_split_warnings');
call append_only('workflow_split_warnings');

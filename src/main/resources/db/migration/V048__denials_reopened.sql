-- A closed denial is opened again: by a person with a reason, or because what had closed it was taken back.

alter table billing_denials
    add column round int not null default 1 check (round >= 1),
    add column closed_by_remittance uuid;
comment on column billing_denials.round is
    'Counts how often work on it began, from 1. Each round has a process instance of its own.';
comment on column billing_denials.closed_by_remittance is
    'The remittance whose answer closed it; null for other ends and for those closed before this was kept.';
alter table billing_denials
    add check (closed_by_remittance is null or closing in ('paid', 'denied_again'));
create index billing_denials_closed_by on billing_denials (org_id, closed_by_remittance)
    where closed_by_remittance is not null;

create table billing_denial_rounds (
    org_id            uuid not null references organizations (org_id),
    denial_id         uuid not null,
    round             int not null check (round >= 1),
    closing           text not null
        check (closing in ('paid', 'denied_again', 'written_off', 'billed_to_patient', 'duplicate', 'nothing_open')),
    evidence          text,
    closed_at         timestamptz not null,
    denial_class      text,
    sent_as           text check (sent_as in ('corrected', 'appealed')),
    sent_on           date,
    sent_reference    text,
    write_off_id      uuid,
    billed_amount     bigint not null check (billed_amount >= 0),
    journal_entry_id  uuid,
    reversal_entry_id uuid,
    appeal_limit_on   date not null,
    reopened_at       timestamptz not null,
    reopened_by       uuid,
    reopened_because  text not null
        check (reopened_because in ('person', 'payment_taken_back', 'answer_taken_back', 'write_off_taken_back')),
    reason            text not null check (length(reason) between 1 and 500),
    primary key (org_id, denial_id, round),
    foreign key (org_id, denial_id) references billing_denials (org_id, id),
    foreign key (org_id, reopened_by) references users (org_id, id),
    foreign key (org_id, journal_entry_id) references accounting_journal_entries (org_id, id),
    foreign key (org_id, reversal_entry_id) references accounting_journal_entries (org_id, id),
    check (reopened_because <> 'person' or reopened_by is not null)
);
comment on table billing_denial_rounds is
    'How a round of work on a denial had ended, and why it was opened again: what was decided then is never overwritten.';
call protect('billing_denial_rounds');
call append_only('billing_denial_rounds');

-- Scanned checks that come by mail: which senders are known, and what became of each mail.

create table check_mail_senders (
    org_id     uuid not null references organizations (org_id),
    id         uuid not null,
    pattern    text not null check (pattern = lower(pattern) and pattern like '%@%'),
    created_by uuid not null,
    created_at timestamptz not null,
    primary key (org_id, id),
    unique (org_id, pattern),
    foreign key (org_id, created_by) references users (org_id, id)
);
comment on table check_mail_senders is
    'Whose scans are taken without asking, if the receiving mail server vouches for the sender: an address, or @ and a domain.';
call protect('check_mail_senders');

create table check_mails (
    org_id          uuid not null references organizations (org_id),
    id              uuid not null,
    digest          text not null,
    sender          text not null,
    subject         text not null,
    authentication  text not null,
    attachments     text[] not null,
    state           text not null check (state in ('accepted', 'quarantined', 'discarded')),
    reason          text,
    content         bytea,
    received_at     timestamptz not null,
    decided_by      uuid,
    decided_at      timestamptz,
    decision_reason text,
    delivered_at    timestamptz,
    primary key (org_id, id),
    unique (org_id, digest),
    foreign key (org_id, decided_by) references users (org_id, id),
    check ((decided_by is null) = (decided_at is null)),
    check (state <> 'quarantined' or (reason is not null and decided_at is null)),
    check (state <> 'discarded' or (decided_at is not null and content is null)),
    check (delivered_at is null or (state = 'accepted' and content is null)),
    check (state <> 'accepted' or content is not null or delivered_at is not null)
);
comment on table check_mails is
    'Mails with scans. Once by its digest, however often it is fetched. content is the mail itself, as long as its attachments are not '
    'taken over: while it is in quarantine, and a moment after it was accepted.';
comment on column check_mails.authentication is 'What our receiving mail server found out about the sender.';
comment on column check_mails.attachments is 'Their names, as the sender wrote them.';
comment on column check_mails.reason is 'Why it went to quarantine.';
create index check_mails_by_state on check_mails (org_id, state, id);
create index check_mails_undelivered on check_mails (org_id, id) where state = 'accepted' and delivered_at is null;
call protect('check_mails');

create table check_mail_files (
    org_id   uuid not null references organizations (org_id),
    mail_id  uuid not null,
    position int not null check (position >= 1),
    name     text not null,
    file_id  uuid,
    problem  text,
    primary key (org_id, mail_id, position),
    foreign key (org_id, mail_id) references check_mails (org_id, id),
    foreign key (org_id, file_id) references intake_files (org_id, id),
    check (file_id is not null or problem is not null)
);
comment on table check_mail_files is 'The attachments of accepted mails, each received like any other scan; problem: why it was not.';
call protect('check_mail_files');

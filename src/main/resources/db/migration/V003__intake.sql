-- Every file received from outside, byte for byte and once per organization.

create table intake_files (
    org_id        uuid not null references organizations (org_id),
    id            uuid not null,
    sha256        char(64) not null,
    original_name text not null,
    source        text not null,
    size_bytes    bigint not null,
    state         text not null check (state in ('received', 'accepted', 'rejected', 'duplicate')),
    reason        text,
    received_at   timestamptz not null,
    decided_at    timestamptz,
    primary key (org_id, id),
    unique (org_id, sha256),
    check ((state = 'received') = (decided_at is null)),
    check (state = 'received' or state = 'accepted' or reason is not null)
);
comment on table intake_files is
    'A file received from outside. The same bytes are one row however often and under whatever name they arrive; '
    'original_name is text for people and never a path.';
create index on intake_files (org_id, received_at desc, id desc);
create index on intake_files (org_id, received_at) where state = 'received';
call protect('intake_files');

create table intake_file_chunks (
    org_id   uuid not null,
    file_id  uuid not null,
    position int not null,
    bytes    bytea not null,
    primary key (org_id, file_id, position),
    -- Written while the digest is still being computed, so the file's own row comes last in the transaction.
    foreign key (org_id, file_id) references intake_files (org_id, id) deferrable initially deferred
);
comment on table intake_file_chunks is 'The original bytes of a file in pieces of at most 1 MB, never changed.';
alter table intake_file_chunks alter column bytes set storage external;
call protect('intake_file_chunks');
call append_only('intake_file_chunks');

create table intake_deliveries (
    org_id        uuid not null,
    id            uuid not null,
    file_id       uuid not null,
    original_name text not null,
    source        text not null,
    repeated      boolean not null,
    received_at   timestamptz not null,
    primary key (org_id, id),
    foreign key (org_id, file_id) references intake_files (org_id, id)
);
comment on table intake_deliveries is 'Each time a file arrived, also the times when its bytes were already known.';
create index on intake_deliveries (org_id, file_id);
call protect('intake_deliveries');
call append_only('intake_deliveries');

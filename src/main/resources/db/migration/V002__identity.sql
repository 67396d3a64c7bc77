-- People and their roles, the audit log with its chain, and the billing settings of an organization.

create table users (
    org_id        uuid not null references organizations (org_id),
    id            uuid not null,
    username      text not null check (username = lower(username) and username !~ '[@[:space:]]' and length(username) between 1 and 64),
    display_name  text not null check (length(display_name) between 1 and 120),
    email         text check (email = lower(email)),
    password_hash text,
    active        boolean not null default true,
    session_epoch int not null default 1,
    created_at    timestamptz not null default now(),
    primary key (org_id, id),
    unique (org_id, username),
    unique (org_id, email)
);
comment on table users is 'People who sign in. Never deleted: a person who left is inactive.';
comment on column users.password_hash is 'BCrypt. Null for people who sign in through the identity provider only.';
comment on column users.session_epoch is 'A session carries the value of its sign-in and ends when the value here is another.';
call protect('users');

create table user_roles (
    org_id  uuid not null references organizations (org_id),
    user_id uuid not null,
    role    text not null,
    primary key (org_id, user_id, role),
    foreign key (org_id, user_id) references users (org_id, id)
);
comment on table user_roles is 'Roles by their key, such as billing-manager. What a role may do is in the code.';
call protect('user_roles');

create table audit_log (
    org_id       uuid not null references organizations (org_id),
    id           uuid not null,
    recorded_at  timestamptz not null,
    actor_id     uuid,
    actor        text not null,
    action       text not null,
    subject_type text not null,
    subject_id   text not null,
    facts        json not null,
    primary key (org_id, id),
    foreign key (org_id, actor_id) references users (org_id, id)
);
comment on table audit_log is
    'Who did what, written in the transaction that did it: if this row cannot be written, the business action fails too.';
comment on column audit_log.facts is 'Ids, codes and amounts as text, exactly as they were hashed. No names, birth dates or member ids.';
call protect('audit_log');
call append_only('audit_log');
create index audit_log_by_time on audit_log (org_id, recorded_at desc, id desc);
create index audit_log_by_subject on audit_log (org_id, subject_type, subject_id);

create table audit_chain (
    org_id        uuid not null references organizations (org_id),
    seq           bigint not null,
    audit_id      uuid not null,
    previous_hash bytea not null,
    hash          bytea not null,
    sealed_at     timestamptz not null,
    primary key (org_id, seq),
    unique (org_id, audit_id),
    foreign key (org_id, audit_id) references audit_log (org_id, id)
);
comment on table audit_chain is
    'The hash chain over the audit log, one per organization: each hash is SHA-256 over the hash before it and the row. '
    'Sealed just after commit, because a chain inside the business transaction would let one transaction wait for the other.';
call protect('audit_chain');
call append_only('audit_chain');

create table audit_heads (
    org_id uuid primary key references organizations (org_id),
    seq    bigint not null,
    hash   bytea not null
);
comment on table audit_heads is 'The last sealed link per organization; its row lock lets one sealer work at a time.';
call protect('audit_heads');

create table billing_settings (
    org_id                     uuid primary key references organizations (org_id),
    payment_terms_days         int not null check (payment_terms_days between 0 and 365),
    late_fee_basis_points      int not null check (late_fee_basis_points between 0 and 10000),
    minimum_invoice_minor      bigint not null check (minimum_invoice_minor >= 0),
    auto_generate_invoices     boolean not null,
    invoice_delivery_methods   text not null,
    statement_frequency        text not null check (statement_frequency in ('weekly', 'monthly', 'quarterly')),
    statement_day              text not null check (statement_day = 'last' or statement_day ~ '^([1-9]|1[0-9]|2[0-8])$'),
    collections_threshold_days int not null check (collections_threshold_days between 30 and 730),
    small_balance_minor        bigint not null check (small_balance_minor >= 0),
    currency                   char(3) not null,
    version                    int not null default 1,
    updated_at                 timestamptz not null
);
comment on table billing_settings is 'Billing policy of an organization. No row means the defaults.';
call protect('billing_settings');

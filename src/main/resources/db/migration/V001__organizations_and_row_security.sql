-- Organizations, and the row security that every later table gets with one call.
--
-- Migrations run as the owner role; the application connects as remitflow_app, which owns nothing, cannot bypass row
-- security and may neither TRUNCATE nor create objects.

-- Row security for a table with a column org_id: only rows of the transaction's organization can be read or written.
-- The sub-select is evaluated once per statement; other forms of this policy are up to seven times slower.
create procedure protect(protected regclass) language plpgsql as $$
begin
    execute format('alter table %s enable row level security', protected);
    execute format('alter table %s force row level security', protected);
    execute format(
        'create policy of_organization on %s using (org_id = (select nullif(current_setting(''remitflow.org_id'', true), '''')::uuid)) '
        'with check (org_id = (select nullif(current_setting(''remitflow.org_id'', true), '''')::uuid))', protected);
    execute format('grant select, insert, update, delete on %s to remitflow_app', protected);
end $$;

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'insufficient_privilege';
end $$;

-- For books and logs: no UPDATE, DELETE or TRUNCATE, refused by privilege and, as a second line, by trigger.
create procedure append_only(protected regclass) language plpgsql as $$
begin
    execute format('revoke update, delete, truncate on %s from remitflow_app', protected);
    execute format('create trigger append_only before update or delete on %s for each row execute function refuse_change()', protected);
    execute format('create trigger append_only_truncate before truncate on %s for each statement execute function refuse_change()', protected);
end $$;

create table organizations (
    org_id     uuid primary key,
    code       text not null unique,
    name       text not null,
    time_zone  text not null,
    currency   char(3) not null,
    created_at timestamptz not null default now()
);
comment on table organizations is
    'The directory of organizations: codes and names only. The one table that shows rows of others, because sign-in, '
    'inbox directories and schedulers must find an organization before they work in its name.';
alter table organizations enable row level security;
alter table organizations force row level security;
create policy directory on organizations for select using (true);
create policy own_row on organizations for insert with check (org_id = (select nullif(current_setting('remitflow.org_id', true), '')::uuid));
create policy own_row_update on organizations for update
    using (org_id = (select nullif(current_setting('remitflow.org_id', true), '')::uuid))
    with check (org_id = (select nullif(current_setting('remitflow.org_id', true), '')::uuid));
grant select, insert, update on organizations to remitflow_app;

create table number_series (
    org_id      uuid not null references organizations (org_id),
    prefix      text not null,
    year        int not null,
    last_number bigint not null,
    primary key (org_id, prefix, year)
);
comment on table number_series is 'Counters of the numbers that people quote, gap-free per organization, prefix and year.';
call protect('number_series');

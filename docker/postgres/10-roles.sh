#!/usr/bin/env bash
# Runs once, when the database is created: the owner of the tables, who migrates, and the application, which owns nothing.
set -euo pipefail
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    -v owner_password="$REMITFLOW_DB_OWNER_PASSWORD" -v app_password="$REMITFLOW_DB_PASSWORD" -v database="$POSTGRES_DB" <<'SQL'
create role remitflow_owner login password :'owner_password' nosuperuser nobypassrls nocreatedb nocreaterole;
create role remitflow_app login password :'app_password' nosuperuser nobypassrls nocreatedb nocreaterole;
alter database :"database" owner to remitflow_owner;
revoke temporary on database :"database" from public;
SQL

-- An organization that registered no payee identifiers is not checked against its own, but never gets what is paid to another
-- organization of the installation. Asked with the rights of the caller, under row security, in the name of one organization
-- at a time; it tells only that there is one, not which.
create function payee_of_another(identifiers text[]) returns boolean language plpgsql as $$
declare
    before text := current_setting('remitflow.org_id', true);
    organization uuid;
    found_one boolean := false;
begin
    for organization in select org_id from organizations where org_id is distinct from nullif(before, '')::uuid loop
        perform set_config('remitflow.org_id', organization::text, true);
        select exists (select from billing_payee_identifiers where identifier = any (identifiers)) into found_one;
        exit when found_one;
    end loop;
    perform set_config('remitflow.org_id', coalesce(before, ''), true);
    return found_one;
end $$;
comment on function payee_of_another is 'Whether another organization than the current one is paid under one of these identifiers.';

-- Schedulers look for work of every organization every few seconds. A transaction for each of them is most of the load of an
-- idle system with a thousand organizations, so one statement asks for all. It runs with the rights of its caller, under row
-- security, in the name of one organization at a time, and tells nothing but which of them have something.
create function organizations_having(probe text) returns setof uuid language plpgsql as $$
declare
    before text := current_setting('remitflow.org_id', true);
    organization uuid;
    found_one boolean;
begin
    for organization in select org_id from organizations loop
        perform set_config('remitflow.org_id', organization::text, true);
        execute format('select exists (%s)', probe) into found_one;
        if found_one then
            return next organization;
        end if;
    end loop;
    perform set_config('remitflow.org_id', coalesce(before, ''), true);
end $$;
comment on function organizations_having is 'Organizations for which the query finds a row.';

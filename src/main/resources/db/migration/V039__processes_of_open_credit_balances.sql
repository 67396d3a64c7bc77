-- Cases that were open before credit balances had a process get one: the message goes out when the application starts.

do $$
declare
    organization organizations;
begin
    for organization in select * from organizations loop
        perform set_config('remitflow.org_id', organization.org_id::text, true);
        update billing_credit_balances
        set identified_on = (opened_at at time zone organization.time_zone)::date,
            step = case when state = 'resolved' then 'credit-closed' else 'classify-credit' end,
            closing = case when state = 'resolved' then 'balance_gone' end
        where org_id = organization.org_id;
        insert into workflow_outbox (org_id, id, kind, message_name, correlation_key, variables)
        select org_id, gen_random_uuid(), 'message', 'refunds.credit-balance-opened', id::text,
               jsonb_build_object('creditId', id::text, 'orgId', org_id::text)
        from billing_credit_balances where org_id = organization.org_id and state <> 'resolved';
    end loop;
    perform set_config('remitflow.org_id', '', true);
end $$;

alter table billing_credit_balances
    alter column identified_on set not null,
    alter column step drop default,
    add check ((state = 'resolved') = (closing is not null));

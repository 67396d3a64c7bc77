-- When the engine loses its data, the cases are still in the books: they are found, shown, and start again.

alter table workflow_process_instances add column lost_at timestamptz;
create index workflow_process_instances_open on workflow_process_instances (org_id, started_at) where ended_at is null;
create index workflow_outbox_correlation on workflow_outbox (org_id, correlation_key) where state = 'sent' and kind = 'message';
comment on column workflow_process_instances.lost_at is
    'Since when the engine does not know the instance although the case is open. Starting the case again removes the row: '
    'the first worker of the new instance writes another.';

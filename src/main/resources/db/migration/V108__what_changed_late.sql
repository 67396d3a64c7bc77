-- What was said about payments long after they were made is found without looking at all of them.

create index payments_gateway_events_told on payments_gateway_events (org_id, received_at) where object_type is not null;
create index billing_payments_changed on billing_payments (org_id, updated_at) where gateway_provider is not null;

alter table payments_gateway_events
    drop constraint payments_gateway_events_state_check,
    add constraint payments_gateway_events_state_check
        check (state in ('received', 'processed', 'unmatched', 'ignored', 'parked')),
    add column next_attempt_at timestamptz,
    add column last_error text;

comment on column payments_gateway_events.attempts is 'How often its processing was tried since it came or a person set it going again.';
comment on column payments_gateway_events.next_attempt_at is 'Not before; later each time its processing fails.';
comment on column payments_gateway_events.last_error is 'The code or class of the last failure, never its text.';

create index payments_gateway_events_parked on payments_gateway_events (org_id, received_at) where state = 'parked';

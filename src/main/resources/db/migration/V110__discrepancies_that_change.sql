-- A difference that amounts to something else leaves a trace.

alter table reconciliation_action_log drop constraint reconciliation_action_log_action_check;
alter table reconciliation_action_log add constraint reconciliation_action_log_action_check check (action in ('opened', 'changed',
    'triaged', 'acknowledged', 'assigned', 'noted', 'reminded', 'escalated', 'refused', 'resolved', 'reopened'));

-- Transfers are asked for every night, so that reports lost in an outage are made up for; unmatched ones are assigned by people.

alter table payments_bank_transfers add column content text;
alter table payments_bank_transfers add column assigned_by uuid;
alter table payments_bank_transfers add column assigned_at timestamptz;
alter table payments_bank_transfers add foreign key (org_id, assigned_by) references users (org_id, id);
alter table payments_bank_transfers add check ((assigned_by is null) = (assigned_at is null));
comment on column payments_bank_transfers.content is 'What the payer wrote into the transfer.';
create index payments_bank_transfers_assigned on payments_bank_transfers (org_id, assigned_by);
create index payments_bank_transfers_recent on payments_bank_transfers (org_id, state, id desc);

create table payments_transfer_cursors (
    org_id           uuid not null references organizations (org_id),
    gateway_provider text not null,
    reconciled_until date not null,
    asked_at         timestamptz not null,
    new_transfers    int not null check (new_transfers >= 0),
    primary key (org_id, gateway_provider)
);
comment on table payments_transfer_cursors is
    'Up to which day the transfers of a gateway were asked for and taken over, and how many of the last run were new: reports that '
    'had been lost.';
call protect('payments_transfer_cursors');

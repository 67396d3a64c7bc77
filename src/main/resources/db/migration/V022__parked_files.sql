-- A file whose processing never comes to an end is put aside, so that it cannot take the others down with it.

alter table intake_files
    add column attempts int not null default 0,
    drop constraint intake_files_state_check,
    add constraint intake_files_state_check
        check (state in ('received', 'accepted', 'rejected', 'duplicate', 'parked'));
comment on column intake_files.attempts is
    'How often its processing was begun since it arrived or since a person let it run again; counted before the work, so that '
    'an attempt that ends with the application counts too.';

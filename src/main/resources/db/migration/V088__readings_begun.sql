-- How often the reading of a packet was begun: a packet that ends the application while it is read is not read for ever.

alter table check_packets add column reading_attempts int not null default 0 check (reading_attempts >= 0);
comment on column check_packets.reading_attempts is
    'Readings that were begun and neither came to an end nor failed; after some of them a person enters what the packet shows.';

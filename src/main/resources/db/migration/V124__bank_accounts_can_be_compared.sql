-- Account numbers are encrypted one by one, so equal ones look different: a keyed fingerprint says which are equal.
alter table refund_ach_destinations add column fingerprint bytea;
comment on column refund_ach_destinations.fingerprint is
    'HMAC-SHA256 of routing and account number under the key of the installation; rows from before are filled when they are compared.';
create index refund_ach_destinations_of_fingerprint on refund_ach_destinations (org_id, fingerprint);

create table encryption_key_proofs (
    org_id     uuid primary key references organizations (org_id),
    proof      bytea not null,
    created_at timestamptz not null default now()
);
comment on table encryption_key_proofs is
    'Something known, encrypted with the key that encrypts the secrets of the organization: a start with another key is refused.';
call protect('encryption_key_proofs');

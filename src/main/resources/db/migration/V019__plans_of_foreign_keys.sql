-- PostgreSQL keeps the plan of a foreign key check for the whole session. Made while billing_remittance_claims is still
-- small or unknown to the statistics, it took another index that begins with the organization, and each check then read
-- every claim of the organization: the first large file took time with the square of its claims. So no other full index
-- of this table begins with org_id; remittance_id and claim_key select better anyway.

alter table billing_remittance_claims
    drop constraint billing_remittance_claims_org_id_remittance_id_position_key,
    add constraint billing_remittance_claims_position unique (remittance_id, position, org_id);
drop index billing_remittance_claims_key;
create index billing_remittance_claims_key on billing_remittance_claims (claim_key, org_id);

-- What each posted claim pays for without anybody asking for it.

-- No query selects by these, alone or with what stands behind org_id. The first also kept each new balance of an account
-- from staying on the page of its row, so that every index of the account was written again.
drop index billing_patient_accounts_balance;
drop index billing_patient_transactions_date;
drop index billing_claims_status;

-- What was paid twice is found among the few answers to the same claim.
drop index billing_remittance_claims_key;

-- Room for the new balance beside the old one: the accounts of a day are posted to together.
alter table billing_patient_accounts set (fillfactor = 60);

-- The account of a transaction is of the same organization and refers to it.
alter table billing_patient_transactions drop constraint billing_patient_transactions_org_id_fkey;

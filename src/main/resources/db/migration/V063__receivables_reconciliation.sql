-- The tie-out of the receivables finds the rows of an entry from either side.
create index billing_patient_transactions_entry on billing_patient_transactions (org_id, journal_entry_id);

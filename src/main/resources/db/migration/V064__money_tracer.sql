-- The money tracer looks documents up by the numbers people know them by, and by their amounts.
create index billing_remittances_trace on billing_remittances (org_id, trace_number);
create index billing_remittances_amount on billing_remittances (org_id, paid_amount);
create index billing_bank_receipts_trace_number on billing_bank_receipts (org_id, trace_number);
create index billing_bank_receipts_amount on billing_bank_receipts (org_id, amount);
create index billing_claims_charged on billing_claims (org_id, charged);
create index billing_payments_reference on billing_payments (org_id, reference_number) where reference_number is not null;
create index billing_payments_transaction on billing_payments (org_id, gateway_transaction_id)
    where gateway_transaction_id is not null;
create index billing_payments_amount on billing_payments (org_id, payment_amount);
create index payments_bank_transfers_amount on payments_bank_transfers (org_id, amount);
create index billing_refunds_amount on billing_refunds (org_id, refund_amount);
create index billing_refunds_gateway on billing_refunds (org_id, gateway_refund_id) where gateway_refund_id is not null;
create index billing_refunds_payout on billing_refunds (org_id, payout_reference) where payout_reference is not null;
create index accounting_journal_entries_by_hand on accounting_journal_entries (org_id, total_debit)
    where source_document_id is null;
create index accounting_clearing_references_value on accounting_clearing_references (org_id, reference_value);

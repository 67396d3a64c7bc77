-- An invoice can be written off, in an adjustment that names it.

comment on table billing_invoices is
    'Bills to the people or facilities of an account. adjustment_amount is what credit memos and write-offs took off it; the '
    'patient is the one of the account. Overdue is not stored: it follows from due_date and amount_due.';
comment on column billing_invoices.viewed_at is 'When its recipient was first known to have seen it.';
comment on column billing_adjustments.invoice_id is
    'The invoice that a credit memo is meant for first, or that a write-off gives up.';

-- No payment says which bank account it came from: a refund to one that was typed is not by the original instrument.
-- What nobody decided yet is judged by that; whoever asked for it cannot send it either way.

alter table billing_refunds no force row level security;

update billing_refunds
   set original_method = false,
       method_reason = coalesce(method_reason, 'The payment does not say which bank account it came from')
 where original_method and refund_method in ('ach', 'wire') and status = 'pending';

alter table billing_refunds force row level security;

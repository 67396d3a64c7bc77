-- The same payment with two contents is for a person to decide, and what was rejected or held can be looked at again.

alter table billing_remittances add column payment_number int not null default 1 check (payment_number > 0);
comment on column billing_remittances.payment_number is
    'Counts the payments under one payment_key: more than one only where a person decided that they are different payments.';
drop index billing_remittances_payment;
create unique index billing_remittances_payment on billing_remittances (org_id, payment_key, payment_number)
    where state = 'posted' and paid_amount <> 0;

alter table billing_remittance_reviews
    add column round               int not null default 1 check (round > 0),
    add column reopened_by         uuid,
    add column needs_approval      boolean not null default true,
    add column conflict_with       uuid,
    add column conflict_choice     text check (conflict_choice in ('resend', 'another-payment', 'reject')),
    add column conflict_reason     text,
    add column conflict_decided_by uuid,
    add column conflict_decided_at timestamptz,
    drop constraint billing_remittance_reviews_check1,
    add constraint billing_remittance_reviews_levels_check
        check (decision is null or approval_levels is not null or conflict_choice is not null),
    add constraint billing_remittance_reviews_conflict_check
        check (conflict_choice is null or (conflict_with is not null and conflict_reason is not null
               and conflict_decided_by is not null and conflict_decided_at is not null)),
    add foreign key (org_id, reopened_by) references users (org_id, id),
    add foreign key (org_id, conflict_with) references billing_remittances (org_id, id),
    add foreign key (org_id, conflict_decided_by) references users (org_id, id);
comment on column billing_remittance_reviews.round is
    'Counts how often it was looked at: opened again, it is another process instance, and earlier approvals no longer count.';
comment on column billing_remittance_reviews.conflict_with is
    'The posted remittance that reports the same payment with other content. resend: this one says the same money again and '
    'is not posted; another-payment: other money under the same numbers; reject: not posted for another reason.';
comment on column billing_remittance_reviews.needs_approval is
    'Whether the policy wants an approval, besides a decision about a conflict.';

-- Eligibility may be asked with the clearinghouse's form or with an X12 270.

alter table claims_eligibility_checks
    add column asked_as text not null default 'form' check (asked_as in ('form', 'x12'));
comment on column claims_eligibility_checks.asked_as is
    'form: the fields of Claim.MD''s form; x12: a 270, answered by a 271. request and answer are what was sent and what came.';

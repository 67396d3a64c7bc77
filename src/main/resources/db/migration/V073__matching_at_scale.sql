-- Lines that wait for their booking are found without looking at those that were booked, and references by the key that a line carries.

create table accounting_bank_unbooked_lines (
    org_id       uuid not null,
    line_id      uuid not null,
    position     bigint generated always as identity,
    booked_on    date not null,
    amount       bigint not null,
    currency     char(3) not null,
    keys         text[] not null,
    primary key (org_id, line_id),
    foreign key (org_id, line_id) references accounting_bank_lines (org_id, id)
);
comment on table accounting_bank_unbooked_lines is
    'Lines on their way into the books: written with the line, deleted with its booking. Lines are append-only, so that they cannot '
    'say themselves whether they are booked.';
comment on column accounting_bank_unbooked_lines.position is 'Lines up to a position were compared together.';
comment on column accounting_bank_unbooked_lines.keys is
    'Numbers that the line carries, in capitals without punctuation, and # with the number of its check: what it is matched by.';
create index accounting_bank_unbooked_lines_next on accounting_bank_unbooked_lines (org_id, booked_on, line_id);
call protect('accounting_bank_unbooked_lines');

create table accounting_bank_line_findings (
    org_id       uuid not null,
    line_id      uuid not null,
    finding      text not null check (finding in ('several', 'currency', 'amount', 'settled', 'unknown')),
    reference_id uuid,
    primary key (org_id, line_id),
    foreign key (org_id, line_id) references accounting_bank_unbooked_lines (org_id, line_id) on delete cascade,
    foreign key (org_id, reference_id) references accounting_clearing_references (org_id, id),
    check ((reference_id is not null) = (finding in ('currency', 'amount', 'settled')))
);
comment on table accounting_bank_line_findings is
    'Why no reference is certain for a line that waits: several fit, or the one with its number has another currency or amount or is '
    'settled, or there is none. Lines without a finding were not compared yet, or exactly one reference fits.';
call protect('accounting_bank_line_findings');

alter table accounting_bank_lines no force row level security;
alter table accounting_bank_bookings no force row level security;
alter table accounting_bank_line_keys no force row level security;
alter table accounting_bank_unbooked_lines no force row level security;
insert into accounting_bank_unbooked_lines (org_id, line_id, booked_on, amount, currency, keys)
select l.org_id, l.id, l.booked_on, l.amount, l.currency,
       array(select k.key from accounting_bank_line_keys k where k.org_id = l.org_id and k.line_id = l.id)
           || case when l.check_number <> '' then array['#' || ltrim(l.check_number, '0')] else '{}' end
  from accounting_bank_lines l
 where not exists (select from accounting_bank_bookings b where b.org_id = l.org_id and b.line_id = l.id)
 order by l.id;
alter table accounting_bank_unbooked_lines force row level security;
alter table accounting_bank_bookings force row level security;
alter table accounting_bank_lines force row level security;

-- They served only until the line was booked.
drop table accounting_bank_line_keys;

-- Shorter keys meet by chance; the number of a check is compared with check numbers only.
alter table accounting_clearing_references add column match_key text generated always as (
    case when reference_kind = 'check' then '#' || upper(regexp_replace(reference_value, '[^A-Za-z0-9]', '', 'g'))
         when length(regexp_replace(reference_value, '[^A-Za-z0-9]', '', 'g')) >= 6
              then upper(regexp_replace(reference_value, '[^A-Za-z0-9]', '', 'g')) end) stored;
comment on column accounting_clearing_references.match_key is
    'What a bank line that settles the reference carries: its value in capitals without punctuation. Null if too short to be told apart.';
create index accounting_clearing_references_match_key on accounting_clearing_references (org_id, match_key) where match_key is not null;

-- What the events of a transaction say together, kept when an event arrives, so that a run joins two tables and adds nothing up.

create table payments_gateway_transactions (
    org_id           uuid not null references organizations (org_id),
    gateway_provider text not null,
    transaction_id   text not null,
    first_at         timestamptz,
    currency         char(3),
    payer_reference  text,
    charges          int,
    amount           bigint,
    refunded         bigint,
    disputed         bigint,
    state            text check (state in ('pending', 'failed', 'succeeded', 'partially_refunded', 'refunded', 'disputed')),
    primary key (org_id, gateway_provider, transaction_id),
    check ((state is null) = (first_at is null) and (state is null) = (currency is null) and (state is null) = (charges is null)
        and (state is null) = (amount is null) and (state is null) = (refunded is null) and (state is null) = (disputed is null))
) with (fillfactor = 80);
comment on table payments_gateway_transactions is
    'A transaction at a gateway as the events tell it that arrived so far, in whatever order: written anew from them with each one. '
    'Its state is null while nothing but refunds or disputes of it were told.';
comment on column payments_gateway_transactions.charges is 'Charges that took money: more than one is suspected to be a mistake.';
create index payments_gateway_transactions_first on payments_gateway_transactions (org_id, first_at) where state is not null;
call protect('payments_gateway_transactions');

alter table payments_gateway_events no force row level security;
alter table payments_gateway_transactions no force row level security;
insert into payments_gateway_transactions (org_id, gateway_provider, transaction_id, first_at, currency, payer_reference, charges,
    amount, refunded, disputed, state)
with latest as (
    select distinct on (e.org_id, e.gateway_provider, e.transaction_id, e.object_type, part)
           e.org_id, e.gateway_provider, e.transaction_id, e.object_type, e.amount, e.currency, e.object_status,
           e.refunded_amount, e.payer_reference, e.occurred_at,
           case when e.object_type in ('charge', 'intent') then coalesce(e.charge_id, e.transaction_id)
                else coalesce(e.object_id, e.transaction_id) end as part,
           min(e.occurred_at) filter (where e.object_type in ('charge', 'intent'))
               over (partition by e.org_id, e.gateway_provider, e.transaction_id) as first_at
    from payments_gateway_events e
    where e.object_type is not null
    order by e.org_id, e.gateway_provider, e.transaction_id, e.object_type, part, e.occurred_at desc,
             e.object_status = 'succeeded' desc, e.refunded_amount desc nulls last, e.event_id desc
),
parts as (
    select org_id, gateway_provider, transaction_id, min(first_at) as first_at,
           bool_or(object_type = 'charge') as has_charge,
           sum(amount) filter (where object_type = 'charge' and object_status = 'succeeded') as charged,
           count(*) filter (where object_type = 'charge' and object_status = 'succeeded') as charges,
           coalesce(sum(refunded_amount) filter (where object_type = 'charge'), 0) as charge_refunded,
           (array_agg(amount order by occurred_at desc) filter (where object_type in ('charge', 'intent')))[1] as last_amount,
           (array_agg(object_status order by object_type, occurred_at desc)
               filter (where object_type in ('charge', 'intent')))[1] as last_status,
           min(currency) filter (where object_type in ('charge', 'intent')) as currency,
           max(payer_reference) as payer_reference,
           coalesce(sum(amount) filter (where object_type = 'refund' and object_status = 'succeeded'), 0) as refunds,
           bool_or(object_type = 'refund' and object_status in ('failed', 'canceled')) as refund_failed,
           coalesce(sum(amount) filter (where object_type = 'dispute'
               and object_status not in ('won', 'warning_closed', 'warning_needs_response', 'warning_under_review')), 0) as disputed
    from latest
    group by org_id, gateway_provider, transaction_id
    having bool_or(object_type in ('charge', 'intent'))
),
sums as (
    select *, coalesce(charged, last_amount)::bigint as amount,
           (case when refund_failed then refunds else greatest(refunds, charge_refunded) end)::bigint as refunded,
           charges > 0 or (not has_charge and last_status = 'succeeded') as taken
    from parts
)
select org_id, gateway_provider, transaction_id, first_at, currency, payer_reference, charges, amount, refunded, disputed,
       case when not taken then case when last_status = 'pending' then 'pending' else 'failed' end
            when disputed > 0 then 'disputed'
            when refunded >= amount then 'refunded'
            when refunded > 0 then 'partially_refunded'
            else 'succeeded' end
from sums;
alter table payments_gateway_transactions force row level security;
alter table payments_gateway_events force row level security;

comment on table reconciliation_items is
    'What a run found about each payment or transaction of its period that differs or ever differed. result: matched, or the first type by '
    'precedence; types has all of them, differences the amount of each. difference is that of the result, in the currency of the internal '
    'record, else the provider''s. How many others match, and their sums, stand in the report of the run.';

alter table payments_bank_transfers add column match_key text generated always as (
    case when length(regexp_replace(reference_code, '[^A-Za-z0-9]', '', 'g')) >= 6
         then upper(regexp_replace(reference_code, '[^A-Za-z0-9]', '', 'g')) end) stored;
comment on column payments_bank_transfers.match_key is 'The bank''s own reference as its statement carries it, in capitals without punctuation.';
create index payments_bank_transfers_match_key on payments_bank_transfers (org_id, match_key) where match_key is not null;

package io.remitflow.local;

import io.remitflow.identity.AuditVerification;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/**
 * What must be true of the books at any moment, over all organizations: each query finds rows that break one invariant.
 *
 * <p>Every test class on {@link BooksTest} or {@link RemitflowTest} and every fault and abuse case in one ends with {@link
 * #hold()}; a test that damages its books on purpose ends with {@link TestHospital#forget()}. The queries run as superuser,
 * so that row security cannot hide a broken row.
 */
public final class Invariants {

    public static final String CARD_NUMBER = "4242424242424242";

    private static final Map<String, String> QUERIES = new LinkedHashMap<>();

    private static final Set<UUID> VERIFIED = ConcurrentHashMap.newKeySet();

    static {
        QUERIES.put("I1 every entry is balanced and has at least two lines, all of them its own", """
                select e.entry_number
                from accounting_journal_entries e
                left join accounting_journal_lines l on l.org_id = e.org_id and l.journal_entry_id = e.id
                group by e.org_id, e.id, e.entry_number, e.total_debit, e.total_credit, e.line_count
                having count(l.line_number) < 2 or count(l.line_number) <> e.line_count
                    or coalesce(sum(l.debit_amount), 0) <> coalesce(sum(l.credit_amount), 0)
                    or coalesce(sum(l.debit_amount), 0) <> e.total_debit""");
        QUERIES.put("I2 the balance of each ledger account is the sum of its lines", """
                select a.account_code
                from accounting_chart_of_accounts a
                left join accounting_journal_lines l on l.org_id = a.org_id and l.account_id = a.id
                group by a.org_id, a.id, a.account_code, a.current_balance
                having a.current_balance <> coalesce(sum(l.debit_amount - l.credit_amount), 0)""");
        QUERIES.put("I2 all balances of an organization add up to zero in each currency", """
                select org_id::text || ' ' || currency
                from accounting_chart_of_accounts
                group by org_id, currency
                having sum(current_balance) <> 0""");
        QUERIES.put("I2 the balance of each clearing reference is the sum of its lines", """
                select r.reference_kind || ' ' || r.id
                from accounting_clearing_references r
                left join accounting_journal_lines l on l.org_id = r.org_id and l.clearing_reference_id = r.id
                group by r.org_id, r.id, r.reference_kind, r.balance
                having r.balance <> coalesce(sum(l.debit_amount - l.credit_amount), 0)""");
        QUERIES.put("I2 the balances of each patient account are the sums of its transactions", """
                select a.account_number
                from billing_patient_accounts a
                left join billing_patient_transactions t on t.org_id = a.org_id and t.account_id = a.id
                group by a.org_id, a.id, a.account_number, a.insurance_balance, a.patient_balance, a.transaction_count
                having a.insurance_balance <> coalesce(sum(t.amount) filter (where t.responsibility = 'insurance'), 0)
                    or a.patient_balance <> coalesce(sum(t.amount) filter (where t.responsibility = 'patient'), 0)
                    or a.transaction_count <> count(t.id)""");
        QUERIES.put("I2 the sums on each claim are those of the payer's answers", """
                select c.control_number
                from billing_claims c
                left join billing_claim_responses r on r.org_id = c.org_id and r.claim_id = c.id
                group by c.org_id, c.id, c.control_number, c.paid, c.contractual, c.patient_responsibility
                having c.paid <> coalesce(sum(r.paid), 0) or c.contractual <> coalesce(sum(r.contractual), 0)
                    or c.patient_responsibility <> coalesce(sum(r.patient_responsibility), 0)""");
        QUERIES.put("I3 each source key belongs to exactly one entry, each entry to one source key", """
                select k.source_key
                from accounting_journal_keys k
                full join accounting_journal_entries e on e.org_id = k.org_id and e.id = k.journal_entry_id
                    and e.source_key = k.source_key
                where k.source_key is null or e.id is null""");
        QUERIES.put("I3 entry numbers have no gaps", """
                select org_id::text || ' ' || left(entry_number, -6)
                from accounting_journal_entries
                group by org_id, left(entry_number, -6)
                having max(right(entry_number, 6)::bigint) <> count(*)""");
        QUERIES.put("I4 no payment is refunded beyond what was paid", """
                select p.payment_number
                from billing_payments p
                join billing_refunds r on r.org_id = p.org_id and r.original_payment_id = p.id
                where r.status in ('approved', 'processing', 'completed')
                group by p.org_id, p.id, p.payment_number, p.payment_amount
                having sum(r.refund_amount) > p.payment_amount""");
        QUERIES.put("I4 what a payment says was refunded is what completed refunds say", """
                select p.payment_number
                from billing_payments p
                left join billing_refunds r on r.org_id = p.org_id and r.original_payment_id = p.id and r.status = 'completed'
                group by p.org_id, p.id, p.payment_number, p.refunded_amount
                having p.refunded_amount < coalesce(sum(r.refund_amount), 0)""");
        QUERIES.put(
                "I4 what disputes claim of a payment is kept from being refunded, as far as it is still there", """
                select p.payment_number
                from billing_payments p
                join billing_disputes d on d.org_id = p.org_id and d.payment_id = p.id and d.currency = p.currency
                group by p.org_id, p.id, p.payment_number, p.payment_amount, p.refunded_amount, p.disputed_amount
                having p.disputed_amount < least(
                    sum(case when d.status in ('needs_response', 'under_review', 'lost') and d.reinstated_amount = 0
                             then greatest(d.amount, d.withdrawn_amount) else d.withdrawn_amount - d.reinstated_amount end),
                    p.payment_amount - p.refunded_amount)""");
        QUERIES.put("M3 disputed money is what open disputes hold", """
                select a.org_id::text
                from accounting_chart_of_accounts a
                where a.account_code = '1065'
                  and a.current_balance <> (select coalesce(sum(d.withdrawn_amount - d.reinstated_amount - d.lost_amount), 0)
                                            from billing_disputes d where d.org_id = a.org_id)""");
        QUERIES.put("M4 a dispute moved what its transactions at the gateway say", """
                select d.dispute_number
                from billing_disputes d
                left join billing_dispute_movements m on m.org_id = d.org_id and m.dispute_id = d.id
                group by d.org_id, d.id, d.dispute_number, d.withdrawn_amount, d.reinstated_amount, d.fee_amount
                having d.withdrawn_amount - d.reinstated_amount <> coalesce(-sum(m.amount), 0)
                    or d.fee_amount <> coalesce(sum(m.fee_amount), 0)""");
        QUERIES.put("M5 a posted payout is exactly the sum of its transactions", """
                select p.payout_number
                from payments_payouts p
                left join payments_payout_lines l on l.org_id = p.org_id and l.payout_id = p.id
                where p.state = 'posted' and p.automatic
                group by p.org_id, p.id, p.payout_number, p.amount, p.gross_amount, p.fee_amount, p.line_count
                having coalesce(sum(l.net_amount), 0) <> p.amount or p.gross_amount - p.fee_amount <> p.amount
                    or count(l.id) <> p.line_count""");
        QUERIES.put("M5 what is unknown of payouts lies in suspense under its own number", """
                select l.gateway_transaction_id
                from payments_payout_lines l
                join accounting_chart_of_accounts a on a.org_id = l.org_id and a.account_code = '1090'
                left join accounting_clearing_references r on r.org_id = l.org_id and r.account_id = a.id
                    and r.reference_kind = 'gateway-transaction' and r.reference_value = l.gateway_transaction_id
                where coalesce(r.balance, 0) <>
                    case when l.reference_kind is null and l.kind <> 'fee' then -l.net_amount else 0 end""");
        QUERIES.put("V17 remittance suspense holds, under each claim's reference, what is still held of it", """
                with parts as (
                    select org_id, remittance_id, count(*) as number
                    from billing_remittance_claims
                    where paid_amount <> 0 and (treatment in ('held', 'unidentified') or released_at is not null)
                    group by 1, 2),
                held as (
                    select c.org_id, left(c.claim_control_number || '/' || c.payer_claim_number, 200) as reference,
                           sum(c.paid_amount) as paid
                    from billing_remittance_claims c
                    left join parts p on p.org_id = c.org_id and p.remittance_id = c.remittance_id
                    where c.treatment in ('held', 'unidentified') and coalesce(p.number, 0) <= 1000
                    group by 1, 2),
                suspense as (
                    select r.org_id, r.reference_value as reference, r.balance
                    from accounting_clearing_references r
                    join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id
                    where a.account_code = '2010' and r.reference_kind = 'claim')
                select coalesce(h.reference, s.reference)
                from held h
                full join suspense s on s.org_id = h.org_id and s.reference = h.reference
                where coalesce(h.paid, 0) <> -coalesce(s.balance, 0)""");
        QUERIES.put("I3 a checkout that was paid is one payment in its amount", """
                select c.checkout_number
                from billing_checkouts c
                left join billing_payments p on p.org_id = c.org_id and p.id = c.payment_id
                where c.status = 'succeeded'
                  and (p.payment_amount <> c.amount or p.account_id <> c.account_id
                    or p.gateway_transaction_id is distinct from c.gateway_transaction_id)""");
        QUERIES.put("I4 a refund moves money at the gateway at most once", """
                select refund_id::text
                from refund_gateway_attempts
                where state = 'succeeded'
                group by org_id, refund_id
                having count(*) > 1""");
        QUERIES.put("I5 nobody approves what they requested or prepared", """
                select a.subject_id::text
                from workflow_approvals a
                where a.decided_by in (a.requested_by, a.prepared_by)
                   or a.on_behalf_of in (a.requested_by, a.prepared_by)""");
        QUERIES.put("I5 nobody approves or pays out what they prepared a version of", """
                select r.refund_number from billing_refunds r
                where r.approved_by = any (r.preparers) or r.approved_by is not null and r.processed_by = any (r.preparers)
                union all
                select a.adjustment_number from billing_adjustments a where a.approved_by = any (a.preparers)""");
        QUERIES.put("I5 whoever decided was of a role that is enough for the level, and held it at that moment", """
                select a.subject_type || ' ' || a.subject_id || ' ' || a.decided_as
                from workflow_approvals a
                where a.decided_as not in (a.level_role, 'cfo')
                   or not coalesce(
                       (select coalesce(u.facts ->> 'after', u.facts ->> 'roles') ~ ('\\m' || a.decided_as || '\\M')
                        from audit_log u
                        where u.org_id = a.org_id and u.subject_type = 'user'
                          and u.subject_id = coalesce(a.on_behalf_of, a.decided_by)::text
                          and u.action in ('user.created', 'user.roles-changed') and u.id < a.id
                        order by u.id desc limit 1), false)""");
        QUERIES.put("I5 an approved refund has all the approvals its rule asked for", """
                select r.refund_number
                from billing_refunds r
                where r.status in ('approved', 'processing', 'completed')
                  and (r.approval_levels is null
                    or (select count(*) from workflow_approvals a
                        where a.org_id = r.org_id and a.subject_id = r.id and a.subject_version = r.approval_version
                          and a.decision = 'approved' and a.amount = r.refund_amount)
                       <> cardinality(r.approval_levels))""");
        QUERIES.put("I5 no money left without an approved refund, or it is a case", """
                select t.refund_id::text
                from refund_gateway_attempts t
                join billing_refunds r on r.org_id = t.org_id and r.id = t.refund_id
                where r.status in ('pending', 'rejected', 'cancelled') and t.state = 'succeeded'
                  and not exists (select from reconciliation_discrepancies d
                      where d.org_id = t.org_id and d.subject_type = 'late-gateway-refund'
                        and d.subject_key = t.idempotency_key)""");
        QUERIES.put("I5 a remittance that waited for a review is posted only if all who had to have approved it", """
                select v.remittance_id::text
                from billing_remittance_reviews v
                join billing_remittances r on r.org_id = v.org_id and r.id = v.remittance_id
                where (r.state in ('posted', 'held')
                       and (v.decision is distinct from 'approved'
                            or (select count(*) from workflow_approvals a
                                where a.org_id = v.org_id and a.subject_id = v.remittance_id
                                  and a.subject_version = v.round
                                  and a.subject_type = 'remittance' and a.decision = 'approved')
                               <> cardinality(v.approval_levels)))
                   or (r.state = 'rejected') <> coalesce(v.decision = 'rejected', false)
                   or (r.state = 'review' and exists (select from accounting_journal_entries e
                       where e.org_id = r.org_id and e.source_document_id = r.id))""");
        QUERIES.put(
                "I6 what a confirmed check paid and what is unapplied of it is its amount; a returned one paid nothing",
                """
                select c.number
                from check_payments c
                left join check_remainders r on r.org_id = c.org_id and r.check_id = c.id
                left join lateral (select coalesce(sum(a.amount), 0) as paid from check_payment_applications a
                                   where a.org_id = c.org_id and a.check_id = c.id) applied on true
                where c.applied_amount <> applied.paid
                   or (c.status = 'confirmed' and c.amount <> applied.paid + coalesce(r.remaining, 0))
                   or (c.status <> 'confirmed' and (applied.paid <> 0 or coalesce(r.remaining, 0) <> 0))""");
        QUERIES.put("I6 what checks paid of an invoice was paid on it", """
                select i.invoice_number
                from billing_invoices i
                join check_payment_applications a on a.org_id = i.org_id and a.invoice_id = i.id
                group by i.org_id, i.id, i.invoice_number, i.amount_paid
                having i.amount_paid < sum(a.amount)""");
        QUERIES.put("I6 a deposit is the sum of what is in it", """
                select d.deposit_number
                from billing_bank_deposits d
                left join billing_bank_deposit_items i on i.org_id = d.org_id and i.deposit_id = d.id
                group by d.org_id, d.id, d.deposit_number, d.amount, d.item_count
                having d.amount <> coalesce(sum(i.amount), 0) or d.item_count <> count(i.deposit_id)""");
        QUERIES.put("I6 a verified deposit is booked in its amount, and one that was cancelled is booked back", """
                select d.deposit_number
                from billing_bank_deposits d
                join accounting_journal_entries e on e.org_id = d.org_id and e.id = d.journal_entry_id
                left join accounting_journal_entries r on r.org_id = e.org_id and r.reverses_entry_id = e.id
                where e.total_debit <> d.amount or (r.id is null) <> (d.status = 'verified')""");
        QUERIES.put("I6 what a posted remittance paid is its claims minus its provider adjustments", """
                select r.id::text
                from billing_remittances r
                where r.state = 'posted'
                  and r.paid_amount <>
                    (select coalesce(sum(c.paid_amount), 0) from billing_remittance_claims c
                     where c.org_id = r.org_id and c.remittance_id = r.id)
                  - (select coalesce(sum(p.amount), 0) from billing_remittance_provider_adjustments p
                     where p.org_id = r.org_id and p.remittance_id = r.id)""");
        QUERIES.put("I6 a claim on a posted remittance is charged minus adjusted", """
                select c.id::text
                from billing_remittance_claims c
                join billing_remittances r on r.org_id = c.org_id and r.id = c.remittance_id
                where r.state = 'posted' and c.treatment = 'posted'
                  and c.charged_amount - c.paid_amount <>
                    (select coalesce(sum(a.amount), 0) from billing_remittance_adjustments a
                     where a.org_id = c.org_id and a.remittance_claim_id = c.id)""");
        QUERIES.put("I6 a remittance comes from a file that was accepted", """
                select r.id::text
                from billing_remittances r
                join intake_files f on f.org_id = r.org_id and f.id = r.file_id
                where f.state = 'rejected'""");
        QUERIES.put("the open amount of each takeback is the sum of its steps", """
                select t.id::text
                from billing_takebacks t
                left join billing_takeback_steps s on s.org_id = t.org_id and s.takeback_id = t.id
                group by t.org_id, t.id, t.open_amount
                having t.open_amount <> coalesce(sum(s.amount), 0)""");
        QUERIES.put("the open takebacks of a payer are what its remittances left on the account", """
                select coalesce(i.payer_identifier, l.payer_identifier) || ' ' || coalesce(i.account_code, l.account_code)
                from (select org_id, payer_identifier, account_code, sum(open_amount) as amount
                      from billing_takebacks group by 1, 2, 3) i
                full join
                     (select r.org_id, r.payer_identifier, a.account_code, sum(l.debit_amount - l.credit_amount) as amount
                      from billing_remittances r
                      join accounting_journal_entries e on e.org_id = r.org_id and e.source_document_id = r.id
                           and e.source_document_type = 'remittance'
                      join accounting_journal_lines l on l.org_id = e.org_id and l.journal_entry_id = e.id
                      join accounting_chart_of_accounts a on a.org_id = l.org_id and a.id = l.account_id
                      where a.account_code in ('1130', '1140', '1150', '2050', '2060', '2070', '2080', '2090')
                      group by 1, 2, 3) l
                  on l.org_id = i.org_id and l.payer_identifier = i.payer_identifier and l.account_code = i.account_code
                where coalesce(i.amount, 0) <> coalesce(l.amount, 0)""");
        QUERIES.put(
                "each provider adjustment that stays open is in the steps of a takeback, with all of its amount", """
                select p.remittance_id || ' ' || p.position
                from billing_remittance_provider_adjustments p
                join billing_remittances r on r.org_id = p.org_id and r.id = p.remittance_id
                left join billing_takeback_steps s on s.org_id = p.org_id and s.remittance_id = p.remittance_id
                    and s.line_position = p.position
                where r.state = 'posted'
                  and p.account_code in ('1130', '1140', '1150', '2050', '2060', '2070', '2080', '2090')
                group by p.org_id, p.remittance_id, p.position, p.amount
                having p.amount <> coalesce(sum(s.amount), 0)""");
        QUERIES.put("a payer carries one balance forward, never two", """
                select payer_identifier
                from billing_takebacks
                where code = 'FB' and open_amount < 0
                group by org_id, payer_identifier, payee_identifier, currency
                having count(*) > 1""");
        QUERIES.put("M1 clearing of a trace number is zero exactly when remittance and money are both there", """
                select s.trace_number
                from billing_settlements s
                left join (select r.org_id, r.reference_value, r.balance
                           from accounting_clearing_references r
                           join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id
                           where a.account_code = '1050' and r.reference_kind = 'trn') c
                    on c.org_id = s.org_id and c.reference_value = s.reference
                where coalesce(c.balance, 0) <> s.expected_amount - s.received_amount + s.unidentified_amount
                   or (s.expected_amount > 0 and s.received_amount > 0
                       and (coalesce(c.balance, 0) = 0) <> (s.state = 'settled'))""");
        QUERIES.put("M1 the sides of a settlement are what its remittances and receipts add up to", """
                select s.trace_number
                from billing_settlements s
                where s.expected_amount <> (select coalesce(sum(r.amount), 0) from billing_settlement_remittances r
                                            where r.org_id = s.org_id and r.settlement_id = s.id)
                   or s.received_amount <> (select coalesce(sum(r.amount), 0) from billing_settlement_receipts r
                                            where r.org_id = s.org_id and r.settlement_id = s.id)
                   or (s.unidentified_amount > 0 and s.state not in ('late', 'missing'))""");
        QUERIES.put("M1 all money of a remittance is in one settlement", """
                select r.id::text
                from billing_remittances r
                left join billing_settlement_remittances s on s.org_id = r.org_id and s.remittance_id = r.id
                where (r.state = 'posted' and r.paid_amount <> 0) <> (s.remittance_id is not null)
                   or s.amount <> r.paid_amount""");
        QUERIES.put("M4 a receipt counts for no more and no less than it is", """
                select b.receipt_number
                from billing_bank_receipts b
                left join billing_settlement_receipts p on p.org_id = b.org_id and p.receipt_id = b.id
                group by b.org_id, b.id, b.receipt_number, b.state, b.amount, b.fee_amount
                having coalesce(sum(p.amount), 0)
                    <> case when b.state = 'received' then b.amount + b.fee_amount else 0 end""");
        QUERIES.put("M3 unidentified payer cash is what settlements say", """
                select a.org_id::text
                from accounting_chart_of_accounts a
                where a.account_code = '2020'
                  and -a.current_balance <> (select coalesce(sum(s.unidentified_amount), 0) from billing_settlements s
                                             where s.org_id = a.org_id)""");
        QUERIES.put(
                "M3 bank suspense holds each bank line that nothing explains in its amount, and what is unknown of payouts",
                """
                with unexplained as (
                    select l.org_id, 'bank-line ' || l.id as what, l.amount
                    from accounting_bank_lines l
                    join accounting_bank_bookings b on b.org_id = l.org_id and b.line_id = l.id and b.counter = 'suspense'
                    where not exists (
                        select from accounting_bank_match_parts p
                        join accounting_bank_matches m on m.org_id = p.org_id and m.id = p.match_id and m.status = 'accepted'
                        where p.org_id = l.org_id and p.side = 'line' and p.part_id = l.id and p.active)),
                suspense as (
                    select r.org_id, r.reference_kind || ' ' || r.reference_value as what, r.balance
                    from accounting_clearing_references r
                    join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id
                    where a.account_code = '1090' and r.balance <> 0 and r.reference_kind <> 'gateway-transaction')
                select coalesce(u.what, s.what)
                from unexplained u
                full join suspense s on s.org_id = u.org_id and s.what = u.what
                where coalesce(s.balance, 0) <> -coalesce(u.amount, 0)""");
        QUERIES.put(
                "M3 the shares of an accepted match are all of its lines and records, where none pays another", """
                select m.id || ' ' || p.side || ' ' || p.part_id
                from accounting_bank_matches m
                join accounting_bank_match_parts p on p.org_id = m.org_id and p.match_id = m.id
                left join lateral (select sum(s.amount) as amount from accounting_bank_match_shares s
                                   where s.org_id = m.org_id and s.match_id = m.id
                                     and ((p.side = 'line' and s.line_id = p.part_id)
                                       or (p.side = s.side and s.record_id = p.part_id))) paid on true
                where m.status = 'accepted'
                  and not exists (select from accounting_bank_match_parts a
                                  join accounting_bank_match_parts b on b.org_id = a.org_id and b.match_id = a.match_id
                                  where a.org_id = m.org_id and a.match_id = m.id and a.amount < 0 and b.amount > 0)
                  and coalesce(paid.amount, 0) <> p.amount""");
        QUERIES.put("M5 every entry of a match that was undone is reversed, and none of one that is accepted", """
                select m.id || ' ' || e.entry_number
                from accounting_bank_matches m
                join accounting_bank_match_entries b on b.org_id = m.org_id and b.match_id = m.id
                join accounting_journal_entries e on e.org_id = b.org_id and e.id = b.journal_entry_id
                left join accounting_journal_entries r on r.org_id = e.org_id and r.reverses_entry_id = e.id
                where (m.status = 'undone') <> (r.id is not null) or m.status not in ('accepted', 'undone')""");
        QUERIES.put("money of Medicare never paid another balance", """
                select r.id::text
                from billing_credit_returns r
                join billing_credit_balances c on c.org_id = r.org_id and c.id = r.credit_id
                where r.kind = 'transfer' and r.status = 'posted' and (c.payer_class = 'medicare' or c.belongs_to = 'payer')""");
        QUERIES.put(
                "I4 each credit of a claim or an account has one open case in its amount, unless it was dismissed",
                """
                select coalesce(n.account_id, k.account_id) || ' ' || coalesce(n.owner, k.owner) || ' '
                    || coalesce(n.amount, 0) || ' <> ' || coalesce(k.amount, 0)
                from billing_credits n
                full join (select * from billing_credit_balances where state <> 'resolved') k
                    on k.org_id = n.org_id and k.account_id = n.account_id and k.owner = n.owner
                    and coalesce(k.claim_id, k.account_id) = coalesce(n.claim_id, n.account_id)
                where coalesce(n.amount, 0) <> coalesce(k.amount, 0)
                  and not (k.id is null and n.amount is not distinct from (
                      select d.dismissed from billing_credit_balances d
                      where d.org_id = n.org_id and d.account_id = n.account_id and d.owner = n.owner
                        and d.claim_id is not distinct from n.claim_id
                      order by d.id desc limit 1))""");
        QUERIES.put("I5 what became of a credit was approved by as many people as its rule asked for", """
                select r.id::text
                from billing_credit_returns r
                where r.status = 'posted'
                  and (select count(distinct a.decided_by) from workflow_approvals a
                       where a.org_id = r.org_id and a.subject_type = 'credit-return' and a.subject_id = r.id
                         and a.decision = 'approved' and a.decided_by <> r.requested_by) < cardinality(r.approval_levels)""");
        QUERIES.put("I7 a processed gateway event has a time, a waiting one has none", """
                select event_id
                from payments_gateway_events
                where (state = 'received') = (processed_at is not null)""");
        QUERIES.put("I9 the audit chain has no gap", """
                select org_id::text
                from audit_chain
                group by org_id
                having count(*) <> max(seq) - min(seq) + 1 or min(seq) <> 1""");
        QUERIES.put("I9 each link of the audit chain holds the hash of the one before", """
                select c.org_id::text || ' ' || c.seq
                from audit_chain c
                join audit_chain p on p.org_id = c.org_id and p.seq = c.seq - 1
                where c.previous_hash <> p.hash""");
    }

    private static final String WAITING = """
            select 'outbox ' || id from workflow_outbox where state = 'waiting'
            union all
            select 'file ' || id from intake_files where state = 'received'
            union all
            select 'gateway event ' || id from payments_gateway_events where state = 'received'
            union all
            select 'audit ' || a.id from audit_log a
            where not exists (select from audit_chain c where c.org_id = a.org_id and c.audit_id = a.id)
            union all
            select 'idle in transaction ' || pid from pg_stat_activity
            where state like 'idle in transaction%' and state_change < clock_timestamp() - interval '10 seconds'""";

    /**
     * I8: the cases of one process.
     *
     * @param key the business key of the case {@code c}, as SQL
     * @param open which of them have a live process
     * @param over which of them have none any more
     */
    private record Cases(String processId, String table, String key, String open, String over) {

        String broken() {
            return """
                    select '%1$s of %2$s without a live process ' || %3$s from %2$s c
                    where (%4$s) and not exists (select from workflow_process_instances i
                        where i.org_id = c.org_id and i.process_id = '%1$s' and i.business_key = %3$s and i.ended_at is null)
                    union all
                    select 'live %1$s of a case of %2$s that is over ' || %3$s from %2$s c
                    join workflow_process_instances i on i.org_id = c.org_id and i.process_id = '%1$s'
                        and i.business_key = %3$s and i.ended_at is null and i.lost_at is null
                    where %5$s""".formatted(processId, table, key, open, over);
        }
    }

    private static final String ID = "c.id::text";
    private static final String ID_AND_ROUND = "c.id || case when c.round > 1 then '.' || c.round else '' end";

    private static final List<Cases> CASES = List.of(
            new Cases(
                    "refund",
                    "billing_refunds",
                    ID,
                    "c.status in ('pending', 'approved', 'processing', 'failed')",
                    "c.status in ('completed', 'rejected', 'cancelled', 'returned')"),
            new Cases(
                    "refund-return",
                    "billing_refunds",
                    ID,
                    "c.status = 'returned' and c.return_choice is null",
                    "c.status <> 'returned' or c.return_choice is not null"),
            new Cases("credit-balance", "billing_credit_balances", ID, "c.state <> 'resolved'", "c.state = 'resolved'"),
            new Cases(
                    "write-off",
                    "billing_adjustments",
                    ID,
                    "c.status in ('pending', 'approved')",
                    "c.status not in ('pending', 'approved')"),
            new Cases(
                    "rule-release",
                    "rules_release_requests",
                    ID,
                    "c.state in ('requested', 'approved')",
                    "c.state not in ('requested', 'approved')"),
            new Cases(
                    "remittance-review",
                    "billing_remittance_reviews",
                    "c.remittance_id || case when c.round > 1 then '.' || c.round else '' end",
                    "c.decision is null",
                    "c.decision is not null"),
            new Cases(
                    "remittance-settlement",
                    "billing_settlements",
                    "c.id || '.' || c.round",
                    "c.state not in ('settled', 'closed')",
                    "c.state in ('settled', 'closed')"),
            new Cases("card-opt-out", "billing_card_opt_outs", ID, "c.ended_at is null", "c.ended_at is not null"),
            new Cases("denial", "billing_denials", ID_AND_ROUND, "c.status <> 'closed'", "c.status = 'closed'"),
            new Cases("check-packet", "check_packets", ID, "c.state = 'received'", "c.state = 'staged'"),
            new Cases("check-review", "check_payments", ID, "c.status = 'needs_review'", "c.status <> 'needs_review'"),
            new Cases(
                    "bank-reconciliation",
                    "accounting_bank_reconciliation",
                    ID_AND_ROUND,
                    "c.status <> 'completed'",
                    "c.status = 'completed'"),
            new Cases(
                    "discrepancy",
                    "reconciliation_discrepancies",
                    ID_AND_ROUND,
                    "c.status <> 'resolved'",
                    "c.status = 'resolved'"));

    private final DataSource superuser;

    private Invariants(DataSource superuser) {
        this.superuser = superuser;
    }

    /** What the kinds of tests end each class with, and each fault and abuse case, which is known by the id in its name. */
    static final class AfterEachCaseAndClass implements AfterTestExecutionCallback, AfterAllCallback {

        private static final Pattern CASE = Pattern.compile("[a-i]\\d+_.*");

        @Override
        public void afterTestExecution(ExtensionContext context) {
            if (context.getExecutionException().isEmpty()
                    && CASE.matcher(context.getRequiredTestMethod().getName()).matches()) {
                ofTests().hold();
            }
        }

        @Override
        public void afterAll(ExtensionContext context) {
            LogWatch.keptSilent();
            ofTests().hold();
        }
    }

    /** For kinds of tests below Spring's own annotation: then the application is still there when a class has ended. */
    @Inherited
    @Target(ElementType.TYPE)
    @Retention(RetentionPolicy.RUNTIME)
    @ExtendWith(AuditAfterEachClass.class)
    @interface AuditVerifies {}

    static final class AuditAfterEachClass implements AfterAllCallback {

        @Override
        public void afterAll(ExtensionContext context) {
            ofTests()
                    .auditVerifies(
                            SpringExtension.getApplicationContext(context).getBean(AuditVerification.class));
        }
    }

    /** Of the database of this JVM's tests. */
    public static Invariants ofTests() {
        return new Invariants(TestServices.postgres().superuser());
    }

    public static Invariants of(DataSource superuser) {
        return new Invariants(superuser);
    }

    /** @throws AssertionError naming each broken invariant and the first rows that break it */
    public void hold() {
        var broken = new ArrayList<String>();
        try (Connection connection = superuser.getConnection()) {
            for (Map.Entry<String, String> invariant : QUERIES.entrySet()) {
                List<String> rows = rows(connection, invariant.getValue());
                if (!rows.isEmpty()) {
                    broken.add(invariant.getKey() + ": " + rows);
                }
            }
            broken.addAll(rowsOfForeignParents(connection));
        } catch (SQLException e) {
            throw new IllegalStateException("the invariants could not be checked", e);
        }
        if (!broken.isEmpty()) {
            throw new AssertionError("broken invariants:\n  " + String.join("\n  ", broken));
        }
    }

    /** I9, by the hash of every row, of each organization that is there for the first time. */
    private void auditVerifies(AuditVerification verification) {
        JdbcClient.create(superuser).sql("select org_id from organizations").query(UUID.class).list().stream()
                .filter(VERIFIED::add)
                .map(OrganizationId::new)
                .forEach(organization -> CurrentOrganization.call(organization, verification::ofCurrentOrganization)
                        .ifPresent(fault -> {
                            throw new AssertionError("I9 the audit log of %s is not what was written: %s"
                                    .formatted(organization.value(), fault));
                        }));
    }

    /**
     * I8 and I12: waits until all work is done and each open case has its live process, then checks everything. Not for
     * tests without an engine, as their cases have no process.
     */
    public void holdWhenQuiet(Duration patience) {
        Instant end = Instant.now().plus(patience);
        List<String> waiting = waiting();
        while (!waiting.isEmpty() && Instant.now().isBefore(end)) {
            Processes.pause(Duration.ofMillis(200));
            waiting = waiting();
        }
        if (!waiting.isEmpty()) {
            throw new AssertionError("I12 still not done after %d s: %s".formatted(patience.toSeconds(), waiting));
        }
        hold();
    }

    /**
     * I11: a log names no patient, card, password or secret.
     *
     * @param more what else the test put in, such as the names of its patients
     */
    public static void keptSilent(String log, String... more) {
        var canaries = new ArrayList<>(List.of(
                CARD_NUMBER,
                TestHospital.PASSWORD,
                LocalSettings.GATEWAY_WEBHOOK_SECRET,
                LocalSettings.GATEWAY_API_KEY));
        canaries.addAll(List.of(more));
        String text = log.toLowerCase(Locale.ROOT);
        for (String canary : canaries) {
            int found = text.indexOf(canary.toLowerCase(Locale.ROOT));
            if (found >= 0) {
                throw new AssertionError("I11 the log tells a secret: ..."
                        + log.substring(Math.max(0, found - 200), Math.min(log.length(), found + 100)));
            }
        }
    }

    private List<String> waiting() {
        try (Connection connection = superuser.getConnection()) {
            List<String> waiting = rows(connection, WAITING);
            for (Cases cases : CASES) {
                waiting.addAll(rows(connection, cases.broken()));
            }
            return waiting;
        } catch (SQLException e) {
            throw new IllegalStateException("the invariants could not be checked", e);
        }
    }

    /** I10: every foreign key between tables of organizations contains the organization, so no row has a foreign parent. */
    private static List<String> rowsOfForeignParents(Connection connection) throws SQLException {
        return rows(connection, """
                select 'I10 foreign key without organization: ' || fk.conrelid::regclass || ' ' || fk.conname
                from pg_constraint fk
                where fk.contype = 'f'
                  and exists (select from pg_attribute a where a.attrelid = fk.conrelid and a.attname = 'org_id')
                  and exists (select from pg_attribute a where a.attrelid = fk.confrelid and a.attname = 'org_id')
                  and not exists (select from pg_attribute a
                                  where a.attrelid = fk.conrelid and a.attname = 'org_id' and a.attnum = any (fk.conkey))
                union all
                select 'I10 table without forced row security: ' || c.oid::regclass
                from pg_class c
                join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
                where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
                  and not (c.relrowsecurity and c.relforcerowsecurity)""");
    }

    private static List<String> rows(Connection connection, String query) throws SQLException {
        var found = new ArrayList<String>();
        try (var statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query + " limit 5")) {
            while (rows.next()) {
                found.add(String.valueOf(rows.getString(1)));
            }
        }
        return found;
    }
}

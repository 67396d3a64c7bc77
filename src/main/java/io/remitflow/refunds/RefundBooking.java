package io.remitflow.refunds;

import static io.remitflow.ledger.StandardAccount.AR_PATIENTS;
import static io.remitflow.ledger.StandardAccount.CARD_CLEARING;
import static io.remitflow.ledger.StandardAccount.OUTGOING_PAYMENTS_CLEARING;
import static io.remitflow.ledger.StandardAccount.PETTY_CASH;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.PostedEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.payments.Payment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Books a refund that left, and takes the booking back if the money returns: journal, account, payment, credit balance. */
@Service
@Transactional
public class RefundBooking {

    private final RefundRows rows;
    private final Payments payments;
    private final PatientAccounts accounts;
    private final Journal journal;
    private final CreditBalances creditBalances;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    RefundBooking(
            RefundRows rows,
            Payments payments,
            PatientAccounts accounts,
            Journal journal,
            CreditBalances creditBalances,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.rows = rows;
        this.payments = payments;
        this.accounts = accounts;
        this.journal = journal;
        this.creditBalances = creditBalances;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /** Repeating it changes nothing. */
    public void complete(UUID id) {
        RefundCase refund = rows.lock(id);
        Refund before = refund.state();
        if (before.status() == RefundStatus.COMPLETED || before.status() == RefundStatus.RETURNED) {
            return;
        }
        refund.require(RefundStatus.PROCESSING);
        requireMoneyLeft(before);
        Payment payment = payments.lock(before.paymentId());
        PostedEntry entry =
                journal.post(NewEntry.on(organizations.today(), "refunds", "refund:" + id, "Refund " + before.number())
                        .debit(AR_PATIENTS, before.amount(), null)
                        .credit(accountOf(before), before.amount(), clearingOf(before))
                        .reference("refund", id)
                        .referenceNumber(before.number())
                        .inOpenPeriod()
                        .build());
        record(before, payment, TransactionType.REFUND, before.amount(), entry.id(), "refund:" + id);
        payments.refunded(payment.id(), before.amount());
        refund.completed(entry.id(), clock.instant());
        rows.save(refund.state(), clock.instant());
        creditBalances.moneyMoved(before.accountId(), payment.claimId(), before.creditBalanceId());
        timeline.add(Refunds.SUBJECT, id, "Completed", "Journal entry " + entry.number());
        audit.record(
                "refund-completed",
                Refunds.SUBJECT,
                id.toString(),
                Map.of("amount", before.amount().toString(), "entry", entry.number()));
    }

    /** The gateway could not deliver a refund it had confirmed: the money is back. Repeating it changes nothing. */
    void takeBack(UUID id, String code) {
        RefundCase refund = rows.lock(id);
        Refund before = refund.state();
        if (before.status() != RefundStatus.COMPLETED) {
            return;
        }
        UUID entryId = Objects.requireNonNull(before.journalEntryId());
        Payment payment = payments.lock(before.paymentId());
        PostedEntry reversal = journal.reverse(
                entryId, organizations.today(), "Refund " + before.number() + " came back", "refund-returned:" + id);
        record(
                before,
                payment,
                TransactionType.CREDIT,
                before.amount().negated(),
                reversal.id(),
                "refund-returned:" + id);
        payments.refunded(payment.id(), before.amount().negated());
        refund.returned(code);
        rows.save(refund.state(), clock.instant());
        creditBalances.moneyMoved(before.accountId(), payment.claimId(), before.creditBalanceId());
        timeline.add(Refunds.SUBJECT, id, "Came back", "The gateway could not deliver it: " + code.replace('_', ' '));
        audit.record("refund-returned", Refunds.SUBJECT, id.toString(), Map.of("code", code));
    }

    private void record(
            Refund refund, Payment payment, TransactionType type, Money amount, UUID entryId, String sourceKey) {
        accounts.lock(List.of(refund.accountId()));
        accounts.record(new AccountPosting(
                refund.accountId(),
                organizations.today(),
                type,
                Responsibility.PATIENT,
                amount,
                payment.claimId(),
                payment.id(),
                null,
                entryId,
                "Refund " + refund.number(),
                sourceKey));
    }

    private static void requireMoneyLeft(Refund refund) {
        boolean left = refund.method() == RefundMethod.CREDIT_CARD_REVERSAL
                ? refund.gatewayRefundId() != null
                : refund.processedBy() != null;
        if (!left) {
            throw new RuleViolation(
                    Refusal.REFUND_NOT_IN_STATE,
                    "refund %s of %s has not left yet".formatted(refund.number(), Amounts.format(refund.amount())));
        }
    }

    private static StandardAccount accountOf(Refund refund) {
        return switch (refund.method()) {
            case CREDIT_CARD_REVERSAL -> CARD_CLEARING;
            case CASH -> PETTY_CASH;
            case CHECK, ACH, WIRE, OTHER -> OUTGOING_PAYMENTS_CLEARING;
        };
    }

    private static @Nullable ClearingReference clearingOf(Refund refund) {
        return switch (refund.method()) {
            case CREDIT_CARD_REVERSAL ->
                new ClearingReference("gateway-refund", Objects.requireNonNull(refund.gatewayRefundId()));
            case CASH -> null;
            case CHECK -> new ClearingReference("check", Objects.requireNonNull(refund.payoutReference()));
            case ACH, WIRE, OTHER -> new ClearingReference("refund", refund.number());
        };
    }
}

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
import io.remitflow.identity.UserId;
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
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.util.Collection;
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
    private final ProcessMessages messages;
    private final ProcessInstances instances;
    private final RefundLetters letters;
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
            ProcessMessages messages,
            ProcessInstances instances,
            RefundLetters letters,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.rows = rows;
        this.payments = payments;
        this.accounts = accounts;
        this.journal = journal;
        this.creditBalances = creditBalances;
        this.organizations = organizations;
        this.messages = messages;
        this.instances = instances;
        this.letters = letters;
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
        UUID booked = before.journalEntryId();
        if (booked != null) {
            refund.completed(booked, clock.instant());
            rows.save(refund.state(), clock.instant());
            letters.write(refund.state(), RefundLetters.Kind.COMPLETED);
            timeline.add(
                    Refunds.SUBJECT, id, "Completed", "Settled, and not returned in the days that banks have for it");
            audit.record("refund-completed", Refunds.SUBJECT, id.toString(), Map.of());
            return;
        }
        requireMoneyLeft(before);
        PostedEntry entry = post(before, accountOf(before), clearingOf(before));
        refund.completed(entry.id(), clock.instant());
        rows.save(refund.state(), clock.instant());
        letters.write(refund.state(), RefundLetters.Kind.COMPLETED);
        timeline.add(Refunds.SUBJECT, id, "Completed", "Journal entry " + entry.number());
        audit.record(
                "refund-completed",
                Refunds.SUBJECT,
                id.toString(),
                Map.of("amount", before.amount().toString(), "entry", entry.number()));
    }

    /**
     * Locks refunds, their payments and their accounts. Whoever books several in one transaction calls this first: the first
     * booking holds the next number of the journal, for which others wait who hold an account.
     */
    void lock(Collection<UUID> ids) {
        List<Refund> refunds = ids.stream()
                .distinct()
                .sorted()
                .map(id -> rows.lock(id).state())
                .toList();
        refunds.stream().map(Refund::paymentId).distinct().sorted().forEach(payments::lock);
        accounts.lock(refunds.stream().map(Refund::accountId).toList());
    }

    /** Books what an ACH batch carries away, against that batch; the refund is not complete yet. */
    void release(RefundCase refund, String batchNumber, UserId processor) {
        Refund before = refund.state();
        PostedEntry entry = post(before, OUTGOING_PAYMENTS_CLEARING, new ClearingReference("ach-batch", batchNumber));
        refund.released(processor, batchNumber, entry.id(), clock.instant());
        rows.save(refund.state(), clock.instant());
        timeline.add(
                Refunds.SUBJECT,
                before.id(),
                processor,
                "Sent by ACH",
                "In batch %s, journal entry %s".formatted(batchNumber, entry.number()));
        audit.record(
                "refund-paid-out",
                Refunds.SUBJECT,
                before.id().toString(),
                Map.of("processor", processor.toString(), "batch", batchNumber, "entry", entry.number()));
    }

    /** The money of one check moves to another one, both for the same refund. */
    void moveToCheck(Refund before, String from, String to) {
        journal.post(NewEntry.on(
                        organizations.today(),
                        "refunds",
                        "refund-check:" + from + ":" + to,
                        "Refund %s: check %s instead of %s".formatted(before.number(), to, from))
                .debit(OUTGOING_PAYMENTS_CLEARING, before.amount(), new ClearingReference("check", from))
                .credit(OUTGOING_PAYMENTS_CLEARING, before.amount(), new ClearingReference("check", to))
                .reference("refund", before.id())
                .referenceNumber(before.number())
                .inOpenPeriod()
                .build());
    }

    /**
     * Money that had left is back: what the patient was owed is owed again, and a person is asked how to go on.
     * Repeating it changes nothing.
     *
     * @param code why, as the gateway, the bank or we call it
     * @param words the same for people
     */
    void takeBack(UUID id, String code, String words) {
        RefundCase refund = rows.lock(id);
        if (refund.state().status() == RefundStatus.PROCESSING
                && refund.state().gatewayRefundId() != null
                && refund.state().journalEntryId() == null) {
            // It failed before the process had booked that it succeeded, which would be booked afterwards for good.
            complete(id);
            refund = rows.lock(id);
        }
        Refund before = refund.state();
        UUID entryId = before.journalEntryId();
        boolean waits = before.status() == RefundStatus.PROCESSING;
        if (entryId == null || (before.status() != RefundStatus.COMPLETED && !waits)) {
            return;
        }
        Payment payment = payments.lock(before.paymentId());
        accounts.lock(List.of(before.accountId()));
        PostedEntry reversal =
                journal.takeBack(entryId, "Refund " + before.number() + " came back", "refund-returned:" + id);
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
        creditBalances.moneyCameBack(before.accountId(), payment.claimId(), before.creditBalanceId(), id);
        letters.write(refund.state(), RefundLetters.Kind.RETURNED);
        timeline.add(Refunds.SUBJECT, id, "Came back", words);
        audit.record("refund-returned", Refunds.SUBJECT, id.toString(), Map.of("code", code));
        messages.publish("refunds.returned", id.toString(), Map.of("refundId", id.toString()));
        if (waits) {
            messages.publish("refunds.came-back", id.toString(), Map.of());
            instances
                    .find(RefundSteps.PROCESS, id.toString())
                    .ifPresent(instance ->
                            instances.ended(RefundSteps.PROCESS, id.toString(), instance.processInstanceKey()));
        }
    }

    private PostedEntry post(Refund refund, StandardAccount account, @Nullable ClearingReference clearing) {
        UUID id = refund.id();
        Payment payment = payments.lock(refund.paymentId());
        accounts.lock(List.of(refund.accountId()));
        PostedEntry entry =
                journal.post(NewEntry.on(organizations.today(), "refunds", "refund:" + id, "Refund " + refund.number())
                        .debit(AR_PATIENTS, refund.amount(), null)
                        .credit(account, refund.amount(), clearing)
                        .reference("refund", id)
                        .referenceNumber(refund.number())
                        .inOpenPeriod()
                        .build());
        record(refund, payment, TransactionType.REFUND, refund.amount(), entry.id(), "refund:" + id);
        payments.refunded(payment.id(), refund.amount());
        creditBalances.moneyMoved(refund.accountId(), payment.claimId(), refund.creditBalanceId(), id);
        return entry;
    }

    private void record(
            Refund refund, Payment payment, TransactionType type, Money amount, UUID entryId, String sourceKey) {
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
                : refund.payoutReference() != null;
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

package io.remitflow.payments;

import static io.remitflow.ledger.StandardAccount.AR_PATIENTS;
import static io.remitflow.ledger.StandardAccount.CARD_CLEARING;
import static io.remitflow.ledger.StandardAccount.UNDEPOSITED_CHECKS;

import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.UserId;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Payments of patients: recorded and booked in one transaction, refunded never beyond what was paid. */
@Service
@Transactional
public class Payments {

    private static final Set<PaymentStatus> RETURNABLE = EnumSet.of(
            PaymentStatus.COMPLETED, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED, PaymentStatus.DISPUTED);

    private final PaymentRows rows;
    private final AllocationRows allocations;
    private final DisputeRows disputes;
    private final PatientAccounts accounts;
    private final Journal journal;
    private final NumberSeries numbers;
    private final Organizations organizations;
    private final AuditLog audit;
    private final Clock clock;

    Payments(
            PaymentRows rows,
            AllocationRows allocations,
            DisputeRows disputes,
            PatientAccounts accounts,
            Journal journal,
            NumberSeries numbers,
            Organizations organizations,
            AuditLog audit,
            Clock clock) {
        this.rows = rows;
        this.allocations = allocations;
        this.disputes = disputes;
        this.accounts = accounts;
        this.journal = journal;
        this.numbers = numbers;
        this.organizations = organizations;
        this.audit = audit;
        this.clock = clock;
    }

    /** What came from patients, by the date of payment, in the organization's currency. */
    @Transactional(readOnly = true)
    public Map<LocalDate, Money> receivedPerDay(LocalDate first, LocalDate last) {
        return rows.receivedPerDay(
                first, last, organizations.current().currency().getCode());
    }

    /** Books the payment at once; the same gateway transaction again returns the first payment. */
    public UUID record(NewPayment payment) {
        return record(payment, List.of());
    }

    /** @param paid what it pays; the rest pays the payment's claim, or lies on the account */
    UUID record(NewPayment payment, List<PaymentAllocation> paid) {
        requireSound(payment);
        UUID id = Ids.next();
        accounts.lock(List.of(payment.accountId()));
        Optional<Payment> known = sameGatewayTransaction(payment);
        if (known.isPresent()) {
            return known.get().id();
        }
        String number = numbers.next("PM");
        var posted = journal.post(NewEntry.on(payment.date(), "payments", "payment:" + id, "Patient payment " + number)
                .debit(receivingAccount(payment), payment.amount(), receivingReference(payment, number))
                .credit(AR_PATIENTS, payment.amount(), null)
                .reference("payment", id)
                .build());
        insert(id, number, payment, paid, posted.id(), "payment:" + id);
        audit.record(
                "payment-recorded",
                "payment",
                id.toString(),
                Map.of("number", number, "amount", payment.amount().toString()));
        return id;
    }

    private void insert(
            UUID id, String number, NewPayment payment, List<PaymentAllocation> paid, UUID entry, String sourceKey) {
        Map<UUID, Money> ofClaims = new LinkedHashMap<>();
        for (PaymentAllocation each : paid) {
            if (each.claimId() != null) {
                ofClaims.merge(each.claimId(), each.amount(), Money::plus);
            }
        }
        NewPayment whole = ofOneClaim(payment, ofClaims);
        rows.insert(id, number, whole, entry, CurrentUser.find().map(UserId::value), clock.instant());
        paid.forEach(each -> allocations.insert(id, each));
        Money rest = ofClaims.values().stream().reduce(whole.amount(), Money::minus);
        List<AccountPosting> postings = new ArrayList<>();
        ofClaims.forEach(
                (claim, part) -> postings.add(paid(whole, part, claim, id, entry, number, sourceKey + ":" + claim)));
        postings.add(paid(whole, rest, whole.claimId(), id, entry, number, sourceKey));
        accounts.record(postings);
    }

    private static NewPayment ofOneClaim(NewPayment payment, Map<UUID, Money> ofClaims) {
        if (ofClaims.size() != 1 || !ofClaims.values().iterator().next().isEqual(payment.amount())) {
            return payment;
        }
        return new NewPayment(
                payment.accountId(),
                ofClaims.keySet().iterator().next(),
                payment.date(),
                payment.amount(),
                payment.method(),
                payment.reference(),
                payment.cardLast4(),
                payment.gatewayProvider(),
                payment.gatewayTransactionId());
    }

    private static AccountPosting paid(
            NewPayment payment,
            Money amount,
            @Nullable UUID claim,
            UUID id,
            UUID entry,
            String number,
            String sourceKey) {
        return new AccountPosting(
                payment.accountId(),
                payment.date(),
                TransactionType.PAYMENT,
                Responsibility.PATIENT,
                amount.negated(),
                claim,
                id,
                null,
                entry,
                "Payment " + number,
                sourceKey);
    }

    /**
     * Records what an account got of money that the caller booked, in the transaction that booked it.
     *
     * @param paid what it pays; the rest lies on the account
     * @param sourceKey as of the account's transaction: unique, and the same again is refused
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public UUID recordBooked(NewPayment payment, List<PaymentAllocation> paid, UUID journalEntryId, String sourceKey) {
        requireSound(payment);
        UUID id = Ids.next();
        String number = numbers.next("PM");
        insert(id, number, payment, paid, journalEntryId, sourceKey);
        audit.record(
                "payment-recorded",
                "payment",
                id.toString(),
                Map.of("number", number, "amount", payment.amount().toString()));
        return id;
    }

    /**
     * The bank took all of it back; the caller books that in the same transaction. What of it was refunded left twice: the
     * account owes it.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void returned(UUID id) {
        Payment payment = lock(id);
        if (!RETURNABLE.contains(payment.status())) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE,
                    "payment %s is %s"
                            .formatted(payment.number(), payment.status().key()));
        }
        rows.outOf(id, payment.refunded(), payment.disputed(), PaymentStatus.RETURNED, clock.instant());
        audit.record(
                "payment-returned",
                "payment",
                id.toString(),
                Map.of(
                        "number",
                        payment.number(),
                        "refundedBefore",
                        payment.refunded().toString()));
    }

    @Transactional(readOnly = true)
    public Payment get(UUID id) {
        return rows.find(id, false).orElseThrow(() -> RuleViolation.notFound("the payment"));
    }

    /** What it paid when it was recorded; empty if that was not said. */
    @Transactional(readOnly = true)
    public List<PaymentAllocation> allocations(UUID id) {
        return allocations.ofPayment(id);
    }

    @Transactional(readOnly = true)
    public List<Payment> ofAccount(UUID accountId) {
        return rows.ofAccount(accountId);
    }

    /** Checks of this number and amount that somebody took, without a scan. */
    @Transactional(readOnly = true)
    public List<Payment> checksAtDesk(String number, Money amount) {
        return rows.checks(number, amount, true);
    }

    @Transactional(readOnly = true)
    public List<Payment> ofClaim(UUID claimId) {
        return rows.ofClaim(claimId);
    }

    /** Newest first; {@code after} is the id of the last payment already seen. */
    @Transactional(readOnly = true)
    public List<Payment> list(PaymentFilter filter) {
        return rows.list(filter);
    }

    /** Paid, less refunded, less disputed. Refunds under way are not known here. */
    @Transactional(readOnly = true)
    public Money refundable(UUID id) {
        return get(id).refundable();
    }

    /** The payment with its row locked until the transaction ends. */
    @Transactional(propagation = Propagation.MANDATORY)
    public Payment lock(UUID id) {
        return rows.find(id, true).orElseThrow(() -> RuleViolation.notFound("the payment"));
    }

    /**
     * Notes that part of a payment went back (or, if negative, came back again after all), in the transaction that books
     * it.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void refunded(UUID id, Money amount) {
        Payment payment = lock(id);
        Money refunded = payment.refunded().plus(amount);
        if (refunded.isGreaterThan(payment.amount()) || refunded.isNegative()) {
            throw new RuleViolation(
                    Refusal.REFUND_EXCEEDS_PAYMENT,
                    "%s of payment %s cannot be refunded: %s remain"
                            .formatted(Amounts.format(amount), payment.number(), Amounts.format(payment.refundable())));
        }
        Money disputed = coverable(payment, refunded, claimed(payment));
        if (disputed.isLessThan(payment.disputed())) {
            // The money had left before the dispute was known: it went out twice, and the dispute shows that.
            audit.record("payment-overdrawn", "payment", id.toString(), Map.of("number", payment.number()));
        }
        rows.outOf(id, refunded, disputed, statusAfter(payment, refunded, disputed), clock.instant());
    }

    /**
     * Notes how much of a payment disputes claim, in the transaction that notes the dispute. More than what was not
     * refunded is not kept here: that much went out twice.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    void disputed(UUID id, Money claimed) {
        Payment payment = lock(id);
        Money disputed = coverable(payment, payment.refunded(), claimed);
        rows.outOf(
                id, payment.refunded(), disputed, statusAfter(payment, payment.refunded(), disputed), clock.instant());
    }

    private Money claimed(Payment payment) {
        Money claimed = disputes.ofPayment(payment.id()).stream()
                .filter(dispute -> dispute.amount()
                        .getCurrencyUnit()
                        .equals(payment.amount().getCurrencyUnit()))
                .map(Dispute::claimed)
                .reduce(Money.zero(payment.amount().getCurrencyUnit()), Money::plus);
        return claimed.isGreaterThan(payment.disputed()) ? claimed : payment.disputed();
    }

    private static Money coverable(Payment payment, Money refunded, Money claimed) {
        Money left = payment.amount().minus(refunded);
        return claimed.isGreaterThan(left) ? left : claimed;
    }

    private static PaymentStatus statusAfter(Payment payment, Money refunded, Money disputed) {
        if (payment.status() == PaymentStatus.RETURNED) {
            // A refund that was on its way when the bank took the payment back.
            return PaymentStatus.RETURNED;
        }
        if (disputed.isPositive()) {
            return PaymentStatus.DISPUTED;
        }
        if (refunded.isZero()) {
            return PaymentStatus.COMPLETED;
        }
        return refunded.isEqual(payment.amount()) ? PaymentStatus.REFUNDED : PaymentStatus.PARTIALLY_REFUNDED;
    }

    private void requireSound(NewPayment payment) {
        if (!payment.amount().isPositive()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a payment must be more than zero");
        }
        if (!payment.amount().getCurrencyUnit().equals(organizations.current().currency())) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "payments are recorded in "
                            + organizations.current().currency().getCode());
        }
        if (payment.reference() != null && CardNumbers.isIn(payment.reference())) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "that is the number of a card: its last four digits are enough");
        }
        if ((payment.gatewayProvider() == null) != (payment.gatewayTransactionId() == null)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a gateway payment needs its gateway and its transaction");
        }
        accounts.get(payment.accountId());
    }

    private Optional<Payment> sameGatewayTransaction(NewPayment payment) {
        if (payment.gatewayProvider() == null || payment.gatewayTransactionId() == null) {
            return Optional.empty();
        }
        Optional<Payment> known = rows.ofGateway(payment.gatewayProvider(), payment.gatewayTransactionId());
        known.ifPresent(first -> {
            if (!first.amount().isEqual(payment.amount()) || !first.accountId().equals(payment.accountId())) {
                throw new RuleViolation(
                        Refusal.CHANGED_MEANWHILE,
                        "the gateway transaction is already recorded as %s with other content"
                                .formatted(first.number()));
            }
        });
        return known;
    }

    /** No cash is booked before a bank line says so: money waits in the clearing account of its way in. */
    private static io.remitflow.ledger.StandardAccount receivingAccount(NewPayment payment) {
        return switch (payment.method()) {
            case CREDIT_CARD, DEBIT_CARD, ONLINE, MOBILE, ACH, EFT, WIRE, PAYMENT_PLAN -> CARD_CLEARING;
            case CASH, CHECK, INSURANCE, OTHER -> UNDEPOSITED_CHECKS;
        };
    }

    private static ClearingReference receivingReference(NewPayment payment, String number) {
        if (payment.gatewayTransactionId() != null) {
            return new ClearingReference("gateway-payment", payment.gatewayTransactionId());
        }
        return payment.method() == PaymentMethod.CHECK && payment.reference() != null
                ? new ClearingReference("check", payment.reference())
                : new ClearingReference("payment", number);
    }
}

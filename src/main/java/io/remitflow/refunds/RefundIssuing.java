package io.remitflow.refunds;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.payments.CardGateway;
import io.remitflow.payments.CardGateway.GatewayOutcomeUnknown;
import io.remitflow.payments.CardGateway.GatewayRefund;
import io.remitflow.payments.CardGateway.GatewayUnavailable;
import io.remitflow.payments.CardGateway.RefundOrder;
import io.remitflow.payments.CardGateways;
import io.remitflow.payments.Payment;
import io.remitflow.payments.Payments;
import io.remitflow.payments.RefundNews;
import io.remitflow.refunds.GatewayAttempts.Attempt;
import io.remitflow.refunds.GatewayAttempts.State;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Moves money at the gateway: the intent is committed before the call, the outcome after it.
 *
 * <p>Whoever comes back after a crash, a lost answer or a reminder asks the gateway for our key before anything is sent
 * again, and what is sent again carries the same key. So the gateway books one refund per intent. What the gateway does not
 * have is sent only if nobody else returns the same money by now.
 */
@Service
public class RefundIssuing implements RefundNews {

    private static final Logger log = LoggerFactory.getLogger(RefundIssuing.class);

    private final RefundRows rows;
    private final RefundApprovals approvals;
    private final GatewayAttempts attempts;
    private final Payments payments;
    private final CardGateways gateways;
    private final RefundBooking booking;
    private final LateRefunds late;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    RefundIssuing(
            RefundRows rows,
            RefundApprovals approvals,
            GatewayAttempts attempts,
            Payments payments,
            CardGateways gateways,
            RefundBooking booking,
            LateRefunds late,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions,
            Clock clock) {
        this.rows = rows;
        this.approvals = approvals;
        this.attempts = attempts;
        this.payments = payments;
        this.gateways = gateways;
        this.booking = booking;
        this.late = late;
        this.messages = messages;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
        this.clock = clock;
    }

    public enum GatewayAnswer {
        CONFIRMED,
        DECLINED,
        OPEN
    }

    /** @param key the idempotency key, by which the confirmation finds the process */
    public record Issued(GatewayAnswer answer, String key) {}

    /** Starts the refund at the gateway, or finds out what became of it; repeating it is safe at any time. */
    public Issued issue(UUID id) {
        Intent intent = inTransaction(() -> intend(id));
        Attempt attempt = intent.attempt();
        if (attempt.state().settled()) {
            return issued(attempt);
        }
        return settle(attempt, ask(intent));
    }

    @Override
    public Optional<Runnable> refundMayHaveChanged(String provider, String idempotencyKey) {
        return inTransaction(() -> attempts.ofKey(idempotencyKey))
                .filter(attempt -> attempt.provider().equals(provider))
                .map(attempt -> {
                    Payment payment = inTransaction(
                            () -> payments.get(rows.get(attempt.refundId()).paymentId()));
                    Optional<GatewayRefund> answer = gateways.find(order(attempt, payment));
                    return () -> hear(attempt, answer);
                });
    }

    /**
     * Whoever settles the same attempt holds the row of its refund, so a failure is never taken for older than the success
     * whose transaction is still open: it comes before it or after it.
     *
     * @param before as it was when the gateway was asked
     */
    private void hear(Attempt before, Optional<GatewayRefund> answer) {
        RefundCase refund = rows.lock(before.refundId());
        List<Attempt> known = attempts.of(before.refundId());
        Attempt attempt = known.stream()
                .filter(each -> each.id().equals(before.id()))
                .findFirst()
                .orElseThrow();
        Optional<GatewayRefund> failure = answer.filter(news -> news.state() == CardGateway.GatewayState.DECLINED);
        if (isAwaited(refund.state(), known, attempt)) {
            failure.ifPresent(news -> take(refund, attempt, news));
            messages.publish("refunds.gateway-confirmed", attempt.idempotencyKey(), Map.of());
        } else if (isOf(refund.state(), attempt)) {
            failure.ifPresent(news -> takeBack(attempt, codeOf(news, "failed")));
        } else if (failure.isPresent()) {
            attempts.change(attempt.id(), State.DECLINED, null, codeOf(failure.get(), "declined"), clock.instant());
            late.cameToNothing(attempt.idempotencyKey());
        } else if (before.state() == State.DECLINED || attempt.state() != State.DECLINED) {
            // Else the answer is older than the failure that was heard of meanwhile.
            answer.ifPresent(news -> late.booked(refund, attempt, news));
        }
    }

    private static boolean isAwaited(Refund refund, List<Attempt> known, Attempt attempt) {
        return refund.status() == RefundStatus.PROCESSING
                && refund.step().equals(RefundSteps.AWAIT_GATEWAY)
                && !attempt.state().settled()
                && inUse(known, refund).id().equals(attempt.id());
    }

    private static boolean isOf(Refund refund, Attempt attempt) {
        return attempt.state() == State.SUCCEEDED
                && attempt.gatewayRefundId() != null
                && attempt.gatewayRefundId().equals(refund.gatewayRefundId());
    }

    private Intent intend(UUID id) {
        RefundCase refund = rows.lock(id);
        List<Attempt> known = attempts.of(id);
        boolean resumed = refund.state().status() != RefundStatus.APPROVED;
        if (resumed && !known.isEmpty()) {
            Attempt inUse = inUse(known, refund.state());
            return new Intent(inUse, payments.get(refund.state().paymentId()), true, unknown(known, inUse));
        }
        approvals.requireApproved(refund.state());
        Payment payment = payments.lock(refund.state().paymentId());
        requireCovered(refund.state(), payment);
        refund.processing(RefundSteps.AWAIT_GATEWAY);
        rows.save(refund.state(), clock.instant());
        // Of an earlier approval, which was taken back before the gateway had it: its key goes on.
        Optional<Attempt> unsent = unknown(known, null).stream()
                .filter(attempt -> attempt.amount().isEqual(refund.state().amount()))
                .findFirst();
        if (unsent.isPresent()) {
            return new Intent(unsent.get(), payment, true, unknown(known, unsent.get()));
        }
        Attempt attempt = attempts.start(
                id, known.size() + 1, providerOf(payment), refund.state().amount(), clock.instant());
        timeline.add(Refunds.SUBJECT, id, "Sent to the gateway", "Attempt %d".formatted(attempt.number()));
        return new Intent(attempt, payment, false, unknown(known, attempt));
    }

    /** After a change of the amount to and fro it is not the last one. */
    private static Attempt inUse(List<Attempt> known, Refund refund) {
        return known.reversed().stream()
                .filter(attempt -> attempt.amount().isEqual(refund.amount()))
                .findFirst()
                .orElseGet(known::getLast);
    }

    private static List<Attempt> unknown(List<Attempt> attempts, @Nullable Attempt except) {
        return attempts.stream()
                .filter(attempt -> !attempt.state().settled())
                .filter(attempt -> except == null || !attempt.id().equals(except.id()))
                .toList();
    }

    /** Empty: nobody knows yet. */
    private Optional<GatewayRefund> ask(Intent intent) {
        Attempt attempt = intent.attempt();
        try {
            RefundOrder order = order(attempt, intent.payment());
            if (intent.resumed()) {
                Optional<GatewayRefund> booked = gateways.find(order);
                if (booked.isPresent()) {
                    return booked;
                }
                if (attempt.state() != State.PENDING) {
                    requireStillWanted(attempt);
                }
            }
            requireNothingBooked(intent);
            return Optional.of(gateways.refund(order));
        } catch (GatewayOutcomeUnknown | GatewayUnavailable e) {
            log.warn("Refund attempt {} has no answer yet: {}", attempt.idempotencyKey(), e.getMessage());
            return Optional.empty();
        }
    }

    /** It never reached the gateway: a dispute or a payer may have taken the money since it was approved. */
    private void requireStillWanted(Attempt attempt) {
        transactions.executeWithoutResult(status -> {
            Refund refund = rows.lock(attempt.refundId()).state();
            requireCovered(refund, payments.lock(refund.paymentId()));
            if (refund.status() != RefundStatus.PROCESSING) {
                throw new RuleViolation(
                        Refusal.REFUND_NOT_IN_STATE, "refund %s is not approved".formatted(refund.number()));
            }
        });
    }

    /** A call that seemed lost may have arrived late, with the amount of before; then a person must look. */
    private void requireNothingBooked(Intent intent) {
        for (Attempt earlier : intent.others()) {
            gateways.find(order(earlier, intent.payment()))
                    .filter(booked -> booked.state() != CardGateway.GatewayState.DECLINED)
                    .ifPresent(booked -> {
                        throw new IllegalStateException(
                                "the gateway has booked another amount before, under " + earlier.idempotencyKey());
                    });
        }
    }

    Issued settle(Attempt attempt, Optional<GatewayRefund> answer) {
        return inTransaction(() -> {
            RefundCase refund = rows.lock(attempt.refundId());
            Attempt current = attempts.ofKey(attempt.idempotencyKey()).orElseThrow();
            if (current.state().settled()) {
                return issued(current);
            }
            if (answer.isEmpty()) {
                attempts.change(attempt.id(), State.UNKNOWN, null, null, clock.instant());
                return new Issued(GatewayAnswer.OPEN, attempt.idempotencyKey());
            }
            return take(refund, attempt, answer.get());
        });
    }

    private Issued take(RefundCase refund, Attempt attempt, GatewayRefund answer) {
        UUID id = attempt.refundId();
        switch (answer.state()) {
            case SUCCEEDED -> {
                if (!answer.amount().isEqual(attempt.amount())) {
                    throw new IllegalStateException(
                            "the gateway refunded another amount for " + attempt.idempotencyKey());
                }
                attempts.change(attempt.id(), State.SUCCEEDED, answer.id(), null, clock.instant());
                refund.confirmed(answer.id(), clock.instant());
                rows.save(refund.state(), clock.instant());
                timeline.add(Refunds.SUBJECT, id, "Confirmed by the gateway", "Gateway refund " + answer.id());
                late.taken(attempt.idempotencyKey());
                return new Issued(GatewayAnswer.CONFIRMED, attempt.idempotencyKey());
            }
            case DECLINED -> {
                String code = codeOf(answer, "declined");
                attempts.change(attempt.id(), State.DECLINED, null, code, clock.instant());
                refund.declined(code);
                rows.save(refund.state(), clock.instant());
                timeline.add(Refunds.SUBJECT, id, "Declined by the gateway", code.replace('_', ' '));
                audit.record("refund-declined", Refunds.SUBJECT, id.toString(), Map.of("code", code));
                return new Issued(GatewayAnswer.DECLINED, attempt.idempotencyKey());
            }
            case PENDING -> {
                attempts.change(attempt.id(), State.PENDING, answer.id(), null, clock.instant());
                return new Issued(GatewayAnswer.OPEN, attempt.idempotencyKey());
            }
        }
        throw new IllegalStateException();
    }

    private static String codeOf(GatewayRefund failure, String unnamed) {
        return failure.declineCode() == null ? unnamed : failure.declineCode();
    }

    /** A refund can still fail after it succeeded: then the money is back and so is what we owe. */
    private void takeBack(Attempt attempt, String code) {
        booking.takeBack(attempt.refundId(), code, "The gateway could not deliver it: " + code.replace('_', ' '));
    }

    /** A dispute, or a payer, may have taken what was left when the refund was requested. */
    static void requireCovered(Refund refund, Payment payment) {
        String hold = refund.holdReason();
        if (hold != null) {
            throw new RuleViolation(Refusal.REFUND_EXCEEDS_PAYMENT, hold);
        }
        if (refund.amount().isGreaterThan(payment.refundable())) {
            throw new RuleViolation(
                    Refusal.REFUND_EXCEEDS_PAYMENT,
                    "payment %s no longer covers the refund".formatted(payment.number()));
        }
    }

    private static RefundOrder order(Attempt attempt, Payment payment) {
        return new RefundOrder(
                attempt.provider(),
                attempt.idempotencyKey(),
                Objects.requireNonNull(payment.gatewayTransactionId()),
                attempt.amount());
    }

    private static String providerOf(Payment payment) {
        String provider = payment.gatewayProvider();
        if (provider == null) {
            throw new RuleViolation(
                    Refusal.INSTRUMENT_NOT_REFUNDABLE, "payment %s came without a gateway".formatted(payment.number()));
        }
        return provider;
    }

    private static Issued issued(Attempt attempt) {
        return new Issued(
                switch (attempt.state()) {
                    case SUCCEEDED -> GatewayAnswer.CONFIRMED;
                    case DECLINED -> GatewayAnswer.DECLINED;
                    case INTENDED, UNKNOWN, PENDING -> GatewayAnswer.OPEN;
                },
                attempt.idempotencyKey());
    }

    private <T> T inTransaction(Supplier<T> work) {
        T result = transactions.execute(status -> work.get());
        if (result == null) {
            throw new IllegalStateException("no result");
        }
        return result;
    }

    /** @param others attempts of the same refund of which nobody knows what became */
    record Intent(Attempt attempt, Payment payment, boolean resumed, List<Attempt> others) {}
}

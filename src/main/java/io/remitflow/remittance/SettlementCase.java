package io.remitflow.remittance;

import java.time.Instant;
import java.time.LocalDate;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A settlement while it changes. Its state follows from its two sides; while one is missing, from the clock, which only
 * moves forward.
 */
final class SettlementCase {

    private Settlement state;

    SettlementCase(Settlement state) {
        this.state = state;
    }

    Settlement state() {
        return state;
    }

    /**
     * @param paymentDate the last one that its remittances announce
     * @param cashSince the day from which money without a remittance waits
     */
    void sides(
            Money expected,
            Money received,
            @Nullable LocalDate paymentDate,
            @Nullable LocalDate cashSince,
            LocalDate today,
            Instant now) {
        boolean sameSide = state.state().oneSided()
                && expected.isPositive() == state.remittanceSeen()
                && received.isPositive() == state.cashSeen();
        boolean unchanged = expected.equals(state.expected()) && received.equals(state.received());
        LocalDate countedFrom = sameSide ? state.countedFrom() : countedFrom(expected, paymentDate, cashSince, today);
        SettlementState next = derive(expected, received, sameSide, paymentDate, today);
        int round = state.state().over() && !next.over() && state.version() > 1 ? state.round() + 1 : state.round();
        become(next, now);
        Instant awaiting = unchanged ? state.awaitingPayerSince() : null;
        String refusal = unchanged ? state.refusalReason() : null;
        state = new Settlement(
                state.id(),
                state.reference(),
                state.payerId(),
                state.payerIdentifier(),
                state.payerName(),
                state.traceNumber(),
                expected,
                received,
                state.unidentified(),
                paymentDate,
                countedFrom,
                state.state(),
                state.stateSince(),
                awaiting,
                refusal,
                round,
                state.version(),
                state.openedAt());
    }

    /**
     * A clock of the process ran out at this step.
     *
     * @return false if it stands elsewhere by now, then nothing changes
     */
    boolean clockStruck(String step, Instant now) {
        if (!state.step().equals(step)) {
            return false;
        }
        switch (step) {
            case SettlementSteps.AWAIT_PAYMENT_DATE -> become(SettlementState.WAITING, now);
            case SettlementSteps.AWAIT_OTHER_SIDE ->
                become(bothSeen() ? SettlementState.MISMATCHED : SettlementState.LATE, now);
            case SettlementSteps.AWAIT_LATE_SIDE -> become(SettlementState.MISSING, now);
            case SettlementSteps.AWAIT_PAYER -> awaitingPayer(null);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** The payer was asked and has the word. */
    void payerAsked(Instant now) {
        awaitingPayer(now);
        refused(null);
    }

    void refused(@Nullable String reason) {
        change(state.state(), state.stateSince(), state.unidentified(), state.awaitingPayerSince(), reason);
    }

    /** How much has to move to unidentified payer cash; negative: back to clearing. */
    Money toUnidentified() {
        boolean given = state.state() == SettlementState.LATE || state.state() == SettlementState.MISSING;
        Money target = given && !state.remittanceSeen()
                ? state.received()
                : Money.zero(state.received().getCurrencyUnit());
        return target.minus(state.unidentified());
    }

    void movedToUnidentified(Money amount) {
        change(
                state.state(),
                state.stateSince(),
                state.unidentified().plus(amount),
                state.awaitingPayerSince(),
                state.refusalReason());
    }

    private SettlementState derive(
            Money expected, Money received, boolean sameSide, @Nullable LocalDate paymentDate, LocalDate today) {
        if (expected.isZero() && received.isZero()) {
            return SettlementState.CLOSED;
        }
        if (expected.isPositive() && received.isPositive()) {
            if (expected.equals(received)) {
                return SettlementState.SETTLED;
            }
            if (!waitsAnew(expected, received)) {
                return SettlementState.MISMATCHED;
            }
        }
        if (sameSide) {
            return state.state();
        }
        return expected.isGreaterThan(received) && paymentDate != null && paymentDate.isAfter(today)
                ? SettlementState.EXPECTED
                : SettlementState.WAITING;
    }

    /**
     * Payers use a trace number again. Where both sides were equal and a remittance has come since, its money may still be
     * on its way, and has the time that it always has. Money that came once more may be a payment made twice.
     */
    private boolean waitsAnew(Money expected, Money received) {
        boolean wereEqual =
                state.state() == SettlementState.SETTLED || state.state().oneSided() && bothSeen();
        return wereEqual && expected.isGreaterThan(received) && received.equals(state.received());
    }

    private boolean bothSeen() {
        return state.remittanceSeen() && state.cashSeen();
    }

    private static LocalDate countedFrom(
            Money expected, @Nullable LocalDate paymentDate, @Nullable LocalDate cashSince, LocalDate today) {
        if (expected.isPositive()) {
            return paymentDate != null && paymentDate.isAfter(today) ? paymentDate : today;
        }
        return cashSince == null ? today : cashSince;
    }

    private void become(SettlementState next, Instant now) {
        change(
                next,
                next == state.state() ? state.stateSince() : now,
                state.unidentified(),
                state.awaitingPayerSince(),
                state.refusalReason());
    }

    private void awaitingPayer(@Nullable Instant since) {
        change(state.state(), state.stateSince(), state.unidentified(), since, state.refusalReason());
    }

    private void change(
            SettlementState next,
            Instant since,
            Money unidentified,
            @Nullable Instant awaitingPayerSince,
            @Nullable String refusalReason) {
        state = new Settlement(
                state.id(),
                state.reference(),
                state.payerId(),
                state.payerIdentifier(),
                state.payerName(),
                state.traceNumber(),
                state.expected(),
                state.received(),
                unidentified,
                state.paymentDate(),
                state.countedFrom(),
                next,
                since,
                awaitingPayerSince,
                refusalReason,
                state.round(),
                state.version(),
                state.openedAt());
    }
}

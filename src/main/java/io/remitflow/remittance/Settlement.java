package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * The money under one trace number of a payer: what its remittances announce and what arrived at the bank.
 *
 * @param reference of its balance in remittance clearing
 * @param expected sum of its posted remittances
 * @param received sum of its receipts, card fees included
 * @param unidentified the part of it that lies in unidentified payer cash, because no remittance came in time
 * @param countedFrom the day from which the clock of the missing side runs
 * @param awaitingPayerSince when the payer was asked and has the word
 * @param refusalReason why the last completed task did not count
 * @param round one process instance each: a settlement that opens again begins the next
 */
public record Settlement(
        UUID id,
        String reference,
        @Nullable UUID payerId,
        String payerIdentifier,
        String payerName,
        String traceNumber,
        Money expected,
        Money received,
        Money unidentified,
        @Nullable LocalDate paymentDate,
        LocalDate countedFrom,
        SettlementState state,
        Instant stateSince,
        @Nullable Instant awaitingPayerSince,
        @Nullable String refusalReason,
        int round,
        int version,
        Instant openedAt) {

    /** Received minus expected. */
    public Money difference() {
        return received.minus(expected);
    }

    public boolean remittanceSeen() {
        return expected.isPositive();
    }

    public boolean cashSeen() {
        return received.isPositive();
    }

    /** Business key of its process instance. */
    public String processKey() {
        return id + "." + round;
    }

    /** Element of {@code bpmn/remittance-settlement.bpmn} where it stands. */
    public String step() {
        return switch (state) {
            case EXPECTED -> SettlementSteps.AWAIT_PAYMENT_DATE;
            case WAITING -> SettlementSteps.AWAIT_OTHER_SIDE;
            case LATE -> SettlementSteps.AWAIT_LATE_SIDE;
            case MISSING -> awaitingPayerSince == null ? SettlementSteps.REQUEST_TRACE : SettlementSteps.AWAIT_PAYER;
            case MISMATCHED ->
                awaitingPayerSince == null ? SettlementSteps.RESOLVE_MISMATCH : SettlementSteps.AWAIT_PAYER;
            case SETTLED, CLOSED -> SettlementSteps.OVER;
        };
    }

    /** What to write to the payer about the side that is missing: numbers only, nothing about any patient. */
    public String traceRequest() {
        String amount = "%s %s"
                .formatted(
                        Amounts.format(remittanceSeen() ? expected : received),
                        expected.getCurrencyUnit().getCode());
        return remittanceSeen()
                ? """
                Please trace the following payment, which we have not received.
                Trace number (TRN02): %s
                Payer identifier (TRN03): %s
                Amount: %s
                Payment date: %s
                Please tell us the date and bank reference of the payment, or issue it again.""".formatted(traceNumber, payerIdentifier, amount, paymentDate == null ? "not given" : paymentDate)
                : """
                We received the following payment without its electronic remittance advice (835).
                Trace number (TRN02): %s
                Amount: %s
                Received on: %s
                Please send the remittance advice for this payment.""".formatted(traceNumber.isEmpty() ? "not given" : traceNumber, amount, countedFrom);
    }
}

package io.remitflow.remittance;

import java.time.Instant;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * That a payer who pays by virtual card is asked to pay by EFT.
 *
 * @param settlementId the card payment that opened it
 * @param fee what the card processor kept of that payment
 * @param refusalReason why the last completed task did not count
 */
public record CardOptOut(
        UUID id,
        String payerIdentifier,
        String payerName,
        UUID settlementId,
        String traceNumber,
        Money amount,
        Money fee,
        State state,
        Instant openedAt,
        @Nullable Instant requestedAt,
        @Nullable Instant endedAt,
        @Nullable UUID decidedBy,
        String note,
        @Nullable String refusalReason) {

    public enum State {
        /** Somebody has to ask the payer. */
        OPEN,
        /** The payer was asked and has not stopped yet. */
        REQUESTED,
        /** The payer pays by EFT from now on. */
        OPTED_OUT,
        /** We decided to take its cards. */
        CARDS_ACCEPTED;

        public boolean over() {
            return this == OPTED_OUT || this == CARDS_ACCEPTED;
        }
    }

    /** Element of {@code bpmn/card-opt-out.bpmn} where it stands. */
    public String step() {
        return switch (state) {
            case OPEN -> CardOptOutSteps.ASK;
            case REQUESTED -> CardOptOutSteps.AWAIT_PAYER;
            case OPTED_OUT, CARDS_ACCEPTED -> CardOptOutSteps.OVER;
        };
    }

    /** What to write to the payer: nothing about any patient. */
    public String request() {
        return """
                Please stop paying us by virtual card and pay by EFT (ACH CCD+ with the 835 trace number) instead.
                Payer identifier: %s
                Last card payment: trace number %s, %s %s
                Please confirm the date from which you pay by EFT.""".formatted(
                        payerIdentifier,
                        traceNumber,
                        io.remitflow.core.Amounts.format(amount),
                        amount.getCurrencyUnit().getCode());
    }
}

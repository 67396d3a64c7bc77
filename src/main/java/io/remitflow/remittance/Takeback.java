package io.remitflow.remittance;

import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Money that a payer moved outside of claims, until another remittance settles it.
 *
 * @param payerId whose credits it may recover; null if nobody knows which payer of ours it is
 * @param opened with the sign of the provider adjustment: positive was taken from the payment, negative added to it
 * @param open what is left of it, zero once it is settled
 * @param ageDays since it was opened, until today or until it was closed
 * @param problem why a person has to look at it
 * @param lastStep what happened to it most recently
 */
public record Takeback(
        UUID id,
        TakebackKind kind,
        String code,
        String accountCode,
        String payerName,
        String payerIdentifier,
        @Nullable UUID payerId,
        String reference,
        @Nullable UUID claimId,
        @Nullable String claimNumber,
        @Nullable UUID accountId,
        Money opened,
        Money open,
        LocalDate openedOn,
        @Nullable LocalDate closedOn,
        long ageDays,
        @Nullable TakebackProblem problem,
        @Nullable String explanation,
        @Nullable UUID explainedBy,
        @Nullable Instant explainedAt,
        UUID openedBy,
        String openedByTrace,
        TakebackStep firstStep,
        TakebackStep lastStep) {

    public boolean isOpen() {
        return !open.isZero();
    }

    public boolean isException() {
        return isOpen() && problem != null && explanation == null;
    }

    /** How it began and, if more happened, how it stands. */
    public String sentence() {
        return firstStep.equals(lastStep) ? firstStep.sentence() : firstStep.sentence() + " " + lastStep.sentence();
    }
}

package io.remitflow.refunds;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A credit of a claim or of an account as a case.
 *
 * @param claimId null: money that belongs to no claim
 * @param paymentId the payment that a refund would return, if one is large enough
 * @param owner on which side of the account the credit stands; whose money it is says the classification
 * @param step id of the element of the process where the case waits or was last
 * @param classification null only in cases older than their process, until it looks at them
 * @param classifiedBy null: the classification is a proposal of the books
 * @param refusal why what was done last did not count
 * @param letterAskedFor the last day for the letter to the owner that people were told of; null: none yet
 * @param letterSentOn when the owner was written to before the credit becomes unclaimed property
 * @param taken what the payer took of it from a later payment, without having reversed the claim
 * @param announced what the payer says that it will take of it
 */
public record CreditBalance(
        UUID id,
        UUID accountId,
        @Nullable UUID claimId,
        @Nullable UUID paymentId,
        @Nullable UUID payerId,
        Money amount,
        String cause,
        State state,
        LocalDate refundDue,
        Instant openedAt,
        @Nullable Instant resolvedAt,
        @Nullable String resolution,
        Owner owner,
        String step,
        @Nullable CreditClassification classification,
        @Nullable UserId classifiedBy,
        @Nullable Instant classifiedAt,
        LocalDate identifiedOn,
        @Nullable LocalDate remindedFor,
        @Nullable LocalDate escalatedFor,
        @Nullable String refusal,
        @Nullable Closing closing,
        @Nullable LocalDate letterAskedFor,
        @Nullable LocalDate letterSentOn,
        Money taken,
        Money announced) {

    /** On which side of the account the credit stands. */
    public enum Owner {
        PATIENT,
        PAYER;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public enum State {
        OPEN,
        REFUND_REQUESTED,
        RESOLVED;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How the case ended. */
    public enum Closing {
        BALANCE_GONE,
        NOT_A_CREDIT,
        TAKEN_BACK;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public boolean isResolved() {
        return state == State.RESOLVED;
    }

    /** What may be returned of it: what its payer takes itself must not go back to it once more. */
    public Money left() {
        Money left = amount.minus(taken).minus(announced);
        return left.isNegative() ? Money.zero(amount.getCurrencyUnit()) : left;
    }

    /** Whether its payer has all of it, though it stands in the books. */
    boolean isTakenInFull() {
        return taken.isPositive() && !taken.isLessThan(amount);
    }

    /** As if that were all of it. */
    CreditBalance limitedTo(Money part) {
        return new CreditBalance(
                id,
                accountId,
                claimId,
                paymentId,
                payerId,
                part,
                cause,
                state,
                refundDue,
                openedAt,
                resolvedAt,
                resolution,
                owner,
                step,
                classification,
                classifiedBy,
                classifiedAt,
                identifiedOn,
                remindedFor,
                escalatedFor,
                refusal,
                closing,
                letterAskedFor,
                letterSentOn,
                taken,
                announced);
    }

    /** Whether it is taken for the payer's money. */
    public boolean isOfPayer() {
        return classification != null && classification.belongsTo() == CreditClassification.BelongsTo.PAYER;
    }

    /** Whether it is money that Medicare paid: that never pays anything else. */
    public boolean isMedicare() {
        return classification != null && classification.payerClass() == CreditClassification.PayerClass.MEDICARE;
    }

    /** Whether somebody must write to the owner before the credit becomes unclaimed property. */
    public boolean needsLetter() {
        return !isResolved() && letterAskedFor != null && letterSentOn == null && Dormancy.isOf(classification);
    }

    /** Whether its due date is over, or comes today. */
    public boolean isEscalated() {
        return refundDue.equals(escalatedFor);
    }
}

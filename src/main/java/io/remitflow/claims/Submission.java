package io.remitflow.claims;

import io.remitflow.claims.SubmissionDetails.Form;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A claim on its way to its payer.
 *
 * @param state ready, batched, sent, accepted or rejected
 * @param payerName to whom it goes
 * @param round counts the sendings, from 1
 * @param payerSequence 1 on its way to the primary payer, 2 to the secondary
 * @param lastMessage what the clearinghouse or the payer said last; may quote the claim
 * @param obstacle why the next payer does not get it now, null for nothing
 */
public record Submission(
        UUID claimId,
        UUID accountId,
        String accountNumber,
        String controlNumber,
        String payerName,
        LocalDate serviceFrom,
        Money charged,
        Form form,
        String state,
        int round,
        int payerSequence,
        boolean payerReachable,
        boolean insuranceKnown,
        @Nullable String lastMessage,
        @Nullable String obstacle,
        Instant changedAt) {

    /** What keeps a ready claim from being sent; null for nothing. */
    public @Nullable String missing() {
        if (!insuranceKnown) {
            return "The patient's insurance is not recorded";
        }
        return payerReachable ? obstacle : "The payer has no Claim.MD payer id";
    }

    /** Primary, secondary, tertiary. */
    public String rank() {
        return NextPayer.rank(payerSequence);
    }

    Submission with(@Nullable String obstacle) {
        return new Submission(
                claimId,
                accountId,
                accountNumber,
                controlNumber,
                payerName,
                serviceFrom,
                charged,
                form,
                state,
                round,
                payerSequence,
                payerReachable,
                insuranceKnown,
                lastMessage,
                obstacle,
                changedAt);
    }
}

package io.remitflow.claims;

import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** An answer of a payer that was applied, and the status the claim had after it. */
public record ClaimResponse(
        UUID id,
        ClaimOutcome.Kind kind,
        LocalDate respondedOn,
        Money paid,
        Money contractual,
        Money patientResponsibility,
        @Nullable String payerStatusCode,
        @Nullable String payerClaimNumber,
        ClaimStatus statusAfter) {

    /** The claim had been replaced or voided before: the answer is recorded, and nothing is to be done about it. */
    public boolean tooLate() {
        return statusAfter.withdrawn();
    }
}

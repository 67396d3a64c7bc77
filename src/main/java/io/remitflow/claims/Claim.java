package io.remitflow.claims;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** A claim as submitted, and the sum of what its payer answered so far. */
public record Claim(
        UUID id,
        UUID accountId,
        UUID payerId,
        String controlNumber,
        @Nullable String payerClaimNumber,
        LocalDate serviceFrom,
        LocalDate serviceTo,
        Money charged,
        ClaimStatus status,
        Money paid,
        Money contractual,
        Money patientResponsibility,
        List<ClaimLine> lines) {

    /** What the payer has not yet explained. */
    public Money open() {
        return charged.minus(paid).minus(contractual).minus(patientResponsibility);
    }
}

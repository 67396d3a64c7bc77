package io.remitflow.claims;

import java.time.LocalDate;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A payer's answer to a claim as the change it makes: a reversal carries negative amounts.
 *
 * @param contractual what was accepted as contractual adjustment, not every CO amount: a denied amount stays open
 * @param sourceKey the claim payment of the remittance, unique per organization: applying it again changes nothing
 */
public record ClaimOutcome(
        Kind kind,
        LocalDate respondedOn,
        Money paid,
        Money contractual,
        Money patientResponsibility,
        @Nullable String payerStatusCode,
        @Nullable String payerClaimNumber,
        String sourceKey) {

    /**
     * Processed (paid, also with zero), denied, an earlier answer taken back; or billed to the patient by ourselves, negative when
     * that is taken back.
     */
    public enum Kind {
        PAID,
        DENIED,
        REVERSED,
        BILLED
    }
}

package io.remitflow.reconciliation;

import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A claim as it stood on the day.
 *
 * @param days since it was submitted to the payer
 * @param open charged less what was paid, adjusted and moved to the patient by the payer's answers; of a further payer, less what
 *     all payers paid and adjusted
 */
public record PayerClaim(
        UUID id,
        String controlNumber,
        LocalDate submittedOn,
        long days,
        PayerClaimState state,
        @Nullable LocalDate lastAnswerOn,
        Money charged,
        Money paid,
        Money open) {}

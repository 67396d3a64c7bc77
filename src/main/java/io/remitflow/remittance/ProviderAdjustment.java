package io.remitflow.remittance;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * Money moved outside of any claim (one pair of a PLB): positive takes from the payment, negative adds to it.
 *
 * @param code reason: WO, FB, L6, 72, CS, ...
 * @param reference what the payer says it belongs to, often a claim number or an earlier trace number; may be empty
 * @param position of the reason's element
 */
public record ProviderAdjustment(
        String providerId,
        @Nullable LocalDate fiscalPeriodEnd,
        String code,
        String reference,
        long amountMinor,
        EraPosition position) {}

package io.remitflow.remittance;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Why a payer paid less than charged: positive takes from the payment, negative adds to it.
 *
 * @param group CO, PR, OA, PI, or CR in old files
 * @param reason CARC
 * @param position of the reason's element
 */
public record EraAdjustment(
        String group,
        String reason,
        long amountMinor,
        @Nullable BigDecimal quantity,
        EraPosition position) {}

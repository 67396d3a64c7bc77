package io.remitflow.remittance;

import java.math.BigDecimal;
import java.util.List;
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
        EraPosition position) {

    static long sum(List<EraAdjustment> adjustments) {
        long sum = 0;
        for (EraAdjustment adjustment : adjustments) {
            sum = Math.addExact(sum, adjustment.amountMinor);
        }
        return sum;
    }
}

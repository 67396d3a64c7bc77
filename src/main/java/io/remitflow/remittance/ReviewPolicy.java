package io.remitflow.remittance;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Which remittances wait for a person before they are posted.
 *
 * @param above those that pay, or take back, more than this; null: none for its amount
 * @param takebacks those that reverse claims, or take money from the payment outside of claims
 * @param payers those of these payers, by id
 */
public record ReviewPolicy(@Nullable Money above, boolean takebacks, Set<UUID> payers) {

    /** What holds until somebody changes it. */
    public static final ReviewPolicy OFF = new ReviewPolicy(null, false, Set.of());

    public ReviewPolicy {
        payers = Set.copyOf(payers);
        if (above != null && above.isNegative()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the amount is not negative");
        }
    }
}

package io.remitflow.claims;

import io.remitflow.core.Amounts;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * The claim that a payer answered before, where it denies another answer or claim as its duplicate.
 *
 * @param answeredOn null: nobody has answered it yet
 */
public record RepeatedClaim(
        UUID claimId,
        UUID accountId,
        String controlNumber,
        Money paid,
        @Nullable LocalDate answeredOn) {

    /** "300.00 USD paid, answered on 2026-11-15" */
    public String words() {
        return "%s %s paid, %s"
                .formatted(
                        Amounts.format(paid),
                        paid.getCurrencyUnit(),
                        answeredOn == null ? "not answered yet" : "answered on " + answeredOn);
    }
}

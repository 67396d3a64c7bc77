package io.remitflow.remittance;

import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** An open item with all that happened to it and the claims it is about. */
public record TakebackDetail(Takeback takeback, List<TakebackStep> steps, List<AffectedClaim> claims) {

    public TakebackDetail {
        steps = List.copyOf(steps);
        claims = List.copyOf(claims);
    }

    /**
     * A claim that the remittance took back, or that the reference of the item names.
     *
     * @param paid what the remittance said, negative for a reversal; null if the claim is only named
     */
    public record AffectedClaim(
            String controlNumber,
            @Nullable UUID accountId,
            @Nullable String statusCode,
            @Nullable Money paid) {

        public @Nullable String statusText() {
            return statusCode == null ? null : AdjustmentCodes.CLAIM_STATUSES.text(statusCode);
        }
    }
}

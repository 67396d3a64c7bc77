package io.remitflow.claims;

import java.util.List;
import java.util.UUID;

/**
 * One answer of a remittance to a claim, after it was applied: what {@link Denials} needs to know of it.
 *
 * @param payerId who answers; a second payer has an appeal limit of its own
 * @param reversal takes an earlier answer back and neither pays nor denies
 * @param underpaid pays, but keeps something for a reason that nobody accepted yet and that denies nothing
 * @param remarks remark codes of the claim as a whole
 * @param reasons of a denial or of what was kept, else empty
 */
public record RemittedAnswer(
        UUID claimId,
        UUID accountId,
        UUID payerId,
        boolean reversal,
        boolean denied,
        boolean underpaid,
        long paidMinor,
        String currency,
        String remarks,
        List<DenialReason> reasons) {

    public RemittedAnswer {
        reasons = List.copyOf(reasons);
    }

    /** Whether somebody has to look at it. */
    boolean opensCase() {
        return denied || underpaid;
    }
}

package io.remitflow.remittance;

import org.jspecify.annotations.Nullable;

/**
 * Which held claims to list.
 *
 * @param payer part of a name, or an identifier
 * @param olderThanDays since their remittance was posted
 */
public record HeldClaimFilter(
        @Nullable HeldReason kind,
        @Nullable String payer,
        @Nullable Integer olderThanDays) {

    public static final HeldClaimFilter ALL = new HeldClaimFilter(null, null, null);
}

package io.remitflow.checks;

import java.time.LocalDate;
import java.util.Comparator;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An invoice that a check may pay.
 *
 * @param facilityId the account that was billed
 * @param periodEnd the last day it bills, if that is known
 * @param sentOn the day on which it was sent
 */
public record OpenInvoice(
        UUID id,
        String number,
        UUID facilityId,
        @Nullable LocalDate periodEnd,
        @Nullable LocalDate sentOn,
        long openMinor) {

    /** Where money that nobody asked for goes first; equal days in the order of the numbers. */
    static final Comparator<OpenInvoice> OLDEST_FIRST = Comparator.comparing(
                    OpenInvoice::anchor, Comparator.nullsLast(Comparator.<LocalDate>naturalOrder()))
            .thenComparing(OpenInvoice::number)
            .thenComparing(OpenInvoice::id);

    /** The day that the date on a remittance is compared with: what was billed beats when it was sent. */
    public @Nullable LocalDate anchor() {
        return periodEnd == null ? sentOn : periodEnd;
    }
}

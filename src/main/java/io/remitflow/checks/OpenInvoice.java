package io.remitflow.checks;

import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
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

    /**
     * To choose from: those nearest to a line in amount and then in date, in any case what was chosen for it.
     *
     * @param most of them; all, in their order, if there are no more
     */
    static List<OpenInvoice> nearest(List<OpenInvoice> pool, RemittanceLine line, int most) {
        if (pool.size() <= most) {
            return pool;
        }
        return pool.stream()
                .sorted(Comparator.comparing(
                                (OpenInvoice invoice) -> !invoice.id().equals(line.chosenInvoiceId()))
                        .thenComparing(invoice -> Math.abs(invoice.openMinor() - line.amountMinor()))
                        .thenComparing(invoice -> invoice.daysFrom(line.date()))
                        .thenComparing(OLDEST_FIRST))
                .limit(most)
                .toList();
    }

    private long daysFrom(@Nullable LocalDate date) {
        LocalDate anchor = anchor();
        return date == null || anchor == null ? Long.MAX_VALUE : Math.abs(ChronoUnit.DAYS.between(anchor, date));
    }
}

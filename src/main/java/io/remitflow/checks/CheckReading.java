package io.remitflow.checks;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a reader found in a packet. There is no place in it for what stands in the bank line of a check.
 *
 * @param reader which one read it
 * @param note what it could not do, for the person who looks at the packet
 */
public record CheckReading(
        String reader, List<Found> checks, @Nullable String note) {

    public CheckReading {
        checks = List.copyOf(checks);
    }

    /** Nothing was found, so a person enters what there is. */
    public static CheckReading nothing(String reader, String note) {
        return new CheckReading(reader, List.of(), note);
    }

    /**
     * One check with what its stub says.
     *
     * @param courtesyAmount in digits
     * @param legalAmount in words, which beat the digits
     * @param confidence 0 to 100
     * @param boxes where a field was read, by its name
     */
    public record Found(
            @Nullable String checkNumber,
            @Nullable LocalDate date,
            @Nullable String payerName,
            @Nullable String payeeName,
            @Nullable String memo,
            @Nullable BigDecimal courtesyAmount,
            @Nullable BigDecimal legalAmount,
            @Nullable Boolean signed,
            @Nullable Integer confidence,
            int firstPage,
            int lastPage,
            Map<String, FieldBox> boxes,
            List<Line> lines) {

        public Found {
            boxes = Map.copyOf(boxes);
            lines = List.copyOf(lines);
        }
    }

    /** One line of a stub. */
    public record Line(
            @Nullable String invoiceNumber, @Nullable LocalDate date, BigDecimal amount) {}
}

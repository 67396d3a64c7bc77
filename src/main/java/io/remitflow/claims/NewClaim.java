package io.remitflow.claims;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** A claim to submit; it is charged with the sum of its lines. */
public record NewClaim(
        UUID accountId,
        UUID payerId,
        String controlNumber,
        CareSetting setting,
        LocalDate submittedOn,
        List<Line> lines) {

    /** A service line; its control number defaults to its position. */
    public record Line(
            @Nullable String controlNumber,
            @Nullable String procedureCode,
            List<String> modifiers,
            @Nullable String revenueCode,
            LocalDate serviceDate,
            BigDecimal units,
            Money charged) {

        public static Line procedure(String code, LocalDate serviceDate, Money charged) {
            return new Line(null, code, List.of(), null, serviceDate, BigDecimal.ONE, charged);
        }
    }
}

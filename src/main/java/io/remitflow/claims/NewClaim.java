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

    /** CLM01 holds 38 characters at most; twenty are safe with every payer. */
    public static final int MAX_CONTROL_NUMBER = 38;

    public NewClaim {
        lines = List.copyOf(lines);
    }

    public Money charged() {
        return Money.total(lines.stream().map(Line::charged).toList());
    }

    public LocalDate serviceFrom() {
        return lines.stream().map(Line::serviceDate).min(LocalDate::compareTo).orElse(submittedOn);
    }

    public LocalDate serviceTo() {
        return lines.stream().map(Line::serviceDate).max(LocalDate::compareTo).orElse(submittedOn);
    }

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

        public static Line revenue(String code, LocalDate serviceDate, Money charged) {
            return new Line(null, null, List.of(), code, serviceDate, BigDecimal.ONE, charged);
        }
    }
}

package io.remitflow.claims;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** A service line; {@code controlNumber} comes back as REF*6R. */
public record ClaimLine(
        UUID id,
        int position,
        String controlNumber,
        @Nullable String procedureCode,
        List<String> modifiers,
        @Nullable String revenueCode,
        LocalDate serviceDate,
        BigDecimal units,
        Money charged) {}

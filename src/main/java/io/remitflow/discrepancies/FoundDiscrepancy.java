package io.remitflow.discrepancies;

import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What a reconciliation reports.
 *
 * @param subjectKey with the type it says which discrepancy this is: the same again is the same case
 * @param reference numbers and ids only, never a name
 */
public record FoundDiscrepancy(
        DiscrepancyType type,
        String subjectType,
        String subjectKey,
        @Nullable UUID subjectId,
        String reference,
        Money difference,
        LocalDate occurredOn) {}

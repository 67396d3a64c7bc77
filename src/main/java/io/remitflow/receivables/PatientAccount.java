package io.remitflow.receivables;

import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** A patient's account with its balances; {@code patientId} is the FHIR Patient id. */
public record PatientAccount(
        UUID id,
        String number,
        String patientId,
        @Nullable String familyName,
        @Nullable String givenName,
        AccountStatus status,
        Money creditLimit,
        Money balance,
        Money insuranceBalance,
        Money patientBalance,
        @Nullable LocalDate lastPaymentDate,
        @Nullable Money lastPaymentAmount,
        @Nullable String guarantorId,
        @Nullable String guarantorRelationship,
        @Nullable String notes,
        long version,
        Instant createdAt,
        Instant updatedAt) {

    /** "Rivera, Ana" for people to read; the patient id where no name is known. */
    public String patientName() {
        String name = Stream.of(familyName, givenName)
                .filter(part -> part != null && !part.isBlank())
                .collect(Collectors.joining(", "));
        return name.isEmpty() ? patientId : name;
    }
}

package io.remitflow.receivables;

import org.jspecify.annotations.Nullable;

/** What is needed to open an account; without a number the next of the series is taken. */
public record NewPatientAccount(
        String patientId,
        @Nullable String number,
        @Nullable String familyName,
        @Nullable String givenName,
        @Nullable String guarantorId,
        @Nullable String guarantorRelationship) {

    public static NewPatientAccount of(String patientId) {
        return new NewPatientAccount(patientId, null, null, null, null, null);
    }
}

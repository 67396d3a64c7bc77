package io.remitflow.remittance;

import org.jspecify.annotations.Nullable;

/** Whose claim it is, as the payer names them. Protected: its text form says nothing. */
public record EraPatient(
        String lastName,
        String firstName,
        @Nullable String identifierQualifier,
        @Nullable String identifier) {

    @Override
    public String toString() {
        return "EraPatient[...]";
    }
}

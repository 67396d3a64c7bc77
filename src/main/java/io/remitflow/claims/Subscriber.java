package io.remitflow.claims;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/** A patient who is insured in person, as a payer knows them. Never logged; {@code sex} is F, M or U. */
public record Subscriber(
        String memberId,
        @Nullable String groupNumber,
        String familyName,
        String givenName,
        LocalDate birthDate,
        String sex,
        String street,
        String city,
        String state,
        String postalCode) {

    @Override
    public String toString() {
        return "Subscriber[]";
    }
}

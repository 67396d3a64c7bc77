package io.remitflow.claims;

import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a claim needs to be sent besides what was charged.
 *
 * @param diagnoses ICD-10-CM codes without points, the principal one first
 * @param placeOfService two digits, on professional claims only
 * @param typeOfBill three digits such as 131, on institutional claims only
 * @param patientStatus two digits such as 01, on institutional claims only
 * @param attending who was responsible, on institutional claims only
 */
public record SubmissionDetails(
        Form form,
        List<String> diagnoses,
        @Nullable String placeOfService,
        @Nullable String typeOfBill,
        @Nullable LocalDate admittedOn,
        @Nullable String patientStatus,
        @Nullable Attending attending) {

    public SubmissionDetails {
        diagnoses = List.copyOf(diagnoses);
    }

    public static SubmissionDetails professional(String placeOfService, String... diagnoses) {
        return new SubmissionDetails(Form.PROFESSIONAL, List.of(diagnoses), placeOfService, null, null, null, null);
    }

    /** 837P or 837I. */
    public enum Form {
        PROFESSIONAL,
        INSTITUTIONAL;

        public String key() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        static Form ofKey(String key) {
            return valueOf(key.toUpperCase(java.util.Locale.ROOT));
        }
    }

    public record Attending(String npi, String familyName, String givenName) {}
}

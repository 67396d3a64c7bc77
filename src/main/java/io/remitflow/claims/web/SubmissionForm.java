package io.remitflow.claims.web;

import io.remitflow.claims.SubmissionDetails;
import io.remitflow.claims.SubmissionDetails.Attending;
import io.remitflow.claims.SubmissionDetails.Form;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What people and clients say about a claim to be sent, of which each form of claim uses its part. */
final class SubmissionForm {

    private SubmissionForm() {}

    /** @param diagnoses with or without points */
    static SubmissionDetails details(
            String form,
            List<String> diagnoses,
            @Nullable String placeOfService,
            @Nullable String typeOfBill,
            @Nullable LocalDate admittedOn,
            @Nullable String patientStatus,
            @Nullable Attending attending) {
        boolean professional = form.equals(Form.PROFESSIONAL.key());
        if (!professional && !form.equals(Form.INSTITUTIONAL.key())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a claim is professional or institutional");
        }
        List<String> codes = diagnoses.stream()
                .map(code -> code.strip().replace(".", "").toUpperCase(Locale.ROOT))
                .filter(code -> !code.isEmpty())
                .toList();
        return new SubmissionDetails(
                professional ? Form.PROFESSIONAL : Form.INSTITUTIONAL,
                codes,
                professional ? placeOfService : null,
                professional ? null : typeOfBill,
                admittedOn,
                professional ? null : patientStatus,
                professional ? null : attending);
    }
}

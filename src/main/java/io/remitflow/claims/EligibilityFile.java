package io.remitflow.claims;

import java.time.LocalDate;
import java.time.LocalDateTime;

/** Writes one question for eligibility as X12 270 (005010X279A1); the patient is the subscriber. */
final class EligibilityFile {

    private static final String RECEIVER = "CLAIMMD";

    private EligibilityFile() {}

    /** @param serviceType EQ01, 30 for the health plan as a whole */
    record Question(
            BillingProvider provider,
            Subscriber subscriber,
            String payerName,
            String payerRoute,
            LocalDate serviceDate,
            String serviceType) {}

    /**
     * @param number the control number of the interchange, 1 to 999,999,999
     * @param reference comes back with the answer, at most 50 characters
     */
    static String write(int number, String reference, LocalDateTime at, Question question) {
        var provider = question.provider();
        var subscriber = question.subscriber();
        var out =
                X12Text.open(new X12Text.Envelope("HS", "270", "005010X279A1", provider.taxId(), RECEIVER, at, number));
        out.segment("BHT", "0022", "13", reference, at.format(X12Text.DAY), at.format(X12Text.TIME));
        out.segment("HL", "1", "", "20", "1");
        out.segment(
                "NM1",
                "PR",
                "2",
                X12Text.name(question.payerName(), 60),
                "",
                "",
                "",
                "",
                "PI",
                X12Text.value(question.payerRoute()));
        out.segment("HL", "2", "1", "21", "1");
        out.segment("NM1", "1P", "2", X12Text.name(provider.name(), 60), "", "", "", "", "XX", provider.npi());
        out.segment("HL", "3", "2", "22", "0");
        out.segment("TRN", "1", reference, "9" + provider.taxId());
        out.segment(
                "NM1",
                "IL",
                "1",
                X12Text.name(subscriber.familyName(), 60),
                X12Text.name(subscriber.givenName(), 35),
                "",
                "",
                "",
                "MI",
                X12Text.value(subscriber.memberId()));
        out.segment(
                "DMG",
                "D8",
                subscriber.birthDate().format(X12Text.DAY),
                subscriber.sex().equals("U") ? "" : subscriber.sex());
        out.segment("DTP", "291", "D8", question.serviceDate().format(X12Text.DAY));
        out.segment("EQ", question.serviceType());
        return out.close();
    }
}

package io.remitflow.refunds;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;

/**
 * Within how many days credits go back where federal law does not say it, and what else is policy of the organization.
 *
 * @param patientDays of patients and guarantors; by the accounting plan, section 3.5, 30 days from detection
 * @param commercialDays of commercial and other payers, as their contracts and the state say
 * @param medicaidDays at most the 60 days of federal law
 * @param remindDaysBefore the due date
 * @param followUpDays after which somebody looks again whether a payer took its money back
 * @param transfersAllowed whether a credit may pay another open balance of the same guarantor; never money of Medicare
 * @param dormancyYears after which a credit is unclaimed property, as the state says
 * @param letterDaysBefore before that, until when the owner must have been written to
 */
public record CreditBalanceSettings(
        int patientDays,
        int commercialDays,
        int medicaidDays,
        int remindDaysBefore,
        int followUpDays,
        boolean transfersAllowed,
        int dormancyYears,
        int letterDaysBefore) {

    static final CreditBalanceSettings DEFAULTS = new CreditBalanceSettings(30, 30, 60, 7, 30, false, 3, 120);

    private static final int YEAR = 365;

    public CreditBalanceSettings {
        require(patientDays >= 1 && patientDays <= YEAR, "credits of patients go back within 1 to 365 days");
        require(commercialDays >= 1 && commercialDays <= YEAR, "credits of payers go back within 1 to 365 days");
        require(medicaidDays >= 1 && medicaidDays <= 60, "credits of Medicaid go back within 1 to 60 days");
        require(
                remindDaysBefore >= 1
                        && remindDaysBefore <= 60
                        && remindDaysBefore < Math.min(patientDays, Math.min(commercialDays, medicaidDays)),
                "the reminder comes 1 to 60 days before a credit is due, and after it was found");
        require(followUpDays >= 1 && followUpDays <= 180, "a takeback is looked after within 1 to 180 days");
        require(
                dormancyYears >= 1 && dormancyYears <= 15,
                "a credit becomes unclaimed property after 1 to 15 years, as the state says");
        require(
                letterDaysBefore >= 1 && letterDaysBefore < dormancyYears * YEAR,
                "the letter to the owner goes before the credit is unclaimed property, and after it was found");
    }

    private static void require(boolean right, String rule) {
        if (!right) {
            throw new RuleViolation(Refusal.INVALID_INPUT, rule);
        }
    }
}

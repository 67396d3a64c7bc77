package io.remitflow.refunds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.RuleViolation;
import io.remitflow.refunds.CreditClassification.BelongsTo;
import io.remitflow.refunds.CreditClassification.Cause;
import io.remitflow.refunds.CreditClassification.PayerClass;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Domain rules 4.9: typically three years, a letter to the owner first, and never money of Medicare. */
class DormancyTests {

    private static final LocalDate FOUND = LocalDate.of(2024, 2, 29);

    @Test
    void aPatientsCreditIsUnclaimedPropertyAfterThreeYearsAndItsOwnerIsWrittenToBefore() {
        assertThat(Dormancy.of(of(PayerClass.SELF_PAY), FOUND, CreditBalanceSettings.DEFAULTS))
                .hasValue(new Dormancy(LocalDate.of(2026, 10, 31), LocalDate.of(2027, 2, 28)));
    }

    @ParameterizedTest
    @EnumSource(
            value = PayerClass.class,
            names = {"COMMERCIAL", "OTHER"})
    void soIsMoneyOfOtherPayersAsTheStateSays(PayerClass payerClass) {
        assertThat(Dormancy.of(of(payerClass), FOUND, settings(5, 60)))
                .hasValue(new Dormancy(LocalDate.of(2028, 12, 30), LocalDate.of(2029, 2, 28)));
    }

    @ParameterizedTest
    @EnumSource(
            value = PayerClass.class,
            names = {"MEDICARE", "MEDICAID"})
    void moneyOfMedicareAndMedicaidNeverIs(PayerClass payerClass) {
        assertThat(Dormancy.of(of(payerClass), FOUND, CreditBalanceSettings.DEFAULTS))
                .isEmpty();
    }

    @Test
    void aCreditOfWhichNobodyKnowsWhoseItIsCountsAsThePatients() {
        assertThat(Dormancy.of(null, FOUND, CreditBalanceSettings.DEFAULTS)).isPresent();
    }

    @Test
    void settingsRefuseLettersBeforeTheCreditWasFound() {
        assertThat(settings(1, 364).letterDaysBefore()).isEqualTo(364);
        assertThatExceptionOfType(RuleViolation.class).isThrownBy(() -> settings(1, 365));
        assertThatExceptionOfType(RuleViolation.class).isThrownBy(() -> settings(0, 120));
        assertThatExceptionOfType(RuleViolation.class).isThrownBy(() -> settings(16, 120));
        assertThatExceptionOfType(RuleViolation.class).isThrownBy(() -> settings(3, 0));
    }

    private static CreditBalanceSettings settings(int years, int letterDays) {
        return new CreditBalanceSettings(30, 30, 60, 7, 30, false, years, letterDays);
    }

    private static CreditClassification of(PayerClass payerClass) {
        return new CreditClassification(
                payerClass == PayerClass.SELF_PAY ? BelongsTo.PATIENT : BelongsTo.PAYER, payerClass, Cause.OTHER);
    }
}

package io.remitflow.refunds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.RuleViolation;
import io.remitflow.refunds.CreditClock.Deadline;
import io.remitflow.refunds.CreditClock.Investigation;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The vectors of 42 CFR 401.305, and the clocks that an organization sets. */
class CreditClockTests {

    private static final LocalDate D0 = LocalDate.of(2026, 1, 15);

    private final CreditClock medicare = CreditClock.ofMedicare(D0);

    @Test
    void medicareMoneyIsDueSixtyDaysAfterItWasIdentified() {
        Deadline deadline = medicare.deadline(List.of());

        assertThat(deadline.dueOn()).isEqualTo(day(60));
        assertThat(deadline.isSuspended(day(10))).isFalse();
        assertThat(deadline.daysLeft(day(10))).isEqualTo(50);
        assertThat(deadline.daysLeft(day(61))).isEqualTo(-1);
    }

    @Test
    void theClockStandsStillWhileAnInvestigationRunsAndItsRemainingFiftyDaysRunAfterIt() {
        Deadline open = medicare.deadline(List.of(from(10, null)));
        assertThat(open.isSuspended(day(99))).isTrue();
        assertThat(open.daysLeft(day(10))).isEqualTo(50);
        assertThat(open.daysLeft(day(99))).isEqualTo(50);

        Deadline concluded = medicare.deadline(List.of(from(10, 100)));
        assertThat(concluded.isSuspended(day(100))).isFalse();
        assertThat(concluded.dueOn()).isEqualTo(day(150));
        assertThat(concluded.daysLeft(day(100))).isEqualTo(50);
    }

    @Test
    void theSuspensionEndsAtDay180Regardless() {
        Deadline open = medicare.deadline(List.of(from(10, null)));

        assertThat(open.suspendedUntil()).isEqualTo(day(180));
        assertThat(open.isSuspended(day(179))).isTrue();
        assertThat(open.isSuspended(day(180))).isFalse();
        assertThat(open.dueOn()).isEqualTo(day(230));
        assertThat(open.daysLeft(day(180))).isEqualTo(50);
        assertThat(medicare.deadline(List.of(from(10, 200))).dueOn()).isEqualTo(day(230));
    }

    @Test
    void aSecondInvestigationHoldsItAgainWithinTheSameLimit() {
        assertThat(medicare.deadline(List.of(from(5, 15), from(25, 30))).dueOn())
                .isEqualTo(day(75));
        assertThat(medicare.deadline(List.of(from(5, 15), from(25, null))).dueOn())
                .isEqualTo(day(60 + 10 + 155));
        assertThat(medicare.deadline(List.of(from(5, 15), from(25, null))).daysLeft(day(30)))
                .isEqualTo(45);
    }

    @Test
    void anInvestigationThatComesTooLateHoldsNothing() {
        assertThat(medicare.deadline(List.of(from(61, 70))).dueOn()).isEqualTo(day(60));
        assertThat(medicare.deadline(List.of(from(61, null))).isSuspended(day(62)))
                .isFalse();
        assertThat(medicare.deadline(List.of(from(10, 170), from(185, 190))).dueOn())
                .isEqualTo(day(220));
    }

    @Test
    void anInvestigationOfOneDayCostsNothing() {
        assertThat(medicare.deadline(List.of(from(10, 10))).dueOn()).isEqualTo(day(60));
    }

    @Test
    void otherClocksAreHeldByNoInvestigation() {
        Deadline deadline = CreditClock.of(D0, 30).deadline(List.of(from(5, null)));

        assertThat(deadline.dueOn()).isEqualTo(day(30));
        assertThat(deadline.isSuspended(day(6))).isFalse();
        assertThat(deadline.daysLeft(day(6))).isEqualTo(24);
    }

    @Test
    void leapDaysAndMonthEndsCountAsDays() {
        assertThat(CreditClock.ofMedicare(LocalDate.of(2028, 1, 31))
                        .deadline(List.of())
                        .dueOn())
                .isEqualTo(LocalDate.of(2028, 3, 31));
    }

    @Test
    void settingsRefuseClocksThatCannotBe() {
        assertThat(new CreditBalanceSettings(45, 90, 60, 7, 30, true, 3, 120).commercialDays())
                .isEqualTo(90);
        refuses(0, 30, 60, 7, 30);
        refuses(30, 366, 60, 7, 30);
        refuses(30, 30, 61, 7, 30);
        refuses(30, 30, 60, 30, 30);
        refuses(30, 30, 60, 0, 30);
        refuses(30, 30, 60, 7, 181);
    }

    private static void refuses(int patient, int commercial, int medicaid, int remind, int followUp) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() ->
                        new CreditBalanceSettings(patient, commercial, medicaid, remind, followUp, false, 3, 120));
    }

    private static Investigation from(int opened, @Nullable Integer concluded) {
        return new Investigation(day(opened), concluded == null ? null : day(concluded));
    }

    private static LocalDate day(int after) {
        return D0.plusDays(after);
    }
}

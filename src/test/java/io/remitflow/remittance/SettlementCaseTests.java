package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.camunda.zeebe.model.bpmn.Bpmn;
import io.camunda.zeebe.model.bpmn.instance.FlowNode;
import io.camunda.zeebe.model.bpmn.instance.Message;
import io.camunda.zeebe.model.bpmn.instance.Process;
import io.remitflow.core.RuleViolation;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How a settlement's state follows from its sides and from the clock. */
class SettlementCaseTests {

    private static final LocalDate TODAY = LocalDate.of(2026, 11, 20);
    private static final Instant NOW = Instant.parse("2026-11-20T15:00:00Z");

    private final SettlementCase settlement = new SettlementCase(unseen());

    @Test
    void aPaymentAnnouncedForLaterIsExpectedAndOnItsDayWaited() {
        sides("100.00", "0.00", TODAY.plusDays(4));
        assertThat(settlement.state().state()).isEqualTo(SettlementState.EXPECTED);
        assertThat(settlement.state().countedFrom()).isEqualTo(TODAY.plusDays(4));

        assertThat(settlement.clockStruck(SettlementSteps.AWAIT_PAYMENT_DATE, NOW))
                .isTrue();
        assertThat(settlement.state().state()).isEqualTo(SettlementState.WAITING);
    }

    @Test
    void aPaymentOfTodayWaitsThenIsLateThenMissing() {
        sides("100.00", "0.00", TODAY);
        assertThat(settlement.state().state()).isEqualTo(SettlementState.WAITING);

        settlement.clockStruck(SettlementSteps.AWAIT_OTHER_SIDE, NOW);
        assertThat(settlement.state().state()).isEqualTo(SettlementState.LATE);
        settlement.clockStruck(SettlementSteps.AWAIT_LATE_SIDE, NOW);
        assertThat(settlement.state().state()).isEqualTo(SettlementState.MISSING);
        assertThat(settlement.state().step()).isEqualTo(SettlementSteps.REQUEST_TRACE);
    }

    @Test
    void anAskedPayerHasTheWordUntilItIsTimeToAskAgain() {
        missing();
        settlement.payerAsked(NOW);
        assertThat(settlement.state().step()).isEqualTo(SettlementSteps.AWAIT_PAYER);

        settlement.clockStruck(SettlementSteps.AWAIT_PAYER, NOW);
        assertThat(settlement.state().step()).isEqualTo(SettlementSteps.REQUEST_TRACE);
    }

    @Test
    void aClockThatStrikesTwiceOrTooLateChangesNothing() {
        sides("100.00", "0.00", TODAY);
        settlement.clockStruck(SettlementSteps.AWAIT_OTHER_SIDE, NOW);

        assertThat(settlement.clockStruck(SettlementSteps.AWAIT_OTHER_SIDE, NOW))
                .isFalse();
        assertThat(settlement.state().state()).isEqualTo(SettlementState.LATE);
        sides("100.00", "100.00", TODAY);
        assertThat(settlement.clockStruck(SettlementSteps.AWAIT_LATE_SIDE, NOW)).isFalse();
        assertThat(settlement.state().state()).isEqualTo(SettlementState.SETTLED);
    }

    @Test
    void bothSidesAreSettledOnlyIfEqualToTheCent() {
        sides("100.00", "99.99", TODAY);
        assertThat(settlement.state().state()).isEqualTo(SettlementState.MISMATCHED);
        sides("100.00", "100.00", TODAY);
        assertThat(settlement.state().state()).isEqualTo(SettlementState.SETTLED);
        assertThat(settlement.state().step()).isEqualTo(SettlementSteps.OVER);
    }

    @Test
    void moneyWithoutRemittanceBecomesUnidentifiedWhenItIsLateAndIsIdentifiedByTheRemittance() {
        sides("0.00", "100.00", null);
        assertThat(settlement.toUnidentified()).isEqualTo(usd("0.00"));
        assertThat(settlement.state().countedFrom()).isEqualTo(TODAY.minusDays(1));

        settlement.clockStruck(SettlementSteps.AWAIT_OTHER_SIDE, NOW);
        assertThat(settlement.toUnidentified()).isEqualTo(usd("100.00"));
        settlement.movedToUnidentified(usd("100.00"));
        assertThat(settlement.toUnidentified()).isEqualTo(usd("0.00"));

        sides("100.00", "100.00", TODAY);
        assertThat(settlement.toUnidentified()).isEqualTo(usd("-100.00"));
    }

    @Test
    void aRemittanceWhosePaymentIsLateIsNoUnidentifiedMoney() {
        sides("100.00", "0.00", TODAY);
        settlement.clockStruck(SettlementSteps.AWAIT_OTHER_SIDE, NOW);

        assertThat(settlement.toUnidentified()).isEqualTo(usd("0.00"));
    }

    @Test
    void takenBackMoneyOpensAnotherRoundWhoseClockStartsAnew() {
        sides("100.00", "100.00", TODAY);
        var later = new SettlementCase(saved(settlement.state()));

        later.sides(usd("100.00"), usd("0.00"), TODAY, null, TODAY.plusDays(30), NOW.plusSeconds(60));

        assertThat(later.state().state()).isEqualTo(SettlementState.WAITING);
        assertThat(later.state().round()).isEqualTo(2);
        assertThat(later.state().countedFrom()).isEqualTo(TODAY.plusDays(30));
    }

    @Test
    void b11_aTraceNumberThatIsUsedAgainWaitsForItsOtherHalfBeforeItIsAMismatch() {
        sides("100.00", "100.00", TODAY);
        var again = new SettlementCase(saved(settlement.state()));

        again.sides(usd("250.00"), usd("100.00"), TODAY.plusDays(7), null, TODAY.plusDays(5), NOW);
        assertThat(again.state().state()).isEqualTo(SettlementState.EXPECTED);
        assertThat(again.state().round()).isEqualTo(2);
        assertThat(again.state().countedFrom()).isEqualTo(TODAY.plusDays(7));
        again.clockStruck(SettlementSteps.AWAIT_PAYMENT_DATE, NOW);
        again.sides(usd("250.00"), usd("100.00"), TODAY.plusDays(7), null, TODAY.plusDays(8), NOW);
        assertThat(again.state().state()).as("looked at again").isEqualTo(SettlementState.WAITING);

        var inTime = new SettlementCase(again.state());
        inTime.sides(usd("250.00"), usd("250.00"), TODAY.plusDays(7), null, TODAY.plusDays(9), NOW);
        assertThat(inTime.state().state()).isEqualTo(SettlementState.SETTLED);

        var other = new SettlementCase(again.state());
        other.sides(usd("250.00"), usd("249.99"), TODAY.plusDays(7), null, TODAY.plusDays(9), NOW);
        assertThat(other.state().state()).as("no tolerance").isEqualTo(SettlementState.MISMATCHED);

        assertThat(again.clockStruck(SettlementSteps.AWAIT_OTHER_SIDE, NOW)).isTrue();
        assertThat(again.state().step()).isEqualTo(SettlementSteps.RESOLVE_MISMATCH);
        again.sides(usd("250.00"), usd("100.00"), TODAY.plusDays(7), null, TODAY.plusDays(12), NOW);
        assertThat(again.state().state()).isEqualTo(SettlementState.MISMATCHED);
    }

    @Test
    void moneyThatComesOnceMoreIsAMismatchAtOnce() {
        sides("100.00", "100.00", TODAY);

        sides("100.00", "200.00", TODAY);

        assertThat(settlement.state().state()).isEqualTo(SettlementState.MISMATCHED);
    }

    @Test
    void aSideThatShrinksAfterBothWereEqualIsAMismatchAtOnce() {
        sides("100.00", "100.00", TODAY);

        sides("100.00", "60.00", TODAY);

        assertThat(settlement.state().state()).isEqualTo(SettlementState.MISMATCHED);
    }

    @Test
    void newsThatChangesNothingKeepsTheStageOfTheClock() {
        missing();
        settlement.payerAsked(NOW);
        sides("100.00", "0.00", TODAY);

        assertThat(settlement.state().state()).isEqualTo(SettlementState.MISSING);
        assertThat(settlement.state().step()).isEqualTo(SettlementSteps.AWAIT_PAYER);
    }

    /** Friday the 20th; Thursday the 26th is Thanksgiving. */
    @Test
    void lateIsTheDayAfterFourBusinessDaysByDefault() {
        assertThat(SettlementSettings.DEFAULTS.lateOn(TODAY)).isEqualTo(LocalDate.of(2026, 11, 28));
        assertThat(SettlementSettings.DEFAULTS.missingOn(TODAY)).isEqualTo(LocalDate.of(2026, 12, 4));
        assertThat(SettlementSettings.DEFAULTS.followUpOn(TODAY)).isEqualTo(LocalDate.of(2026, 11, 30));
    }

    @Test
    void settingsThatContradictThemselvesAreRefused() {
        assertThatExceptionOfType(RuleViolation.class).isThrownBy(() -> new SettlementSettings(4, 4, 5, 500));
        assertThatExceptionOfType(RuleViolation.class).isThrownBy(() -> new SettlementSettings(0, 8, 5, 500));
        assertThatExceptionOfType(RuleViolation.class).isThrownBy(() -> new SettlementSettings(4, 8, 5, 10_001));
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> SettlementSettings.DEFAULTS.requireFee(usd("5.01"), usd("100.00")));
        SettlementSettings.DEFAULTS.requireFee(usd("5.00"), usd("100.00"));
    }

    @Test
    void theTraceRequestNamesTheNumbersOnly() {
        missing();

        assertThat(settlement.state().traceRequest())
                .contains("EFT-1", EraText.PAYER, "100.00 USD", "2026-11-20")
                .doesNotContain("Greenleaf");
    }

    @Test
    void theStepsAndMessagesAreThoseOfTheModel() {
        var model = Bpmn.readModelFromFile(
                Path.of("bpmn", "remittance-settlement.bpmn").toFile());

        assertThat(model.getModelElementsByType(Process.class))
                .extracting(Process::getId)
                .containsExactly(SettlementSteps.PROCESS);
        assertThat(model.getModelElementsByType(FlowNode.class))
                .extracting(FlowNode::getId)
                .contains(
                        SettlementSteps.ASSESS,
                        SettlementSteps.AWAIT_PAYMENT_DATE,
                        SettlementSteps.AWAIT_OTHER_SIDE,
                        SettlementSteps.AWAIT_LATE_SIDE,
                        SettlementSteps.REQUEST_TRACE,
                        SettlementSteps.RESOLVE_MISMATCH,
                        SettlementSteps.AWAIT_PAYER,
                        SettlementSteps.OVER);
        assertThat(model.getModelElementsByType(Message.class))
                .extracting(Message::getName)
                .containsExactlyInAnyOrder(SettlementSteps.OPENED, SettlementSteps.CHANGED);
        assertThat(Arrays.stream(SettlementState.values()).map(SettlementState::key))
                .allSatisfy(key -> assertThat(SettlementState.find(key)).isPresent());
    }

    private void missing() {
        sides("100.00", "0.00", TODAY);
        settlement.clockStruck(SettlementSteps.AWAIT_OTHER_SIDE, NOW);
        settlement.clockStruck(SettlementSteps.AWAIT_LATE_SIDE, NOW);
    }

    private void sides(String expected, String received, @Nullable LocalDate paymentDate) {
        settlement.sides(usd(expected), usd(received), paymentDate, TODAY.minusDays(1), TODAY, NOW);
    }

    private static Settlement unseen() {
        Money nothing = usd("0.00");
        return new Settlement(
                UUID.randomUUID(),
                EraText.PAYER + "/EFT-1",
                null,
                EraText.PAYER,
                "Greenleaf Health Plan",
                "EFT-1",
                nothing,
                nothing,
                nothing,
                null,
                TODAY,
                SettlementState.CLOSED,
                NOW,
                null,
                null,
                1,
                1,
                NOW);
    }

    /** As it is read after it was written. */
    private static Settlement saved(Settlement s) {
        return new Settlement(
                s.id(),
                s.reference(),
                s.payerId(),
                s.payerIdentifier(),
                s.payerName(),
                s.traceNumber(),
                s.expected(),
                s.received(),
                s.unidentified(),
                s.paymentDate(),
                s.countedFrom(),
                s.state(),
                s.stateSince(),
                s.awaitingPayerSince(),
                s.refusalReason(),
                s.round(),
                s.version() + 1,
                s.openedAt());
    }
}

package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.core.Ids;
import io.remitflow.remittance.TakebackMatching.Item;
import io.remitflow.remittance.TakebackMatching.Line;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How provider adjustments settle open items; one line per payment, "CODE:reference amount" each. */
class TakebackMatchingTests {

    private static final String PAYEE = "1234567893";

    final List<Item> items = new ArrayList<>();
    final List<TakebackMatching.Step> steps = new ArrayList<>();

    @Test
    void v3_aForwardBalanceIsSettledByTheNextPayment() {
        payments("FB:T1 -300", "FB:T1 300");

        assertOpen();
    }

    @Test
    void v3_theReferenceMayBeThatOfTheNextPayment() {
        payments("FB:T1 -300", "FB:T2 300");

        assertOpen();
    }

    @Test
    void v3_partOfAForwardBalanceStaysOpen() {
        payments("FB:T1 -300", "FB:T1 120");

        assertOpen("FB -180");
    }

    @ParameterizedTest
    @ValueSource(strings = {"FB:T1 300, FB:T2 -100", "FB:T2 -100, FB:T1 300", "FB 300, FB -100"})
    void v3b_theOldBalanceIsClosedAndTheNewOneOpened(String second) {
        payments("FB:T1 -300", second);

        assertOpen("FB -100");
        assertThat(items).hasSize(2);
        assertThat(items.getFirst().openMinor).isZero();
    }

    @Test
    void v3b_aSecondForwardBalanceWithoutTheFirstBecomesOneWithIt() {
        payments("FB:T1 -300", "FB:T2 -100");

        assertOpen("FB -400 FORWARD_BALANCES_NOT_MERGED");
    }

    @Test
    void aForwardBalanceTakenBackThatNobodyForwardedIsAnException() {
        payments("FB:T1 300");

        assertOpen("FB 300 FORWARD_BALANCE_UNKNOWN");
    }

    @Test
    void whatIsTakenBeyondTheForwardBalanceIsAnException() {
        payments("FB:T1 -300", "FB:T1 350");

        assertOpen("FB 50 MORE_THAN_OPEN");
    }

    @Test
    void theForwardBalanceOfAnotherPayeeIsLeftAlone() {
        items.add(Item.known(Ids.next(), line(1, "FB:OTHER -300"), "another payee", -300));

        payments("FB:T1 300");

        assertOpen("FB -300", "FB 300 FORWARD_BALANCE_UNKNOWN");
    }

    @Test
    void m7_paymentsThatArriveInTheWrongOrderSettleEachOther() {
        payments("FB:T1 300, FB:T2 -100", "FB:T2 100", "FB:T1 -300");

        assertOpen();
    }

    @Test
    void v4_anAnnouncedRecoveryIsSettledUnderItsReference() {
        payments("WO:A -300, WO:B -200", "WO:A 300");

        assertOpen("WO -200");
    }

    @Test
    void v4_theReferencesMayBeTwoNumbersOfOneClaim() {
        var claim = Ids.next();
        settle(List.of(new Line(1, TakebackKind.RECOVERY, "WO", "PCN1", claim, -300)));
        settle(List.of(new Line(1, TakebackKind.RECOVERY, "WO", "C1", claim, 300)));

        assertOpen();
    }

    @Test
    void aRecoveryThatNobodyAnnouncedIsAnException() {
        payments("WO:A 325");

        assertOpen("WO 325 NOT_ANNOUNCED");
    }

    @Test
    void aRecoveryWithoutReferenceSettlesTheOnlyOneOfItsAmount() {
        payments("WO:A -300, WO:B -200", "WO 200");

        assertOpen("WO -300");
    }

    @Test
    void aRecoveryWithoutReferenceSettlesNothingWhenTwoFit() {
        payments("WO:A -200, WO:B -200", "WO 200");

        assertOpen("WO -200", "WO -200", "WO 200 NOT_ANNOUNCED");
    }

    @Test
    void anAnnouncementThatComesLateExplainsTheRecovery() {
        payments("WO:A 325", "WO:A -325");

        assertOpen();
    }

    @Test
    void announcedAndTakenInOnePaymentIsSettledAtOnce() {
        payments("WO:A -300, WO:A 100");

        assertOpen("WO -200");
    }

    @Test
    void v5_aRefundConfirmedAndRecoveredTogetherLeavesNothing() {
        payments("72:CHK9 -50, WO:C1 50");

        assertOpen();
        assertThat(steps).extracting(step -> step.kind().name()).contains("PAIRED");
    }

    @Test
    void v5_aConfirmationAndARecoveryOfTwoClaimsAreNoPairHoweverEqual() {
        settle(List.of(
                new Line(1, TakebackKind.REFUND_CONFIRMED, "72", "C1", Ids.next(), -50),
                new Line(2, TakebackKind.RECOVERY, "WO", "C2", Ids.next(), 50)));

        assertOpen("72 -50 REFUND_ALONE", "WO 50 NOT_ANNOUNCED");
    }

    @Test
    void v5_ofEqualAmountsThoseOfOneClaimArePaired() {
        var claim = Ids.next();
        settle(List.of(
                new Line(1, TakebackKind.REFUND_CONFIRMED, "72", "CHK9", null, -50),
                new Line(2, TakebackKind.REFUND_CONFIRMED, "72", "PCN1", claim, -50),
                new Line(3, TakebackKind.RECOVERY, "WO", "C1", claim, 50)));

        assertOpen("72 -50 REFUND_ALONE");
        assertThat(items.getLast().reference).isEqualTo("CHK9");
    }

    @Test
    void v5_aLoneConfirmationOfARefundIsAnException() {
        payments("72:CHK9 -50");

        assertOpen("72 -50 REFUND_ALONE");
    }

    @Test
    void v5_aConfirmationBesideAnotherAmountIsAlone() {
        payments("72:CHK9 -50, WO:C1 325");

        assertOpen("72 -50 REFUND_ALONE", "WO 325 NOT_ANNOUNCED");
    }

    @Test
    void v5_aConfirmationWhoseRecoverySettlesAnAnnouncementWaitsForOurRefund() {
        payments("WO:C1 -50", "72:CHK9 -50, WO:C1 50");

        assertOpen("72 -50");
    }

    @Test
    void v10_eachOfManyAmountsIsAnItem() {
        payments("WO:A 1, WO:B 2, WO:C 3, WO:D 4, WO:E 5, WO:F 6, CS:G 14");

        assertThat(items).hasSize(7);
        assertThat(items.stream().mapToLong(item -> item.openMinor).sum()).isEqualTo(35);
    }

    @Test
    void anAdvanceIsTakenBackInParts() {
        payments("AP -1000", "AP:X 400", "AP 350");

        assertOpen("AP -250");
    }

    @Test
    void interimPaymentsAreSettledOldestFirst() {
        payments("PI -100", "PI -200", "PI 150");

        assertOpen("PI -150");
    }

    @Test
    void interimPaymentsMayBePairedInOnePayment() {
        payments("PI:A -100, PI:B 100");

        assertOpen();
    }

    @Test
    void aLevyWaitsUntilItIsGivenBack() {
        payments("LE:COURT 75", "LE:COURT -75");

        assertOpen();
    }

    @Test
    void withheldTaxIsNoException() {
        payments("IR:2026 75");

        assertOpen("IR 75");
    }

    @Test
    void taxGivenBackThatNobodyWithheldIsAnException() {
        payments("IR:2026 -75");

        assertOpen("IR -75 RETURNED_UNEXPECTEDLY");
    }

    @Test
    void b16_anUnknownCodeWaitsForAnExplanationAndIsSettledOnlyByItsOwnCode() {
        payments("Q9:A 14", "CS:A -14", "Q9:A -14");

        assertOpen("CS -14 CODE_UNEXPLAINED");
    }

    @ParameterizedTest
    @EnumSource
    void eachKindHasTheAccountThatRemittancesBook(TakebackKind kind) {
        assertThat(ProviderAdjustmentAccounts.staysOpen(kind.account())
                        || kind == TakebackKind.LEVY
                        || kind == TakebackKind.TAX_WITHHELD)
                .isTrue();
    }

    @Test
    void interestAndPenaltiesAreNeverOpen() {
        assertThat(List.of("L6", "50", "J1", "B2"))
                .allSatisfy(code -> assertThat(TakebackKind.of(code)).isEmpty());
    }

    /** Whatever payers send: no cent is lost, no item changes sides, and there is one forward balance. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void openAmountsAddUpToAllAdjustmentsAtEveryMoment(long seed) {
        var random = new Random(seed);
        Map<String, Long> booked = new HashMap<>();
        for (int payment = 0; payment < 300; payment++) {
            List<Line> lines = new ArrayList<>();
            for (int position = 1; position <= 1 + random.nextInt(5); position++) {
                lines.add(randomLine(random, position));
            }
            int before = steps.size();
            settle(lines);

            lines.forEach(line -> booked.merge(line.code(), line.amountMinor(), Long::sum));
            Map<String, Long> moved = new HashMap<>();
            booked.keySet().forEach(code -> moved.put(code, 0L));
            items.forEach(item -> moved.merge(item.code, item.openMinor, Long::sum));
            long paired = steps.stream()
                    .filter(step -> step.kind() == TakebackMatching.StepKind.PAIRED
                            && step.item().code.equals("72"))
                    .mapToLong(TakebackMatching.Step::amountMinor)
                    .sum();
            moved.merge("72", -paired, Long::sum);
            moved.merge("WO", paired, Long::sum);
            booked.putIfAbsent("72", 0L);
            booked.putIfAbsent("WO", 0L);
            assertThat(moved).isEqualTo(booked);
            for (Line line : lines) {
                assertThat(steps.subList(before, steps.size()).stream()
                                .filter(step -> Integer.valueOf(line.position()).equals(step.position()))
                                .mapToLong(TakebackMatching.Step::amountMinor)
                                .sum())
                        .isEqualTo(line.amountMinor());
            }
            assertThat(items.stream().filter(item -> item.code.equals("FB") && item.openMinor < 0))
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(items)
                    .allSatisfy(item -> assertThat(Long.signum(item.openMinor) * Long.signum(item.openedMinor))
                            .isNotNegative());
        }
    }

    private static Line randomLine(Random random, int position) {
        String code = List.of("FB", "FB", "WO", "WO", "72", "AP", "PI", "LE", "IR", "CS", "Q9")
                .get(random.nextInt(11));
        long amount = 1 + random.nextInt(5);
        String reference = random.nextInt(4) == 0 ? "" : "R" + random.nextInt(6);
        return new Line(
                position,
                TakebackKind.of(code).orElseThrow(),
                code,
                reference,
                null,
                random.nextBoolean() ? amount : -amount);
    }

    private void payments(String... payments) {
        for (String payment : payments) {
            List<Line> lines = new ArrayList<>();
            for (String text : payment.split(", ")) {
                lines.add(line(lines.size() + 1, text));
            }
            settle(lines);
        }
    }

    private static Line line(int position, String text) {
        String[] parts = text.split("[: ]");
        return new Line(
                position,
                TakebackKind.of(parts[0]).orElseThrow(),
                parts[0],
                parts.length == 3 ? parts[1] : "",
                null,
                Long.parseLong(parts[parts.length - 1]));
    }

    private void settle(List<Line> lines) {
        var matching = new TakebackMatching(
                PAYEE,
                new ArrayList<>(items.stream()
                        .filter(item -> item.openMinor != 0)
                        .map(TakebackMatchingTests::earlier)
                        .toList()));
        matching.settle(lines);
        // As the database does: the next payment reads what this one left.
        matching.steps()
                .forEach(step -> items.stream()
                        .filter(item -> item.id.equals(step.item().id))
                        .forEach(item -> item.openMinor = step.openAfter()));
        items.addAll(matching.opened());
        steps.addAll(matching.steps());
    }

    private static Item earlier(Item item) {
        return Item.known(
                item.id,
                new Line(0, item.kind, item.code, item.reference, item.claimId, item.openedMinor),
                item.payee,
                item.openMinor);
    }

    private void assertOpen(String... expected) {
        assertThat(items.stream()
                        .filter(item -> item.openMinor != 0)
                        .map(item -> "%s %d%s"
                                .formatted(item.code, item.openMinor, item.problem == null ? "" : " " + item.problem)))
                .containsExactlyInAnyOrder(expected);
    }
}

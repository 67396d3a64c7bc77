package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestHospital;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** Remittance and money of one trace number in the books, whichever comes first, without an engine. */
@BooksTest
class SettlementsIntegrationTests {

    @Autowired
    ApplicationContext context;

    RemittanceBooks books;
    Settlements settlements;
    SettlementCases cases;

    @BeforeEach
    void openBooks() {
        books = new RemittanceBooks(context).claim("C1", "500.00").claim("C2", "500.00");
        settlements = books.bean(Settlements.class);
        cases = books.bean(SettlementCases.class);
    }

    @Test
    void aRemittanceWaitsForItsMoneyAndIsSettledByIt() {
        Settlement waiting = remittance("EFT-1", "300.00", "C1");
        assertThat(waiting.state()).isEqualTo(SettlementState.WAITING);
        assertThat(clearing("EFT-1")).isEqualTo(usd("300.00"));
        assertThat(cashMinor()).isZero();

        recordEft("EFT-1", "300.00");

        assertThat(get(waiting.id()).state()).isEqualTo(SettlementState.SETTLED);
        assertThat(clearing("EFT-1")).isEqualTo(usd("0.00"));
        assertThat(cashMinor()).isEqualTo(30_000);
    }

    @Test
    void moneyBeforeItsRemittanceIsTheSameInTheEnd() {
        CashReceipt receipt = recordEft("EFT-1", "300.00");
        assertThat(clearing("EFT-1")).isEqualTo(usd("-300.00"));

        Settlement settled = remittance("EFT-1", "300.00", "C1");

        assertThat(settled.state()).isEqualTo(SettlementState.SETTLED);
        assertThat(clearing("EFT-1")).isEqualTo(usd("0.00"));
        assertThat(settlementOf(receipt).id()).isEqualTo(settled.id());
        assertThat(count("billing_settlements")).isEqualTo(1);
    }

    @Test
    void theProcessIsStartedOnceAndToldOfEveryChange() {
        Settlement settlement = remittance("EFT-1", "300.00", "C1");
        recordEft("EFT-1", "300.00");

        assertThat(messages(settlement.processKey()))
                .containsExactly("remittance.settlement-opened", "remittance.settlement-changed");
    }

    @Test
    void aRemittanceWithoutMoneyNeverWaits() {
        books.receive(EraText.of("EO0000000000", "0", "CLP*C1*4*500*0**12*ICN1\nCAS*CO*50*500"));

        assertThat(count("billing_settlements")).isZero();
        assertThat(messages()).isEmpty();
    }

    @Test
    void m1_moneyWithoutRemittanceIsUnidentifiedWhenLateAndComesBackWithTheRemittance() {
        Settlement settlement = settlementOf(recordEft("EFT-1", "300.00"));
        strike(settlement, SettlementSteps.AWAIT_OTHER_SIDE);
        assertThat(get(settlement.id()).state()).isEqualTo(SettlementState.LATE);
        assertThat(clearing("EFT-1")).isEqualTo(usd("0.00"));
        assertThat(unidentifiedMinor()).isEqualTo(-30_000);

        Settlement settled = remittance("EFT-1", "300.00", "C1");

        assertThat(settled.state()).isEqualTo(SettlementState.SETTLED);
        assertThat(unidentifiedMinor()).isZero();
        assertThat(cashMinor()).isEqualTo(30_000);
    }

    @Test
    void lateMoneyUnderAnotherSpellingComesBackToo() {
        Settlement settlement = settlementOf(recordEft("777123", "300.00"));
        strike(settlement, SettlementSteps.AWAIT_OTHER_SIDE);

        Settlement settled = remittance("000777123", "300.00", "C1");

        assertThat(settled.state()).isEqualTo(SettlementState.SETTLED);
        assertThat(get(settlement.id()).state()).isEqualTo(SettlementState.CLOSED);
        assertThat(unidentifiedMinor()).isZero();
        assertThat(clearing("777123")).isEqualTo(usd("0.00"));
        assertThat(clearing("000777123")).isEqualTo(usd("0.00"));
    }

    @Test
    void zerosThatTheBankDroppedAreNoObstacle() {
        Settlement waiting = remittance("000777123", "300.00", "C1");

        CashReceipt receipt = recordEft("777123", "300.00");

        assertThat(get(waiting.id()).state()).isEqualTo(SettlementState.SETTLED);
        assertThat(books.hospital.call(() -> settlements.partsOfReceipt(receipt.id())))
                .extracting(CashReceipt.Part::rule)
                .containsExactly("other-spelling");
    }

    @Test
    void theSameMoneyRecordedTwiceIsBookedOnce() {
        remittance("EFT-1", "300.00", "C1");
        CashReceipt first = recordEft("EFT-1", "300.00");
        CashReceipt second = recordEft("EFT-1", "300.00");
        CashReceipt withoutPayer =
                record(new CashEvidence(CashKind.EFT, null, "EFT-1", "", "", usd("300.00"), usd("0.00"), paid()));

        assertThat(second.id()).isEqualTo(first.id());
        assertThat(withoutPayer.id()).isEqualTo(first.id());
        assertThat(cashMinor()).isEqualTo(30_000);
    }

    @Test
    void aBankLineConfirmsWhatAPersonRecordedAndAnotherLineIsOtherMoney() {
        remittance("EFT-1", "300.00", "C1");
        CashReceipt byHand = recordEft("EFT-1", "300.00");
        CashReceipt line = record(bankLine("line-1", "EFT-1", "300.00"));
        CashReceipt again = record(bankLine("line-1", "EFT-1", "300.00"));
        assertThat(line.id()).isEqualTo(byHand.id());
        assertThat(again.id()).isEqualTo(byHand.id());

        CashReceipt other = record(bankLine("line-2", "EFT-1", "300.00"));

        assertThat(other.id()).isNotEqualTo(byHand.id());
        assertThat(settlementOf(other).state()).isEqualTo(SettlementState.MISMATCHED);
        assertThat(cashMinor()).isEqualTo(60_000);
    }

    @Test
    void twoClerksWhoRecordTheSamePaymentAtOnceBookItOnce() throws Exception {
        Settlement waiting = remittance("EFT-1", "300.00", "C1");

        List<UUID> receipts = together(
                () -> recordEft("EFT-1", "300.00").id(),
                () -> recordEft("EFT-1", "300.00").id());

        assertThat(receipts.getFirst()).isEqualTo(receipts.getLast());
        assertThat(get(waiting.id()).state()).isEqualTo(SettlementState.SETTLED);
        assertThat(cashMinor()).isEqualTo(30_000);
    }

    @Test
    void remittanceAndMoneyThatArriveAtTheSameMomentMeet() throws Exception {
        for (int round = 0; round < 5; round++) {
            String trace = "EFT-R" + round;
            String claim = "R" + round;
            books.claim(claim, "500.00");
            together(
                    () -> remittance(trace, "300.00", claim).id(),
                    () -> recordEft(trace, "300.00").id());

            assertThat(only(trace).state()).isEqualTo(SettlementState.SETTLED);
            assertThat(clearing(trace)).isEqualTo(usd("0.00"));
        }
    }

    @Test
    void oneCentLessIsAMismatchAndCorrectingTheEntrySettlesIt() {
        Settlement waiting = remittance("EFT-1", "300.00", "C1");
        recordEft("EFT-1", "299.99");
        assertThat(get(waiting.id()).state()).isEqualTo(SettlementState.MISMATCHED);
        assertThat(clearing("EFT-1")).isEqualTo(usd("0.01"));

        resolve(waiting, new SettlementCases.Resolution("correct-receipt", "300.00", "Read the line again"));

        assertThat(get(waiting.id()).state()).isEqualTo(SettlementState.SETTLED);
        assertThat(cashMinor()).isEqualTo(30_000);
        assertThat(count("billing_bank_receipts")).isEqualTo(2);
    }

    @Test
    void aSecondPartOfAPaymentCompletesIt() {
        Settlement waiting = remittance("EFT-1", "300.00", "C1");
        recordEft("EFT-1", "200.00");
        assertThat(get(waiting.id()).state()).isEqualTo(SettlementState.MISMATCHED);

        recordEft("EFT-1", "100.00");

        assertThat(get(waiting.id()).state()).isEqualTo(SettlementState.SETTLED);
    }

    @Test
    void b11_aTraceNumberThatIsUsedAgainWaitsForItsMoneyAndIsSettledByIt() {
        Settlement first = remittance("EFT-1", "300.00", "C1");
        recordEft("EFT-1", "300.00");
        Settlement again = remittance("EFT-1", "150.00", "C2");

        assertThat(again.id()).isEqualTo(first.id());
        assertThat(again.state()).isEqualTo(SettlementState.WAITING);
        assertThat(again.round()).isEqualTo(2);
        recordEft("EFT-1", "150.00");

        assertThat(get(first.id()).state()).isEqualTo(SettlementState.SETTLED);
        assertThat(clearing("EFT-1")).isEqualTo(usd("0.00"));
    }

    @Test
    void onePaymentForTwoRemittancesIsAcceptedIfItIsTheExactSum() {
        Settlement first = remittance("EFT-1", "300.00", "C1");
        Settlement second = remittance("EFT-2", "150.00", "C2");
        recordEft("EFT-1", "450.00");
        assertThat(get(first.id()).state()).isEqualTo(SettlementState.MISMATCHED);

        resolve(first, new SettlementCases.Resolution("accept-split", null, ""));

        assertThat(get(first.id()).state()).isEqualTo(SettlementState.SETTLED);
        assertThat(get(second.id()).state()).isEqualTo(SettlementState.SETTLED);
        assertThat(clearing("EFT-1")).isEqualTo(usd("0.00"));
        assertThat(clearing("EFT-2")).isEqualTo(usd("0.00"));
    }

    @Test
    void aSplitThatNothingExplainsIsRefusedAndChangesNothing() {
        Settlement first = remittance("EFT-1", "300.00", "C1");
        remittance("EFT-2", "150.00", "C2");
        recordEft("EFT-1", "449.99");

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> resolve(first, new SettlementCases.Resolution("accept-split", null, "")));

        assertThat(get(first.id()).state()).isEqualTo(SettlementState.MISMATCHED);
    }

    @Test
    void aVirtualCardSettlesForThePaymentLessItsFee() {
        Settlement waiting = remittance("VC-1", "300.00", "C1");

        record(new CashEvidence(CashKind.CARD, null, "VC-1", EraText.PAYER, "", usd("292.50"), usd("7.50"), today()));

        assertThat(get(waiting.id()).state()).isEqualTo(SettlementState.SETTLED);
        assertThat(cashMinor()).isEqualTo(29_250);
        assertThat(books.balanceMinor(StandardAccount.MERCHANT_FEES.code())).isEqualTo(750);
    }

    @Test
    void aPayerOfVirtualCardsIsAskedToStopOnceUntilItHasStopped() {
        CardOptOuts optOuts = books.bean(CardOptOuts.class);
        books.claim("C3", "500.00").claim("C4", "500.00");
        remittance("VC-1", "300.00", "C1");
        assertThat(books.hospital.call(() -> optOuts.list(10))).isEmpty();
        card("VC-1", "292.50", "7.50");
        remittance("VC-2", "300.00", "C2");
        card("VC-2", "295.00", "5.00");

        CardOptOut optOut = only(optOuts);
        assertThat(optOut.traceNumber()).isEqualTo("VC-1");
        assertThat(optOut.fee()).isEqualTo(usd("7.50"));
        assertThat(books.queryAll(
                        "select correlation_key from workflow_outbox where message_name = '" + CardOptOutSteps.OPENED
                                + "'",
                        String.class))
                .containsExactly(optOut.id().toString());
        outcome(optOuts, optOut, "requested");
        assertThat(only(optOuts).state()).isEqualTo(CardOptOut.State.REQUESTED);
        books.hospital.run(() -> optOuts.lookAgain(optOut.id()));
        outcome(optOuts, optOut, "opted-out");
        assertThat(only(optOuts).state()).isEqualTo(CardOptOut.State.OPTED_OUT);

        remittance("VC-3", "300.00", "C3");
        card("VC-3", "292.50", "7.50");

        List<CardOptOut> all = books.hospital.call(() -> optOuts.list(10));
        assertThat(all)
                .as("the payer did not keep to it")
                .extracting(CardOptOut::state)
                .containsExactly(CardOptOut.State.OPEN, CardOptOut.State.OPTED_OUT);
        outcome(optOuts, all.getFirst(), "cards-accepted");
        remittance("VC-4", "300.00", "C4");
        card("VC-4", "292.50", "7.50");
        assertThat(books.hospital.call(() -> optOuts.list(10)))
                .extracting(CardOptOut::state)
                .doesNotContain(CardOptOut.State.OPEN);
    }

    @Test
    void aCardFeeFoundLaterSettlesWithinTheLimitOfTheSettings() {
        Settlement waiting = remittance("VC-1", "300.00", "C1");
        card("VC-1", "292.50", "0.00");

        resolve(waiting, new SettlementCases.Resolution("card-fee", null, ""));

        assertThat(get(waiting.id()).state()).isEqualTo(SettlementState.SETTLED);
        assertThat(books.balanceMinor(StandardAccount.MERCHANT_FEES.code())).isEqualTo(750);

        Settlement other = remittance("VC-2", "100.00", "C2");
        card("VC-2", "60.00", "0.00");
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> resolve(other, new SettlementCases.Resolution("card-fee", null, "")));
    }

    @Test
    void whatIsMissingOfAnEftIsACardFeeOnlyIfAnApproverWhoDidNotRecordItSaysSo() {
        Settlement waiting = remittance("VC-3", "300.00", "C1");
        recordEft("VC-3", "292.50");
        var fee = new SettlementCases.Resolution("card-fee", null, "");
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> resolve(waiting, fee))
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.NOT_PERMITTED));

        as(Role.BILLING_MANAGER, () -> {
            cases.resolve(waiting.id(), 90_000 + System.nanoTime() % 1_000_000_000L, fee);
            return null;
        });

        assertThat(get(waiting.id()).state()).isEqualTo(SettlementState.SETTLED);
    }

    @Test
    void whatTheBankShowsIsNotTakenBackByAPerson() {
        remittance("EFT-1", "300.00", "C1");
        CashReceipt receipt = record(new CashEvidence(
                CashKind.EFT, "line-1", "EFT-1", EraText.PAYER, "", usd("300.00"), usd("0.00"), paid()));

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> as(Role.BILLING_CLERK, () -> {
                    settlements.takeBackByHand(receipt.id(), today(), "I say so");
                    return null;
                }))
                .satisfies(refused -> assertThat(refused.getMessage()).contains("the bank shows this money"));

        CashReceipt ours = recordEft("EFT-9", "10.00");
        as(Role.BILLING_CLERK, () -> {
            settlements.takeBackByHand(ours.id(), today(), "Recorded by mistake");
            return null;
        });
        assertThat(cashMinor()).isEqualTo(30_000);
    }

    @Test
    void m5_aPaymentThatTheBankTakesBackOpensTheSettlementAgain() {
        Settlement waiting = remittance("EFT-1", "300.00", "C1");
        CashReceipt receipt = recordEft("EFT-1", "300.00");

        as(Role.ACCOUNTING_STAFF, () -> {
            settlements.takeBack(receipt.id(), today(), "Returned by the bank");
            return null;
        });

        Settlement again = get(waiting.id());
        assertThat(again.state()).isEqualTo(SettlementState.WAITING);
        assertThat(again.round()).isEqualTo(2);
        assertThat(clearing("EFT-1")).isEqualTo(usd("300.00"));
        assertThat(cashMinor()).isZero();
        assertThat(messages(again.processKey())).containsExactly("remittance.settlement-opened");
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> as(Role.ACCOUNTING_STAFF, () -> {
                    settlements.takeBack(receipt.id(), today(), "Again");
                    return null;
                }))
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.CHANGED_MEANWHILE));

        recordEft("EFT-1", "300.00");
        assertThat(get(waiting.id()).state()).isEqualTo(SettlementState.SETTLED);
    }

    @Test
    void unidentifiedMoneyThatIsTakenBackLeavesNothingBehind() {
        CashReceipt receipt = recordEft("EFT-1", "300.00");
        Settlement settlement = settlementOf(receipt);
        strike(settlement, SettlementSteps.AWAIT_OTHER_SIDE);

        as(Role.ACCOUNTING_STAFF, () -> {
            settlements.takeBack(receipt.id(), today(), "Returned by the bank");
            return null;
        });

        assertThat(get(settlement.id()).state()).isEqualTo(SettlementState.CLOSED);
        assertThat(unidentifiedMinor()).isZero();
        assertThat(cashMinor()).isZero();
    }

    @Test
    void aDepositForTwoRemittancesIsSuggestedAndMatchedByAPerson() {
        Settlement first = remittance("EFT-1", "300.00", "C1");
        Settlement second = remittance("EFT-2", "150.00", "C2");
        CashReceipt deposit = record(new CashEvidence(
                CashKind.CHECK, null, "4411", "", "GREENLEAF HEALTH PLAN LOCKBOX", usd("450.00"), usd("0.00"), paid()));
        Settlement money = settlementOf(deposit);

        var suggestion = as(Role.BILLING_CLERK, () -> settlements.suggestions(money.id()))
                .getFirst();
        assertThat(suggestion.rule()).isEqualTo("sum-of-several");
        assertThat(suggestion.remittances())
                .extracting(Settlement::id)
                .containsExactlyInAnyOrder(first.id(), second.id());
        assertThat(as(Role.BILLING_CLERK, () -> settlements.suggestions(first.id())))
                .extracting(Settlements.Suggestion::cashSettlement)
                .containsExactly(money.id());

        as(Role.BILLING_CLERK, () -> {
            settlements.match(money.id(), List.of(first.id(), second.id()));
            return null;
        });

        assertThat(get(first.id()).state()).isEqualTo(SettlementState.SETTLED);
        assertThat(get(second.id()).state()).isEqualTo(SettlementState.SETTLED);
        assertThat(get(money.id()).state()).isEqualTo(SettlementState.CLOSED);
    }

    @Test
    void aPersonCannotMatchWhatIsNotEqualToTheCent() {
        Settlement first = remittance("EFT-1", "300.00", "C1");
        Settlement money = settlementOf(recordEft("OTHER-9", "299.99"));

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> as(Role.BILLING_CLERK, () -> {
                    settlements.match(money.id(), List.of(first.id()));
                    return null;
                }))
                .withMessageContaining("to the cent");
    }

    @Test
    void aNameThatAPersonMatchedIsKnownTheNextTime() {
        Settlement first = remittance("000777123", "300.00", "C1");
        Settlement money = settlementOf(record(
                new CashEvidence(CashKind.EFT, null, "XX-1", "", "GLHP CLAIMS", usd("300.00"), usd("0.00"), today())));
        as(Role.BILLING_CLERK, () -> {
            settlements.match(money.id(), List.of(first.id()));
            return null;
        });

        Settlement next = remittance("000777124", "150.00", "C2");
        record(new CashEvidence(CashKind.EFT, null, "777124", "", "GLHP CLAIMS", usd("150.00"), usd("0.00"), today()));

        assertThat(get(next.id()).state()).isEqualTo(SettlementState.SETTLED);
    }

    @Test
    void moneyInTheFutureOrWithoutANumberIsRefused() {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> record(new CashEvidence(
                        CashKind.EFT,
                        null,
                        "EFT-1",
                        EraText.PAYER,
                        "",
                        usd("1.00"),
                        usd("0.00"),
                        today().plusDays(1))));
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> new CashEvidence(
                        CashKind.EFT, null, " ", EraText.PAYER, "", usd("1.00"), usd("0.00"), today()));
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> new CashEvidence(
                        CashKind.EFT, null, "EFT-1", EraText.PAYER, "", usd("0.00"), usd("0.00"), today()));
    }

    @Test
    void aTaskCountsOnceHoweverOftenItIsSent() {
        Settlement waiting = remittance("EFT-1", "300.00", "C1");
        recordEft("EFT-1", "200.00");
        as(Role.BILLING_CLERK, () -> {
            cases.resolve(
                    waiting.id(), 77_001, new SettlementCases.Resolution("contact-payer", null, "Called the payer"));
            return null;
        });
        assertThat(get(waiting.id()).step()).isEqualTo(SettlementSteps.AWAIT_PAYER);

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> as(Role.BILLING_CLERK, () -> {
                    cases.resolve(waiting.id(), 77_001, new SettlementCases.Resolution("contact-payer", null, "Again"));
                    return null;
                }))
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.TASK_ALREADY_DECIDED));
    }

    @Test
    void theSettlementsOfAnotherHospitalAreNotThere() {
        Settlement ours = remittance("EFT-1", "300.00", "C1");
        var others = TestHospital.create(context);

        assertThat(others.call(() -> settlements.list(new SettlementFilter(null, true, null, null, 50))))
                .isEmpty();
        assertThatExceptionOfType(RuleViolation.class).isThrownBy(() -> others.call(() -> settlements.get(ours.id())));
    }

    @Test
    void theTimelineTellsWhatHappened() {
        Settlement waiting = remittance("EFT-1", "300.00", "C1");
        strike(waiting, SettlementSteps.AWAIT_OTHER_SIDE);
        recordEft("EFT-1", "300.00");

        assertThat(books.hospital.call(() -> books.bean(Timeline.class).of(Settlements.SUBJECT, waiting.id())))
                .extracting(TimelineEntry::step)
                .containsExactly("Waiting", "Late", "Money received", "Settled");
    }

    private Settlement remittance(String trace, String paid, String claim) {
        String adjusted = usd("500.00").minus(usd(paid)).getAmount().toPlainString();
        Receipt receipt = books.receive(EraText.of(
                trace, paid, "CLP*%s*1*500*%s**12*ICN-%s\nCAS*CO*45*%s".formatted(claim, paid, claim, adjusted)));
        UUID remittance = receipt.remittances().getFirst().id();
        return books.hospital.call(() -> settlements.ofRemittance(remittance).orElseThrow());
    }

    private CashReceipt recordEft(String trace, String amount) {
        return record(new CashEvidence(CashKind.EFT, null, trace, EraText.PAYER, "", usd(amount), usd("0.00"), paid()));
    }

    private void card(String trace, String amount, String fee) {
        record(new CashEvidence(CashKind.CARD, null, trace, EraText.PAYER, "", usd(amount), usd(fee), today()));
    }

    private CardOptOut only(CardOptOuts optOuts) {
        List<CardOptOut> all = books.hospital.call(() -> optOuts.list(10));
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    private void outcome(CardOptOuts optOuts, CardOptOut optOut, String outcome) {
        as(Role.BILLING_CLERK, () -> {
            optOuts.record(optOut.id(), 90_000 + System.nanoTime() % 1_000_000_000L, outcome, "By portal");
            return null;
        });
    }

    private CashEvidence bankLine(String key, String trace, String amount) {
        return new CashEvidence(CashKind.EFT, key, trace, EraText.PAYER, "", usd(amount), usd("0.00"), paid());
    }

    private CashReceipt record(CashEvidence evidence) {
        return as(Role.BILLING_CLERK, () -> settlements.cashSeen(evidence));
    }

    private void resolve(Settlement settlement, SettlementCases.Resolution resolution) {
        as(Role.BILLING_CLERK, () -> {
            cases.resolve(settlement.id(), 90_000 + System.nanoTime() % 1_000_000_000L, resolution);
            return null;
        });
    }

    private void strike(Settlement settlement, String step) {
        books.hospital.run(() -> cases.clockStruck(settlement.id(), settlement.round(), step));
    }

    private Settlement settlementOf(CashReceipt receipt) {
        return books.hospital.call(() -> settlements.get(
                settlements.partsOfReceipt(receipt.id()).getFirst().settlementId()));
    }

    private Settlement get(UUID id) {
        return books.hospital.call(() -> settlements.get(id));
    }

    private Settlement only(String trace) {
        return books.hospital
                .call(() -> settlements.list(new SettlementFilter(null, true, trace, null, 50)))
                .getFirst();
    }

    private Money clearing(String trace) {
        return books.hospital.call(() -> books.bean(Clearing.class)
                .balance(
                        StandardAccount.REMITTANCE_CLEARING,
                        new ClearingReference("trn", EraText.PAYER + "/" + trace)));
    }

    private long cashMinor() {
        return books.balanceMinor(StandardAccount.CASH_OPERATING.code());
    }

    private long unidentifiedMinor() {
        return books.balanceMinor(StandardAccount.UNIDENTIFIED_PAYER_CASH.code());
    }

    private long count(String table) {
        return books.count(table);
    }

    private List<String> messages() {
        return books.queryAll(
                "select message_name from workflow_outbox where message_name like 'remittance.settlement%' order by id",
                String.class);
    }

    private List<String> messages(String key) {
        return books.queryAll(
                "select message_name from workflow_outbox where correlation_key = '%s' order by id".formatted(key),
                String.class);
    }

    private LocalDate today() {
        return books.hospital.call(
                () -> books.bean(io.remitflow.identity.Organizations.class).today());
    }

    /** What {@link EraText} says. */
    private static LocalDate paid() {
        return LocalDate.of(2026, 11, 15);
    }

    private <T extends @Nullable Object> T as(Role role, Supplier<T> work) {
        AtomicReference<T> result = new AtomicReference<>();
        books.hospital.runAs(role, () -> result.set(work.get()));
        return result.get();
    }

    private static List<UUID> together(Callable<UUID> one, Callable<UUID> other) throws Exception {
        try (var threads = Executors.newFixedThreadPool(2)) {
            var results = new ArrayList<UUID>();
            for (var result : threads.invokeAll(List.of(one, other))) {
                results.add(result.get());
            }
            return results;
        }
    }
}

package io.remitflow.remittance.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.remitflow.remittance.Balance;
import io.remitflow.remittance.EraAdjustment;
import io.remitflow.remittance.EraRejected.Reason;
import io.remitflow.remittance.Imbalance;
import io.remitflow.remittance.Imbalance.Level;
import io.remitflow.remittance.Imbalance.Rule;
import io.remitflow.remittance.ProviderAdjustment;
import org.junit.jupiter.api.Test;

class EraBalancingTests {

    private static final String[] V1 = {
        "LX*1",
        "CLP*C1*1*500.00*300.00*75.00*12*P1*11*1",
        "AMT*I*5.00",
        "SVC*HC:99213*300.00*200.00**1",
        "CAS*CO*45*60",
        "CAS*PR*1*40",
        "SVC*HC:99214*200.00*100.00**1",
        "CAS*CO*45*65",
        "CAS*PR*2*35",
        "CLP*C2*1*1000.00*1200.00*0*MA*P2*11*1",
        "CAS*CO*45*-200.00",
        "CLP*C3*1*180.00*0*0*12*P3*11*1",
        "CAS*CO*197*180.00",
        "PLB*1234567893*20261231*L6:C1*-5.00*WO:OLD1*325.00",
    };

    @Test
    void v1_balancesWithInterestTakebackOutlierAndDenial() {
        var era = RecordedEra.of(EraText.paying("1180.00", V1));

        assertThat(era.rejected).isNull();
        assertThat(balance(era).isBalanced()).isTrue();
        assertThat(balance(era).warnings()).isEmpty();
        var totals = era.totals.getFirst();
        assertThat(totals.claimsPaidMinor()).isEqualTo(150_000);
        assertThat(totals.providerAdjustmentsMinor()).isEqualTo(32_000);
        assertThat(totals.chargedMinor()).isEqualTo(168_000);
        assertThat(totals.claims()).isEqualTo(3);
        assertThat(totals.serviceLines()).isEqualTo(2);
        assertThat(era.claims.get(1).adjustments())
                .extracting(EraAdjustment::amountMinor)
                .containsExactly(-20_000L);
        assertThat(era.providerAdjustments)
                .extracting(ProviderAdjustment::code, ProviderAdjustment::reference, ProviderAdjustment::amountMinor)
                .containsExactly(tuple("L6", "C1", -500L), tuple("WO", "OLD1", 32_500L));
    }

    @Test
    void v2_reversalAndCorrectionBalance() {
        var era = RecordedEra.of(EraText.paying(
                "40.00",
                "CLP*C1*22*-500*-300*0*12*P1*11*1",
                "CAS*CO*45*-125",
                "CAS*PR*1*-75",
                "CLP*C1*1*500*340*35*12*P2*11*1",
                "CAS*CO*45*125",
                "CAS*PR*1*35"));

        assertThat(balance(era).isBalanced()).isTrue();
        assertThat(balance(era).warnings()).isEmpty();
        assertThat(era.claims.getFirst().isReversal()).isTrue();
        assertThat(era.claims.getFirst().paidMinor()).isEqualTo(-30_000);
    }

    @Test
    void v8_holdsTheWholeTransactionWhenOffByOneCent() {
        var era = RecordedEra.of(EraText.paying("1180.01", V1));

        var imbalance = only(era);
        assertThat(imbalance.rule()).isEqualTo(Rule.TRANSACTION_BALANCES);
        assertThat(imbalance.level()).isEqualTo(Level.TRANSACTION);
        assertThat(imbalance.expectedMinor()).isEqualTo(118_000);
        assertThat(imbalance.foundMinor()).isEqualTo(118_001);
        assertThat(imbalance.differenceMinor()).isEqualTo(1);
        assertThat(imbalance.text())
                .isEqualTo("The payment: claims paid 1500.00 less provider adjustments 320.00 is 1180.00, but the"
                        + " payment is 1180.01 (0.01 too much)");
        assertThat(imbalance.position().segmentId()).isEqualTo("BPR");
    }

    @Test
    void v9_holdsTheSameAdjustmentsAtClaimAndLines() {
        var era = RecordedEra.of(EraText.paying(
                "200",
                "CLP*C1*1*500*200*150*12*P1*11*1",
                "CAS*PR*1*150",
                "CAS*CO*45*150",
                "SVC*HC:99213*500*200**1",
                "CAS*PR*1*150",
                "CAS*CO*45*150"));

        var imbalance = only(era);
        assertThat(imbalance.rule()).isEqualTo(Rule.CLAIM_BALANCES);
        assertThat(imbalance.expectedMinor()).isEqualTo(-10_000);
        assertThat(imbalance.foundMinor()).isEqualTo(20_000);
        assertThat(imbalance.text()).contains("as if given twice");
        assertThat(imbalance.where()).isEqualTo("claim 1 (C1)");
    }

    @Test
    void v10_countsAllPairsOfAllProviderAdjustments() {
        var era = RecordedEra.of(EraText.paying(
                "679",
                "CLP*C1*1*700*700*0*12*P1*11*1",
                "PLB*1234567893*20261231*WO:A*1*WO:B*2*L6*-4*72:C*8*CS:D*16*FB:E*-32",
                "PLB*1234567893*20261231*J1*30"));

        assertThat(era.providerAdjustments).hasSize(7);
        assertThat(era.totals.getFirst().providerAdjustmentsMinor()).isEqualTo(2_100);
        assertThat(balance(era).isBalanced()).isTrue();
    }

    @Test
    void v3_v3b_forwardBalancesMoveANegativeResultOutAndBackIn() {
        assertThat(balance(RecordedEra.of(EraText.notPaying(
                                "CLP*C1*22*-500*-300*0*12*P1*11*1",
                                "CAS*CO*45*-125",
                                "CAS*PR*1*-75",
                                "PLB*1*20261231*FB:TRACE1*-300")))
                        .isBalanced())
                .isTrue();
        assertThat(balance(RecordedEra.of(
                                EraText.paying("150", "CLP*C2*1*450*450*0*12*P2*11*1", "PLB*1*20261231*FB:TRACE1*300")))
                        .isBalanced())
                .isTrue();
        assertThat(balance(RecordedEra.of(EraText.notPaying(
                                "CLP*C2*1*200*200*0*12*P2*11*1", "PLB*1*20261231*FB:TRACE1*300*FB:TRACE2*-100")))
                        .isBalanced())
                .isTrue();
    }

    @Test
    void v4_aDeferredRecoveryBalancesInBothPayments() {
        assertThat(balance(RecordedEra.of(EraText.paying(
                                "800",
                                "CLP*C1*22*-300*-300*0*12*P1*11*1",
                                "CLP*C2*1*800*800*0*12*P2*11*1",
                                "PLB*1*20261231*WO:P1*-300")))
                        .isBalanced())
                .isTrue();
        assertThat(balance(RecordedEra.of(
                                EraText.paying("600", "CLP*C3*1*900*900*0*12*P3*11*1", "PLB*1*20261231*WO:P1*300")))
                        .isBalanced())
                .isTrue();
    }

    @Test
    void v5_aReturnedCheckAndItsRecoveryNetToZero() {
        assertThat(balance(RecordedEra.of(EraText.paying(
                                "700", "CLP*C1*1*700*700*0*12*P1*11*1", "PLB*1*20261231*72:P0*-50*WO:P0*50")))
                        .isBalanced())
                .isTrue();
    }

    @Test
    void v11_interestThatIsTakenBackAndGivenAgainNeedsNoProviderAdjustment() {
        var claims = new String[] {
            "CLP*C1*22*-100*-80*0*12*P1*11*1",
            "AMT*I*-5",
            "CAS*CO*45*-20",
            "CLP*C1*1*100*90*0*12*P2*11*1",
            "AMT*I*5",
            "CAS*CO*45*10"
        };
        assertThat(balance(RecordedEra.of(EraText.paying("10", claims))).isBalanced())
                .isTrue();

        var withZero = java.util.Arrays.copyOf(claims, claims.length + 1);
        withZero[claims.length] = "PLB*1*20261231*L6*0.00";
        assertThat(only(RecordedEra.of(EraText.paying("10", withZero))).rule())
                .isEqualTo(Rule.PROVIDER_ADJUSTMENT_NOT_ZERO);
    }

    @Test
    void v12_interestAddsToThePaymentAndNeverTakesFromIt() {
        var claims = new String[] {
            "CLP*C1*1*100*100*0*12*P1*11*1", "AMT*I*60", "CLP*C2*1*50*50*0*12*P2*11*1", "AMT*I*7.81", ""
        };
        claims[4] = "PLB*1*20261231*L6*-67.81";
        assertThat(balance(RecordedEra.of(EraText.paying("217.81", claims))).isBalanced())
                .isTrue();

        claims[4] = "PLB*1*20261231*L6*67.81";
        assertThat(only(RecordedEra.of(EraText.paying("217.81", claims))).rule())
                .isEqualTo(Rule.TRANSACTION_BALANCES);
    }

    @Test
    void v6_anAnswerThatLeavesOutTheFirstPayerBalancesAllTheSame() {
        assertThat(balance(RecordedEra.of(EraText.paying("65", "CLP*C1*2*500*65*0*MC*P1*11*1", "CAS*CO*45*435")))
                        .isBalanced())
                .isTrue();
    }

    @Test
    void v14_bundledLinesWithNegativeContractualAmountBalance() {
        var era = RecordedEra.of(EraText.paying(
                "120",
                "CLP*C1*1*150*120*0*12*P1*11*1",
                "SVC*HC:AAAAA*100*120**1",
                "CAS*CO*97*-50**45*30",
                "SVC*HC:BBBBB*50*0**0",
                "CAS*CO*97*50"));

        assertThat(balance(era).isBalanced()).isTrue();
    }

    @Test
    void v15_readsRevenueDentalAndDrugLinesAndClaimsWithoutLines() {
        var era = RecordedEra.of(EraText.paying(
                "100",
                "CLP*C1*1*60*60*0*12*P1*11*1",
                "SVC*NU:0450*10*10",
                "SVC*AD:D0120*20*20",
                "SVC*N4:00002322702*30*30**2.5",
                "CLP*C2*1*50*40*0*12*P2*11*1",
                "CAS*CO*45*10"));

        assertThat(balance(era).isBalanced()).isTrue();
        assertThat(era.claims.getFirst().lines())
                .extracting(line -> line.procedureQualifier() + " " + line.procedureCode())
                .containsExactly("NU 0450", "AD D0120", "N4 00002322702");
        assertThat(era.claims.getFirst().lines().get(2).unitsPaid()).isEqualTo("2.5");
        assertThat(era.claims.get(1).lines()).isEmpty();
    }

    @Test
    void v16_keepsTheSubmittedCodeBesideTheOneDecidedOn() {
        var era = RecordedEra.of(
                EraText.paying("10", "CLP*C1*1*10*10*0*12*P1*11*1", "SVC*HC:99213:25*10*10**1*HC:99215", "REF*6R*7"));

        var line = era.claims.getFirst().lines().getFirst();
        assertThat(line.procedureCode()).isEqualTo("99213");
        assertThat(line.modifiers()).containsExactly("25");
        assertThat(line.submittedProcedure()).isEqualTo("99215");
        assertThat(line.lineControlNumber()).isEqualTo("7");
    }

    @Test
    void b1_holdsALineThatDoesNotBalance() {
        var era = RecordedEra.of(EraText.paying(
                "190",
                "CLP*C1*1*300*190*40*12*P1*11*1",
                "CAS*CO*A1*10",
                "SVC*HC:99213*300*190**1",
                "CAS*CO*45*60",
                "CAS*PR*1*40"));

        var imbalance = only(era);
        assertThat(imbalance.rule()).isEqualTo(Rule.SERVICE_LINE_BALANCES);
        assertThat(imbalance.level()).isEqualTo(Level.SERVICE_LINE);
        assertThat(imbalance.where()).isEqualTo("claim 1 (C1), line 1");
        assertThat(imbalance.text())
                .isEqualTo("Claim 1, line 1: charge 300.00 less adjustments 100.00 is 200.00, but the payer says it"
                        + " paid 190.00 (10.00 too little)");
        assertThat(imbalance.position().segmentId()).isEqualTo("SVC");
    }

    @Test
    void b2_holdsAClaimThatDoesNotBalance() {
        var era = RecordedEra.of(EraText.paying("100", "CLP*C1*1*300*100*0*12*P1*11*1", "CAS*CO*45*199.99"));

        assertThat(only(era).rule()).isEqualTo(Rule.CLAIM_BALANCES);
        assertThat(only(era).differenceMinor()).isEqualTo(-1);
    }

    @Test
    void b2_holdsAClaimWhoseLinesWerePaidAnotherAmount() {
        var era = RecordedEra.of(EraText.paying("100", "CLP*C1*1*100*100*0*12*P1*11*1", "SVC*HC:99213*90*90"));

        assertThat(only(era).rule()).isEqualTo(Rule.LINES_ADD_UP_TO_CLAIM);
    }

    @Test
    void b3_holdsWhenAProviderAdjustmentIsMissing() {
        assertThat(only(RecordedEra.of(EraText.paying("90", "CLP*C1*1*100*100*0*12*P1*11*1")))
                        .differenceMinor())
                .isEqualTo(-1_000);
    }

    @Test
    void b4_positiveTakesAwayAndNegativeAdds() {
        assertThat(balance(RecordedEra.of(EraText.paying(
                                "105", "CLP*C1*1*90*100*0*12*P1*11*1", "CAS*OA*94*-10", "PLB*1*20261231*L6*-5")))
                        .isBalanced())
                .isTrue();
        assertThat(balance(RecordedEra.of(EraText.paying(
                                "95", "CLP*C1*1*90*100*0*12*P1*11*1", "CAS*OA*94*-10", "PLB*1*20261231*L6*-5")))
                        .isBalanced())
                .isFalse();
    }

    @Test
    void b7_balancesEachTransactionOnItsOwn() {
        var era = RecordedEra.of(new EraText()
                .transaction("BPR*I*100*C*ACH************20260105", "T1", "CLP*C1*1*100*100*0*12*P1*11*1")
                .transaction("BPR*I*99*C*ACH************20260105", "T2", "CLP*C2*1*100*100*0*12*P2*11*1")
                .build());

        assertThat(era.totals).extracting(each -> each.balance().isBalanced()).containsExactly(true, false);
        assertThat(era.transactions).extracting(each -> each.traceNumber()).containsExactly("T1", "T2");
        assertThat(era.transactions).extracting(each -> each.index()).containsExactly(1, 2);
    }

    @Test
    void b8_warnsOfAnotherPatientShareExceptOnReversals() {
        var era = RecordedEra.of(EraText.paying("100", "CLP*C1*1*150*100*0*12*P1*11*1", "CAS*PR*1*50"));
        assertThat(balance(era).isBalanced()).isTrue();
        assertThat(balance(era).warnings())
                .extracting(Imbalance::rule)
                .containsExactly(Rule.PATIENT_RESPONSIBILITY_ADDS_UP);

        var reversal = RecordedEra.of(
                EraText.notPaying("CLP*C1*22*-150*-100*0*12*P1*11*1", "CAS*PR*1*-50", "PLB*1*20261231*FB:T*-100"));
        assertThat(balance(reversal).isBalanced()).isTrue();
        assertThat(balance(reversal).warnings()).isEmpty();
    }

    @Test
    void b9_informationalAmountsTakeNoPart() {
        assertThat(balance(RecordedEra.of(EraText.paying(
                                "100", "CLP*C1*1*100*100*0*12*P1*11*1", "AMT*AU*77.77", "QTY*CA*3", "AMT*I*9")))
                        .isBalanced())
                .isTrue();
    }

    @Test
    void b10_zeroPaymentIsInformationOrPrenotification() {
        var claim = new String[] {"CLP*C1*4*100*0*0*12*P1*11*1", "CAS*CO*45*100"};

        assertThat(balance(RecordedEra.of(EraText.notPaying(claim))).warnings()).isEmpty();
        assertThat(balance(RecordedEra.of(EraText.file("BPR*P*0*C*ACH************20260105", claim)))
                        .warnings())
                .isEmpty();
        assertThat(balance(RecordedEra.of(EraText.paying("0", claim))).warnings())
                .extracting(Imbalance::rule)
                .containsExactly(Rule.ZERO_PAYMENT_MARKED_AS_SUCH);
    }

    @Test
    void b10_holdsMoneyOnWhatIsMarkedAsInformation() {
        var era = RecordedEra.of(EraText.file("BPR*H*100*C*NON************20260105", "CLP*C1*1*100*100*0*12*P1*11*1"));

        assertThat(only(era).rule()).isEqualTo(Rule.NO_PAYMENT_MEANS_ZERO);
    }

    @Test
    void b10_holdsMoneyOnAPrenotification() {
        var era = RecordedEra.of(EraText.file("BPR*P*100*C*ACH************20260105", "CLP*C1*1*100*100*0*12*P1*11*1"));

        assertThat(only(era).rule()).isEqualTo(Rule.NO_PAYMENT_MEANS_ZERO);
    }

    @Test
    void holdsMoneyThatThePayerSaysItTakes() {
        var era = RecordedEra.of(EraText.file("BPR*I*100*D*ACH************20260105", "CLP*C1*1*100*100*0*12*P1*11*1"));

        assertThat(only(era).rule()).isEqualTo(Rule.DEBIT_NOT_EXPECTED);
    }

    @Test
    void warnsOfADayOfPaymentThatCannotBeRead() {
        for (String day : new String[] {"", "20261345"}) {
            var era =
                    RecordedEra.of(EraText.file("BPR*I*100*C*ACH************" + day, "CLP*C1*1*100*100*0*12*P1*11*1"));

            assertThat(balance(era).isBalanced()).isTrue();
            assertThat(balance(era).warnings()).extracting(Imbalance::rule).containsExactly(Rule.PAYMENT_DATE_READABLE);
        }
    }

    @Test
    void b12_holdsANegativePayment() {
        var era = RecordedEra.of(
                EraText.file("BPR*I*-100*C*ACH************20260105", "CLP*C1*22*-100*-100*0*12*P1*11*1"));

        assertThat(only(era).rule()).isEqualTo(Rule.PAYMENT_NOT_NEGATIVE);
    }

    @Test
    void b13_readsSixAdjustmentsOfOneCasAndRejectsASeventh() {
        var six = "CAS*CO*1*1*1*2*2**3*3**4*4**5*5**6*6";
        var era = RecordedEra.of(EraText.paying("79", "CLP*C1*1*100*79*0*12*P1*11*1", six));
        assertThat(era.claims.getFirst().adjustments()).hasSize(6);
        assertThat(era.claims.getFirst().adjustments().getFirst().quantity()).isEqualTo("1");
        assertThat(balance(era).isBalanced()).isTrue();

        var seven = RecordedEra.of(EraText.paying("72", "CLP*C1*1*100*72*0*12*P1*11*1", six + "**7*7"));
        assertThat(seven.rejected().reason()).isEqualTo(Reason.WRONG_STRUCTURE);
        assertThat(seven.rejected().position().words()).contains("CAS20");
    }

    @Test
    void b13_warnsOfRepeatedAndZeroAdjustments() {
        var era = RecordedEra.of(EraText.paying("90", "CLP*C1*1*100*90*0*12*P1*11*1", "CAS*CO*45*4**45*6**253*0"));

        assertThat(balance(era).isBalanced()).isTrue();
        assertThat(balance(era).warnings())
                .extracting(Imbalance::rule)
                .containsExactly(Rule.ADJUSTMENT_NOT_REPEATED, Rule.ADJUSTMENT_NOT_ZERO);
    }

    @Test
    void b13_rejectsAnAdjustmentWithoutAmountOrReason() {
        assertThat(RecordedEra.of(EraText.paying("100", "CLP*C1*1*100*100*0*12*P1*11*1", "CAS*CO*45"))
                        .rejected()
                        .reason())
                .isEqualTo(Reason.MISSING_ELEMENT);
        assertThat(RecordedEra.of(EraText.paying("100", "CLP*C1*1*100*100*0*12*P1*11*1", "CAS*CO**12"))
                        .rejected()
                        .reason())
                .isEqualTo(Reason.MISSING_ELEMENT);
    }

    @Test
    void b14_holdsAProviderAdjustmentOfZeroAndRejectsHalfAPair() {
        var zero = RecordedEra.of(
                EraText.paying("100", "CLP*C1*1*100*100*0*12*P1*11*1", "PLB*1234567893*20261231*L6*0.00"));
        assertThat(only(zero).rule()).isEqualTo(Rule.PROVIDER_ADJUSTMENT_NOT_ZERO);

        var half =
                RecordedEra.of(EraText.paying("100", "CLP*C1*1*100*100*0*12*P1*11*1", "PLB*1234567893*20261231*WO:A"));
        assertThat(half.rejected().reason()).isEqualTo(Reason.MISSING_ELEMENT);
        assertThat(half.rejected().position().words()).contains("PLB04");
    }

    @Test
    void b15_linesOfOneUnbundledServiceKeepTheirControlNumber() {
        var era = RecordedEra.of(EraText.paying(
                "10", "CLP*C1*1*10*10*0*12*P1*11*1", "SVC*HC:80048*4*4", "REF*6R*1", "SVC*HC:80053*6*6", "REF*6R*1"));

        assertThat(era.claims.getFirst().lines())
                .extracting(line -> line.lineControlNumber())
                .containsExactly("1", "1");
    }

    @Test
    void b16_unknownReasonAndStatusCodesDoNotStopReading() {
        var era = RecordedEra.of(EraText.paying(
                "90",
                "CLP*C1*77*100*90*0*12*P1*11*1",
                "CAS*CO*X99*10",
                "MOA***ZZ9",
                "PLB*1*20261231*QQ*-1",
                "PLB*1*20261231*QQ*1"));

        assertThat(era.rejected).isNull();
        assertThat(balance(era).isBalanced()).isTrue();
        assertThat(era.claims.getFirst().remarks()).containsExactly("ZZ9");
    }

    @Test
    void acceptsTheLegacyGroupButHoldsAnUnknownOne() {
        assertThat(balance(RecordedEra.of(EraText.paying("90", "CLP*C1*1*100*90*0*12*P1*11*1", "CAS*CR*45*10")))
                        .isBalanced())
                .isTrue();
        assertThat(only(RecordedEra.of(EraText.paying("90", "CLP*C1*1*100*90*0*12*P1*11*1", "CAS*XX*45*10")))
                        .rule())
                .isEqualTo(Rule.GROUP_CODE_KNOWN);
    }

    @Test
    void findsClaimsWithoutAnyLx() {
        assertThat(RecordedEra.of(EraText.paying("10", "CLP*C1*1*10*10*0*12*P1*11*1")).claims)
                .hasSize(1);
    }

    private static Balance balance(RecordedEra era) {
        assertThat(era.rejected).isNull();
        return era.totals.getFirst().balance();
    }

    private static Imbalance only(RecordedEra era) {
        assertThat(balance(era).isBalanced()).isFalse();
        assertThat(balance(era).imbalances()).hasSize(1);
        return balance(era).imbalances().getFirst();
    }
}

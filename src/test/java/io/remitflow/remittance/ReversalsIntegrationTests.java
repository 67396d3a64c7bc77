package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.FiscalPeriods;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import java.time.LocalDate;
import java.util.List;
import org.joda.money.Money;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** What a remittance meets in the books: answers that it takes back, closed periods, the money at the bank. */
@BooksTest
class ReversalsIntegrationTests {

    static final String REVERSAL = """
            CLP*C1*22*-500*-300*-75*12*PCN1*11*1
            CAS*CO*45*-125
            CAS*PR*1*-75
            NM1*QC*1*DOE*JANE
            """;

    static final String ANSWER = REVERSAL.replace("*22*", "*1*").replace("*-", "*");

    RemittanceBooks books;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "500.00");
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void b12_aReversalBeforeItsOriginalIsHeldAndItsMoneyWaitsInSuspense() {
        books.receive(EraText.of("RV1", "0", REVERSAL + "PLB*1234567893*20261231*FB:RV1*-300\n"));

        assertHeld("it takes back an answer that is not posted for this claim");
        assertThat(books.balanceMinor("2010")).isEqualTo(30_000);
        assertNothingOfTheClaimPosted();
    }

    @Test
    void b12_aWriteOffThatWasNeverPostedIsNotTakenBack() {
        books.receive(EraText.of("RV2", "0", """
                CLP*C1*4*500*0*0*12*PCN1*11*1
                CAS*CO*45*500
                NM1*QC*1*DOE*JANE
                """));

        books.receive(EraText.of("RV3", "0", """
                CLP*C1*22*-500*0*0*12*PCN1*11*1
                CAS*CO*45*-500
                NM1*QC*1*DOE*JANE
                """));

        assertThat(books.query("select v.kind from billing_remittance_reversals v", String.class))
                .isEqualTo("exact");
        assertThat(books.query(
                        "select contractual_amount from billing_remittance_claims where status_code = '22'",
                        Long.class))
                .as("nothing was written off, so nothing is charged again")
                .isZero();
        assertNothingOfTheClaimPosted();
    }

    @Test
    void b12_aDenialTakenBackAndPaidIsPosted() {
        books.receive(EraText.of("RV4", "0", """
                CLP*C1*4*500*0*0*12*PCN1*11*1
                CAS*CO*197*500
                NM1*QC*1*DOE*JANE
                """));

        books.receive(EraText.of("RV5", "300", """
                CLP*C1*22*-500*0*0*12*PCN1*11*1
                CAS*CO*197*-500
                NM1*QC*1*DOE*JANE
                """ + ANSWER));

        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
    }

    @Test
    void b12_aPayerIsTheSameWithAndWithoutTheOneBeforeItsTaxId() {
        books.receive(EraText.of("RV40", "300", ANSWER).from("1555666777"));
        // Recorded only now: nothing says of the first remittance yet which payer of ours it was.
        books.payer("Other Health Plan", "commercial", "555666777");

        books.receive(EraText.of("RV41", "0", REVERSAL + "PLB*1234567893*20261231*FB:RV41*-300\n")
                .from("555666777"));

        assertThat(books.query("select kind from billing_remittance_reversals", String.class))
                .isEqualTo("exact");
        assertNothingOfTheClaimPosted();
    }

    @Test
    void b12_theSameReversalASecondTimeIsHeld() {
        books.receive(EraText.of("RV6", "300", ANSWER));
        books.receive(EraText.of("RV7", "0", REVERSAL + "PLB*1234567893*20261231*FB:RV7*-300\n"));

        books.receive(EraText.of("RV8", "0", REVERSAL + "PLB*1234567893*20261231*FB:RV8*-300\n"));

        assertHeld("it takes back an answer that is not posted for this claim");
        assertThat(books.balanceMinor("2010")).isEqualTo(30_000);
        assertNothingOfTheClaimPosted();
    }

    @Test
    void e_aSecondAnswerToTheWholeClaimIsHeldUntilTheFirstIsTakenBack() {
        books.receive(EraText.of("RV50", "300", ANSWER));

        books.receive(EraText.of("RV51", "20", """
                CLP*C1*1*500*20*75*12*PCN1B*11*1
                CAS*CO*45*125**B13*280
                CAS*PR*2*75
                NM1*QC*1*DOE*JANE
                """));

        assertHeld(
                "ANSWERED_TWICE: the payer answered the whole claim before and has not taken that back; posted beside"
                        + " it, the claim would be -220.00. A correction comes with the reversal (22) of what it corrects");
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
        assertThat(books.balanceMinor("2010")).as("its money waits").isEqualTo(-2_000);

        books.receive(EraText.of("RV52", "0", REVERSAL + "PLB*1234567893*20261231*FB:RV52*-300\n"));
        books.hospital.run(() -> books.bean(HeldClaims.class).lookAgain());

        assertThat(books.balanceMinor("2010")).isZero();
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
        assertThat(books.insuranceBalance("C1"))
                .as("what is denied of it is worked on")
                .isEqualTo(usd("280.00"));
    }

    @Test
    void e_severalAnswersThatTogetherExplainTheClaimArePosted() {
        books.receive(EraText.of("RV60", "0", """
                CLP*C1*4*500*0*0*12*PCN1*11*1
                CAS*CO*16*500
                NM1*QC*1*DOE*JANE
                """));

        books.receive(EraText.of("RV61", "300", ANSWER));

        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
    }

    @Test
    void b12_theCorrectionBehindAHeldReversalIsHeldWithIt() {
        books.receive(EraText.of("RV9", "300", ANSWER));

        var receipt = books.receive(EraText.of("RV10", "40", """
                CLP*C1*22*-500*-310*-65*12*PCN1*11*1
                CAS*CO*45*-125
                CAS*PR*1*-65
                NM1*QC*1*DOE*JANE
                CLP*C1*1*500*350*25*12*PCN1*11*1
                CAS*CO*45*125
                CAS*PR*1*25
                NM1*QC*1*DOE*JANE
                """));

        assertHeld(
                "it takes back other amounts than were posted for this claim",
                "it follows a reversal of this claim that is held");
        assertThat(books.entryLines(receipt.remittances().getFirst().id()))
                .containsExactly("DR 1050 40.00 trn 1987654321/RV10", "CR 2010 40.00 claim C1/PCN1");
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
    }

    @Test
    void b12_oneReversalMayTakeBackAllAnswersTogether() {
        books.claim("C2", "200.00", "300.00");
        long receivable = books.balanceMinor("1110");
        books.receive(EraText.of("RV11", "100", """
                CLP*C2*1*200*100*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*200*100**1
                CAS*CO*45*100
                REF*6R*1
                """));
        books.receive(EraText.of("RV12", "300", """
                CLP*C2*1*300*300*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*300*300**1
                REF*6R*2
                """));
        assertThat(books.insuranceBalance("C2")).isEqualTo(usd("0.00"));

        books.receive(EraText.of("RV13", "0", """
                CLP*C2*22*-500*-400*0*12*PCN1*11*1
                CAS*CO*45*-100
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*FB:RV13*-400
                """));

        assertThat(books.insuranceBalance("C2")).isEqualTo(usd("500.00"));
        assertThat(books.balanceMinor("1110")).isEqualTo(receivable);
        assertThat(books.balanceMinor("4900")).isZero();
        assertThat(books.balanceMinor("2010")).isZero();
        assertThat(books.query("select kind from billing_remittance_reversals", String.class))
                .isEqualTo("exact");
    }

    @Test
    void b12_aPartialReversalPostsWhatItTakesBackAndLeavesTheRest() {
        books.claim("C2", "200.00", "300.00");
        books.receive(EraText.of("RV14", "350", """
                CLP*C2*1*500*350*50*12*PCN2*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*200*150**1
                CAS*PR*1*50
                REF*6R*1
                SVC*HC:99213*300*200**1
                CAS*CO*45*100
                REF*6R*2
                """));

        books.receive(EraText.of("RV15", "0", """
                CLP*C2*22*-300*-200*0*12*PCN2*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*-300*-200**1
                CAS*CO*45*-100
                REF*6R*2
                PLB*1234567893*20261231*FB:RV15*-200
                """));

        assertThat(books.query("select kind from billing_remittance_reversals", String.class))
                .isEqualTo("partial");
        assertThat(books.queryAll("select rule from billing_remittance_findings", String.class))
                .contains("PARTIAL_REVERSAL");
        assertThat(books.insuranceBalance("C2")).isEqualTo(usd("300.00"));
        assertThat(books.patientBalance("C2")).isEqualTo(usd("50.00"));
        assertThat(books.query(
                        "select sum(posted_amount + reversed_amount) from billing_remittance_reversal_lines where group_code = 'PAID'",
                        Long.class))
                .as("what stays posted")
                .isEqualTo(15_000);
    }

    @Test
    void b12_aReversalOfReasonsThatWereNeverPostedIsForeignAndShowsThem() {
        books.receive(EraText.of("RV16", "300", ANSWER));

        books.receive(EraText.of("RV17", "0", """
                CLP*C1*22*-500*-300*-75*12*PCN1*11*1
                CAS*CO*253*-125
                CAS*PR*1*-75
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*FB:RV17*-300
                """));

        assertHeld("it takes back other amounts than were posted for this claim");
        assertThat(books.queryAll("""
                        select group_code || reason_code || ' ' || posted_amount || ' ' || reversed_amount
                        from billing_remittance_reversal_lines where posted_amount + reversed_amount <> 0 order by position
                        """, String.class)).containsExactly("CO253 0 -12500", "CO45 12500 0");
        assertThat(books.balanceMinor("2010")).isEqualTo(30_000);
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
    }

    @Test
    void groupCr_ofAnOldFileTakesBackWhatIsPostedForTheSameReasonUnderWhateverGroup() {
        books.receive(EraText.of("CR1", "300", ANSWER));

        books.receive(EraText.of("CR2", "40", """
                CLP*C1*22*-500*-300*0*12*PCN1*11*1
                CAS*CR*45*-125**1*-75
                NM1*QC*1*DOE*JANE
                CLP*C1*1*500*340*35*12*PCN1*11*1
                CAS*CO*45*125
                CAS*PR*1*35
                NM1*QC*1*DOE*JANE
                """));

        assertThat(books.queryAll("select kind from billing_remittance_reversals", String.class))
                .containsExactly("exact");
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("35.00"));
        assertThat(books.balanceMinor("4900")).isEqualTo(12_500);
        assertThat(books.balanceMinor("2010")).isZero();

        books.receive(EraText.of("CR3", "0", """
                CLP*C1*22*-500*-340*0*12*PCN1*11*1
                CAS*CR*45*-125**1*-35
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*FB:CR3*-340
                """));

        assertNothingOfTheClaimPosted();
    }

    @Test
    void groupCr_takesBackOneLineUnderOneGroupOrUnderAllOfThem() {
        books.claim("C2", "200.00", "300.00").claim("C3", "200.00", "300.00");
        String one = """
                CLP*%s*1*500*350*0*12*P%1$s*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*200*150**1
                CAS*PR*1*50
                REF*6R*1
                SVC*HC:99213*300*200**1
                %s
                REF*6R*2
                """;
        String line = """
                CLP*%s*22*-300*-200*0*12*P%1$s*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*-300*-200**1
                CAS*CR*45*-100
                REF*6R*2
                """;
        books.receive(EraText.of(
                "CR4",
                "700",
                one.formatted("C2", "CAS*CO*45*100") + one.formatted("C3", "CAS*CO*45*60\nCAS*PR*45*40")));

        books.receive(EraText.of(
                "CR5", "0", line.formatted("C2") + line.formatted("C3") + "PLB*1234567893*20261231*FB:CR5*-400\n"));

        assertThat(books.queryAll("select kind from billing_remittance_reversals", String.class))
                .containsExactly("partial", "partial");
        for (var claim : List.of("C2", "C3")) {
            assertThat(books.insuranceBalance(claim)).isEqualTo(usd("300.00"));
            assertThat(books.patientBalance(claim)).isEqualTo(usd("50.00"));
        }
        assertThat(books.balanceMinor("4900")).isZero();
    }

    @Test
    void v2_aPatientWhoPaidTheOldShareGetsACreditCase() {
        books.receive(EraText.of("RV18", "300", ANSWER));
        books.patientPays("C1", "75.00");

        books.receive(EraText.of("RV19", "40", REVERSAL + """
                CLP*C1*1*500*340*35*12*PCN1*11*1
                CAS*CO*45*125
                CAS*PR*1*35
                NM1*QC*1*DOE*JANE
                """));

        assertThat(books.patientBalance("C1")).isEqualTo(usd("-40.00"));
        assertThat(books.queryAll(
                        "select owner || ' ' || amount || ' ' || state || ' ' || (payment_id is not null) from billing_credit_balances",
                        String.class))
                .containsExactly("patient 4000 open true");
    }

    @Test
    void postAndReversalLeaveNothingWhateverTheClaims() {
        var random = new java.util.Random(4_2026);
        var originals = new StringBuilder();
        var reversals = new StringBuilder();
        long paid = 0;
        for (int i = 1; i <= 40; i++) {
            var claim = RandomClaim.of("R" + i, random);
            books.claim("R" + i, claim.charges());
            originals.append(claim.answer());
            reversals.append(claim.reversal());
            paid += claim.paidMinor();
        }
        List<String> accounts = List.of("4900", "1100", "1110", "2010");
        List<Long> before = accounts.stream().map(books::balanceMinor).toList();
        String total = java.math.BigDecimal.valueOf(paid, 2).toPlainString();

        books.receive(EraText.of("RVALL", total, originals.toString()));
        assertThat(books.balanceMinor("1110")).isNotEqualTo(before.get(2));
        books.receive(EraText.of("RVBACK", "0", reversals + "PLB*1234567893*20261231*FB:RVBACK*-" + total + "\n"));

        assertThat(accounts.stream().map(books::balanceMinor).toList()).isEqualTo(before);
        assertThat(books.queryAll("select distinct kind from billing_remittance_reversals", String.class))
                .containsExactly("exact");
        assertThat(books.queryAll("select distinct patient_balance from billing_patient_accounts", Long.class))
                .containsExactly(0L);
        assertThat(books.query("""
                        select count(*) from billing_remittance_reversal_lines where posted_amount + reversed_amount <> 0
                        """, Long.class)).isZero();
    }

    @Test
    void aLateRemittanceIsPostedIntoTheOpenPeriodWithTheDayOfItsPayment() {
        books.hospital.run(() -> books.bean(FiscalPeriods.class).close("2026-10"));

        var receipt = books.receive(
                "late.835",
                EraText.of("LATE1", "300", ANSWER)
                        .text()
                        .replace("*20261115~", "*20261015~")
                        .getBytes(UTF_8));

        var entry = books.entry(receipt.remittances().getFirst().id());
        assertThat(entry.date()).isEqualTo(LocalDate.of(2026, 11, 1));
        assertThat(entry.effectiveDate()).isEqualTo(LocalDate.of(2026, 10, 15));
        assertThat(entry.fiscalPeriod()).isEqualTo("2026-11");
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
    }

    @Test
    void m1_theClearingOfATraceNumberIsZeroExactlyWhenNoticeAndMoneyAreThere() {
        var trace = new ClearingReference("trn", EraText.PAYER + "/M1");
        assertThat(clearing(trace)).isEqualTo(usd("0.00"));

        books.receive(EraText.of("M1", "300", ANSWER));
        assertThat(clearing(trace)).isEqualTo(usd("300.00"));

        books.hospital.run(() -> books.bean(Settlements.class)
                .cashSeen(new CashEvidence(
                        CashKind.EFT,
                        "bank:M1",
                        "M1",
                        EraText.PAYER,
                        "",
                        usd("300.00"),
                        usd("0.00"),
                        LocalDate.of(2026, 11, 16))));
        assertThat(clearing(trace)).isEqualTo(usd("0.00"));
    }

    private Money clearing(ClearingReference trace) {
        return books.hospital.call(
                () -> books.bean(Clearing.class).balance(StandardAccount.REMITTANCE_CLEARING, trace));
    }

    private void assertHeld(String... reasons) {
        assertThat(books.queryAll(
                        "select reason from billing_remittance_claims where treatment = 'held' order by id",
                        String.class))
                .containsExactly(reasons);
    }

    private void assertNothingOfTheClaimPosted() {
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("500.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.balanceMinor("4900")).isZero();
        assertThat(books.balanceMinor("1100")).isZero();
    }
}

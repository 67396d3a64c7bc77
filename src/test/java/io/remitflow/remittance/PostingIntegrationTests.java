package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.adjustments.AdjustmentApprovals;
import io.remitflow.adjustments.AdjustmentPosting;
import io.remitflow.adjustments.AdjustmentRequest;
import io.remitflow.adjustments.AdjustmentType;
import io.remitflow.adjustments.Adjustments;
import io.remitflow.claims.ClaimStatus;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.receivables.Responsibility;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** The vectors of the domain rules 4.1 through to ledger, patient accounts and claims. */
@BooksTest
class PostingIntegrationTests {

    static final String V1 = """
            CLP*C1*1*500.00*300.00*75.00*12*PCN1*11*1
            NM1*QC*1*DOE*JANE****MI*M1
            AMT*I*5
            SVC*HC:99213*300*200**1
            CAS*CO*45*60
            CAS*PR*1*40
            SVC*HC:99214*200*100**1
            CAS*CO*45*65
            CAS*PR*2*35
            CLP*C2*1*1000.00*1200.00*0*12*PCN2*11*1
            CAS*CO*45*-200
            NM1*QC*1*ROE*RICHARD****MI*M2
            CLP*C3*1*180.00*0*0*12*PCN3*11*1
            NM1*QC*1*POE*PAT****MI*M3
            SVC*HC:99215*180*0**0
            CAS*CO*197*180
            PLB*1234567893*20261231*L6*-5.00*WO:REF1*325.00
            """;

    RemittanceBooks books;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context);
    }

    @Test
    void v1_postsTheWholePaymentWithItsGeneralLedgerLines() {
        books.claim("C1", "300.00", "200.00").claim("C2", "1000.00").claim("C3", "180.00");

        var receipt = books.receive(EraText.of("TRN100", "1180.00", V1));

        assertThat(receipt.remittances()).singleElement().satisfies(part -> {
            assertThat(part.state()).isEqualTo(RemittanceState.POSTED);
            assertThat(books.entryLines(part.id()))
                    .containsExactly(
                            "DR 1050 1180.00 trn 1987654321/TRN100",
                            "CR 4210 5.00",
                            "DR 1130 325.00 plb 1987654321/REF1",
                            "DR 4900 125.00",
                            "CR 4900 200.00",
                            "CR 1110 1425.00",
                            "DR 1100 75.00",
                            "CR 1110 75.00");
            assertThat(books.entry(part.id()).total()).isEqualTo(usd("1705.00"));
        });
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
        assertThat(books.insuranceBalance("C2")).isEqualTo(usd("0.00"));
        assertThat(books.insuranceBalance("C3")).as("denied, not written off").isEqualTo(usd("180.00"));
        assertThat(books.claimOf("C3").status()).isEqualTo(ClaimStatus.DENIED);
        assertThat(books.queryAll(
                        "select claim_control_number from billing_remittance_claims where denied", String.class))
                .containsExactly("C3");
    }

    @Test
    void v2_aReversalPostsExactlyTheNegativeAmounts() {
        books.claim("C1", "500.00");
        books.receive(EraText.of("TRN1", "300.00", """
                CLP*C1*1*500*300*75*12*PCN1*11*1
                CAS*CO*45*125
                CAS*PR*1*75
                NM1*QC*1*DOE*JANE
                """));

        var receipt = books.receive(EraText.of("TRN2", "40.00", """
                CLP*C1*22*-500*-300*-75*12*PCN1*11*1
                CAS*CO*45*-125
                CAS*PR*1*-75
                NM1*QC*1*DOE*JANE
                CLP*C1*1*500*340*35*12*PCN1*11*1
                CAS*CO*45*125
                CAS*PR*1*35
                NM1*QC*1*DOE*JANE
                """));

        assertThat(books.entryLines(receipt.remittances().getFirst().id()))
                .containsExactly(
                        "DR 1050 40.00 trn 1987654321/TRN2",
                        "DR 4900 125.00",
                        "CR 4900 125.00",
                        "CR 1110 465.00",
                        "DR 1110 425.00",
                        "DR 1100 35.00",
                        "CR 1110 35.00",
                        "CR 1100 75.00",
                        "DR 1110 75.00");
        assertThat(books.patientBalance("C1")).isEqualTo(usd("35.00"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.claimOf("C1").paid()).isEqualTo(usd("340.00"));
    }

    @Test
    void contractualAdjustmentsOfABalancedEraAreExemptFromApprovalWhateverTheirAmount() {
        books.claim("C1", "9000.00");

        var receipt = books.receive(contractual("1000", "8000"));

        assertThat(receipt.remittances().getFirst().state()).isEqualTo(RemittanceState.POSTED);
        assertThat(books.balanceMinor("4900")).isEqualTo(800_000);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.count("billing_adjustments")).isZero();
        assertThat(books.count("workflow_approvals")).isZero();
    }

    @Test
    void contractualAdjustmentsOfAnEraThatDoesNotBalanceAreNotExempt() {
        books.claim("C1", "9000.00");

        var receipt = books.receive(contractual("1000", "7999.99"));

        assertThat(receipt.remittances().getFirst().state()).isNotEqualTo(RemittanceState.POSTED);
        assertThat(books.balanceMinor("4900")).isZero();
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("9000.00"));
    }

    @Test
    void aContractualAdjustmentThatSomebodyMakesIsNotExempt() {
        books.claim("C1", "9000.00");
        var claim = books.claimOf("C1");
        AtomicReference<UUID> made = new AtomicReference<>();
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> made.set(books.bean(Adjustments.class)
                        .request(new AdjustmentRequest(
                                claim.accountId(),
                                claim.id(),
                                Responsibility.INSURANCE,
                                AdjustmentType.CONTRACTUAL,
                                usd("8000.00"),
                                "As in the contract"))));
        var approvals = books.bean(AdjustmentApprovals.class);
        assertThat(books.hospital.call(() -> approvals.facts(made.get()).inputs()))
                .containsEntry("type", "contractual")
                .containsEntry("amountMinor", 800_000L);
        books.hospital.run(() -> approvals.ruleAnswered(made.get(), 1, List.of("cfo"), "As the table answers"));

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.hospital.run(
                        () -> books.bean(AdjustmentPosting.class).post(made.get())));

        assertThat(books.balanceMinor("4900")).isZero();
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("9000.00"));
    }

    private static EraText contractual(String paid, String contractual) {
        return EraText.of("TRN45", paid, """
                CLP*C1*1*9000*%s*0*12*PCN1*11*1
                CAS*CO*45*%s
                NM1*QC*1*DOE*JANE
                """.formatted(paid, contractual));
    }

    @Test
    void v10_allAmountsOfTwoProviderAdjustmentSegmentsCount() {
        books.claim("C1", "1000.00");

        var receipt = books.receive(EraText.of("TRN10", "965.00", """
                CLP*C1*1*1000*1000*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*WO:A*1*WO:B*2*WO:C*3*WO:D*4*WO:E*5*WO:F*6
                PLB*1234567893*20261231*CS:G*14
                """));

        var id = receipt.remittances().getFirst().id();
        assertThat(receipt.remittances().getFirst().state()).isEqualTo(RemittanceState.POSTED);
        assertThat(books.entryLines(id))
                .hasSize(9)
                .contains("DR 1130 6.00 plb 1987654321/F", "DR 2070 14.00 plb 1987654321/G");
    }

    @Test
    void v13_aDeniedClaimIsNeverWrittenOff() {
        books.claim("C1", "400.00");

        var receipt = books.receive(EraText.of("TRN13", "0", """
                CLP*C1*4*400*0*0*12*PCN1*11*1
                CAS*CO*45*400
                NM1*QC*1*DOE*JANE
                """));

        assertThat(receipt.remittances().getFirst().state()).isEqualTo(RemittanceState.POSTED);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("400.00"));
        assertThat(books.balanceMinor("4900")).isZero();
        assertThat(books.query("select denied_amount from billing_remittance_claims", Long.class))
                .isEqualTo(40_000);
    }

    @Test
    void v14_aBundledLineMovesItsPaymentToAnotherLine() {
        books.claim("C1", "100.00", "50.00");

        var receipt = books.receive(EraText.of("TRN14", "120.00", """
                CLP*C1*1*150*120*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:A0001*100*120**1
                CAS*CO*97*-50**45*30
                SVC*HC:B0001*50*0**1
                CAS*CO*97*50
                """));

        assertThat(books.entryLines(receipt.remittances().getFirst().id()))
                .containsExactly("DR 1050 120.00 trn 1987654321/TRN14", "DR 4900 30.00", "CR 1110 150.00");
        assertThat(books.query("select denied from billing_remittance_claims", Boolean.class))
                .isFalse();
    }

    @Test
    void v17_anUnknownClaimGoesToSuspenseAndTheOthersPost() {
        books.claim("C1", "100.00");

        var receipt = books.receive(EraText.of("TRN17", "180.00", """
                CLP*C1*1*100*100*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                CLP*NOBODY*1*80*80*0*12*PCN9*11*1
                NM1*QC*1*ROE*RICHARD
                """));

        assertThat(books.entryLines(receipt.remittances().getFirst().id()))
                .containsExactly(
                        "DR 1050 180.00 trn 1987654321/TRN17", "CR 1110 100.00", "CR 2010 80.00 claim NOBODY/PCN9");
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.queryAll(
                        "select treatment || ': ' || reason from billing_remittance_claims where treatment <> 'posted'",
                        String.class))
                .containsExactly("unidentified: no claim with the control number NOBODY");
    }

    @Test
    void v8_holdsTheWholeTransactionWhenOffByOneCent() {
        books.claim("C1", "100.00");

        var receipt = books.receive(EraText.of("TRN8", "100.01", """
                CLP*C1*1*100*100*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                """));

        assertHeld(receipt, "TRANSACTION_BALANCES");
    }

    @Test
    void v9_holdsAnAdjustmentRepeatedOnClaimAndLines() {
        books.claim("C1", "500.00");

        var receipt = books.receive(EraText.of("TRN9", "200.00", """
                CLP*C1*1*500*200*150*12*PCN1*11*1
                CAS*PR*1*150
                CAS*CO*45*150
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*500*200**1
                CAS*PR*1*150
                CAS*CO*45*150
                """));

        assertHeld(receipt, "CLAIM_BALANCES");
    }

    @Test
    void b10_holdsAPaymentThatCallsItselfNoPayment() {
        books.claim("C1", "100.00");
        String text = EraText.of("TRNB10", "100.00", """
                CLP*C1*1*100*100*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                """).text().replace("BPR*I*100.00*C*ACH", "BPR*H*100.00*C*NON");

        assertHeld(
                books.receive("b10.835", text.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                "NO_PAYMENT_MEANS_ZERO");
    }

    @Test
    void b12_holdsANegativePayment() {
        books.claim("C1", "100.00");

        var receipt = books.receive(EraText.of("TRNB12", "-100.00", """
                CLP*C1*22*-100*-100*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                """));

        assertHeld(receipt, "PAYMENT_NOT_NEGATIVE");
    }

    @Test
    void aPredictionIsNeverPosted() {
        books.claim("C1", "100.00");

        books.receive(EraText.of("TRN25", "0", """
                CLP*C1*25*100*0*100*12*PCN1*11*1
                CAS*PR*1*100
                NM1*QC*1*DOE*JANE
                """));

        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("100.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
    }

    @Test
    void holdsAClaimAnsweredForMoreThanWasBilled() {
        books.claim("C1", "100.00");

        var receipt = books.receive(EraText.of("TRN18", "900.00", """
                CLP*C1*1*900*900*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                """));

        assertThat(books.entryLines(receipt.remittances().getFirst().id()))
                .containsExactly("DR 1050 900.00 trn 1987654321/TRN18", "CR 2010 900.00 claim C1/PCN1");
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("100.00"));
    }

    @Test
    void m5_aPaymentAndItsReversalLeaveNothingOnAnyAccountButClearing() {
        books.claim("C1", "500.00");
        long receivableBefore = books.balanceMinor("1110");
        String answer = """
                CLP*C1*1*500*300*75*12*PCN1*11*1
                CAS*CO*45*125
                CAS*PR*1*75
                NM1*QC*1*DOE*JANE
                """;
        String reversal = """
                CLP*C1*22*-500*-300*-75*12*PCN1*11*1
                CAS*CO*45*-125
                CAS*PR*1*-75
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*FB:T5*-300
                """;

        books.receive(EraText.of("T4", "300.00", answer));
        books.receive(EraText.of("T5", "0", reversal));

        for (String account : List.of("4900", "1100")) {
            assertThat(books.balanceMinor(account)).as(account).isZero();
        }
        assertThat(books.balanceMinor("1110")).isEqualTo(receivableBefore);
        assertThat(books.balanceMinor("1050")).isEqualTo(30_000);
        assertThat(books.balanceMinor("2050")).isEqualTo(-30_000);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("500.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
    }

    /** M2: fully posted or not at all. */
    private void assertHeld(Receipt receipt, String rule) {
        assertThat(receipt.remittances())
                .singleElement()
                .satisfies(part -> assertThat(part.state()).isEqualTo(RemittanceState.HELD));
        assertThat(books.queryAll("select rule from billing_remittance_findings where holds", String.class))
                .contains(rule);
        assertThat(books.balanceMinor("1050")).isZero();
        assertThat(books.query(
                        "select count(*) from accounting_journal_entries where source_module = 'remittance'",
                        Long.class))
                .isZero();
        assertThat(books.queryAll("select distinct treatment from billing_remittance_claims", String.class))
                .containsExactly("not_posted");
    }
}

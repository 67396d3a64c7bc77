package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.claims.Crossovers;
import io.remitflow.core.RuleViolation;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** Claims that more than one payer answers, and claims that may be somebody else's. */
@BooksTest
class SecondaryPayersIntegrationTests {

    static final String MEDICAID = "1555555555";

    /** Medicare's answer of V6. */
    static final String PRIMARY = """
            CLP*C1*1*500*300*75*MB*PCN1*11*1
            CAS*CO*45*125
            CAS*PR*2*75
            NM1*QC*1*DOE*JANE
            """;

    static final String GOOD = """
            CLP*C1*2*500*65*0*MC*MCD1*11*1
            CAS*OA*23*425
            CAS*CO*45*10
            NM1*QC*1*DOE*JANE
            """;

    RemittanceBooks books;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).payer("State Medicaid", "medicaid", MEDICAID);
        books.claim("C1", "500.00");
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void v6_theSecondPayersAnswerReplacesThePatientsShareAndClosesTheClaim() {
        books.receive(EraText.of("COB1", "300", PRIMARY));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));

        var receipt = books.receive(EraText.of("COB2", "65", GOOD).from(MEDICAID));

        assertThat(books.entryLines(receipt.remittances().getFirst().id()))
                .containsExactly(
                        "DR 1050 65.00 trn 1555555555/COB2",
                        "DR 4900 10.00",
                        "CR 1110 75.00",
                        "CR 1100 75.00",
                        "DR 1110 75.00");
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.claimOf("C1").paid()).isEqualTo(usd("365.00"));
    }

    @Test
    void v6_aSecondPayerThatLeavesOutTheFirstIsHeldAlthoughItBalances() {
        books.receive(EraText.of("COB3", "300", PRIMARY));

        var receipt = books.receive(EraText.of("COB4", "65", """
                CLP*C1*2*500*65*0*MC*MCD1*11*1
                CAS*CO*45*435
                NM1*QC*1*DOE*JANE
                """).from(MEDICAID));

        assertThat(books.entryLines(receipt.remittances().getFirst().id()))
                .containsExactly("DR 1050 65.00 trn 1555555555/COB4", "CR 2010 65.00 claim C1/MCD1");
        assertThat(heldReasons())
                .containsExactly(
                        "COB_NO_OA23: the payer leaves out what earlier payers did (no OA-23); posted, the claim"
                                + " would be -425.00");
        assertThat(books.queryAll("select rule from billing_remittance_findings where not holds", String.class))
                .contains("COB_NO_OA23");
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
    }

    @Test
    void v6_aSecondPayerThatKnowsMoreThanTheFirstPaidIsHeld() {
        books.receive(EraText.of("COB5", "300", PRIMARY));

        books.receive(EraText.of("COB6", "65", """
                CLP*C1*2*500*65*0*MC*MCD1*11*1
                CAS*OA*23*425.01
                CAS*CO*45*9.99
                NM1*QC*1*DOE*JANE
                """).from(MEDICAID));

        assertThat(heldReasons())
                .containsExactly(
                        "COB_MISMATCH: the payer says that earlier payers explain 425.01 (OA-23), but only 425.00"
                                + " of theirs is posted");
    }

    @Test
    void v6_aSecondaryAnswerBeforeThePrimaryIsHeld() {
        books.receive(EraText.of("COB7", "65", GOOD).from(MEDICAID));

        assertThat(heldReasons()).singleElement().asString().startsWith("COB_MISMATCH");
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("500.00"));
    }

    @Test
    void theShareOfTheFirstPayerReturnsWhenTheSecondTakesItsAnswerBack() {
        books.receive(EraText.of("COB8", "300", PRIMARY));
        books.receive(EraText.of("COB9", "65", GOOD).from(MEDICAID));

        books.receive(EraText.of("COB10", "0", """
                CLP*C1*22*-500*-65*0*MC*MCD1*11*1
                CAS*OA*23*-425
                CAS*CO*45*-10
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*FB:COB10*-65
                """).from(MEDICAID));

        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.balanceMinor("1100")).isEqualTo(7_500);
    }

    @Test
    void theCorrectionOfTheFirstPayerLeavesTheShareOfTheSecond() {
        books.receive(EraText.of("COB11", "300", PRIMARY));
        books.receive(EraText.of("COB12", "65", GOOD).from(MEDICAID));

        books.receive(EraText.of("COB13", "10", """
                CLP*C1*22*-500*-300*-75*MB*PCN1*11*1
                CAS*CO*45*-125
                CAS*PR*2*-75
                NM1*QC*1*DOE*JANE
                CLP*C1*1*500*310*65*MB*PCN1*11*1
                CAS*CO*45*125
                CAS*PR*2*65
                NM1*QC*1*DOE*JANE
                """));

        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.insuranceBalance("C1")).as("Medicare paid 10 more").isEqualTo(usd("-10.00"));
        assertThat(books.queryAll("select owner || ' ' || amount from billing_credit_balances", String.class))
                .containsExactly("payer 1000");
    }

    @ParameterizedTest
    @CsvSource({"19, ''", "20, ''", "1, NM1*TT*2*STATE MEDICAID*****PI*MCD"})
    void aForwardedClaimGetsNoSecondaryClaimOfOurs(String status, String crossover) {
        books.claim("CF", "100.00");
        books.receive(EraText.of("FWD" + status, "100", """
                CLP*CF*%s*100*100*0*12*PCN2*11*1
                NM1*QC*1*DOE*JANE
                %s""".formatted(status, crossover)));

        var claim = books.claimOf("CF").id();
        assertThat(books.insuranceBalance("CF")).isEqualTo(usd("0.00"));
        assertThatThrownBy(() ->
                        books.hospital.run(() -> books.bean(Crossovers.class).requireNotForwarded(claim)))
                .isInstanceOf(RuleViolation.class)
                .hasMessageContaining("passed this claim on");
        books.hospital.run(() -> books.bean(Crossovers.class)
                .requireNotForwarded(books.claimOf("C1").id()));
    }

    @ParameterizedTest
    @CsvSource({
        "25, a prediction of what would be paid",
        "5, the payer has not decided yet",
        "23, 'not a claim of this payer, which sent it on to another'",
    })
    void clp02_statusesThatAreNoDecisionChangeNothing(String status, String reason) {
        books.receive(EraText.of("ST" + status, "0", """
                CLP*C1*%s*500*0*500*12*PCN1*11*1
                CAS*PR*1*500
                NM1*QC*1*DOE*JANE
                """.formatted(status)));

        assertThat(books.queryAll("select treatment || ': ' || reason from billing_remittance_claims", String.class))
                .containsExactly("not_posted: " + reason);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("500.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
    }

    @ParameterizedTest
    @CsvSource({"25", "5", "23", "77"})
    void clp02_statusesThatMustNotPayAreHeldWithTheirMoney(String status) {
        var receipt = books.receive(EraText.of("PAY" + status, "500", """
                CLP*C1*%s*500*500*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                """.formatted(status)));

        assertThat(books.entryLines(receipt.remittances().getFirst().id()))
                .containsExactly("DR 1050 500.00 trn 1987654321/PAY" + status, "CR 2010 500.00 claim C1/PCN1");
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("500.00"));
    }

    @Test
    void v18_moneyForAnotherPatientOrAnotherChargeIsHeldAndTheReasonNamesNobody() {
        books.claimOf("N1", "Doe", "Jane", "100.00")
                .claimOf("N2", "Doe", "Jane", "100.00")
                .claimOf("N3", "Doe", "Jane", "100.00")
                .claimOf("N4", "O\u2019Neill-Núñez", "Jane Marie", "100.00");
        String one = """
                CLP*%s*1*%s*80*0*12*P%1$s*11*1
                CAS*CO*45*%s
                NM1*QC*1*%s*%s****MI*M1
                """;

        var receipt = books.receive(EraText.of(
                "V18",
                "320",
                one.formatted("N1", "100", "20", "ROE", "JANE")
                        + one.formatted("N2", "100", "20", "DOE", "JOHN")
                        + one.formatted("N3", "90", "10", "DOE", "JANE")
                        + one.formatted("N4", "100", "20", "ONEILLNUNEZ", "JANE")));

        assertThat(books.queryAll(
                        "select claim_control_number || ' ' || treatment from billing_remittance_claims order by position",
                        String.class))
                .containsExactly("N1 held", "N2 held", "N3 held", "N4 posted");
        assertThat(heldReasons())
                .containsExactly(
                        "the patient's name is not that of the account with this claim number: perhaps another claim is meant",
                        "the patient's name is not that of the account with this claim number: perhaps another claim is meant",
                        "the payer answers for a charge of 90.00, but 100.00 was billed: perhaps another claim is meant");
        assertThat(books.entryLines(receipt.remittances().getFirst().id()))
                .containsExactly(
                        "DR 1050 320.00 trn 1987654321/V18",
                        "DR 4900 20.00",
                        "CR 1110 100.00",
                        "CR 2010 80.00 claim N1/PN1",
                        "CR 2010 80.00 claim N2/PN2",
                        "CR 2010 80.00 claim N3/PN3");
    }

    @Test
    void v20_aPatientsShareForWhatIsNotCoveredIsNeverWrittenOff() {
        for (var code : List.of("96", "204")) {
            books.claim("V20" + code, "100.00");
            books.receive(EraText.of("V20" + code, "0", """
                    CLP*V20%s*1*100*0*100*MC*P20%1$s*11*1
                    CAS*PR*%1$s*100
                    NM1*QC*1*DOE*JANE
                    """.formatted(code)).from(MEDICAID));

            assertThat(books.patientBalance("V20" + code)).isEqualTo(usd("100.00"));
        }
        assertThat(books.balanceMinor("4900")).isZero();
        assertThat(books.queryAll("select distinct rule from billing_remittance_findings", String.class))
                .as("somebody checks the contract before the patient is billed")
                .containsExactly("BALANCE_BILLING");
        assertThat(books.queryAll("select distinct denied from billing_remittance_claims", Boolean.class))
                .as("a full patient share is no denial")
                .containsExactly(false);
    }

    @Test
    void v16_b15_linesAreMatchedByControlNumberThenByTheCodeWeBilled() {
        books.claim("L1", "100.00", "60.00");

        books.receive(EraText.of("V16", "160", """
                CLP*L1*1*160*160*0*12*PL1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:80048*40*40**1*HC:99213
                REF*6R*1
                SVC*HC:80053*60*60**1*HC:99213
                REF*6R*1
                SVC*HC:99214*60*60**1*HC:99213
                """));

        assertThat(books.queryAll("""
                        select claim_line_position || ' ' || matched_by || ' ' || procedure_code || ' ' || submitted_procedure
                        from billing_remittance_service_lines order by position
                        """, String.class))
                .containsExactly(
                        "1 control_number 80048 99213", "1 control_number 80053 99213", "2 submitted_code 99214 99213");
        assertThat(books.queryAll(
                        "select procedure_code from billing_claim_lines l join billing_claims c on c.id = l.claim_id where c.control_number = 'L1'",
                        String.class))
                .as("our codes stay ours")
                .containsExactly("99213", "99213");
    }

    @Test
    void b16_anUnknownCodePostsByItsGroupAndSaysThatTheListIsStale() {
        books.receive(EraText.of("B16", "400", """
                CLP*C1*1*500*390*40*12*PCN1*11*1
                CAS*PR*X98*40
                CAS*CO*X99*70
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*Q7:REF*-10
                """));

        assertThat(books.queryAll("select rule || ' ' || text from billing_remittance_findings", String.class))
                .singleElement()
                .asString()
                .startsWith("CODE_LIST_STALE")
                .contains("Q7, X98, X99");
        assertThat(books.patientBalance("C1")).isEqualTo(usd("40.00"));
        assertThat(books.insuranceBalance("C1")).as("not written off").isEqualTo(usd("70.00"));
        assertThat(books.balanceMinor("2070")).isEqualTo(-1_000);
    }

    @Test
    void groups_eachGroupCodeGoesWhereItBelongs() {
        books.receive(EraText.of("GRP", "100", """
                CLP*C1*1*500*100*50*12*PCN1*11*1
                CAS*CO*45*100
                CAS*PR*1*50
                CAS*OA*94*-20
                CAS*OA*253*70
                CAS*PI*16*150
                CAS*CR*45*50
                NM1*QC*1*DOE*JANE
                """));

        assertThat(books.queryAll(
                        "select group_code || reason_code || ' ' || treatment from billing_remittance_adjustments order by position",
                        String.class))
                .containsExactly(
                        "CO45 contractual",
                        "PR1 patient",
                        "OA94 review",
                        "OA253 contractual",
                        "PI16 review",
                        "CR45 review");
        assertThat(books.balanceMinor("4900")).isEqualTo(17_000);
        assertThat(books.patientBalance("C1")).isEqualTo(usd("50.00"));
        assertThat(books.insuranceBalance("C1"))
                .as("review and reductions stay open")
                .isEqualTo(usd("180.00"));
    }

    private List<String> heldReasons() {
        return books.queryAll(
                "select reason from billing_remittance_claims where treatment = 'held' order by remittance_id, position",
                String.class);
    }
}

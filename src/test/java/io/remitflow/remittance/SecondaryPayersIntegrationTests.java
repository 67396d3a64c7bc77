package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.billing.InvoiceSetting;
import io.remitflow.billing.InvoiceType;
import io.remitflow.billing.Invoices;
import io.remitflow.billing.NewInvoice;
import io.remitflow.claims.Crossovers;
import io.remitflow.claims.Insurances;
import io.remitflow.claims.Payers;
import io.remitflow.claims.Subscriber;
import io.remitflow.core.RuleViolation;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.joda.money.Money;
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

    @ParameterizedTest
    @CsvSource({"1, 1555555555", "19, 1555555555", "1, 1777777777"})
    void v6_aSecondPayerThatCallsItselfTheFirstIsHeldAllTheSame(String status, String payerIdentifier) {
        books.receive(EraText.of("COB14" + status, "300", PRIMARY));

        var receipt =
                books.receive(EraText.of("COB15", "65", """
                CLP*C1*%s*500*65*0*MC*MCD1*11*1
                CAS*CO*45*435
                NM1*QC*1*DOE*JANE
                """.formatted(status)).from(payerIdentifier));

        assertThat(books.entryLines(receipt.remittances().getFirst().id()))
                .containsExactly(
                        "DR 1050 65.00 trn %s/COB15".formatted(payerIdentifier), "CR 2010 65.00 claim C1/MCD1");
        assertThat(heldReasons()).singleElement().asString().startsWith("COB_NO_OA23");
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.count("billing_credit_balances")).isZero();
    }

    @Test
    void v6_aGoodAnswerOfASecondPayerThatCallsItselfTheFirstReplacesThePatientsShare() {
        books.receive(EraText.of("COB16", "300", PRIMARY));

        books.receive(
                EraText.of("COB17", "65", GOOD.replace("CLP*C1*2", "CLP*C1*1")).from(MEDICAID));

        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.queryAll("select payer_sequence from billing_remittance_claims order by id", Integer.class))
                .containsExactly(1, 2);
    }

    @Test
    void v6_thePrimaryIsHeldIfASecondPayerPaidAsIfThereWereNoOther() {
        books.receive(EraText.of("COB18", "65", """
                CLP*C1*1*500*65*0*MC*MCD1*11*1
                CAS*CO*45*435
                NM1*QC*1*DOE*JANE
                """).from(MEDICAID));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));

        books.receive(EraText.of("COB19", "300", PRIMARY));

        assertThat(heldReasons())
                .containsExactly("COB_MISMATCH: with what other payers did, the claim would be -500.00");
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
    }

    @Test
    void cob_thePlaceOfAPayerIsThatOfTheRecordedInsurances() {
        books.payer("Third Mutual", "commercial", "1444444444");
        books.hospital.run(() -> {
            for (var identifier : List.of(EraText.PAYER, MEDICAID, "1444444444")) {
                books.bean(Insurances.class)
                        .record(
                                books.claimOf("C1").accountId(),
                                books.bean(Payers.class)
                                        .byRemitIdentifier(identifier)
                                        .orElseThrow()
                                        .id(),
                                null,
                                new Subscriber(
                                        "M1",
                                        null,
                                        "Doe",
                                        "Jane",
                                        LocalDate.of(1980, 5, 17),
                                        "F",
                                        "1 Elm Street",
                                        "Albany",
                                        "NY",
                                        "12201"));
            }
        });
        books.receive(EraText.of("COB20", "300", PRIMARY));

        books.receive(
                EraText.of("COB21", "65", GOOD.replace("CLP*C1*2", "CLP*C1*1")).from("1444444444"));

        assertThat(books.queryAll("select payer_sequence from billing_remittance_claims order by id", Integer.class))
                .containsExactly(1, 3);
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
    void v20_noInvoiceTakesAShareThatTheContractOfAnyPayerForbidsToBill() {
        var commercial = books.payer;
        books.hospital.run(() -> books.bean(Payers.class).changeTerms(commercial, new Payers.Terms(180, false)));
        books.claim("V20", "150.00");
        String answer = """
                CLP*%s*1*150*0*150*12*P20%1$s*11*1
                CAS*PR*96*100**1*50
                NM1*QC*1*DOE*JANE
                """;

        books.receive(EraText.of("V20C", "0", answer.formatted("V20")));

        assertThat(books.patientBalance("V20"))
                .as("the patient's by the remittance")
                .isEqualTo(usd("150.00"));
        assertThat(books.queryAll("select rule from billing_remittance_findings", String.class))
                .containsExactly("BALANCE_BILLING");
        assertThat(unbilledShare("V20")).as("the deductible").isEqualTo(usd("50.00"));
        assertThatThrownBy(() -> bill("V20", "50.01"))
                .isInstanceOf(RuleViolation.class)
                .hasMessageContaining("100.00 of it are not covered, and the contract");
        bill("V20", "50.00");

        books.hospital.run(() -> books.bean(Payers.class).changeTerms(commercial, new Payers.Terms(180, true)));
        bill("V20", "100.00");
        books.claim("V21", "150.00");
        books.receive(EraText.of("V21C", "0", answer.formatted("V21")));
        assertThat(books.count("billing_remittance_findings"))
                .as("the contract allows it")
                .isEqualTo(1);
        bill("V21", "150.00");
    }

    @Test
    void v20_aShareThatWasTakenBackOrReplacedForbidsNothing() {
        books.claim("V22", "150.00");
        books.receive(EraText.of("V22A", "0", """
                CLP*V22*1*150*0*150*12*P22*11*1
                CAS*PR*96*150
                NM1*QC*1*DOE*JANE
                """));
        assertThat(unbilledShare("V22")).isEqualTo(usd("0.00"));

        books.receive(EraText.of("V22B", "100", """
                CLP*V22*22*-150*0*-150*12*P22*11*1
                CAS*PR*96*-150
                NM1*QC*1*DOE*JANE
                CLP*V22*1*150*100*50*12*P22*11*1
                CAS*PR*1*50
                NM1*QC*1*DOE*JANE
                """));

        assertThat(unbilledShare("V22")).isEqualTo(usd("50.00"));
    }

    @Test
    void acceptedReasons_ofThePayerOrOfTheOrganizationDecideWhatIsWrittenOff() {
        books.claim("A1", "100.00").claim("A2", "100.00").claim("A3", "100.00").claim("A4", "100.00");
        String answer = """
                CLP*%s*1*100*80*0*12*P%1$s*11*1
                CAS*CO*45*10**B7*10
                NM1*QC*1*DOE*JANE
                """;
        var payers = books.bean(Payers.class);
        books.receive(EraText.of("ACC1", "80", answer.formatted("A1")));
        assertThat(books.insuranceBalance("A1")).as("45 by default").isEqualTo(usd("10.00"));

        books.hospital.run(() -> payers.acceptAdjustments(Set.of("b7 ")));
        books.receive(EraText.of("ACC2", "80", answer.formatted("A2").replace("B7*10", "B7*9**59*1")));
        assertThat(books.insuranceBalance("A2")).as("B7 for the organization").isEqualTo(usd("11.00"));

        books.hospital.run(() -> payers.acceptAdjustments(books.payer, Set.of("45", "B7")));
        books.receive(EraText.of("ACC3", "80", answer.formatted("A3")));
        assertThat(books.insuranceBalance("A3")).as("both for this payer").isEqualTo(usd("0.00"));
        books.receive(EraText.of("ACC4", "80", answer.formatted("A4")).from("1888888888"));
        assertThat(books.insuranceBalance("A4")).as("another payer").isEqualTo(usd("10.00"));

        assertThatThrownBy(() -> books.hospital.run(() -> payers.acceptAdjustments(Set.of("TOO LONG"))))
                .isInstanceOf(RuleViolation.class);
        books.hospital.run(() -> payers.acceptAdjustments(books.payer, null));
        books.hospital.run(() -> payers.acceptAdjustments(null));
        assertThat(books.hospital.call(() -> payers.acceptedAdjustments(books.payer)))
                .containsExactly("144", "253", "45", "59");
    }

    private Money unbilledShare(String claim) {
        return books.hospital.call(() ->
                books.bean(Invoices.class).unbilledShare(books.claimOf(claim).id()));
    }

    private void bill(String claim, String amount) {
        var bill = books.claimOf(claim);
        books.hospital.run(() -> books.bean(Invoices.class)
                .draft(new NewInvoice(
                        bill.accountId(),
                        InvoiceType.PATIENT,
                        InvoiceSetting.OUTPATIENT,
                        null,
                        LocalDate.of(2026, 11, 20),
                        null,
                        null,
                        List.of(new NewInvoice.Line(
                                LocalDate.of(2026, 10, 20), "Share", null, 1, usd(amount), bill.id())))));
    }

    @Test
    void v15_linesByRevenueDentalOrDrugCodeAndClaimsWithoutLinesArePosted() {
        books.claim("C15", "60.00").claim("C16", "50.00");

        books.receive(EraText.of("V15", "95", """
                CLP*C15*1*60*55*5*12*P15*11*1
                NM1*QC*1*DOE*JANE
                SVC*NU:0450*10*10
                SVC*AD:D0120*20*20
                SVC*N4:00002322702*30*25**2.5
                CAS*PR*1*5
                CLP*C16*1*50*40*0*12*P16*11*1
                CAS*CO*45*10
                NM1*QC*1*DOE*JANE
                """));

        assertThat(books.queryAll(
                        "select procedure_qualifier || ' ' || procedure_code || ' ' || paid_amount"
                                + " from billing_remittance_service_lines order by position",
                        String.class))
                .containsExactly("NU 0450 1000", "AD D0120 2000", "N4 00002322702 2500");
        for (String claim : List.of("C15", "C16")) {
            assertThat(books.insuranceBalance(claim)).isEqualTo(usd("0.00"));
        }
        assertThat(books.patientBalance("C15")).isEqualTo(usd("5.00"));
        assertThat(books.balanceMinor("1050")).isEqualTo(9_500);
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

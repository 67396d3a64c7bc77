package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.claims.CareSetting;
import io.remitflow.claims.Claim;
import io.remitflow.claims.ClaimStatus;
import io.remitflow.claims.Claims;
import io.remitflow.claims.Denial;
import io.remitflow.claims.DenialChoice;
import io.remitflow.claims.DenialClosing;
import io.remitflow.claims.DenialFilter;
import io.remitflow.claims.DenialReason;
import io.remitflow.claims.DenialStatus;
import io.remitflow.claims.DenialSteps;
import io.remitflow.claims.DenialWork;
import io.remitflow.claims.Denials;
import io.remitflow.claims.NewClaim;
import io.remitflow.claims.Payers;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** Denials as remittances open and close them, and as people work on them (domain rules 4.4). */
@BooksTest
class DenialsIntegrationTests {

    private static final AtomicLong TASKS = new AtomicLong(System.nanoTime());

    @Autowired
    ApplicationContext context;

    @Autowired
    Denials denials;

    @Autowired
    DenialWork work;

    @Autowired
    Payers payers;

    @LocalServerPort
    int port;

    RemittanceBooks books;

    @BeforeEach
    void openHospital() {
        books = new RemittanceBooks(context);
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void v1_aDeniedClaimBecomesACaseWithItsReasonsAndAppealLimit() {
        books.claim("C3", "180.00");
        books.hospital.run(() -> payers.changeTerms(books.payer, new Payers.Terms(90, false)));

        UUID remittance = deny("D1", "C3", "CO", "197", "180");

        Denial denial = only("C3");
        assertThat(denial.denied()).isEqualTo(usd("180.00"));
        assertThat(denial.open()).isEqualTo(usd("180.00"));
        assertThat(denial.status()).isEqualTo(DenialStatus.OPEN);
        assertThat(denial.step()).isEqualTo(DenialSteps.TRIAGE);
        assertThat(denial.remittanceId()).isEqualTo(remittance);
        assertThat(denial.deniedOn()).isEqualTo(LocalDate.of(2026, 11, 15));
        assertThat(denial.appealLimitOn()).isEqualTo(LocalDate.of(2027, 2, 13));
        assertThat(books.hospital.call(() -> denials.reasons(denial.id())))
                .extracting(DenialReason::groupAndCode, DenialReason::amountMinor)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("CO-197", 18_000L));
        assertThat(messages(DenialSteps.OPENED_MESSAGE))
                .containsExactly(denial.id().toString());
    }

    @Test
    void v13_aClaimDeniedAsAWholeIsACaseWhateverReasonStandsBesideIt() {
        books.claim("C1", "400.00");

        books.receive(EraText.of("D13", "0", """
                CLP*C1*4*400*0*0*12*PCN1*11*1
                CAS*CO*45*400
                NM1*QC*1*DOE*JANE
                """));

        assertThat(only("C1").denied()).isEqualTo(usd("400.00"));
    }

    @Test
    void aDeductibleIsNeitherADenialNorAnUnpaidClaim() {
        books.claim("C1", "100.00");

        books.receive(EraText.of("D2", "0", """
                CLP*C1*1*100*0*100*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*100*0**1
                CAS*PR*1*100
                """));

        assertThat(of("C1")).isEmpty();
        assertThat(books.claimOf("C1").status()).isEqualTo(ClaimStatus.PAID);
        assertThat(messages(DenialSteps.OPENED_MESSAGE)).isEmpty();
    }

    @Test
    void v14_aBundledLineIsADenialOnlyIfNoOtherLineCarriesItsPayment() {
        books.claim("C1", "100.00", "50.00").claim("C2", "50.00");

        books.receive(EraText.of("D3", "120", """
                CLP*C1*1*150*120*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:A0001*100*120**1
                CAS*CO*97*-50**45*30
                SVC*HC:B0001*50*0**1
                CAS*CO*97*50
                CLP*C2*1*50*0*0*12*PCN2*11*1
                NM1*QC*1*ROE*RICHARD
                SVC*HC:B0001*50*0**1
                CAS*CO*97*50
                """));

        assertThat(of("C1")).isEmpty();
        assertThat(only("C2").denied()).isEqualTo(usd("50.00"));
    }

    @Test
    void onlyTheDeniedLinesCountAndPiIsDeniedToo() {
        books.claim("C1", "100.00", "60.00", "40.00");

        books.receive(EraText.of("D4", "80", """
                CLP*C1*1*200*80*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*100*80**1
                CAS*CO*45*20
                SVC*HC:73721*60*0**1
                CAS*CO*45*10**16*50
                LQ*HE*M127
                SVC*HC:20610*40*0**1
                CAS*PI*50*40
                """));

        Denial denial = only("C1");
        assertThat(denial.denied()).isEqualTo(usd("90.00"));
        assertThat(books.hospital.call(() -> denials.reasons(denial.id())))
                .extracting(DenialReason::groupAndCode, DenialReason::procedure, DenialReason::remarks)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("CO-16", "73721", "M127"),
                        org.assertj.core.groups.Tuple.tuple("PI-50", "20610", ""));
        assertThat(books.hospital.call(() -> denials.triageInputs(denial.id())))
                .containsEntry("reasonCode", "16")
                .containsEntry("hasRemark", true)
                .containsEntry("deniedMinor", 9_000L);
    }

    @Test
    void groups_whatAPayerKeepsOfAPaidClaimWithoutAnAcceptedReasonIsSomebodysWork() {
        books.claim("C1", "500.00");

        books.receive(EraText.of("U1", "100", """
                CLP*C1*1*500*100*50*12*PCN1*11*1
                CAS*CO*45*170
                CAS*PR*1*50
                CAS*OA*94*-20
                CAS*PI*16*150
                CAS*CO*50*50
                NM1*QC*1*DOE*JANE
                """));

        Denial kept = only("C1");
        assertThat(kept.underpaid()).isTrue();
        assertThat(kept.denied()).isEqualTo(usd("180.00"));
        assertThat(kept.open()).isEqualTo(books.insuranceBalance("C1")).isEqualTo(usd("180.00"));
        assertThat(books.hospital.call(() -> denials.reasons(kept.id())))
                .extracting(DenialReason::groupAndCode)
                .containsExactly("OA-94", "PI-16", "CO-50");
        assertThat(books.hospital.call(() -> denials.triageInputs(kept.id()))).containsEntry("underpaid", true);
        assertThat(books.claimOf("C1").status()).as("paid, not denied").isEqualTo(ClaimStatus.PARTIALLY_PAID);
        assertThat(messages(DenialSteps.OPENED_MESSAGE))
                .containsExactly(kept.id().toString());

        triage(kept, true, true);
        assertThat(books.hospital.call(() -> work.billable(kept.id())))
                .as("neither PI nor CO is the patient's")
                .isEqualTo(usd("0.00"));
    }

    @Test
    void groups_whatWasAcceptedOfAPaidClaimIsWrittenOffUnderTheContractAfterItsApproval() {
        books.claim("C1", "500.00");
        books.receive(EraText.of("U2", "350", """
                CLP*C1*1*500*350*0*12*PCN1*11*1
                CAS*PI*16*150
                NM1*QC*1*DOE*JANE
                """));
        Denial kept = only("C1");
        triage(kept, true, false);

        decide(kept, DenialChoice.WRITE_OFF);

        assertThat(books.queryAll(
                        "select adjustment_type || ' ' || status || ' ' || adjustment_amount from billing_adjustments",
                        String.class))
                .containsExactly("contractual pending 15000");
    }

    @Test
    void groups_aLaterPaymentOfWhatWasKeptClosesTheCaseAndAPaymentInFullOpensNone() {
        books.claim("C1", "500.00").claim("C2", "100.00").claim("C3", "100.00");
        books.receive(EraText.of("U3", "530", """
                CLP*C1*1*500*350*0*12*PCN1*11*1
                CAS*PI*16*150
                NM1*QC*1*DOE*JANE
                CLP*C2*1*100*110*0*12*PCN2*11*1
                CAS*OA*94*-10
                NM1*QC*1*DOE*JANE
                CLP*C3*2*100*70*0*12*PCN3*11*1
                CAS*CO*45*30
                NM1*QC*1*DOE*JANE
                """));
        assertThat(of("C2")).as("it pays more than was charged").isEmpty();
        assertThat(of("C3")).isEmpty();
        Denial kept = only("C1");

        books.receive(EraText.of("U4", "150", """
                CLP*C1*22*-500*-350*0*12*PCN1*11*1
                CAS*PI*16*-150
                NM1*QC*1*DOE*JANE
                CLP*C1*1*500*500*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                """));

        assertThat(books.hospital.call(() -> denials.get(kept.id())).closing()).isEqualTo(DenialClosing.PAID);
        assertThat(of("C1")).isEmpty();
    }

    @Test
    void aFileWithManyDenialsOpensOneCaseForEachClaimAndASecondReceiptNone() {
        // Each claim is answered line by line, each line as a claim of its own.
        String[] lines =
                IntStream.rangeClosed(10, 27).mapToObj(amount -> amount + ".00").toArray(String[]::new);
        IntStream.range(0, 30).forEach(claim -> books.claim("M" + claim, lines));
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < 540; i++) {
            int amount = 10 + i / 30;
            body.append("CLP*M%d*4*%d*0*0*12*P%d*11*1\nNM1*QC*1*DOE*JANE\nSVC*HC:99213*%d*0**1\nCAS*CO*29*%d\n"
                    .formatted(i % 30, amount, i, amount, amount));
        }
        var text = EraText.of("D5", "0", body.toString());

        books.receive("many.835", text.bytes());
        books.receive("again.835", (text.text() + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));

        assertThat(books.count("billing_denials")).isEqualTo(30);
        assertThat(books.query("select count(distinct denial_number) from billing_denials", Long.class))
                .isEqualTo(30);
        assertThat(messages(DenialSteps.OPENED_MESSAGE)).hasSize(30).doesNotHaveDuplicates();
        assertThat(books.hospital
                        .call(() -> denials.totals(DenialFilter.open()))
                        .getFirst()
                        .open())
                .isEqualTo(usd("9990.00"));
    }

    @Test
    void tellingTheSameAnswerAgainChangesNothing() {
        books.claim("C1", "100.00");
        UUID remittance = deny("D6", "C1", "CO", "197", "100");
        Denial before = only("C1");

        books.hospital.run(() -> books.bean(TransactionTemplate.class)
                .executeWithoutResult(status -> books.bean(RemittanceDenials.class)
                        .tell(PostedPart.all(remittance), LocalDate.of(2026, 11, 15), "USD")));

        assertThat(only("C1")).isEqualTo(before);
        assertThat(messages(DenialSteps.OPENED_MESSAGE)).hasSize(1);
    }

    @Test
    void twoAnswersOfOneRemittanceToAClaimAreOneCase() {
        books.claim("C1", "100.00", "60.00");

        books.receive(EraText.of("D7", "0", """
                CLP*C1*4*100*0*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*100*0**1
                CAS*CO*197*100
                CLP*C1*4*60*0*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*60*0**1
                CAS*CO*29*60
                """));

        assertThat(only("C1").denied()).isEqualTo(usd("160.00"));
    }

    @Test
    void aLaterPaymentClosesTheCase() {
        books.claim("C1", "500.00");
        deny("D8", "C1", "CO", "197", "500");
        Denial before = only("C1");

        pay("D9", "C1", "300", "125", "75");

        Denial after = get(before);
        assertThat(after.status()).isEqualTo(DenialStatus.CLOSED);
        assertThat(after.closing()).isEqualTo(DenialClosing.PAID);
        assertThat(after.open()).isEqualTo(usd("0.00"));
        assertThat(after.evidence()).contains("300.00");
        assertThat(messages(DenialSteps.ANSWERED_MESSAGE))
                .containsExactly(before.id().toString());
    }

    @Test
    void aReversalOfTheDenialWithItsCorrectionClosesTheCaseToo() {
        books.claim("C1", "500.00");
        deny("D10", "C1", "CO", "197", "500");

        books.receive(EraText.of("D11", "300", """
                CLP*C1*22*-500*0*0*12*PCN1*11*1
                CAS*CO*197*-500
                NM1*QC*1*DOE*JANE
                CLP*C1*1*500*300*75*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*500*300**1
                CAS*CO*45*125
                CAS*PR*1*75
                """));

        assertThat(of("C1", true)).extracting(Denial::closing).containsExactly(DenialClosing.PAID);
        assertThat(of("C1")).isEmpty();
    }

    @Test
    void aPaymentInPartLeavesTheRestOpen() {
        books.claim("C1", "100.00", "60.00");
        books.receive(EraText.of("D12", "0", """
                CLP*C1*4*160*0*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*100*0**1
                CAS*CO*197*100
                SVC*HC:99213*60*0**1
                CAS*CO*197*60
                """));

        books.receive(EraText.of("D14", "100", """
                CLP*C1*1*100*100*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*100*100**1
                """));

        Denial denial = only("C1");
        assertThat(denial.denied()).isEqualTo(usd("160.00"));
        assertThat(denial.open()).isEqualTo(usd("60.00"));
        assertThat(denial.status()).isEqualTo(DenialStatus.OPEN);
    }

    @Test
    void aSecondDenialClosesTheFirstCaseAndGoesOnUnderANewNumber() {
        books.claim("C1", "500.00");
        deny("D15", "C1", "CO", "197", "500");
        Denial first = only("C1");
        triage(first, true, false);
        decide(first, DenialChoice.APPEAL);
        books.hospital.runAs(Role.BILLING_CLERK, () -> work.send(first.id(), TASKS.incrementAndGet(), "Fax 4711"));
        assertThat(get(first).status()).isEqualTo(DenialStatus.WAITING);

        deny("D16", "C1", "CO", "50", "500");

        assertThat(get(first).closing()).isEqualTo(DenialClosing.DENIED_AGAIN);
        Denial second = only("C1");
        assertThat(second.level()).isEqualTo(2);
        assertThat(second.previousId()).isEqualTo(first.id());
        assertThat(second.open()).isEqualTo(usd("500.00"));
    }

    @Test
    void aDuplicateOfAPaidClaimClosesSilentlyWithTheOriginalAsEvidence() {
        books.claim("C1", "500.00");
        pay("D17", "C1", "300", "125", "75");

        deny("D18", "C1", "OA", "18", "500");

        Denial denial = of("C1", true).getFirst();
        assertThat(denial.closing()).isEqualTo(DenialClosing.DUPLICATE);
        assertThat(denial.evidence()).contains("C1").contains("300.00").contains("2026-11-15");
        assertThat(messages(DenialSteps.OPENED_MESSAGE)).isEmpty();
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
    }

    @Test
    void aDuplicateOfAnotherClaimOfOursIsACaseThatNamesTheOther() {
        books.claim("C1", "500.00");
        alike("C2", "500.00");
        alike("C3", "500.01");
        pay("D40", "C1", "300", "125", "75");

        deny("D41", "C2", "OA", "18", "500");
        deny("D42", "C3", "OA", "18", "500.01");
        deny("D43", "C1", "OA", "18", "500");

        Denial denial = only("C2");
        assertThat(denial.status()).isEqualTo(DenialStatus.OPEN);
        assertThat(denial.open()).isEqualTo(usd("500.00"));
        assertThat(messages(DenialSteps.OPENED_MESSAGE)).contains(denial.id().toString());
        assertThat(books.hospital.call(
                        () -> denials.mayRepeat(List.of(denial.id(), only("C3").id()))))
                .hasEntrySatisfying(denial.id(), claim -> {
                    assertThat(claim.controlNumber()).isEqualTo("C1");
                    assertThat(claim.words()).isEqualTo("300.00 USD paid, answered on 2026-11-15");
                })
                .hasSize(1);
        assertThat(books.hospital.call(() -> books.bean(Timeline.class).of(Denials.SUBJECT, denial.id())))
                .extracting(TimelineEntry::text)
                .anySatisfy(words -> assertThat(words)
                        .endsWith("it may repeat claim C1 (300.00 USD paid, answered on" + " 2026-11-15)"));
        var browser =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(browser.get("/app/denials").body()).containsOnlyOnce("May repeat");
        assertThat(browser.get("/app/denials/" + denial.id()).body())
                .contains("May repeat", "300.00 USD paid, answered on 2026-11-15");
        var api = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(api.get("/billing/denials/" + denial.id()).body()).contains("\"mayRepeat\":\"C1\"");
        assertThat(of("C1", true).getFirst().closing())
                .as("the paid claim itself, once more")
                .isEqualTo(DenialClosing.DUPLICATE);
    }

    /** Another claim for the patient of C1, of the same day. */
    private void alike(String controlNumber, String amount) {
        Claim first = books.claimOf("C1");
        books.hospital.run(() -> books.bean(Claims.class)
                .create(new NewClaim(
                        first.accountId(),
                        first.payerId(),
                        controlNumber,
                        CareSetting.OUTPATIENT,
                        first.serviceFrom(),
                        List.of(NewClaim.Line.procedure("99213", first.serviceFrom(), usd(amount))))));
    }

    @Test
    void aDuplicateWithoutAPaidOriginalIsACase() {
        books.claim("C1", "500.00");

        deny("D19", "C1", "OA", "18", "500");

        assertThat(only("C1").status()).isEqualTo(DenialStatus.OPEN);
    }

    @Test
    void amountsOfGroupCoAreNeverBilledToThePatient() {
        books.claim("C1", "500.00").claim("C2", "80.00");
        books.hospital.run(() -> payers.changeTerms(books.payer, new Payers.Terms(180, true)));
        deny("D20", "C1", "CO", "27", "500");
        deny("D21", "C2", "PI", "27", "80");
        for (String claim : List.of("C1", "C2")) {
            Denial denial = only(claim);
            triage(denial, false, true);
            assertRefused(denial, DenialChoice.BILL_PATIENT);
            assertThat(books.hospital.call(() -> work.billable(denial.id()))).isEqualTo(usd("0.00"));
        }
        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
    }

    @Test
    void thePatientIsBilledOnlyWhereRuleAndContractAllowIt() {
        books.claim("C1", "500.00");
        deny("D22", "C1", "OA", "27", "500");
        Denial denial = only("C1");
        triage(denial, false, true);
        assertRefused(denial, DenialChoice.BILL_PATIENT);
        books.hospital.run(() -> payers.changeTerms(books.payer, new Payers.Terms(180, true)));

        decide(denial, DenialChoice.BILL_PATIENT);
        assertThat(books.hospital.call(() -> work.billPatient(denial.id()))).isTrue();
        assertThat(books.hospital.call(() -> work.billPatient(denial.id()))).isTrue();

        assertThat(get(denial).closing()).isEqualTo(DenialClosing.BILLED_TO_PATIENT);
        assertThat(get(denial).billed()).isEqualTo(usd("500.00"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("500.00"));
        assertThat(books.balanceMinor("1110")).isZero();
        assertThat(books.balanceMinor("1100")).isEqualTo(50_000);
        Claim claim = books.claimOf("C1");
        assertThat(claim.open()).isEqualTo(usd("0.00"));
        assertThat(claim.status()).isEqualTo(ClaimStatus.CLOSED);
    }

    @Test
    void whatIsLeftOfOaIsBilledAndTheCoPartStaysInWork() {
        books.claim("C1", "500.00");
        books.hospital.run(() -> payers.changeTerms(books.payer, new Payers.Terms(180, true)));
        books.receive(EraText.of("D23", "0", """
                CLP*C1*4*500*0*0*12*PCN1*11*1
                CAS*OA*27*300
                CAS*CO*197*200
                NM1*QC*1*DOE*JANE
                """));
        Denial denial = only("C1");
        triage(denial, false, true);

        decide(denial, DenialChoice.BILL_PATIENT);
        assertThat(books.hospital.call(() -> work.billPatient(denial.id()))).isFalse();

        assertThat(books.patientBalance("C1")).isEqualTo(usd("300.00"));
        assertThat(get(denial).status()).isEqualTo(DenialStatus.OPEN);
        assertThat(get(denial).open()).isEqualTo(usd("200.00"));
        assertRefused(denial, DenialChoice.BILL_PATIENT);
    }

    @Test
    void theAppealClockRemindsEscalatesAndRecordsTheExpiryOnce() {
        books.claim("C1", "500.00");
        deny("D24", "C1", "CO", "197", "500");
        Denial denial = only("C1");
        triage(denial, true, false);

        for (int delivery = 0; delivery < 2; delivery++) {
            books.hospital.run(() -> {
                denials.remind(denial.id());
                denials.escalate(denial.id());
                denials.expire(denial.id());
            });
        }

        assertThat(get(denial).expiredAt()).isNotNull();
        assertThat(steps(denial)).containsExactly("Denied", "Triaged", "Reminder", "Escalated", "Appeal limit passed");
        assertThat(java.util.Objects.requireNonNull(get(denial).triage()).ownerGroup())
                .isEqualTo("billing-manager");
    }

    @Test
    void afterTheLimitNobodyAppealsAndAClassThatIsNotAppealedNever() {
        books.claim("C1", "500.00").claim("C2", "500.00");
        books.hospital.run(() -> payers.changeTerms(books.payer, new Payers.Terms(1, false)));
        deny("D25", "C1", "CO", "16", "500");
        Denial denial = only("C1");
        triage(denial, false, false);
        assertRefused(denial, DenialChoice.APPEAL);

        deny("D26", "C2", "CO", "197", "500");
        Denial late = only("C2");
        triage(late, true, false);
        assertThat(late.appealLimitOn()).isEqualTo(late.deniedOn().plusDays(1));
        if (late.appealLimitOn()
                .isBefore(books.hospital.call(() ->
                        books.bean(io.remitflow.identity.Organizations.class).today()))) {
            assertRefused(late, DenialChoice.APPEAL);
        }
    }

    @Test
    void aTaskCountsOnceAndAnAnalystDecidesNothing() {
        books.claim("C1", "500.00");
        deny("D27", "C1", "CO", "197", "500");
        Denial denial = only("C1");
        triage(denial, true, false);
        long task = TASKS.incrementAndGet();

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() ->
                        books.hospital.runAs(Role.ANALYST, () -> work.choose(denial.id(), task, DenialChoice.CORRECT)))
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.NOT_PERMITTED));
        books.hospital.runAs(Role.BILLING_CLERK, () -> work.choose(denial.id(), task, DenialChoice.CORRECT));
        books.hospital.runAs(Role.BILLING_CLERK, () -> work.goBack(denial.id(), TASKS.incrementAndGet()));
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.hospital.runAs(
                        Role.BILLING_CLERK, () -> work.choose(denial.id(), task, DenialChoice.CORRECT)))
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.TASK_ALREADY_DECIDED));
        assertThat(get(denial).status()).isEqualTo(DenialStatus.OPEN);
    }

    @Test
    void openMoneyIsNotClosedByHand() {
        books.claim("C1", "500.00");
        deny("D28", "C1", "CO", "197", "500");
        Denial denial = only("C1");
        triage(denial, true, false);

        assertRefused(denial, DenialChoice.CLOSE);
    }

    private UUID deny(String trace, String claim, String group, String code, String amount) {
        return books.receive(EraText.of(trace, "0", """
                        CLP*%s*4*%s*0*0*12*PCN1*11*1
                        CAS*%s*%s*%s
                        NM1*QC*1*DOE*JANE
                        """.formatted(claim, amount, group, code, amount)))
                .remittances()
                .getFirst()
                .id();
    }

    private void pay(String trace, String claim, String paid, String contractual, String patient) {
        books.receive(EraText.of(trace, paid, """
                CLP*%s*1*500*%s*%s*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*500*%s**1
                CAS*CO*45*%s
                CAS*PR*1*%s
                """.formatted(claim, paid, patient, paid, contractual, patient)));
    }

    private void triage(Denial denial, boolean appealable, boolean billable) {
        books.hospital.run(() -> denials.triaged(
                denial.id(),
                new Denial.Triage("authorization", 70, "billing-clerk", appealable, billable, "As a test says")));
    }

    private void decide(Denial denial, DenialChoice choice) {
        books.hospital.runAs(Role.BILLING_CLERK, () -> work.choose(denial.id(), TASKS.incrementAndGet(), choice));
    }

    private void assertRefused(Denial denial, DenialChoice choice) {
        Map<DenialChoice, @Nullable String> choices = books.hospital.call(() -> work.choices(denial.id()));
        assertThat(choices.get(choice)).as(choice.words()).isNotNull();
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> decide(denial, choice))
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.DENIAL_CHOICE_NOT_ALLOWED));
    }

    private Denial get(Denial denial) {
        return books.hospital.call(() -> denials.get(denial.id()));
    }

    private Denial only(String claim) {
        assertThat(of(claim)).hasSize(1);
        return of(claim).getFirst();
    }

    private List<Denial> of(String claim) {
        return of(claim, false);
    }

    private List<Denial> of(String claim, boolean closed) {
        UUID id = books.claimOf(claim).id();
        return books.hospital.call(() -> denials.list(DenialFilter.ofClaim(id, closed)));
    }

    private List<String> steps(Denial denial) {
        return books.queryAll(
                "select step from workflow_timeline where subject_type = 'denial' and subject_id = '%s' order by at, id"
                        .formatted(denial.id()),
                String.class);
    }

    private List<String> messages(String name) {
        return books.queryAll(
                "select correlation_key from workflow_outbox where message_name = '%s'".formatted(name), String.class);
    }
}

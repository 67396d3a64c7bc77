package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.claims.ClaimStatus;
import io.remitflow.claims.Denial;
import io.remitflow.claims.DenialChoice;
import io.remitflow.claims.DenialClosing;
import io.remitflow.claims.DenialFilter;
import io.remitflow.claims.DenialReopening;
import io.remitflow.claims.DenialRound;
import io.remitflow.claims.DenialStatus;
import io.remitflow.claims.DenialSteps;
import io.remitflow.claims.DenialWork;
import io.remitflow.claims.Denials;
import io.remitflow.claims.Payers;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Role;
import io.remitflow.ledger.Journal;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** What was over and is worked on again: by a person, or because a payer or a correction takes back what had ended it. */
@BooksTest
class DenialReopeningIntegrationTests {

    private static final AtomicLong TASKS = new AtomicLong(System.nanoTime());

    private static final String TAKE_BACK = """
            CLP*C1*22*-500*-300*-75*12*PCN1*11*1
            NM1*QC*1*DOE*JANE
            SVC*HC:99213*-500*-300**-1
            CAS*CO*45*-125
            CAS*PR*1*-75
            """;

    private static final String CARRIED = "PLB*1234567893*20261231*FB:R2*-300.00";

    @Autowired
    Denials denials;

    @Autowired
    DenialWork work;

    @Autowired
    DenialReopening reopening;

    @Autowired
    Payers payers;

    @Autowired
    ProcessInstances instances;

    @LocalServerPort
    int port;

    RemittanceBooks books;

    @BeforeEach
    void openHospital(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "500.00");
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void aTakebackOfThePaymentOpensTheDenialAgainWithTheAppealClockOfThatDay() {
        Denial denial = denied();
        pay("R2");
        assertThat(get(denial).closing()).isEqualTo(DenialClosing.PAID);

        books.receive(EraText.of("R3", "0", TAKE_BACK + CARRIED).paidOn(LocalDate.of(2026, 11, 20)));

        Denial again = get(denial);
        assertThat(again.status()).isEqualTo(DenialStatus.OPEN);
        assertThat(again.step()).isEqualTo(DenialSteps.TRIAGE);
        assertThat(again.round()).isEqualTo(2);
        assertThat(again.open()).isEqualTo(usd("500.00"));
        assertThat(again.triage()).isNull();
        assertThat(again.appealLimitOn()).isEqualTo(denial.appealLimitOn().plusDays(5));
        assertThat(opened()).containsExactly(denial.id().toString(), denial.id() + ".2");
        assertThat(steps(denial)).endsWith("Paid", "Reopened");
        DenialRound before = rounds(denial).getFirst();
        assertThat(before.closing()).isEqualTo(DenialClosing.PAID);
        assertThat(before.evidence()).contains("300.00");
        assertThat(before.reopening().because()).isEqualTo(DenialRound.Because.PAYMENT_TAKEN_BACK);
        assertThat(before.reopening().reason()).contains("takes back 300.00");
    }

    @Test
    void aPaymentOfTheReopenedDenialEndsItsSecondProcessNotTheFirst() {
        Denial denial = denied();
        pay("R2");
        books.receive(EraText.of("R3", "0", TAKE_BACK + CARRIED));

        pay("R4");

        assertThat(get(denial).closing()).isEqualTo(DenialClosing.PAID);
        assertThat(messages(DenialSteps.ANSWERED_MESSAGE))
                .containsExactly(denial.id().toString(), denial.id() + ".2");
        assertThat(rounds(denial)).hasSize(1);
    }

    @Test
    void aTakebackThatDeniesInTheSameRemittanceIsANewCaseAndTheOldOneStaysClosed() {
        Denial denial = denied();
        pay("R2");

        books.receive(EraText.of("R3", "0", TAKE_BACK + """
                CLP*C1*4*500*0*0*12*PCN1*11*1
                CAS*CO*50*500
                NM1*QC*1*DOE*JANE
                """ + CARRIED));

        assertThat(get(denial).isClosed()).isTrue();
        assertThat(rounds(denial)).isEmpty();
        assertThat(open()).hasSize(1);
        assertThat(open().getFirst().previousId()).isEqualTo(denial.id());
        assertRefused(denial, "went on under " + open().getFirst().number());
    }

    @Test
    void aCorrectionThatPaysTheSameLeavesItClosed() {
        Denial denial = denied();
        pay("R2");

        books.receive(EraText.of("R3", "0", TAKE_BACK + """
                CLP*C1*1*500*300*75*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*500*300**1
                CAS*CO*45*125
                CAS*PR*1*75
                """));

        assertThat(get(denial).closing()).isEqualTo(DenialClosing.PAID);
        assertThat(opened()).hasSize(1);
    }

    @Test
    void aRemittancePostedByMistakeTakesItsAnswerBackAndTheDenialIsOpenAsBefore() {
        Denial denial = denied();
        UUID remittance = pay("R2");

        books.hospital.runAs(
                Role.CFO, () -> books.bean(RemittanceReversals.class).reverse(remittance, "Wrong file"));

        Denial again = get(denial);
        assertThat(again.status()).isEqualTo(DenialStatus.OPEN);
        assertThat(again.open()).isEqualTo(usd("500.00"));
        assertThat(again.appealLimitOn()).isEqualTo(denial.appealLimitOn());
        assertThat(rounds(denial))
                .extracting(round -> round.reopening().because())
                .containsExactly(DenialRound.Because.ANSWER_TAKEN_BACK);
    }

    @Test
    void aSecondDenialPostedByMistakeOpensTheFirstOneAgain() {
        Denial denial = denied();
        UUID second = deny("R2", "50");
        assertThat(get(denial).closing()).isEqualTo(DenialClosing.DENIED_AGAIN);

        books.hospital.runAs(
                Role.CFO, () -> books.bean(RemittanceReversals.class).reverse(second, "Wrong file"));

        assertThat(open()).extracting(Denial::id).containsExactly(denial.id());
    }

    @Test
    void whatWasBilledToThePatientIsThePayersAgainWhenAPersonReopensIt() throws Exception {
        Denial denial = billedToThePatient();
        ended(denial);

        var answer =
                api(Role.BILLING_CLERK).json("POST", path(denial), "{\"reason\": \"The payer will pay after all\"}");

        assertThat(answer.statusCode()).isEqualTo(200);
        Denial again = get(denial);
        assertThat(again.status()).isEqualTo(DenialStatus.OPEN);
        assertThat(again.open()).isEqualTo(usd("500.00"));
        assertThat(again.billed()).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("500.00"));
        assertThat(books.balanceMinor("1100")).isZero();
        assertThat(books.claimOf("C1").status()).isEqualTo(ClaimStatus.DENIED);
        assertThat(opened()).containsExactly(denial.id().toString(), denial.id() + ".2");
        assertThat(books.queryAll(
                        "select facts ->> 'reason' from audit_log where action = 'denial-reopened'", String.class))
                .containsExactly("The payer will pay after all");
        var rounds = new ObjectMapper()
                .readTree(api(Role.BILLING_CLERK)
                        .get("/billing/denials/" + denial.id())
                        .body())
                .path("earlierRounds");
        assertThat(rounds).hasSize(1);
        assertThat(rounds.path(0).path("closing").asText()).isEqualTo("billed_to_patient");
        assertThat(browser(Role.BILLING_CLERK)
                        .get("/app/denials/" + denial.id())
                        .body())
                .contains("Decided before", "Billed to the patient", "The payer will pay after all")
                .contains("Entry that took it back from the patient");

        triage(again);
        books.hospital.runAs(
                Role.BILLING_CLERK, () -> work.choose(denial.id(), TASKS.incrementAndGet(), DenialChoice.BILL_PATIENT));
        books.hospital.call(() -> work.billPatient(denial.id()));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("500.00"));
        assertThat(get(denial).closing()).isEqualTo(DenialClosing.BILLED_TO_PATIENT);
    }

    @Test
    void onceThePatientHasPaidNothingIsTakenBackFromThem() {
        Denial denial = billedToThePatient();
        ended(denial);
        books.patientPays("C1", "100.00");

        assertRefused(denial, "The patient has paid some of the 500.00 USD");
        assertThat(browser(Role.BILLING_CLERK)
                        .get("/app/denials/" + denial.id())
                        .body())
                .contains("It cannot be opened again now")
                .doesNotContain("reopening-reason");
    }

    @Test
    void whatIsPaidOrOpenIsNotReopened() {
        Denial denial = denied();
        assertRefused(denial, "It is not closed");
        pay("R2");
        ended(denial);

        assertRefused(denial, "The payer owes nothing of it");
        assertThat(opened()).hasSize(1);
    }

    @Test
    void whileItsProcessIsBeingClosedAPersonWaits() {
        Denial denial = billedToThePatient();
        books.hospital.run(
                () -> instances.started(DenialSteps.PROCESS, denial.id().toString(), TASKS.incrementAndGet()));

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> reopen(denial, "Again"))
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.CHANGED_MEANWHILE));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("500.00"));
    }

    @Test
    void withoutAReasonNothingIsReopened() {
        Denial denial = billedToThePatient();
        ended(denial);

        assertThat(api(Role.BILLING_CLERK)
                        .json("POST", path(denial), "{\"reason\": \"  \"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(get(denial).isClosed()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void onlyWhoWorksOnDenialsReopensThem(Role role) {
        Denial denial = billedToThePatient();
        ended(denial);

        var answer = api(role).json("POST", path(denial), "{\"reason\": \"Again\"}");

        boolean may = role.permissions().contains(Permission.DENIALS_WORK);
        assertThat(answer.statusCode()).isEqualTo(may ? 200 : 403);
        assertThat(get(denial).isClosed()).isEqualTo(!may);
    }

    @Test
    void theLedgerAloneDoesNotTakeBackWhatWasBilled() {
        Denial denial = billedToThePatient();
        UUID entry = Objects.requireNonNull(get(denial).journalEntryId());

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.hospital.runAs(
                        Role.CFO,
                        () -> books.bean(Journal.class).reverseByHand(entry, today(), "By mistake", "by-hand:1")))
                .withMessageContaining("open the denial again on its own page");
    }

    @Test
    void remindersAreToldOnceInEachRound() {
        Denial denial = denied();
        books.hospital.run(() -> denials.remind(denial.id()));
        books.hospital.run(() -> denials.remind(denial.id()));
        pay("R2");
        books.receive(EraText.of("R3", "0", TAKE_BACK + CARRIED));

        books.hospital.run(() -> denials.remind(denial.id()));
        books.hospital.run(() -> denials.remind(denial.id()));

        assertThat(steps(denial)).filteredOn("Reminder"::equals).hasSize(2);
    }

    private Denial denied() {
        deny("R1", "197");
        return open().getFirst();
    }

    private UUID deny(String trace, String code) {
        return remittance(EraText.of(trace, "0", """
                CLP*C1*4*500*0*0*12*PCN1*11*1
                CAS*CO*%s*500
                NM1*QC*1*DOE*JANE
                """.formatted(code)));
    }

    private UUID pay(String trace) {
        return remittance(EraText.of(trace, "300", """
                CLP*C1*1*500*300*75*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*500*300**1
                CAS*CO*45*125
                CAS*PR*1*75
                """));
    }

    private UUID remittance(EraText text) {
        return books.receive(text).remittances().getFirst().id();
    }

    private Denial billedToThePatient() {
        books.hospital.run(() -> payers.changeTerms(books.payer, new Payers.Terms(180, true)));
        remittance(EraText.of("R1", "0", """
                CLP*C1*4*500*0*0*12*PCN1*11*1
                CAS*OA*27*500
                NM1*QC*1*DOE*JANE
                """));
        Denial denial = open().getFirst();
        triage(denial);
        books.hospital.runAs(
                Role.BILLING_CLERK, () -> work.choose(denial.id(), TASKS.incrementAndGet(), DenialChoice.BILL_PATIENT));
        books.hospital.call(() -> work.billPatient(denial.id()));
        assertThat(get(denial).closing()).isEqualTo(DenialClosing.BILLED_TO_PATIENT);
        return get(denial);
    }

    private void triage(Denial denial) {
        books.hospital.run(() -> denials.triaged(
                denial.id(), new Denial.Triage("eligibility", 70, "billing-clerk", true, true, "As a test says")));
    }

    /** As the last worker of its process tells it. */
    private void ended(Denial denial) {
        long instance = TASKS.incrementAndGet();
        books.hospital.run(() -> {
            instances.started(DenialSteps.PROCESS, denial.processKey(), instance);
            instances.ended(DenialSteps.PROCESS, denial.processKey(), instance);
        });
    }

    private void reopen(Denial denial, String reason) {
        books.hospital.runAs(Role.BILLING_CLERK, () -> reopening.reopen(denial.id(), reason));
    }

    private void assertRefused(Denial denial, String why) {
        assertThat(books.hospital.call(() -> reopening.obstacle(denial.id())).orElse(""))
                .contains(why);
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> reopen(denial, "Again"))
                .withMessageContaining(why)
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.DENIAL_NOT_REOPENABLE));
    }

    private Denial get(Denial denial) {
        return books.hospital.call(() -> denials.get(denial.id()));
    }

    private List<Denial> open() {
        UUID claim = books.claimOf("C1").id();
        return books.hospital.call(() -> denials.list(DenialFilter.ofClaim(claim, false)));
    }

    private List<DenialRound> rounds(Denial denial) {
        return books.hospital.call(() -> reopening.rounds(denial.id()));
    }

    private List<String> steps(Denial denial) {
        return books.hospital.call(() -> books.bean(Timeline.class).of(Denials.SUBJECT, denial.id())).stream()
                .map(TimelineEntry::step)
                .toList();
    }

    private List<String> opened() {
        return messages(DenialSteps.OPENED_MESSAGE);
    }

    private List<String> messages(String name) {
        return books.queryAll(
                "select correlation_key from workflow_outbox where message_name = '%s' order by id".formatted(name),
                String.class);
    }

    private LocalDate today() {
        return books.bean(Organizations.class).today();
    }

    private static String path(Denial denial) {
        return "/billing/denials/" + denial.id() + "/reopening";
    }

    private TestClient api(Role role) {
        return TestClient.api(port, books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    private TestClient browser(Role role) {
        return TestClient.browser(port).signIn(books.hospital.signInName(role), TestHospital.PASSWORD);
    }
}

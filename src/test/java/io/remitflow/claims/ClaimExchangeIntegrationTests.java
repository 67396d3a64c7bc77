package io.remitflow.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.ClaimMdStandIn;
import io.remitflow.local.ClaimMdStandIn.Trouble;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Claims sent to Claim.MD, and what it says about them. */
@BooksTest
class ClaimExchangeIntegrationTests {

    static final LocalDate DAY = LocalDate.of(2026, 11, 3);

    @Autowired
    ApplicationContext context;

    @Autowired
    Submissions submissions;

    @Autowired
    ClaimExchange exchange;

    @Autowired
    EligibilityChecks eligibility;

    @LocalServerPort
    int port;

    TestHospital hospital;
    ClaimMdStandIn.Account account;
    UUID payer;
    UUID patient;

    @BeforeEach
    void connect() {
        hospital = TestHospital.create(context);
        account = TestServices.claimMd().account(hospital.code());
        payer = hospital.call(
                () -> context.getBean(Payers.class).create(new NewPayer("Greenleaf", "commercial", "1987654321")));
        patient = hospital.call(() -> context.getBean(PatientAccounts.class).open(NewPatientAccount.of("patient-1")));
        hospital.run(() -> {
            context.getBean(ClaimMdConnections.class).connect(hospital.code(), null);
            submissions.setRoute(payer, "60054");
            submissions.setProvider(ClaimFileTests.PROVIDER);
            context.getBean(Insurances.class).record(patient, payer, null, ClaimFileTests.SUBSCRIBER);
        });
    }

    @Test
    void sendsReadyClaimsOnceAndKeepsTheFileAndItsNumber() {
        UUID claim = ready("E1");
        ready("E2");

        var batches = hospital.call(submissions::createBatches);
        assertThat(send()).isTrue();
        assertThat(send()).isTrue();

        assertThat(batches).hasSize(1);
        assertThat(account.uploads()).hasSize(1);
        assertThat(account.uploads().getFirst()).contains("CLM*E1*").contains("CLM*E2*");
        var batch = hospital.call(submissions::batches).getFirst();
        assertThat(batch.state()).isEqualTo("uploaded");
        assertThat(batch.partnerFile()).isEqualTo("100");
        assertThat(new String(hospital.call(() -> submissions.content(batch.id()))))
                .isEqualTo(account.uploads().getFirst());
        assertThat(kinds(claim)).containsExactly("prepared", "batched", "sent", "accepted");
        assertThat(state(claim)).isEqualTo("accepted");
        assertThat(hospital.call(() -> context.getBean(Claims.class).get(claim)).status())
                .isEqualTo(ClaimStatus.ACCEPTED);
    }

    @Test
    void anAnswerThatNeverCameIsSettledByAskingAndTheFileIsNotSentTwice() {
        UUID claim = ready("E1");
        hospital.call(submissions::createBatches);
        account.trouble("upload", Trouble.of(Trouble.Kind.DONE_BUT_NO_ANSWER, 1));

        assertThat(send()).isFalse();
        assertThat(hospital.call(submissions::batches).getFirst().state()).isEqualTo("uncertain");

        leaveNoPause();
        assertThat(send()).isTrue();
        assertThat(account.uploads()).hasSize(1);
        assertThat(hospital.call(submissions::batches).getFirst().partnerFile()).isEqualTo("100");
        assertThat(read()).isTrue();
        assertThat(state(claim)).isEqualTo("accepted");
    }

    @Test
    void killedWhileSendingItAsksBeforeItSendsAgain() {
        ready("E1");
        hospital.call(submissions::createBatches);
        execute("update claims_submission_batches set state = 'sending', sent_at = now() - interval '1 hour'");

        assertThat(send()).isTrue();

        assertThat(account.calls("uploadlist")).isPositive();
        assertThat(account.uploads()).hasSize(1);
        assertThat(hospital.call(submissions::batches).getFirst().state()).isEqualTo("uploaded");
    }

    @ParameterizedTest
    @EnumSource(
            value = Trouble.Kind.class,
            names = {"STATUS_500", "NO_ANSWER", "NONSENSE"})
    void afterTroubleTheFileArrivesOnce(Trouble.Kind kind) {
        ready("E1");
        hospital.call(submissions::createBatches);
        account.trouble("upload", Trouble.of(kind, 1));

        assertThat(send()).isFalse();
        leaveNoPause();
        assertThat(send()).isTrue();

        assertThat(account.uploads()).hasSize(1);
    }

    @Test
    void aRefusedFileFreesItsClaims() {
        UUID claim = ready("E1");
        hospital.call(submissions::createBatches);
        account.trouble("upload", Trouble.of(Trouble.Kind.ERROR_DOCUMENT, 1));

        assertThat(send()).isFalse();

        var batch = hospital.call(submissions::batches).getFirst();
        assertThat(batch.state()).isEqualTo("refused");
        assertThat(batch.lastError()).contains("401").doesNotContain("SECRET");
        assertThat(state(claim)).isEqualTo("ready");
    }

    @Test
    void aRejectedClaimStandsInItsQueueUntilItIsCorrectedAndSentAgain() {
        UUID claim = ready("E1");
        account.rejectClaims().speakXml();
        hospital.call(submissions::createBatches);
        assertThat(send()).isTrue();

        var rejected = hospital.call(() -> submissions.inState("rejected"));
        assertThat(rejected).hasSize(1);
        assertThat(rejected.getFirst().lastMessage()).isEqualTo("Subscriber not found");
        var browser = TestClient.browser(port).signIn(hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(browser.get("/app/claims/rejected").body()).contains("E1").contains("Subscriber not found");
        assertThat(browser.get("/app/claims/" + claim).body()).contains("Subscriber not found");
        assertThat(browser.get("/app/claims").body()).contains("CB-");
        assertThat(browser.get("/app/patient-accounts/" + patient).body()).contains("Check eligibility");

        hospital.run(() -> submissions.prepare(claim, SubmissionDetails.professional("22", "J020")));
        hospital.call(submissions::createBatches);
        assertThat(send()).isTrue();
        assertThat(account.uploads()).hasSize(2);
        assertThat(hospital.call(() -> submissions.find(claim)).orElseThrow().round())
                .isEqualTo(2);
    }

    @Test
    void laterStatusesSupersedeAndRepeatedOnesChangeNothing() {
        UUID claim = ready("E1");
        hospital.call(submissions::createBatches);
        assertThat(send()).isTrue();
        account.respond("E1", "R", "Member id is not known").respond("NOT-OURS", "R", "Whose is this");

        assertThat(read()).isTrue();
        assertThat(read()).isTrue();

        assertThat(state(claim)).isEqualTo("rejected");
        assertThat(kinds(claim)).containsExactly("prepared", "batched", "sent", "accepted", "rejected");
        assertThat(count("claims_unmatched_responses")).isOne();

        account.respond("E1", "A", "Accepted by the payer");
        assertThat(read()).isTrue();
        assertThat(state(claim)).isEqualTo("accepted");
    }

    @Test
    void aClaimOnItsWayIsNotPreparedAgain() {
        UUID claim = ready("E1");
        hospital.call(submissions::createBatches);

        assertThatThrownBy(() -> ready(claim)).isInstanceOf(RuleViolation.class);
        assertThat(hospital.call(submissions::createBatches)).isEmpty();
    }

    @Test
    void whatIsMissingIsSaidAndTheClaimIsNotSent() {
        ready("E1");
        hospital.run(() -> submissions.setRoute(payer, null));

        assertThat(hospital.call(submissions::createBatches)).isEmpty();
        assertThat(hospital.call(() -> submissions.inState("ready")).getFirst().missing())
                .contains("Claim.MD payer id");
    }

    @Test
    void anEligibilityCheckKeepsQuestionAndAnswerUnreadable() {
        var covered = hospital.call(() -> eligibility.ask(patient, payer, EligibilityChecks.Form.FORM));
        account.coverage("6").speakXml();
        var not = hospital.call(() -> eligibility.ask(patient, payer, EligibilityChecks.Form.FORM));

        assertThat(covered.state()).isEqualTo("covered");
        assertThat(covered.summary()).contains("Gold Plan");
        assertThat(not.state()).isEqualTo("not_covered");
        assertThat(account.questions().getFirst())
                .containsEntry("ins_number", "KMH400101")
                .containsEntry("ins_dob", "19800229");
        assertThat(count("claims_eligibility_checks where position('KMH400101'::bytea in request) > 0"))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aQuestionAsA270IsAnsweredByA271InJsonAndInXml(boolean xml) {
        if (xml) {
            account.speakXml();
        }

        var covered = hospital.call(() -> eligibility.ask(patient, payer, EligibilityChecks.Form.X12));
        account.coverage("6");
        var not = hospital.call(() -> eligibility.ask(patient, payer, EligibilityChecks.Form.X12));

        assertThat(covered.state()).isEqualTo("covered");
        assertThat(covered.summary()).isEqualTo("Active coverage: Silver Plan");
        assertThat(covered.askedAs()).isEqualTo(EligibilityChecks.Form.X12);
        assertThat(not.state()).isEqualTo("not_covered");
        assertThat(account.questions().getFirst().get("File"))
                .contains("*MI*KMH400101~")
                .contains("ST*270*0001*");
        assertThat(count("claims_eligibility_checks where position('KMH400101'::bytea in request) > 0"))
                .isZero();
    }

    @Test
    void aQuestionAsA270OutlastsTroubleAndALimitIsObeyed() {
        account.trouble("elig", Trouble.of(Trouble.Kind.NO_ANSWER, 1));
        assertThat(hospital.call(() -> eligibility.ask(patient, payer, EligibilityChecks.Form.X12))
                        .state())
                .isEqualTo("covered");

        account.trouble("elig", Trouble.of(Trouble.Kind.TOO_MANY, 1));
        var limited = hospital.call(() -> eligibility.ask(patient, payer, EligibilityChecks.Form.X12));
        assertThat(limited.state()).isEqualTo("failed");
        assertThat(limited.summary()).isEqualTo("elig answered 429");
    }

    @Test
    void anEligibilityCheckWithoutAnAnswerSaysSo() {
        account.trouble("eligdata", Trouble.of(Trouble.Kind.STATUS_500, 10));

        var check = hospital.call(() -> eligibility.ask(patient, payer, EligibilityChecks.Form.FORM));

        assertThat(check.state()).isEqualTo("failed");
        assertThat(check.summary()).isEqualTo("eligdata: answered 500");
    }

    private UUID ready(String controlNumber) {
        return hospital.call(() -> {
            UUID claim = context.getBean(Claims.class)
                    .create(new NewClaim(
                            patient,
                            payer,
                            controlNumber,
                            CareSetting.OUTPATIENT,
                            DAY,
                            List.of(NewClaim.Line.procedure("99213", DAY, Money.parse("USD 100.00")))));
            ready(claim);
            return claim;
        });
    }

    private void ready(UUID claim) {
        hospital.run(() -> submissions.prepare(claim, SubmissionDetails.professional("22", "J029")));
    }

    private boolean send() {
        return exchange.send(hospital.id());
    }

    private boolean read() {
        return exchange.read(hospital.id());
    }

    private String state(UUID claim) {
        return hospital.call(() -> submissions.find(claim)).orElseThrow().state();
    }

    private List<String> kinds(UUID claim) {
        return hospital.call(() -> submissions.history(claim)).stream()
                .map(SubmissionEvent::kind)
                .toList();
    }

    private void leaveNoPause() {
        execute("update claims_claimmd_feeds set next_poll_at = null");
    }

    private long count(String table) {
        return hospital.call(() -> context.getBean(TransactionTemplate.class)
                .execute(status -> context.getBean(JdbcClient.class)
                        .sql("select count(*) from " + table)
                        .query(Long.class)
                        .single()));
    }

    private void execute(String sql) {
        hospital.run(() -> context.getBean(TransactionTemplate.class)
                .executeWithoutResult(
                        status -> context.getBean(JdbcClient.class).sql(sql).update()));
    }
}

package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.claims.DenialSteps;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.local.Invariants;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.refunds.CreditBalance;
import io.remitflow.refunds.CreditBalance.Closing;
import io.remitflow.refunds.CreditBalanceSettings;
import io.remitflow.refunds.CreditBalanceSteps;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.CreditCases;
import io.remitflow.refunds.CreditClassification;
import io.remitflow.refunds.CreditFilter;
import io.remitflow.refunds.CreditReturn;
import io.remitflow.refunds.CreditReturns;
import io.remitflow.refunds.RefundRequest;
import io.remitflow.refunds.RefundSteps;
import io.remitflow.refunds.Refunds;
import io.remitflow.workflow.Approval;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.BulkApprovals;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.TaskQuery;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The process of a credit balance on the real engine: each of its tasks in Tasklist, its legal clock, and how it ends.
 *
 * <p>Those that move the clock by months come last, the furthest of them at the end: what starts after them is overdue at
 * once.
 */
@RemitflowTest
@TestMethodOrder(MethodOrderer.MethodName.class)
class CreditBalanceProcessIntegrationTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Autowired
    ApplicationContext context;

    @Autowired
    CreditBalances credits;

    @Autowired
    CreditReturns returns;

    @Autowired
    HumanTasks tasks;

    @Autowired
    Timeline timeline;

    @LocalServerPort
    int port;

    RemittanceBooks books;

    @BeforeEach
    void openHospital() {
        books = new RemittanceBooks(context);
        books.hospital.user(Role.BILLING_MANAGER);
        books.claim("C1", "200.00");
        books.hospital.run(() -> context.getBean(TransactionTemplate.class)
                .executeWithoutResult(status -> context.getBean(JdbcClient.class)
                        .sql("update billing_payers set payer_class = 'medicare'")
                        .update()));
    }

    @Test
    void moneyOfMedicareGoesBackByTasksThatAreAllDoneInTasklist() {
        CreditBalance credit = paidTwice();
        HumanTask classify = awaitTask(CreditBalanceSteps.CLASSIFY, null);
        assertThat(classify.candidateGroups()).containsExactlyInAnyOrder("billing-clerk", "billing-manager");
        complete(Role.ANALYST, classify, classification("payer", "medicare", "duplicate_payment"));
        HumanTask again = awaitTask(CreditBalanceSteps.CLASSIFY, classify);
        assertThat(get(credit).refusal()).contains("permission");
        complete(Role.BILLING_CLERK, again, classification("payer", "medicare", "duplicate_payment"));

        HumanTask resolve = awaitTask(CreditBalanceSteps.RESOLVE, null);
        assertThat(get(credit).classifiedBy()).isEqualTo(books.hospital.user(Role.BILLING_CLERK));
        complete(Role.BILLING_CLERK, resolve, resolution("investigate", ""));
        HumanTask investigate = awaitTask(CreditBalanceSteps.INVESTIGATE, null);
        complete(Role.BILLING_CLERK, investigate, Map.of("finding", "Both payments are for the same service"));
        HumanTask decide = awaitTask(CreditBalanceSteps.RESOLVE, resolve);
        complete(Role.BILLING_CLERK, decide, resolution("payer_refund", "check"));

        HumanTask approve = awaitTask(CreditBalanceSteps.APPROVE, null);
        assertThat(approve.candidateGroups()).containsExactly("billing-manager");
        await().atMost(PATIENCE)
                .untilAsserted(() -> books.hospital.run(() -> assertThat(context.getBean(BulkApprovals.class)
                                .subject(tasks.find(approve.key()).orElseThrow()))
                        .as("listed among what waits for an approval")
                        .hasValueSatisfying(
                                subject -> assertThat(subject.type()).isEqualTo(CreditReturns.SUBJECT))));
        complete(Role.BILLING_MANAGER, approve, Map.of("decision", "approve", "comment", "Right"));
        HumanTask pay = awaitTask(CreditBalanceSteps.PAY_BACK, null);
        complete(Role.BILLING_MANAGER, pay, Map.of("payoutReference", "4711"));
        HumanTask payAgain = awaitTask(CreditBalanceSteps.PAY_BACK, pay);
        assertThat(get(credit).refusal()).contains("cannot pay it out");
        complete(Role.ACCOUNTING_STAFF, payAgain, Map.of("payoutReference", "4711"));

        await().atMost(PATIENCE).until(() -> get(credit).isResolved());
        assertThat(get(credit).closing()).isEqualTo(Closing.BALANCE_GONE);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        books.hospital.run(() -> assertThat(
                        returns.approvals(returns.of(credit.id()).getFirst().id()))
                .extracting(Approval::source, Approval::decidedBy)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("tasklist", books.hospital.user(Role.BILLING_MANAGER))));
        Invariants.ofTests().holdWhenQuiet(Duration.ofSeconds(60));
    }

    @Test
    void theClockIsHeldByAnInvestigationRemindsAndEscalatesAndAReversalEndsTheProcess() {
        CreditBalance credit = paidTwice();
        complete(
                Role.BILLING_CLERK,
                awaitTask(CreditBalanceSteps.CLASSIFY, null),
                classification("payer", "medicare", "duplicate_payment"));
        HumanTask resolve = awaitTask(CreditBalanceSteps.RESOLVE, null);
        complete(Role.BILLING_CLERK, resolve, resolution("investigate", ""));
        HumanTask investigate = awaitTask(CreditBalanceSteps.INVESTIGATE, null);

        advance(54);
        await().during(Duration.ofSeconds(5))
                .atMost(PATIENCE)
                .until(() -> !steps(credit).contains("Reminder"));
        complete(Role.BILLING_CLERK, investigate, Map.of("finding", "Paid twice"));
        HumanTask decide = awaitTask(CreditBalanceSteps.RESOLVE, resolve);
        await().atMost(PATIENCE).until(() -> steps(credit).contains("Reminder"));
        assertThat(steps(credit)).doesNotContain("Escalated");

        advance(7);
        await().atMost(PATIENCE).until(() -> get(credit).isEscalated());
        HumanTask escalated = awaitTask(CreditBalanceSteps.RESOLVE, decide);
        assertThat(escalated.candidateGroups()).containsExactlyInAnyOrder("billing-manager", "cfo");

        books.receive(EraText.of("CB3", "0", """
                CLP*C1*22*-200*-160*-40*12*PCN1*11*1
                CAS*PR*1*-40
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*FB:X*-160
                """));
        assertThat(get(credit).closing()).isEqualTo(Closing.BALANCE_GONE);
        Invariants.ofTests().holdWhenQuiet(Duration.ofSeconds(60));
        await().atMost(PATIENCE)
                .until(() -> books.hospital
                        .call(() -> tasks.open(TaskQuery.all().at(CreditBalanceSteps.RESOLVE)))
                        .isEmpty());
    }

    @Test
    void nobodyDecidingIsRemindedOfItAndItGoesToWhomTheRuleNames() {
        CreditBalance credit = paidTwice();
        complete(
                Role.BILLING_CLERK,
                awaitTask(CreditBalanceSteps.CLASSIFY, null),
                classification("payer", "medicare", "duplicate_payment"));
        complete(Role.BILLING_CLERK, awaitTask(CreditBalanceSteps.RESOLVE, null), resolution("payer_refund", "check"));
        HumanTask approve = awaitTask(CreditBalanceSteps.APPROVE, null);
        assertThat(approve.candidateGroups()).containsExactly("billing-manager");
        CreditReturn wanted =
                books.hospital.call(() -> returns.underWay(credit.id())).orElseThrow();
        assertThat(wanted.dueDays()).as("of the rule for 160.00").isEqualTo(2);
        assertThat(wanted.escalateTo()).isEqualTo("cfo");
        books.hospital.run(() -> assertThat(returns.facts(wanted)).containsEntry("requesterRole", "billing-clerk"));

        advance(2);
        await().atMost(PATIENCE).until(() -> steps(credit).contains("Reminder"));
        advance(2);
        HumanTask escalated = awaitTask(CreditBalanceSteps.APPROVE, approve);

        assertThat(escalated.candidateGroups()).containsExactly("cfo");
        assertThat(steps(credit)).contains("Escalated");
        assertThat(get(credit).isEscalated()).as("the legal day is far away").isFalse();
        complete(Role.CFO, escalated, Map.of("decision", "approve", "comment", ""));
        HumanTask pay = awaitTask(CreditBalanceSteps.PAY_BACK, null);
        complete(Role.ACCOUNTING_STAFF, pay, Map.of("payoutReference", ""));
        await().atMost(PATIENCE).until(() -> get(credit).isResolved());
        Invariants.ofTests().holdWhenQuiet(Duration.ofSeconds(60));
    }

    @Test
    void aLegalDayBringsTheCfoToAnApprovalToo() {
        CreditBalance credit = paidTwice();
        complete(
                Role.BILLING_CLERK,
                awaitTask(CreditBalanceSteps.CLASSIFY, null),
                classification("payer", "medicare", "duplicate_payment"));
        complete(Role.BILLING_CLERK, awaitTask(CreditBalanceSteps.RESOLVE, null), resolution("payer_refund", "check"));
        awaitTask(CreditBalanceSteps.APPROVE, null);

        books.hospital.run(() -> context.getBean(CreditCases.class).escalate(credit.id()));

        CreditCases.Standing standing =
                books.hospital.call(() -> context.getBean(CreditCases.class).standing(credit.id()));
        assertThat(standing.groups()).containsExactly("billing-manager", "cfo");
    }

    @Test
    void noTextThatPeopleTypeIsAVariableOfTheProcess() {
        CreditBalance credit = paidTwice();
        HumanTask classify = awaitTask(CreditBalanceSteps.CLASSIFY, null);
        CreditCases cases = context.getBean(CreditCases.class);
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> cases.classify(
                        credit.id(),
                        classify.key(),
                        new CreditClassification(
                                CreditClassification.BelongsTo.PAYER,
                                CreditClassification.PayerClass.MEDICARE,
                                CreditClassification.Cause.OTHER),
                        "CANARY note"));
        HumanTask resolve = awaitTask(CreditBalanceSteps.RESOLVE, null);
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> cases.resolve(
                        credit.id(),
                        resolve.key(),
                        new CreditCases.Resolution(CreditCases.Choice.INVESTIGATE, "CANARY reason", "", "")));
        HumanTask investigate = awaitTask(CreditBalanceSteps.INVESTIGATE, null);
        books.hospital.runAs(
                Role.BILLING_CLERK, () -> cases.conclude(credit.id(), investigate.key(), "CANARY finding"));
        HumanTask decide = awaitTask(CreditBalanceSteps.RESOLVE, resolve);
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> cases.resolve(
                        credit.id(),
                        decide.key(),
                        new CreditCases.Resolution(CreditCases.Choice.PAYER_REFUND, "CANARY why", "", "check")));
        HumanTask approve = awaitTask(CreditBalanceSteps.APPROVE, null);
        books.hospital.runAs(
                Role.BILLING_MANAGER,
                () -> returns.decide(
                        returns.underWay(credit.id()).orElseThrow().id(),
                        new ApprovalDecision(approve.key(), 1, false, "CANARY comment")));
        HumanTask after = awaitTask(CreditBalanceSteps.RESOLVE, decide);

        // All variables of the process are seen by its task; Tasklist learns of them one by one.
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(variables(after))
                        .contains("the history of the case says why", "evidenceText", "ownerText", "splitWarnings"));
        assertThat(variables(after)).doesNotContain("CANARY");
        assertThat(books.queryAll("select variables::text from workflow_outbox", String.class))
                .noneMatch(text -> text.contains("CANARY"));
        assertThat(books.hospital.call(() -> timeline.of(CreditBalances.SUBJECT, credit.id())))
                .as("people read it in the books")
                .anyMatch(entry -> entry.text().contains("CANARY comment"));
    }

    /** I11: what the engine keeps is neither encrypted nor protected by row security. */
    @Test
    void h7_noNameOfAPatientReachesTheEngineByACreditADenialOrARefund() {
        books.claimOf("NAMED1", "Quetzalcanary", "Ibisanna", "200.00")
                .claimOf("NAMED2", "Quetzalcanary", "Ibisanna", "200.00");
        String patient = "NM1*QC*1*QUETZALCANARY*IBISANNA****MI*CANARYMEMBER77\n";
        String paid = "CLP*NAMED1*1*200*160*40*12*PCN1*11*1\nCAS*PR*1*40\n" + patient;
        books.receive(EraText.of("H7A", "160.00", paid));
        books.receive(EraText.of("H7B", "160.00", paid));
        books.receive(EraText.of("H7C", "0", "CLP*NAMED2*4*200*0*0*12*PCN2*11*1\nCAS*CO*197*200\n" + patient));
        CreditBalance credit = books.hospital
                .call(() -> credits.list(CreditFilter.unresolved()))
                .getFirst();
        books.hospital.runAs(Role.BILLING_CLERK, () -> {
            var payment = context.getBean(Payments.class)
                    .record(NewPayment.check(
                            books.claimOf("NAMED2").accountId(),
                            null,
                            context.getBean(Organizations.class).today(),
                            usd("300.00"),
                            "1001"));
            context.getBean(Refunds.class)
                    .request(new RefundRequest(payment, usd("120.00"), null, "overpayment", "Paid twice", null));
        });
        complete(
                Role.BILLING_CLERK,
                awaitTask(CreditBalanceSteps.CLASSIFY, null),
                classification("payer", "medicare", "duplicate_payment"));
        awaitTask(CreditBalanceSteps.RESOLVE, null);
        awaitTask(DenialSteps.WORK, null);
        awaitTask(RefundSteps.APPROVE, null);

        var broker = TestServices.stack().broker();
        assertThat(broker.keeps(credit.id().toString()))
                .as("it is looked through where cases are kept")
                .isTrue();
        assertThat(List.of("Quetzalcanary", "Ibisanna", "CanaryMember77")).noneMatch(broker::keeps);
    }

    private String variables(HumanTask task) {
        return books.hospital
                .call(() -> tasks.find(task.key()))
                .orElseThrow()
                .variables()
                .toString();
    }

    @Test
    void overRestACreditIsClassifiedInvestigatedApprovedAndPaidBack() {
        CreditBalance credit = paidTwice();
        String path = "/billing/credit-balances/" + credit.id();
        var clerk = api(Role.BILLING_CLERK);
        assertThat(clerk.get("/billing/credit-balances?belongsTo=payer&payerClass=medicare")
                        .body())
                .contains(credit.id().toString(), "\"amount\":\"160.00\"", "\"classified\":false");
        assertThat(clerk.get("/billing/credit-balances?belongsTo=patient").body())
                .contains("\"items\":[]");
        assertThat(clerk.get("/billing/credit-balances?belongsTo=nobody").statusCode())
                .isEqualTo(400);
        assertThat(api(Role.ORG_ADMIN).get("/billing/credit-balances").statusCode())
                .isEqualTo(403);
        assertThat(clerk.get("/billing/credit-balances/" + java.util.UUID.randomUUID())
                        .statusCode())
                .isEqualTo(404);
        awaitTask(CreditBalanceSteps.CLASSIFY, null);
        String classification =
                "{\"belongsTo\": \"payer\", \"payerClass\": \"medicare\", \"cause\": \"duplicate_payment\"}";
        assertThat(api(Role.ACCOUNTING_STAFF)
                        .json("POST", path + "/classification", classification)
                        .statusCode())
                .isEqualTo(403);
        assertThat(clerk.json("POST", path + "/classification", classification.replace("medicare", "self_pay"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(clerk.json("POST", path + "/classification", classification).body())
                .contains("\"classified\":true", "\"step\":\"resolve-credit\"");

        awaitTask(CreditBalanceSteps.RESOLVE, null);
        String choice = "{\"choice\": \"%s\", \"reason\": \"Because of the file\", \"method\": \"check\"}";
        assertThat(clerk.json("POST", path + "/resolution", choice.formatted("refund"))
                        .statusCode())
                .as("it is the payer's money")
                .isEqualTo(422);
        assertThat(clerk.json("POST", path + "/resolution", choice.formatted("burn"))
                        .statusCode())
                .isEqualTo(400);
        HumanTask resolve = awaitTask(CreditBalanceSteps.RESOLVE, null);
        assertThat(clerk.json("POST", path + "/resolution", choice.formatted("investigate"))
                        .body())
                .contains("\"suspended\":true");
        awaitTask(CreditBalanceSteps.INVESTIGATE, null);
        assertThat(clerk.json("POST", path + "/finding", "{\"finding\": \"\"}").statusCode())
                .isEqualTo(400);
        assertThat(clerk.json("POST", path + "/evidence", "{\"note\": \"Same day\", \"amount\": \"160.00\"}")
                        .statusCode())
                .isEqualTo(201);
        assertThat(clerk.get(path + "/evidence").body()).contains("Same day", "160.00");
        clerk.json("POST", path + "/finding", "{\"finding\": \"Both are for the same service\"}");
        awaitTask(CreditBalanceSteps.RESOLVE, resolve);
        assertThat(clerk.json("POST", path + "/resolution", choice.formatted("payer_refund"))
                        .statusCode())
                .isEqualTo(200);

        awaitTask(CreditBalanceSteps.APPROVE, null);
        assertThat(clerk.json("POST", path + "/approval", "{\"decision\": \"approve\"}")
                        .statusCode())
                .isEqualTo(403);
        var manager = api(Role.BILLING_MANAGER);
        assertThat(manager.json("POST", path + "/approval", "{\"decision\": \"maybe\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(manager.json("POST", path + "/approval", "{\"decision\": \"approve\"}")
                        .body())
                .contains("\"step\":\"pay-back-payer\"");
        awaitTask(CreditBalanceSteps.PAY_BACK, null);
        var staff = api(Role.ACCOUNTING_STAFF);
        assertThat(staff.json("POST", path + "/payout", "{\"reference\": \" \"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(staff.json("POST", path + "/payout", "{\"reference\": \"4711\"}")
                        .body())
                .contains("\"state\":\"resolved\"", "\"closing\":\"balance_gone\"");
        assertThat(staff.json("POST", path + "/payout", "{\"reference\": \"4711\"}")
                        .statusCode())
                .isEqualTo(409);
    }

    @Test
    void theClocksAreSetOverRestByWhoeverManagesSettings() {
        String path = "/billing/credit-balances/settings";
        assertThat(api(Role.BILLING_CLERK).get(path).statusCode()).isEqualTo(403);
        var admin = api(Role.ORG_ADMIN);
        String settings = admin.get(path).body();
        assertThat(settings).contains("\"patientDays\":30", "\"medicaidDays\":60");

        assertThat(admin.json("PUT", path, settings.replace("\"patientDays\":30", "\"patientDays\":45"))
                        .body())
                .contains("\"patientDays\":45");
        assertThat(admin.json("PUT", path, settings.replace("\"medicaidDays\":60", "\"medicaidDays\":61"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(admin.get(path).body()).contains("\"patientDays\":45", "\"medicaidDays\":60");
    }

    @Test
    void whoseMoneyNobodyTakesBackIsWrittenToBeforeTheStateCanClaimIt() {
        books.hospital.runAs(
                Role.ORG_ADMIN,
                () -> credits.changeSettings(new CreditBalanceSettings(30, 30, 60, 7, 30, false, 1, 245)));
        books.patientPays("C1", "65.00");
        books.receive(EraText.of("CB9", "160.00", """
                CLP*C1*1*200*160*40*12*PCN1*11*1
                CAS*PR*1*40
                NM1*QC*1*DOE*JANE
                """));
        CreditBalance credit = books.hospital
                .call(() -> credits.list(CreditFilter.unresolved()))
                .getFirst();
        awaitTask(CreditBalanceSteps.CLASSIFY, null);
        assertThat(steps(credit)).doesNotContain("Write to the owner");

        advance(130);
        await().atMost(PATIENCE).until(() -> steps(credit).contains("Write to the owner"));

        String page = "/app/credit-balances/" + credit.id();
        TestClient clerk =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(clerk.get("/app/credit-balances?show=letter").body()).contains(page, "Write to the owner until");
        assertThat(clerk.get(page).body())
                .contains("Write to its owner until %s"
                        .formatted(credit.identifiedOn().plusYears(1).minusDays(245)));
        assertThat(clerk.post(
                                page + "/letter",
                                Map.of("date", credit.identifiedOn().toString()))
                        .statusCode())
                .isEqualTo(302);
        assertThat(clerk.get(page).body()).contains("The owner was written to on " + credit.identifiedOn());
        assertThat(api(Role.BILLING_CLERK)
                        .json(
                                "POST",
                                "/billing/credit-balances/" + credit.id() + "/letter",
                                "{\"date\": \"%s\"}".formatted(credit.identifiedOn()))
                        .body())
                .contains(
                        "\"letterSentOn\":\"%s\"".formatted(credit.identifiedOn()),
                        "\"reportableOn\":\"%s\""
                                .formatted(credit.identifiedOn().plusYears(1)));
    }

    private TestClient api(Role role) {
        return TestClient.api(port, books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    /** 160.00 of it twice; the share of the patient is owed once. */
    private CreditBalance paidTwice() {
        String paid = """
                CLP*C1*1*200*160*40*12*PCN1*11*1
                CAS*PR*1*40
                NM1*QC*1*DOE*JANE
                """;
        books.receive(EraText.of("CB1", "160.00", paid));
        books.receive(EraText.of("CB2", "160.00", paid));
        CreditBalance credit = books.hospital
                .call(() -> credits.list(CreditFilter.unresolved()))
                .getFirst();
        assertThat(Objects.requireNonNull(credit.classification()).payerClass())
                .isEqualTo(CreditClassification.PayerClass.MEDICARE);
        return credit;
    }

    private static Map<String, Object> classification(String belongsTo, String payerClass, String cause) {
        return Map.of("belongsTo", belongsTo, "payerClass", payerClass, "causeCode", cause, "note", "");
    }

    private static Map<String, Object> resolution(String choice, String method) {
        return Map.of("choice", choice, "method", method, "targetNumber", "", "reason", "Because of the file");
    }

    private CreditBalance get(CreditBalance credit) {
        return books.hospital.call(() -> credits.get(credit.id()));
    }

    private List<String> steps(CreditBalance credit) {
        return books.hospital.call(() -> timeline.of(CreditBalances.SUBJECT, credit.id())).stream()
                .map(TimelineEntry::step)
                .toList();
    }

    private void complete(Role role, HumanTask task, Map<String, ?> variables) {
        books.hospital.run(() -> tasks.complete(task.key(), books.hospital.signInName(role), variables));
    }

    private HumanTask awaitTask(String element, @Nullable HumanTask before) {
        return await().atMost(PATIENCE)
                .until(
                        () -> books
                                .hospital
                                .call(() -> tasks.open(TaskQuery.all().at(element)))
                                .stream()
                                .filter(task -> before == null || task.key() > before.key())
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
    }

    private static void advance(long days) {
        TestServices.stack().broker().advance(Duration.ofDays(days));
    }
}

package io.remitflow.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.camunda.client.CamundaClient;
import io.camunda.client.api.command.ClientStatusException;
import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.local.LocalBrowser;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TasklistDesk;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.refunds.Refund;
import io.remitflow.refunds.RefundApprovals;
import io.remitflow.refunds.RefundRequest;
import io.remitflow.refunds.RefundStatus;
import io.remitflow.refunds.RefundSteps;
import io.remitflow.refunds.Refunds;
import io.remitflow.rules.process.RuleReleaseWorkers;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.RecordedDecision;
import io.remitflow.workflow.TaskQuery;
import io.remitflow.workflow.TimelineEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** A table from its draft to the decisions made under it, through the engine. */
@RemitflowTest
class RuleReleaseIntegrationTests {

    private static final String DECISION = "refund-approval";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Autowired
    ApplicationContext context;

    @Autowired
    DecisionTables tables;

    @Autowired
    Drafts drafts;

    @Autowired
    RuleReleases releases;

    @Autowired
    Decisions decisions;

    @Autowired
    Refunds refunds;

    @Autowired
    HumanTasks tasks;

    @Autowired
    CamundaClient engine;

    TestHospital hospital;

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
    }

    @Test
    void h5_aReleasedRuleHoldsFromThatMomentOnAndOnlyInItsHospital() {
        UUID before = Ids.next();
        assertThat(decide(hospital, before, 8_000)).containsEntry("levels", List.of());
        UUID request = requestStricterTable();
        HumanTask task = awaitTask(request, -1);
        assertThat(task.candidateGroups()).containsExactly("cfo");

        hospital.run(
                () -> tasks.complete(task.key(), hospital.signInName(Role.ANALYST), Map.of("decision", "approve")));
        HumanTask again = awaitTask(request, task.key());
        assertThat(state(request)).isEqualTo(ReleaseRequest.State.REQUESTED);
        hospital.run(() -> tasks.complete(again.key(), hospital.signInName(Role.CFO), Map.of("decision", "approve")));
        await().atMost(PATIENCE).until(() -> state(request) == ReleaseRequest.State.RELEASED);

        UUID after = Ids.next();
        assertThat(decide(hospital, after, 8_000)).containsEntry("levels", List.of("billing-manager"));
        assertThat(versions(hospital, before)).containsExactly(1);
        assertThat(versions(hospital, after)).containsExactly(2);
        assertThat(decide(hospital, before, 8_000)).containsEntry("levels", List.of());
        assertThat(decide(TestHospital.create(context), Ids.next(), 8_000)).containsEntry("levels", List.of());

        UUID back = as(Role.ANALYST, () -> releases.requestRollback(DECISION, 1, "The old limit was right"));
        HumanTask skipsAnApproval = awaitTask(back, -1);
        assertThat(skipsAnApproval.candidateGroups()).containsExactly("billing-manager");
        hospital.runAs(
                Role.BILLING_MANAGER,
                () -> releases.decide(back, new ApprovalDecision(skipsAnApproval.key(), 1, true, "Agreed")));
        HumanTask second = awaitTask(back, skipsAnApproval.key());
        hospital.runAs(Role.CFO, () -> releases.decide(back, new ApprovalDecision(second.key(), 1, true, "Agreed")));
        await().atMost(PATIENCE).until(() -> state(back) == ReleaseRequest.State.RELEASED);
        assertThat(decide(hospital, Ids.next(), 8_000)).containsEntry("levels", List.of());
        assertThat(hospital.call(() -> tables.required(DECISION)).number()).isEqualTo(3);
    }

    @Test
    void h5_aRefundThatWaitsWhileItsLimitChangesIsDecidedUnderTheVersionItWasAskedWith() {
        UUID before = refundOf("120.00");
        HumanTask waiting = awaitTask(RefundSteps.APPROVE, "refundId", before, -1);
        String looser = hospital.call(() -> tables.required(DECISION).xml())
                .replace("]0..10000]", "]0..20000]")
                .replace("]10000..500000]", "]20000..500000]");
        assertThat(TableCheck.of(DecisionTable.read(looser))).isEmpty();
        hospital.run(() -> context.getBean(TransactionTemplate.class)
                .executeWithoutResult(status -> tables.release(
                        DECISION,
                        Release.Source.DRAFT,
                        null,
                        looser,
                        "Up to 200.00 nobody is asked",
                        hospital.user(Role.ANALYST).value(),
                        null)));

        UUID after = refundOf("120.00");
        await().atMost(PATIENCE).until(() -> refund(after).status() != RefundStatus.PENDING);
        assertThat(refund(after).levels()).isEmpty();
        assertThat(refund(before).status()).as("nobody has approved it").isEqualTo(RefundStatus.PENDING);
        assertThat(refund(before).levels()).containsExactly("billing-manager");
        hospital.runAs(
                Role.BILLING_MANAGER,
                () -> context.getBean(RefundApprovals.class)
                        .decide(before, new ApprovalDecision(waiting.key(), 1, true, null)));
        await().atMost(PATIENCE).until(() -> refund(before).status() == RefundStatus.PROCESSING);
        assertThat(versions(hospital, before)).containsExactly(1);
        assertThat(versions(hospital, after)).containsExactly(2);
    }

    private UUID refundOf(String amount) {
        var money = Amounts.parse(amount, "USD");
        return as(Role.BILLING_CLERK, () -> {
            UUID account =
                    context.getBean(PatientAccounts.class).open(NewPatientAccount.of("patient-" + UUID.randomUUID()));
            UUID payment = context.getBean(Payments.class)
                    .record(NewPayment.check(account, null, TestHospital.today(), money, "1001"));
            return refunds.request(new RefundRequest(payment, money, null, "overpayment", "Paid twice", null));
        });
    }

    private Refund refund(UUID id) {
        return hospital.call(() -> refunds.get(id));
    }

    @Test
    void theRuleOfReleasesSaysWhoIsAskedFirstAndWhoWhenNobodyDecides() {
        String rule = hospital.call(
                        () -> tables.required("rule-release-approval").xml())
                .replace(
                        "<text>[\"cfo\"]</text></outputEntry>\n        <outputEntry id=\"stricter-11\"",
                        "<text>[\"billing-manager\", \"cfo\"]</text></outputEntry>\n        <outputEntry id=\"stricter-11\"")
                .replace(
                        "<outputEntry id=\"stricter-12\"><text>\"cfo\"",
                        "<outputEntry id=\"stricter-12\"><text>\"billing-manager\"");
        assertThat(TableCheck.of(DecisionTable.read(rule))).isEmpty();
        hospital.run(() -> context.getBean(TransactionTemplate.class)
                .executeWithoutResult(status -> tables.release(
                        "rule-release-approval",
                        Release.Source.DRAFT,
                        null,
                        rule,
                        "Managers are asked too",
                        hospital.user(Role.ANALYST).value(),
                        null)));
        UUID request = requestStricterTable();

        HumanTask task = awaitTask(request, -1);
        assertThat(task.candidateGroups()).containsExactlyInAnyOrder("billing-manager", "cfo");
        assertThat(context.getBean(RuleReleaseWorkers.class)
                        .escalateApproval(hospital.id().value().toString(), request.toString(), 1, "billing-manager"))
                .containsEntry("approverGroups", List.of("billing-manager"));
        as(Role.ANALYST, () -> {
            releases.withdraw(request);
            return true;
        });
    }

    @Test
    void anApprovalWhoseTaskIsEscalatedBeforeItArrivesCountsAndNobodyIsAskedAgain() {
        UUID request = requestStricterTable();
        awaitTask(request, -1);
        // Its completion finds no task, as one that arrives after the timer.
        hospital.runAs(
                Role.CFO, () -> releases.decide(request, new ApprovalDecision(4_503_599_627_370_495L, 1, true, null)));
        assertThat(state(request)).isEqualTo(ReleaseRequest.State.APPROVED);

        TestServices.stack().broker().advance(Duration.ofDays(20));

        await().atMost(PATIENCE).until(() -> state(request) == ReleaseRequest.State.RELEASED);
    }

    @Test
    void aTableThatTheEngineLostIsGivenToItAgain() {
        String xml = stricterTable();
        UserId analyst = hospital.user(Role.ANALYST);
        hospital.run(() -> context.getBean(TransactionTemplate.class)
                .executeWithoutResult(status ->
                        tables.release(DECISION, Release.Source.DRAFT, null, xml, "Stricter", analyst.value(), null)));
        Release release = hospital.call(() -> tables.required(DECISION));
        assertThat(decide(hospital, Ids.next(), 8_000))
                .as("it never had the table")
                .containsEntry("levels", List.of("billing-manager"));

        lose(release);
        assertThat(decide(hospital, Ids.next(), 8_000))
                .as("it is given the table when it is asked")
                .containsEntry("levels", List.of("billing-manager"));

        lose(release);
        tables.takePackaged(new ApplicationReadyEvent(
                new SpringApplication(), new String[0], (ConfigurableApplicationContext) context, Duration.ZERO));
        assertThat(engine.newEvaluateDecisionCommand()
                        .decisionId(release.engineId())
                        .variables(Map.of("sameCurrency", true))
                        .send()
                        .join()
                        .getDecisionId())
                .as("it is given the table when the application starts")
                .isEqualTo(release.engineId());
    }

    private void lose(Release release) {
        long key = engine.newDeployResourceCommand()
                .addResourceStringUtf8(DecisionTables.engineXml(release), release.engineId() + ".dmn")
                .send()
                .join()
                .getDecisionRequirements()
                .getFirst()
                .getDecisionRequirementsKey();
        engine.newDeleteResourceCommand(key).send().join();
        assertThatThrownBy(() -> engine.newEvaluateDecisionCommand()
                        .decisionId(release.engineId())
                        .variables(Map.of())
                        .send()
                        .join())
                .isInstanceOf(ClientStatusException.class);
    }

    @Test
    void c1_nobodyReleasesWhatTheyEdited() {
        // Both hold every authority that the rule asks for, so only their part in the draft keeps them away.
        UserId editor = person("editor", Role.ANALYST, Role.CFO);
        UserId requester = person("requester", Role.ANALYST, Role.CFO);
        Draft draft = by(editor, () -> drafts.save(DECISION, stricterTable(), 0));
        UUID request = by(
                requester,
                () -> releases.request(DECISION, draft.version(), "Refunds above 50.00 are looked at", null));
        HumanTask task = awaitTask(request, -1);

        for (UserId involved : List.of(editor, requester)) {
            assertThatThrownBy(() -> by(involved, () -> {
                        releases.decide(request, new ApprovalDecision(task.key(), 1, true, null));
                        return true;
                    }))
                    .isInstanceOfSatisfying(
                            RuleViolation.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.SELF_APPROVAL));
        }
        assertThatThrownBy(() -> hospital.runAs(
                        Role.ANALYST, () -> releases.decide(request, new ApprovalDecision(task.key(), 1, true, null))))
                .isInstanceOfSatisfying(
                        RuleViolation.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.APPROVER_LACKS_AUTHORITY));
        hospital.runAs(
                Role.CFO, () -> releases.decide(request, new ApprovalDecision(task.key(), 1, false, "Too strict")));

        await().atMost(PATIENCE).until(() -> state(request) == ReleaseRequest.State.REJECTED);
        assertThat(hospital.call(() -> tables.required(DECISION)).number()).isEqualTo(1);
        assertThat(hospital
                        .call(() -> context.getBean(io.remitflow.workflow.Timeline.class)
                                .of(RuleReleases.SUBJECT, request))
                        .stream()
                        .map(TimelineEntry::step))
                .containsSubsequence("Requested", "Needs approval", "Rejected");
    }

    @Test
    @EnabledIf(value = "io.remitflow.local.LocalBrowser#isPresent", disabledReason = LocalBrowser.MISSING)
    void aReleaseIsApprovedInTasklistWithItsForm() {
        UUID request = requestStricterTable();
        HumanTask task = awaitTask(request, -1);
        try (LocalBrowser browser = LocalBrowser.open()) {
            new TasklistDesk(browser, hospital).complete(Role.CFO, task.key(), "Decision", "Approve");
            await().atMost(PATIENCE).until(() -> state(request) == ReleaseRequest.State.RELEASED);
        }
    }

    @Test
    void h5_aReleaseAtADateHoldsFromThatDateOnAndNotBefore() {
        HumanTask probe = awaitTask(requestStricterTable(null, 0), -1);
        // Other tests move the clock of the engine: its today is later than ours.
        Instant engineNow = probe.createdAt();
        UUID first = UUID.fromString(String.valueOf(probe.variables().get("requestId")));
        hospital.runAs(
                Role.CFO, () -> releases.decide(first, new ApprovalDecision(probe.key(), 1, false, "At a date")));
        await().atMost(PATIENCE).until(() -> state(first) == ReleaseRequest.State.REJECTED);
        int seen =
                hospital.call(() -> drafts.find(DECISION)).map(Draft::version).orElse(0);
        UUID request = requestStricterTable(engineNow.plus(Duration.ofMinutes(10)), seen);
        HumanTask task = awaitTask(request, probe.key());
        assertThat(String.valueOf(task.variables().get("effectiveText"))).isNotEqualTo("at once");
        hospital.runAs(Role.CFO, () -> releases.decide(request, new ApprovalDecision(task.key(), 1, true, null)));

        await().during(Duration.ofSeconds(4))
                .atMost(PATIENCE)
                .until(() -> state(request) == ReleaseRequest.State.APPROVED);
        assertThat(decide(hospital, Ids.next(), 8_000))
                .as("the old table holds")
                .containsEntry("levels", List.of());
        TestServices.stack().broker().advance(Duration.ofMinutes(11));
        await().atMost(PATIENCE).until(() -> state(request) == ReleaseRequest.State.RELEASED);

        assertThat(decide(hospital, Ids.next(), 8_000)).containsEntry("levels", List.of("billing-manager"));
    }

    private UUID requestStricterTable() {
        return requestStricterTable(null, 0);
    }

    private UUID requestStricterTable(@Nullable Instant effectiveFrom, int seenVersion) {
        return as(Role.ANALYST, () -> {
            Draft draft = drafts.save(DECISION, stricterTable(), seenVersion);
            return releases.request(DECISION, draft.version(), "Refunds above 50.00 are looked at", effectiveFrom);
        });
    }

    private String stricterTable() {
        return hospital.call(() -> tables.required(DECISION).xml())
                .replace("]0..10000]", "]0..5000]")
                .replace("]10000..500000]", "]5000..500000]");
    }

    private UserId person(String name, Role... roles) {
        return hospital.call(() -> context.getBean(Users.class)
                .create(name + "-" + UUID.randomUUID(), name, TestHospital.PASSWORD, Set.of(roles)));
    }

    private <T> T by(UserId person, Supplier<T> work) {
        var result = new AtomicReference<T>();
        hospital.run(() -> CurrentUser.run(person, () -> result.set(work.get())));
        return result.get();
    }

    private Map<String, Object> decide(TestHospital where, UUID subject, long exposureMinor) {
        return where.call(() -> decisions.decide(
                DECISION,
                "refund",
                subject,
                Map.of(
                        "amountMinor",
                        exposureMinor,
                        "exposureMinor",
                        exposureMinor,
                        "sameCurrency",
                        true,
                        "originalMethod",
                        true)));
    }

    private List<Integer> versions(TestHospital where, UUID subject) {
        return where.call(() -> decisions.of("refund", subject)).stream()
                .map(RecordedDecision::version)
                .toList();
    }

    private ReleaseRequest.State state(UUID request) {
        return hospital.call(() -> releases.get(request)).state();
    }

    private HumanTask awaitTask(UUID request, long otherThan) {
        return awaitTask(RuleReleaseSteps.APPROVE, "requestId", request, otherThan);
    }

    private HumanTask awaitTask(String element, String variable, UUID subject, long otherThan) {
        return await().atMost(PATIENCE)
                .until(
                        () -> hospital.call(() -> tasks.open(TaskQuery.all().at(element))).stream()
                                .filter(task -> task.key() != otherThan)
                                .flatMap(task -> hospital.call(() -> tasks.find(task.key())).stream())
                                .filter(task -> subject.toString()
                                        .equals(task.variables().get(variable)))
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
    }

    private <T> T as(Role role, Supplier<T> work) {
        var result = new AtomicReference<T>();
        var user = hospital.user(role);
        hospital.run(() -> CurrentUser.run(user, () -> result.set(work.get())));
        return result.get();
    }
}

package io.remitflow.refunds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.camunda.client.CamundaClient;
import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import io.remitflow.local.CardGatewayStandIn;
import io.remitflow.local.CardGatewayStandIn.Behaviour;
import io.remitflow.local.Invariants;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.Incident;
import io.remitflow.workflow.Incidents;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** People and programs that try to get money out of a refund's process in ways it was not made for. */
@RemitflowTest
class RefundAbuseIntegrationTests {

    private static final Duration QUIET = Duration.ofSeconds(120);

    @Autowired
    ApplicationContext context;

    @Autowired
    Refunds refunds;

    @Autowired
    RefundApprovals approvals;

    @LocalServerPort
    int port;

    @TempDir
    Path directory;

    RefundFixture books;
    CardGatewayStandIn gateway;

    @BeforeEach
    void openHospital() {
        books = new RefundFixture(context);
        gateway = books.openGateway(directory, port);
    }

    @AfterEach
    void closeGateway() {
        gateway.close();
    }

    @Test
    void c1_sixteenApproversOverHttpGiveOneApproval() throws Exception {
        sixteenApproveAtOnce(5);
    }

    @Test
    @Tag("chaos")
    void c1_sixteenApproversOverHttpGiveOneApprovalFiftyTimes() throws Exception {
        sixteenApproveAtOnce(50);
    }

    private void sixteenApproveAtOnce(int rounds) throws Exception {
        List<TestClient> managers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            String name = "manager-" + i;
            books.hospital.run(() -> context.getBean(Users.class)
                    .create(name, name, TestHospital.PASSWORD, Set.of(Role.BILLING_MANAGER)));
            managers.add(TestClient.api(port, name + "@" + books.hospital.code(), TestHospital.PASSWORD));
        }
        for (int round = 0; round < rounds; round++) {
            String transaction = "ch_http_" + round;
            books.nextPatient();
            UUID refund = books.request(books.cardPayment("300.00", transaction), "150.00");
            books.awaitTask(refund, RefundSteps.APPROVE);
            List<Callable<Integer>> all = managers.stream()
                    .map(manager -> (Callable<Integer>) () -> approve(manager, refund))
                    .toList();
            List<Integer> answers = new ArrayList<>();
            try (var pool = Executors.newFixedThreadPool(all.size())) {
                for (var answer : pool.invokeAll(all)) {
                    answers.add(answer.get());
                }
            }
            List<Integer> oneAndConflicts = new ArrayList<>(Collections.nCopies(15, 409));
            oneAndConflicts.addFirst(200);
            assertThat(answers).containsExactlyInAnyOrderElementsOf(oneAndConflicts);
            books.awaitStatus(refund, RefundStatus.COMPLETED);
            books.hospital.run(() -> assertThat(approvals.of(refund)).hasSize(1));
            assertThat(gateway.refundsOf(transaction)).hasSize(1);
        }
        Invariants.ofTests().holdWhenQuiet(QUIET);
    }

    @Test
    void c4_twoRefundsOfSixtyOnOneHundredAtOnceAreOneAndOneConflictAndSixtyLeave() throws Exception {
        UUID payment = books.cardPayment("100.00", "ch_c4");
        gateway.behave("ch_c4", Behaviour.SUCCEED_AT_ONCE);
        TestClient clerk = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        Callable<Integer> sixty = () -> clerk.json("POST", "/billing/payments/" + payment + "/refund", """
                        {"amount": "60.00", "reason": "overpayment", "description": "Paid twice"}""")
                .statusCode();
        List<Integer> answers = new ArrayList<>();
        try (var pool = Executors.newFixedThreadPool(2)) {
            for (var answer : pool.invokeAll(List.of(sixty, sixty))) {
                answers.add(answer.get());
            }
        }

        assertThat(answers).containsExactlyInAnyOrder(201, 409);
        List<Refund> made =
                books.hospital.call(() -> refunds.list(new RefundFilter(null, false, null, payment, null, 50)));
        assertThat(made).hasSize(1);
        books.awaitStatus(made.getFirst().id(), RefundStatus.COMPLETED);
        assertThat(gateway.refundsOf("ch_c4"))
                .singleElement()
                .satisfies(booked -> assertThat(booked.amount()).isEqualTo(6_000));
        Invariants.ofTests().holdWhenQuiet(QUIET);
    }

    /** Whoever hears that the engine is busy asks again. */
    private static int approve(TestClient manager, UUID refund) {
        int status = 503;
        for (int attempt = 0; status == 503 && attempt < 20; attempt++) {
            status = manager.json(
                            "POST",
                            "/billing/refunds/" + refund + "/approval",
                            "{\"decision\": \"approve\", \"version\": 1}")
                    .statusCode();
        }
        return status;
    }

    @Test
    void c8_whoeverCompletesTheTaskAtTheEngineItselfMovesNoMoney() throws Exception {
        UUID refund = books.request(books.cardPayment("9000.00", "ch_engine"), "6000.00");
        HumanTask first = books.awaitTask(refund, RefundSteps.APPROVE);

        assertThat(completeAtTheEngine(first)).isEqualTo(204);
        HumanTask second = books.awaitOtherTask(refund, RefundSteps.APPROVE, first);
        assertThat(completeAtTheEngine(first)).isEqualTo(404);

        assertThat(second.variables())
                .containsEntry("orgId", books.hospital.id().toString())
                .containsEntry("refundId", refund.toString())
                .containsEntry("levelCount", 2)
                .containsEntry("level", 1)
                .containsEntry("refundMethod", "credit_card_reversal");
        books.awaitVariable(second, "refusalReason", "");
        assertThat(second.candidateGroups()).containsExactly("billing-manager");
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.PENDING);
        books.hospital.run(() -> assertThat(approvals.of(refund)).isEmpty());
        assertThat(gateway.refundsOf("ch_engine")).isEmpty();
        Invariants.ofTests().holdWhenQuiet(QUIET);
    }

    @Test
    void c8_aProcessThatSomebodyStartsAtItsMoneyStepMovesNoMoney() {
        UUID refund = books.request(books.cardPayment("9000.00", "ch_step"), "6000.00");
        books.awaitTask(refund, RefundSteps.APPROVE);
        var engine = context.getBean(CamundaClient.class);
        var incidents = context.getBean(Incidents.class);

        for (String step : List.of("issue-refund", "complete-refund")) {
            long instance = engine.newCreateInstanceCommand()
                    .bpmnProcessId(RefundSteps.PROCESS)
                    .latestVersion()
                    .startBeforeElement(step)
                    .variables(Map.of(
                            "orgId",
                            books.hospital.id().toString(),
                            "refundId",
                            refund.toString(),
                            "refundMethod",
                            "credit_card_reversal",
                            "verification",
                            "approved",
                            "levelCount",
                            0))
                    .send()
                    .join()
                    .getProcessInstanceKey();
            Incident refused = await().atMost(QUIET)
                    .until(() -> books.hospital.call(incidents::open), open -> !open.isEmpty())
                    .getFirst();
            assertThat(refused.elementId()).isEqualTo(step);
            assertThat(refused.processInstanceKey()).isEqualTo(instance);
            assertThat(refused.code()).isEqualTo("refund-not-in-state");
            engine.newCancelInstanceCommand(instance).send().join();
            books.hospital.runAs(Role.BILLING_MANAGER, () -> incidents.retry(refused.id()));
        }

        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.PENDING);
        books.hospital.run(() -> assertThat(approvals.of(refund)).isEmpty());
        assertThat(gateway.refundsOf("ch_step")).isEmpty();
        Invariants.ofTests().hold();
    }

    @Test
    void e7_workersOfTwoInterleavedOrganizationsKeepThemApart() throws Exception {
        var other = new RefundFixture(context);
        List<Callable<UUID>> requests = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            RefundFixture hospital = i % 2 == 0 ? books : other;
            String transaction = "ch_" + hospital.hospital.code() + "_" + i;
            String amount = i % 2 == 0 ? "11.00" : "12.00";
            gateway.behave(transaction, Behaviour.SUCCEED_AT_ONCE);
            UUID payment = hospital.cardPayment(amount, transaction);
            requests.add(() -> hospital.request(payment, amount));
        }
        try (var pool = Executors.newFixedThreadPool(requests.size())) {
            for (var request : pool.invokeAll(requests)) {
                request.get();
            }
        }

        for (RefundFixture hospital : List.of(books, other)) {
            List<Refund> own = hospital.hospital.call(
                    () -> refunds.list(new RefundFilter(null, false, hospital.account, null, null, 50)));
            assertThat(own).hasSize(8);
            own.forEach(refund -> hospital.awaitStatus(refund.id(), RefundStatus.COMPLETED));
            assertThat(own)
                    .extracting(Refund::amount)
                    .containsOnly(RefundFixture.usd(hospital == books ? "11.00" : "12.00"));
            own.forEach(refund -> assertThat(gateway.refundsOf(transactionOf(hospital, refund)))
                    .singleElement()
                    .satisfies(booked -> assertThat(booked.amount())
                            .isEqualTo(refund.amount().getAmountMinorLong())));
        }
        // and without an organization there is nothing to see
        assertThat(refunds.list(new RefundFilter(null, false, null, null, null, 1)))
                .isEmpty();
        Invariants.ofTests().holdWhenQuiet(QUIET);
    }

    private String transactionOf(RefundFixture hospital, Refund refund) {
        return String.valueOf(hospital.hospital
                .call(() ->
                        context.getBean(io.remitflow.payments.Payments.class).get(refund.paymentId()))
                .gatewayTransactionId());
    }

    /** As anybody could who reaches the engine's port, with whatever variables they like. */
    private static int completeAtTheEngine(HumanTask task) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("%s/v2/user-tasks/%d/completion"
                        .formatted(TestServices.stack().broker().restAddress(), task.key())))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("""
                        {"variables": {"decision": "approve", "comment": "", "levelCount": 0, "level": 9,
                         "verification": "approved", "refundMethod": "cash", "orgId": "%s", "refundId": "%s"}}
                        """.formatted(UUID.randomUUID(), UUID.randomUUID())))
                .build();
        try (var http = HttpClient.newHttpClient()) {
            return http.send(request, BodyHandlers.discarding()).statusCode();
        }
    }
}

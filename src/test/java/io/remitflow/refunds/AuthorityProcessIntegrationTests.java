package io.remitflow.refunds;

import static io.remitflow.refunds.RefundFixture.today;
import static io.remitflow.refunds.RefundFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Delegations;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.local.CardGatewayStandIn;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.workflow.Approval;
import io.remitflow.workflow.HumanTask;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Splitting, lent authority and approvals together, with the real engine and over HTTP. */
@RemitflowTest
class AuthorityProcessIntegrationTests {

    private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

    @Autowired
    ApplicationContext context;

    @Autowired
    Refunds refunds;

    @Autowired
    RefundApprovals approvals;

    @Autowired
    PatientAccounts accounts;

    @Autowired
    Payments payments;

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
    void c6_aRefundSplitOverAccountsOfOneGuarantorIsShownWithTheOthersAndRecorded() {
        UUID mother = account("guarantor-7");
        UUID child = account("guarantor-7");
        UUID first = request(mother, "90.00", "ch_mother");
        books.awaitStatus(first, RefundStatus.COMPLETED);

        UUID second = request(child, "90.00", "ch_child");
        HumanTask task = books.awaitTask(second, RefundSteps.APPROVE);

        String number = books.refund(first).number();
        assertThat(books.refund(second).levels()).containsExactly("billing-manager");
        await().untilAsserted(() -> assertThat(
                        String.valueOf(books.task(task.key()).variables().get("splitWarnings")))
                .contains(number, "180.00 USD", "same guarantor"));
        TestClient manager = browser(Role.BILLING_MANAGER);
        assertThat(manager.get("/app/refunds/" + second).body())
                .contains("It may have been split", "href=\"/app/refunds/" + first);
        assertThat(approve(manager, second, task).statusCode()).isEqualTo(302);
        books.awaitStatus(second, RefundStatus.COMPLETED);
        books.hospital.run(() -> assertThat(approvals.of(second))
                .singleElement()
                .satisfies(approval -> assertThat(approval.warnings())
                        .anySatisfy(warning -> assertThat(warning).contains(number, "180.00 USD"))));
    }

    @Test
    void c6_tenRefundsJustBelowTheLimitOnOneAccountNeedApprovalFromTheSecondOn() {
        UUID payment = books.cardPayment("1000.00", "ch_ten");
        UUID first = books.request(payment, "99.00");
        books.awaitStatus(first, RefundStatus.COMPLETED);
        for (int i = 0; i < 9; i++) {
            UUID next = books.request(payment, "99.00");
            books.awaitTask(next, RefundSteps.APPROVE);
            assertThat(books.refund(next).levels()).containsExactly("billing-manager");
        }
    }

    @Test
    void lentAuthorityShowsTheTaskWithWhomItIsForAndIsRecordedWithTheDecision() {
        UserId manager = books.hospital.user(Role.BILLING_MANAGER);
        UserId colleague = books.hospital.user(Role.ACCOUNTING_STAFF);
        UUID refund = books.request(books.cardPayment("300.00", "ch_lent"), "120.00");
        HumanTask task = books.awaitTask(refund, RefundSteps.APPROVE);
        TestClient browser = browser(Role.ACCOUNTING_STAFF);
        assertThat(browser.get("/app/inbox").body())
                .doesNotContain(books.refund(refund).number());
        assertThat(approve(browser, refund, task).statusCode()).isEqualTo(403);

        books.hospital.run(() -> CurrentUser.run(
                manager,
                () -> context.getBean(Delegations.class)
                        .lend(
                                manager,
                                colleague,
                                Set.of(Role.BILLING_MANAGER),
                                Instant.now().minusSeconds(5),
                                Instant.now().plus(Duration.ofDays(2)),
                                "Annual leave")));

        assertThat(browser.get("/app/inbox").body())
                .contains(books.refund(refund).number(), "for " + Role.BILLING_MANAGER.title());
        assertThat(browser.get("/app/approvals").body())
                .contains(books.refund(refund).number());
        assertThat(approve(browser, refund, task).statusCode()).isEqualTo(302);
        books.awaitStatus(refund, RefundStatus.COMPLETED);
        books.hospital.run(() -> assertThat(approvals.of(refund))
                .singleElement()
                .satisfies(approval -> {
                    assertThat(approval.decidedBy()).isEqualTo(colleague);
                    assertThat(approval.onBehalfOf()).isEqualTo(manager);
                    assertThat(approval.decidedAs()).isEqualTo("billing-manager");
                }));
        assertThat(browser.get("/app/refunds/" + refund).body()).contains(" for " + Role.BILLING_MANAGER.title());
    }

    @Test
    void smallCasesAreApprovedTogetherAndThoseRefusedAreNamedOneByOne() {
        UUID one = request(account(null), "120.00", "ch_bulk_1");
        UUID another = request(account(null), "130.00", "ch_bulk_4");
        UUID large = request(account(null), "260.00", "ch_bulk_2");
        UUID own = books.as(
                Role.BILLING_MANAGER,
                () -> refunds.request(new RefundRequest(
                        payment(account(null), "150.00", "ch_bulk_3"),
                        usd("150.00"),
                        null,
                        "overpayment",
                        "Paid twice",
                        null)));
        HumanTask oneTask = books.awaitTask(one, RefundSteps.APPROVE);
        HumanTask anotherTask = books.awaitTask(another, RefundSteps.APPROVE);
        HumanTask largeTask = books.awaitTask(large, RefundSteps.APPROVE);
        HumanTask ownTask = books.awaitTask(own, RefundSteps.APPROVE);
        books.nextPatient();
        books.invoice("140.00");
        UUID beyond = request(books.account, "140.00", "ch_bulk_5");
        HumanTask beyondTask = books.awaitTask(beyond, RefundSteps.APPROVE);
        books.awaitVariable(beyondTask, "approvalReason", "afterwards the patient owes 140.00");
        TestClient manager = browser(Role.BILLING_MANAGER);
        assertThat(manager.get("/app/approvals").body())
                .contains("value=\"%d:1\"".formatted(oneTask.key()))
                .doesNotContain("value=\"%d:1\"".formatted(largeTask.key()))
                .doesNotContain("You approved");

        var answer = choose(
                manager,
                List.of(
                        oneTask.key() + ":1",
                        anotherTask.key() + ":1",
                        largeTask.key() + ":1",
                        ownTask.key() + ":1",
                        beyondTask.key() + ":1",
                        "7:1"));

        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(manager.get("/app/approvals").body())
                .contains(
                        "2 cases are approved.",
                        "Not approved:",
                        "Above 250.00 each case is decided on its own page",
                        "Whoever requested or changed a refund cannot approve it",
                        "afterwards the patient owes 140.00: look at its page",
                        "It is not open any more");
        books.awaitStatus(one, RefundStatus.COMPLETED);
        assertThat(books.refund(large).status()).isEqualTo(RefundStatus.PENDING);
        assertThat(books.refund(own).status()).isEqualTo(RefundStatus.PENDING);
        assertThat(books.refund(beyond).status()).isEqualTo(RefundStatus.PENDING);
        assertThat(manager.get("/app/refunds/" + beyond).body())
                .as("its page says it and lets it be approved alone")
                .contains("afterwards the patient owes 140.00", "value=\"approve\"");
        books.hospital.run(() -> {
            assertThat(approvals.of(one))
                    .extracting(Approval::comment)
                    .containsExactly("Approved together with others");
            assertThat(approvals.of(own)).isEmpty();
        });
        var export = manager.get("/app/approvals/export?type=refund&decision=approved");
        assertThat(export.headers().firstValue("Content-Type").orElse("")).startsWith("text/csv");
        assertThat(export.body())
                .startsWith("\"case\",\"kind\"")
                .contains("\"case id\"", "\"%s\"\r\n".formatted(one))
                .contains("\"refund %s\",\"refund\",1,1,"
                        .formatted(books.refund(one).number()));
        assertThat(manager.get("/app/approvals").body())
                .as("whoever approves together is warned as on the page of the case")
                .contains("You approved 2 requests of this requester in 7 days, together 250.00 USD");
    }

    private UUID account(@Nullable String guarantor) {
        return books.as(
                Role.BILLING_CLERK,
                () -> accounts.open(new NewPatientAccount(
                        "patient-" + UUID.randomUUID(),
                        null,
                        null,
                        null,
                        guarantor,
                        guarantor == null ? null : "self")));
    }

    private UUID payment(UUID account, String amount, String transaction) {
        return books.as(
                Role.BILLING_CLERK,
                () -> payments.record(NewPayment.card(
                        account, null, today(), usd(amount), lastFour(transaction), Gateways.SANDBOX, transaction)));
    }

    private static String lastFour(String transaction) {
        return "%04d".formatted(Math.floorMod(transaction.hashCode(), 10_000));
    }

    private UUID request(UUID account, String amount, String transaction) {
        return books.request(payment(account, amount, transaction), amount);
    }

    private TestClient browser(Role role) {
        return TestClient.browser(port).signIn(books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    private static HttpResponse<String> approve(TestClient browser, UUID refund, HumanTask task) {
        browser.get("/app/inbox");
        return browser.post(
                "/app/refunds/" + refund + "/approval",
                Map.of("task", String.valueOf(task.key()), "version", "1", "decision", "approve"));
    }

    private static HttpResponse<String> choose(TestClient browser, List<String> choices) {
        var token = TOKEN.matcher(browser.get("/app/approvals").body());
        assertThat(token.find()).isTrue();
        String form = choices.stream()
                        .map(choice -> "choice=" + URLEncoder.encode(choice, StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"))
                + "&_csrf=" + URLEncoder.encode(token.group(1), StandardCharsets.UTF_8);
        return browser.send(browser.request("/app/approvals")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form)));
    }
}

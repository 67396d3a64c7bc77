package io.remitflow.refunds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.billing.InvoiceSetting;
import io.remitflow.billing.InvoiceType;
import io.remitflow.billing.Invoices;
import io.remitflow.billing.NewInvoice;
import io.remitflow.identity.BillingSettings.Delivery;
import io.remitflow.identity.Role;
import io.remitflow.local.CardGatewayStandIn;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.TaskQuery;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;

/** A hospital with one patient account; payments and refunds in one call each. */
final class RefundFixture {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final AtomicLong TASK_KEYS = new AtomicLong(1_000);

    final TestHospital hospital;
    private final PatientAccounts accounts;
    private final Payments payments;
    private final Invoices invoices;
    private final Refunds refunds;
    private final RefundApprovals approvals;
    private final HumanTasks tasks;
    UUID account;

    RefundFixture(ApplicationContext context) {
        hospital = TestHospital.create(context);
        payments = context.getBean(Payments.class);
        invoices = context.getBean(Invoices.class);
        refunds = context.getBean(Refunds.class);
        approvals = context.getBean(RefundApprovals.class);
        tasks = context.getBean(HumanTasks.class);
        accounts = context.getBean(PatientAccounts.class);
        account = openAccount();
        hospital.user(Role.BILLING_MANAGER);
        hospital.user(Role.CFO);
    }

    /** Payments from now on are of another patient: what is refunded to one of them raises the level of the next approval. */
    void nextPatient() {
        account = openAccount();
    }

    private UUID openAccount() {
        return as(Role.BILLING_CLERK, () -> accounts.open(NewPatientAccount.of("patient-" + UUID.randomUUID())));
    }

    /**
     * Reports to this hospital. The caller closes it.
     *
     * @param port of the application
     */
    CardGatewayStandIn openGateway(Path directory, int port) {
        CardGatewayStandIn gateway = new CardGatewayStandIn(directory.resolve("gateway.json"))
                .reportTo(URI.create("http://127.0.0.1:%d/billing/payments/webhooks/%s/%s"
                        .formatted(port, Gateways.SANDBOX, hospital.code())));
        gateway.start(TestServices.partnerPort());
        return gateway;
    }

    /** The patient owes this for a visit. */
    void invoice(String amount) {
        as(Role.BILLING_CLERK, () -> {
            UUID id = invoices.draft(new NewInvoice(
                    account,
                    InvoiceType.SELF_PAY,
                    InvoiceSetting.OUTPATIENT,
                    null,
                    today(),
                    null,
                    null,
                    List.of(new NewInvoice.Line(today(), "Visit", null, 1, usd(amount), null))));
            invoices.send(id, Delivery.MAIL);
            return id;
        });
    }

    UUID cardPayment(String amount, String transaction) {
        return as(
                Role.BILLING_CLERK,
                () -> payments.record(
                        NewPayment.card(account, null, today(), usd(amount), "4242", Gateways.SANDBOX, transaction)));
    }

    UUID checkPayment(String amount) {
        return as(
                Role.BILLING_CLERK,
                () -> payments.record(NewPayment.check(account, null, today(), usd(amount), "1001")));
    }

    UUID request(UUID payment, String amount) {
        return request(payment, amount, null, null);
    }

    UUID request(UUID payment, String amount, @Nullable RefundMethod method, @Nullable String methodReason) {
        return as(
                Role.BILLING_CLERK,
                () -> refunds.request(
                        new RefundRequest(payment, usd(amount), method, "overpayment", "Paid twice", methodReason)));
    }

    /** As the rule would answer. */
    void ruleAnswers(UUID refund, String... levels) {
        hospital.run(() -> approvals.ruleAnswered(refund, refunds.get(refund).version(), List.of(levels), "Test rule"));
    }

    void decide(Role role, UUID refund, boolean approve) {
        hospital.runAs(
                role,
                () -> approvals.decide(
                        refund,
                        new ApprovalDecision(
                                TASK_KEYS.incrementAndGet(), refunds.get(refund).version(), approve, null)));
    }

    Refund refund(UUID id) {
        return hospital.call(() -> refunds.get(id));
    }

    <T> T as(Role role, Supplier<T> work) {
        AtomicReference<T> result = new AtomicReference<>();
        hospital.runAs(role, () -> result.set(work.get()));
        return result.get();
    }

    /** Of this step, as soon as the engine tells about it. */
    HumanTask awaitTask(UUID refund, String element) {
        return awaitTask(refund, element, -1);
    }

    HumanTask awaitOtherTask(UUID refund, String element, HumanTask before) {
        return awaitTask(refund, element, before.key());
    }

    private HumanTask awaitTask(UUID refund, String element, long otherThan) {
        return await().atMost(PATIENCE)
                .until(
                        () -> hospital.call(() -> tasks.open(TaskQuery.all().at(element))).stream()
                                .filter(task -> task.key() != otherThan)
                                .flatMap(task -> hospital.call(() -> tasks.find(task.key())).stream())
                                .filter(task -> refund.toString()
                                        .equals(task.variables().get("refundId")))
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
    }

    /** As the engine tells about it now, with its variables. */
    HumanTask task(long key) {
        return hospital.call(() -> tasks.find(key)).orElseThrow();
    }

    /** Tasklist learns of a task and of its variables separately. */
    void awaitVariable(HumanTask task, String name, String part) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                String.valueOf(task(task.key()).variables().get(name)))
                        .isNotBlank()
                        .contains(part));
    }

    void awaitStatus(UUID refund, RefundStatus status) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(refund(refund).status()).isEqualTo(status));
    }

    static LocalDate today() {
        return TestHospital.today();
    }

    static Money usd(String amount) {
        return Money.of(CurrencyUnit.USD, new java.math.BigDecimal(amount));
    }
}

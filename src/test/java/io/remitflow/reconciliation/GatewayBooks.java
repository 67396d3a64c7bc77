package io.remitflow.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.billing.InvoiceSetting;
import io.remitflow.billing.InvoiceType;
import io.remitflow.billing.Invoices;
import io.remitflow.billing.NewInvoice;
import io.remitflow.core.Amounts;
import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.Discrepancy;
import io.remitflow.discrepancies.DiscrepancyFilter;
import io.remitflow.discrepancies.DiscrepancyType;
import io.remitflow.identity.BillingSettings.Delivery;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.local.CardGatewayStandIn;
import io.remitflow.local.LocalSettings;
import io.remitflow.local.TestHospital;
import io.remitflow.payments.GatewayEvents;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.joda.money.CurrencyUnit;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** A hospital with payments by card, and a gateway that reports them. */
public final class GatewayBooks {

    public final TestHospital hospital;

    private final ApplicationContext context;
    private final AtomicInteger events = new AtomicInteger();

    public GatewayBooks(ApplicationContext context) {
        this(context, CurrencyUnit.USD);
    }

    public GatewayBooks(ApplicationContext context, CurrencyUnit currency) {
        this.context = context;
        this.hospital = TestHospital.create(context, currency);
    }

    /** The day that is reconciled in most tests: long enough ago that nothing of it is late. */
    public LocalDate day() {
        return hospital.call(() -> bean(Organizations.class).today()).minusDays(3);
    }

    public Instant noon() {
        return at(day(), 12, 0);
    }

    public Instant at(LocalDate day, int hour, int minute) {
        return day.atTime(hour, minute)
                .atZone(hospital.call(() -> bean(Organizations.class).current()).timeZone())
                .toInstant();
    }

    public UUID account() {
        return hospital.call(
                () -> bean(PatientAccounts.class).open(NewPatientAccount.of("patient-" + UUID.randomUUID())));
    }

    public UUID paid(String transaction, String amount) {
        return paid(account(), transaction, amount, day());
    }

    public UUID paid(UUID account, String transaction, String amount, LocalDate day) {
        return hospital.call(() -> bean(Payments.class)
                .record(NewPayment.card(
                        account, null, day, Amounts.parse(amount, "USD"), "4242", Gateways.SANDBOX, transaction)));
    }

    public void refunded(UUID payment, String amount) {
        hospital.run(() -> bean(TransactionTemplate.class)
                .executeWithoutResult(tx -> bean(Payments.class).refunded(payment, Amounts.parse(amount, "USD"))));
    }

    /** Owed by the patient from now on. */
    public void billed(UUID account, String amount) {
        hospital.runAs(Role.BILLING_CLERK, () -> {
            LocalDate today = bean(Organizations.class).today();
            Invoices invoices = bean(Invoices.class);
            invoices.send(
                    invoices.draft(new NewInvoice(
                            account,
                            InvoiceType.SELF_PAY,
                            InvoiceSetting.OUTPATIENT,
                            null,
                            today,
                            null,
                            null,
                            List.of(new NewInvoice.Line(
                                    today, "Visit", "99213", 1, Amounts.parse(amount, "USD"), null)))),
                    Delivery.PORTAL);
        });
    }

    /** As a webhook would: signed, stored, and no more than that. */
    public void charged(String transaction, String amount) {
        charged(transaction, amount, "usd", "succeeded", 0, noon(), null);
    }

    public void charged(
            String transaction,
            String amount,
            String currency,
            String status,
            long refundedMinor,
            Instant at,
            @org.jspecify.annotations.Nullable String customer) {
        told("charge." + status, at, """
                {"object": "charge", "id": "%s", "amount": %d, "amount_refunded": %d, "currency": "%s", "status": "%s",
                 "customer": %s}
                """.formatted(
                        transaction,
                        minor(amount),
                        refundedMinor,
                        currency,
                        status,
                        customer == null ? null : '"' + customer + '"'));
    }

    public void told(String type, Instant at, String object) {
        told("evt_" + events.incrementAndGet(), type, at, object);
    }

    public void told(String id, String type, Instant at, String object) {
        String body = "{\"id\": \"%s\", \"type\": \"%s\", \"created\": %d, \"data\": {\"object\": %s}}"
                .formatted(id, type, at.getEpochSecond(), object);
        String signature = CardGatewayStandIn.signature(
                body, Instant.now().getEpochSecond(), LocalSettings.GATEWAY_WEBHOOK_SECRET);
        assertThat(hospital.call(() -> bean(GatewayEvents.class)
                        .receive(
                                Gateways.SANDBOX,
                                name -> name.equals("Gateway-Signature") ? signature : null,
                                body.getBytes(StandardCharsets.UTF_8))))
                .isNotEqualTo(GatewayEvents.Receipt.REFUSED);
    }

    public ReconciliationRun run() {
        return run(Period.of(day()));
    }

    public ReconciliationRun run(Period period) {
        hospital.user(Role.BILLING_MANAGER);
        var run = new ReconciliationRun[1];
        hospital.runAs(
                Role.BILLING_MANAGER,
                () -> run[0] = bean(ReconciliationRuns.class).run(period, Trigger.PERSON));
        return Objects.requireNonNull(run[0]);
    }

    public List<Discrepancy> discrepancies() {
        return hospital.call(() -> bean(Discrepancies.class).list(DiscrepancyFilter.all()));
    }

    /** Of the unresolved. */
    public List<DiscrepancyType> types() {
        return discrepancies().stream()
                .filter(discrepancy -> !discrepancy.isResolved())
                .map(Discrepancy::type)
                .sorted()
                .toList();
    }

    public Discrepancy only() {
        assertThat(discrepancies()).hasSize(1);
        return discrepancies().getFirst();
    }

    public String text(String sql) {
        return hospital.call(() -> Objects.requireNonNull(bean(TransactionTemplate.class)
                .execute(tx ->
                        bean(JdbcClient.class).sql(sql).query(String.class).single())));
    }

    public void change(String sql) {
        hospital.run(() -> bean(TransactionTemplate.class)
                .executeWithoutResult(tx -> bean(JdbcClient.class).sql(sql).update()));
    }

    /** Everything that is booked. */
    public String ledger() {
        return text("""
                select md5(
                    (select coalesce(string_agg(e::text, ',' order by e.id), '') from accounting_journal_entries e)
                 || (select coalesce(string_agg(l::text, ',' order by l::text), '') from accounting_journal_lines l)
                 || (select coalesce(string_agg(a::text, ',' order by a.id), '') from accounting_chart_of_accounts a)
                 || (select coalesce(string_agg(t::text, ',' order by t.id), '') from billing_patient_transactions t)
                 || (select coalesce(string_agg(a::text, ',' order by a.id), '') from billing_patient_accounts a)
                 || (select coalesce(string_agg(i::text, ',' order by i.id), '') from billing_invoices i)
                 || (select coalesce(string_agg(p::text, ',' order by p.id), '') from billing_payments p))
                """);
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    private static long minor(String amount) {
        return Amounts.parse(amount, "USD").getAmountMinorLong();
    }
}

package io.remitflow.ui;

import io.remitflow.adjustments.AdjustmentApprovals;
import io.remitflow.adjustments.AdjustmentPosting;
import io.remitflow.adjustments.AdjustmentRequest;
import io.remitflow.adjustments.AdjustmentType;
import io.remitflow.adjustments.Adjustments;
import io.remitflow.billing.InvoiceSetting;
import io.remitflow.billing.InvoiceType;
import io.remitflow.billing.Invoices;
import io.remitflow.billing.NewInvoice;
import io.remitflow.core.Amounts;
import io.remitflow.identity.BillingSettings.Delivery;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Person;
import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import io.remitflow.ledger.DraftContent;
import io.remitflow.ledger.EntryType;
import io.remitflow.ledger.JournalDrafts;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.DemoHospital;
import io.remitflow.receivables.AccountFilter;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.refunds.CreditBalance;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.RefundRequest;
import io.remitflow.refunds.Refunds;
import io.remitflow.remittance.Remittances;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.context.ApplicationContext;

/** The demo hospital after its samples arrived: a row of every kind that the pages show, and someone with every role. */
final class BusyHospital {

    static final String BOSS = "boss";

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private BusyHospital() {}

    static OrganizationId open(ApplicationContext context) {
        String code = "busy-%d-%d".formatted(ProcessHandle.current().pid(), NUMBER.incrementAndGet());
        var id = DemoHospital.load(context, code);
        CurrentOrganization.run(id, () -> {
            context.getBean(Users.class).create(BOSS, "Boss", DemoHospital.PASSWORD, EnumSet.allOf(Role.class));
            receiveSamples(context.getBean(Remittances.class));
            var clerk = context.getBean(Users.class).all().stream()
                    .filter(person -> person.username().equals("clerk"))
                    .map(Person::id)
                    .findFirst()
                    .orElseThrow();
            CurrentUser.run(clerk, () -> {
                requestRefund(context);
                draft(context);
                creditAnInvoice(context);
            });
        });
        return id;
    }

    private static void receiveSamples(Remittances remittances) {
        try (var samples = Files.list(Path.of("samples", "835"))) {
            for (Path sample : samples.sorted().toList()) {
                try (var bytes = Files.newInputStream(sample)) {
                    remittances.receive("era-test", String.valueOf(sample.getFileName()), bytes);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requestRefund(ApplicationContext context) {
        for (CreditBalance credit : context.getBean(CreditBalances.class).list(CreditBalance.State.OPEN, 50)) {
            var payment = credit.paymentId();
            if (payment != null) {
                context.getBean(Refunds.class)
                        .request(new RefundRequest(
                                payment, credit.amount(), null, "overpayment", "The payer paid more", null));
                return;
            }
        }
        throw new IllegalStateException("no credit that a payment explains");
    }

    private static void creditAnInvoice(ApplicationContext context) {
        var invoices = context.getBean(Invoices.class);
        var adjustments = context.getBean(Adjustments.class);
        var account = context.getBean(PatientAccounts.class)
                .list(new AccountFilter(null, null, AccountFilter.Balance.ANY, null, 1))
                .getFirst()
                .id();
        var today = context.getBean(Organizations.class).today();
        var invoice = invoices.draft(new NewInvoice(
                account,
                InvoiceType.SELF_PAY,
                InvoiceSetting.OUTPATIENT,
                null,
                today,
                null,
                null,
                List.of(new NewInvoice.Line(today, "Visit", "99213", 1, Amounts.parse("5000.00", "USD"), null))));
        invoices.send(invoice, Delivery.PORTAL);
        var memo = adjustments.request(new AdjustmentRequest(
                account,
                null,
                Responsibility.PATIENT,
                AdjustmentType.CREDIT_MEMO,
                Amounts.parse("20.00", "USD"),
                "Billed twice",
                invoice));
        context.getBean(AdjustmentApprovals.class).ruleAnswered(memo, 1, List.of(), "Below 50.00 in 7 days");
        context.getBean(AdjustmentPosting.class).post(memo);
    }

    private static void draft(ApplicationContext context) {
        var amount = Amounts.parse("12.00", "USD");
        context.getBean(JournalDrafts.class)
                .create(
                        new DraftContent(
                                context.getBean(Organizations.class).today(),
                                EntryType.STANDARD,
                                null,
                                "Supplies",
                                List.of(
                                        new NewEntry.Line(StandardAccount.PETTY_CASH.code(), false, amount, null),
                                        new NewEntry.Line(StandardAccount.CASH_OPERATING.code(), true, amount, null))),
                        null);
    }
}

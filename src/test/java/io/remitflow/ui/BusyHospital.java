package io.remitflow.ui;

import io.remitflow.adjustments.AdjustmentApprovals;
import io.remitflow.adjustments.AdjustmentPosting;
import io.remitflow.adjustments.AdjustmentRequest;
import io.remitflow.adjustments.AdjustmentType;
import io.remitflow.adjustments.Adjustments;
import io.remitflow.bank.BankAccounts;
import io.remitflow.bank.BankLine;
import io.remitflow.bank.BankStatements;
import io.remitflow.bank.LineUse;
import io.remitflow.bank.ManualMatches;
import io.remitflow.billing.InvoiceSetting;
import io.remitflow.billing.InvoiceType;
import io.remitflow.billing.Invoices;
import io.remitflow.billing.NewInvoice;
import io.remitflow.checks.CheckConfirmations;
import io.remitflow.checks.CheckFields;
import io.remitflow.checks.CheckMails;
import io.remitflow.checks.CheckPackets;
import io.remitflow.checks.Checks;
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
import io.remitflow.local.Ports;
import io.remitflow.local.StripeStandIn;
import io.remitflow.payments.Checkouts;
import io.remitflow.payments.DepositMethod;
import io.remitflow.payments.Deposits;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.PaymentMethod;
import io.remitflow.payments.Payments;
import io.remitflow.payments.UndepositedReceipt;
import io.remitflow.receivables.AccountFilter;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.reconciliation.BankReconciliations;
import io.remitflow.reconciliation.Period;
import io.remitflow.reconciliation.ReconciliationRuns;
import io.remitflow.reconciliation.Trigger;
import io.remitflow.refunds.CreditBalance;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.RefundRequest;
import io.remitflow.refunds.Refunds;
import io.remitflow.remittance.Remittances;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** The demo hospital after its samples arrived: a row of every kind that the pages show, and someone with every role. */
public final class BusyHospital {

    static final String BOSS = "boss";

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static @Nullable OrganizationId shared;

    private BusyHospital() {}

    /** One for all tests of this JVM that do not spoil it. */
    public static synchronized OrganizationId shared(ApplicationContext context) {
        if (shared == null) {
            shared = open(context);
        }
        return shared;
    }

    static OrganizationId open(ApplicationContext context) {
        String code = "busy-%d-%d".formatted(ProcessHandle.current().pid(), NUMBER.incrementAndGet());
        var id = DemoHospital.load(context, code);
        CurrentOrganization.run(id, () -> {
            var boss =
                    context.getBean(Users.class).create(BOSS, "Boss", DemoHospital.PASSWORD, EnumSet.allOf(Role.class));
            receiveSamples(context.getBean(Remittances.class));
            receiveStatements(context.getBean(BankStatements.class));
            CurrentUser.run(boss, () -> bookAFee(context.getBean(ManualMatches.class)));
            var clerk = context.getBean(Users.class).all().stream()
                    .filter(person -> person.username().equals("clerk"))
                    .map(Person::id)
                    .findFirst()
                    .orElseThrow();
            receiveChecks(context);
            CurrentUser.run(clerk, () -> {
                requestRefund(context);
                draft(context);
                creditAnInvoice(context);
                reconcile(context);
                payOnline(context);
                announcePayout(context);
                prepareADeposit(context);
            });
        });
        return id;
    }

    /** A checkout that no gateway has heard of yet, and a payment that is disputed. */
    private static void payOnline(ApplicationContext context) {
        var account = context.getBean(PatientAccounts.class)
                .list(new AccountFilter(null, null, AccountFilter.Balance.ANY, null, 1))
                .getFirst()
                .id();
        context.getBean(Gateways.class)
                .register(
                        Gateways.STRIPE,
                        "Stripe",
                        URI.create("http://127.0.0.1:" + Ports.CLOSED),
                        StripeStandIn.API_KEY,
                        StripeStandIn.WEBHOOK_SECRET,
                        true);
        context.getBean(Checkouts.class).start(account, null, Amounts.parse("15.00", "USD"));
        var payment = context.getBean(Payments.class)
                .record(NewPayment.card(
                        account,
                        null,
                        context.getBean(Organizations.class).today(),
                        Amounts.parse("16.00", "USD"),
                        "5557",
                        Gateways.STRIPE,
                        "pi_busy"));
        context.getBean(TransactionTemplate.class)
                .executeWithoutResult(transaction -> context.getBean(JdbcClient.class)
                        .sql("""
                                insert into billing_disputes (org_id, id, dispute_number, payment_id, account_id,
                                    gateway_provider, gateway_dispute_id, amount, currency, reason, status, opened_at, changed_at)
                                values (:org, gen_random_uuid(), 'DP-2026-000001', :payment, :account, 'stripe', 'du_busy', 1600,
                                    'USD', 'fraudulent', 'inquiry', now(), now())
                                """)
                        .param("org", CurrentOrganization.id().value())
                        .param("payment", payment)
                        .param("account", account)
                        .update());
    }

    /** A payout whose transactions the gateway has not listed yet. */
    private static void announcePayout(ApplicationContext context) {
        context.getBean(TransactionTemplate.class)
                .executeWithoutResult(transaction -> context.getBean(JdbcClient.class)
                        .sql("""
                                insert into payments_payouts (org_id, id, payout_number, gateway_provider, gateway_payout_id,
                                    amount, currency, status, automatic, arrives_on, issued_at, state, first_seen_at, checked_at)
                                values (:org, gen_random_uuid(), 'PO-2026-000001', 'stripe', 'po_busy', 1500, 'USD', 'pending',
                                    true, current_date + 2, now(), 'collecting', now(), now())
                                """)
                        .param("org", CurrentOrganization.id().value())
                        .update());
    }

    /** Of the checks; cash still waits. */
    private static void prepareADeposit(ApplicationContext context) {
        var account = context.getBean(PatientAccounts.class)
                .list(new AccountFilter(null, null, AccountFilter.Balance.ANY, null, 1))
                .getFirst()
                .id();
        var today = context.getBean(Organizations.class).today();
        context.getBean(Payments.class)
                .record(new NewPayment(
                        account,
                        null,
                        today,
                        Amounts.parse("20.00", "USD"),
                        PaymentMethod.CASH,
                        null,
                        null,
                        null,
                        null));
        var deposits = context.getBean(Deposits.class);
        deposits.prepare(new Deposits.NewDeposit(
                DepositMethod.CHECK,
                deposits.accounts().getFirst().id(),
                today,
                "4711",
                deposits.waiting().stream()
                        .filter(receipt -> receipt.method() == DepositMethod.CHECK)
                        .map(UndepositedReceipt::key)
                        .toList()));
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

    /** Of what they show some is settled, some is suggested, some is explained by nothing, and one file is rejected. */
    private static void receiveStatements(BankStatements statements) {
        try (var samples = Files.list(Path.of("samples", "bank"))) {
            for (Path sample : samples.sorted().toList()) {
                try (var bytes = Files.newInputStream(sample)) {
                    statements.receive("bank-test", String.valueOf(sample.getFileName()), bytes, null);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A line that nothing of ours waits for. */
    private static void bookAFee(ManualMatches matching) {
        var fee = matching.lines(ManualMatches.Search.ANY, 200).stream()
                .filter(line -> line.amount().isNegative() && line.state() == BankLine.State.SUSPENSE)
                .findFirst()
                .orElseThrow();
        matching.book(fee.id(), LineUse.BANK_FEE, "Price list of the bank");
    }

    /** One check that waits, one that is confirmed with a remainder, and a payer that people picked. */
    private static void receiveChecks(ApplicationContext context) {
        var manager = context.getBean(Users.class).all().stream()
                .filter(person -> person.username().equals("manager"))
                .map(Person::id)
                .findFirst()
                .orElseThrow();
        CurrentUser.run(manager, () -> {
            var mails = context.getBean(CheckMails.class);
            mails.addSender("@lockbox.example");
            mails.receive(
                    "mx.example.org",
                    "From: scanner@example.org\r\nSubject: Scans\r\n\r\nNothing".getBytes(StandardCharsets.US_ASCII));
            var packets = context.getBean(CheckPackets.class);
            var checks = context.getBean(Checks.class);
            try (var bytes = Files.newInputStream(Path.of("samples", "checks", "01-two-checks.pdf"))) {
                var packet = Objects.requireNonNull(packets.receive("check-upload", "01-two-checks.pdf", bytes)
                        .packetId());
                packets.read(packet);
                var staged = checks.ofPacket(packet);
                var second = staged.get(1);
                var facility = context.getBean(PatientAccounts.class)
                        .byNumber("FAC-2003")
                        .orElseThrow();
                var picked = checks.change(
                        second.id(),
                        second.version(),
                        CheckFields.of(second)
                                .withFacilities(Set.of(facility.id()))
                                .withAmount(Amounts.parse("1500.00", "USD")));
                context.getBean(CheckConfirmations.class)
                        .confirm(second.id(), new CheckConfirmations.Confirmation(picked.version(), null, true, null));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
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
        var account = anAccount(context);
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

    /** A payment by card that no gateway has told about. */
    private static void reconcile(ApplicationContext context) {
        var today = context.getBean(Organizations.class).today();
        context.getBean(Payments.class)
                .record(NewPayment.card(
                        anAccount(context),
                        null,
                        today,
                        Amounts.parse("35.00", "USD"),
                        "4242",
                        Gateways.SANDBOX,
                        "ch_busy"));
        // Within the last hour of a day it belongs to the next one.
        context.getBean(ReconciliationRuns.class).run(new Period(today, today.plusDays(1)), Trigger.PERSON);
        var bankPeriods = context.getBean(BankReconciliations.class);
        UUID account = context.getBean(BankAccounts.class).list().getFirst().id();
        bankPeriods.start(account, bankPeriods.nextStart(account).orElseThrow());
    }

    private static UUID anAccount(ApplicationContext context) {
        return context.getBean(PatientAccounts.class)
                .list(new AccountFilter(null, null, AccountFilter.Balance.ANY, null, 1))
                .getFirst()
                .id();
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

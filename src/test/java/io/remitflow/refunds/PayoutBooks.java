package io.remitflow.refunds;

import static io.remitflow.refunds.RefundFixture.usd;

import io.remitflow.identity.Role;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import java.time.LocalTime;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;

/** A hospital whose bank carries its ACH files, and refunds that wait to be paid out. */
final class PayoutBooks {

    static final String ROUTING = "021000021";

    final RefundFixture books;
    final UUID account;
    private final ApplicationContext context;

    PayoutBooks(ApplicationContext context) {
        this.context = context;
        books = new RefundFixture(context);
        account = books.as(
                Role.BILLING_CLERK,
                () -> bean(PatientAccounts.class)
                        .open(new NewPatientAccount("patient-" + UUID.randomUUID(), null, "Núñez", "Ana", null, null)));
        books.hospital.runAs(
                Role.CFO,
                () -> bean(AchOriginators.class)
                        .change(new AchOriginator(
                                "091000019",
                                "FIRST BANK",
                                "1123456789",
                                "RIVERSIDE HOSPITAL",
                                "RIVERSIDE HOSP",
                                "1123456789",
                                "REFUND",
                                LocalTime.of(15, 0),
                                2)));
        books.hospital.user(Role.ACCOUNTING_STAFF);
    }

    /** Another patient of the same hospital. */
    PayoutBooks(ApplicationContext context, RefundFixture books) {
        this.context = context;
        this.books = books;
        account = books.as(
                Role.BILLING_CLERK,
                () -> context.getBean(PatientAccounts.class)
                        .open(NewPatientAccount.of("patient-" + UUID.randomUUID())));
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    UUID bankAccount(String number) {
        return books.as(
                Role.BILLING_CLERK, () -> bean(AchDestinations.class).enter(account, ROUTING, number, "checking"));
    }

    /** Of this account, requested and not decided. */
    UUID requested(RefundMethod method, String amount) {
        UUID payment = books.as(
                Role.BILLING_CLERK,
                () -> bean(Payments.class)
                        .record(NewPayment.check(account, null, RefundFixture.today(), usd(amount), "1001")));
        return books.request(payment, amount, method, method == RefundMethod.CHECK ? null : "The patient asked for it");
    }

    /** Approved by the manager and waiting to be paid out. */
    UUID approved(RefundMethod method, String amount) {
        UUID refund = requested(method, amount);
        books.ruleAnswers(refund, "billing-manager");
        books.decide(Role.BILLING_MANAGER, refund, true);
        books.hospital.run(() -> bean(RefundPayouts.class).awaitPayout(refund));
        return refund;
    }

    /** Paid out by check and in the books. */
    RefundCheck paidByCheck(String amount, @Nullable String number, long task) {
        UUID refund = approved(RefundMethod.CHECK, amount);
        payOut(refund, task, number == null ? "" : number);
        books.hospital.run(() -> bean(RefundBooking.class).complete(refund));
        return books.hospital
                .call(() -> bean(RefundChecks.class).ofRefund(refund))
                .getLast();
    }

    void payOut(UUID refund, long task, String reference) {
        books.hospital.runAs(
                Role.ACCOUNTING_STAFF, () -> bean(RefundPayouts.class).payOut(refund, task, reference));
    }

    AchBatch release(Role role) {
        UUID id = books.as(role, () -> bean(AchBatches.class).release());
        return books.hospital.call(() -> bean(AchBatches.class).get(id));
    }

    Money clearing(String kind, String value) {
        return books.hospital.call(() -> bean(Clearing.class)
                .balance(StandardAccount.OUTGOING_PAYMENTS_CLEARING, new ClearingReference(kind, value)));
    }
}

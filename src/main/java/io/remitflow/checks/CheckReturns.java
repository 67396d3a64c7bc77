package io.remitflow.checks;

import io.remitflow.billing.InvoicePayments;
import io.remitflow.billing.Invoices;
import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.ledger.Journal;
import io.remitflow.payments.Payment;
import io.remitflow.payments.PaymentAllocation;
import io.remitflow.payments.PaymentStatus;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.workflow.Timeline;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.joda.money.Money;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Checks that the bank did not pay. What they paid is owed again, as old as it was; nothing that was booked is changed, the
 * opposite is booked.
 */
@Service
@Transactional
public class CheckReturns {

    private final PaperCheckRows rows;
    private final Checks checks;
    private final ApplicationRows applications;
    private final Journal journal;
    private final Payments payments;
    private final PatientAccounts accounts;
    private final InvoicePayments invoicePayments;
    private final Invoices invoices;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;

    CheckReturns(
            PaperCheckRows rows,
            Checks checks,
            ApplicationRows applications,
            Journal journal,
            Payments payments,
            PatientAccounts accounts,
            InvoicePayments invoicePayments,
            Invoices invoices,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit) {
        this.rows = rows;
        this.checks = checks;
        this.applications = applications;
        this.journal = journal;
        this.payments = payments;
        this.accounts = accounts;
        this.invoicePayments = invoicePayments;
        this.invoices = invoices;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
    }

    /** Once; what it paid is owed again, and what of it was refunded meanwhile too. */
    public void returned(UUID id, CheckReturnCode code, String note) {
        checks.requirePermission(Permission.CHECKS_CONFIRM);
        book(id, code, note);
    }

    /** As {@link #returned}, for whoever sees the line of the bank that says so. */
    void returnedByBank(UUID id, CheckReturnCode code, String note) {
        checks.requirePermission(Permission.BANK_RECONCILE);
        book(id, code, note);
    }

    /** What of a check was refunded before it came back: it left twice. */
    @Transactional(readOnly = true)
    public Optional<Money> refundedBefore(UUID id) {
        return applications.ofCheck(id).stream()
                .map(CheckApplication::paymentId)
                .distinct()
                .map(payments::get)
                .filter(payment -> payment.status() == PaymentStatus.RETURNED)
                .map(Payment::refunded)
                .reduce(Money::plus)
                .filter(Money::isPositive);
    }

    private void book(UUID id, CheckReturnCode code, String note) {
        PaperCheck check = rows.lock(id).orElseThrow(() -> RuleViolation.notFound("the check"));
        if (check.status() != CheckStatus.CONFIRMED) {
            throw new RuleViolation(
                    Refusal.CHECK_NOT_IN_REVIEW,
                    "%s is %s, only a confirmed check comes back"
                            .formatted(check.number(), check.status().key()));
        }
        List<CheckApplication> paid = applications.ofCheck(id);
        List<UUID> recorded = paid.stream()
                .map(CheckApplication::paymentId)
                .distinct()
                .sorted()
                .toList();
        // Payments before the invoices and the accounts, as refunds do.
        recorded.forEach(payments::lock);
        invoicePayments.lock(paid.stream()
                .flatMap(application -> Stream.ofNullable(application.invoiceId()))
                .toList());
        accounts.lock(paid.stream().map(CheckApplication::facilityId).toList());
        LocalDate today = organizations.today();
        String text = "Check %s came back: %s".formatted(check.number(), code.text());
        List<UUID> entries = entries(check, paid);
        for (UUID entry : entries) {
            UUID reversal =
                    journal.takeBack(entry, text, "check-return:" + entry).id();
            paid.stream()
                    .filter(application -> application.journalEntryId().equals(entry))
                    .forEach(application -> takeBack(application, reversal, text, today));
        }
        recorded.forEach(payments::returned);
        applications
                .remainderOf(id)
                .ifPresent(remainder -> applications.changeRemaining(
                        remainder.id(), Money.zero(remainder.amount().getCurrencyUnit())));
        String why = FreeText.clean(note);
        rows.returned(id, code.name(), code.text());
        timeline.add(Checks.SUBJECT, id, "Returned", why.isEmpty() ? code.text() : code.text() + ": " + why);
        refundedBefore(id)
                .ifPresent(twice -> timeline.add(
                        Checks.SUBJECT,
                        id,
                        "Refunded before it came back",
                        "%s left twice and are owed by the account".formatted(Amounts.format(twice))));
        audit.record(
                "check-returned",
                Checks.SUBJECT,
                id.toString(),
                Map.of(
                        "code", code.name(),
                        "number", check.number(),
                        "refundedBefore",
                                refundedBefore(id).map(Money::toString).orElse("0")));
    }

    private static List<UUID> entries(PaperCheck check, List<CheckApplication> paid) {
        UUID first = Objects.requireNonNull(check.journalEntryId());
        return Stream.concat(Stream.of(first), paid.stream().map(CheckApplication::journalEntryId))
                .distinct()
                .toList();
    }

    private void takeBack(CheckApplication application, UUID reversal, String text, LocalDate today) {
        UUID invoiceId = application.invoiceId();
        if (invoiceId != null) {
            invoicePayments.takeBack(invoiceId, application.amount(), text);
        }
        UUID id = Ids.next();
        applications.insert(new CheckApplication(
                id,
                application.checkId(),
                invoiceId,
                application.invoiceNumber(),
                application.facilityId(),
                application.paymentId(),
                reversal,
                application.amount().negated(),
                text));
        accounts.record(owed(application, reversal, text, today));
    }

    /** Where it was paid, so that a share of a claim is owed again on the claim. */
    private List<AccountPosting> owed(CheckApplication application, UUID reversal, String text, LocalDate today) {
        UUID invoiceId = application.invoiceId();
        LocalDate billedOn = invoiceId == null ? null : invoices.get(invoiceId).invoiceDate();
        String key = "check-return:" + application.id();
        List<AccountPosting> owed = new ArrayList<>();
        Money rest = application.amount();
        for (PaymentAllocation part : payments.allocations(application.paymentId())) {
            if (part.claimId() != null && Objects.equals(part.invoiceId(), invoiceId)) {
                rest = rest.minus(part.amount());
                owed.add(new AccountPosting(
                        application.facilityId(),
                        today,
                        TransactionType.PAYMENT,
                        Responsibility.PATIENT,
                        part.amount(),
                        part.claimId(),
                        application.paymentId(),
                        null,
                        reversal,
                        text,
                        key + ":" + part.claimId()));
            }
        }
        owed.add(new AccountPosting(
                application.facilityId(),
                today,
                TransactionType.PAYMENT,
                Responsibility.PATIENT,
                rest,
                null,
                application.paymentId(),
                null,
                reversal,
                text,
                key,
                billedOn));
        return owed;
    }
}

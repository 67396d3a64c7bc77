package io.remitflow.checks;

import io.remitflow.billing.Invoice;
import io.remitflow.billing.InvoicePayments;
import io.remitflow.checks.CheckBooking.Share;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.Permission;
import io.remitflow.workflow.Timeline;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What of confirmed checks no invoice took, until a person says what it pays. */
@Service
@Transactional
public class CheckRemainders {

    private static final int MOST_INVOICES = 200;

    private final Checks checks;
    private final PaperCheckRows rows;
    private final ApplicationRows applications;
    private final CheckPayers payers;
    private final CheckBooking booking;
    private final InvoicePayments invoices;
    private final Timeline timeline;
    private final AuditLog audit;

    CheckRemainders(
            Checks checks,
            PaperCheckRows rows,
            ApplicationRows applications,
            CheckPayers payers,
            CheckBooking booking,
            InvoicePayments invoices,
            Timeline timeline,
            AuditLog audit) {
        this.checks = checks;
        this.rows = rows;
        this.applications = applications;
        this.payers = payers;
        this.booking = booking;
        this.invoices = invoices;
        this.timeline = timeline;
        this.audit = audit;
    }

    /** Oldest first. */
    @Transactional(readOnly = true)
    public List<CheckRemainder> open(int limit) {
        return applications.openRemainders(Math.clamp(limit, 1, 500));
    }

    @Transactional(readOnly = true)
    public Optional<Money> total() {
        return applications.openRemainderTotal();
    }

    @Transactional(readOnly = true)
    public CheckRemainder get(UUID id) {
        return applications.findRemainder(id).orElseThrow(() -> RuleViolation.notFound("the remainder"));
    }

    /** The open invoices it may pay, oldest first. */
    @Transactional(readOnly = true)
    public List<Invoice> payable(UUID id) {
        CheckRemainder remainder = get(id);
        return invoices.open(scope(remainder)).stream()
                .sorted(Comparator.comparing(Invoice::serviceTo).thenComparing(Invoice::number))
                .limit(MOST_INVOICES)
                .toList();
    }

    /**
     * Pays an invoice with some of it.
     *
     * @param seen what remained when the person looked
     * @throws RuleViolation {@link Refusal#CHANGED_MEANWHILE} if something else remains by now
     */
    public void assign(UUID id, UUID invoiceId, Money amount, Money seen) {
        checks.requirePermission(Permission.CHECKS_CONFIRM);
        PaperCheck check = rows.lock(get(id).checkId()).orElseThrow();
        CheckRemainder remainder = get(id);
        if (!remainder.remaining().equals(seen)) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE,
                    "%s remain by now, look at it again".formatted(Amounts.format(remainder.remaining())));
        }
        if (!amount.isPositive() || !amount.isSameCurrency(seen) || amount.isGreaterThan(remainder.remaining())) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "assign more than zero and at most %s".formatted(Amounts.format(remainder.remaining())));
        }
        Invoice invoice = invoices.lockOpen(scope(remainder)).stream()
                .filter(one -> one.id().equals(invoiceId))
                .findFirst()
                .orElseThrow(() -> RuleViolation.notFound("an open invoice that this money may pay"));
        booking.assigned(
                check,
                new Share(
                        invoice.id(),
                        invoice.number(),
                        invoice.accountId(),
                        amount.getAmountMinorLong(),
                        "assigned by a person from what was unapplied"));
        applications.changeRemaining(id, remainder.remaining().minus(amount));
        rows.applied(check.id(), amount.getAmountMinorLong());
        timeline.add(
                Checks.SUBJECT,
                check.id(),
                "Remainder assigned",
                "%s to %s".formatted(Amounts.format(amount), invoice.number()));
        audit.record(
                "check-remainder-assigned",
                Checks.SUBJECT,
                check.id().toString(),
                Map.of("invoice", invoice.number(), "amount", amount.toString()));
    }

    /** Null: any facility's. */
    private @Nullable Set<UUID> scope(CheckRemainder remainder) {
        UUID only = remainder.facilityId();
        if (only != null) {
            return Set.of(only);
        }
        PaperCheck check = checks.get(remainder.checkId());
        if (!check.facilities().isEmpty()) {
            return check.facilities();
        }
        String payer = check.payerName();
        PayerMatch match = payers.match(payer == null ? "" : payer);
        return match.isRecognized() && !match.coversAll() ? match.facilities() : null;
    }
}

package io.remitflow.checks;

import io.remitflow.checks.CheckAllocation.Applied;
import io.remitflow.checks.CheckBooking.Share;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.workflow.Timeline;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/** A person says that a check is what its fields say; in the same transaction all of it is booked, or nothing. */
@Service
public class CheckConfirmations {

    /** UCC 3-311: within so many days of its payment, repaying it undoes the settlement. */
    private static final int DAYS_TO_REPAY = 90;

    private static final int MOST_SETTLING = 100;

    private final Checks checks;
    private final PaperCheckRows rows;
    private final ApplicationRows applications;
    private final CheckProposals proposals;
    private final CheckPayers payers;
    private final CheckBooking booking;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;

    CheckConfirmations(
            Checks checks,
            PaperCheckRows rows,
            ApplicationRows applications,
            CheckProposals proposals,
            CheckPayers payers,
            CheckBooking booking,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions) {
        this.checks = checks;
        this.rows = rows;
        this.applications = applications;
        this.proposals = proposals;
        this.payers = payers;
        this.booking = booking;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
    }

    /**
     * What was looked at.
     *
     * @param version of the check
     * @param seen of the preview, so that neither what it pays nor what is doubtful is another; null: whatever the rules say now
     * @param acknowledged whether the person saw the doubts
     */
    public record Confirmation(
            int version,
            @Nullable String seen,
            boolean acknowledged,
            @Nullable String comment) {}

    /**
     * The allocation is computed anew under the locks, with the rules of the preview.
     *
     * @throws RuleViolation {@link Refusal#CHECK_NOT_IN_REVIEW} if somebody decided already,
     *     {@link Refusal#CHANGED_MEANWHILE} if it would book something else than was shown,
     *     {@link Refusal#CHECK_NOT_CONFIRMABLE} if a doubt stands in the way
     */
    public void confirm(UUID id, Confirmation confirmation) {
        try {
            transactions.executeWithoutResult(status -> book(id, confirmation));
        } catch (RuleViolation refused) {
            // That it is like another check was found in the transaction that is gone; somebody has to decide about it.
            if (refused.refusal() == Refusal.CHECK_NOT_CONFIRMABLE) {
                checks.suspectAndTell(id);
            }
            throw refused;
        }
    }

    private void book(UUID id, Confirmation confirmation) {
        checks.requirePermission(Permission.CHECKS_CONFIRM);
        PaperCheck check = checks.inReview(id);
        if (check.version() != confirmation.version()) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "somebody changed this check, look at it again");
        }
        if (check.sentBackReason() != null) {
            throw new RuleViolation(
                    Refusal.CHECK_NOT_IN_REVIEW, "%s was sent back and is being corrected".formatted(check.number()));
        }
        checks.suspectAlone(id);
        check = checks.get(id);
        CheckFields fields = CheckFields.of(check);
        CheckPreview preview = proposals.of(check, fields, true);
        requireNoDoubts(check, preview, confirmation);
        Money amount = Objects.requireNonNull(check.amount());
        List<Share> shares = shares(Objects.requireNonNull(preview.proposal()));
        UUID entry = booking.received(check, amount, shares);
        long applied = shares.stream().mapToLong(Share::amountMinor).sum();
        if (preview.left().isPositive()) {
            UUID only = preview.singleFacility() ? onlyFacility(preview, fields) : null;
            applications.insertRemainder(id, only, preview.left());
        }
        String comment = FreeText.cleanOrNull(confirmation.comment());
        LocalDate until = preview.doubts().contains(Doubt.FULL_SETTLEMENT)
                ? organizations.today().plusDays(DAYS_TO_REPAY)
                : null;
        rows.confirmed(id, CurrentUser.id().value(), entry, applied, comment, until);
        if (preview.picked() && fields.payerName() != null) {
            payers.learn(fields.payerName(), fields.facilities());
        }
        timeline.add(
                Checks.SUBJECT,
                id,
                "Confirmed",
                "%d %s paid, %s unapplied"
                        .formatted(
                                shares.size(),
                                shares.size() == 1 ? "invoice" : "invoices",
                                Amounts.format(preview.left())));
        audit.record(
                "check-confirmed",
                Checks.SUBJECT,
                id.toString(),
                Map.of(
                        "amount", amount.toString(),
                        "appliedMinor", applied,
                        "invoices", shares.stream().map(Share::invoiceNumber).toList(),
                        "doubtsSeen", preview.doubts().stream().map(Doubt::name).toList(),
                        "entry", entry.toString()));
        if (until != null) {
            timeline.add(
                    Checks.SUBJECT,
                    id,
                    "Says that it pays everything",
                    "Repay it by %s to keep the rest of the debt".formatted(until));
        }
        checks.decided(check, "confirmed");
    }

    /** Whether it was confirmed and has to wait for its date. */
    @Transactional(readOnly = true)
    public boolean isPostDated(UUID id) {
        return isPostDated(checks.get(id));
    }

    /**
     * The date of a confirmed check was misread, and it would stay in the drawer until then.
     *
     * @throws RuleViolation {@link Refusal#CHECK_NOT_IN_REVIEW} if it waits for no date: then nothing depends on it any more
     */
    @Transactional
    public void correctDate(UUID id, LocalDate date, String reason) {
        checks.requirePermission(Permission.CHECKS_CONFIRM);
        String why = Checks.required(reason);
        PaperCheck check = rows.lock(id).orElseThrow(() -> RuleViolation.notFound("the check"));
        if (!isPostDated(check)) {
            throw new RuleViolation(Refusal.CHECK_NOT_IN_REVIEW, "%s waits for no date".formatted(check.number()));
        }
        rows.dated(id, date);
        timeline.add(Checks.SUBJECT, id, "Date corrected", "From %s to %s: %s".formatted(check.date(), date, why));
        audit.record(
                "check-date-corrected",
                Checks.SUBJECT,
                id.toString(),
                Map.of("from", String.valueOf(check.date()), "to", date.toString()));
    }

    private boolean isPostDated(PaperCheck check) {
        LocalDate date = check.date();
        return check.status() == CheckStatus.CONFIRMED && date != null && date.isAfter(organizations.today());
    }

    /** Checks that say they pay everything and may still be repaid: those whose time ends first. */
    @Transactional(readOnly = true)
    public List<PaperCheck> settling() {
        return rows.settling(organizations.today(), MOST_SETTLING);
    }

    @Transactional(readOnly = true)
    public List<CheckApplication> applications(UUID checkId) {
        return applications.ofCheck(checkId);
    }

    @Transactional(readOnly = true)
    public Optional<CheckRemainder> remainder(UUID checkId) {
        return applications.remainderOf(checkId);
    }

    private static void requireNoDoubts(PaperCheck check, CheckPreview preview, Confirmation confirmation) {
        String blocking = preview.doubts().stream()
                .filter(Doubt::isBlocking)
                .map(Doubt::text)
                .collect(Collectors.joining("; "));
        if (!blocking.isEmpty()) {
            throw new RuleViolation(
                    Refusal.CHECK_NOT_CONFIRMABLE, "%s cannot be confirmed: %s".formatted(check.number(), blocking));
        }
        if (confirmation.seen() != null && !confirmation.seen().equals(preview.seen())) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE,
                    "it would pay something else, or something else is doubtful, than was shown: look at it again");
        }
        if (preview.needsAcknowledgement() && !confirmation.acknowledged()) {
            throw new RuleViolation(
                    Refusal.CHECK_NOT_CONFIRMABLE,
                    "say that you saw what is doubtful about %s".formatted(check.number()));
        }
    }

    private static List<Share> shares(CheckProposal proposal) {
        Map<UUID, String> reasons = new HashMap<>();
        for (Suggestion suggestion : proposal.suggestions()) {
            OpenInvoice invoice = suggestion.invoice();
            if (invoice != null) {
                reasons.putIfAbsent(invoice.id(), suggestion.explanation());
            }
        }
        return proposal.allocation().applied().stream()
                .map(applied -> share(applied, reasons))
                .toList();
    }

    private static Share share(Applied applied, Map<UUID, String> reasons) {
        OpenInvoice invoice = applied.invoice();
        return new Share(
                invoice.id(),
                invoice.number(),
                invoice.facilityId(),
                applied.amountMinor(),
                reasons.getOrDefault(invoice.id(), "what was left pays the oldest invoices"));
    }

    private static UUID onlyFacility(CheckPreview preview, CheckFields fields) {
        return preview.picked()
                ? fields.facilities().iterator().next()
                : preview.payer().facilities().iterator().next();
    }
}

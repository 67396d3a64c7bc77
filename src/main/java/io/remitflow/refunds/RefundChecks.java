package io.remitflow.refunds;

import io.remitflow.claims.Payer;
import io.remitflow.claims.Payers;
import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.OrganizationCreated;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The check register: each number of a book is issued once, and each check has one state, whoever acts on it at the
 * same time. Printing, voiding, stopping, clearing and reissuing take turns on the row of the check.
 */
@Service
@Transactional
public class RefundChecks {

    private static final int MAX_REASON = 500;

    private final CheckRows rows;
    private final RefundRows refunds;
    private final RefundApprovals approvals;
    private final RefundBooking booking;
    private final CreditReturnBooking toPayer;
    private final Payers payers;
    private final PatientAccounts accounts;
    private final Organizations organizations;
    private final Users users;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    RefundChecks(
            CheckRows rows,
            RefundRows refunds,
            RefundApprovals approvals,
            RefundBooking booking,
            CreditReturnBooking toPayer,
            Payers payers,
            PatientAccounts accounts,
            Organizations organizations,
            Users users,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.rows = rows;
        this.refunds = refunds;
        this.approvals = approvals;
        this.booking = booking;
        this.toPayer = toPayer;
        this.payers = payers;
        this.accounts = accounts;
        this.organizations = organizations;
        this.users = users;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /** @param number null for the next one of the book; one that was used before is refused */
    @Transactional(propagation = Propagation.MANDATORY)
    RefundCheck issue(Refund refund, @Nullable Long number, UserId person, @Nullable UUID replaces) {
        return issue(
                new Paid(refund.id(), null, refund.accountId(), refund.amount(), refund.number()),
                number,
                person,
                replaces);
    }

    /** To a payer; as the other one. */
    @Transactional(propagation = Propagation.MANDATORY)
    RefundCheck issue(CreditBalance credit, CreditReturn paid, @Nullable Long number, UserId person) {
        return issue(paid(credit, paid), number, person, null);
    }

    private static Paid paid(CreditBalance credit, CreditReturn paid) {
        return new Paid(
                null, paid.id(), credit.accountId(), paid.amount(), paid.id().toString());
    }

    /** What a check pays: a refund, or what goes back to a payer. */
    private record Paid(
            @Nullable UUID refundId, @Nullable UUID creditReturnId, UUID accountId, Money amount, String number) {}

    private RefundCheck issue(Paid paid, @Nullable Long number, UserId person, @Nullable UUID replaces) {
        CheckBook book = rows.lockMain(clock.instant());
        long given = number == null ? free(book) : number;
        if (rows.used(book.id(), given)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "check %d of the %s was used before".formatted(given, book.name()));
        }
        RefundCheck check = new RefundCheck(
                Ids.next(),
                book.id(),
                given,
                book.main() ? Long.toString(given) : book.code() + "-" + given,
                paid.refundId(),
                paid.creditReturnId(),
                paid.accountId(),
                paid.amount(),
                organizations.today(),
                person,
                RefundCheck.State.ISSUED,
                null,
                0,
                replaces,
                null,
                1);
        rows.insert(check, clock.instant());
        rows.save(
                new CheckBook(
                        book.id(),
                        book.code(),
                        book.name(),
                        Math.max(book.nextNumber(), given + 1),
                        book.staleDays(),
                        book.main()),
                clock.instant());
        audit.record(
                "check-issued",
                "check",
                check.id().toString(),
                Map.of("number", check.reference(), "refund", paid.number(), "by", person.toString()));
        return check;
    }

    /** The check to print on the blank that carries its number; no bank numbers are on it. */
    public byte[] print(UUID id) {
        RefundCheck check = lock(id);
        require(check, check.state() == RefundCheck.State.ISSUED, "printed");
        byte[] page = CheckPrint.page(check, organizations.current().name(), payee(check), purpose(check));
        rows.printed(id);
        tell(check, check.printed() == 0 ? "Check printed" : "Check printed again", "Check " + check.reference());
        audit.record("check-printed", "check", id.toString(), Map.of("times", check.printed() + 1));
        return page;
    }

    /** It was not handed out, or came back. The money is owed again, and a person is asked how to go on. */
    public void voidCheck(UUID id, int version, String reason) {
        end(id, version, RefundCheck.State.VOIDED, reason);
    }

    /** The bank was told not to pay it. */
    public void stop(UUID id, int version, String reason) {
        end(id, version, RefundCheck.State.STOPPED, reason);
    }

    /** Another check in its place, for the same refund: lost, damaged, or stale. By whoever may pay that out. */
    public UUID reissue(UUID id, int version, String reason) {
        RefundCheck known = found(id);
        UUID refundId = known.refundId();
        return refundId == null
                ? reissueToPayer(known, version, reason)
                : reissue(refunds.lock(refundId), id, version, reason);
    }

    private UUID reissue(RefundCase refund, UUID id, int version, String reason) {
        RefundCheck check = replaceable(id, version, reason);
        Authority.toPayOut(refund.state(), approvals.ofVersion(refund.state()), person())
                .ifPresent(refused -> {
                    throw new RuleViolation(refused.refusal(), refused.reason());
                });
        rows.change(id, RefundCheck.State.REISSUED, reason.strip(), clock.instant());
        RefundCheck next = issue(refund.state(), null, CurrentUser.id(), id);
        booking.moveToCheck(refund.state(), check.reference(), next.reference());
        refund.referenceChanged(next.reference());
        refunds.save(refund.state(), clock.instant());
        note(check, "Check reissued", "%s instead of %s: %s".formatted(next.reference(), check.reference(), reason));
        return next.id();
    }

    private UUID reissueToPayer(RefundCheck known, int version, String reason) {
        CreditReturn paid = toPayer.lock(Objects.requireNonNull(known.creditReturnId()));
        RefundCheck check = replaceable(known.id(), version, reason);
        toPayer.requirePosted(paid);
        toPayer.requireMayPayOut(paid, person());
        rows.change(check.id(), RefundCheck.State.REISSUED, reason.strip(), clock.instant());
        RefundCheck next = issue(paid(toPayer.creditOf(paid), paid), null, CurrentUser.id(), check.id());
        toPayer.moveToCheck(paid, check.reference(), next.reference());
        note(check, "Check reissued", "%s instead of %s: %s".formatted(next.reference(), check.reference(), reason));
        return next.id();
    }

    private RefundCheck replaceable(UUID id, int version, String reason) {
        RefundCheck check = lock(id);
        requireVersion(check, version);
        require(check, check.state().outstanding(), "reissued");
        requireReason(reason);
        return check;
    }

    private @Nullable Person person() {
        return users.find(CurrentUser.id()).orElse(null);
    }

    /** The signed-in person saw on the statement that the bank paid it. */
    public void markCleared(UUID id, int version, LocalDate on) {
        RefundCheck check = lock(id);
        requireVersion(check, version);
        require(check, check.state().outstanding(), "cleared");
        if (on.isBefore(check.issuedOn()) || on.isAfter(organizations.today())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a check clears on a day from its issue until today");
        }
        clear(check, on, "by hand");
    }

    /**
     * A bank statement shows that a check was paid; called by whoever reads statements, in its transaction.
     *
     * @return false if no outstanding check has this number and amount: nothing was changed, and a person must look; true
     *     also if it was told before
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public boolean cleared(String reference, Money amount, LocalDate on, String bankReference) {
        RefundCheck known = rows.ofReference(reference).orElse(null);
        if (known == null) {
            return false;
        }
        RefundCheck check = lock(known.id());
        if (check.state() == RefundCheck.State.CLEARED) {
            return check.amount().isEqual(amount);
        }
        if (!check.state().outstanding() || !check.amount().isEqual(amount)) {
            return false;
        }
        clear(check, on, bankReference);
        return true;
    }

    /**
     * What the bank paid was another check, or none of ours: it is outstanding again.
     *
     * @return whether it was cleared by exactly this movement of the bank; else nothing was changed
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public boolean notCleared(String reference, LocalDate on, String bankReference) {
        RefundCheck known = rows.ofReference(reference).orElse(null);
        if (known == null || !rows.notCleared(lock(known.id()).id(), on, bankReference, clock.instant())) {
            return false;
        }
        note(known, "Check not cleared", "Check %s is outstanding again".formatted(known.reference()));
        return true;
    }

    /** Marks what is older than its book allows; repeating it changes nothing. */
    public int markStale() {
        List<RefundCheck> stale = rows.goneStale(organizations.today());
        for (RefundCheck check : stale) {
            rows.change(check.id(), RefundCheck.State.STALE, "Not cashed in time", clock.instant());
            note(
                    check,
                    "Check stale",
                    "Check %s was not cashed in time: void or reissue it".formatted(check.reference()));
        }
        return stale.size();
    }

    @Transactional(readOnly = true)
    public RefundCheck get(UUID id) {
        return found(id);
    }

    /** Newest first. */
    @Transactional(readOnly = true)
    public List<RefundCheck> list(
            RefundCheck.@Nullable State state, boolean outstandingOnly, @Nullable UUID after, int limit) {
        return rows.list(state, outstandingOnly, after, limit);
    }

    @Transactional(readOnly = true)
    public List<CheckTotal> totals() {
        return rows.totals();
    }

    /** Oldest first. */
    @Transactional(readOnly = true)
    public List<RefundCheck> ofRefund(UUID refundId) {
        return rows.ofRefund(refundId);
    }

    /** The check that took the place of one. */
    @Transactional(readOnly = true)
    public Optional<RefundCheck> replacementOf(UUID id) {
        return rows.replacementOf(id);
    }

    /** Who gets the money, and for what. */
    public record Payee(String name, String purpose, String page) {}

    /** For lists; where a name is missing it says so. */
    @Transactional(readOnly = true)
    public Payee payeeOf(RefundCheck check) {
        UUID refundId = check.refundId();
        if (refundId != null) {
            return new Payee(
                    accounts.get(check.accountId()).patientName(),
                    refunds.get(refundId).number(),
                    "/app/refunds/" + refundId);
        }
        CreditBalance credit = creditOf(check);
        return new Payee(payerOf(credit).name(), "Credit balance", "/app/credit-balances/" + credit.id());
    }

    /** The one that refunds are paid from comes first. */
    @Transactional(readOnly = true)
    public List<CheckBook> books() {
        return rows.books();
    }

    @EventListener
    void openBook(OrganizationCreated event) {
        rows.lockMain(clock.instant());
    }

    public void changeBook(UUID id, String name, long nextNumber, int staleDays) {
        CheckBook book = rows.lockBook(id);
        if (name.isBlank() || name.length() > 100 || nextNumber < 1 || nextNumber > 9_999_999_999L) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a book has a name and a next number of up to ten digits");
        }
        if (staleDays < 30 || staleDays > 730) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a check is stale after 30 to 730 days");
        }
        rows.save(new CheckBook(id, book.code(), name.strip(), nextNumber, staleDays, book.main()), clock.instant());
        audit.record(
                "check-book-changed", "settings", id.toString(), Map.of("next", nextNumber, "staleDays", staleDays));
    }

    private void end(UUID id, int version, RefundCheck.State state, String reason) {
        UUID refundId = found(id).refundId();
        if (refundId == null) {
            endToPayer(id, version, state, reason);
            return;
        }
        // The refund first, as everywhere.
        Refund refund = refunds.lock(refundId).state();
        RefundCheck check = endable(id, version, state, reason);
        if (refund.status() != RefundStatus.COMPLETED) {
            throw new RuleViolation(
                    Refusal.REFUND_NOT_IN_STATE, "refund %s is not in the books yet".formatted(refund.number()));
        }
        rows.change(id, state, reason.strip(), clock.instant());
        String first = firstOf(check).reference();
        if (!first.equals(check.reference())) {
            booking.moveToCheck(refund, check.reference(), first);
        }
        booking.takeBack(refundId, "check_" + state.key(), ended(check, state, reason));
        recordEnd(check, state);
    }

    private void endToPayer(UUID id, int version, RefundCheck.State state, String reason) {
        CreditReturn paid = toPayer.lock(Objects.requireNonNull(found(id).creditReturnId()));
        RefundCheck check = endable(id, version, state, reason);
        toPayer.requirePosted(paid);
        rows.change(id, state, reason.strip(), clock.instant());
        String first = firstOf(check).reference();
        if (!first.equals(check.reference())) {
            toPayer.moveToCheck(paid, check.reference(), first);
        }
        toPayer.takeBack(paid, ended(check, state, reason));
        recordEnd(check, state);
    }

    private RefundCheck endable(UUID id, int version, RefundCheck.State state, String reason) {
        RefundCheck check = lock(id);
        requireVersion(check, version);
        require(check, check.state().outstanding(), state.key());
        requireReason(reason);
        return check;
    }

    private static String ended(RefundCheck check, RefundCheck.State state, String reason) {
        return "Check %s was %s: %s".formatted(check.reference(), state.key(), reason);
    }

    private void recordEnd(RefundCheck check, RefundCheck.State state) {
        audit.record(
                "check-" + state.key(),
                "check",
                check.id().toString(),
                Map.of("by", CurrentUser.id().toString()));
    }

    /** The check against which the refund was booked. */
    private RefundCheck firstOf(RefundCheck check) {
        RefundCheck first = check;
        for (UUID before = first.replacesId(); before != null; before = first.replacesId()) {
            first = found(before);
        }
        return first;
    }

    private void clear(RefundCheck check, LocalDate on, String bankReference) {
        rows.cleared(check.id(), on, bankReference, clock.instant());
        note(check, "Check cleared", "Check %s of %s".formatted(check.reference(), Amounts.format(check.amount())));
    }

    private void note(RefundCheck check, String step, String text) {
        tell(check, step, text);
        audit.record(
                step.toLowerCase(java.util.Locale.ROOT).replace(' ', '-'),
                "check",
                check.id().toString(),
                Map.of());
    }

    private void tell(RefundCheck check, String step, String text) {
        UUID refundId = check.refundId();
        timeline.add(
                refundId == null ? CreditBalances.SUBJECT : Refunds.SUBJECT,
                refundId == null ? creditOf(check).id() : refundId,
                CurrentUser.find().orElse(null),
                step,
                text);
    }

    private CreditBalance creditOf(RefundCheck check) {
        return toPayer.creditOf(toPayer.get(Objects.requireNonNull(check.creditReturnId())));
    }

    private Payer payerOf(CreditBalance credit) {
        return payers.get(Objects.requireNonNull(credit.payerId()));
    }

    private String payee(RefundCheck check) {
        if (check.refundId() == null) {
            return payerOf(creditOf(check)).name();
        }
        var account = accounts.get(check.accountId());
        return payee(account.givenName(), account.familyName());
    }

    private String purpose(RefundCheck check) {
        UUID refundId = check.refundId();
        return refundId == null
                ? "Refund of a credit, account %s"
                        .formatted(accounts.get(check.accountId()).number())
                : "Refund %s of a patient payment"
                        .formatted(refunds.get(refundId).number());
    }

    private long free(CheckBook book) {
        long number = book.nextNumber();
        while (rows.used(book.id(), number)) {
            number++;
        }
        return number;
    }

    private RefundCheck found(UUID id) {
        return rows.find(id).orElseThrow(() -> RuleViolation.notFound("the check"));
    }

    private RefundCheck lock(UUID id) {
        return rows.lock(id).orElseThrow(() -> RuleViolation.notFound("the check"));
    }

    private static String payee(@Nullable String given, @Nullable String family) {
        if (family == null || family.isBlank()) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "the account has no name of its patient: a check needs a payee");
        }
        return given == null || given.isBlank() ? family : given + " " + family;
    }

    private static void requireVersion(RefundCheck check, int version) {
        if (check.version() != version) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "the check was changed after you opened it");
        }
    }

    private static void require(RefundCheck check, boolean allowed, String verb) {
        if (!allowed) {
            throw new RuleViolation(
                    Refusal.REFUND_NOT_IN_STATE,
                    "check %s is %s and cannot be %s"
                            .formatted(check.reference(), check.state().key(), verb));
        }
    }

    private static void requireReason(String reason) {
        if (reason.isBlank() || reason.length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say why, in 1 to 500 characters");
        }
        CardNumbers.requireNoneIn(reason);
    }
}

package io.remitflow.reconciliation;

import io.remitflow.bank.BankAccount;
import io.remitflow.bank.BankAccounts;
import io.remitflow.bank.BankLine;
import io.remitflow.bank.BankMatch;
import io.remitflow.bank.BankMatches;
import io.remitflow.bank.BankStatements;
import io.remitflow.bank.ClearedLines;
import io.remitflow.bank.LineUse;
import io.remitflow.bank.ManualMatches;
import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.ledger.JournalEntry;
import io.remitflow.workflow.ApprovableCases;
import io.remitflow.workflow.Approval;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.ApprovalSubject;
import io.remitflow.workflow.Approvals;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.TaskResult;
import io.remitflow.workflow.TaskResults;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Bank accounts against the books, one period after the other: one person works on what differs and completes, which needs a
 * difference of zero and every line explained or carried with a reason; another person approves.
 *
 * <p>Completing does not stop the books. What is recorded later and dated in the period shows when it is approved, which is
 * then refused, and as a difference between the figures as completed and those of today.
 */
@Service
public class BankReconciliations implements ApprovableCases {

    /** Subject of its timeline, its decisions and its audit entries. */
    public static final String SUBJECT = "bank-reconciliation";

    private static final List<String> LEVELS = List.of("accounting-staff");
    private static final UserId NOBODY = new UserId(new UUID(0, 0));
    private static final int MAX_REASON = 300;
    private static final int MAX_NOTES = 500;
    private static final int PAGE = 100;

    private final BankReconciliationRows rows;
    private final BankPositions positions;
    private final BankAccounts accounts;
    private final BankStatements statements;
    private final BankMatches matches;
    private final ManualMatches manual;
    private final ClearedLines cleared;
    private final Approvals approvals;
    private final TaskResults results;
    private final ProcessInstances instances;
    private final ProcessMessages messages;
    private final NumberSeries numbers;
    private final Organizations organizations;
    private final Users users;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    BankReconciliations(
            BankReconciliationRows rows,
            BankPositions positions,
            BankAccounts accounts,
            BankStatements statements,
            BankMatches matches,
            ManualMatches manual,
            ClearedLines cleared,
            Approvals approvals,
            TaskResults results,
            ProcessInstances instances,
            ProcessMessages messages,
            NumberSeries numbers,
            Organizations organizations,
            Users users,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions,
            Clock clock) {
        this.rows = rows;
        this.positions = positions;
        this.accounts = accounts;
        this.statements = statements;
        this.matches = matches;
        this.manual = manual;
        this.cleared = cleared;
        this.approvals = approvals;
        this.results = results;
        this.instances = instances;
        this.messages = messages;
        this.numbers = numbers;
        this.organizations = organizations;
        this.users = users;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * Begins the next period of an account, which follows the one before without a gap; the first begins with the statements.
     *
     * <p>The one before need not be completed yet; it has to be before this one can be.
     *
     * @throws RuleViolation {@link Refusal#PERIOD_OUT_OF_ORDER} if the period is begun already or lies before, {@link
     *     Refusal#STATEMENTS_INCOMPLETE} if the statements do not cover it without a break
     */
    public UUID start(UUID accountId, LocalDate end) {
        return inTransaction(() -> {
            rows.lockAccount(accountId);
            BankAccount account = accounts.get(accountId);
            requireOwnLedgerAccount(account);
            Instant now = now();
            LocalDate start = next(account, now);
            if (end.isBefore(start)) {
                throw new RuleViolation(
                        Refusal.PERIOD_OUT_OF_ORDER,
                        "the next period of %s begins on %s: %s is reconciled, or being reconciled, already"
                                .formatted(account.name(), start, end));
            }
            if (!end.isBefore(organizations.today())) {
                throw new RuleViolation(Refusal.INVALID_INPUT, "a period is reconciled when it is over");
            }
            BankFigures figures = positions.of(account, start, end, now);
            requireStatements(figures);
            UUID id = Ids.next();
            UserId person = CurrentUser.id();
            rows.insert(id, numbers.next("BK"), figures, person, now);
            BankReconciliation begun = rows.get(id);
            timeline.add(SUBJECT, id, person, "Started", "%s, %s to %s".formatted(account.name(), start, end));
            audit.record(
                    "bank-reconciliation.started",
                    SUBJECT,
                    id.toString(),
                    Map.of("account", accountId.toString(), "start", start.toString(), "end", end.toString()));
            publish(begun);
            return id;
        });
    }

    /** When the next period of the account would begin; empty if no statement says a balance yet. */
    public Optional<LocalDate> nextStart(UUID accountId) {
        return inTransaction(() -> {
            try {
                return Optional.of(next(accounts.get(accountId), now()));
            } catch (RuleViolation refused) {
                if (refused.refusal() == Refusal.STATEMENTS_INCOMPLETE) {
                    return Optional.empty();
                }
                throw refused;
            }
        });
    }

    public BankReconciliation get(UUID id) {
        return inTransaction(() -> rows.get(id));
    }

    /** Latest period first. */
    public List<BankReconciliation> list(@Nullable UUID accountId, @Nullable UUID after, int limit) {
        return inTransaction(() -> rows.list(accountId, after, Math.clamp(limit, 1, PAGE)));
    }

    /** How many are not completed. */
    public int waiting() {
        return inTransaction(rows::waiting);
    }

    /** As completed, if it waits for an approval or has it; else as of now. */
    public BankFigures figures(UUID id) {
        BankReconciliation found = get(id);
        Instant at = found.reconciledAt();
        return figures(found, found.open() || at == null ? now() : at);
    }

    /** As known at an instant. */
    public BankFigures figures(UUID id, Instant knownAt) {
        return figures(get(id), knownAt);
    }

    /** Whether what was recorded since it was completed changes nothing of it. */
    public boolean stillHolds(UUID id) {
        return figures(id).agreesWith(figures(id, now()));
    }

    /** Its report as pages, with the figures of {@link #figures(UUID)}. */
    public byte[] pdf(UUID id) {
        return BankReportPdf.of(report(id));
    }

    /** The same as a workbook. */
    public byte[] workbook(UUID id) {
        BankReport report = report(id);
        return BankReportWorkbook.of(
                report, get(id).statement().getCurrencyUnit().getDecimalPlaces());
    }

    private BankReport report(UUID id) {
        BankReconciliation found = get(id);
        List<String> facts = new ArrayList<>();
        if (found.reconciledBy() != null && !found.open()) {
            facts.add("Completed by %s at %s".formatted(name(found.reconciledBy()), found.reconciledAt()));
        }
        if (found.approvedBy() != null) {
            facts.add("Approved by %s at %s".formatted(name(found.approvedBy()), found.approvedAt()));
        }
        if (found.notes() != null) {
            facts.add("Notes: " + found.notes());
        }
        return BankReport.of(found, figures(id), organizations.current().name(), facts);
    }

    private String name(UserId id) {
        return users.find(id).map(Person::displayName).orElse("Unknown");
    }

    /** Looks for what could explain lines in suspense; repeating it changes nothing. */
    public void match() {
        matches.suggest();
    }

    /**
     * Books a line of the period that stands in suspense, by a new entry.
     *
     * @return the match, as everything that is said of a line is one
     */
    public UUID book(UUID id, UUID lineId, String accountCode, String reason) {
        LineUse use = LineUse.ofAccount(accountCode)
                .orElseThrow(() -> new RuleViolation(
                        Refusal.INVALID_INPUT, "a bank line is not booked to account %s here".formatted(accountCode)));
        return worked(id, lineId, "Booked", () -> manual.book(lineId, use, reason), reason);
    }

    /**
     * Two lines of opposite amounts that leave nothing to explain: one takes the other back, or they are both sides of a transfer
     * between two accounts of ours.
     *
     * @return the match
     */
    public UUID offset(UUID id, UUID lineId, UUID otherLineId, String reason) {
        var both = new ManualMatches.Selection(List.of(lineId, otherLineId), List.of());
        return worked(id, lineId, "Offset", () -> manual.match(both, reason), reason);
    }

    /** As {@link ManualMatches#bookedBefore}. @return the match */
    public UUID alreadyBooked(UUID id, UUID lineId, UUID entryId, String reason) {
        return worked(id, lineId, "Booked before", () -> manual.bookedBefore(lineId, entryId, reason), reason);
    }

    /** As {@link BankMatches#accept}, of lines of the period. */
    public void accept(UUID id, UUID matchId, int alternative) {
        BankLine line = lineOf(id, matchId);
        BankMatch match = matches.get(matchId);
        if (match.status() != BankMatch.Status.ACCEPTED) {
            worked(
                    id,
                    line.id(),
                    "Match accepted",
                    () -> {
                        matches.accept(matchId, alternative);
                        return matchId;
                    },
                    match.ruleTitle());
        }
    }

    /** As {@link BankMatches#decline}, of lines of the period. */
    public void decline(UUID id, UUID matchId, String reason) {
        worked(
                id,
                lineOf(id, matchId).id(),
                "Match declined",
                () -> {
                    matches.decline(matchId, reason);
                    return matchId;
                },
                reason);
    }

    /** As {@link BankMatches#undo}, of lines of the period: whatever a person said of them. */
    public void undo(UUID id, UUID matchId, String reason) {
        worked(
                id,
                lineOf(id, matchId).id(),
                "Match undone",
                () -> {
                    matches.undo(matchId, reason);
                    return matchId;
                },
                reason);
    }

    /** As {@link ClearedLines#undo}, of a line of the period. */
    public void undoClearing(UUID id, UUID lineId, String reason) {
        worked(id, lineId, "Clearing undone", () -> cleared.undo(lineId, reason), reason);
    }

    /** What undoing one of both would do; refused if it is not of the period. */
    public BankMatches.UndoEffects undoEffects(UUID id, @Nullable UUID matchId, @Nullable UUID lineId) {
        if (matchId != null) {
            lineOf(id, matchId);
            return matches.undoEffects(matchId);
        }
        UUID line = Objects.requireNonNullElse(lineId, id);
        requireOf(get(id), statements.line(line));
        return cleared.undoEffects(line);
    }

    /** What a match booked. */
    public List<UUID> entriesOf(UUID matchId) {
        return matches.undoEffects(matchId).entries().stream()
                .map(JournalEntry::id)
                .toList();
    }

    /** Matches that hold of lines of the period, and of older lines that were matched since it was begun; the last decision first. */
    public List<BankMatch> matched(UUID id, int limit) {
        BankReconciliation found = get(id);
        return matches.acceptedOf(found.bankAccountId(), found.start(), found.end(), found.startedAt(), limit);
    }

    /** Lines of the period that were cleared by the key they carry, the latest first. */
    public List<BankLine> cleared(UUID id, int limit) {
        BankReconciliation found = get(id);
        return cleared.of(found.bankAccountId(), found.start(), found.end(), limit);
    }

    /** A line of the match that is of the period. */
    private BankLine lineOf(UUID id, UUID matchId) {
        BankReconciliation found = get(id);
        return matches.get(matchId).lines().stream()
                .filter(line -> isOf(found, line))
                .findFirst()
                .orElseThrow(() -> RuleViolation.notFound("the match in this period"));
    }

    /** What is done with a line that stays in suspense. */
    public enum LineDecision {
        /** Nobody knows yet what it is; it is looked at again in the next period. */
        CARRIED,
        /** The bank must correct it; it counts on the side of the bank until it does. */
        BANK_ERROR,
        /** Back among those that must be explained. */
        OPEN;

        public String key() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        /** @throws RuleViolation {@link Refusal#INVALID_INPUT} for anything else */
        public static LineDecision ofKey(String key) {
            for (LineDecision each : values()) {
                if (each.key().equals(key)) {
                    return each;
                }
            }
            throw new RuleViolation(Refusal.INVALID_INPUT, "a line is carried, an error of the bank, or open");
        }
    }

    public void decideLine(UUID id, UUID lineId, LineDecision decision, String reason) {
        String why = reason.strip();
        if (why.isEmpty() || why.length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 300 characters why");
        }
        worked(
                id,
                lineId,
                switch (decision) {
                    case CARRIED -> "Carried";
                    case BANK_ERROR -> "Error of the bank";
                    case OPEN -> "To be explained";
                },
                () -> {
                    BankLine line = statements.line(lineId);
                    if (line.state() != BankLine.State.SUSPENSE && line.state() != BankLine.State.SUGGESTED) {
                        throw new RuleViolation(
                                Refusal.CHANGED_MEANWHILE, "this bank line is not in suspense any more");
                    }
                    rows.insertDecision(rows.get(id), lineId, decision.key(), why, CurrentUser.id(), now());
                    return lineId;
                },
                why);
    }

    private UUID worked(UUID id, UUID lineId, String step, java.util.function.Supplier<UUID> work, String reason) {
        return inTransaction(() -> {
            BankReconciliation found = rows.lock(id);
            if (!found.open()) {
                throw notOpen(found);
            }
            BankLine line = statements.line(lineId);
            requireOf(found, line);
            UUID result = work.get();
            timeline.add(
                    SUBJECT,
                    id,
                    CurrentUser.id(),
                    step,
                    "%s %s: %s".formatted(line.bookedOn(), Amounts.format(line.amount()), reason.strip()));
            return result;
        });
    }

    private static void requireOf(BankReconciliation found, BankLine line) {
        if (!isOf(found, line)) {
            throw RuleViolation.notFound("the bank line in this period");
        }
    }

    /** Lines that were carried are worked on in a later period. */
    private static boolean isOf(BankReconciliation found, BankLine line) {
        return line.bankAccountId().equals(found.bankAccountId())
                && !line.bookedOn().isAfter(found.end());
    }

    /**
     * The signed-in person completes it on our page.
     *
     * @param version what the person saw
     * @throws RuleViolation {@link Refusal#EARLIER_PERIOD_OPEN}, {@link Refusal#STATEMENTS_INCOMPLETE} or {@link
     *     Refusal#BANK_NOT_BALANCED}
     */
    public void complete(UUID id, long taskKey, int version, String notes) {
        Person person = users.find(CurrentUser.id())
                .orElseThrow(() -> new RuleViolation(Refusal.NOT_PERMITTED, "you are not known here"));
        try {
            inTransaction(() -> {
                BankReconciliation found = lockInOrder(id);
                if (!found.open()) {
                    throw notOpen(found);
                }
                if (found.version() != version) {
                    throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "it was changed after you opened it");
                }
                require(person);
                use(id, new TaskResult(taskKey, BankReconciliationSteps.WORK, person.id(), "remitflow", null, null));
                apply(found, person, notes);
                messages.completeTask(taskKey, users.signInName(person.id()), Map.of());
                return true;
            });
        } catch (RuleViolation refused) {
            noteNotBalanced(id, refused);
            throw refused;
        }
    }

    /**
     * Takes the completed task into account, wherever that was done. Afterwards it waits for an approval, or is still open
     * with the reason, and the task comes back. Empty: the completed task is not visible yet.
     */
    public Optional<BankReconciliation> taskCompleted(UUID id, List<CompletedTask> newestFirst, long jobKey) {
        return inTransaction(() -> {
            BankReconciliation found = lockInOrder(id);
            if (!found.open() || results.foundBy(SUBJECT, id, jobKey).isPresent()) {
                return Optional.of(found);
            }
            Set<Long> used = results.used(SUBJECT, id);
            return newestFirst.stream()
                    .filter(task -> !used.contains(task.key()))
                    .findFirst()
                    .map(task -> completedElsewhere(found, task, jobKey));
        });
    }

    /** Somebody should have completed it by now. */
    public void remindToWork(UUID id, boolean escalated) {
        inTransaction(() -> {
            if (rows.get(id).open()) {
                timeline.addOnce(
                        SUBJECT,
                        id,
                        escalated ? "Escalated" : "Reminder",
                        escalated
                                ? "The reconciliation is overdue and goes to the CFO too"
                                : "The reconciliation is due and not completed");
            }
            return true;
        });
    }

    /** As {@link Approvals#decide}; approving is refused if its figures changed since it was completed. */
    public void decide(UUID id, ApprovalDecision decision) {
        if (decision.approve()) {
            obstacle(get(id)).ifPresent(reason -> {
                throw new RuleViolation(Refusal.CHANGED_MEANWHILE, reason + ": send it back");
            });
        } else if (decision.comment() == null || decision.comment().isBlank()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say why it is sent back");
        }
        approvals.decide(this, id, decision);
    }

    /** As {@link Approvals#isDecided}. */
    public boolean isDecided(UUID id, int version, int level) {
        return approvals.isDecided(inTransaction(() -> subject(id)), version, level);
    }

    /** As {@link Approvals#recorded}; what went back to be worked on is not asked for again. */
    public Optional<Verification> recorded(UUID id, int version, int level, long jobKey) {
        ApprovalSubject subject = inTransaction(() -> subject(id));
        return approvals
                .recorded(subject, version, level, jobKey)
                .map(found -> found.outcome() == Outcome.NOT_AUTHORISED && !subject.waiting()
                        ? new Verification(Outcome.CHANGED, found.reason())
                        : found);
    }

    /**
     * As {@link Approvals#lookUp}. An approval of figures that changed since is not counted: it goes back to be worked on.
     */
    public Optional<Verification> lookUp(UUID id, int level, List<CompletedTask> newestFirst, long jobKey) {
        BankReconciliation found = get(id);
        Optional<String> obstacle =
                found.status() == BankReconciliation.Status.BALANCED ? obstacle(found) : Optional.empty();
        if (obstacle.isPresent()) {
            Optional<Verification> sentBack =
                    inTransaction(() -> sentBackByTask(id, obstacle.get(), newestFirst, jobKey));
            if (sentBack.isPresent()) {
                return sentBack;
            }
        }
        return approvals.lookUp(this, id, level, newestFirst, jobKey);
    }

    /** As {@link Approvals#remind}. */
    public void remind(UUID id, boolean escalated) {
        approvals.remind(SUBJECT, id, escalated);
    }

    /** Decisions, oldest first. */
    public List<Approval> approvalsOf(UUID id) {
        return approvals.of(SUBJECT, id);
    }

    /**
     * Opens a completed period again; it needs to be completed and approved anew.
     *
     * @throws RuleViolation {@link Refusal#PERIOD_OUT_OF_ORDER} if a later period is completed: that one is opened first
     */
    public void reopen(UUID id, String reason) {
        String why = reason.strip();
        if (why.isEmpty() || why.length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 300 characters why");
        }
        inTransaction(() -> {
            BankReconciliation found = lockInOrder(id);
            if (found.status() != BankReconciliation.Status.COMPLETED) {
                throw notOpen(found);
            }
            rows.ofAccount(found.bankAccountId()).stream()
                    .filter(other -> other.start().isAfter(found.end()) && !other.open())
                    .findFirst()
                    .ifPresent(later -> {
                        throw new RuleViolation(
                                Refusal.PERIOD_OUT_OF_ORDER,
                                "%s rests on it: have that one opened first".formatted(later.number()));
                    });
            requireEnded(found);
            rows.nextRound(id, now());
            noteReconciled(found.bankAccountId());
            timeline.add(SUBJECT, id, CurrentUser.id(), "Opened again", why);
            audit.record("bank-reconciliation.reopened", SUBJECT, id.toString(), Map.of("reason", why));
            publish(rows.get(id));
            return true;
        });
    }

    @Override
    public String type() {
        return SUBJECT;
    }

    @Override
    public ApprovalSubject subject(UUID id) {
        return subject(rows.get(id));
    }

    @Override
    public Locked lock(UUID id) {
        return new LockedReconciliation(lockInOrder(id));
    }

    private ApprovalSubject subject(BankReconciliation found) {
        UserId reconciler = Objects.requireNonNullElse(found.reconciledBy(), NOBODY);
        return new ApprovalSubject(
                SUBJECT,
                found.id(),
                "bank reconciliation " + found.number(),
                found.version(),
                found.statement(),
                LEVELS,
                found.status() == BankReconciliation.Status.BALANCED,
                reconciler,
                reconciler,
                rows.workers(found),
                BankReconciliationSteps.APPROVE,
                Permission.BANK_RECONCILE);
    }

    private BankFigures figures(BankReconciliation found, Instant knownAt) {
        return inTransaction(
                () -> positions.of(accounts.get(found.bankAccountId()), found.start(), found.end(), knownAt));
    }

    /** Why what was completed cannot be approved any more. */
    private Optional<String> obstacle(BankReconciliation found) {
        if (earlierOpen(found).isPresent()) {
            return Optional.of("An earlier period was opened again");
        }
        BankFigures figures = figures(found, now());
        return figures(found.id()).agreesWith(figures)
                ? proofFails(figures)
                : Optional.of("Its figures changed after it was completed");
    }

    /** Both ends may agree though what is between them does not: two mistakes that cancel out. */
    private static Optional<String> proofFails(BankFigures figures) {
        if (figures.proof().holds()) {
            return Optional.empty();
        }
        int mismatches = figures.closing().of(BankItem.Kind.MISMATCH).size();
        if (mismatches > 0) {
            return Optional.of("The proof of cash does not hold: %s"
                    .formatted(
                            mismatches == 1
                                    ? "one movement is booked with another amount than the bank shows"
                                    : "%d movements are booked with other amounts than the bank shows"
                                            .formatted(mismatches)));
        }
        ProofOfCash.Row difference = figures.proof().difference();
        return Optional.of(
                difference.opening().isZero()
                        ? "The proof of cash does not hold: receipts differ by %s, disbursements by %s"
                                .formatted(
                                        Amounts.format(difference.receipts()),
                                        Amounts.format(difference.disbursements()))
                        : "The proof of cash does not hold: both sides differ by %s at the beginning of the period already"
                                .formatted(Amounts.format(difference.opening())));
    }

    private Optional<Verification> sentBackByTask(
            UUID id, String reason, List<CompletedTask> newestFirst, long jobKey) {
        BankReconciliation found = lockInOrder(id);
        Set<Long> used = results.used(SUBJECT, id);
        Optional<CompletedTask> completed = newestFirst.stream()
                .filter(task -> !used.contains(task.key()))
                .findFirst()
                .filter(task -> "approve".equals(task.variables().get("decision")));
        if (found.status() != BankReconciliation.Status.BALANCED || completed.isEmpty()) {
            return Optional.empty();
        }
        CompletedTask task = completed.get();
        UserId person = person(task).map(Person::id).orElse(null);
        use(id, new TaskResult(task.key(), BankReconciliationSteps.APPROVE, person, "tasklist", reason, jobKey));
        rows.notCompleted(id, BankReconciliation.Status.DISCREPANCY, reason, now());
        timeline.add(SUBJECT, id, person, "Approval not accepted", reason);
        return Optional.of(new Verification(Outcome.CHANGED, reason));
    }

    private BankReconciliation completedElsewhere(BankReconciliation found, CompletedTask task, long jobKey) {
        UUID id = found.id();
        Person person = person(task).orElse(null);
        String refusal = null;
        try {
            require(person);
            apply(found, Objects.requireNonNull(person), text(task, "reconciliationNotes"));
            use(id, new TaskResult(task.key(), BankReconciliationSteps.WORK, person.id(), "tasklist", null, jobKey));
        } catch (RuleViolation refused) {
            refusal = String.valueOf(refused.getMessage());
        }
        if (refusal != null) {
            UserId actor = person == null ? null : person.id();
            use(id, new TaskResult(task.key(), BankReconciliationSteps.WORK, actor, "tasklist", refusal, jobKey));
            rows.notCompleted(id, BankReconciliation.Status.DISCREPANCY, refusal, now());
            timeline.add(SUBJECT, id, actor, "Not completed", refusal);
        }
        return rows.get(id);
    }

    /** Refuses before it writes anything. */
    private void apply(BankReconciliation found, Person person, String notes) {
        String words = notes.strip();
        if (words.length() > MAX_NOTES) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "notes have at most 500 characters");
        }
        earlierOpen(found).ifPresent(earlier -> {
            throw new RuleViolation(
                    Refusal.EARLIER_PERIOD_OPEN,
                    "%s (%s to %s) comes first and is not approved yet"
                            .formatted(earlier.number(), earlier.start(), earlier.end()));
        });
        Instant now = now();
        BankFigures figures = positions.of(accounts.get(found.bankAccountId()), found.start(), found.end(), now);
        requireStatements(figures);
        if (!figures.difference().isZero()) {
            throw new RuleViolation(
                    Refusal.BANK_NOT_BALANCED,
                    "bank and books differ by %s".formatted(Amounts.format(figures.difference())));
        }
        proofFails(figures).ifPresent(reason -> {
            throw new RuleViolation(Refusal.BANK_NOT_BALANCED, reason);
        });
        int undecided = figures.undecided().size();
        if (undecided > 0) {
            throw new RuleViolation(
                    Refusal.BANK_NOT_BALANCED,
                    undecided == 1
                            ? "one line of the bank is not explained: book it, match it or carry it with a reason"
                            : "%d lines of the bank are not explained: book, match or carry them with a reason"
                                    .formatted(undecided));
        }
        int version = found.reconciledAt() == null ? found.version() : found.version() + 1;
        rows.completed(found.id(), version, figures, person.id(), now, words.isEmpty() ? null : words);
        timeline.add(
                SUBJECT,
                found.id(),
                person.id(),
                "Balanced",
                "Bank and books agree at %s; another person approves"
                        .formatted(Amounts.format(figures.closing().adjustedBank())));
        Map<String, Object> facts = new HashMap<>();
        facts.put("version", version);
        facts.put("statement", figures.closing().statement().toString());
        facts.put("book", figures.closing().book().toString());
        facts.put("completedBy", person.id().toString());
        audit.record("bank-reconciliation.balanced", SUBJECT, found.id().toString(), facts);
    }

    private Optional<BankReconciliation> earlierOpen(BankReconciliation found) {
        return inTransaction(() -> rows.ofAccount(found.bankAccountId()).stream()
                .filter(other ->
                        other.end().isBefore(found.start()) && other.status() != BankReconciliation.Status.COMPLETED)
                .findFirst());
    }

    /** The account says up to where it is reconciled. */
    private void noteReconciled(UUID accountId) {
        BankAccount.Reconciled upTo = null;
        for (BankReconciliation each : rows.ofAccount(accountId)) {
            if (each.status() == BankReconciliation.Status.COMPLETED) {
                upTo = new BankAccount.Reconciled(each.end(), each.statement());
            }
        }
        accounts.reconciled(accountId, upTo);
    }

    private void noteNotBalanced(UUID id, RuleViolation refused) {
        if (refused.refusal() == Refusal.BANK_NOT_BALANCED || refused.refusal() == Refusal.STATEMENTS_INCOMPLETE) {
            inTransaction(() -> {
                if (rows.lock(id).open()) {
                    rows.notCompleted(
                            id, BankReconciliation.Status.DISCREPANCY, String.valueOf(refused.getMessage()), now());
                }
                return true;
            });
        }
    }

    /** The account first, then the period: completing one and opening another take turns. */
    private BankReconciliation lockInOrder(UUID id) {
        rows.lockAccount(rows.get(id).bankAccountId());
        return rows.lock(id);
    }

    private LocalDate next(BankAccount account, Instant now) {
        List<BankReconciliation> known = rows.ofAccount(account.id());
        if (known.isEmpty()) {
            return positions.firstDay(account, now);
        }
        return known.getLast().end().plusDays(1);
    }

    private void requireOwnLedgerAccount(BankAccount account) {
        accounts.list().stream()
                .filter(other ->
                        !other.id().equals(account.id()) && other.glAccountId().equals(account.glAccountId()))
                .findFirst()
                .ifPresent(other -> {
                    throw new RuleViolation(
                            Refusal.INVALID_INPUT,
                            "%s and %s share account %s of the ledger: an account that is reconciled has its own"
                                    .formatted(account.name(), other.name(), account.accountCode()));
                });
    }

    private static void requireStatements(BankFigures figures) {
        if (!figures.gaps().isEmpty()) {
            throw new RuleViolation(
                    Refusal.STATEMENTS_INCOMPLETE, figures.gaps().getFirst());
        }
    }

    /** The process of the round before must be over, or it would meet the next one. */
    private void requireEnded(BankReconciliation found) {
        if (instances
                .find(BankReconciliationSteps.PROCESS, found.processKey())
                .filter(instance -> instance.endedAt() != null)
                .isEmpty()) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE, "its approval is just being closed: try again in a moment");
        }
    }

    private void publish(BankReconciliation found) {
        messages.publish(
                BankReconciliationSteps.STARTED,
                found.processKey(),
                Map.of("reconciliationId", found.id().toString()));
    }

    private static void require(@Nullable Person person) {
        if (person == null || !person.active() || !person.may(Permission.BANK_RECONCILE)) {
            throw new RuleViolation(
                    Refusal.NOT_PERMITTED, "Whoever completes it needs the permission to reconcile bank accounts");
        }
    }

    private static RuleViolation notOpen(BankReconciliation found) {
        return new RuleViolation(
                Refusal.BANK_RECONCILIATION_NOT_IN_STATE,
                "bank reconciliation %s is %s"
                        .formatted(found.number(), found.status().title().toLowerCase(java.util.Locale.ROOT)));
    }

    private void use(UUID id, TaskResult result) {
        if (!results.use(SUBJECT, id, result)) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "this task was done already");
        }
    }

    private Optional<Person> person(CompletedTask task) {
        String assignee = task.assignee();
        return assignee == null
                ? Optional.empty()
                : users.bySignInName(assignee)
                        .filter(found -> found.organization().equals(CurrentOrganization.id()));
    }

    private static String text(CompletedTask task, String name) {
        return task.variables().get(name) instanceof String text ? text : "";
    }

    /** As fine as the database keeps it. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private <T> T inTransaction(java.util.function.Supplier<T> work) {
        return Objects.requireNonNull(transactions.execute(status -> work.get()));
    }

    private final class LockedReconciliation implements Locked {

        private final BankReconciliation found;

        LockedReconciliation(BankReconciliation found) {
            this.found = found;
        }

        @Override
        public ApprovalSubject subject() {
            return BankReconciliations.this.subject(found);
        }

        @Override
        public RuleViolation notWaiting() {
            return notOpen(found);
        }

        @Override
        public void approved(Approval approval, boolean last) {
            rows.approved(found.id(), approval.decidedBy(), now());
            noteReconciled(found.bankAccountId());
            audit.record(
                    "bank-reconciliation.completed",
                    SUBJECT,
                    found.id().toString(),
                    Map.of("statement", found.statement().toString(), "version", found.version()));
        }

        @Override
        public void rejected(Approval approval) {
            rows.notCompleted(
                    found.id(),
                    BankReconciliation.Status.IN_PROGRESS,
                    Objects.requireNonNullElse(approval.comment(), "Sent back"),
                    now());
        }

        @Override
        public void taskRefused(String reason) {
            rows.refused(found.id(), reason);
        }
    }
}

package io.remitflow.workflow;

import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Delegations;
import io.remitflow.identity.Person;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.workflow.ApprovableCases.Outcome;
import io.remitflow.workflow.ApprovableCases.Verification;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Who approved a case, and whether they could.
 *
 * <p>An approval counts only if the person who gave it may give it. On our pages that is checked before it is recorded;
 * for a task that was completed elsewhere it is looked up afterwards. Either way the row in our books is the approval, and
 * nothing else is. Requester, preparer and the approver of each level are different people; authority that somebody absent
 * has lent changes nothing about that.
 */
@Service
public class Approvals {

    /**
     * What was asked for or completed within this time, and what is still under way, is judged by its sum: neither splitting
     * nor waiting gets around a limit.
     */
    public static final Duration EXPOSURE = Duration.ofDays(7);

    private static final List<Role> SENIORITY =
            List.of(Role.CFO, Role.BILLING_MANAGER, Role.BILLING_CLERK, Role.ACCOUNTING_STAFF, Role.ANALYST);
    private static final int MAX_COMMENT = 500;

    private final ApprovalRows rows;
    private final TaskResults results;
    private final Users users;
    private final Delegations delegations;
    private final ProcessMessages messages;
    private final SplitWarnings splitWarnings;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    Approvals(
            ApprovalRows rows,
            TaskResults results,
            Users users,
            Delegations delegations,
            ProcessMessages messages,
            SplitWarnings splitWarnings,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions,
            Clock clock) {
        this.rows = rows;
        this.results = results;
        this.users = users;
        this.delegations = delegations;
        this.messages = messages;
        this.splitWarnings = splitWarnings;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** How many cases of one requester somebody approved, and their sum. */
    record Pair(int cases, Money amount) {}

    /** @throws IllegalStateException if a rule names a role that does not exist */
    public static void requireKnown(List<String> levels) {
        levels.forEach(Authority::rolesFor);
    }

    /**
     * Records the decision of the signed-in person and lets the engine's task be completed, all or nothing. The comment
     * stays in our books, without the card numbers that somebody wrote into it.
     */
    public void decide(ApprovableCases cases, UUID id, ApprovalDecision decision) {
        Person person = users.find(CurrentUser.id()).orElse(null);
        try {
            inTransaction(() -> {
                ApprovableCases.Locked found = cases.lock(id);
                int level = requireDecidable(found, decision);
                Authority authority = authority(found.subject(), person, level);
                count(found, level, authority, decision, "remitflow", null);
                messages.completeTask(
                        decision.taskKey(),
                        users.signInName(authority.person().id()),
                        Map.of("decision", decision.approve() ? "approve" : "reject"));
                return true;
            });
        } catch (RuleViolation refused) {
            noteRefusal(cases.type(), id, decision.taskKey(), refused);
            throw refused;
        }
    }

    /** What counts for the level that the process stands at; empty if nobody's decision is recorded there yet. */
    public Optional<Verification> recorded(ApprovalSubject subject, int version, int level, long jobKey) {
        return inTransaction(() -> {
            if (subject.version() != version) {
                return Optional.of(new Verification(
                        Outcome.CHANGED, "The %s was changed after the decision".formatted(subject.type())));
            }
            Optional<Approval> given = ofVersion(subject).stream()
                    .filter(approval -> approval.level() == level)
                    .findFirst();
            if (given.isPresent()) {
                return Optional.of(verification(subject, given.get()));
            }
            return results.foundBy(subject.type(), subject.id(), jobKey)
                    .map(result -> new Verification(Outcome.NOT_AUTHORISED, result.refusal()));
        });
    }

    /**
     * Whether nobody is to be asked for a level: its decision is in the books, or it is no longer what the process believes.
     * A task can be withdrawn while the decision about it waits to be sent; the decision counts all the same.
     */
    public boolean isDecided(ApprovalSubject subject, int version, int level) {
        return subject.version() != version
                || ofVersion(subject).stream().anyMatch(approval -> approval.level() == level);
    }

    /** A task that was completed outside of our pages: counts if its holder could decide, else it is refused. */
    public Optional<Verification> lookUp(
            ApprovableCases cases, UUID id, int level, List<CompletedTask> newestFirst, long jobKey) {
        return inTransaction(() -> {
            ApprovableCases.Locked found = cases.lock(id);
            var used = results.used(cases.type(), id);
            return newestFirst.stream()
                    .filter(task -> !used.contains(task.key()))
                    .findFirst()
                    .map(task -> verify(found, level, task, jobKey));
        });
    }

    /** A task waits longer than it should. */
    public void remind(String type, UUID id, boolean escalated) {
        inTransaction(() -> {
            timeline.addOnce(
                    type,
                    id,
                    escalated ? "Escalated" : "Reminder",
                    escalated ? "The approval is overdue and goes to the CFO" : "The approval is due and still waits");
            return true;
        });
    }

    /** Decisions of all versions, oldest first. */
    public List<Approval> of(String type, UUID id) {
        return inTransaction(() -> rows.of(type, id));
    }

    /** Decisions about what the case is now. */
    public List<Approval> ofVersion(ApprovalSubject subject) {
        return of(subject.type(), subject.id()).stream()
                .filter(approval -> approval.version() == subject.version())
                .toList();
    }

    /** Signs that it was split; the same version keeps those that were found when its rule was asked. */
    public List<SplitWarning> splitWarnings(ApprovalSubject subject) {
        return splitWarnings.of(subject.type(), subject.id(), subject.version());
    }

    /**
     * What the signed-in person should know before deciding: how much of this requester they approved lately, and that
     * nobody would be left for a level after this one.
     */
    public Optional<String> warningAboutMe(ApprovalSubject subject) {
        return inTransaction(() -> Stream.of(
                        pairWarning(subject, CurrentUser.id()).map(words -> words.replace("The approver", "You")),
                        deadEnd(subject, CurrentUser.id()))
                .flatMap(Optional::stream)
                .reduce((first, second) -> first + ". " + second));
    }

    /** Each level is decided by another person: where the CFO takes an overdue first level, the second may find nobody. */
    private Optional<String> deadEnd(ApprovalSubject subject, UserId me) {
        List<Approval> given = ofVersion(subject);
        if (!subject.waiting() || given.size() + 1 >= subject.levels().size()) {
            return Optional.empty();
        }
        List<Person> able = users.all().stream()
                .filter(person -> person.active() && person.may(subject.permission()))
                .filter(person -> !subject.isInvolved(person.id()))
                .filter(person -> given.stream().noneMatch(approval -> approval.involves(person.id())))
                .toList();
        return subject.levels().subList(given.size() + 1, subject.levels().size()).stream()
                .filter(level -> {
                    List<UserId> left = able.stream()
                            .filter(person -> Authority.rolesFor(level).stream().anyMatch(person.roles()::contains))
                            .map(Person::id)
                            .toList();
                    return left.equals(List.of(me));
                })
                .findFirst()
                .map(level ->
                        ("Nobody but you may decide level %d, as %s, and each level is decided by another person: leave "
                                        + "this one to a colleague, or see first that a second person may decide as %s")
                                .formatted(
                                        subject.levels().lastIndexOf(level) + 1,
                                        Authority.title(level),
                                        Authority.title(level)));
    }

    private Optional<String> pairWarning(ApprovalSubject subject, UserId approver) {
        Pair pair = rows.approvedBetween(
                subject.type(),
                subject.requestedBy(),
                approver,
                subject.amount().getCurrencyUnit().getCode(),
                clock.instant().minus(EXPOSURE));
        return pair.cases() < 2
                ? Optional.empty()
                : Optional.of("The approver approved %d requests of this requester in 7 days, together %s %s"
                        .formatted(
                                pair.cases(),
                                Amounts.format(pair.amount()),
                                pair.amount().getCurrencyUnit()));
    }

    private List<String> warnings(ApprovalSubject subject, UserId approver) {
        return Stream.concat(
                        splitWarnings(subject).stream().map(SplitWarning::words),
                        pairWarning(subject, approver).stream())
                .toList();
    }

    /** The most senior role of whoever asks, for rules that look at it; null: none of billing or accounting. */
    public @Nullable String requesterRole(UserId requester) {
        Set<Role> roles = users.find(requester).map(Person::roles).orElse(Set.of());
        return SENIORITY.stream()
                .filter(roles::contains)
                .map(Role::key)
                .findFirst()
                .orElse(null);
    }

    /** Whether every level of this version and amount was approved by another person who had no other part in it. */
    public boolean isApproved(ApprovalSubject subject) {
        List<Approval> counted = ofVersion(subject).stream()
                .filter(Approval::approved)
                .filter(approval -> approval.amount().isEqual(subject.amount()))
                .filter(approval -> !subject.isInvolved(approval.decidedBy()))
                .toList();
        return counted.stream().map(Approval::decidedBy).distinct().count()
                >= subject.levels().size();
    }

    private Verification verify(ApprovableCases.Locked found, int level, CompletedTask task, long jobKey) {
        ApprovalSubject subject = found.subject();
        if (!subject.waiting() || level > subject.levels().size()) {
            return new Verification(
                    Outcome.CHANGED, "The %s is no longer waiting for an approval".formatted(subject.type()));
        }
        Person person = person(task.assignee()).orElse(null);
        Object comment = task.variables().get("comment");
        try {
            Authority authority = authority(subject, person, level);
            boolean approve = decisionOf(task)
                    .orElseThrow(() ->
                            new RuleViolation(Refusal.INVALID_INPUT, "The task was completed without a decision"));
            var decision = new ApprovalDecision(
                    task.key(), subject.version(), approve, comment instanceof String text ? shortened(text) : null);
            return verification(subject, count(found, level, authority, decision, "tasklist", jobKey));
        } catch (RuleViolation refused) {
            return refuse(found, task, person, String.valueOf(refused.getMessage()), jobKey);
        }
    }

    private Authority authority(ApprovalSubject subject, @Nullable Person person, int level) {
        return Authority.toApprove(
                subject,
                ofVersion(subject),
                person,
                person == null ? List.of() : delegations.delegatorsOf(person.id()),
                subject.levels().get(level - 1));
    }

    private Verification refuse(
            ApprovableCases.Locked found, CompletedTask task, @Nullable Person person, String reason, long jobKey) {
        ApprovalSubject subject = found.subject();
        UserId actor = person == null ? null : person.id();
        results.use(
                subject.type(),
                subject.id(),
                new TaskResult(task.key(), subject.element(), actor, "tasklist", reason, jobKey));
        found.taskRefused(reason);
        timeline.add(subject.type(), subject.id(), actor, "Approval not accepted", reason);
        audit.record(
                subject.type() + "-approval-refused",
                subject.type(),
                subject.id().toString(),
                Map.of("task", task.key(), "actor", actor == null ? "unknown" : actor.toString(), "reason", reason));
        return new Verification(Outcome.NOT_AUTHORISED, reason);
    }

    private Approval count(
            ApprovableCases.Locked found,
            int level,
            Authority authority,
            ApprovalDecision decision,
            String source,
            @Nullable Long jobKey) {
        ApprovalSubject subject = found.subject();
        UserId decider = authority.person().id();
        Person delegator = authority.delegator();
        boolean fresh = results.use(
                subject.type(),
                subject.id(),
                new TaskResult(decision.taskKey(), subject.element(), decider, source, null, jobKey));
        if (!fresh) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "this task was decided already");
        }
        var approval = new Approval(
                subject.version(),
                level,
                subject.levels().get(level - 1),
                decision.approve(),
                subject.amount(),
                decider,
                authority.role().key(),
                delegator == null ? null : delegator.id(),
                decision.taskKey(),
                source,
                decision.comment() == null ? null : CardNumbers.removedFrom(decision.comment()),
                clock.instant(),
                rows.ruleOf(subject.type(), subject.id()),
                warnings(subject, decider));
        rows.insert(subject, approval);
        if (decision.approve()) {
            found.approved(approval, level == subject.levels().size());
        } else {
            found.rejected(approval);
        }
        note(subject, approval, delegator);
        return approval;
    }

    private void note(ApprovalSubject subject, Approval approval, @Nullable Person delegator) {
        var text = new ArrayList<String>();
        text.add(Amounts.format(approval.amount()) + " " + approval.amount().getCurrencyUnit());
        text.add("level %d of %d as %s"
                .formatted(approval.level(), subject.levels().size(), approval.decidedAs()));
        text.add("in " + approval.source());
        if (delegator != null) {
            text.add("on behalf of " + delegator.displayName());
        }
        timeline.add(
                subject.type(),
                subject.id(),
                approval.decidedBy(),
                approval.approved() ? "Approved" : "Rejected",
                String.join(", ", text));
        Map<String, Object> facts = new HashMap<>(Map.of(
                "decidedBy", approval.decidedBy().toString(),
                "role", approval.decidedAs(),
                "level", approval.level(),
                "version", approval.version(),
                "amount", approval.amount().toString(),
                "task", approval.taskKey(),
                "source", approval.source()));
        if (delegator != null) {
            facts.put("onBehalfOf", delegator.id().toString());
        }
        if (!approval.warnings().isEmpty()) {
            facts.put("warnings", String.join("; ", approval.warnings()));
        }
        audit.record(
                subject.type() + (approval.approved() ? "-approved" : "-rejected"),
                subject.type(),
                subject.id().toString(),
                facts);
    }

    private int requireDecidable(ApprovableCases.Locked found, ApprovalDecision decision) {
        ApprovalSubject subject = found.subject();
        if (results.used(subject.type(), subject.id()).contains(decision.taskKey())) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "this task was decided already");
        }
        if (subject.version() != decision.version()) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE, "the %s was changed after you opened it".formatted(subject.type()));
        }
        List<Approval> given = ofVersion(subject);
        if (!subject.waiting()) {
            throw given.isEmpty()
                    ? found.notWaiting()
                    : new RuleViolation(
                            Refusal.TASK_ALREADY_DECIDED, "%s was decided already".formatted(subject.words()));
        }
        String comment = decision.comment();
        if (comment != null && comment.length() > MAX_COMMENT) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a comment has at most 500 characters");
        }
        return given.size() + 1;
    }

    private static Verification verification(ApprovalSubject subject, Approval approval) {
        if (!approval.approved()) {
            return new Verification(Outcome.REJECTED, approval.comment());
        }
        return new Verification(
                approval.level() < subject.levels().size() ? Outcome.NEXT_LEVEL : Outcome.APPROVED, null);
    }

    /** The refused attempt itself was rolled back; that it was made stays on record. */
    private void noteRefusal(String type, UUID id, long taskKey, RuleViolation refused) {
        if (refused.refusal() == Refusal.NOT_FOUND) {
            return;
        }
        inTransaction(() -> {
            audit.record(
                    type + "-approval-refused", type, id.toString(), Map.of("code", refused.code(), "task", taskKey));
            return true;
        });
    }

    private Optional<Person> person(@Nullable String signInName) {
        return signInName == null
                ? Optional.empty()
                : users.bySignInName(signInName)
                        .filter(person -> person.organization().equals(CurrentOrganization.id()));
    }

    private static Optional<Boolean> decisionOf(CompletedTask task) {
        Object decision = task.variables().get("decision");
        return "approve".equals(decision)
                ? Optional.of(true)
                : "reject".equals(decision) ? Optional.of(false) : Optional.empty();
    }

    private static String shortened(String text) {
        return text.length() <= MAX_COMMENT ? text : text.substring(0, MAX_COMMENT);
    }

    private <T> T inTransaction(java.util.function.Supplier<T> work) {
        T result = transactions.execute(status -> work.get());
        if (result == null) {
            throw new IllegalStateException("no result");
        }
        return result;
    }
}

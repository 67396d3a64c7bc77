package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Person;
import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import io.remitflow.refunds.ApprovalRows.TaskResult;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Who approved a refund, and whether they could.
 *
 * <p>An approval counts only if the person who gave it may give it. On our pages that is checked before it is recorded;
 * for a task that was completed elsewhere it is looked up afterwards. Either way the row in our books is the approval, and
 * nothing else is.
 */
@Service
public class RefundApprovals {

    /** Refunds of one account within this time are judged by their sum. */
    private static final Duration EXPOSURE = Duration.ofDays(7);

    private final RefundRows rows;
    private final ApprovalRows approvals;
    private final Users users;
    private final Organizations organizations;
    private final CreditBalances creditBalances;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    RefundApprovals(
            RefundRows rows,
            ApprovalRows approvals,
            Users users,
            Organizations organizations,
            CreditBalances creditBalances,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions,
            Clock clock) {
        this.rows = rows;
        this.approvals = approvals;
        this.users = users;
        this.organizations = organizations;
        this.creditBalances = creditBalances;
        this.messages = messages;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** What {@code dmn/refund-approval.dmn} is asked with. */
    public record Facts(
            int version, long amountMinor, long exposureMinor, boolean sameCurrency, boolean originalMethod) {

        public Map<String, Object> inputs() {
            Map<String, Object> inputs = new LinkedHashMap<>();
            inputs.put("refundVersion", version);
            inputs.put("amountMinor", amountMinor);
            inputs.put("exposureMinor", exposureMinor);
            inputs.put("sameCurrency", sameCurrency);
            inputs.put("originalMethod", originalMethod);
            return inputs;
        }
    }

    /** What came of a completed approval task. */
    public enum Outcome {
        APPROVED,
        NEXT_LEVEL,
        REJECTED,
        NOT_AUTHORISED,
        CHANGED
    }

    public record Verification(Outcome outcome, @Nullable String reason) {}

    public Facts facts(UUID id) {
        return inTransaction(() -> {
            Refund refund = rows.get(id);
            long exposure = rows.exposureMinor(
                    refund.accountId(),
                    refund.amount().getCurrencyUnit().getCode(),
                    clock.instant().minus(EXPOSURE));
            return new Facts(
                    refund.version(),
                    refund.amount().getAmountMinorLong(),
                    Math.max(exposure, refund.amount().getAmountMinorLong()),
                    refund.amount()
                            .getCurrencyUnit()
                            .equals(organizations.current().currency()),
                    refund.originalMethod());
        });
    }

    /**
     * Takes over what the rule said about this version.
     *
     * @throws IllegalStateException if the refund changed since its facts were collected: collect them again
     */
    public Refund ruleAnswered(UUID id, int version, List<String> levels, String reason) {
        return inTransaction(() -> {
            RefundCase refund = rows.lock(id);
            Refund before = refund.state();
            if (before.status() == RefundStatus.CANCELLED || (before.levels() != null && before.version() == version)) {
                return before;
            }
            if (before.version() != version) {
                throw new IllegalStateException("refund " + before.number() + " changed while its rule was asked");
            }
            levels.forEach(Authority::rolesFor);
            refund.ruleAnswered(levels, reason, clock.instant());
            rows.save(refund.state(), clock.instant());
            timeline.add(Refunds.SUBJECT, id, levels.isEmpty() ? "Approved by rule" : "Needs approval", reason);
            return refund.state();
        });
    }

    /**
     * Records the decision of the signed-in person and lets the engine's task be completed, all or nothing. The comment
     * stays in our books.
     */
    public void decide(UUID id, ApprovalDecision decision) {
        Person person = users.find(CurrentUser.id()).orElse(null);
        try {
            inTransaction(() -> {
                RefundCase refund = rows.lock(id);
                int level = requireDecidable(refund.state(), decision);
                String role = levels(refund.state()).get(level - 1);
                Authority.toApprove(refund.state(), approvals.ofVersion(refund.state()), person, role)
                        .ifPresent(refused -> {
                            throw new RuleViolation(refused.refusal(), refused.reason());
                        });
                count(refund, level, requirePerson(person), decision, "remitflow", null);
                messages.completeTask(
                        decision.taskKey(),
                        users.signInName(requirePerson(person).id()),
                        Map.of("decision", decision.approve() ? "approve" : "reject"));
                return true;
            });
        } catch (RuleViolation refused) {
            noteRefusal(id, decision.taskKey(), refused);
            throw refused;
        }
    }

    /** What counts for the level that the process stands at; empty if nobody's decision is recorded there yet. */
    public Optional<Verification> recorded(UUID id, int version, int level, long jobKey) {
        return inTransaction(() -> {
            Refund refund = rows.get(id);
            if (refund.version() != version) {
                return Optional.of(new Verification(Outcome.CHANGED, "The refund was changed after the decision"));
            }
            Optional<Approval> given = approvals.ofVersion(refund).stream()
                    .filter(approval -> approval.level() == level)
                    .findFirst();
            if (given.isPresent()) {
                return Optional.of(verification(refund, given.get()));
            }
            return approvals
                    .foundBy(id, jobKey)
                    .map(result -> new Verification(Outcome.NOT_AUTHORISED, result.refusal()));
        });
    }

    /** A task that was completed outside of our pages: counts if its holder could decide, else it is refused. */
    public Optional<Verification> lookUp(UUID id, int level, List<CompletedTask> newestFirst, long jobKey) {
        return inTransaction(() -> {
            RefundCase refund = rows.lock(id);
            var used = approvals.usedTasks(id);
            return newestFirst.stream()
                    .filter(task -> !used.contains(task.key()))
                    .findFirst()
                    .map(task -> verify(refund, level, task, jobKey));
        });
    }

    /**
     * Takes an approval back because the payment no longer covers the refund, and asks the same people again: they reject
     * it, or it is changed or cancelled. What the rule had let pass goes to the billing manager. Repeating it changes
     * nothing.
     */
    public Refund fellShort(UUID id) {
        return inTransaction(() -> {
            RefundCase refund = rows.lock(id);
            Refund before = refund.state();
            if (before.status() != RefundStatus.APPROVED) {
                return before;
            }
            String reason = "The payment no longer covers this refund: reject it, or have its amount changed";
            refund.fallsShort(
                    levels(before).isEmpty() ? List.of(Role.BILLING_MANAGER.key()) : levels(before),
                    "Approved before, but the payment no longer covers it",
                    reason);
            rows.save(refund.state(), clock.instant());
            timeline.add(Refunds.SUBJECT, id, "Approval taken back", reason);
            audit.record(
                    "refund-fell-short",
                    Refunds.SUBJECT,
                    id.toString(),
                    Map.of("amount", before.amount().toString()));
            return refund.state();
        });
    }

    /** A task waits longer than it should. */
    public void remind(UUID id, boolean escalated) {
        inTransaction(() -> {
            timeline.add(
                    Refunds.SUBJECT,
                    id,
                    escalated ? "Escalated" : "Reminder",
                    escalated ? "The approval is overdue and goes to the CFO" : "The approval is due and still waits");
            return true;
        });
    }

    /** Decisions of all versions, oldest first. */
    public List<Approval> of(UUID id) {
        return inTransaction(() -> approvals.of(id));
    }

    private Verification verify(RefundCase refund, int level, CompletedTask task, long jobKey) {
        Refund before = refund.state();
        if (before.status() != RefundStatus.PENDING || level > levels(before).size()) {
            return new Verification(Outcome.CHANGED, "The refund is no longer waiting for an approval");
        }
        String role = levels(before).get(level - 1);
        Person person = person(task.assignee()).orElse(null);
        Optional<String> refusal = Authority.toApprove(before, approvals.ofVersion(before), person, role)
                .map(Authority.Refused::reason)
                .or(() -> decisionOf(task).isEmpty()
                        ? Optional.of("The task was completed without a decision")
                        : Optional.empty());
        if (refusal.isPresent() || person == null) {
            return refuse(refund, task, person, refusal.orElse("Nobody is known to have decided"), jobKey);
        }
        boolean approve = decisionOf(task).orElseThrow();
        Object comment = task.variables().get("comment");
        var decision = new ApprovalDecision(
                task.key(), before.version(), approve, comment instanceof String text ? shortened(text) : null);
        Approval approval = count(refund, level, person, decision, "tasklist", jobKey);
        return verification(refund.state(), approval);
    }

    private Verification refuse(
            RefundCase refund, CompletedTask task, @Nullable Person person, String reason, long jobKey) {
        UUID id = refund.state().id();
        approvals.useTask(
                new TaskResult(
                        task.key(),
                        RefundSteps.APPROVE,
                        person == null ? null : person.id(),
                        "tasklist",
                        reason,
                        jobKey),
                id,
                clock.instant());
        refund.taskRefused(reason);
        rows.save(refund.state(), clock.instant());
        timeline.add(Refunds.SUBJECT, id, "Approval not accepted", reason);
        audit.record(
                "refund-approval-refused",
                Refunds.SUBJECT,
                id.toString(),
                Map.of(
                        "task",
                        task.key(),
                        "actor",
                        person == null ? "unknown" : person.id().toString(),
                        "reason",
                        reason));
        return new Verification(Outcome.NOT_AUTHORISED, reason);
    }

    private Approval count(
            RefundCase refund,
            int level,
            Person person,
            ApprovalDecision decision,
            String source,
            @Nullable Long jobKey) {
        Refund before = refund.state();
        String role = levels(before).get(level - 1);
        boolean fresh = approvals.useTask(
                new TaskResult(decision.taskKey(), RefundSteps.APPROVE, person.id(), source, null, jobKey),
                before.id(),
                clock.instant());
        if (!fresh) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "this task was decided already");
        }
        var approval = new Approval(
                before.version(),
                level,
                role,
                decision.approve(),
                before.amount(),
                person.id(),
                Authority.roleOf(person, role).orElseThrow().key(),
                decision.taskKey(),
                source,
                decision.comment(),
                clock.instant());
        approvals.insert(before, approval);
        if (decision.approve()) {
            refund.approved(person.id(), level == levels(before).size(), clock.instant());
        } else {
            refund.rejected(decision.comment());
            creditBalances.refundAbandoned(before.creditBalanceId());
        }
        rows.save(refund.state(), clock.instant());
        note(before, approval);
        return approval;
    }

    private void note(Refund refund, Approval approval) {
        String verb = approval.approved() ? "Approved" : "Rejected";
        timeline.add(
                Refunds.SUBJECT,
                refund.id(),
                verb,
                "%s %s, level %d of %d as %s, in %s"
                        .formatted(
                                Amounts.format(approval.amount()),
                                approval.amount().getCurrencyUnit(),
                                approval.level(),
                                levels(refund).size(),
                                approval.decidedAs(),
                                approval.source()));
        audit.record(
                approval.approved() ? "refund-approved" : "refund-rejected",
                Refunds.SUBJECT,
                refund.id().toString(),
                Map.of(
                        "decidedBy", approval.decidedBy().toString(),
                        "role", approval.decidedAs(),
                        "level", approval.level(),
                        "version", approval.version(),
                        "amount", approval.amount().toString(),
                        "task", approval.taskKey(),
                        "source", approval.source()));
    }

    private int requireDecidable(Refund refund, ApprovalDecision decision) {
        if (approvals.usedTasks(refund.id()).contains(decision.taskKey())) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "this task was decided already");
        }
        if (refund.version() != decision.version()) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "the refund was changed after you opened it");
        }
        if (refund.status() != RefundStatus.PENDING || refund.levels() == null) {
            boolean decided = approvals.ofVersion(refund).stream().findAny().isPresent();
            throw new RuleViolation(
                    decided ? Refusal.TASK_ALREADY_DECIDED : Refusal.REFUND_NOT_IN_STATE,
                    "refund %s is %s".formatted(refund.number(), refund.status().key()));
        }
        if (decision.comment() != null && decision.comment().length() > 500) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a comment has at most 500 characters");
        }
        return approvals.ofVersion(refund).size() + 1;
    }

    private static Verification verification(Refund refund, Approval approval) {
        if (!approval.approved()) {
            return new Verification(Outcome.REJECTED, approval.comment());
        }
        return new Verification(approval.level() < levels(refund).size() ? Outcome.NEXT_LEVEL : Outcome.APPROVED, null);
    }

    /** The refused attempt itself was rolled back; that it was made stays on record. */
    private void noteRefusal(UUID id, long taskKey, RuleViolation refused) {
        if (refused.refusal() == Refusal.NOT_FOUND) {
            return;
        }
        inTransaction(() -> {
            audit.record(
                    "refund-approval-refused",
                    Refunds.SUBJECT,
                    id.toString(),
                    Map.of("code", refused.code(), "task", taskKey));
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
        return text.length() <= 500 ? text : text.substring(0, 500);
    }

    private static List<String> levels(Refund refund) {
        List<String> levels = refund.levels();
        return levels == null ? List.of() : levels;
    }

    private static Person requirePerson(@Nullable Person person) {
        if (person == null) {
            throw new IllegalStateException("authority without a person");
        }
        return person;
    }

    private <T> T inTransaction(java.util.function.Supplier<T> work) {
        T result = transactions.execute(status -> work.get());
        if (result == null) {
            throw new IllegalStateException("no result");
        }
        return result;
    }
}

package io.remitflow.remittance;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.Users;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.TaskResult;
import io.remitflow.workflow.TaskResults;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Remittances that report a payment which is posted already, with other content: a person compares the two and says what
 * the new one is. Nothing of it is posted before, and the same checks as always hold when it is.
 */
@Service
@Transactional
public class RemittanceConflicts {

    private static final String SUBJECT = RemittanceReviews.SUBJECT;
    private static final int MAX_REASON = 500;

    private final ReviewRows reviews;
    private final RemittanceRows rows;
    private final TaskResults results;
    private final Users users;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    RemittanceConflicts(
            ReviewRows reviews,
            RemittanceRows rows,
            TaskResults results,
            Users users,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.reviews = reviews;
        this.rows = rows;
        this.results = results;
        this.users = users;
        this.messages = messages;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * The signed-in person decided on our page.
     *
     * @throws RuleViolation {@link Refusal#TASK_ALREADY_DECIDED} if nothing is to be decided any more
     */
    public void decide(UUID remittanceId, long taskKey, ConflictChoice choice, String reason) {
        Person person = users.find(CurrentUser.id())
                .orElseThrow(() -> new RuleViolation(Refusal.NOT_PERMITTED, "you are not known here"));
        RemittanceReview review = reviews.lock(remittanceId);
        requireOpen(review);
        require(person, review);
        use(
                remittanceId,
                new TaskResult(taskKey, RemittanceReviewSteps.DECIDE_CONFLICT, person.id(), "remitflow", null, null));
        apply(review, person, choice, requireReason(reason));
        messages.completeTask(
                taskKey, users.signInName(person.id()), Map.of("conflictChoice", choice.key(), "conflictReason", ""));
    }

    /**
     * Takes the completed task into account, wherever that was done.
     *
     * @return the review; while nobody's decision counts its conflict is still open, and the task comes back. Empty: the
     *     completed task is not visible yet
     */
    public Optional<RemittanceReview> taskCompleted(UUID remittanceId, List<CompletedTask> newestFirst, long jobKey) {
        RemittanceReview review = reviews.lock(remittanceId);
        if (!review.conflictOpen()
                || results.foundBy(SUBJECT, remittanceId, jobKey).isPresent()) {
            return Optional.of(review);
        }
        Set<Long> used = results.used(SUBJECT, remittanceId);
        return newestFirst.stream()
                .filter(task -> !used.contains(task.key()))
                .findFirst()
                .map(task -> completedElsewhere(review, task, jobKey));
    }

    /** Nobody decided in time. */
    public void remind(UUID remittanceId) {
        if (reviews.get(remittanceId).conflictOpen()) {
            timeline.addOnce(SUBJECT, remittanceId, "Reminder", "Nobody has decided yet what this remittance is");
        }
    }

    private RemittanceReview completedElsewhere(RemittanceReview review, CompletedTask task, long jobKey) {
        UUID id = review.remittanceId();
        String assignee = task.assignee();
        Person person = assignee == null
                ? null
                : users.bySignInName(assignee)
                        .filter(found -> found.organization().equals(CurrentOrganization.id()))
                        .orElse(null);
        String refusal = null;
        try {
            require(person, review);
            ConflictChoice choice = ConflictChoice.ofKey(text(task, "conflictChoice"));
            String reason = requireReason(text(task, "conflictReason"));
            use(id, result(task, person, null, jobKey));
            apply(review, java.util.Objects.requireNonNull(person), choice, reason);
        } catch (RuleViolation refused) {
            refusal = String.valueOf(refused.getMessage());
        }
        if (refusal != null) {
            use(id, result(task, person, refusal, jobKey));
            reviews.refused(id, refusal);
            timeline.add(SUBJECT, id, person == null ? null : person.id(), "Decision not accepted", refusal);
        }
        return reviews.get(id);
    }

    private void apply(RemittanceReview review, Person person, ConflictChoice choice, String reason) {
        UUID id = review.remittanceId();
        reviews.conflictDecided(id, choice, reason, person.id(), review.needsApproval(), clock.instant());
        if (choice != ConflictChoice.ANOTHER_PAYMENT) {
            rows.changeReviewTo(RemittanceState.REJECTED, id);
        }
        timeline.add(SUBJECT, id, person.id(), choice.words(), reason);
        audit.record(
                "remittance.conflict-decided",
                SUBJECT,
                id.toString(),
                Map.of(
                        "choice",
                        choice.key(),
                        "reason",
                        reason,
                        "with",
                        String.valueOf(review.conflictWith()),
                        "decidedBy",
                        person.id().toString()));
    }

    private static void requireOpen(RemittanceReview review) {
        if (!review.conflictOpen()) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "it is decided already what this remittance is");
        }
    }

    private static void require(@Nullable Person person, RemittanceReview review) {
        if (person == null || !person.may(Permission.REMITTANCES_APPROVE)) {
            throw new RuleViolation(
                    Refusal.NOT_PERMITTED, "Whoever decides needs the permission to approve remittances");
        }
        if (person.id().equals(review.requestedBy())) {
            throw new RuleViolation(
                    Refusal.SELF_APPROVAL, "Whoever uploaded the remittance does not decide what it is");
        }
    }

    private static String requireReason(String reason) {
        String why = reason.strip();
        if (why.isEmpty() || why.length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 500 characters why");
        }
        return why;
    }

    private void use(UUID id, TaskResult result) {
        if (!results.use(SUBJECT, id, result)) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "this task was decided already");
        }
    }

    private static TaskResult result(
            CompletedTask task, @Nullable Person person, @Nullable String refusal, long jobKey) {
        return new TaskResult(
                task.key(),
                RemittanceReviewSteps.DECIDE_CONFLICT,
                person == null ? null : person.id(),
                "tasklist",
                refusal,
                jobKey);
    }

    private static String text(CompletedTask task, String name) {
        return task.variables().get(name) instanceof String text ? text : "";
    }
}

package io.remitflow.checks;

import io.remitflow.checks.CheckConfirmations.Confirmation;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.Users;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.TaskResult;
import io.remitflow.workflow.TaskResults;
import io.remitflow.workflow.Timeline;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/** What the process of a check asks the books, and what people decided about it outside of our pages. */
@Service
public class CheckReviews {

    /** Values of the process variable {@code verification}. */
    public static final String CONFIRMED = "confirmed";

    public static final String REJECTED = "rejected";
    public static final String SENT_BACK = "sent-back";
    public static final String CORRECTED = "corrected";
    public static final String ANOTHER = "another";
    public static final String NOT_DECIDED = "not-decided";

    private final Checks checks;
    private final PaperCheckRows rows;
    private final CheckConfirmations confirmations;
    private final TaskResults results;
    private final Users users;
    private final Timeline timeline;
    private final TransactionTemplate transactions;

    CheckReviews(
            Checks checks,
            PaperCheckRows rows,
            CheckConfirmations confirmations,
            TaskResults results,
            Users users,
            Timeline timeline,
            TransactionTemplate transactions) {
        this.checks = checks;
        this.rows = rows;
        this.confirmations = confirmations;
        this.results = results;
        this.users = users;
        this.timeline = timeline;
        this.transactions = transactions;
    }

    /**
     * How the review ended, wherever that was decided.
     *
     * @param newestFirst the completed tasks; not asked for what the books know, so that it ends without Tasklist too
     * @param version of the check that the task showed; null: it did not show one
     * @param onPage what our page told the process; empty: nothing
     * @return empty: the completed task is not visible yet
     */
    public Optional<String> review(
            UUID id, Supplier<List<CompletedTask>> newestFirst, @Nullable Integer version, String onPage, long jobKey) {
        return outcome(checks.get(id))
                // Sent back on our page, and corrected before the process came to ask.
                .or(() -> onPage.equals("sent-back") ? Optional.of(NOT_DECIDED) : Optional.empty())
                .or(() -> onPage.equals(CheckReviewSteps.DUPLICATE_SUSPECTED)
                        ? Optional.of(undecided(checks.get(id)))
                        : Optional.empty())
                .or(() ->
                        elsewhere(id, CheckReviewSteps.REVIEW, newestFirst, jobKey, task -> decide(id, version, task)));
    }

    /** As {@link #review}, for a suspected duplicate. */
    public Optional<String> duplicate(UUID id, Supplier<List<CompletedTask>> newestFirst, String choice, long jobKey) {
        return duplicateOutcome(checks.get(id))
                // Decided on our page about an earlier suspicion, which the process did not ask about.
                .or(() -> choice.equals(CheckReviewSteps.ON_PAGE) ? Optional.of(NOT_DECIDED) : Optional.empty())
                .or(() -> elsewhere(
                        id,
                        CheckReviewSteps.DECIDE_DUPLICATE,
                        newestFirst,
                        jobKey,
                        task -> checks.decideDuplicate(id, isSame(task), text(task, "duplicateReason"))));
    }

    private static boolean isSame(CompletedTask task) {
        return switch (text(task, "duplicateChoice")) {
            case "same" -> true;
            case "another" -> false;
            default ->
                throw new RuleViolation(Refusal.INVALID_INPUT, "say whether it is the same check, or another one");
        };
    }

    /** As {@link #review}, for a check that was sent back. */
    public Optional<String> correction(
            UUID id, Supplier<List<CompletedTask>> newestFirst, String correction, long jobKey) {
        return correctionOutcome(checks.get(id))
                // Corrected on our page before the process asked, and sent back again.
                .or(() -> correction.equals(CheckReviewSteps.ON_PAGE) ? Optional.of(NOT_DECIDED) : Optional.empty())
                .or(() ->
                        elsewhere(id, CheckReviewSteps.CORRECT, newestFirst, jobKey, task -> checks.noteCorrected(id)));
    }

    /** Somebody is reminded of this task, unless the books know the decision already. */
    @Transactional
    public void remind(UUID id, String element) {
        if (!isDecided(id, element)) {
            timeline.addOnce(
                    Checks.SUBJECT,
                    id,
                    "Reminder",
                    switch (element) {
                        case CheckReviewSteps.DECIDE_DUPLICATE ->
                            "Nobody has said yet whether this check is a duplicate";
                        case CheckReviewSteps.CORRECT -> "Nobody has corrected this check yet";
                        default -> "Nobody has reviewed this check yet";
                    });
        }
    }

    /**
     * Somebody else is asked, unless the books know the decision already.
     *
     * @return whether they do: then nobody is asked again
     */
    @Transactional
    public boolean escalate(UUID id, String element) {
        boolean decided = isDecided(id, element);
        if (!decided) {
            timeline.addOnce(
                    Checks.SUBJECT,
                    id,
                    "Escalated",
                    switch (element) {
                        case CheckReviewSteps.DECIDE_DUPLICATE -> "The CFO is asked whether it is a duplicate";
                        case CheckReviewSteps.CORRECT ->
                            "Billing manager and CFO are asked to see that it is corrected";
                        default -> "The CFO is asked to review it";
                    });
        }
        return decided;
    }

    private boolean isDecided(UUID id, String element) {
        return recorded(checks.get(id), element).isPresent();
    }

    private interface Decision {
        void carryOut(CompletedTask task);
    }

    private Optional<String> elsewhere(
            UUID id, String element, Supplier<List<CompletedTask>> newestFirst, long jobKey, Decision decision) {
        Optional<TaskResult> before = transactions.execute(status -> results.foundBy(Checks.SUBJECT, id, jobKey));
        if (before != null && before.isPresent()) {
            return Optional.of(outcome(id, element));
        }
        Set<Long> used = Objects.requireNonNull(transactions.execute(status -> results.used(Checks.SUBJECT, id)));
        return newestFirst.get().stream()
                .filter(task -> !used.contains(task.key()))
                .findFirst()
                .map(task -> carryOut(id, element, task, jobKey, decision));
    }

    private String carryOut(UUID id, String element, CompletedTask task, long jobKey, Decision decision) {
        Person person = person(task.assignee());
        try {
            Person known = required(person, element);
            CurrentUser.run(
                    known.id(),
                    () -> transactions.executeWithoutResult(status -> {
                        decision.carryOut(task);
                        use(id, element, task, known, null, jobKey);
                    }));
        } catch (RuleViolation refused) {
            String why = String.valueOf(refused.getMessage());
            transactions.executeWithoutResult(status -> {
                use(id, element, task, person, why, jobKey);
                rows.refused(id, why);
                if (element.equals(CheckReviewSteps.REVIEW)) {
                    checks.suspectAgain(id);
                }
                timeline.add(Checks.SUBJECT, id, person == null ? null : person.id(), "Decision not accepted", why);
            });
        }
        return outcome(id, element);
    }

    private void decide(UUID id, @Nullable Integer version, CompletedTask task) {
        switch (text(task, "decision")) {
            case "confirm" ->
                confirmations.confirm(
                        id,
                        new Confirmation(
                                version == null ? checks.get(id).version() : version,
                                null,
                                Boolean.TRUE.equals(task.variables().get("doubtsSeen")),
                                text(task, "comment")));
            case "reject" -> checks.reject(id, text(task, "comment"));
            case "send-back" -> checks.noteSentBack(id, text(task, "comment"));
            default -> throw new RuleViolation(Refusal.INVALID_INPUT, "say whether to confirm, reject or send back");
        }
    }

    private String outcome(UUID id, String element) {
        PaperCheck check = checks.get(id);
        return recorded(check, element)
                .orElseGet(() -> element.equals(CheckReviewSteps.REVIEW) ? undecided(check) : NOT_DECIDED);
    }

    private static Optional<String> recorded(PaperCheck check, String element) {
        return switch (element) {
            case CheckReviewSteps.DECIDE_DUPLICATE -> duplicateOutcome(check);
            case CheckReviewSteps.CORRECT -> correctionOutcome(check);
            default -> outcome(check);
        };
    }

    /** A check that may be another one is reviewed after somebody decided about that. */
    private static String undecided(PaperCheck check) {
        return check.isSuspectedDuplicate() ? CheckReviewSteps.DUPLICATE_SUSPECTED : NOT_DECIDED;
    }

    private static Optional<String> outcome(PaperCheck check) {
        return switch (check.status()) {
            case CONFIRMED, RETURNED -> Optional.of(CONFIRMED);
            case REJECTED, MERGED -> Optional.of(REJECTED);
            case NEEDS_REVIEW -> check.sentBackReason() == null ? Optional.empty() : Optional.of(SENT_BACK);
        };
    }

    private static Optional<String> duplicateOutcome(PaperCheck check) {
        if (check.status() == CheckStatus.REJECTED || check.status() == CheckStatus.MERGED) {
            return Optional.of(REJECTED);
        }
        return check.isSuspectedDuplicate() ? Optional.empty() : Optional.of(ANOTHER);
    }

    private static Optional<String> correctionOutcome(PaperCheck check) {
        if (check.status() != CheckStatus.NEEDS_REVIEW) {
            return Optional.of(REJECTED);
        }
        return check.sentBackReason() == null ? Optional.of(CORRECTED) : Optional.empty();
    }

    private @Nullable Person person(@Nullable String signInName) {
        return signInName == null
                ? null
                : users.bySignInName(signInName)
                        .filter(person -> person.organization().equals(CurrentOrganization.id()))
                        .orElse(null);
    }

    private static Person required(@Nullable Person person, String element) {
        Permission needed =
                element.equals(CheckReviewSteps.CORRECT) ? Permission.CHECKS_RECEIVE : Permission.CHECKS_CONFIRM;
        if (person == null || !person.may(needed)) {
            throw new RuleViolation(Refusal.NOT_PERMITTED, "Whoever decides needs the permission " + needed.key());
        }
        return person;
    }

    private void use(
            UUID id,
            String element,
            CompletedTask task,
            @Nullable Person person,
            @Nullable String refusal,
            long jobKey) {
        results.use(
                Checks.SUBJECT,
                id,
                new TaskResult(task.key(), element, person == null ? null : person.id(), "tasklist", refusal, jobKey));
    }

    private static String text(CompletedTask task, String name) {
        return task.variables().get(name) instanceof String text ? text : "";
    }
}

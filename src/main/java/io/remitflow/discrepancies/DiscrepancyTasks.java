package io.remitflow.discrepancies;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.TaskResult;
import io.remitflow.workflow.TaskResults;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What a person answered in Tasklist, checked before it counts: our own pages resolve the case directly. */
@Service
@Transactional
public class DiscrepancyTasks {

    private final Discrepancies discrepancies;
    private final TaskResults results;
    private final Users users;
    private final AuditLog audit;

    DiscrepancyTasks(Discrepancies discrepancies, TaskResults results, Users users, AuditLog audit) {
        this.discrepancies = discrepancies;
        this.results = results;
        this.users = users;
        this.audit = audit;
    }

    /** @param accepted false: it did not count, the task comes back with the reason */
    public record Result(boolean accepted, @Nullable String reason) {}

    /** @return empty: who completed the task is not visible yet */
    public Optional<Result> completed(UUID id, List<CompletedTask> newestFirst, long jobKey) {
        Discrepancy discrepancy = discrepancies.lock(id);
        Optional<TaskResult> before = results.foundBy(Discrepancies.SUBJECT, id, jobKey);
        if (before.isPresent()) {
            return before.map(result -> new Result(result.refusal() == null, result.refusal()));
        }
        if (discrepancy.isResolved()) {
            return Optional.of(new Result(true, null));
        }
        Set<Long> used = results.used(Discrepancies.SUBJECT, id);
        return newestFirst.stream()
                .filter(task -> !used.contains(task.key()))
                .findFirst()
                .map(task -> take(discrepancy, task, jobKey));
    }

    private Result take(Discrepancy discrepancy, CompletedTask task, long jobKey) {
        Person person = person(task.assignee()).orElse(null);
        UserId actor = person == null ? null : person.id();
        try {
            if (person == null || !Discrepancies.mayWork(person)) {
                throw new RuleViolation(
                        Refusal.NOT_PERMITTED, "Whoever resolves a discrepancy is active and has the permission to");
            }
            DiscrepancyResolution resolution = Optional.ofNullable(answer(task, "resolution"))
                    .flatMap(DiscrepancyResolution::ofKey)
                    .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "choose how it is resolved"));
            discrepancies.resolve(
                    discrepancy,
                    person.id(),
                    resolution,
                    Objects.requireNonNullElse(answer(task, "comment"), ""),
                    answer(task, "adjustmentNumber"));
            use(discrepancy, task, actor, null, jobKey);
            return new Result(true, null);
        } catch (RuleViolation refused) {
            String reason = String.valueOf(refused.getMessage());
            use(discrepancy, task, actor, reason, jobKey);
            discrepancies.refused(discrepancy, actor, reason);
            audit.record(
                    "discrepancy-task-refused",
                    Discrepancies.SUBJECT,
                    discrepancy.id().toString(),
                    Map.of("task", task.key(), "reason", reason));
            return new Result(false, reason);
        }
    }

    private void use(
            Discrepancy discrepancy,
            CompletedTask task,
            @Nullable UserId actor,
            @Nullable String refusal,
            long jobKey) {
        results.use(
                Discrepancies.SUBJECT,
                discrepancy.id(),
                new TaskResult(task.key(), DiscrepancySteps.WORK, actor, "tasklist", refusal, jobKey));
    }

    private static @Nullable String answer(CompletedTask task, String field) {
        return task.variables().get(field) instanceof String text ? text : null;
    }

    private Optional<Person> person(@Nullable String signInName) {
        return signInName == null
                ? Optional.empty()
                : users.bySignInName(signInName)
                        .filter(person -> person.organization().equals(CurrentOrganization.id()));
    }
}

package io.remitflow.discrepancies.process;

import static io.remitflow.workflow.HumanTasks.answer;

import io.camunda.client.annotation.JobKey;
import io.camunda.client.annotation.JobWorker;
import io.camunda.client.annotation.ProcessInstanceKey;
import io.camunda.client.annotation.Variable;
import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.Discrepancy;
import io.remitflow.discrepancies.DiscrepancySteps;
import io.remitflow.discrepancies.DiscrepancyTasks;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.NotYet;
import io.remitflow.workflow.ProcessInstances;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Job workers of {@code bpmn/discrepancy.bpmn}: variables in, one call, variables out. */
@Component
public class DiscrepancyWorkers {

    private static final String DECISION = "discrepancy-triage";

    /** Whoever a discrepancy belongs to, the CFO can always help. */
    private static final String HELPER = "cfo";

    private final Discrepancies discrepancies;
    private final DiscrepancyTasks completions;
    private final TaskHandover handover;
    private final Decisions decisions;
    private final HumanTasks tasks;
    private final ProcessInstances instances;
    private final Clock clock;

    DiscrepancyWorkers(
            Discrepancies discrepancies,
            DiscrepancyTasks completions,
            TaskHandover handover,
            Decisions decisions,
            HumanTasks tasks,
            ProcessInstances instances,
            Clock clock) {
        this.discrepancies = discrepancies;
        this.completions = completions;
        this.handover = handover;
        this.decisions = decisions;
        this.tasks = tasks;
        this.instances = instances;
        this.clock = clock;
    }

    @JobWorker(type = "discrepancies.triage-discrepancy")
    public Map<String, Object> triage(
            @Variable String orgId,
            @Variable String discrepancyId,
            @Variable String caseKey,
            @ProcessInstanceKey Long instance) {
        return in(orgId, () -> {
            instances.started(DiscrepancySteps.PROCESS, caseKey, instance);
            return triaged(UUID.fromString(discrepancyId), discrepancies::triaged);
        });
    }

    @JobWorker(type = "discrepancies.triage-again")
    public Map<String, Object> triageAgain(@Variable String orgId, @Variable String discrepancyId) {
        return in(orgId, () -> triaged(UUID.fromString(discrepancyId), discrepancies::triagedAgain));
    }

    private interface Triage {
        Discrepancy apply(UUID id, int priority, String ownerGroup, int dueDays, String reason);
    }

    private Map<String, Object> triaged(UUID id, Triage triage) {
        Map<String, Object> answer =
                decisions.decide(DECISION, Discrepancies.SUBJECT, id, discrepancies.triageInputs(id));
        Discrepancy discrepancy = triage.apply(
                id,
                number(answer, "priority"),
                text(answer, "ownerGroup"),
                number(answer, "dueDays"),
                text(answer, "reason"));
        return variables(discrepancy, answer);
    }

    private Map<String, Object> variables(Discrepancy discrepancy, Map<String, Object> answer) {
        Map<String, Object> variables = new HashMap<>(deadlines(discrepancy, number(answer, "remindHours")));
        variables.put("discrepancyNumber", discrepancy.number());
        variables.put("discrepancyType", discrepancy.type().key());
        variables.put("reference", CardNumbers.removedFrom(discrepancy.reference()));
        variables.put(
                "amountText",
                Amounts.format(discrepancy.difference()) + " "
                        + discrepancy.difference().getCurrencyUnit());
        variables.put("triageReason", text(answer, "reason"));
        variables.put("escalateTo", text(answer, "escalateTo"));
        variables.put("escalateDays", number(answer, "escalateDays"));
        variables.put("remindHours", number(answer, "remindHours"));
        variables.put("refusalReason", "");
        return variables;
    }

    @JobWorker(type = "discrepancies.apply-resolution")
    public Map<String, Object> applyResolution(
            @Variable String orgId,
            @Variable String discrepancyId,
            @Variable @Nullable String resolution,
            @Variable @Nullable String comment,
            @Variable @Nullable String adjustmentNumber,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return in(orgId, () -> {
            var result = completions
                    .completed(
                            UUID.fromString(discrepancyId),
                            tasks.completed(
                                    instance,
                                    DiscrepancySteps.WORK,
                                    answer("resolution", resolution),
                                    answer("comment", comment),
                                    answer("adjustmentNumber", adjustmentNumber)),
                            job)
                    .orElseThrow(() -> new NotYet("the completed task is not visible yet"));
            String reason = result.reason();
            // The answers of one task are not those of the next: a field that stays empty there would find them again.
            return Map.of(
                    "accepted", result.accepted(),
                    "refusalReason", reason == null ? "" : reason,
                    "resolution", "",
                    "comment", "",
                    "adjustmentNumber", "");
        });
    }

    @JobWorker(type = "discrepancies.hand-over-task")
    public void handOver(@Variable String orgId, @Variable String discrepancyId, @Variable String caseKey) {
        in(orgId, () -> {
            handover.toOwner(UUID.fromString(discrepancyId), caseKey);
            return Map.of();
        });
    }

    @JobWorker(type = "discrepancies.remind-of-deadline")
    public void remind(@Variable String orgId, @Variable String discrepancyId) {
        in(orgId, () -> {
            discrepancies.remind(UUID.fromString(discrepancyId));
            return Map.of();
        });
    }

    @JobWorker(type = "discrepancies.escalate-discrepancy")
    public Map<String, Object> escalate(
            @Variable String orgId,
            @Variable String discrepancyId,
            @Variable String escalateTo,
            @Variable int escalateDays,
            @Variable int remindHours,
            @Variable String dueAt) {
        return in(
                orgId,
                () -> deadlines(
                        discrepancies.escalate(
                                UUID.fromString(discrepancyId),
                                escalateTo,
                                Duration.ofDays(escalateDays),
                                Instant.parse(dueAt)),
                        remindHours));
    }

    @JobWorker(type = "discrepancies.close-discrepancy")
    public void close(@Variable String orgId, @Variable String caseKey, @ProcessInstanceKey Long instance) {
        in(orgId, () -> {
            instances.ended(DiscrepancySteps.PROCESS, caseKey, instance);
            return Map.of();
        });
    }

    /** What is left until the deadline of the books; {@code dueAt} says which deadline it is. */
    private Map<String, Object> deadlines(Discrepancy discrepancy, int remindHours) {
        Discrepancy.Triage triage = discrepancy.triage();
        if (triage == null) {
            throw new IllegalStateException("discrepancy " + discrepancy.number() + " was not triaged");
        }
        long left =
                Math.max(0, Duration.between(clock.instant(), triage.dueAt()).toMinutes());
        return Map.of(
                "ownerGroups",
                Stream.of(triage.ownerGroup(), HELPER).distinct().toList(),
                "priority",
                triage.priority(),
                "dueAt",
                triage.dueAt().toString(),
                "dueMinutes",
                left,
                "remindMinutes",
                Math.max(0, left - Duration.ofHours(remindHours).toMinutes()));
    }

    private static String text(Map<String, Object> answer, String name) {
        return String.valueOf(answer.get(name));
    }

    private static int number(Map<String, Object> answer, String name) {
        if (answer.get(name) instanceof Number number) {
            return number.intValue();
        }
        throw new IllegalStateException("the rule gives no number as " + name);
    }

    private static Map<String, Object> in(String orgId, Supplier<Map<String, Object>> work) {
        return CurrentOrganization.call(OrganizationId.of(orgId), work);
    }
}

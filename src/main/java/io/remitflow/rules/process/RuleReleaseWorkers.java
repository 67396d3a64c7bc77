package io.remitflow.rules.process;

import static io.remitflow.workflow.HumanTasks.answer;

import io.camunda.client.annotation.JobKey;
import io.camunda.client.annotation.JobWorker;
import io.camunda.client.annotation.ProcessInstanceKey;
import io.camunda.client.annotation.Variable;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.rules.DecisionTables;
import io.remitflow.rules.Release;
import io.remitflow.rules.ReleaseRequest;
import io.remitflow.rules.RuleReleaseSteps;
import io.remitflow.rules.RuleReleases;
import io.remitflow.workflow.ApprovableCases.Verification;
import io.remitflow.workflow.ApprovalRule;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.SplitWarnings;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The steps of {@code bpmn/rule-release.bpmn}. */
@Component
public class RuleReleaseWorkers {

    private static final int NORMAL_PRIORITY = 50;
    private static final int ESCALATED_PRIORITY = 90;
    private static final String ALREADY_DECIDED = "alreadyDecided";

    private final RuleReleases releases;
    private final DecisionTables tables;
    private final Decisions decisions;
    private final HumanTasks tasks;
    private final ProcessInstances instances;

    RuleReleaseWorkers(
            RuleReleases releases,
            DecisionTables tables,
            Decisions decisions,
            HumanTasks tasks,
            ProcessInstances instances) {
        this.releases = releases;
        this.tables = tables;
        this.decisions = decisions;
        this.tasks = tasks;
        this.instances = instances;
    }

    @JobWorker(type = "rules.collect-facts")
    public Map<String, Object> collectFacts(
            @Variable String orgId, @Variable String requestId, @ProcessInstanceKey Long instance) {
        return in(orgId, () -> {
            instances.started(RuleReleaseSteps.PROCESS, requestId, instance);
            ReleaseRequest request = releases.get(UUID.fromString(requestId));
            Instant effective = request.effectiveFrom();
            Map<String, Object> variables = new HashMap<>();
            variables.put("requestNumber", request.number());
            variables.put("decisionId", request.decisionId());
            variables.put("effectiveText", effective == null ? "at once" : effective.toString());
            variables.put(
                    "effectiveFrom",
                    Objects.requireNonNullElse(effective, Instant.EPOCH).toString());
            variables.put("replayText", request.replayed().inWords());
            variables.put("priority", NORMAL_PRIORITY);
            variables.put("refusalReason", "");
            return variables;
        });
    }

    @JobWorker(type = "rules.determine-approval")
    public Map<String, Object> determineApproval(@Variable String orgId, @Variable String requestId) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(requestId);
            Map<String, Object> answer =
                    decisions.decide("rule-release-approval", RuleReleases.SUBJECT, id, releases.facts(id));
            String reason = String.valueOf(answer.get("reason"));
            ReleaseRequest request = releases.ruleAnswered(id, ApprovalRule.levelsOfSomebody(answer), reason);
            List<String> levels = Objects.requireNonNullElse(request.levels(), List.of("cfo"));
            return Map.of(
                    "level",
                    1,
                    ALREADY_DECIDED,
                    releases.isDecided(id, 1),
                    "approverGroups",
                    ApprovalRule.firstGroups(answer, levels),
                    "dueDays",
                    SplitWarnings.dueDays(answer.get("dueDays")),
                    "escalateTo",
                    ApprovalRule.escalateTo(answer),
                    "approvalReason",
                    reason);
        });
    }

    @JobWorker(type = "rules.verify-authority")
    public Map<String, Object> verifyAuthority(
            @Variable String orgId,
            @Variable String requestId,
            @Variable int level,
            @Variable List<String> approverGroups,
            @Variable @Nullable String decision,
            @Variable @Nullable String comment,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(requestId);
            Verification verification = releases.recorded(id, level, job)
                    .or(() -> releases.lookUp(
                            id,
                            level,
                            tasks.completed(
                                    instance,
                                    RuleReleaseSteps.APPROVE,
                                    answer("decision", decision),
                                    answer("comment", comment)),
                            job))
                    .orElseThrow(Verification::notYet);
            if (verification.rejected()) {
                instances.ended(RuleReleaseSteps.PROCESS, requestId, instance);
            }
            return verification.variables(
                    level, approverGroups, () -> releases.get(id).levels());
        });
    }

    @JobWorker(type = "rules.remind-approver")
    public void remindApprover(@Variable String orgId, @Variable String requestId) {
        in(orgId, () -> {
            releases.remind(UUID.fromString(requestId), false);
            return Map.of();
        });
    }

    @JobWorker(type = "rules.escalate-approval")
    public Map<String, Object> escalateApproval(
            @Variable String orgId,
            @Variable String requestId,
            @Variable int level,
            @Variable @Nullable String escalateTo) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(requestId);
            if (releases.isDecided(id, level)) {
                return Map.of(ALREADY_DECIDED, true);
            }
            releases.remind(id, true);
            return Map.of(
                    ALREADY_DECIDED,
                    false,
                    "approverGroups",
                    List.of(Objects.requireNonNullElse(escalateTo, "cfo")),
                    "priority",
                    ESCALATED_PRIORITY);
        });
    }

    /** In the books first: a decision made meanwhile is given the table by itself if the engine does not have it yet. */
    @JobWorker(type = "rules.activate-release")
    public void activateRelease(@Variable String orgId, @Variable String requestId, @ProcessInstanceKey Long instance) {
        in(orgId, () -> {
            Release release = releases.activate(UUID.fromString(requestId));
            tables.giveToEngine(release);
            instances.ended(RuleReleaseSteps.PROCESS, requestId, instance);
            return Map.of();
        });
    }

    private static Map<String, Object> in(String orgId, Supplier<Map<String, Object>> work) {
        return CurrentOrganization.call(OrganizationId.of(orgId), work);
    }
}

package io.remitflow.claims.process;

import static io.remitflow.workflow.HumanTasks.answer;

import io.camunda.client.annotation.JobKey;
import io.camunda.client.annotation.JobWorker;
import io.camunda.client.annotation.ProcessInstanceKey;
import io.camunda.client.annotation.Variable;
import io.remitflow.claims.Denial;
import io.remitflow.claims.DenialStatus;
import io.remitflow.claims.DenialSteps;
import io.remitflow.claims.DenialWork;
import io.remitflow.claims.Denials;
import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.Organizations;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.NotYet;
import io.remitflow.workflow.ProcessInstances;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Job workers of {@code bpmn/denial.bpmn}: variables in, one call, variables out. */
@Component
public class DenialWorkers {

    private static final String DECISION = "denial-triage";

    /** Whoever a denial belongs to, the manager can always help. */
    private static final String MANAGER = "billing-manager";

    private final Denials denials;
    private final DenialWork work;
    private final Decisions decisions;
    private final HumanTasks tasks;
    private final ProcessInstances instances;
    private final Organizations organizations;

    DenialWorkers(
            Denials denials,
            DenialWork work,
            Decisions decisions,
            HumanTasks tasks,
            ProcessInstances instances,
            Organizations organizations) {
        this.denials = denials;
        this.work = work;
        this.decisions = decisions;
        this.tasks = tasks;
        this.instances = instances;
        this.organizations = organizations;
    }

    @JobWorker(type = "claims.triage-denial")
    public Map<String, Object> triage(
            @Variable String orgId,
            @Variable String denialId,
            @Variable(optional = true) @Nullable String caseKey,
            @ProcessInstanceKey Long instance) {
        return in(orgId, () -> {
            instances.started(DenialSteps.PROCESS, key(denialId, caseKey), instance);
            UUID id = UUID.fromString(denialId);
            Map<String, Object> answer = decisions.decide(DECISION, Denials.SUBJECT, id, denials.triageInputs(id));
            Denial denial = denials.triaged(id, triage(answer));
            Map<String, Object> variables = new HashMap<>();
            variables.put("denialNumber", denial.number());
            variables.put(
                    "amountText",
                    Amounts.format(denial.denied()) + " " + denial.denied().getCurrencyUnit());
            variables.put("denialClass", text(answer, "denialClass"));
            variables.put("triageReason", text(answer, "reason"));
            variables.put("appealLimitText", denial.appealLimitOn().toString());
            variables.put(
                    "ownerGroups",
                    Stream.of(text(answer, "ownerGroup"), MANAGER).distinct().toList());
            variables.put("priority", number(answer, "priority"));
            variables.put("dueDays", number(answer, "dueDays"));
            variables.put("answerDays", number(answer, "answerDays"));
            variables.put(
                    "appealRemindAt", startOf(denial.appealLimitOn().minusDays(number(answer, "remindDaysBefore"))));
            variables.put(
                    "appealEscalateAt",
                    startOf(denial.appealLimitOn().minusDays(number(answer, "escalateDaysBefore"))));
            variables.put("appealLimitAt", startOf(denial.appealLimitOn().plusDays(1)));
            variables.put("refusalReason", "");
            variables.put("outcome", "");
            return variables;
        });
    }

    @JobWorker(type = "claims.apply-denial-choice")
    public Map<String, Object> applyChoice(
            @Variable String orgId,
            @Variable String denialId,
            @Variable @Nullable String choice,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return in(orgId, () -> {
            DenialWork.Result result = known(work.applyChoice(
                    UUID.fromString(denialId),
                    tasks.completed(instance, DenialSteps.WORK, answer("choice", choice)),
                    job));
            return Map.of(
                    "accepted",
                    result.accepted(),
                    "choice",
                    result.outcome(),
                    "outcome",
                    "",
                    "refusalReason",
                    result.reason() == null ? "" : result.reason());
        });
    }

    @JobWorker(type = "claims.verify-denial-sending")
    public Map<String, Object> verifySending(
            @Variable String orgId,
            @Variable String denialId,
            @Variable @Nullable String outcome,
            @Variable @Nullable String reference,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(denialId);
            String element =
                    denials.get(id).status() == DenialStatus.APPEALING ? DenialSteps.APPEAL : DenialSteps.CORRECT;
            DenialWork.Result result = known(work.verifySending(
                    id,
                    element,
                    tasks.completed(instance, element, answer("outcome", outcome), answer("reference", reference)),
                    job));
            return Map.of(
                    "accepted", result.accepted(),
                    "outcome", result.outcome(),
                    "refusalReason", result.reason() == null ? "" : result.reason());
        });
    }

    @JobWorker(type = "claims.bill-denial-to-patient")
    public Map<String, Object> billPatient(@Variable String orgId, @Variable String denialId) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(denialId);
            boolean billed = work.billPatient(id);
            String reason = denials.get(id).refusalReason();
            return Map.of("billed", billed, "refusalReason", reason == null ? "" : reason);
        });
    }

    @JobWorker(type = "claims.reopen-denial")
    public Map<String, Object> reopen(@Variable String orgId, @Variable String denialId) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(denialId);
            work.reopen(id);
            String reason = denials.get(id).refusalReason();
            return Map.of("refusalReason", reason == null ? "" : reason);
        });
    }

    @JobWorker(type = "claims.remind-of-appeal-limit")
    public void remind(@Variable String orgId, @Variable String denialId) {
        in(orgId, () -> {
            denials.remind(UUID.fromString(denialId));
            return Map.of();
        });
    }

    @JobWorker(type = "claims.escalate-denial")
    public void escalate(@Variable String orgId, @Variable String denialId) {
        in(orgId, () -> {
            denials.escalate(UUID.fromString(denialId));
            return Map.of();
        });
    }

    @JobWorker(type = "claims.record-appeal-expiry")
    public void recordExpiry(@Variable String orgId, @Variable String denialId) {
        in(orgId, () -> {
            denials.expire(UUID.fromString(denialId));
            return Map.of();
        });
    }

    @JobWorker(type = "claims.note-payer-silence")
    public Map<String, Object> noteSilence(@Variable String orgId, @Variable String denialId) {
        return in(orgId, () -> {
            work.silent(UUID.fromString(denialId));
            return Map.of("outcome", "");
        });
    }

    @JobWorker(type = "claims.close-denial")
    public void close(
            @Variable String orgId,
            @Variable String denialId,
            @Variable(optional = true) @Nullable String caseKey,
            @ProcessInstanceKey Long instance) {
        ended(orgId, key(denialId, caseKey), instance);
    }

    @JobWorker(type = "claims.record-denial-answer")
    public void recordAnswer(
            @Variable String orgId,
            @Variable String denialId,
            @Variable(optional = true) @Nullable String caseKey,
            @ProcessInstanceKey Long instance) {
        ended(orgId, key(denialId, caseKey), instance);
    }

    /** Processes of before denials could be opened again have no key of their round. */
    private static String key(String denialId, @Nullable String caseKey) {
        return caseKey == null ? denialId : caseKey;
    }

    private void ended(String orgId, String processKey, long instance) {
        in(orgId, () -> {
            instances.ended(DenialSteps.PROCESS, processKey, instance);
            return Map.of();
        });
    }

    private static Denial.Triage triage(Map<String, Object> answer) {
        return new Denial.Triage(
                text(answer, "denialClass"),
                number(answer, "priority"),
                text(answer, "ownerGroup"),
                Boolean.TRUE.equals(answer.get("appealable")),
                Boolean.TRUE.equals(answer.get("patientBillable")),
                text(answer, "reason"));
    }

    private static DenialWork.Result known(Optional<DenialWork.Result> result) {
        return result.orElseThrow(() -> new NotYet("the completed task or the end of the case is not visible yet"));
    }

    private String startOf(LocalDate day) {
        return day.atStartOfDay(organizations.current().timeZone()).toInstant().toString();
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

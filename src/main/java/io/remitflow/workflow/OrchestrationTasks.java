package io.remitflow.workflow;

import io.camunda.client.CamundaClient;
import io.camunda.client.api.search.enums.UserTaskState;
import io.camunda.client.api.search.response.UserTask;
import io.remitflow.identity.CurrentOrganization;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/** Tasks as the orchestration cluster's own API tells them: for engines from version 8.8 on. */
@Component
@ConditionalOnProperty(name = "remitflow.camunda.task-api", havingValue = "orchestration-v2")
class OrchestrationTasks extends EngineTasks {

    private static final int COMPLETED_LIMIT = 50;
    private static final int VARIABLES_LIMIT = 200;

    private final CamundaClient engine;
    private final Json json;

    OrchestrationTasks(CamundaClient engine, TaskCommands commands, Json json) {
        super(commands);
        this.engine = engine;
        this.json = json;
    }

    @Override
    public List<HumanTask> open(TaskQuery query) {
        return EngineCalls.join(engine.newUserTaskSearchRequest()
                        .filter(filter -> {
                            filter.state(UserTaskState.CREATED).processInstanceVariables(ofCurrentOrganization());
                            if (query.holder() != null) {
                                filter.assignee(query.holder());
                            }
                            if (query.unclaimed()) {
                                filter.assignee(assignee -> assignee.exists(false));
                            }
                            if (!query.groups().isEmpty()) {
                                filter.candidateGroup(group -> group.in(List.copyOf(query.groups())));
                            }
                            if (query.processInstanceKey() != null) {
                                filter.processInstanceKey(query.processInstanceKey());
                            }
                            if (query.elementId() != null) {
                                filter.elementId(query.elementId());
                            }
                        })
                        .sort(sort -> sort.priority().desc().creationDate().asc())
                        .page(page -> page.from(query.from()).limit(query.limit()))
                        .send())
                .items()
                .stream()
                .map(this::humanTask)
                .filter(task -> TaskCommands.isOfCurrentOrganization(task.variables()))
                .toList();
    }

    /** The engine compares with the variable's JSON text, so a string has its quotes. */
    private Map<String, Object> ofCurrentOrganization() {
        return Map.of("orgId", json.write(CurrentOrganization.id().toString()));
    }

    @Override
    public Optional<HumanTask> find(long key) {
        try {
            return Optional.of(
                            EngineCalls.join(engine.newUserTaskGetRequest(key).send()))
                    .filter(task -> task.getState() == UserTaskState.CREATED)
                    .map(this::humanTask)
                    .filter(task -> TaskCommands.isOfCurrentOrganization(task.variables()));
        } catch (EngineUnavailable e) {
            throw e;
        } catch (RuntimeException e) {
            if (EngineCalls.of(e) == EngineCalls.GONE) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public List<CompletedTask> completed(long processInstanceKey, String elementId) {
        return EngineCalls.join(engine.newUserTaskSearchRequest()
                        .filter(filter -> filter.state(UserTaskState.COMPLETED)
                                .processInstanceKey(processInstanceKey)
                                .elementId(elementId)
                                .processInstanceVariables(ofCurrentOrganization()))
                        .sort(sort -> sort.completionDate().desc())
                        .page(page -> page.from(0).limit(COMPLETED_LIMIT))
                        .send())
                .items()
                .stream()
                .map(task -> new CompletedTask(
                        task.getUserTaskKey(),
                        task.getAssignee(),
                        Optional.ofNullable(instant(task.getCompletionDate())).orElse(Instant.EPOCH),
                        variablesOf(task.getUserTaskKey())))
                .toList();
    }

    private Map<String, Object> variablesOf(long key) {
        var variables = new LinkedHashMap<String, Object>();
        EngineCalls.join(engine.newUserTaskVariableSearchRequest(key)
                        .page(page -> page.from(0).limit(VARIABLES_LIMIT))
                        .send())
                .items()
                .forEach(variable -> {
                    Object value =
                            Boolean.TRUE.equals(variable.isTruncated()) ? null : json.readValue(variable.getValue());
                    if (value != null) {
                        variables.put(variable.getName(), value);
                    }
                });
        return variables;
    }

    private HumanTask humanTask(UserTask task) {
        return new HumanTask(
                task.getUserTaskKey(),
                task.getBpmnProcessId(),
                task.getElementId(),
                Optional.ofNullable(task.getName()).orElse(task.getElementId()),
                task.getProcessInstanceKey(),
                task.getAssignee(),
                Optional.ofNullable(task.getCandidateGroups()).orElse(List.of()),
                Optional.ofNullable(instant(task.getCreationDate())).orElse(Instant.EPOCH),
                instant(task.getDueDate()),
                Optional.ofNullable(task.getPriority()).orElse(50),
                variablesOf(task.getUserTaskKey()));
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }
}

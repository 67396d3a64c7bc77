package io.remitflow.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/** Tasks as Tasklist's first API tells them: for engines of version 8.6, which cannot be searched themselves. */
@Component
@ConditionalOnProperty(name = "remitflow.camunda.task-api", havingValue = "tasklist-v1", matchIfMissing = true)
class TasklistTasks extends EngineTasks {

    private static final int COMPLETED_LIMIT = 50;
    private static final int LONGEST_PAGE = 200;
    private static final List<Map<String, String>> MOST_URGENT_FIRST =
            List.of(Map.of("field", "priority", "order", "DESC"), Map.of("field", "creationTime", "order", "ASC"));
    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
            .appendPattern("[XXX][XX]")
            .toFormatter();

    private final TasklistClient tasklist;
    private final Deployments deployments;
    private final ProcessModels models;
    private final ObjectProvider<TaskPage> pages;
    private final Json json;

    TasklistTasks(
            TasklistClient tasklist,
            TaskCommands commands,
            Deployments deployments,
            ProcessModels models,
            ObjectProvider<TaskPage> pages,
            Json json) {
        super(commands);
        this.tasklist = tasklist;
        this.deployments = deployments;
        this.models = models;
        this.pages = pages;
        this.json = json;
    }

    /**
     * Not by the variable {@code orgId}: Tasklist 8.6 answers that with a search for each process the organization ever had,
     * and soon not at all. What an organization sees is decided here, task by task.
     */
    @Override
    public List<HumanTask> open(TaskQuery query) {
        int wanted = query.from() + query.limit();
        int pageSize = Math.min(wanted, LONGEST_PAGE);
        Map<String, Object> request = request(query, pageSize);
        var own = new ArrayList<HumanTask>();
        JsonNode page;
        do {
            page = tasklist.post("/v1/tasks/search", request);
            for (JsonNode task : page) {
                HumanTask found = humanTask(task, variables(task.path("variables")));
                if (TaskCommands.isOfCurrentOrganization(found.variables())) {
                    own.add(found);
                }
                request.put("searchAfter", task.path("sortValues"));
            }
        } while (own.size() < wanted && page.size() == pageSize);
        return own.stream().skip(query.from()).limit(query.limit()).toList();
    }

    private Map<String, Object> request(TaskQuery query, int pageSize) {
        var names = new TreeSet<String>();
        names.add("orgId");
        pages.forEach(page -> names.addAll(page.variables()));

        var request = new LinkedHashMap<String, Object>();
        request.put("state", "CREATED");
        request.put("implementation", "ZEEBE_USER_TASK");
        request.put("pageSize", pageSize);
        request.put("sort", MOST_URGENT_FIRST);
        request.put(
                "includeVariables",
                names.stream()
                        .map(name -> Map.of("name", name, "alwaysReturnFullValue", true))
                        .toList());
        if (query.holder() != null) {
            request.put("assignee", query.holder());
        }
        if (query.unclaimed()) {
            request.put("assigned", false);
        }
        if (!query.groups().isEmpty()) {
            request.put("candidateGroups", List.copyOf(query.groups()));
        }
        if (query.processInstanceKey() != null) {
            request.put("processInstanceKey", query.processInstanceKey().toString());
        }
        if (query.elementId() != null) {
            request.put("taskDefinitionId", query.elementId());
        }
        return request;
    }

    @Override
    public Optional<HumanTask> find(long key) {
        return tasklist.get("/v1/tasks/" + key)
                .filter(task -> task.path("taskState").asText().equals("CREATED"))
                .map(task -> humanTask(task, variablesOf(key)))
                .filter(task -> TaskCommands.isOfCurrentOrganization(task.variables()));
    }

    /**
     * Of a completed task Tasklist keeps only the variables that its completion brought along, so the organization cannot
     * be asked for; the process instance belongs to one.
     */
    @Override
    public List<CompletedTask> completed(long processInstanceKey, String elementId) {
        var request = Map.<String, Object>of(
                "state",
                "COMPLETED",
                "implementation",
                "ZEEBE_USER_TASK",
                "processInstanceKey",
                String.valueOf(processInstanceKey),
                "taskDefinitionId",
                elementId,
                "pageSize",
                COMPLETED_LIMIT,
                "sort",
                List.of(Map.of("field", "completionTime", "order", "DESC")));
        return tasks("/v1/tasks/search", request)
                .map(task -> new CompletedTask(
                        task.path("id").asLong(),
                        text(task, "assignee"),
                        Optional.ofNullable(time(task, "completionDate")).orElse(Instant.EPOCH),
                        variablesOf(task.path("id").asLong())))
                .toList();
    }

    private Stream<JsonNode> tasks(String path, Map<String, Object> request) {
        var found = new ArrayList<JsonNode>();
        tasklist.post(path, request).forEach(found::add);
        return found.stream();
    }

    private Map<String, Object> variablesOf(long key) {
        return variables(tasklist.post("/v1/tasks/" + key + "/variables/search", Map.of()));
    }

    private Map<String, Object> variables(JsonNode list) {
        var variables = new LinkedHashMap<String, Object>();
        for (JsonNode variable : list) {
            Object value =
                    variable.path("isValueTruncated").asBoolean() ? null : json.readValue(text(variable, "value"));
            if (value != null) {
                variables.put(variable.path("name").asText(), value);
            }
        }
        return variables;
    }

    private HumanTask humanTask(JsonNode task, Map<String, Object> variables) {
        var groups = new ArrayList<String>();
        task.path("candidateGroups").forEach(group -> groups.add(group.asText()));
        String processName = task.path("processName").asText();
        return new HumanTask(
                task.path("id").asLong(),
                deployments
                        .processId(task.path("processDefinitionKey").asLong())
                        .or(() -> models.processIdByName(processName))
                        .orElse(processName),
                task.path("taskDefinitionId").asText(),
                task.path("name").asText(),
                task.path("processInstanceKey").asLong(),
                text(task, "assignee"),
                List.copyOf(groups),
                Optional.ofNullable(time(task, "creationDate")).orElse(Instant.EPOCH),
                time(task, "dueDate"),
                task.path("priority").asInt(50),
                variables);
    }

    private static @Nullable String text(JsonNode node, String field) {
        var value = node.path(field);
        return value.isTextual() && !value.asText().isEmpty() ? value.asText() : null;
    }

    private static @Nullable Instant time(JsonNode node, String field) {
        String text = text(node, field);
        return text == null ? null : OffsetDateTime.parse(text, TIME).toInstant();
    }
}

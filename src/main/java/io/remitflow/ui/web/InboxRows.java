package io.remitflow.ui.web;

import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Person;
import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import io.remitflow.ui.Times;
import io.remitflow.workflow.EngineUnavailable;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.TaskPage;
import io.remitflow.workflow.TaskQuery;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** Open tasks as lines of a list. */
@Component
class InboxRows {

    private static final Logger log = LoggerFactory.getLogger(InboxRows.class);

    private final ObjectProvider<HumanTasks> tasks;
    private final List<TaskPage> pages;
    private final Users users;
    private final Times times;

    InboxRows(ObjectProvider<HumanTasks> tasks, List<TaskPage> pages, Users users, Times times) {
        this.tasks = tasks;
        this.pages = pages;
        this.users = users;
        this.times = times;
    }

    /** Nothing if the engine does not answer. */
    Optional<List<Row>> forSignedInPerson() {
        var id = CurrentUser.id();
        String signInName = users.signInName(id);
        var roles = users.find(id).orElseThrow().roles().stream().map(Role::key).collect(Collectors.toSet());
        var engine = tasks.getIfAvailable();
        if (engine == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(engine.open(TaskQuery.forPerson(signInName, roles)).stream()
                    .map(task -> row(task, signInName))
                    .toList());
        } catch (EngineUnavailable e) {
            log.warn("the engine does not answer: the inbox is shown without tasks");
            return Optional.empty();
        }
    }

    Optional<TaskPage> page(HumanTask task) {
        return pages.stream()
                .filter(page -> page.processId().equals(task.processId())
                        && page.elementId().equals(task.elementId()))
                .findFirst();
    }

    /** Whether the task is for one of the person's roles, or in their hands already. */
    static boolean isFor(Person person, String signInName, HumanTask task) {
        return signInName.equals(task.assignee())
                || task.candidateGroups().isEmpty()
                || person.roles().stream()
                        .anyMatch(role -> task.candidateGroups().contains(role.key()));
    }

    private Row row(HumanTask task, String signInName) {
        return new Row(
                task.key(),
                page(task).map(page -> page.title(task)).orElse(task.name()),
                task.candidateGroups().stream()
                        .map(key -> Role.ofKey(key).map(Role::title).orElse(key))
                        .collect(Collectors.joining(", ")),
                times.age(task.createdAt()),
                times.until(task.dueAt()),
                times.past(task.dueAt()),
                task.assignee(),
                signInName.equals(task.assignee()));
    }

    /** One line. */
    record Row(
            long key,
            String title,
            String groups,
            String age,
            String due,
            boolean overdue,
            @Nullable String holder,
            boolean mine) {}
}

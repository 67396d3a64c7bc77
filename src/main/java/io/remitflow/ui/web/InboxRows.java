package io.remitflow.ui.web;

import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Delegations;
import io.remitflow.identity.Person;
import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import io.remitflow.ui.Times;
import io.remitflow.workflow.EngineUnavailable;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.TaskPage;
import io.remitflow.workflow.TaskQuery;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private final Delegations delegations;
    private final Times times;

    InboxRows(
            ObjectProvider<HumanTasks> tasks, List<TaskPage> pages, Users users, Delegations delegations, Times times) {
        this.tasks = tasks;
        this.pages = pages;
        this.users = users;
        this.delegations = delegations;
        this.times = times;
    }

    /** Nothing if the engine does not answer. */
    Optional<List<Row>> forSignedInPerson() {
        return waiting().map(all -> all.stream().map(this::row).toList());
    }

    /**
     * What the person may work on, and what somebody absent would approve if they had not lent that authority to the person.
     * Nothing if the engine does not answer.
     */
    Optional<List<Waiting>> waiting() {
        Person me = users.find(CurrentUser.id()).orElseThrow();
        var engine = tasks.getIfAvailable();
        if (engine == null) {
            return Optional.empty();
        }
        try {
            Map<Long, Waiting> found = new LinkedHashMap<>();
            open(engine, me).forEach(task -> found.put(task.key(), new Waiting(task, null)));
            for (Person absent : delegations.delegatorsOf(me.id())) {
                open(engine, absent).stream()
                        .filter(task -> lends(absent, task))
                        .forEach(task -> found.putIfAbsent(task.key(), new Waiting(task, absent.displayName())));
            }
            return Optional.of(List.copyOf(found.values()));
        } catch (EngineUnavailable e) {
            log.warn("the engine does not answer: the inbox is shown without tasks");
            return Optional.empty();
        }
    }

    private List<HumanTask> open(HumanTasks engine, Person person) {
        var roles = person.roles().stream().map(Role::key).collect(Collectors.toSet());
        return engine.open(TaskQuery.forPerson(users.signInName(person.id()), roles));
    }

    private boolean lends(Person absent, HumanTask task) {
        return page(task)
                .flatMap(TaskPage::approvable)
                .filter(approvable -> absent.may(approvable.permission()))
                .isPresent();
    }

    Optional<TaskPage> page(HumanTask task) {
        return pages.stream()
                .filter(page -> page.processId().equals(task.processId())
                        && page.elementId().equals(task.elementId()))
                .findFirst();
    }

    /** Whether the task is for one of the person's roles or for one that was lent to them, or in their hands already. */
    boolean isFor(Person person, String signInName, HumanTask task) {
        return signInName.equals(task.assignee())
                || task.candidateGroups().isEmpty()
                || hasRole(person, task)
                || delegations.delegatorsOf(person.id()).stream()
                        .anyMatch(absent -> hasRole(absent, task) && lends(absent, task));
    }

    private static boolean hasRole(Person person, HumanTask task) {
        return person.roles().stream().anyMatch(role -> task.candidateGroups().contains(role.key()));
    }

    Row row(Waiting waiting) {
        HumanTask task = waiting.task();
        String signInName = users.signInName(CurrentUser.id());
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
                signInName.equals(task.assignee()),
                waiting.lentBy());
    }

    /** @param lentBy the name of somebody absent in whose place the person decides; null: in their own */
    record Waiting(HumanTask task, @Nullable String lentBy) {}

    /** One line. */
    record Row(
            long key,
            String title,
            String groups,
            String age,
            String due,
            boolean overdue,
            @Nullable String holder,
            boolean mine,
            @Nullable String lentBy) {}
}

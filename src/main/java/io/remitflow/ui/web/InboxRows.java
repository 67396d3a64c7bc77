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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** Open tasks as lines of a list. */
@Component
class InboxRows {

    private static final Logger log = LoggerFactory.getLogger(InboxRows.class);
    private static final int PAGE = 100;
    private static final Comparator<Waiting> MOST_URGENT_FIRST = Comparator.comparing(
            Waiting::task,
            Comparator.comparing(HumanTask::priority)
                    .reversed()
                    .thenComparing(HumanTask::dueAt, Comparator.nullsLast(Comparator.naturalOrder()))
                    .thenComparing(HumanTask::createdAt)
                    .thenComparing(HumanTask::key));

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

    /**
     * What the person may work on, and what somebody absent would approve if they had not lent that authority to the person:
     * the most urgent first, of these what is due first, then the oldest. Nothing if the engine does not answer.
     *
     * @param page from 1: so many hundreds of tasks that nobody holds come before. What the person holds is always there.
     */
    Optional<Found> waiting(int page) {
        Person me = users.find(CurrentUser.id()).orElseThrow();
        var engine = tasks.getIfAvailable();
        if (engine == null) {
            return Optional.empty();
        }
        try {
            Map<Long, Waiting> found = new LinkedHashMap<>();
            held(engine, me).forEach(task -> found.put(task.key(), new Waiting(task, null)));
            List<HumanTask> mine = unclaimed(engine, me, page);
            boolean more = mine.size() > PAGE;
            mine.stream().limit(PAGE).forEach(task -> found.putIfAbsent(task.key(), new Waiting(task, null)));
            for (Person absent : delegations.delegatorsOf(me.id())) {
                List<HumanTask> theirs = unclaimed(engine, absent, page);
                more |= theirs.size() > PAGE;
                Stream.concat(
                                page == 1 ? held(engine, absent).stream() : Stream.of(),
                                theirs.stream().limit(PAGE))
                        .filter(task -> lends(absent, task))
                        .forEach(task -> found.putIfAbsent(task.key(), new Waiting(task, absent.displayName())));
            }
            return Optional.of(
                    new Found(found.values().stream().sorted(MOST_URGENT_FIRST).toList(), more));
        } catch (EngineUnavailable e) {
            log.warn("the engine does not answer: the inbox is shown without tasks");
            return Optional.empty();
        }
    }

    private List<HumanTask> held(HumanTasks engine, Person person) {
        return engine.open(TaskQuery.heldBy(users.signInName(person.id())));
    }

    /** One more than a page has, if there are so many. */
    private static List<HumanTask> unclaimed(HumanTasks engine, Person person, int page) {
        var roles = person.roles().stream().map(Role::key).collect(Collectors.toSet());
        return roles.isEmpty()
                ? List.of()
                : engine.open(TaskQuery.unclaimed(roles).from((page - 1) * PAGE).limit(PAGE + 1));
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

    /** @param more whether a further page has more */
    record Found(List<Waiting> tasks, boolean more) {}

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

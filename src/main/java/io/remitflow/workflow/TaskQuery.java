package io.remitflow.workflow;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which open tasks of the current organization to list; what is null or empty does not restrict.
 *
 * <p>With a person, the tasks that the person holds and those that nobody holds yet in one of the groups.
 */
public record TaskQuery(
        @Nullable String signInName,
        Set<String> groups,
        @Nullable Long processInstanceKey,
        @Nullable String elementId,
        int limit) {

    private static final int PAGE_SIZE = 100;

    /** Every open task of the organization, oldest first. */
    public static TaskQuery all() {
        return new TaskQuery(null, Set.of(), null, null, PAGE_SIZE);
    }

    /** @param groups role keys of the person, such as {@code billing-manager} */
    public static TaskQuery forPerson(String signInName, Set<String> groups) {
        return new TaskQuery(signInName, Set.copyOf(groups), null, null, PAGE_SIZE);
    }

    public static TaskQuery ofInstance(long processInstanceKey) {
        return new TaskQuery(null, Set.of(), processInstanceKey, null, PAGE_SIZE);
    }

    public TaskQuery at(String elementId) {
        return new TaskQuery(signInName, groups, processInstanceKey, elementId, limit);
    }

    public TaskQuery limit(int limit) {
        return new TaskQuery(signInName, groups, processInstanceKey, elementId, limit);
    }
}

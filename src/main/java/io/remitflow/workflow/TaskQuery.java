package io.remitflow.workflow;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which open tasks of the current organization to list, the most urgent first and of these the oldest; what is null or empty
 * does not restrict.
 *
 * @param unclaimed only those that nobody holds
 * @param from how many to leave out at the beginning
 */
public record TaskQuery(
        @Nullable String holder,
        boolean unclaimed,
        Set<String> groups,
        @Nullable Long processInstanceKey,
        @Nullable String elementId,
        int from,
        int limit) {

    private static final int PAGE_SIZE = 100;

    /** More than a person ever holds, so that nothing that is theirs is missing. */
    private static final int MOST_HELD = 1_000;

    /** Open tasks of the organization. */
    public static TaskQuery all() {
        return new TaskQuery(null, false, Set.of(), null, null, 0, PAGE_SIZE);
    }

    /** All that the person holds. */
    public static TaskQuery heldBy(String signInName) {
        return new TaskQuery(signInName, false, Set.of(), null, null, 0, MOST_HELD);
    }

    /**
     * What nobody holds yet in one of the groups.
     *
     * @param groups role keys, such as {@code billing-manager}
     */
    public static TaskQuery unclaimed(Set<String> groups) {
        return new TaskQuery(null, true, Set.copyOf(groups), null, null, 0, PAGE_SIZE);
    }

    public static TaskQuery ofInstance(long processInstanceKey) {
        return new TaskQuery(null, false, Set.of(), processInstanceKey, null, 0, PAGE_SIZE);
    }

    public TaskQuery at(String elementId) {
        return new TaskQuery(holder, unclaimed, groups, processInstanceKey, elementId, from, limit);
    }

    public TaskQuery from(int from) {
        return new TaskQuery(holder, unclaimed, groups, processInstanceKey, elementId, from, limit);
    }

    public TaskQuery limit(int limit) {
        return new TaskQuery(holder, unclaimed, groups, processInstanceKey, elementId, from, limit);
    }
}

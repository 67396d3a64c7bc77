package io.remitflow.workflow;

import io.remitflow.identity.Role;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the answer of an approval rule is read, the same way wherever it is asked or replayed. */
public final class ApprovalRule {

    private static final List<String> STRICTEST = List.of(Role.BILLING_MANAGER.key(), Role.CFO.key());

    /** The roles that must approve, in order. What is no list is not understood, and then both must. */
    public static List<String> levels(Map<String, ? extends @Nullable Object> answer) {
        return answer.get("levels") instanceof List<?> levels
                ? levels.stream().map(String::valueOf).toList()
                : STRICTEST;
    }

    /** The same for cases that always need somebody, whatever their rule says. */
    public static List<String> levelsOfSomebody(Map<String, ? extends @Nullable Object> answer) {
        List<String> levels = levels(answer);
        return levels.isEmpty() ? STRICTEST : levels;
    }

    /**
     * Who is asked first.
     *
     * @param levels who must approve: if that is somebody else than the rule named, its groups do not count
     */
    public static List<String> firstGroups(Map<String, ? extends @Nullable Object> answer, List<String> levels) {
        if (levels.isEmpty()) {
            return List.of();
        }
        return levels.equals(levels(answer))
                        && answer.get("candidateGroups") instanceof List<?> groups
                        && !groups.isEmpty()
                ? groups.stream().map(String::valueOf).toList()
                : List.of(levels.getFirst());
    }

    /** Who is asked when nobody decided in time. */
    public static String escalateTo(Map<String, ? extends @Nullable Object> answer) {
        return answer.get("escalateTo") instanceof String group ? group : Role.CFO.key();
    }

    private ApprovalRule() {}
}

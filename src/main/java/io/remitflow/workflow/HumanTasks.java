package io.remitflow.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The human tasks of the current organization.
 *
 * <p>What was just created or completed appears after a second or so: the engine's list is eventually consistent. Every
 * method throws {@link EngineUnavailable} when the engine does not answer, and treats a task of another organization as
 * absent.
 */
public interface HumanTasks {

    List<HumanTask> open(TaskQuery query);

    /** An open task, with all its variables. */
    Optional<HumanTask> find(long key);

    /** Repeating one's own claim changes nothing; a task that somebody else holds is refused. */
    void claim(long key, String signInName);

    void unclaim(long key);

    /** At once, outside of any transaction; after a decision in our books use {@link ProcessMessages#completeTask}. */
    void complete(long key, String signInName, Map<String, ?> variables);

    /** Newest first. What was answered may come later than the task itself. */
    List<CompletedTask> completed(long processInstanceKey, String elementId);

    /**
     * Newest first, the newest with these answers: the step after a task knows from the process what was answered, the list
     * of tasks only who did it. It may be a task that was used before, while the one just completed is not shown yet.
     */
    default List<CompletedTask> completed(long processInstanceKey, String elementId, Answer... answers) {
        List<CompletedTask> newestFirst = new ArrayList<>(completed(processInstanceKey, elementId));
        if (!newestFirst.isEmpty()) {
            newestFirst.set(0, newestFirst.getFirst().with(answers));
        }
        return newestFirst;
    }

    static Answer answer(String variable, @Nullable Object value) {
        return new Answer(variable, value);
    }

    /** What a form's field was answered with, as the process holds it; null: nothing. */
    record Answer(String variable, @Nullable Object value) {}
}

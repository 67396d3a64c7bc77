package io.remitflow.workflow;

import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    /** Newest first. */
    List<CompletedTask> completed(long processInstanceKey, String elementId);
}

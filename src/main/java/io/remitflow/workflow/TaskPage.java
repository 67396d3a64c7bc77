package io.remitflow.workflow;

import java.util.Optional;
import java.util.Set;

/** Where a kind of human task is done: contributed as a bean by the module whose page it is; the inbox links to it. */
public interface TaskPage {

    String processId();

    String elementId();

    /** What is approved there; empty if the task is none of an approval. */
    default Optional<Approvable> approvable() {
        return Optional.empty();
    }

    /** Names of the process variables that {@link #href} and {@link #title} read, such as {@code refundId}. */
    Set<String> variables();

    String href(HumanTask task);

    /** Numbers and amounts, never a name: the title is shown in lists. */
    String title(HumanTask task);
}

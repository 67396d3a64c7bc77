package io.remitflow.workflow;

import java.util.Map;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * News for the engine, written to the outbox in the caller's transaction and sent after it has committed.
 *
 * <p>Each row reaches the engine once, whatever is retried: the row's id is the message id, which the engine remembers for
 * seven days; a row that could not be sent in that time is parked for a person.
 */
@Service
public class ProcessMessages {

    private final Outbox outbox;

    ProcessMessages(Outbox outbox) {
        this.outbox = outbox;
    }

    /**
     * The variable {@code orgId} is added. Variables are ids, amounts, codes and dates; anything about a person and anything
     * as large as a document is refused.
     *
     * @param correlationKey the business id; at most one process per name and key is started while another one runs
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void publish(String messageName, String correlationKey, Map<String, ?> variables) {
        outbox.addMessage(messageName, correlationKey, variables);
    }

    /**
     * As {@link #publish(String, String, Map)}, all in one step.
     *
     * @param variables by correlation key
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void publish(String messageName, Map<String, ? extends Map<String, ?>> variables) {
        outbox.addMessages(messageName, variables);
    }

    /** Completes the engine's task in the name of the person, after our own record of the decision has committed. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void completeTask(long taskKey, String signInName, Map<String, ?> variables) {
        outbox.addTaskCompletion(taskKey, signInName, variables);
    }
}

package io.remitflow.reconciliation;

import io.remitflow.ledger.MoneyNode;
import io.remitflow.ledger.MoneyStage;
import io.remitflow.ledger.MoneyState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way of some money from the file to the period.
 *
 * @param state of the part that wants to be noticed most
 * @param more there is more than is shown
 */
public record MoneyPath(MoneyNode start, MoneyState state, List<Step> steps, boolean more) {

    public MoneyPath {
        steps = List.copyOf(steps);
    }

    /**
     * What stands at one stage, in the order of the days.
     *
     * @param absence why there is nothing; null if there is something
     */
    public record Step(
            MoneyStage stage,
            MoneyState state,
            List<MoneyNode> nodes,
            @Nullable String absence) {

        public Step {
            nodes = List.copyOf(nodes);
        }
    }
}

package io.remitflow.rules;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Past decisions as another table would have made them.
 *
 * @param decisions how many were replayed
 * @param changed how many have another answer, whatever output it is in
 * @param approvalsAdded people who would have had to approve and did not, summed over all decisions
 * @param approvalsSkipped people who had to approve and would not have
 * @param affected the amounts of the changed decisions, in the organization's currency
 * @param otherCurrency how many of the changed decisions are about another currency; their amounts are in no sum
 * @param matrix how often, and with which amounts, one set of approvers became another; unchanged ones included
 * @param changes the changed decisions, newest first, at most {@link Replays#LISTED}
 * @param complete false if there were more decisions than are replayed
 */
public record Replay(
        int months,
        int decisions,
        int changed,
        int approvalsAdded,
        int approvalsSkipped,
        Money affected,
        int otherCurrency,
        List<Cell> matrix,
        List<Change> changes,
        boolean complete) {

    /** How often one answer became another. */
    public record Cell(String before, String after, int count, Money amount) {

        public boolean same() {
            return before.equals(after);
        }
    }

    /**
     * A decision that the other table makes otherwise.
     *
     * @param amount null: in another currency
     */
    public record Change(
            String subjectType,
            UUID subjectId,
            Instant decidedAt,
            @Nullable Money amount,
            String before,
            String after,
            Map<String, Object> inputs,
            @Nullable String reason) {}
}

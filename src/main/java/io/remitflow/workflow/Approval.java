package io.remitflow.workflow;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.util.List;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A decision that counted.
 *
 * @param decidedAs the key of the role in which the person decided
 * @param onBehalfOf whose authority it was, if somebody absent had lent it; null: the person's own
 * @param warnings what the person had been warned about
 * @param rule the rule that had asked for this approval, such as "refund-approval version 3"; null: none was recorded
 */
public record Approval(
        int version,
        int level,
        String levelRole,
        boolean approved,
        Money amount,
        UserId decidedBy,
        String decidedAs,
        @Nullable UserId onBehalfOf,
        long taskKey,
        String source,
        @Nullable String comment,
        Instant decidedAt,
        @Nullable String rule,
        List<String> warnings) {

    public Approval {
        warnings = List.copyOf(warnings);
    }

    /** Whether the person decided, or lent the authority to whoever did. */
    public boolean involves(UserId person) {
        return decidedBy.equals(person) || person.equals(onBehalfOf);
    }
}

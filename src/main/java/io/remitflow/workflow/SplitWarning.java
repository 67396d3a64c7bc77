package io.remitflow.workflow;

import io.remitflow.core.Amounts;
import io.remitflow.workflow.RelatedCases.Numbered;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A sign that one case was split into several: together they need an approval that each of them does not.
 *
 * @param levels what the rule asks for the sum
 * @param reason of the rule, in words
 */
public record SplitWarning(RelatedCases related, List<String> levels, String reason) {

    private static final int NAMED = 5;

    /** Numbers and amounts only: it is shown in Tasklist and kept with the decision. */
    public String words() {
        List<Numbered> others = related.others();
        String named = others.stream().limit(NAMED).map(Numbered::number).collect(Collectors.joining(", "));
        return "%d %s %s in 7 days (%s%s), together with this one %s %s. For the sum the rule says: %s"
                .formatted(
                        others.size(),
                        others.size() == 1 ? "request" : "requests",
                        related.relation().words(),
                        named,
                        others.size() > NAMED ? " and more" : "",
                        Amounts.format(related.together()),
                        related.together().getCurrencyUnit(),
                        reason);
    }
}

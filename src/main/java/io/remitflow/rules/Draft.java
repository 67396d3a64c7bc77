package io.remitflow.rules;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * A table as it is being edited.
 *
 * @param basedOn the number of the release it started from
 * @param version counts the saves; whoever saves names the version they saw
 * @param editors all who saved it: none of them can approve its release
 */
public record Draft(
        String decisionId, int basedOn, String xml, int version, List<UUID> editors, UUID editedBy, Instant editedAt) {

    public DecisionTable table() {
        return DecisionTable.read(xml);
    }
}

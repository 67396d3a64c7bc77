package io.remitflow.remittance;

import io.remitflow.identity.CurrentOrganization;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/**
 * What is posted together of a remittance: all of its claims, or those few that are posted after it, out of suspense.
 *
 * @param rows ids of the answered claims, empty for all of them
 */
record PostedPart(UUID remittanceId, List<UUID> rows) {

    PostedPart {
        rows = List.copyOf(rows);
    }

    static PostedPart all(UUID remittanceId) {
        return new PostedPart(remittanceId, List.of());
    }

    boolean isWhole() {
        return rows.isEmpty();
    }

    /** The condition for its rows of {@code billing_remittance_claims}; {@link #bind} sets its parameters. */
    String where(String alias) {
        String whole = "%1$s.org_id = :org and %1$s.remittance_id = :remittance".formatted(alias);
        return isWhole() ? whole : whole + " and %s.id = any(:rows)".formatted(alias);
    }

    /** As {@link #where}, for the posted ones. */
    String posted(String alias) {
        return where(alias) + " and %s.treatment = 'posted'".formatted(alias);
    }

    StatementSpec bind(StatementSpec statement) {
        StatementSpec bound =
                statement.param("org", CurrentOrganization.id().value()).param("remittance", remittanceId);
        return isWhole() ? bound : bound.param("rows", rows.toArray(UUID[]::new));
    }
}

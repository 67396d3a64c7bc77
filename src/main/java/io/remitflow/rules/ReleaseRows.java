package io.remitflow.rules;

import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Turns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

@Repository
class ReleaseRows {

    private static final String SELECT = """
            select decision_id, number, source, copied_from, xml, engine_id, why, requested_by, effective_from, released_at
              from rules_releases
            """;

    private final JdbcClient jdbc;

    ReleaseRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The number is the next one; whoever releases the same decision at the same time waits. */
    int nextNumber(String decisionId) {
        Turns.take(jdbc, "release of " + decisionId);
        return jdbc.sql("select coalesce(max(number), 0) + 1 from rules_releases where decision_id = :decision")
                .param("decision", decisionId)
                .query(Integer.class)
                .single();
    }

    void insert(Release release) {
        jdbc.sql("""
                        insert into rules_releases (org_id, id, decision_id, number, source, copied_from, xml, engine_id, why,
                               requested_by, effective_from, released_at)
                        values (:org, :id, :decision, :number, :source, :copiedFrom, :xml, :engineId, :why,
                               :requestedBy, :effectiveFrom, :releasedAt)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("decision", release.decisionId())
                .param("number", release.number())
                .param("source", release.source().key())
                .param("copiedFrom", release.copiedFrom())
                .param("xml", release.xml())
                .param("engineId", release.engineId())
                .param("why", release.why())
                .param("requestedBy", release.requestedBy())
                .param("effectiveFrom", Timestamp.from(release.effectiveFrom()))
                .param("releasedAt", Timestamp.from(release.releasedAt()))
                .update();
    }

    /** What comes into force later wins over what did earlier, at the same moment the higher number. */
    Optional<Release> inForce(String decisionId, Instant at) {
        return jdbc.sql(SELECT + """
                         where decision_id = :decision and effective_from <= :at
                         order by effective_from desc, number desc limit 1
                        """)
                .param("decision", decisionId)
                .param("at", Timestamp.from(at))
                .query(ReleaseRows::release)
                .optional();
    }

    /** Newest first. */
    List<Release> of(String decisionId) {
        return jdbc.sql(SELECT + " where decision_id = :decision order by number desc")
                .param("decision", decisionId)
                .query(ReleaseRows::release)
                .list();
    }

    Optional<Release> find(String decisionId, int number) {
        return jdbc.sql(SELECT + " where decision_id = :decision and number = :number")
                .param("decision", decisionId)
                .param("number", number)
                .query(ReleaseRows::release)
                .optional();
    }

    List<String> decisions() {
        return jdbc.sql("select distinct decision_id from rules_releases order by decision_id")
                .query(String.class)
                .list();
    }

    private static Release release(ResultSet row, int number) throws SQLException {
        return new Release(
                row.getString("decision_id"),
                row.getInt("number"),
                Release.Source.ofKey(row.getString("source")),
                row.getObject("copied_from", Integer.class),
                row.getString("xml"),
                row.getString("engine_id"),
                row.getString("why"),
                row.getObject("requested_by", UUID.class),
                row.getTimestamp("effective_from").toInstant(),
                row.getTimestamp("released_at").toInstant());
    }
}

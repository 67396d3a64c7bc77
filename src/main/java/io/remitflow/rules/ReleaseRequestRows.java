package io.remitflow.rules;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

@Repository
class ReleaseRequestRows {

    private final JdbcClient jdbc;
    private final ObjectMapper json;

    ReleaseRequestRows(JdbcClient jdbc, ObjectMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    /** @return false if another release of this decision is under way */
    boolean insert(ReleaseRequest request) {
        return jdbc.sql("""
                        insert into rules_release_requests (org_id, id, number, decision_id, source, copied_from, based_on, xml,
                               why, effective_from, editors, replay, state, requested_by, requested_at)
                        values (:org, :id, :number, :decision, :source, :copiedFrom, :basedOn, :xml,
                               :why, :effectiveFrom, :editors, :replay::jsonb, 'requested', :requestedBy, :requestedAt)
                        on conflict (org_id, decision_id) where state in ('requested', 'approved') do nothing
                        """)
                        .param("org", CurrentOrganization.id().value())
                        .param("id", request.id())
                        .param("number", request.number())
                        .param("decision", request.decisionId())
                        .param("source", request.source().key())
                        .param("copiedFrom", request.copiedFrom())
                        .param("basedOn", request.basedOn())
                        .param("xml", request.xml())
                        .param("why", request.why())
                        .param("effectiveFrom", timestamp(request.effectiveFrom()))
                        .param(
                                "editors",
                                request.editors().stream().map(UserId::value).toArray(UUID[]::new))
                        .param("replay", write(request.replayed()))
                        .param("requestedBy", request.requestedBy().value())
                        .param("requestedAt", Timestamp.from(request.requestedAt()))
                        .update()
                == 1;
    }

    ReleaseRequest get(UUID id) {
        return find("where id = :id", id);
    }

    ReleaseRequest lock(UUID id) {
        return find("where id = :id for no key update", id);
    }

    /** Newest first. */
    List<ReleaseRequest> of(String decisionId) {
        return jdbc.sql("select * from rules_release_requests where decision_id = :decision order by id desc limit 50")
                .param("decision", decisionId)
                .query(this::request)
                .list();
    }

    /** How many amounts the releases of this decision since then decide otherwise, minor units. */
    long exposureMinor(String decisionId, Instant since) {
        return jdbc.sql("""
                        select coalesce(sum((replay ->> 'affectedMinor')::bigint), 0) from rules_release_requests
                         where decision_id = :decision and requested_at >= :since and state <> 'rejected' and state <> 'withdrawn'
                        """)
                .param("decision", decisionId)
                .param("since", Timestamp.from(since))
                .query(Long.class)
                .single();
    }

    void ruleAnswered(UUID id, List<String> levels, String reason) {
        jdbc.sql("""
                        update rules_release_requests set levels = :levels, approval_reason = :reason
                         where id = :id and state = 'requested'
                        """)
                .param("id", id)
                .param("levels", levels.toArray(String[]::new))
                .param("reason", reason)
                .update();
    }

    void state(UUID id, ReleaseRequest.State state, Instant at, @Nullable Integer releaseNumber) {
        jdbc.sql("""
                        update rules_release_requests set state = :state, decided_at = coalesce(decided_at, :at),
                               release_number = :number
                         where id = :id
                        """)
                .param("id", id)
                .param("state", state.key())
                .param("at", Timestamp.from(at))
                .param("number", releaseNumber)
                .update();
    }

    private ReleaseRequest find(String where, UUID id) {
        Optional<ReleaseRequest> found = jdbc.sql("select * from rules_release_requests " + where)
                .param("id", id)
                .query(this::request)
                .optional();
        return found.orElseThrow(() -> RuleViolation.notFound("release request " + id));
    }

    private ReleaseRequest request(ResultSet row, int number) throws SQLException {
        var levels = row.getArray("levels");
        return new ReleaseRequest(
                row.getObject("id", UUID.class),
                row.getString("number"),
                row.getString("decision_id"),
                Release.Source.ofKey(row.getString("source")),
                row.getObject("copied_from", Integer.class),
                row.getInt("based_on"),
                row.getString("xml"),
                row.getString("why"),
                instant(row.getTimestamp("effective_from")),
                Arrays.stream((UUID[]) row.getArray("editors").getArray())
                        .map(UserId::new)
                        .toList(),
                read(row.getString("replay")),
                ReleaseRequest.State.ofKey(row.getString("state")),
                levels == null ? null : List.of((String[]) levels.getArray()),
                row.getString("approval_reason"),
                new UserId(row.getObject("requested_by", UUID.class)),
                row.getTimestamp("requested_at").toInstant(),
                instant(row.getTimestamp("decided_at")),
                row.getObject("release_number", Integer.class));
    }

    private ReleaseRequest.Replayed read(String text) {
        try {
            return json.readValue(text, ReleaseRequest.Replayed.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private String write(ReleaseRequest.Replayed replayed) {
        try {
            return json.writeValueAsString(replayed);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }

    private static @Nullable Timestamp timestamp(@Nullable Instant instant) {
        return instant == null ? null : Timestamp.from(instant);
    }
}

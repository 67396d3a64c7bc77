package io.remitflow.workflow;

import io.camunda.client.CamundaClient;
import io.camunda.client.api.response.EvaluateDecisionResponse;
import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** Decisions by rule: evaluated by the engine in the version that holds, and kept with everything they knew. */
@Service
public class Decisions {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** With the last question's timeout shorter than any job's. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final Backoff OVERLOADED = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));
    private static final String COLUMNS =
            "id, subject_type, subject_id, decision_id, decision_version, decision_key, inputs, outputs, reason, decided_at";

    private final CamundaClient engine;
    private final ObjectProvider<ReleasedDecisions> releases;
    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final Json json;
    private final Clock clock;

    Decisions(
            CamundaClient engine,
            ObjectProvider<ReleasedDecisions> releases,
            JdbcClient jdbc,
            TransactionTemplate transactions,
            Json json,
            Clock clock) {
        this.engine = engine;
        this.releases = releases;
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.json = json;
        this.clock = clock;
    }

    /**
     * The same inputs for the same subject give the first answer again, even after a new version was released. Best called
     * before the transaction that acts on the answer: the engine is asked over the network.
     *
     * @param inputs ids, minor units, codes and dates only
     * @return the outputs; a decision with a single unnamed output gives it as {@code result}
     * @throws EngineUnavailable if the engine does not answer
     */
    public Map<String, Object> decide(String decisionId, String subjectType, UUID subjectId, Map<String, ?> inputs) {
        String inputsJson = json.write(inputs);
        String hash = hash(inputsJson);
        return recorded(decisionId, subjectType, subjectId, hash)
                .orElseGet(() -> record(evaluate(decisionId, inputsJson), subjectType, subjectId, inputsJson, hash))
                .outputs();
    }

    /** What the rule that holds would say; nothing is kept. */
    public Map<String, Object> wouldDecide(String decisionId, Map<String, ?> inputs) {
        return outputs(evaluate(decisionId, json.write(inputs)));
    }

    /** Of all subjects, newest first. */
    public List<RecordedDecision> since(String decisionId, Instant from, int limit) {
        return inTransaction(() -> jdbc.sql("select " + COLUMNS + """
                          from workflow_decisions
                         where decision_id = :decisionId and decided_at >= :from
                         order by decided_at desc, id desc limit :limit
                        """)
                .param("decisionId", decisionId)
                .param("from", Timestamp.from(from))
                .param("limit", limit)
                .query(this::recordedDecision)
                .list());
    }

    /** Oldest first. */
    public List<RecordedDecision> of(String subjectType, UUID subjectId) {
        return inTransaction(() -> jdbc.sql("select " + COLUMNS + """
                          from workflow_decisions
                         where subject_type = :subjectType and subject_id = :subjectId
                         order by decided_at, id
                        """)
                .param("subjectType", subjectType)
                .param("subjectId", subjectId)
                .query(this::recordedDecision)
                .list());
    }

    private Optional<RecordedDecision> recorded(String decisionId, String subjectType, UUID subjectId, String hash) {
        return inTransaction(() -> jdbc.sql("select " + COLUMNS + """
                          from workflow_decisions
                         where subject_type = :subjectType and subject_id = :subjectId
                           and decision_id = :decisionId and inputs_hash = :hash
                        """)
                .param("subjectType", subjectType)
                .param("subjectId", subjectId)
                .param("decisionId", decisionId)
                .param("hash", hash)
                .query(this::recordedDecision)
                .optional());
    }

    /** @param version of the release that answered; the engine's own where the table is not released here */
    private record Answer(String decisionId, int version, EvaluateDecisionResponse response) {}

    private Answer evaluate(String decisionId, String inputsJson) {
        ReleasedDecisions known = releases.getIfAvailable();
        var released =
                known == null ? Optional.<ReleasedDecision>empty() : inTransaction(() -> known.inForce(decisionId));
        var response = evaluate(released, decisionId, inputsJson);
        if (response.getFailureMessage() != null
                && !response.getFailureMessage().isEmpty()) {
            throw new IllegalStateException("decision %s failed at %s: %s"
                    .formatted(decisionId, response.getFailedDecisionId(), response.getFailureMessage()));
        }
        return new Answer(
                decisionId, released.map(ReleasedDecision::number).orElse(response.getDecisionVersion()), response);
    }

    /** An engine that lost a released table, or never had it, is given it now. */
    private EvaluateDecisionResponse evaluate(
            Optional<ReleasedDecision> released, String decisionId, String inputsJson) {
        String engineId = released.map(ReleasedDecision::engineId).orElse(decisionId);
        String xml = released.map(ReleasedDecision::xml).orElse(null);
        try {
            return ask(engineId, inputsJson);
        } catch (EngineUnavailable e) {
            throw e;
        } catch (RuntimeException e) {
            if (xml == null) {
                throw e;
            }
            deploy(engineId, xml);
            return ask(engineId, inputsJson);
        }
    }

    /**
     * An engine that is busy is asked again for a while: it refuses questions long before it refuses what jobs report, so that
     * under load whoever gave up would only be given the same job again.
     */
    private EvaluateDecisionResponse ask(String engineId, String inputsJson) {
        Instant end = clock.instant().plus(PATIENCE);
        for (int refused = 1; ; refused++) {
            try {
                return EngineCalls.join(engine.newEvaluateDecisionCommand()
                        .decisionId(engineId)
                        .variables(inputsJson)
                        .requestTimeout(TIMEOUT)
                        .send());
            } catch (EngineUnavailable e) {
                if (EngineCalls.of(e) != EngineCalls.OVERLOADED
                        || clock.instant().isAfter(end)) {
                    throw e;
                }
                pause(OVERLOADED.jittered(refused), e);
            }
        }
    }

    private static void pause(Duration pause, EngineUnavailable refused) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw refused;
        }
    }

    /**
     * Gives the engine a released table. Repeating it changes nothing.
     *
     * @throws EngineUnavailable if the engine does not answer
     */
    public void deploy(String engineId, String xml) {
        EngineCalls.join(engine.newDeployResourceCommand()
                .addResourceBytes(xml.getBytes(StandardCharsets.UTF_8), engineId + ".dmn")
                .requestTimeout(TIMEOUT)
                .send());
    }

    private RecordedDecision record(Answer answer, String subjectType, UUID subjectId, String inputsJson, String hash) {
        Map<String, Object> outputs = outputs(answer);
        Object reason = outputs.get("reason");
        inTransaction(() -> jdbc.sql("""
                        insert into workflow_decisions (org_id, id, subject_type, subject_id, decision_id, decision_key,
                               decision_version, inputs, inputs_hash, outputs, reason, decided_at)
                        values (:org, :id, :subjectType, :subjectId, :decisionId, :key, :version, :inputs::jsonb, :hash,
                               :outputs::jsonb, :reason, :at)
                        on conflict do nothing
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("subjectType", subjectType)
                .param("subjectId", subjectId)
                .param("decisionId", answer.decisionId())
                .param("key", answer.response().getDecisionKey())
                .param("version", answer.version())
                .param("inputs", inputsJson)
                .param("hash", hash)
                .param("outputs", json.write(outputs))
                .param("reason", reason == null ? null : reason.toString())
                .param("at", Timestamp.from(clock.instant()))
                .update());
        return recorded(answer.decisionId(), subjectType, subjectId, hash).orElseThrow();
    }

    private Map<String, Object> outputs(Answer answer) {
        String json = answer.response().getDecisionOutput();
        Object output = this.json.readValue(json);
        if (output == null) {
            throw new IllegalStateException("decision %s version %d has no rule for its inputs"
                    .formatted(answer.decisionId(), answer.version()));
        }
        return output instanceof Map<?, ?> ? this.json.readVariables(json) : Map.of("result", output);
    }

    private RecordedDecision recordedDecision(ResultSet row, int number) throws SQLException {
        return new RecordedDecision(
                row.getObject("id", UUID.class),
                row.getString("subject_type"),
                row.getObject("subject_id", UUID.class),
                row.getString("decision_id"),
                row.getInt("decision_version"),
                row.getLong("decision_key"),
                json.readVariables(row.getString("inputs")),
                json.readVariables(row.getString("outputs")),
                row.getString("reason"),
                row.getTimestamp("decided_at").toInstant());
    }

    private <T> T inTransaction(java.util.function.Supplier<T> work) {
        T result = transactions.execute(status -> work.get());
        if (result == null) {
            throw new IllegalStateException("no result");
        }
        return result;
    }

    private static String hash(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

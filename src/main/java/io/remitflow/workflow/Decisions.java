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
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** Decisions by rule: evaluated by the engine in the version that holds, and kept with everything they knew. */
@Service
public class Decisions {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final String COLUMNS =
            "id, decision_id, decision_version, decision_key, inputs, outputs, reason, decided_at";

    private final CamundaClient engine;
    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final Json json;
    private final Clock clock;

    Decisions(CamundaClient engine, JdbcClient jdbc, TransactionTemplate transactions, Json json, Clock clock) {
        this.engine = engine;
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

    private EvaluateDecisionResponse evaluate(String decisionId, String inputsJson) {
        var response = EngineCalls.join(engine.newEvaluateDecisionCommand()
                .decisionId(decisionId)
                .variables(inputsJson)
                .requestTimeout(TIMEOUT)
                .send());
        if (response.getFailureMessage() != null
                && !response.getFailureMessage().isEmpty()) {
            throw new IllegalStateException("decision %s failed at %s: %s"
                    .formatted(decisionId, response.getFailedDecisionId(), response.getFailureMessage()));
        }
        return response;
    }

    private RecordedDecision record(
            EvaluateDecisionResponse answer, String subjectType, UUID subjectId, String inputsJson, String hash) {
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
                .param("decisionId", answer.getDecisionId())
                .param("key", answer.getDecisionKey())
                .param("version", answer.getDecisionVersion())
                .param("inputs", inputsJson)
                .param("hash", hash)
                .param("outputs", json.write(outputs))
                .param("reason", reason == null ? null : reason.toString())
                .param("at", Timestamp.from(clock.instant()))
                .update());
        return recorded(answer.getDecisionId(), subjectType, subjectId, hash).orElseThrow();
    }

    private Map<String, Object> outputs(EvaluateDecisionResponse answer) {
        Object output = json.readValue(answer.getDecisionOutput());
        if (output == null) {
            throw new IllegalStateException("decision %s version %d has no rule for its inputs"
                    .formatted(answer.getDecisionId(), answer.getDecisionVersion()));
        }
        return output instanceof Map<?, ?> ? json.readVariables(answer.getDecisionOutput()) : Map.of("result", output);
    }

    private RecordedDecision recordedDecision(ResultSet row, int number) throws SQLException {
        return new RecordedDecision(
                row.getObject("id", UUID.class),
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

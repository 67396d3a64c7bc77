package io.remitflow.rules;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Examples kept with a table: a release that answers one of them otherwise is refused. */
@Service
@Transactional
public class TestCases {

    private static final TypeReference<LinkedHashMap<String, Object>> VALUES = new TypeReference<>() {};

    private final JdbcClient jdbc;
    private final ObjectMapper json;
    private final AuditLog audit;
    private final Clock clock;

    TestCases(JdbcClient jdbc, ObjectMapper json, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.json = json;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * @param passed whether every expected output was given
     * @param answer what the table gave
     * @param problem why there is no answer, null if there is one
     */
    public record Result(
            TestCase test,
            boolean passed,
            Map<String, @Nullable Object> answer,
            @Nullable String problem) {}

    @Transactional(readOnly = true)
    public List<TestCase> of(String decisionId) {
        return jdbc.sql(
                        "select id, name, inputs, expected from rules_test_cases where decision_id = :decision order by name")
                .param("decision", decisionId)
                .query((row, number) -> new TestCase(
                        row.getObject("id", UUID.class),
                        row.getString("name"),
                        read(row.getString("inputs")),
                        read(row.getString("expected"))))
                .list();
    }

    /**
     * @param inputs JSON object, by the names that the table's expressions use
     * @param expected JSON object, by output name
     * @throws RuleViolation {@link Refusal#INVALID_INPUT}
     */
    public UUID add(String decisionId, String name, String inputs, String expected) {
        Map<String, Object> given = read(inputs);
        Map<String, Object> answer = read(expected);
        if (name.isBlank() || answer.isEmpty()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "A test needs a name and at least one expected output");
        }
        UUID id = Ids.next();
        int added = jdbc.sql("""
                        insert into rules_test_cases (org_id, id, decision_id, name, inputs, expected, created_by, created_at)
                        values (:org, :id, :decision, :name, :inputs::jsonb, :expected::jsonb, :user, :at)
                        on conflict do nothing
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("decision", decisionId)
                .param("name", name.strip())
                .param("inputs", write(given))
                .param("expected", write(answer))
                .param("user", CurrentUser.id().value())
                .param("at", Timestamp.from(clock.instant()))
                .update();
        if (added == 0) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "There is a test of this name already");
        }
        audit.record("rules.test-added", "decision", decisionId, Map.of("test", name.strip()));
        return id;
    }

    public void remove(String decisionId, UUID id) {
        int gone = jdbc.sql("delete from rules_test_cases where decision_id = :decision and id = :id")
                .param("decision", decisionId)
                .param("id", id)
                .update();
        if (gone == 0) {
            throw RuleViolation.notFound("test " + id);
        }
        audit.record("rules.test-removed", "decision", decisionId, Map.of("test", id.toString()));
    }

    /** Asks the table every example of its decision. */
    @Transactional(readOnly = true)
    public List<Result> run(DecisionTable table) {
        List<TestCase> tests = of(table.decisionId());
        List<Result> results = new ArrayList<>();
        if (tests.isEmpty()) {
            return results;
        }
        TableEvaluation evaluation;
        try {
            evaluation = new TableEvaluation(table);
        } catch (IllegalArgumentException e) {
            String problem = "The table has cells that are no FEEL";
            tests.forEach(test -> results.add(new Result(test, false, Map.of(), problem)));
            return results;
        }
        for (TestCase test : tests) {
            var answer = evaluation.ask(test.inputs());
            boolean passed = answer.failure() == null
                    && test.expected().entrySet().stream()
                            .allMatch(expected ->
                                    same(expected.getValue(), answer.outputs().get(expected.getKey())));
            results.add(new Result(test, passed, answer.outputs(), answer.failure()));
        }
        return results;
    }

    /** Numbers are compared by value: 1 and 1.0 are the same. */
    private boolean same(@Nullable Object one, @Nullable Object other) {
        JsonNode left = json.valueToTree(one);
        JsonNode right = json.valueToTree(other);
        return left.equals(
                (a, b) -> a.isNumber() && b.isNumber()
                        ? a.decimalValue().compareTo(b.decimalValue())
                        : a.equals(b) ? 0 : 1,
                right);
    }

    private Map<String, Object> read(String text) {
        try {
            Map<String, Object> values = json.readValue(text, VALUES);
            return values == null ? Map.of() : values;
        } catch (JsonProcessingException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "Not a JSON object: " + e.getOriginalMessage());
        }
    }

    private String write(Map<String, Object> values) {
        try {
            return json.writeValueAsString(values);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}

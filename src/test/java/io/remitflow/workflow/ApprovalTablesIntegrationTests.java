package io.remitflow.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.camunda.client.CamundaClient;
import io.camunda.client.api.response.EvaluateDecisionResponse;
import io.camunda.client.api.response.MatchedDecisionRule;
import io.remitflow.local.RemitflowTest;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * Every rule and every limit of the approval tables that we ship, asked of the engine.
 *
 * <p>A row is: the one rule that answers, who approves in which order, and what is asked. Amounts are in units of money;
 * the sum of seven days is the amount and the currency the organization's unless the row says otherwise; {@code ?} is
 * unknown.
 */
@RemitflowTest
class ApprovalTablesIntegrationTests {

    private static final Pattern RULE = Pattern.compile("<rule id=\"([^\"]+)\"");

    private static final Json JSON = new Json(new ObjectMapper());

    @Autowired
    CamundaClient engine;

    @Test
    void refund() throws IOException {
        assertTable("refund-approval", "original=true type=overpayment payer=commercial age=3 role=billing-clerk", """
                small-original        | nobody              | amount=0.01
                small-original        | nobody              | amount=49.99
                small-original        | nobody              | amount=50.00
                small-original        | nobody              | amount=100.00
                small-original        | nobody              | amount=100.00 payer=? age=? role=? type=?
                small-original        | nobody              | amount=60.00 exposure=100.00
                medium                | billing-manager     | amount=60.00 exposure=120.00
                medium                | billing-manager     | amount=100.01
                medium                | billing-manager     | amount=500.00
                medium                | billing-manager     | amount=500.01
                medium                | billing-manager     | amount=100.01 original=?
                medium                | billing-manager     | amount=5000.00
                medium                | billing-manager     | amount=5000.00 original=false
                large                 | billing-manager cfo | amount=5000.01
                large                 | billing-manager cfo | amount=60.00 exposure=5000.01
                large                 | billing-manager cfo | amount=99999999.99
                small-other           | billing-manager     | amount=0.01 original=false
                small-other           | billing-manager     | amount=100.00 original=false
                small-unknown         | billing-manager cfo | amount=100.00 original=?
                amount-not-positive   | billing-manager cfo | amount=0.00
                amount-not-positive   | billing-manager cfo | amount=-0.01
                amount-not-positive   | billing-manager cfo | amount=-0.01 exposure=5.00
                amount-unknown        | billing-manager cfo | amount=?
                exposure-not-positive | billing-manager cfo | amount=5.00 exposure=0.00
                exposure-not-positive | billing-manager cfo | amount=5.00 exposure=-0.01
                exposure-unknown      | billing-manager cfo | amount=5.00 exposure=?
                other-currency        | billing-manager cfo | amount=5.00 same=false
                other-currency        | billing-manager cfo | amount=5000.01 same=false
                currency-unknown      | billing-manager cfo | amount=5.00 same=?
                currency-unknown      | billing-manager cfo | amount=? exposure=? same=? original=?
                """);
    }

    @Test
    void writeOffAndCorrection() throws IOException {
        String rows = """
                small                 | nobody              | amount=0.01
                small                 | nobody              | amount=49.99
                small                 | nobody              | amount=49.99 role=cfo payer=? age=?
                small-not-staff       | billing-manager     | amount=49.99 role=accounting-staff
                small-not-staff       | billing-manager     | amount=49.99 role=?
                medium                | billing-manager     | amount=50.00
                medium                | billing-manager     | amount=50.00 role=cfo
                medium                | billing-manager     | amount=30.00 exposure=60.00
                medium                | billing-manager     | amount=100.00
                medium                | billing-manager     | amount=100.01
                medium                | billing-manager     | amount=500.00
                large                 | cfo                 | amount=500.01
                large                 | cfo                 | amount=300.00 exposure=600.00
                large                 | cfo                 | amount=5000.00
                large                 | cfo                 | amount=5000.01
                """;
        for (String type : List.of(
                "contractual",
                "write_off",
                "bad_debt",
                "charity",
                "price_correction",
                "coding_correction",
                "credit_memo",
                "other")) {
            ask("write-off-approval", "type=%s payer=commercial age=40 role=billing-clerk".formatted(type), rows);
        }
        assertTable("write-off-approval", "type=write_off payer=commercial age=40 role=billing-clerk", rows + """
                small-reversal        | billing-manager     | amount=49.99 type=reversal
                medium                | billing-manager     | amount=50.00 type=reversal
                medium                | billing-manager     | amount=500.00 type=reversal
                large                 | cfo                 | amount=500.01 type=reversal
                type-unknown          | billing-manager cfo | amount=0.01 type=nonsense
                type-unknown          | billing-manager cfo | amount=49.99 type=?
                type-unknown          | billing-manager cfo | amount=500.01 type=small_balance
                amount-not-positive   | billing-manager cfo | amount=0.00
                amount-not-positive   | billing-manager cfo | amount=-0.01
                amount-unknown        | billing-manager cfo | amount=?
                exposure-not-positive | billing-manager cfo | amount=5.00 exposure=0.00
                exposure-unknown      | billing-manager cfo | amount=5.00 exposure=?
                other-currency        | billing-manager cfo | amount=5.00 same=false
                currency-unknown      | billing-manager cfo | amount=5.00 same=?
                """);
    }

    @Test
    void f8_whatIsAskedIsNeverReadAsAnExpression() {
        ask("write-off-approval", "amount=10.00 type=write_off payer=commercial age=40 role=billing-clerk", """
                type-unknown          | billing-manager cfo | type="write_off"
                type-unknown          | billing-manager cfo | type=-
                type-unknown          | billing-manager cfo | type=not("x")
                type-unknown          | billing-manager cfo | type=x"or(true)or"
                type-unknown          | billing-manager cfo | type=write_off","x
                small-not-staff       | billing-manager     | role="billing-clerk"
                small-not-staff       | billing-manager     | role=-
                small-not-staff       | billing-manager     | role=not("analyst")
                small                 | nobody              | payer=x")}={
                """);
    }

    @Test
    void smallBalance() throws IOException {
        assertTable(
                "small-balance",
                "type=small_balance balance=9.99 small=10.00 payer=commercial age=40 role=billing-clerk",
                """
                small                 | nobody              | amount=0.01
                small                 | nobody              | amount=9.99
                small                 | nobody              | amount=9.99 role=billing-manager payer=? age=?
                not-staff             | billing-manager     | amount=9.99 role=analyst
                not-staff             | billing-manager     | amount=9.99 role=?
                repeated              | billing-manager     | amount=5.00 exposure=10.00
                repeated              | billing-manager     | amount=5.00 exposure=49.99
                balance-not-small     | billing-manager     | amount=5.00 balance=10.00
                balance-not-small     | billing-manager     | amount=10.00 balance=10.00
                balance-not-small     | billing-manager     | amount=49.99 balance=49.99
                balance-not-small     | billing-manager     | amount=50.00 balance=50.00
                balance-not-small     | billing-manager     | amount=100.00 balance=100.00
                balance-not-small     | billing-manager     | amount=100.01 balance=100.01
                balance-not-small     | billing-manager     | amount=500.00 balance=500.00
                large                 | cfo                 | amount=500.01 balance=500.01
                large                 | cfo                 | amount=5.00 exposure=500.01
                large                 | cfo                 | amount=5000.00 balance=5000.00
                large                 | cfo                 | amount=5000.01 balance=5000.01
                large                 | cfo                 | amount=5000.01 balance=?
                balance-unknown       | billing-manager cfo | amount=5.00 balance=?
                balance-unknown       | billing-manager cfo | amount=5.00 small=?
                amount-not-positive   | billing-manager cfo | amount=0.00
                amount-not-positive   | billing-manager cfo | amount=-0.01
                amount-unknown        | billing-manager cfo | amount=?
                exposure-not-positive | billing-manager cfo | amount=5.00 exposure=0.00
                exposure-unknown      | billing-manager cfo | amount=5.00 exposure=?
                type-unknown          | billing-manager cfo | amount=5.00 type=write_off
                type-unknown          | billing-manager cfo | amount=500.01 type=?
                other-currency        | billing-manager cfo | amount=5.00 same=false
                currency-unknown      | billing-manager cfo | amount=5.00 same=?
                """,
                "sum-unknown");
        assertSumUnknown();
    }

    /**
     * A sum that is known compares with a small balance that is known, so no inputs of the process reach the last rule of the
     * table. It is asked in a copy whose comparisons are inputs themselves.
     */
    private void assertSumUnknown() throws IOException {
        String copy = Files.readString(Path.of("dmn/small-balance.dmn"))
                .replace("balanceMinor &lt; smallBalanceMinor", "balanceIsSmall")
                .replace("exposureMinor &lt; smallBalanceMinor", "sumIsSmall")
                .replace("\"small-balance", "\"copy-of-small-balance");
        engine.newDeployResourceCommand()
                .addResourceStringUtf8(copy, "copy-of-small-balance.dmn")
                .send()
                .join();
        Map<String, Object> inputs =
                inputs("type=small_balance amount=5.00 balance=5.00 small=10.00 age=40 role=billing-clerk");
        inputs.put("balanceIsSmall", true);
        inputs.put("sumIsSmall", null);
        EvaluateDecisionResponse answer = await().atMost(Duration.ofSeconds(60))
                .ignoreException(EngineUnavailable.class)
                .until(
                        () -> EngineCalls.join(engine.newEvaluateDecisionCommand()
                                .decisionId("copy-of-small-balance")
                                .variables(inputs)
                                .send()),
                        Objects::nonNull);
        assertThat(answer.getEvaluatedDecisions().getFirst().getMatchedRules())
                .extracting(MatchedDecisionRule::getRuleId)
                .containsExactly("sum-unknown");
        assertThat(JSON.readVariables(answer.getDecisionOutput()))
                .containsEntry("levels", List.of("billing-manager", "cfo"));
    }

    @Test
    void discount() throws IOException {
        assertTable("discount-approval", "type=discount payer=commercial age=40 role=billing-clerk", """
                small-discount           | nobody              | amount=0.01
                small-discount           | nobody              | amount=49.99
                small-discount           | nobody              | amount=49.99 payer=? age=? role=cfo
                small-discount-not-staff | billing-manager     | amount=49.99 role=analyst
                small-discount-not-staff | billing-manager     | amount=49.99 role=?
                small-courtesy           | billing-manager     | amount=49.99 type=courtesy
                medium                   | billing-manager     | amount=50.00
                medium                   | billing-manager     | amount=20.00 exposure=50.00
                medium                   | billing-manager     | amount=100.00
                medium                   | billing-manager     | amount=100.00 type=courtesy
                medium                   | billing-manager     | amount=100.01
                medium                   | billing-manager     | amount=500.00
                large                    | cfo                 | amount=500.01
                large                    | cfo                 | amount=500.01 type=courtesy
                large                    | cfo                 | amount=5000.00
                large                    | cfo                 | amount=5000.01
                government               | billing-manager cfo | amount=0.01 payer=medicare
                government               | billing-manager cfo | amount=50.00 payer=medicaid type=courtesy
                government               | billing-manager cfo | amount=5000.01 payer=medicare
                type-unknown             | billing-manager cfo | amount=0.01 type=write_off
                type-unknown             | billing-manager cfo | amount=500.01 type=? payer=medicare
                amount-not-positive      | billing-manager cfo | amount=0.00
                amount-not-positive      | billing-manager cfo | amount=-0.01
                amount-unknown           | billing-manager cfo | amount=?
                exposure-not-positive    | billing-manager cfo | amount=5.00 exposure=-0.01
                exposure-unknown         | billing-manager cfo | amount=5.00 exposure=?
                other-currency           | billing-manager cfo | amount=5.00 same=false
                currency-unknown         | billing-manager cfo | amount=5.00 same=?
                """);
    }

    @Test
    void ruleRelease() throws IOException {
        assertTable("rule-release-approval", "type=refund-approval skipped=0 age=10 role=analyst", """
                stricter          | cfo                 | amount=0.00
                stricter          | cfo                 | amount=49.99
                stricter          | cfo                 | amount=50.00
                stricter          | cfo                 | amount=100.00
                stricter          | cfo                 | amount=100.01
                stricter          | cfo                 | amount=500.00
                stricter          | cfo                 | amount=500.01
                stricter          | cfo                 | amount=5000.00
                stricter          | cfo                 | amount=100.00 role=? type=? age=?
                skips             | billing-manager cfo | amount=0.00 skipped=1
                skips             | billing-manager cfo | amount=5000.00 skipped=7
                skipped-unknown   | billing-manager cfo | amount=0.00 skipped=?
                skipped-unknown   | billing-manager cfo | amount=0.00 skipped=-1
                repeated          | billing-manager cfo | amount=5000.00 exposure=5000.01
                large             | billing-manager cfo | amount=5000.01
                large             | billing-manager cfo | amount=5000.01 exposure=?
                amount-negative   | billing-manager cfo | amount=-0.01
                amount-unknown    | billing-manager cfo | amount=?
                exposure-negative | billing-manager cfo | amount=0.00 exposure=-0.01
                exposure-unknown  | billing-manager cfo | amount=0.00 exposure=?
                other-currency    | billing-manager cfo | amount=5.00 same=false
                currency-unknown  | billing-manager cfo | amount=5.00 same=?
                """);
    }

    /** @param elsewhere rules that no row can reach through the inputs of the process */
    private void assertTable(String table, String defaults, String rows, String... elsewhere) throws IOException {
        var answered = ask(table, defaults, rows);
        answered.addAll(List.of(elsewhere));
        var rules = new TreeSet<String>();
        RULE.matcher(Files.readString(Path.of("dmn", table + ".dmn")))
                .results()
                .forEach(rule -> rules.add(rule.group(1)));
        assertThat(answered).as("rules of %s that answered", table).isEqualTo(rules);
    }

    private TreeSet<String> ask(String table, String defaults, String rows) {
        var answered = new TreeSet<String>();
        var wrong = new ArrayList<String>();
        for (String row : rows.strip().split("\n")) {
            String[] cells = row.split("\\|");
            var inputs = inputs(defaults + " " + cells[2].strip());
            // The engine turns questions away while the processes of other tests keep it busy.
            EvaluateDecisionResponse answer = await().atMost(Duration.ofSeconds(60))
                    .ignoreException(EngineUnavailable.class)
                    .until(
                            () -> EngineCalls.join(engine.newEvaluateDecisionCommand()
                                    .decisionId(table)
                                    .variables(inputs)
                                    .send()),
                            Objects::nonNull);
            var outputs = JSON.readVariables(answer.getDecisionOutput());
            var rules = answer.getEvaluatedDecisions().getFirst().getMatchedRules().stream()
                    .map(MatchedDecisionRule::getRuleId)
                    .toList();
            answered.addAll(rules);
            List<?> levels = (List<?>) outputs.getOrDefault("levels", List.of());
            List<?> groups = (List<?>) outputs.getOrDefault("candidateGroups", List.of());
            String people = levels.isEmpty()
                    ? "nobody"
                    : String.join(" ", levels.stream().map(String::valueOf).toList());
            if (!rules.equals(List.of(cells[0].strip())) || !people.equals(cells[1].strip())) {
                wrong.add("%s: %s says %s".formatted(row.strip(), rules, people));
            }
            if (!groups.equals(levels.isEmpty() ? List.of() : List.of(levels.getFirst()))) {
                wrong.add("%s: the task is shown to %s".formatted(row.strip(), groups));
            }
            if (!levels.isEmpty() && ((Number) outputs.getOrDefault("dueDays", 0)).intValue() < 1
                    || !"cfo".equals(outputs.get("escalateTo"))
                    || String.valueOf(outputs.getOrDefault("reason", "")).isBlank()) {
                wrong.add("%s: due, escalation or reason is missing".formatted(row.strip()));
            }
        }
        assertThat(wrong).as(table).isEmpty();
        return answered;
    }

    private static Map<String, Object> inputs(String text) {
        Map<String, Object> inputs = new HashMap<>();
        inputs.put("sameCurrency", true);
        boolean exposureSaid = text.contains("exposure=");
        for (String pair : text.strip().split("\\s+")) {
            String[] parts = pair.split("=");
            @Nullable String value = parts[1].equals("?") ? null : parts[1];
            switch (parts[0]) {
                case "amount" -> {
                    inputs.put("amountMinor", minor(value));
                    if (!exposureSaid) {
                        inputs.put("exposureMinor", minor(value));
                    }
                }
                case "exposure" -> inputs.put("exposureMinor", minor(value));
                case "balance" -> inputs.put("balanceMinor", minor(value));
                case "small" -> inputs.put("smallBalanceMinor", minor(value));
                case "same" -> inputs.put("sameCurrency", value == null ? null : Boolean.valueOf(value));
                case "original" -> inputs.put("originalMethod", value == null ? null : Boolean.valueOf(value));
                case "skipped" -> inputs.put("approvalsSkipped", value == null ? null : Integer.valueOf(value));
                case "age" -> inputs.put("ageDays", value == null ? null : Integer.valueOf(value));
                case "payer" -> inputs.put("payerClass", value);
                case "role" -> inputs.put("requesterRole", value);
                case "type" -> inputs.put("type", value);
                default -> throw new IllegalArgumentException(pair);
            }
        }
        return inputs;
    }

    private static @Nullable Long minor(@Nullable String amount) {
        return amount == null ? null : new BigDecimal(amount).movePointRight(2).longValueExact();
    }
}

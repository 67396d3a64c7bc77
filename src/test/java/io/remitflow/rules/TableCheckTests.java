package io.remitflow.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.core.RuleViolation;
import io.remitflow.rules.Flaw.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TableCheckTests {

    static Stream<Path> packagedTables() throws IOException {
        return Files.list(Path.of("dmn")).filter(file -> file.toString().endsWith(".dmn"));
    }

    @ParameterizedTest
    @MethodSource("packagedTables")
    void everyTableThatWeShipIsWithoutFlaw(Path file) {
        assertThat(TableCheck.of(DecisionTable.read(text(file)))).isEmpty();
    }

    @Test
    void aGapBetweenTwoLimitsIsNamedWithTheAmountThatFallsIntoIt() {
        var flaws = check("[0..10000]|\"none\"", "> 10001|\"manager\"", "< 0|\"manager\"", "null|\"manager\"");

        assertThat(flaws).singleElement().satisfies(flaw -> {
            assertThat(flaw.kind()).isEqualTo(Kind.GAP);
            assertThat(flaw.text()).isEqualTo("No rule answers when \"Amount\" is 10001");
        });
    }

    @Test
    void aLimitThatTwoRulesAnswerIsAnOverlap() {
        var flaws = check("<= 10000|\"none\"", ">= 10000|\"manager\"", "null|\"manager\"");

        assertThat(flaws).singleElement().satisfies(flaw -> {
            assertThat(flaw.kind()).isEqualTo(Kind.OVERLAP);
            assertThat(flaw.rules()).containsExactly(1, 2);
            assertThat(flaw.text()).contains("10000");
        });
    }

    @Test
    void anUnknownAmountMustBeAnsweredToo() {
        assertThat(check("<= 10000|\"none\"", "> 10000|\"manager\""))
                .extracting(Flaw::text)
                .containsExactly("No rule answers when \"Amount\" is not known");
    }

    @Test
    void aRuleThatCanNeverApplyIsUnreachable() {
        assertThat(check("-|\"none\"", "[5..3]|\"manager\""))
                .extracting(Flaw::kind)
                .containsExactly(Kind.UNREACHABLE);
    }

    @Test
    void aCellThatIsNoFeelIsNamedWithItsRule() {
        assertThat(check("-|\"none\"", "> > 3|\"manager\"")).singleElement().satisfies(flaw -> {
            assertThat(flaw.kind()).isEqualTo(Kind.EXPRESSION);
            assertThat(flaw.rules()).containsExactly(2);
        });
    }

    @Test
    void aTextWithoutQuotesIsFound() {
        assertThat(check("-|none")).singleElement().satisfies(flaw -> {
            assertThat(flaw.kind()).isEqualTo(Kind.TYPE);
            assertThat(flaw.text()).contains("is a text not in quotes?");
        });
    }

    @Test
    void aTextInAColumnOfNumbersIsOfTheWrongType() {
        assertThat(check("-|\"none\"", "\"a lot\"|\"manager\""))
                .extracting(Flaw::kind)
                .contains(Kind.TYPE);
    }

    @Test
    void aGroupThatDoesNotExistIsUnknown() {
        var table = DecisionTable.read(
                xml("number", "amountMinor", "Any", "levels", List.of("-|[\"billing-manager\", \"boss\"]")));
        assertThat(TableCheck.of(table)).singleElement().satisfies(flaw -> {
            assertThat(flaw.kind()).isEqualTo(Kind.UNKNOWN_GROUP);
            assertThat(flaw.text()).contains("boss");
        });
    }

    @Test
    void approversAreAListEvenWhereThereIsOnlyOne() {
        for (String output : List.of("levels", "candidateGroups")) {
            var table =
                    DecisionTable.read(xml("number", "amountMinor", "Any", output, List.of("-|\"billing-manager\"")));
            assertThat(TableCheck.of(table)).singleElement().satisfies(flaw -> {
                assertThat(flaw.kind()).isEqualTo(Kind.TYPE);
                assertThat(flaw.text()).contains("[\"billing-manager\"]");
            });
        }
    }

    @Test
    void aRoleThatMayNotApproveIsNoApprover() {
        assertThat(checkPackaged("refund-approval", "[\"billing-manager\"]", "[\"analyst\"]"))
                .isNotEmpty()
                .allSatisfy(flaw -> {
                    assertThat(flaw.kind()).isEqualTo(Kind.UNKNOWN_GROUP);
                    assertThat(flaw.text()).contains("Analyst may not approve");
                });
        assertThat(checkPackaged("write-off-approval", "<text>\"cfo\"</text>", "<text>\"accounting-staff\"</text>"))
                .as("where it goes when it is overdue")
                .extracting(Flaw::text)
                .isNotEmpty()
                .allMatch(text -> text.contains("Accounting Staff may not approve"));
    }

    @Test
    void whoReleasesARuleAndReviewsARemittanceIsAlwaysSomebody() {
        assertThat(checkPackaged("rule-release-approval", "<text>[\"cfo\"]</text>", "<text>[]</text>"))
                .extracting(Flaw::kind)
                .containsOnly(Kind.NOBODY);
        assertThat(checkPackaged("remittance-review", "<text>[\"billing-manager\"]</text>", "<text>[]</text>"))
                .extracting(Flaw::kind)
                .containsOnly(Kind.NOBODY);
    }

    @Test
    void aTableThatDecidesWhoApprovesHasThemInAnOutput() {
        assertThat(checkPackaged("refund-approval", "name=\"levels\"", "name=\"approvers\""))
                .extracting(Flaw::text)
                .containsExactly("The table needs the output levels: who must approve, in order");
    }

    private static List<Flaw> checkPackaged(String decision, String of, String instead) {
        String xml = text(Path.of("dmn/" + decision + ".dmn"));
        assertThat(xml).contains(of);
        return TableCheck.of(DecisionTable.read(xml.replace(of, instead)));
    }

    @Test
    void f8_aFileWithAnExternalEntityIsRefused() {
        String xml = xml("number", "amountMinor", "string", "answer", List.of("-|\"none\""))
                .replace("<definitions", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><definitions");
        assertThatThrownBy(() -> DecisionTable.read(xml)).isInstanceOf(RuleViolation.class);
    }

    @Test
    void somethingElseThanATableIsRefusedWithAReason() {
        assertThatThrownBy(() -> DecisionTable.read("<a/>")).isInstanceOf(RuleViolation.class);
    }

    @Test
    void aReplayAnswersAsTheTableSays() {
        var table = DecisionTable.read(text(Path.of("dmn/refund-approval.dmn")));
        var evaluation = new TableEvaluation(table);

        var answer = evaluation.ask(
                Map.of("sameCurrency", true, "exposureMinor", 500_001, "originalMethod", true, "amountMinor", 500_001));

        assertThat(answer.failure()).isNull();
        assertThat(answer.outputs().get("levels")).isEqualTo(List.of("billing-manager", "cfo"));
        assertThat(answer.rule()).isNotNull();
    }

    private static List<Flaw> check(String... rules) {
        return TableCheck.of(
                DecisionTable.read(xml("number", "amountMinor", "string", "answer", Arrays.asList(rules))));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A table with one input, called Amount, and one output; each rule is {@code condition|result}. */
    private static String xml(String inputType, String input, String outputType, String output, List<String> rules) {
        var xml = new StringBuilder("""
                <?xml version="1.0" encoding="UTF-8"?>
                <definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
                  <decision id="test" name="Test"><decisionTable id="t" hitPolicy="UNIQUE">
                    <input id="i" label="Amount"><inputExpression id="ie" typeRef="%s"><text>%s</text></inputExpression></input>
                    <output id="o" name="%s" typeRef="%s" />
                """.formatted(inputType, input, output, outputType));
        for (int i = 0; i < rules.size(); i++) {
            String[] cells = rules.get(i).split("\\|");
            xml.append("<rule id=\"r%d\"><inputEntry id=\"c%d\"><text>%s</text></inputEntry>"
                    .formatted(i, i, cells[0].replace("<", "&lt;")));
            xml.append("<outputEntry id=\"a%d\"><text>%s</text></outputEntry></rule>".formatted(i, cells[1]));
        }
        return xml.append("</decisionTable></decision></definitions>").toString();
    }
}

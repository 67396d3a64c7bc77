package io.remitflow.claims.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.remitflow.claims.gateway.ClaimMdDocument.Mistake;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms in which Claim.MD answers. */
class ClaimMdDocumentTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"last_eraid\":7,\"era\":[{\"eraid\":\"5\"},{\"eraid\":\"7\"}]}",
                "{\"result\":{\"last_eraid\":\"7\",\"era\":[{\"eraid\":5},{\"eraid\":7}]}}",
                "<?xml version=\"1.0\"?><result last_eraid=\"7\"><era eraid=\"5\"/><era eraid=\"7\"/></result>",
                "\uFEFF <result last_eraid=\" 7 \">\n<era eraid=\"5\"></era>\n<era eraid=\"7\"></era></result>"
            })
    void theSameAnswerReadsTheSameInEveryForm(String answer) throws IOException {
        JsonNode root = read(answer);

        assertThat(ClaimMdDocument.number(root, "last_eraid")).isEqualTo(7);
        assertThat(ids(root)).containsExactly("5", "7");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"era\":{\"eraid\":\"5\"}}",
                "{\"era\":[{\"eraid\":\"5\"}]}",
                "<result><era eraid=\"5\"/></result>"
            })
    void oneThingIsAListOfOne(String answer) throws IOException {
        assertThat(ids(read(answer))).containsExactly("5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"era\":null}", "{\"era\":\"\"}", "{\"era\":[]}", "<result/>"})
    void nothingIsAnEmptyList(String answer) throws IOException {
        assertThat(ids(read(answer))).isEmpty();
    }

    @Test
    void namesThatBeginWithADigitAndControlCharactersDoNotStopTheReading() throws IOException {
        JsonNode root = read("<result 1500_claims=\"y\" note=\"a\u0007b\"><claim pcn=\"E1 &amp; E2\"/></result>");

        assertThat(ClaimMdDocument.text(root, "_1500_claims")).isEqualTo("y");
        assertThat(ClaimMdDocument.text(root, "note")).isEqualTo("a b");
        assertThat(ClaimMdDocument.text(root.path("claim"), "pcn")).isEqualTo("E1 & E2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\":{\"error_code\":\"20\",\"error_mesg\":\"Invalid AccountKey\"}}",
                "{\"result\":{\"error\":[{\"error_code\":20,\"error_message\":\"Invalid AccountKey\"},{\"error_code\":21}]}}",
                "<result><error error_code=\"20\" error_mesg=\"Invalid AccountKey\"/></result>"
            })
    void anErrorIsFoundInEveryForm(String answer) throws IOException {
        assertThat(ClaimMdDocument.read(bytes(answer)).error()).contains(new Mistake("20", "Invalid AccountKey"));
    }

    @Test
    void anAnswerWithoutAnErrorHasNone() throws IOException {
        assertThat(ClaimMdDocument.read(bytes("{\"error\":[]}")).error()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "[1]",
                "\"SECRET\"",
                "{\"SECRET\":",
                "<result SECRET",
                "<result><a></result>",
                "SECRET is not an answer",
                "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><r a=\"1\">&x;SECRET</r>"
            })
    void whatIsNoAnswerIsSaidWithoutQuotingIt(String answer) {
        assertThatThrownBy(() -> ClaimMdDocument.read(bytes(answer)))
                .isInstanceOf(IOException.class)
                .hasMessageNotContaining("SECRET")
                .hasNoCause();
    }

    @Test
    void nestingHasALimit() {
        String deep = "<a>".repeat(10_000) + "</a>".repeat(10_000);

        assertThatThrownBy(() -> ClaimMdDocument.read(bytes(deep))).isInstanceOf(IOException.class);
    }

    @Test
    void aCursorThatIsNoNumberIsRefusedAndNotTakenForZero() throws IOException {
        JsonNode root = read("{\"last_eraid\":\"soon\"}");

        assertThatThrownBy(() -> ClaimMdDocument.number(root, "last_eraid")).isInstanceOf(IOException.class);
        assertThat(ClaimMdDocument.number(root, "absent")).isZero();
    }

    private static JsonNode read(String answer) throws IOException {
        return ClaimMdDocument.read(bytes(answer)).root();
    }

    private static List<String> ids(JsonNode root) {
        return ClaimMdDocument.list(root, "era").stream()
                .map(era -> ClaimMdDocument.text(era, "eraid"))
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

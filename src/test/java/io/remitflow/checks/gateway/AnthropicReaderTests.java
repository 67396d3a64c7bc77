package io.remitflow.checks.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import io.remitflow.checks.CheckReading;
import io.remitflow.checks.FieldBox;
import io.remitflow.checks.PacketContent;
import io.remitflow.checks.PacketPdf;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The vision reader against a server that speaks the Messages API. */
class AnthropicReaderTests {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final PacketContent PDF = new PacketContent(
            PacketPdf.from("x")
                    .check("1", LocalDate.of(2026, 6, 8), "The Enclave", "80.00", "Eighty and 00/100")
                    .scanned(),
            "application/pdf",
            3);
    private static final String GOOD = """
            {"checks": [{"checkNumber": "1211", "date": "2026-06-08", "payerName": "The Enclave", "payeeName": null, "memo": "June",
              "courtesyAmount": "1234.56", "legalAmount": "1234.56", "signed": true, "confidence": 88, "firstPage": 2,
              "lastPage": 3, "micrLine": "021000021", "routingNumber": "021000021",
              "boxes": [{"field": "amount", "page": 2, "left": 700, "top": 100, "width": 200, "height": 40}],
              "lines": [{"invoiceNumber": "INV-1", "date": "2026-06-06", "amount": "1234.56", "account": "8675309"}]}]}
            """;

    private final Deque<Answer> answers = new ArrayDeque<>();
    private final List<Question> questions = new ArrayList<>();
    private HttpServer server;
    private @org.jspecify.annotations.Nullable String redirect;
    private int elsewhere;
    private AnthropicReader reader;

    record Answer(int status, String body) {}

    record Question(String authorization, String version, JsonNode body) {}

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/messages", exchange -> {
            questions.add(new Question(
                    exchange.getRequestHeaders().getFirst("Authorization"),
                    exchange.getRequestHeaders().getFirst("anthropic-version"),
                    JSON.readTree(exchange.getRequestBody())));
            Answer answer = answers.removeFirst();
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            if (redirect != null) {
                exchange.getResponseHeaders().add("Location", redirect);
            }
            exchange.sendResponseHeaders(answer.status(), body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.createContext("/elsewhere", exchange -> {
            elsewhere++;
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        reader = reader("key-1");
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    @Test
    void aPdfIsSentAsADocumentAndItsChecksAreRead() {
        answer(200, "end_turn", GOOD);

        var reading = reader.read(PDF);

        var found = reading.checks().getFirst();
        assertThat(found.checkNumber()).isEqualTo("1211");
        assertThat(found.legalAmount()).isEqualTo("1234.56");
        assertThat(found.confidence()).isEqualTo(88);
        assertThat(found.boxes()).containsEntry("amount", new FieldBox(2, 700, 100, 200, 40));
        assertThat(found.lines())
                .containsExactly(new CheckReading.Line("INV-1", LocalDate.of(2026, 6, 6), new BigDecimal("1234.56")));
        var question = questions.getFirst();
        assertThat(question.authorization()).isEqualTo("Bearer key-1");
        assertThat(question.version()).isEqualTo("2026-10-21");
        JsonNode document = question.body().at("/messages/0/content/0");
        assertThat(document.path("type").asText()).isEqualTo("document");
        assertThat(document.at("/source/media_type").asText()).isEqualTo("application/pdf");
        assertThat(Base64.getDecoder().decode(document.at("/source/data").asText()))
                .isEqualTo(PDF.bytes());
        assertThat(question.body()
                        .at("/output_config/format/schema/additionalProperties")
                        .asBoolean(true))
                .isFalse();
    }

    @Test
    void c48_theSchemaHasNoPlaceForTheBankLineAndUnknownKeysAreDropped() {
        answer(200, "end_turn", GOOD);

        assertThat(reader.read(PDF).toString()).doesNotContain("021000021", "8675309");
        assertThat(questions.getFirst().body().at("/output_config").toString().toLowerCase(java.util.Locale.ROOT))
                .doesNotContain("routing", "micr", "account", "card");
    }

    @Test
    void aPictureIsSentPageByPage() throws IOException {
        answer(200, "end_turn", "{\"checks\": []}");
        var image = new java.awt.image.BufferedImage(20, 10, java.awt.image.BufferedImage.TYPE_INT_RGB);
        var tiff = new java.io.ByteArrayOutputStream();
        javax.imageio.ImageIO.write(image, "tiff", tiff);

        var reading = reader.read(new PacketContent(tiff.toByteArray(), "image/tiff", 1));

        assertThat(reading.checks()).isEmpty();
        assertThat(reading.note()).contains("by hand");
        JsonNode picture = questions.getFirst().body().at("/messages/0/content/0");
        assertThat(picture.path("type").asText()).isEqualTo("image");
        assertThat(picture.at("/source/media_type").asText()).isEqualTo("image/jpeg");
    }

    @Test
    void aLargePictureIsMadeSmallEnoughForTheService() throws IOException {
        answer(200, "end_turn", "{\"checks\": []}");
        var image = new java.awt.image.BufferedImage(9_000, 3_000, java.awt.image.BufferedImage.TYPE_BYTE_GRAY);
        var random = new java.util.Random(1);
        byte[] points = ((java.awt.image.DataBufferByte) image.getRaster().getDataBuffer()).getData();
        random.nextBytes(points);
        var png = new java.io.ByteArrayOutputStream();
        javax.imageio.ImageIO.write(image, "png", png);
        assertThat(png.size()).isGreaterThan(5_000_000);

        reader.read(new PacketContent(png.toByteArray(), "image/png", 1));

        String data = questions
                .getFirst()
                .body()
                .at("/messages/0/content/0/source/data")
                .asText();
        assertThat(data.length()).isLessThan(5_000_000);
        var sent = javax.imageio.ImageIO.read(
                new java.io.ByteArrayInputStream(Base64.getDecoder().decode(data)));
        assertThat(sent.getWidth()).isLessThanOrEqualTo(8_000).isGreaterThan(1_000);
        assertThat((double) sent.getWidth() / sent.getHeight()).isBetween(2.9, 3.1);
    }

    @Test
    void theBoxesAreNamedAsThePageNamesItsFields() {
        answer(200, "end_turn", """
                {"checks": [{"checkNumber": "1", "confidence": 90, "firstPage": 1, "lastPage": 1, "boxes": [
                  {"field": "courtesyAmount", "line": null, "page": 1, "left": 1, "top": 1, "width": 1, "height": 1},
                  {"field": "line", "line": 2, "page": 1, "left": 2, "top": 2, "width": 2, "height": 2},
                  {"field": "line3", "page": 1, "left": 3, "top": 3, "width": 3, "height": 3},
                  {"field": "line", "line": 9, "page": 1, "left": 4, "top": 4, "width": 4, "height": 4},
                  {"field": "stamp", "line": null, "page": 1, "left": 5, "top": 5, "width": 5, "height": 5}],
                  "lines": [{"amount": "not readable"}, {"amount": "1.00"}, {"amount": "2.00"}]}]}
                """);

        var found = reader.read(PDF).checks().getFirst();

        assertThat(found.lines()).hasSize(2);
        assertThat(found.boxes())
                .as("the first line has no amount, so the second is the first")
                .containsOnly(
                        java.util.Map.entry("amount", new FieldBox(1, 1, 1, 1, 1)),
                        java.util.Map.entry("line1", new FieldBox(1, 2, 2, 2, 2)),
                        java.util.Map.entry("line2", new FieldBox(1, 3, 3, 3, 3)));
        JsonNode box = questions
                .getFirst()
                .body()
                .at("/output_config/format/schema/properties/checks/items/properties/boxes/items/properties");
        assertThat(box.at("/field/enum").toString()).contains("\"amount\"", "\"payerName\"", "\"line\"");
        assertThat(box.has("line")).isTrue();
        assertThat(questions.getFirst().body().path("system").asText()).contains("amount,", "checkNumber", "line");
    }

    @Test
    void everyCheckIsReadHoweverManyThereAre() {
        answer(
                200,
                "end_turn",
                "{\"checks\": [%s]}".formatted(String.join(",", java.util.Collections.nCopies(60, """
                {"checkNumber": "1", "confidence": 90, "firstPage": 1, "lastPage": 1, "boxes": [], "lines": []}
                """))));

        assertThat(reader.read(PDF).checks()).hasSize(60);
    }

    @Test
    void anAnswerThatCannotBeUnderstoodIsAskedForOnceMore() {
        answer(200, "end_turn", "Here are the checks: ...");
        answer(200, "end_turn", GOOD);

        assertThat(reader.read(PDF).checks()).hasSize(1);
        assertThat(questions).hasSize(2);
    }

    @Test
    void afterTwoSuchAnswersAPersonEntersThePacket() {
        answer(200, "max_tokens", GOOD);
        answer(200, "refusal", "");

        var reading = reader.read(PDF);

        assertThat(reading.checks()).isEmpty();
        assertThat(reading.note()).contains("by hand");
        assertThat(questions).hasSize(2);
    }

    @Test
    void aServiceThatIsAwayIsAskedAgainLater() {
        answers.add(new Answer(529, "{\"type\": \"error\"}"));

        assertThatThrownBy(() -> reader.read(PDF)).hasMessageContaining("529");
        assertThat(questions).hasSize(1);
    }

    @Test
    void i1_anAnswerThatIsFarTooLongIsNotReadToItsEnd() {
        answer(200, "end_turn", " ".repeat(10_000_000) + GOOD);
        answer(200, "end_turn", " ".repeat(10_000_000) + GOOD);

        assertThat(reader.read(PDF).note()).contains("by hand");
        assertThat(questions).hasSize(2);
    }

    @Test
    void theScansAreNotSentToWhereAnAnswerLeads() {
        redirect = "http://127.0.0.1:" + server.getAddress().getPort() + "/elsewhere";
        answers.add(new Answer(307, ""));
        answers.add(new Answer(307, ""));

        assertThat(reader.read(PDF).note()).contains("by hand");
        assertThat(elsewhere).isZero();
    }

    @Test
    void withoutAKeyNothingIsSent() {
        assertThat(reader("").read(PDF).note()).contains("key");
        assertThat(questions).isEmpty();
    }

    private void answer(int status, String stopReason, String text) {
        var root = JSON.createObjectNode();
        root.put("stop_reason", stopReason);
        root.putArray("content").addObject().put("type", "text").put("text", text);
        answers.add(new Answer(status, root.toString()));
    }

    private AnthropicReader reader(String key) {
        return new AnthropicReader(
                "http://127.0.0.1:" + server.getAddress().getPort(), key, "test-model", Duration.ofSeconds(20));
    }
}

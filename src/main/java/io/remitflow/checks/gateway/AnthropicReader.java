package io.remitflow.checks.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.remitflow.checks.CheckReader;
import io.remitflow.checks.CheckReading;
import io.remitflow.checks.PacketContent;
import io.remitflow.checks.PacketPictures;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Reads scans with the Messages API of Anthropic: the packet as a document or as pictures, the answer as JSON of a schema
 * that has no place for the bank line.
 *
 * <p>An answer that cannot be understood is asked for once more; then a person enters the packet. A service that is away is
 * asked again later by the process.
 */
@Component
class AnthropicReader implements CheckReader {

    private static final Logger log = LoggerFactory.getLogger(AnthropicReader.class);
    private static final String NAME = "anthropic";
    private static final String VERSION = "2026-10-21";
    private static final int MOST_TOKENS = 8_192;
    private static final int MOST_ANSWER_BYTES = 2_000_000;
    private static final int ATTEMPTS = 2;
    /** It takes 5 MB a picture and 32 MB a question, packed as text, which is a third more. */
    private static final int MOST_PICTURE_BYTES = 3_700_000;

    private static final int MOST_BYTES_OF_PICTURES = 22_000_000;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpClient http;
    private final URI messages;
    private final String apiKey;
    private final String model;
    private final Duration timeout;

    AnthropicReader(
            @Value("${remitflow.checks.anthropic.base-url}") URI baseUrl,
            @Value("${remitflow.checks.anthropic.api-key}") String apiKey,
            @Value("${remitflow.checks.anthropic.model}") String model,
            @Value("${remitflow.checks.anthropic.timeout}") Duration timeout) {
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        this.messages = baseUrl.resolve("/v1/messages");
        this.apiKey = apiKey;
        this.model = model;
        this.timeout = timeout;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CheckReading read(PacketContent packet) {
        if (apiKey.isBlank()) {
            return CheckReading.nothing(NAME, "No key for the reader is configured: enter by hand what it shows");
        }
        byte[] question = question(packet);
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            Optional<CheckReading> reading = ask(question).flatMap(text -> ReadChecks.parse(NAME, text));
            if (reading.isPresent()) {
                return reading.get();
            }
            log.warn("The reader's answer {} of {} could not be understood", attempt, ATTEMPTS);
        }
        return CheckReading.nothing(NAME, "The reader did not get done with it: enter by hand what it shows");
    }

    /** @return the text of a complete answer; empty: it was cut off, refused or is none */
    private Optional<String> ask(byte[] question) {
        HttpRequest request = HttpRequest.newBuilder(messages)
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + apiKey)
                .header("anthropic-version", VERSION)
                .POST(BodyPublishers.ofByteArray(question))
                .build();
        try {
            HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                byte[] bytes = body.readNBytes(MOST_ANSWER_BYTES);
                int status = response.statusCode();
                if (status == 408 || status == 429 || status >= 500 || status == 401 || status == 403) {
                    throw new IllegalStateException("the reader answered " + status);
                }
                return status == 200 ? text(bytes) : Optional.empty();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the reader cannot be reached", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static Optional<String> text(byte[] bytes) throws IOException {
        JsonNode answer;
        try {
            answer = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
        if (!answer.path("stop_reason").asText().equals("end_turn")) {
            return Optional.empty();
        }
        var text = new StringBuilder();
        for (JsonNode block : answer.path("content")) {
            if (block.path("type").asText().equals("text")) {
                text.append(block.path("text").asText());
            }
        }
        return Optional.of(text.toString());
    }

    private byte[] question(PacketContent packet) {
        ObjectNode root = JSON.createObjectNode();
        root.put("model", model);
        root.put("max_tokens", MOST_TOKENS);
        root.put("system", ReadChecks.INSTRUCTION);
        ArrayNode content =
                root.putArray("messages").addObject().put("role", "user").putArray("content");
        if (packet.mediaType().equals("application/pdf")) {
            source(content.addObject().put("type", "document"), packet.mediaType(), packet.bytes());
        } else {
            int most = Math.min(MOST_PICTURE_BYTES, MOST_BYTES_OF_PICTURES / packet.pageCount());
            for (int page = 1; page <= packet.pageCount(); page++) {
                byte[] picture = PacketPictures.jpeg(packet, page, most);
                source(content.addObject().put("type", "image"), "image/jpeg", picture);
            }
        }
        content.addObject()
                .put("type", "text")
                .put("text", "List every check in this packet with its remittance lines.");
        root.putObject("output_config")
                .putObject("format")
                .put("type", "json_schema")
                .set("schema", ReadChecks.schema());
        try {
            return JSON.writeValueAsBytes(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void source(ObjectNode block, String mediaType, byte[] bytes) {
        block.putObject("source")
                .put("type", "base64")
                .put("media_type", mediaType)
                .put("data", Base64.getEncoder().encodeToString(bytes));
    }
}

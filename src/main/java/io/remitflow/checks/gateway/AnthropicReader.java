package io.remitflow.checks.gateway;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.RequestOptions;
import com.anthropic.core.Timeout;
import com.anthropic.core.http.Headers;
import com.anthropic.core.http.HttpResponse;
import com.anthropic.core.http.Interceptor;
import com.anthropic.errors.AnthropicInvalidDataException;
import com.anthropic.errors.AnthropicIoException;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.models.messages.Base64ImageSource;
import com.anthropic.models.messages.ContentBlock;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.DocumentBlockParam;
import com.anthropic.models.messages.ImageBlockParam;
import com.anthropic.models.messages.JsonOutputFormat;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.OutputConfig;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.TextBlock;
import com.anthropic.models.messages.TextBlockParam;
import io.remitflow.checks.CheckReader;
import io.remitflow.checks.CheckReading;
import io.remitflow.checks.PacketContent;
import io.remitflow.checks.PacketPictures;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.io.input.BoundedInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
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
class AnthropicReader implements CheckReader, DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(AnthropicReader.class);
    private static final String NAME = "anthropic";
    private static final int MOST_TOKENS = 8_192;
    private static final int MOST_ANSWER_BYTES = 2_000_000;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final int ATTEMPTS = 2;
    /** Scans go nowhere else. */
    private static final RequestOptions WHERE_IT_WAS_ASKED =
            RequestOptions.builder().followRedirects(false).build();

    /** It takes 5 MB a picture and 32 MB a question, packed as text, which is a third more. */
    private static final int MOST_PICTURE_BYTES = 3_700_000;

    private static final int MOST_BYTES_OF_PICTURES = 22_000_000;

    private final String model;
    /** None without a key. */
    private final @Nullable AnthropicClient client;

    AnthropicReader(
            @Value("${remitflow.checks.anthropic.base-url}") String baseUrl,
            @Value("${remitflow.checks.anthropic.api-key}") String apiKey,
            @Value("${remitflow.checks.anthropic.model}") String model,
            @Value("${remitflow.checks.anthropic.timeout}") Duration timeout) {
        this.model = model;
        // The process asks again later, and sees why.
        this.client = apiKey.isBlank()
                ? null
                : AnthropicOkHttpClient.builder()
                        .baseUrl(baseUrl)
                        .apiKey(apiKey)
                        .timeout(Timeout.builder()
                                .connect(CONNECT_TIMEOUT)
                                .request(timeout)
                                .build())
                        .addInterceptor(Interceptor.syncOnly(
                                (http, request, options) -> new BoundedAnswer(http.execute(request, options))))
                        .maxRetries(0)
                        .build();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CheckReading read(PacketContent packet) {
        if (client == null) {
            return CheckReading.nothing(NAME, "No key for the reader is configured: enter by hand what it shows");
        }
        MessageCreateParams question = question(packet);
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            Optional<CheckReading> reading = ask(client, question).flatMap(text -> ReadChecks.parse(NAME, text));
            if (reading.isPresent()) {
                return reading.get();
            }
            log.warn("The reader's answer {} of {} could not be understood", attempt, ATTEMPTS);
        }
        return CheckReading.nothing(NAME, "The reader did not get done with it: enter by hand what it shows");
    }

    @Override
    public void destroy() {
        if (client != null) {
            client.close();
        }
    }

    /** @return the text of a complete answer; empty: it was cut off, refused or is none */
    private static Optional<String> ask(AnthropicClient client, MessageCreateParams question) {
        try {
            Message answer = client.messages().create(question, WHERE_IT_WAS_ASKED);
            if (answer.stopReason().filter(StopReason.END_TURN::equals).isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(answer.content().stream()
                    .map(ContentBlock::text)
                    .flatMap(Optional::stream)
                    .map(TextBlock::text)
                    .collect(Collectors.joining()));
        } catch (AnthropicServiceException e) {
            int status = e.statusCode();
            if (status == 408 || status == 429 || status >= 500 || status == 401 || status == 403) {
                // Without its cause: that one quotes the answer.
                throw new IllegalStateException("the reader answered " + status);
            }
            return Optional.empty();
        } catch (AnthropicIoException e) {
            throw new UncheckedIOException("the reader cannot be reached", new IOException(e));
        } catch (AnthropicInvalidDataException e) {
            return Optional.empty();
        }
    }

    private MessageCreateParams question(PacketContent packet) {
        List<ContentBlockParam> content = new ArrayList<>();
        if (packet.mediaType().equals("application/pdf")) {
            content.add(ContentBlockParam.ofDocument(DocumentBlockParam.builder()
                    .base64Source(Base64.getEncoder().encodeToString(packet.bytes()))
                    .build()));
        } else {
            int most = Math.min(MOST_PICTURE_BYTES, MOST_BYTES_OF_PICTURES / packet.pageCount());
            for (int page = 1; page <= packet.pageCount(); page++) {
                byte[] picture = PacketPictures.jpeg(packet, page, most);
                content.add(ContentBlockParam.ofImage(ImageBlockParam.builder()
                        .source(Base64ImageSource.builder()
                                .mediaType(Base64ImageSource.MediaType.IMAGE_JPEG)
                                .data(Base64.getEncoder().encodeToString(picture))
                                .build())
                        .build()));
            }
        }
        content.add(ContentBlockParam.ofText(TextBlockParam.builder()
                .text("List every check in this packet with its remittance lines.")
                .build()));
        var schema = JsonOutputFormat.Schema.builder();
        ReadChecks.schema()
                .properties()
                .forEach(property ->
                        schema.putAdditionalProperty(property.getKey(), JsonValue.fromJsonNode(property.getValue())));
        return MessageCreateParams.builder()
                .model(model)
                .maxTokens(MOST_TOKENS)
                .system(ReadChecks.INSTRUCTION)
                .addUserMessageOfContentBlockParams(content)
                .outputConfig(OutputConfig.builder()
                        .format(JsonOutputFormat.builder()
                                .schema(schema.build())
                                .build())
                        .build())
                .build();
    }

    /** One that is longer ends early, and cannot be understood then. */
    private record BoundedAnswer(HttpResponse answer) implements HttpResponse {

        @Override
        public int statusCode() {
            return answer.statusCode();
        }

        @Override
        public Headers headers() {
            return answer.headers();
        }

        @Override
        public InputStream body() {
            try {
                return BoundedInputStream.builder()
                        .setInputStream(answer.body())
                        .setMaxCount(MOST_ANSWER_BYTES)
                        .get();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            answer.close();
        }
    }
}

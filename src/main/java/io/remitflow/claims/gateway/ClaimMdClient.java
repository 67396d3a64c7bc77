package io.remitflow.claims.gateway;

import static io.remitflow.claims.gateway.ClaimMdDocument.list;
import static io.remitflow.claims.gateway.ClaimMdDocument.number;
import static io.remitflow.claims.gateway.ClaimMdDocument.optional;
import static io.remitflow.claims.gateway.ClaimMdDocument.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.remitflow.claims.ClaimMd;
import io.remitflow.claims.ClaimMdConnections;
import io.remitflow.claims.ClaimMdSettings;
import io.remitflow.identity.CurrentOrganization;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.http.MediaType;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/**
 * Speaks with Claim.MD: form posts with the account key among the fields, errors mostly with status 200.
 *
 * <p>Questions are repeated; an upload only if it certainly was not sent.
 */
@Component
class ClaimMdClient implements ClaimMd {

    private static final Logger log = LoggerFactory.getLogger(ClaimMdClient.class);
    private static final int TRIES = 3;
    private static final int MOST_PAGES = 200;
    private static final Duration DEFAULT_RETRY_AFTER = Duration.ofMinutes(1);
    private static final String NONE_FOUND = "711";
    private final ClaimMdConnections connections;
    private final ClaimMdSettings settings;
    private final RequestPace pace;
    private final RestClient http;

    ClaimMdClient(ClaimMdConnections connections, ClaimMdSettings settings) {
        this.connections = connections;
        this.settings = settings;
        this.pace = new RequestPace(settings.requestsPerMinute());
        var factory = new JdkClientHttpRequestFactory(HttpClient.newBuilder()
                .connectTimeout(settings.connectTimeout())
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build());
        factory.setReadTimeout(settings.readTimeout());
        this.http = RestClient.builder().requestFactory(factory).build();
    }

    @Override
    public Listing erasAfter(long eraId) {
        var found = new TreeMap<Long, Era>();
        boolean oldestFirst = true;
        for (int page = 1; page <= MOST_PAGES; page++) {
            // NewOnly=1 would forget what another client of the account has downloaded.
            var answer = ask(
                    "eralist", Map.of("ERAID", String.valueOf(eraId), "NewOnly", "0", "Page", String.valueOf(page)));
            int before = found.size();
            long last = found.isEmpty() ? eraId : found.lastKey();
            for (JsonNode era : list(answer.root(), "era")) {
                long id = numeric("eralist", era, "eraid");
                if (id > eraId && found.putIfAbsent(id, new Era(id, optional(era, "check_number"))) == null) {
                    oldestFirst &= id > last;
                }
            }
            if (found.size() == before) {
                return new Listing(List.copyOf(found.values()), true);
            }
        }
        // What comes on later pages is listed by the next poll, if it is newer.
        return new Listing(List.copyOf(found.values()), oldestFirst);
    }

    @Override
    public byte[] era835(long eraId) {
        var answer = ask("era835", Map.of("eraid", String.valueOf(eraId))).root();
        JsonNode element = answer.path("era835").isObject() ? answer.path("era835") : answer;
        var text = new StringBuilder();
        for (JsonNode part : list(element, "data")) {
            text.append(part.isObject() ? part.path("data").asText() : part.asText());
        }
        if (text.isEmpty()) {
            throw new Fault(Kind.REFUSED, "era835 gave no file", null, null);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Upload upload(String fileName, byte[] content) {
        var fields = file(fileName, content);
        fields.add("AccountKey", accountKey());
        Answer answer;
        for (int attempt = 1; ; attempt++) {
            try {
                answer = post("upload", fields, MediaType.MULTIPART_FORM_DATA);
                break;
            } catch (ResourceAccessException e) {
                if (!certainlyNotSent(e)) {
                    throw new Fault(Kind.UNKNOWN_OUTCOME, "upload was not answered", null, e);
                }
                if (attempt == TRIES) {
                    throw new Fault(Kind.UNAVAILABLE, "Claim.MD cannot be reached", null, e);
                }
                pause(attempt);
            }
        }
        refuseTooMany("upload", answer);
        if (answer.status() >= 500) {
            throw new Fault(Kind.UNKNOWN_OUTCOME, "upload answered " + answer.status(), null, null);
        }
        ClaimMdDocument document;
        try {
            document = ClaimMdDocument.read(answer.body());
        } catch (IOException e) {
            throw new Fault(Kind.UNKNOWN_OUTCOME, "upload: " + e.getMessage(), null, null);
        }
        refuseErrors("upload", answer.status(), document, false);
        List<Response> claims = responses("upload", document);
        String file = list(document.root(), "claim").stream()
                .map(claim -> Optional.ofNullable(optional(claim, "inboundid")).orElse(optional(claim, "fileid")))
                .filter(id -> id != null)
                .findFirst()
                .orElse(null);
        return new Upload(file, claims);
    }

    @Override
    public Optional<String> uploaded(String fileName, LocalDate sentOn) {
        for (LocalDate day : List.of(sentOn, sentOn.minusDays(1), sentOn.plusDays(1))) {
            for (int page = 1; page <= MOST_PAGES; page++) {
                var files = list(
                        ask("uploadlist", Map.of("UploadDate", day.toString(), "Page", String.valueOf(page)))
                                .root(),
                        "file");
                for (JsonNode file : files) {
                    if (text(file, "filename").equals(fileName)) {
                        return Optional.of(text(file, "inboundid"));
                    }
                }
                if (files.isEmpty()) {
                    break;
                }
            }
        }
        return Optional.empty();
    }

    @Override
    public Responses responsesAfter(long responseId) {
        var document = ask("response", Map.of("ResponseID", String.valueOf(responseId)));
        return new Responses(
                Math.max(responseId, numeric("response", document.root(), "last_responseid")),
                responses("response", document));
    }

    @Override
    public Eligibility eligibility(Map<String, String> question) {
        Answer[] raw = new Answer[1];
        ClaimMdDocument document = ask("eligdata", question, answer -> raw[0] = answer);
        JsonNode elig = list(document.root(), "elig").stream().findFirst().orElse(document.root());
        var errors = list(elig, "error");
        if (!errors.isEmpty()) {
            return new Eligibility(
                    Coverage.UNCLEAR,
                    "The payer answered with error %s".formatted(text(errors.getFirst(), "error_code")),
                    raw[0].body());
        }
        var coverage = new CoverageAnswer();
        for (JsonNode benefit : list(elig, "benefit")) {
            coverage.benefit(text(benefit, "benefit_coverage_code"), text(benefit, "insurance_plan"));
        }
        return coverage.eligibility(raw[0].body());
    }

    @Override
    public Eligibility eligibility(String fileName, byte[] question) {
        var fields = file(fileName, question);
        ClaimMdDocument document = ask("elig", fields, MediaType.MULTIPART_FORM_DATA, answer -> {});
        JsonNode eligibility =
                list(document.root(), "eligibility").stream().findFirst().orElse(document.root());
        var text = new StringBuilder();
        for (JsonNode part : list(eligibility, "data")) {
            text.append(part.isObject() ? part.path("data").asText() : part.asText());
        }
        if (text.isEmpty()) {
            throw new Fault(Kind.REFUSED, "elig gave no 271", null, null);
        }
        byte[] answer = text.toString().getBytes(StandardCharsets.UTF_8);
        try {
            return CoverageAnswer.read(answer).eligibility(answer);
        } catch (IOException e) {
            return new Eligibility(Coverage.UNCLEAR, "The 271 cannot be read: " + e.getMessage(), answer);
        }
    }

    private static MultiValueMap<String, Object> file(String fileName, byte[] content) {
        var fields = new LinkedMultiValueMap<String, Object>();
        fields.add("Filename", fileName);
        fields.add("File", new ByteArrayResource(content) {
            @Override
            public String getFilename() {
                return fileName;
            }
        });
        return fields;
    }

    private List<Response> responses(String endpoint, ClaimMdDocument document) {
        List<Response> claims = new ArrayList<>();
        for (JsonNode claim : list(document.root(), "claim")) {
            List<Message> messages = new ArrayList<>();
            for (JsonNode message : list(claim, "messages")) {
                messages.add(new Message(
                        numeric(endpoint, message, "responseid"),
                        text(message, "mesgid"),
                        text(message, "status"),
                        optional(message, "fields"),
                        text(message, "message")));
            }
            claims.add(new Response(
                    text(claim, "claimmd_id").isEmpty() ? text(claim, "claimid") : text(claim, "claimmd_id"),
                    text(claim, "remote_claimid"),
                    text(claim, "pcn"),
                    text(claim, "status"),
                    optional(claim, "sender_icn"),
                    optional(claim, "sender_name"),
                    text(claim, "response_time"),
                    messages));
        }
        return claims;
    }

    private ClaimMdDocument ask(String endpoint, Map<String, String> parameters) {
        return ask(endpoint, parameters, answer -> {});
    }

    private ClaimMdDocument ask(
            String endpoint, Map<String, String> parameters, java.util.function.Consumer<Answer> raw) {
        var fields = new LinkedMultiValueMap<String, Object>();
        parameters.forEach(fields::add);
        return ask(endpoint, fields, MediaType.APPLICATION_FORM_URLENCODED, raw);
    }

    private ClaimMdDocument ask(
            String endpoint,
            MultiValueMap<String, Object> fields,
            MediaType type,
            java.util.function.Consumer<Answer> raw) {
        fields.add("AccountKey", accountKey());
        for (int attempt = 1; ; attempt++) {
            String trouble;
            try {
                Answer answer = post(endpoint, fields, type);
                refuseTooMany(endpoint, answer);
                if (answer.status() < 500) {
                    var document = ClaimMdDocument.read(answer.body());
                    refuseErrors(endpoint, answer.status(), document, true);
                    raw.accept(answer);
                    return document;
                }
                trouble = "answered " + answer.status();
            } catch (ResourceAccessException e) {
                log.debug("Claim.MD did not answer {}", endpoint, e);
                trouble = "was not answered";
            } catch (IOException e) {
                trouble = String.valueOf(e.getMessage());
            }
            if (attempt == TRIES) {
                throw new Fault(Kind.UNAVAILABLE, "%s: %s".formatted(endpoint, trouble), null, null);
            }
            pause(attempt);
        }
    }

    private Answer post(String endpoint, MultiValueMap<String, Object> fields, MediaType type) {
        try {
            pace.await(CurrentOrganization.id());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Fault(Kind.UNAVAILABLE, "interrupted while waiting for a turn", null, e);
        }
        return Objects.requireNonNull(http.post()
                .uri(settings.url().resolve(endpoint + "/"))
                .contentType(type)
                .accept(MediaType.APPLICATION_JSON)
                .body(fields)
                .exchange((request, response) -> new Answer(
                        response.getStatusCode().value(),
                        response.getHeaders().getFirst("Retry-After"),
                        response.getBody().readAllBytes())));
    }

    private static void refuseTooMany(String endpoint, Answer answer) {
        if (answer.status() == 429) {
            throw new Fault(Kind.UNAVAILABLE, endpoint + " answered 429", retryAfter(answer.retryAfter()), null);
        }
    }

    /** Claim.MD's words may quote a patient's data, so only its code goes on. */
    private static void refuseErrors(String endpoint, int status, ClaimMdDocument document, boolean noneIsFine) {
        var error = document.error();
        if (error.isPresent() && !(noneIsFine && error.get().code().equals(NONE_FOUND))) {
            String code = error.get().code().replaceAll("[^A-Za-z0-9_-]", "");
            throw new Fault(
                    Kind.REFUSED,
                    "%s answered error %s%s"
                            .formatted(endpoint, code, code.equals("20") ? ", invalid account key" : ""),
                    null,
                    null);
        }
        if (status >= 400) {
            throw new Fault(Kind.REFUSED, "%s answered %d".formatted(endpoint, status), null, null);
        }
    }

    private static Duration retryAfter(@Nullable String header) {
        try {
            return header == null ? DEFAULT_RETRY_AFTER : Duration.ofSeconds(Long.parseLong(header.strip()));
        } catch (NumberFormatException e) {
            return DEFAULT_RETRY_AFTER;
        }
    }

    private static long numeric(String endpoint, JsonNode node, String name) {
        try {
            return number(node, name);
        } catch (IOException e) {
            throw new Fault(Kind.REFUSED, "%s: %s".formatted(endpoint, e.getMessage()), null, null);
        }
    }

    private String accountKey() {
        return connections
                .accountKey()
                .orElseThrow(() -> new Fault(Kind.NOT_CONNECTED, "Claim.MD is not connected", null, null));
    }

    private static boolean certainlyNotSent(ResourceAccessException e) {
        return e.getCause() instanceof IOException cause
                && (cause instanceof ConnectException
                        || cause instanceof HttpConnectTimeoutException
                        || cause.getCause() instanceof UnresolvedAddressException);
    }

    private void pause(int attempt) {
        try {
            Thread.sleep(settings.retryPause().toMillis() * attempt);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Fault(Kind.UNAVAILABLE, "interrupted while waiting for Claim.MD", null, e);
        }
    }

    private record Answer(int status, @Nullable String retryAfter, byte[] body) {}
}

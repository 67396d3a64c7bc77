package io.remitflow.local;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Claim.MD on loopback: form posts below {@code /services/}, the account key among the fields, errors with status 200, lists
 * of 100 with the newest first, one thing as an object and several as a list, JSON or XML.
 *
 * <p>Each account key is an account of its own with its own moods, so tests do not meet.
 */
public final class ClaimMdStandIn implements LocalPartner {

    /** Where the local run starts it. */
    public static final int LOCAL_PORT = 8091;

    private static final int PAGE = 100;

    private final JsonMapper json = JsonMapper.builder().build();
    private final Map<String, Account> accounts = new ConcurrentHashMap<>();
    private @Nullable HttpServer server;

    /** A Claim.MD account: what it holds, and how it behaves. */
    public static final class Account {

        private final Map<Long, List<String>> eras = new ConcurrentHashMap<>();
        private final List<Map<String, String>> files = new CopyOnWriteArrayList<>();
        private final List<Map<String, Object>> responses = new CopyOnWriteArrayList<>();
        private final Map<String, String> claims = new ConcurrentHashMap<>();
        private final List<String> uploads = new CopyOnWriteArrayList<>();
        private final Map<String, Trouble> troubles = new ConcurrentHashMap<>();
        private final Map<String, Integer> calls = new ConcurrentHashMap<>();
        private final List<Map<String, String>> questions = new CopyOnWriteArrayList<>();
        private final AtomicLong numbers = new AtomicLong();
        private volatile boolean xml;
        private volatile boolean reject;
        private volatile String coverage = "1";

        /** Puts a remittance into the list; several parts come as a list of strings. */
        public Account era(long id, String... parts) {
            eras.put(id, List.of(parts));
            return this;
        }

        /** From now on every answer is XML, whatever is asked for. */
        public Account speakXml() {
            xml = true;
            return this;
        }

        /** From now on claims that arrive are rejected. */
        public Account rejectClaims() {
            reject = true;
            return this;
        }

        /** EB01 of eligibility answers. */
        public Account coverage(String code) {
            coverage = code;
            return this;
        }

        /** The next so many calls of this endpoint go wrong. */
        public Account trouble(String endpoint, Trouble trouble) {
            troubles.put(endpoint, trouble);
            return this;
        }

        /** A status that comes later, on its own. */
        public Account respond(String controlNumber, String status, String message) {
            String remote = claims.getOrDefault(controlNumber, "");
            responses.add(response(controlNumber, remote, status, message));
            return this;
        }

        public int calls(String endpoint) {
            return calls.getOrDefault(endpoint, 0);
        }

        /** The files as they arrived, oldest first. */
        public List<String> uploads() {
            return List.copyOf(uploads);
        }

        public List<Map<String, String>> questions() {
            return List.copyOf(questions);
        }

        private Map<String, Object> response(String pcn, String remote, String status, String message) {
            long id = numbers.incrementAndGet();
            var messages = new LinkedHashMap<String, Object>();
            messages.put("responseid", String.valueOf(id));
            messages.put("mesgid", "M" + id);
            messages.put("status", status);
            messages.put("fields", status.equals("R") ? "ins_number" : "");
            messages.put("message", message);
            var claim = new LinkedHashMap<String, Object>();
            claim.put("claimid", "C" + pcn);
            claim.put("claimmd_id", "C" + pcn);
            claim.put("remote_claimid", remote);
            claim.put("pcn", pcn);
            claim.put("status", status);
            claim.put("sender_name", "Claim.MD");
            claim.put("response_time", "2026-11-20 10:00:0" + id % 10);
            claim.put("messages", messages);
            return claim;
        }
    }

    /** @param times how many calls, then all is well again */
    public record Trouble(Kind kind, AtomicLong times) {

        public enum Kind {
            STATUS_500,
            TOO_MANY,
            ERROR_DOCUMENT,
            NO_ANSWER,
            DONE_BUT_NO_ANSWER,
            SLOW,
            NONSENSE
        }

        public static Trouble of(Kind kind, long times) {
            return new Trouble(kind, new AtomicLong(times));
        }
    }

    @Override
    public String name() {
        return "the stand-in of the clearinghouse Claim.MD";
    }

    @Override
    public int port(LocalPorts ports) {
        return LOCAL_PORT;
    }

    /** Opens the account if there is none with this key. */
    public Account account(String key) {
        return accounts.computeIfAbsent(key, unseen -> new Account());
    }

    @Override
    public synchronized void start(int port) {
        try {
            HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            started.createContext("/services/", this::handle);
            started.setExecutor(Executors.newCachedThreadPool(
                    Thread.ofPlatform().daemon().name("claimmd-", 1).factory()));
            started.start();
            server = started;
        } catch (IOException e) {
            throw new UncheckedIOException("the stand-in of Claim.MD cannot listen on port " + port, e);
        }
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            server.stop(0);
            server = null;
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String endpoint = path.replaceAll("^/services/|/$", "");
            Map<String, String> fields = fields(exchange);
            Account account = accounts.get(fields.getOrDefault("AccountKey", ""));
            if (!exchange.getRequestMethod().equals("POST") || !path.endsWith("/")) {
                send(exchange, 404, "text/html", "<html>Not found</html>");
            } else if (account == null) {
                answer(exchange, false, Map.of("error", error("20", "Invalid AccountKey")));
            } else {
                account.calls.merge(endpoint, 1, Integer::sum);
                Trouble trouble = account.troubles.get(endpoint);
                if (trouble == null
                        || trouble.times().getAndDecrement() <= 0
                        || !makeTrouble(exchange, account, endpoint, fields, trouble.kind())) {
                    answer(exchange, account.xml, result(account, endpoint, fields));
                }
            }
        }
    }

    /** False if the ordinary answer is to follow. */
    private boolean makeTrouble(
            HttpExchange exchange, Account account, String endpoint, Map<String, String> fields, Trouble.Kind kind)
            throws IOException {
        switch (kind) {
            case STATUS_500 -> send(exchange, 500, "text/html", "<html>Internal error</html>");
            case TOO_MANY -> {
                exchange.getResponseHeaders().set("Retry-After", "120");
                send(exchange, 429, "text/plain", "Too many requests");
            }
            case ERROR_DOCUMENT ->
                answer(exchange, account.xml, Map.of("error", List.of(error("401", "Invalid value SECRET-NAME"))));
            case NONSENSE -> send(exchange, 200, "text/html", "{\"half\":");
            case NO_ANSWER -> {
                // The connection closes.
            }
            case DONE_BUT_NO_ANSWER -> result(account, endpoint, fields);
            case SLOW -> {
                sleep(Duration.ofMillis(700));
                return false;
            }
        }
        return true;
    }

    private Map<String, Object> result(Account account, String endpoint, Map<String, String> fields) {
        return switch (endpoint) {
            case "eralist" -> eras(account, fields);
            case "era835" -> era(account, fields);
            case "upload" -> upload(account, fields);
            case "uploadlist" -> uploads(account, fields);
            case "response" -> responses(account, fields);
            case "eligdata" -> eligibility(account, fields);
            case "elig" -> eligibilityFile(account, fields);
            default -> Map.of("error", error("404", "Unknown service"));
        };
    }

    /** The newest first; the last row of a page is repeated on the next, as when something new moved them all. */
    private static Map<String, Object> eras(Account account, Map<String, String> fields) {
        long after = Long.parseLong(fields.getOrDefault("ERAID", "0"));
        int page = Integer.parseInt(fields.getOrDefault("Page", "1"));
        List<Map<String, Object>> all = account.eras.keySet().stream()
                .filter(id -> id > after)
                .sorted((a, b) -> Long.compare(b, a))
                .map(id -> {
                    Map<String, Object> row = new LinkedHashMap<>();
                    row.put("eraid", String.valueOf(id));
                    row.put("check_number", "CHK" + id);
                    row.put("paid_amount", "1.00");
                    row.put("payer_name", "Greenleaf");
                    return row;
                })
                .toList();
        int from = Math.min(all.size(), (page - 1) * PAGE);
        List<Map<String, Object>> rows = new ArrayList<>(all.subList(
                Math.max(0, from - (from < all.size() ? 1 : 0)), Math.min(all.size(), from + PAGE)));
        if (rows.isEmpty()) {
            return Map.of("error", error("711", "No records found"));
        }
        long last = account.eras.keySet().stream().mapToLong(id -> id).max().orElse(after);
        return Map.of("last_eraid", String.valueOf(last), "era", oneOrMore(rows));
    }

    private static Map<String, Object> era(Account account, Map<String, String> fields) {
        List<String> parts = account.eras.get(Long.parseLong(fields.getOrDefault("eraid", "0")));
        return parts == null
                ? Map.of("error", error("711", "No records found"))
                : Map.of("data", parts.size() == 1 ? parts.getFirst() : parts);
    }

    private static synchronized Map<String, Object> upload(Account account, Map<String, String> fields) {
        String content = fields.getOrDefault("File", "");
        String number = String.valueOf(100 + account.files.size());
        account.uploads.add(content);
        account.files.add(Map.of(
                "inboundid",
                number,
                "filename",
                fields.getOrDefault("Filename", ""),
                "uploadtime",
                String.valueOf(System.currentTimeMillis() / 1000),
                "day",
                LocalDate.now(ZoneOffset.UTC).toString()));
        List<Map<String, Object>> acknowledged = new ArrayList<>();
        String[] segments = content.split("~\\s*");
        for (int i = 0; i < segments.length; i++) {
            if (!segments[i].startsWith("CLM*")) {
                continue;
            }
            String controlNumber = segments[i].split("\\*")[1];
            String remote = "";
            for (int j = i + 1; j < segments.length && !segments[j].startsWith("CLM*"); j++) {
                if (segments[j].startsWith("REF*D9*")) {
                    remote = segments[j].substring("REF*D9*".length());
                }
            }
            if (remote.equals(account.claims.put(controlNumber, remote))) {
                continue; // the same claim again: known by its remote id
            }
            Map<String, Object> response = account.response(
                    controlNumber,
                    remote,
                    account.reject ? "R" : "A",
                    account.reject ? "Subscriber not found" : "Accepted for processing");
            response.put("inboundid", number);
            account.responses.add(response);
            acknowledged.add(response);
        }
        return acknowledged.isEmpty()
                ? Map.of("messages", "nothing new")
                : Map.of("messages", "received", "claim", oneOrMore(acknowledged));
    }

    private static Map<String, Object> uploads(Account account, Map<String, String> fields) {
        boolean first = fields.getOrDefault("Page", "1").equals("1");
        List<Map<String, Object>> files = account.files.stream()
                .filter(file -> first && Objects.equals(file.get("day"), fields.get("UploadDate")))
                .map(file -> (Map<String, Object>) new HashMap<String, Object>(file))
                .toList();
        return files.isEmpty() ? Map.of("error", error("711", "No records found")) : Map.of("file", oneOrMore(files));
    }

    /** The last response is sent once more with the next question, as Claim.MD sometimes does. */
    private static Map<String, Object> responses(Account account, Map<String, String> fields) {
        long after = Long.parseLong(fields.getOrDefault("ResponseID", "0"));
        List<Map<String, Object>> rows = account.responses.stream()
                .filter(claim -> responseId(claim) >= Math.max(1, after))
                .toList();
        long last = account.responses.stream()
                .mapToLong(ClaimMdStandIn::responseId)
                .max()
                .orElse(after);
        return rows.isEmpty()
                ? Map.of("last_responseid", String.valueOf(Math.max(after, last)))
                : Map.of("last_responseid", String.valueOf(last), "claim", oneOrMore(rows));
    }

    private static long responseId(Map<String, Object> claim) {
        return claim.get("messages") instanceof Map<?, ?> messages
                ? Long.parseLong(String.valueOf(messages.get("responseid")))
                : 0;
    }

    private static Map<String, Object> eligibility(Account account, Map<String, String> fields) {
        account.questions.add(fields);
        return Map.of(
                "elig",
                Map.of(
                        "eligid",
                        "77",
                        "benefit",
                        List.of(
                                Map.of(
                                        "benefit_coverage_code",
                                        account.coverage,
                                        "benefit_code",
                                        "30",
                                        "insurance_plan",
                                        "Gold Plan"),
                                Map.of("benefit_coverage_code", "C", "benefit_code", "30", "benefit_amount", "500"))));
    }

    /** A 270 is answered by a 271 below an element; what is no 270 by an error. */
    private static Map<String, Object> eligibilityFile(Account account, Map<String, String> fields) {
        String question = fields.getOrDefault("File", "");
        account.questions.add(Map.of("File", question));
        if (!question.contains("ST*270*")) {
            return Map.of("error", error("401", "Not a 270"));
        }
        String answer = """
                ISA*00*          *00*          *ZZ*CLAIMMD        *ZZ*001234567      *261120*0905*^*00501*000000001*0*P*:~
                GS*HB*CLAIMMD*001234567*20261120*0905*1*X*005010X279A1~
                ST*271*0001*005010X279A1~
                BHT*0022*11*1*20261120*0905~
                HL*1**20*1~
                NM1*PR*2*GREENLEAF*****PI*60054~
                HL*2*1*21*1~
                NM1*1P*2*HOSPITAL*****XX*1234567893~
                HL*3*2*22*0~
                NM1*IL*1*DOE*JANE****MI*1~
                EB*%s**30**Silver Plan~
                EB*C*IND*30***29*500~
                SE*11*0001~
                GE*1*1~
                IEA*1*000000001~
                """.formatted(account.coverage);
        return Map.of("eligibility", Map.of("eligid", "78", "data", answer));
    }

    private static Map<String, Object> error(String code, String message) {
        return Map.of("error_code", code, "error_mesg", message);
    }

    private static Object oneOrMore(List<Map<String, Object>> rows) {
        return rows.size() == 1 ? rows.getFirst() : rows;
    }

    private void answer(HttpExchange exchange, boolean asXml, Map<String, Object> result) throws IOException {
        if (asXml) {
            // 1500_claims is no legal name, and a bell is no legal character: both were seen.
            String body = "<?xml version=\"1.0\"?>\n<result 1500_claims=\"y\" note=\"\u0007\"%s</result>"
                    .formatted(inner(result));
            send(exchange, 200, "text/xml", body);
        } else {
            boolean wrapped = result.size() % 2 == 0;
            send(
                    exchange,
                    200,
                    "application/json",
                    json.writeValueAsString(wrapped ? Map.of("result", result) : result));
        }
    }

    /** Plain values as attributes, everything else as elements; ends after the closing bracket of the attributes. */
    private static String inner(Map<String, Object> values) {
        var attributes = new StringBuilder();
        var elements = new StringBuilder();
        values.forEach((name, value) -> {
            if (name.equals("data")) {
                for (Object part : value instanceof List<?> several ? several : List.of(value)) {
                    elements.append("<data>").append(escaped(part)).append("</data>");
                }
            } else if (value instanceof Map<?, ?> || value instanceof List<?>) {
                for (Object one : value instanceof List<?> several ? several : List.of(value)) {
                    @SuppressWarnings("unchecked")
                    var element = (Map<String, Object>) one;
                    elements.append('<')
                            .append(name)
                            .append(inner(element))
                            .append("</")
                            .append(name)
                            .append('>');
                }
            } else {
                attributes
                        .append(' ')
                        .append(name)
                        .append("=\"")
                        .append(escaped(value))
                        .append('"');
            }
        });
        return attributes + ">" + elements;
    }

    private static String escaped(Object value) {
        return String.valueOf(value).replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }

    private static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static Map<String, String> fields(HttpExchange exchange) throws IOException {
        var bytes = new ByteArrayOutputStream();
        exchange.getRequestBody().transferTo(bytes);
        String type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
        if (type.startsWith("multipart/form-data")) {
            return parts(
                    bytes.toString(StandardCharsets.UTF_8), type.replaceAll("(?i).*boundary=\"?([^\";]+).*", "$1"));
        }
        return Arrays.stream(bytes.toString(StandardCharsets.UTF_8).split("&"))
                .filter(pair -> pair.contains("="))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> decoded(pair[0]), pair -> decoded(pair[1]), (a, b) -> b));
    }

    private static Map<String, String> parts(String body, String boundary) {
        var fields = new HashMap<String, String>();
        for (String part : body.split("(\\r\\n)?--" + java.util.regex.Pattern.quote(boundary) + "(--)?(\\r\\n)?")) {
            int end = part.indexOf("\r\n\r\n");
            if (end > 0) {
                fields.put(
                        part.substring(0, end).replaceAll("(?s).*?\\bname=\"([^\"]+)\".*", "$1"),
                        part.substring(end + 4));
            }
        }
        return fields;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static void sleep(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.remitflow.checks.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.remitflow.checks.CheckReading;
import io.remitflow.checks.CheckReading.Found;
import io.remitflow.checks.CheckReading.Line;
import io.remitflow.checks.FieldBox;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the vision reader is told to answer, and how its answer is read: key by key, so that unknown keys are dropped. */
final class ReadChecks {

    static final String INSTRUCTION = """
            You read scanned payment packets of a hospital: an envelope, one or more checks, and remittance stubs. Ignore the
            envelope. Report each check once, with the remittance lines that belong to it. Never report what stands in the
            magnetic line at the foot of a check, nor any number of a bank account or a payment card, not even in a memo. Money
            is a plain decimal such as 1234.56, a date is YYYY-MM-DD. What you cannot read is null; do not guess. Confidence is
            0 to 100. A box says where a field was read, in thousandths of the page's width and height; its field is one of amount,
            checkNumber, date, payerName, payeeName, memo and line. The box of a line has the line's number, from 1 within its
            check; other boxes have null there.
            """;

    private static final List<String> FIELDS =
            List.of("amount", "checkNumber", "date", "payerName", "payeeName", "memo", "line");
    /** What is answered nevertheless. */
    private static final Map<String, String> OTHER_NAMES = Map.ofEntries(
            Map.entry("courtesyAmount", "amount"),
            Map.entry("legalAmount", "amount"),
            Map.entry("number", "checkNumber"),
            Map.entry("payer", "payerName"),
            Map.entry("payee", "payeeName"),
            Map.entry("lines", "line"));

    private static final Pattern LINE = Pattern.compile("line([0-9]{1,3})");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ReadChecks() {}

    static ObjectNode schema() {
        ObjectNode line = object();
        nullable(line, "invoiceNumber", "string");
        nullable(line, "date", "string");
        property(line, "amount").put("type", "string");
        ObjectNode box = object();
        ArrayNode names = property(box, "field").put("type", "string").putArray("enum");
        FIELDS.forEach(names::add);
        nullable(box, "line", "integer");
        for (String side : List.of("page", "left", "top", "width", "height")) {
            property(box, side).put("type", "integer");
        }
        ObjectNode check = object();
        for (String text :
                List.of("checkNumber", "date", "payerName", "payeeName", "memo", "courtesyAmount", "legalAmount")) {
            nullable(check, text, "string");
        }
        nullable(check, "signed", "boolean");
        for (String number : List.of("confidence", "firstPage", "lastPage")) {
            property(check, number).put("type", "integer");
        }
        array(check, "boxes", box);
        array(check, "lines", line);
        ObjectNode root = object();
        array(root, "checks", check);
        return root;
    }

    /** Empty: it is not what was asked for. */
    static Optional<CheckReading> parse(String reader, String text) {
        try {
            JsonNode checks = JSON.readTree(text).path("checks");
            if (!checks.isArray()) {
                return Optional.empty();
            }
            List<Found> found = new ArrayList<>();
            for (JsonNode check : checks) {
                found.add(check(check));
            }
            return Optional.of(new CheckReading(
                    reader, found, found.isEmpty() ? "No check was seen in it: enter by hand what it shows" : null));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static Found check(JsonNode check) {
        List<Line> lines = new ArrayList<>();
        Map<Integer, Integer> numbers = new HashMap<>();
        int answered = 0;
        for (JsonNode line : check.path("lines")) {
            answered++;
            BigDecimal amount = amount(line, "amount");
            if (amount != null) {
                lines.add(new Line(text(line, "invoiceNumber"), date(line), amount));
                numbers.put(answered, lines.size());
            }
        }
        Map<String, FieldBox> boxes = new HashMap<>();
        for (JsonNode box : check.path("boxes")) {
            String field = field(box, numbers);
            if (field != null) {
                boxes.putIfAbsent(
                        field,
                        new FieldBox(
                                box.path("page").asInt(1),
                                box.path("left").asInt(),
                                box.path("top").asInt(),
                                box.path("width").asInt(),
                                box.path("height").asInt()));
            }
        }
        JsonNode signed = check.path("signed");
        return new Found(
                text(check, "checkNumber"),
                date(check),
                text(check, "payerName"),
                text(check, "payeeName"),
                text(check, "memo"),
                amount(check, "courtesyAmount"),
                amount(check, "legalAmount"),
                signed.isBoolean() ? signed.booleanValue() : null,
                check.path("confidence").asInt(0),
                check.path("firstPage").asInt(1),
                check.path("lastPage").asInt(1),
                boxes,
                lines);
    }

    /** As the page knows it; null: it shows no such field. */
    private static @Nullable String field(JsonNode box, Map<Integer, Integer> lineNumbers) {
        String answered = text(box, "field");
        if (answered == null) {
            return null;
        }
        Matcher numbered = LINE.matcher(answered);
        if (numbered.matches()) {
            Integer number = lineNumbers.get(Integer.parseInt(numbered.group(1)));
            return number == null ? null : "line" + number;
        }
        String field = OTHER_NAMES.getOrDefault(answered, answered);
        if (field.equals("line")) {
            Integer number = lineNumbers.get(box.path("line").asInt());
            return number == null ? null : "line" + number;
        }
        return FIELDS.contains(field) ? field : null;
    }

    private static @Nullable String text(JsonNode node, String key) {
        JsonNode value = node.path(key);
        return value.isTextual() && !value.asText().isBlank() ? value.asText() : null;
    }

    private static @Nullable LocalDate date(JsonNode node) {
        String text = text(node, "date");
        try {
            return text == null ? null : LocalDate.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** A number too is taken as it is written, never as floating point. */
    private static @Nullable BigDecimal amount(JsonNode node, String key) {
        JsonNode value = node.path(key);
        String text = value.isNumber() ? value.asText() : text(node, key);
        return text != null && text.strip().matches("-?[0-9]{1,12}(\\.[0-9]{1,3})?")
                ? new BigDecimal(text.strip())
                : null;
    }

    private static ObjectNode object() {
        ObjectNode object = JSON.createObjectNode();
        object.put("type", "object");
        object.put("additionalProperties", false);
        object.putObject("properties");
        object.putArray("required");
        return object;
    }

    private static ObjectNode property(ObjectNode object, String name) {
        object.withArray("required").add(name);
        return object.withObject("properties").putObject(name);
    }

    private static void nullable(ObjectNode object, String name, String type) {
        ArrayNode types = property(object, name).putArray("type");
        types.add(type).add("null");
    }

    private static void array(ObjectNode object, String name, ObjectNode items) {
        property(object, name).put("type", "array").set("items", items);
    }
}

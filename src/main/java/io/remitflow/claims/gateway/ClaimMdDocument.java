package io.remitflow.claims.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * An answer of Claim.MD, whatever form it took: XML with attributes although JSON was asked for, JSON with or without a
 * {@code result} around it, one thing as an object and several as a list.
 */
final class ClaimMdDocument {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F]");
    /** {@code 1500_claims="..."}: no legal name in XML, and sent all the same. */
    private static final Pattern DIGIT_NAME = Pattern.compile("(?<=\\s)(\\d\\w*)(?=\\s*=\\s*\")");

    private static final int DEEPEST = 50;

    private final JsonNode root;

    private ClaimMdDocument(JsonNode root) {
        this.root = root;
    }

    /** @throws IOException if it is neither; the message does not quote it */
    static ClaimMdDocument read(byte[] bytes) throws IOException {
        String text = new String(bytes, StandardCharsets.UTF_8).strip();
        if (text.startsWith("\uFEFF")) {
            text = text.substring(1).strip();
        }
        if (text.isEmpty()) {
            throw new IOException("the answer is empty");
        }
        JsonNode read = text.charAt(0) == '<' ? xml(text) : json(text);
        JsonNode inner = read.get("result");
        return new ClaimMdDocument(inner != null && inner.isObject() ? inner : read);
    }

    JsonNode root() {
        return root;
    }

    /** The first error; codes and Claim.MD's own words, which may quote what was sent. */
    Optional<Mistake> error() {
        return list(root, "error").stream()
                .findFirst()
                .map(error -> new Mistake(
                        text(error, "error_code"),
                        text(error, "error_mesg").isEmpty()
                                ? text(error, "error_message")
                                : text(error, "error_mesg")));
    }

    /** None, one or several. */
    static List<JsonNode> list(JsonNode node, String name) {
        JsonNode value = node.path(name);
        if (value.isArray()) {
            List<JsonNode> all = new ArrayList<>(value.size());
            value.forEach(all::add);
            return all;
        }
        return value.isMissingNode()
                        || value.isNull()
                        || value.isTextual() && value.asText().isBlank()
                ? List.of()
                : List.of(value);
    }

    /** Empty if it is not there; Claim.MD writes numbers as text or as numbers. */
    static String text(JsonNode node, String name) {
        return node.path(name).asText("").strip();
    }

    static @Nullable String optional(JsonNode node, String name) {
        String text = text(node, name);
        return text.isEmpty() || text.equals("null") ? null : text;
    }

    static long number(JsonNode node, String name) throws IOException {
        try {
            String text = text(node, name);
            return text.isEmpty() ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IOException("%s is not a number".formatted(name));
        }
    }

    private static JsonNode json(String text) throws IOException {
        try {
            JsonNode read = JSON.readTree(text);
            if (read == null || !read.isObject()) {
                throw new IOException("the answer is not an object");
            }
            return read;
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IOException("the answer is not JSON, line " + line(e));
        }
    }

    private static int line(com.fasterxml.jackson.core.JsonProcessingException e) {
        return e.getLocation() == null ? 0 : e.getLocation().getLineNr();
    }

    private static JsonNode xml(String text) throws IOException {
        String clean = DIGIT_NAME.matcher(CONTROL.matcher(text).replaceAll(" ")).replaceAll("_$1");
        var factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        try {
            XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(clean));
            var top = JsonNodeFactory.instance.objectNode();
            var open = new ArrayDeque<ObjectNode>();
            open.push(top);
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> open.push(element(reader, open));
                    case XMLStreamConstants.END_ELEMENT -> open.pop();
                    case XMLStreamConstants.CHARACTERS -> {
                        if (!reader.isWhiteSpace()) {
                            open.peek().put("data", reader.getText());
                        }
                    }
                    case XMLStreamConstants.DTD -> throw new IOException("the answer has a document type");
                    default -> {
                        // Comments and the like.
                    }
                }
            }
            return top;
        } catch (XMLStreamException e) {
            throw new IOException("the answer is not XML, line "
                    + (e.getLocation() == null ? 0 : e.getLocation().getLineNumber()));
        }
    }

    private static ObjectNode element(XMLStreamReader reader, ArrayDeque<ObjectNode> open) throws IOException {
        if (open.size() > DEEPEST) {
            throw new IOException("the answer is nested too deeply");
        }
        var element = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            element.put(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
        }
        ObjectNode parent = open.element();
        String name = reader.getLocalName();
        JsonNode before = parent.get(name);
        if (before instanceof ArrayNode several) {
            several.add(element);
        } else if (before instanceof ObjectNode) {
            parent.putArray(name).add(before).add(element);
        } else {
            parent.set(name, element);
        }
        return element;
    }

    record Mistake(String code, String text) {}
}

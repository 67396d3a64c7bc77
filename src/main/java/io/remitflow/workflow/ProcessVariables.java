package io.remitflow.workflow;

import io.remitflow.core.CardNumbers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What may travel to the engine: ids, minor units, codes, dates, booleans. The engine keeps it in files that our row
 * security does not reach, and shows it to everyone who may look at a process.
 */
final class ProcessVariables {

    /** The engine refuses a message of 4 MB; what is near that is a document, and belongs into the books. */
    static final int MOST_BYTES = 64 * 1024;

    private static final int LONGEST_TEXT = 500;

    private static final Pattern ABOUT_A_PERSON =
            Pattern.compile("(?i).*(first|last|middle|given|family|patient|member|subscriber|insured|guarantor)_?name.*"
                    + "|.*(birth|ssn|socialsecurity|diagnosis|address|e_?mail|phone).*"
                    + "|dob|(member|subscriber|insurance)_?(id|number)");

    private ProcessVariables() {}

    /** @throws IllegalArgumentException naming the variable, never its value */
    static void requireHarmless(Map<String, ?> variables) {
        variables.forEach(ProcessVariables::requireHarmless);
    }

    /** @throws IllegalArgumentException if it is too much */
    static String requireSmall(String json) {
        int bytes = json.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MOST_BYTES) {
            throw new IllegalArgumentException(
                    "%d bytes of process variables; at most %d may go to the engine".formatted(bytes, MOST_BYTES));
        }
        return json;
    }

    private static void requireHarmless(String name, @Nullable Object value) {
        if (ABOUT_A_PERSON.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the process variable %s is about a person and stays in the books".formatted(name));
        }
        // numbers, booleans and dates say nothing about anybody by themselves
        if (value instanceof Map<?, ?> nested) {
            nested.forEach((key, inner) -> requireHarmless(String.valueOf(key), inner));
        } else if (value instanceof Iterable<?> items) {
            items.forEach(item -> requireHarmless(name, item));
        } else if (value instanceof CharSequence text) {
            requireHarmlessText(name, text.toString());
        }
    }

    private static void requireHarmlessText(String name, String text) {
        if (text.length() > LONGEST_TEXT) {
            throw new IllegalArgumentException(
                    "the process variable %s holds %d characters; at most %d may go to the engine"
                            .formatted(name, text.length(), LONGEST_TEXT));
        }
        if (!CardNumbers.removedFrom(text).equals(text)) {
            throw new IllegalArgumentException(
                    "the process variable %s holds a card or social security number".formatted(name));
        }
    }
}

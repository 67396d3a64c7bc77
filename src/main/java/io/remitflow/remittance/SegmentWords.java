package io.remitflow.remittance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A segment in plain words: what it is, what each of its elements is and what the codes in them mean.
 *
 * <p>What our list does not have is shown by its place alone, never guessed.
 *
 * @param name such as "Claim payment"
 */
public record SegmentWords(String name, List<Element> elements) {

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("uuuuMMdd", Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);

    private static final Map<String, Term> TERMS = read();

    /**
     * @param place in the notation of companion guides, such as {@code CLP02} or {@code SVC01-2}
     * @param meaning of the code or date, null for text and amounts, which speak for themselves
     */
    public record Element(
            String place,
            String name,
            String value,
            @Nullable String meaning) {

        /** Only where it is: the value may be the name of a patient. */
        @Override
        public String toString() {
            return place;
        }
    }

    private record Term(String name, @Nullable AdjustmentCodes list, boolean date, Map<String, String> codes) {

        @Nullable String meaning(String value) {
            if (list != null) {
                return list.text(value);
            }
            return date ? dates(value) : codes.get(value);
        }
    }

    public static SegmentWords of(EraSegment segment) {
        Term term = TERMS.get(segment.id());
        return new SegmentWords(
                term == null ? "Segment that our list does not have" : term.name,
                segment.elements().stream()
                        .map(element -> words(segment.id(), element))
                        .toList());
    }

    private static Element words(String id, EraSegment.Element element) {
        String place = "%s%02d".formatted(id, element.element());
        String exact = element.component() == 0 ? place : place + "-" + element.component();
        Term term = Optional.ofNullable(TERMS.get(exact))
                // A composite with only its first component looks like a simple element.
                .or(() -> element.component() == 0 ? Optional.ofNullable(TERMS.get(place + "-1")) : Optional.empty())
                .orElse(null);
        return new Element(
                exact,
                term == null ? "Element" : term.name,
                element.value(),
                term == null ? null : term.meaning(element.value().strip()));
    }

    /** "2026-11-15", or "2026-11-15 to 2026-11-20"; nothing for what is no date in the calendar. */
    private static @Nullable String dates(String value) {
        int dash = value.indexOf('-');
        if (dash < 0) {
            return date(value);
        }
        String from = date(value.substring(0, dash));
        String to = date(value.substring(dash + 1));
        return from == null || to == null ? null : from + " to " + to;
    }

    private static @Nullable String date(String value) {
        try {
            return LocalDate.parse(value, DATE).toString();
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static Map<String, Term> read() {
        Map<String, Term> terms = new HashMap<>();
        try (var stream = SegmentWords.class.getResourceAsStream("/codes/835-segments.tsv")) {
            if (stream == null) {
                throw new IllegalStateException("/codes/835-segments.tsv is missing");
            }
            var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    String[] columns = line.split("\t", 3);
                    terms.put(columns[0], term(columns[1], columns.length < 3 ? "" : columns[2]));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.copyOf(terms);
    }

    private static Term term(String name, String values) {
        if (values.equals("date")) {
            return new Term(name, null, true, Map.of());
        }
        if (values.startsWith("@")) {
            return new Term(name, AdjustmentCodes.valueOf(values.substring(1)), false, Map.of());
        }
        Map<String, String> codes = new HashMap<>();
        for (String code : values.isEmpty() ? new String[0] : values.split("\\|")) {
            int equals = code.indexOf('=');
            codes.put(code.substring(0, equals), code.substring(equals + 1));
        }
        return new Term(name, null, false, Map.copyOf(codes));
    }
}

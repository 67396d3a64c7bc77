package io.remitflow.refunds;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.core.io.ClassPathResource;

/** What the return codes R01 to R29 of the ACH network mean for a credit of ours: {@code ach/return-codes.csv}. */
final class AchReturnCodes {

    private static final Map<String, Code> CODES = read();

    /**
     * @param destinationUnusable whether nothing will ever arrive at that bank account
     * @param advice what to do next, for people
     */
    record Code(String code, boolean destinationUnusable, String advice, String meaning) {

        String words() {
            return "%s %s: %s".formatted(code, meaning, advice);
        }
    }

    static Optional<Code> of(String code) {
        return Optional.ofNullable(CODES.get(code));
    }

    static Map<String, Code> all() {
        return CODES;
    }

    private static Map<String, Code> read() {
        try {
            return new ClassPathResource("ach/return-codes.csv")
                    .getContentAsString(StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .map(line -> line.split(",", 4))
                    .map(cells -> new Code(cells[0], cells[1].equals("unusable"), advice(cells[2]), cells[3]))
                    .collect(Collectors.toUnmodifiableMap(Code::code, Function.identity()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String advice(String key) {
        return switch (key) {
            case "retry" -> "reissue, to the same account if nothing else is known";
            case "ask" -> "ask the patient before anything is sent again";
            default -> "choose another method, or get another account from the patient";
        };
    }

    private AchReturnCodes() {}
}

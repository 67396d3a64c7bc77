package io.remitflow.ledger;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Base64;
import java.util.UUID;

/** The last row of a page: where the next one goes on. */
record Cursor(LocalDate date, UUID entryId, int line) {

    String encode() {
        String text = "%s/%s/%d".formatted(date, entryId, line);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    static Cursor decode(String cursor) {
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8).split("/", 3);
            return new Cursor(LocalDate.parse(parts[0]), UUID.fromString(parts[1]), Integer.parseInt(parts[2]));
        } catch (IllegalArgumentException | DateTimeException | ArrayIndexOutOfBoundsException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the page asked for does not exist");
        }
    }
}

package io.remitflow.payments;

import com.fasterxml.jackson.databind.JsonNode;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.util.Locale;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A transfer as SePay saw it on a bank account.
 *
 * @param id SePay's number of it, the same whatever is repeated
 * @param referenceCode the bank's own
 */
record BankTransfer(
        String id,
        boolean incoming,
        Money amount,
        @Nullable String code,
        String content,
        @Nullable String referenceCode) {

    private static final int MAX_TEXT = 500;

    static void requireSound(JsonNode event) {
        String type = event.path("transferType").asText().toLowerCase(Locale.ROOT);
        JsonNode amount = event.path("transferAmount");
        if (!event.path("id").canConvertToExactIntegral()
                || !(type.equals("in") || type.equals("out"))
                || !amount.canConvertToExactIntegral()
                || !amount.canConvertToLong()
                || amount.asLong() <= 0) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a transfer needs a whole id, transferType in or out, and a whole amount");
        }
    }

    static BankTransfer of(JsonNode event) {
        requireSound(event);
        return new BankTransfer(
                event.path("id").asText(),
                event.path("transferType").asText().equalsIgnoreCase("in"),
                Amounts.ofMinor(event.path("transferAmount").asLong(), "VND"),
                text(event.path("code")),
                event.path("content").asText(""),
                text(event.path("referenceCode")));
    }

    private static @Nullable String text(JsonNode node) {
        return node.isTextual() && !node.asText().isBlank() && node.asText().length() <= MAX_TEXT
                ? node.asText().strip()
                : null;
    }
}

package io.remitflow.payments;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/**
 * What an event says about money taken from a payer. Nothing is decided by it: it is what reconciliation compares with the
 * books.
 *
 * @param transactionId the intent where there is one, else the charge, else the transfer: what the payment is known by
 * @param chargeId one attempt to take the money
 * @param refundedMinor null where the event does not tell
 * @param payerReference the gateway's own name for the payer
 * @param cardFingerprint the gateway's own name for the card, the same for every use of it
 */
record GatewayFacts(
        String objectType,
        String transactionId,
        @Nullable String chargeId,
        long amountMinor,
        @Nullable Long refundedMinor,
        String currency,
        String status,
        @Nullable String payerReference,
        @Nullable String cardFingerprint,
        Instant occurredAt) {

    private static final int MAX_TEXT = 200;

    /** SePay is a service of Vietnam and tells the time of there, without saying so. */
    private static final ZoneId SEPAY_ZONE = ZoneId.of("Asia/Ho_Chi_Minh");

    private static final DateTimeFormatter SEPAY_TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    /** Empty if the event is about something else, or lacks what a comparison needs. */
    static Optional<GatewayFacts> of(String provider, JsonNode event, Instant receivedAt) {
        if (provider.equals(Gateways.SEPAY)) {
            return ofTransfer(event, receivedAt);
        }
        String type = event.path("type").asText();
        JsonNode object = event.path("data").path("object");
        Instant at = event.path("created").canConvertToLong()
                        && event.path("created").asLong() > 0
                ? Instant.ofEpochSecond(event.path("created").asLong())
                : receivedAt;
        if (type.startsWith("charge.dispute.")) {
            return ofPart("dispute", object, at);
        }
        if (type.startsWith("refund.") || type.startsWith("charge.refund.")) {
            return ofPart("refund", object, at);
        }
        if (type.startsWith("charge.")) {
            return ofCharge(object, at);
        }
        return type.startsWith("payment_intent.") ? ofIntent(object, at) : Optional.empty();
    }

    private static Optional<GatewayFacts> ofTransfer(JsonNode event, Instant receivedAt) {
        String id = event.path("id").asText();
        if (!event.path("transferType").asText().equalsIgnoreCase("in")
                || !event.path("transferAmount").canConvertToLong()) {
            return Optional.empty();
        }
        return Optional.of(new GatewayFacts(
                "charge",
                id,
                id,
                event.path("transferAmount").asLong(),
                0L,
                "VND",
                "succeeded",
                text(event.path("referenceCode")),
                null,
                transferredAt(event.path("transactionDate").asText(), receivedAt)));
    }

    private static Instant transferredAt(String text, Instant receivedAt) {
        try {
            return LocalDateTime.parse(text, SEPAY_TIME).atZone(SEPAY_ZONE).toInstant();
        } catch (DateTimeException e) {
            return receivedAt;
        }
    }

    private static Optional<GatewayFacts> ofCharge(JsonNode object, Instant at) {
        String id = text(object.path("id"));
        long amount = minor(object.path("amount"));
        if (id == null || amount < 0) {
            return Optional.empty();
        }
        String intent = text(object.path("payment_intent"));
        long captured = minor(object.path("amount_captured"));
        boolean partly = captured > 0 && captured < amount;
        long refunded = Math.max(0, minor(object.path("amount_refunded")));
        // What was not captured of an authorization counts as refunded there, although it was never taken.
        long back = partly ? Math.max(0, refunded - (amount - captured)) : refunded;
        String payer = text(object.path("customer"));
        String fingerprint =
                text(object.path("payment_method_details").path("card").path("fingerprint"));
        String card = fingerprint != null && CardFingerprints.isSound(fingerprint) ? fingerprint : null;
        return sound(
                "charge",
                intent == null ? id : intent,
                id,
                partly ? captured : amount,
                back,
                object,
                object.path("captured").asBoolean(true) ? status(object) : "pending",
                payer == null ? card : payer,
                card,
                at);
    }

    private static Optional<GatewayFacts> ofIntent(JsonNode object, Instant at) {
        String id = text(object.path("id"));
        long received = minor(object.path("amount_received"));
        long amount = received > 0 ? received : minor(object.path("amount"));
        if (id == null || amount < 0) {
            return Optional.empty();
        }
        String status = switch (status(object)) {
            case "succeeded" -> "succeeded";
            case "canceled" -> "failed";
            case "requires_payment_method" -> object.path("last_payment_error").isObject() ? "failed" : "pending";
            default -> "pending";
        };
        return sound(
                "intent",
                id,
                text(object.path("latest_charge")),
                amount,
                null,
                object,
                status,
                text(object.path("customer")),
                null,
                at);
    }

    private static Optional<GatewayFacts> ofPart(String kind, JsonNode object, Instant at) {
        String charge = text(object.path("charge"));
        String intent = text(object.path("payment_intent"));
        String attempt = charge == null ? text(object.path("payment")) : charge;
        String transaction = intent == null ? attempt : intent;
        long amount = minor(object.path("amount"));
        return transaction == null || amount < 0
                ? Optional.empty()
                : sound(kind, transaction, charge, amount, null, object, status(object), null, null, at);
    }

    private static Optional<GatewayFacts> sound(
            String kind,
            String transaction,
            @Nullable String charge,
            long amount,
            @Nullable Long refunded,
            JsonNode object,
            String status,
            @Nullable String payer,
            @Nullable String card,
            Instant at) {
        String currency = object.path("currency").asText().toUpperCase(Locale.ROOT);
        return status.isEmpty()
                        || CurrencyUnit.registeredCurrencies().stream()
                                .noneMatch(known -> known.getCode().equals(currency))
                ? Optional.empty()
                : Optional.of(new GatewayFacts(
                        kind, transaction, charge, amount, refunded, currency, status, payer, card, at));
    }

    private static String status(JsonNode object) {
        String status = text(object.path("status"));
        return status == null ? "" : status;
    }

    private static long minor(JsonNode node) {
        return node.canConvertToExactIntegral() && node.canConvertToLong() ? node.asLong() : -1;
    }

    private static @Nullable String text(JsonNode node) {
        return node.isTextual() && !node.asText().isBlank() && node.asText().length() <= MAX_TEXT
                ? node.asText()
                : null;
    }
}

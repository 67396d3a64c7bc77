package io.remitflow.local;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Refunds, PaymentIntents, charges, disputes, payouts and what they do to the balance, in the shapes of Stripe's API, and how
 * they change.
 */
final class StripeObjects {

    /** Where a balance transaction keeps its payout; Stripe has it, and does not show it. */
    private static final String PAYOUT = "in_payout";

    private final Map<String, Map<String, Object>> byId = new ConcurrentHashMap<>();

    Map<String, Map<String, Object>> all() {
        return byId;
    }

    void restore(Map<String, Map<String, Object>> saved) {
        saved.forEach((id, object) -> {
            object.values().removeIf(value -> value == null);
            byId.put(id, new ConcurrentHashMap<>(object));
        });
    }

    Optional<Map<String, Object>> find(String id, String kind) {
        return Optional.ofNullable(byId.get(id)).filter(object -> kind.equals(object.get("object")));
    }

    Map<String, Object> get(String id) {
        Map<String, Object> object = byId.get(id);
        if (object == null) {
            throw new IllegalArgumentException("Stripe's stand-in knows no " + id);
        }
        return object;
    }

    List<Map<String, Object>> ofKind(String kind) {
        return byId.values().stream()
                .filter(object -> kind.equals(object.get("object")))
                .toList();
    }

    List<Map<String, Object>> refundsOf(String payment) {
        return ofKind("refund").stream()
                .filter(refund -> payment.equals(refund.get("payment_intent")) || payment.equals(refund.get("charge")))
                .toList();
    }

    Map<String, Object> refund(String payment, Map<String, String> fields, String status) {
        Map<String, Object> refund = create(
                "re_",
                "refund",
                Map.of(
                        "amount",
                        Long.valueOf(fields.getOrDefault("amount", "0")),
                        "currency",
                        "usd",
                        payment.startsWith("pi_") ? "payment_intent" : "charge",
                        payment,
                        "metadata",
                        metadata(fields),
                        "status",
                        status));
        moveBalance("refund", String.valueOf(refund.get("id")), -amount(refund), 0, "usd");
        return refund;
    }

    Map<String, Object> intent(Map<String, String> fields) {
        Map<String, Object> intent = create(
                "pi_",
                "payment_intent",
                Map.of(
                        "amount",
                        Long.valueOf(fields.getOrDefault("amount", "0")),
                        "amount_received",
                        0L,
                        "currency",
                        fields.getOrDefault("currency", "usd"),
                        "description",
                        fields.getOrDefault("description", ""),
                        "metadata",
                        metadata(fields),
                        "livemode",
                        false,
                        "status",
                        "requires_payment_method"));
        intent.put("client_secret", intent.get("id") + "_secret_" + UUID.randomUUID());
        return intent;
    }

    /** The patient paid: with a charge on a card that ends so. */
    Map<String, Object> succeed(String intentId, long received, String last4) {
        Map<String, Object> intent = get(intentId);
        Map<String, Object> charge = create(
                "ch_",
                "charge",
                Map.of(
                        "amount",
                        received,
                        "currency",
                        intent.get("currency"),
                        "payment_intent",
                        intentId,
                        "metadata",
                        intent.get("metadata"),
                        "payment_method_details",
                        Map.of("type", "card", "card", Map.of("last4", last4, "brand", "visa", "funding", "credit"))));
        String currency = String.valueOf(intent.get("currency"));
        moveBalance("charge", String.valueOf(charge.get("id")), received, received * 29 / 1_000 + 30, currency);
        intent.put("latest_charge", charge.get("id"));
        intent.put("amount_received", received);
        intent.remove("last_payment_error");
        intent.put("status", "succeeded");
        return intent;
    }

    Map<String, Object> fail(String intentId, String code) {
        Map<String, Object> intent = get(intentId);
        intent.put("last_payment_error", Map.of("type", "card_error", "code", code));
        intent.put("status", "requires_payment_method");
        return intent;
    }

    Map<String, Object> dispute(String payment, long amount, String status, String reason) {
        return create(
                "du_",
                "dispute",
                Map.of(
                        "amount",
                        amount,
                        "currency",
                        "usd",
                        payment.startsWith("pi_") ? "payment_intent" : "charge",
                        payment,
                        "reason",
                        reason,
                        "status",
                        status,
                        "evidence_details",
                        Map.of(
                                "due_by",
                                Instant.now().plus(Duration.ofDays(9)).getEpochSecond(),
                                "has_evidence",
                                false,
                                "past_due",
                                false,
                                "submission_count",
                                0),
                        "balance_transactions",
                        List.of(),
                        "livemode",
                        false,
                        "metadata",
                        Map.of()));
    }

    /** What a dispute took (below zero) or gave back. */
    Map<String, Object> move(String disputeId, long amount, long fee) {
        Map<String, Object> dispute = get(disputeId);
        List<Object> moved = new ArrayList<>((List<?>) dispute.get("balance_transactions"));
        moved.add(
                Map.copyOf(moveBalance("adjustment", disputeId, amount, fee, String.valueOf(dispute.get("currency")))));
        dispute.put("balance_transactions", List.copyOf(moved));
        return dispute;
    }

    /** Something that changed the balance, in no payout yet. */
    Map<String, Object> moveBalance(String type, String source, long amount, long fee, String currency) {
        return create(
                "txn_",
                "balance_transaction",
                Map.of(
                        "type",
                        type,
                        "source",
                        source,
                        "amount",
                        amount,
                        "fee",
                        fee,
                        "net",
                        amount - fee,
                        "currency",
                        currency,
                        "status",
                        "available"));
    }

    /** What is in no payout yet. */
    List<Map<String, Object>> onTheBalance() {
        return ofKind("balance_transaction").stream()
                .filter(moved -> !moved.containsKey(PAYOUT))
                .toList();
    }

    Map<String, Object> payout(
            long amount, String currency, boolean automatic, Instant arrives, List<Map<String, Object>> made) {
        Map<String, Object> payout = create(
                "po_",
                "payout",
                Map.of(
                        "amount",
                        amount,
                        "currency",
                        currency,
                        "automatic",
                        automatic,
                        "reconciliation_status",
                        automatic ? "completed" : "not_applicable",
                        "arrival_date",
                        arrives.getEpochSecond(),
                        "method",
                        "standard",
                        "type",
                        "bank_account",
                        "livemode",
                        false,
                        "status",
                        "pending"));
        String id = String.valueOf(payout.get("id"));
        made.forEach(moved -> moved.put(PAYOUT, id));
        moveBalance("payout", id, -amount, 0, currency).put(PAYOUT, id);
        return payout;
    }

    /** Newest first, as lists of Stripe are. */
    List<Map<String, Object>> transactionsOf(String payoutId) {
        return newestFirst(ofKind("balance_transaction").stream()
                .filter(moved -> payoutId.equals(moved.get(PAYOUT)))
                .toList());
    }

    List<Map<String, Object>> payoutsSince(long epochSecond) {
        return newestFirst(ofKind("payout").stream()
                .filter(payout -> Long.parseLong(String.valueOf(payout.get("created"))) >= epochSecond)
                .toList());
    }

    private static List<Map<String, Object>> newestFirst(List<Map<String, Object>> objects) {
        return objects.stream()
                .sorted(Comparator.comparing(
                                (Map<String, Object> object) -> Long.valueOf(String.valueOf(object.get("created"))))
                        .thenComparing(object -> String.valueOf(object.get("id")))
                        .reversed())
                .toList();
    }

    /** With its source as an object, and without what Stripe does not tell. */
    Map<String, Object> told(Map<String, Object> moved, boolean expand) {
        Map<String, Object> told = new ConcurrentHashMap<>(moved);
        told.remove(PAYOUT);
        Map<String, Object> source = byId.get(String.valueOf(moved.get("source")));
        if (expand && source != null) {
            told.put("source", source);
        }
        return told;
    }

    /** As it is answered: with the charge as an object where that was asked for. */
    Map<String, Object> answered(Map<String, Object> object, boolean expand) {
        Object charge = object.get("latest_charge");
        if (!expand || charge == null) {
            return object;
        }
        Map<String, Object> expanded = new ConcurrentHashMap<>(object);
        expanded.put("latest_charge", get(String.valueOf(charge)));
        return expanded;
    }

    static long amount(Map<String, Object> object) {
        return Long.parseLong(String.valueOf(object.get("amount")));
    }

    private Map<String, Object> create(String prefix, String kind, Map<String, Object> content) {
        Map<String, Object> object = new ConcurrentHashMap<>(content);
        String id = prefix + UUID.randomUUID().toString().replace("-", "");
        object.put("id", id);
        object.put("object", kind);
        object.put("created", Instant.now().getEpochSecond());
        byId.put(id, object);
        return object;
    }

    private static Map<String, Object> metadata(Map<String, String> fields) {
        Map<String, Object> metadata = new ConcurrentHashMap<>();
        fields.forEach((name, value) -> {
            if (name.startsWith("metadata[")) {
                metadata.put(name.substring("metadata[".length(), name.length() - 1), value);
            }
        });
        return metadata;
    }
}

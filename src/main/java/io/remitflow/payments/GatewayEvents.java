package io.remitflow.payments;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import java.io.IOException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What gateways tell us: verified on the raw bytes, stored once, worked through afterwards.
 *
 * <p>An event is only a nudge. Whoever it concerns reads the object at the gateway, so order and repetition of events
 * change nothing.
 */
@Service
public class GatewayEvents {

    static final String WAITING = "select from payments_gateway_events where state = 'received'";
    static final String PARKED = "select from payments_gateway_events where state = 'parked'";

    /** With a pause that doubles from 15 seconds to an hour that is most of a day. */
    static final int ATTEMPTS = 24;

    private static final int MAX_PARKED_SHOWN = 200;

    private final JdbcClient jdbc;
    private final Gateways gateways;
    private final ObjectProvider<RefundNews> listeners;
    private final BankTransfers transfers;
    private final Checkouts checkouts;
    private final Disputes disputes;
    private final GatewayTransactionSums sums;
    private final CardFingerprints cards;
    private final Payouts payouts;
    private final ObjectMapper json;
    private final AuditLog audit;
    private final ApplicationEventPublisher publisher;
    private final TransactionTemplate transactions;
    private final Clock clock;

    GatewayEvents(
            JdbcClient jdbc,
            Gateways gateways,
            ObjectProvider<RefundNews> listeners,
            BankTransfers transfers,
            Checkouts checkouts,
            Disputes disputes,
            GatewayTransactionSums sums,
            CardFingerprints cards,
            Payouts payouts,
            ObjectMapper json,
            AuditLog audit,
            ApplicationEventPublisher publisher,
            TransactionTemplate transactions,
            Clock clock) {
        this.jdbc = jdbc;
        this.gateways = gateways;
        this.listeners = listeners;
        this.transfers = transfers;
        this.checkouts = checkouts;
        this.disputes = disputes;
        this.sums = sums;
        this.cards = cards;
        this.payouts = payouts;
        this.json = json;
        this.audit = audit;
        this.publisher = publisher;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** The headers of a webhook call, by name. */
    public interface WebhookHeaders {
        @Nullable String get(String name);
    }

    /** What became of a webhook call. */
    public enum Receipt {
        STORED,
        KNOWN,
        REFUSED
    }

    /** A stored event that waits for its processing; published in the transaction that stored it. */
    record EventStored(OrganizationId organization, UUID id) {}

    /** Refused leaves nothing but a line in the audit log. */
    @Transactional
    public Receipt receive(String provider, WebhookHeaders headers, byte[] body) {
        var connection = gateways.connection(provider).orElseThrow(() -> RuleViolation.notFound("the gateway"));
        boolean genuine = provider.equals(Gateways.SEPAY)
                ? SePaySignature.fits(headers, body, connection.webhookSecrets(), clock.instant())
                : WebhookSignature.parse(headers.get(signatureHeader(provider)))
                        .filter(signature -> signature.fits(body, connection.webhookSecrets(), clock.instant()))
                        .isPresent();
        if (!genuine) {
            audit.record(
                    "webhook-refused",
                    "payment-gateway",
                    provider,
                    Map.of("reason", "signature or time is missing or does not fit"));
            return Receipt.REFUSED;
        }
        return store(provider, connection.testMode(), body);
    }

    private static String signatureHeader(String provider) {
        return provider.equals(Gateways.STRIPE) ? "Stripe-Signature" : "Gateway-Signature";
    }

    private Receipt store(String provider, boolean testMode, byte[] body) {
        JsonNode event = parse(body);
        if (provider.equals(Gateways.SEPAY)) {
            BankTransfer.requireSound(event);
        }
        String eventId = event.path("id").asText();
        if (eventId.isBlank() || eventId.length() > 200) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the event has no id");
        }
        boolean otherMode = event.path("livemode").asBoolean(!testMode) == testMode;
        Instant now = clock.instant();
        GatewayFacts facts =
                otherMode ? null : GatewayFacts.of(provider, event, now).orElse(null);
        JsonNode object = event.path("data").path("object");
        UUID id = Ids.next();
        if (facts != null) {
            sums.lock(provider, facts.transactionId());
        }
        int inserted = jdbc.sql("""
                        insert into payments_gateway_events (org_id, id, gateway_provider, event_id, event_type, object_id,
                            idempotency_key, body, state, received_at, processed_at, object_type, transaction_id, charge_id, amount,
                            refunded_amount, currency, object_status, payer_reference, occurred_at)
                        values (:org, :id, :provider, :event, :type, :object, :key, :body, :state, :now, :settled, :kind, :transaction,
                            :charge, :amount, :refunded, :currency, :status, :payer, :occurred)
                        on conflict (org_id, gateway_provider, event_id) do nothing
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("provider", provider)
                .param("event", eventId)
                .param(
                        "type",
                        provider.equals(Gateways.SEPAY)
                                ? "transfer"
                                : event.path("type").asText("unknown"))
                .param(
                        "object",
                        textOrNull(provider.equals(Gateways.SEPAY) ? event.path("referenceCode") : object.path("id")))
                .param("key", keyOf(object))
                .param("body", body)
                .param("state", otherMode ? "ignored" : "received")
                .param("now", Timestamp.from(now))
                .param("settled", otherMode ? Timestamp.from(now) : null, Types.TIMESTAMP)
                .param("kind", facts == null ? null : facts.objectType(), Types.VARCHAR)
                .param("transaction", facts == null ? null : facts.transactionId(), Types.VARCHAR)
                .param("charge", facts == null ? null : facts.chargeId(), Types.VARCHAR)
                .param("amount", facts == null ? null : facts.amountMinor(), Types.BIGINT)
                .param("refunded", facts == null ? null : facts.refundedMinor(), Types.BIGINT)
                .param("currency", facts == null ? null : facts.currency(), Types.VARCHAR)
                .param("status", facts == null ? null : facts.status(), Types.VARCHAR)
                .param("payer", facts == null ? null : facts.payerReference(), Types.VARCHAR)
                .param("occurred", facts == null ? null : Timestamp.from(facts.occurredAt()), Types.TIMESTAMP)
                .update();
        if (inserted == 0) {
            return Receipt.KNOWN;
        }
        if (facts != null) {
            sums.write(provider, facts.transactionId());
            cards.told(provider, facts.cardFingerprint(), Stream.of(facts.transactionId(), facts.chargeId()));
        }
        if (!otherMode) {
            publisher.publishEvent(new EventStored(CurrentOrganization.id(), id));
        }
        return Receipt.STORED;
    }

    /** Once per event, however often it is called and by however many threads. */
    public void process(UUID id) {
        Optional<Waiting> waiting = transactions.execute(status -> read(id, ""));
        if (waiting == null || waiting.isEmpty()) {
            return;
        }
        // The gateway is asked before anything is locked: it may take its time.
        EventEffect effect = news(waiting.get());
        transactions.executeWithoutResult(status -> read(id, " for no key update skip locked")
                .ifPresent(event -> jdbc.sql("""
                                update payments_gateway_events
                                   set state = :state, processed_at = :now, attempts = attempts + 1
                                 where id = :id
                                """)
                        .param("state", effect.apply())
                        .param("now", Timestamp.from(clock.instant()))
                        .param("id", id)
                        .update()));
    }

    private Optional<Waiting> read(UUID id, String lock) {
        return jdbc.sql("""
                        select gateway_provider as provider, event_type as type, object_id as object,
                               idempotency_key as key, body
                        from payments_gateway_events where id = :id and state = 'received'
                        """ + lock).param("id", id).query(Waiting.class).optional();
    }

    /** The events that no processing has taken up, oldest first, and after them those whose time to be tried again has come. */
    @Transactional(readOnly = true)
    public List<UUID> waiting(int limit) {
        return jdbc.sql("""
                        select id from payments_gateway_events
                         where state = 'received' and (next_attempt_at is null or next_attempt_at <= :now)
                         order by next_attempt_at nulls first, received_at limit :limit
                        """)
                .param("now", Timestamp.from(clock.instant()))
                .param("limit", limit)
                .query(UUID.class)
                .list();
    }

    /**
     * Its processing failed: it is tried again later, later each time, and parked for a person when that has not helped.
     *
     * @param code of the failure, without the text of an exception, which could quote the event
     * @return whether it is parked now
     */
    @Transactional
    public boolean failed(UUID id, String code) {
        return jdbc.sql("""
                        update payments_gateway_events
                           set attempts = attempts + 1, last_error = :code,
                               state = case when attempts + 1 >= :most then 'parked' else state end,
                               processed_at = case when attempts + 1 >= :most then cast(:now as timestamptz) end,
                               next_attempt_at = cast(:now as timestamptz)
                                   + least(interval '1 hour', interval '15 seconds' * power(2, attempts))
                         where id = :id and state = 'received'
                        returning state = 'parked'
                        """)
                .param("code", code.substring(0, Math.min(code.length(), 100)))
                .param("most", ATTEMPTS)
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .param("id", id)
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    /** An event that nobody tries any more. */
    public record Parked(
            UUID id,
            String provider,
            String type,
            String eventId,
            Instant receivedAt,
            int attempts,
            String lastError) {}

    /** Oldest first. */
    @Transactional(readOnly = true)
    public List<Parked> parked() {
        return jdbc.sql("""
                        select id, gateway_provider, event_type, event_id, received_at, attempts, last_error
                          from payments_gateway_events where state = 'parked' order by received_at limit :limit
                        """)
                .param("limit", MAX_PARKED_SHOWN)
                .query((row, number) -> new Parked(
                        row.getObject("id", UUID.class),
                        row.getString("gateway_provider"),
                        row.getString("event_type"),
                        row.getString("event_id"),
                        row.getTimestamp("received_at").toInstant(),
                        row.getInt("attempts"),
                        row.getString("last_error")))
                .list();
    }

    /** Sets a parked event going again, as if it had just come; another one is left as it is. */
    @Transactional
    public void tryAgain(UUID id) {
        int changed = jdbc.sql("""
                        update payments_gateway_events
                           set state = 'received', processed_at = null, attempts = 0, next_attempt_at = null
                         where id = :id and state = 'parked'
                        """).param("id", id).update();
        if (changed == 1) {
            audit.record("gateway-event.retried", "gateway-event", id.toString(), Map.of());
            publisher.publishEvent(new EventStored(CurrentOrganization.id(), id));
        } else if (jdbc.sql("select id from payments_gateway_events where id = :id")
                .param("id", id)
                .query(UUID.class)
                .optional()
                .isEmpty()) {
            throw RuleViolation.notFound("the event");
        }
    }

    /** What the event does, to be done in the transaction that settles it: answers with the state of the event. */
    private EventEffect news(Waiting event) {
        if (event.provider().equals(Gateways.SEPAY)) {
            return () -> transfers.take(BankTransfer.of(parse(event.body()))) ? "processed" : "unmatched";
        }
        String object = event.object();
        if (object == null || !event.provider().equals(Gateways.STRIPE)) {
            return newsOfRefund(event);
        }
        if (event.type().startsWith("payment_intent.")) {
            return checkouts.reported(event.provider(), object);
        }
        if (event.type().startsWith("charge.dispute.")) {
            return disputes.reported(event.provider(), object);
        }
        if (event.type().startsWith("payout.")) {
            return payouts.reported(event.provider(), object);
        }
        return newsOfRefund(event);
    }

    private EventEffect newsOfRefund(Waiting event) {
        String key = event.key();
        if (key == null) {
            // A refund without a key of ours was made by somebody at the gateway's own pages.
            return () -> event.type().startsWith("refund.") ? "unmatched" : "ignored";
        }
        // A charge that was refunded carries the key of its payment; the refund itself is reported besides.
        if (!event.type().contains("refund") || event.type().equals("charge.refunded")) {
            return () -> "ignored";
        }
        List<Runnable> effects = listeners.stream()
                .flatMap(listener -> listener.refundMayHaveChanged(event.provider(), key).stream())
                .toList();
        return () -> {
            effects.forEach(Runnable::run);
            return effects.isEmpty() ? "unmatched" : "processed";
        };
    }

    private JsonNode parse(byte[] body) {
        try {
            JsonNode event = json.readTree(body);
            if (event == null || !event.isObject()) {
                throw new RuleViolation(Refusal.INVALID_INPUT, "the event is not a JSON object");
            }
            return event;
        } catch (JsonProcessingException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the event is not JSON");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Stripe does not show idempotency keys, so ours stands in the metadata of the object as well. */
    private static @Nullable String keyOf(JsonNode object) {
        String key = textOrNull(object.path("idempotency_key"));
        return key == null ? textOrNull(object.path("metadata").path(CardGateway.METADATA_KEY)) : key;
    }

    private static @Nullable String textOrNull(JsonNode node) {
        return node.isTextual() && node.asText().length() <= 200 ? node.asText() : null;
    }

    @SuppressWarnings("ArrayRecordComponent")
    record Waiting(
            String provider,
            String type,
            @Nullable String object,
            @Nullable String key,
            byte[] body) {}
}

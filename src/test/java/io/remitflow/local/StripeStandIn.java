package io.remitflow.local;

import com.fasterxml.jackson.core.type.TypeReference;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Stripe on loopback: PaymentIntents, refunds, disputes and payouts by form posts with an {@code Idempotency-Key} whose first answer
 * is kept and repeated, errors in Stripe's shape, and events signed with {@code Stripe-Signature}, each sent twice.
 *
 * <p>A patient's browser is {@code POST /v1/payment_intents/<id>/confirm} with one of Stripe's test cards:
 * {@code pm_card_visa}, {@code pm_card_chargeDeclined}, {@code pm_card_createDispute}.
 */
public final class StripeStandIn extends GatewayStandIn {

    /** Where the local run starts it. */
    public static final int LOCAL_PORT = 8092;

    public static final String API_KEY = "sk_test_local_stand_in";
    public static final String WEBHOOK_SECRET = "whsec_local_stand_in";

    /** What becomes of the next sending; nothing in the list of moods: a refund is pending, then succeeds. */
    public enum Mood {
        SUCCEED_AT_ONCE,
        FAIL_LATER,
        /** 402 with a code; nothing is booked. */
        CARD_ERROR,
        /** 409: another request with the key is running; nothing is booked. */
        CONFLICT,
        /** 429 with Retry-After; nothing is booked. */
        RATE_LIMIT,
        /** Booked, and answered with 500. */
        BOOK_AND_FAIL,
        /** Booked, and never answered. */
        BOOK_AND_STAY_SILENT,
        /** Booked, and answered with half an object. */
        BOOK_AND_GARBLE,
        /** Booked, and answered with ten megabytes. */
        BOOK_AND_FLOOD,
        /** Booked, and answered byte by byte. */
        BOOK_AND_DRIP
    }

    private record Answered(String request, int status, String body) {}

    private static final int FLOOD_BYTES = 10 * 1024 * 1024;
    private static final long DISPUTE_FEE = 1_500;
    private static final Pattern ONE =
            Pattern.compile("/v1/(payment_intents|disputes|payouts)/([\\w-]+)(?:/(confirm|cancel))?");
    private static final Map<String, String> KINDS =
            Map.of("payment_intents", "payment_intent", "disputes", "dispute", "payouts", "payout");
    private static final Pattern SEARCHED = Pattern.compile("metadata\\['(\\w+)'\\]:'([^']+)'");

    private final StripeObjects objects = new StripeObjects();
    private final Map<String, Answered> answers = new ConcurrentHashMap<>();
    private final Map<String, Mood> moods = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable Mood> nextMood = new AtomicReference<>();
    private final Map<String, AtomicInteger> sendings = new ConcurrentHashMap<>();
    private final AtomicInteger calls = new AtomicInteger();
    private volatile boolean deaf;
    private volatile boolean quiet;
    private volatile boolean searchLags;
    private volatile int longestPage = 100;
    private volatile boolean pagesOverlap;
    private final AtomicInteger readsToFail = new AtomicInteger();
    private volatile Duration confirmationAfter = Duration.ofMillis(500);

    /** @param file keeps what was booked; null: forgotten when it ends */
    public StripeStandIn(@Nullable Path file) {
        super(file);
    }

    @Override
    public String name() {
        return "Stripe's stand-in";
    }

    @Override
    public int port(LocalPorts ports) {
        return LOCAL_PORT;
    }

    public StripeStandIn reportTo(URI address) {
        setWebhook(address);
        return this;
    }

    public StripeStandIn confirmAfter(Duration delay) {
        confirmationAfter = delay;
        return this;
    }

    /** Of refunds of this payment, until {@link #calm}. */
    public void mood(String payment, Mood mood) {
        moods.put(payment, mood);
    }

    public void calm(String payment) {
        moods.remove(payment);
    }

    /** Of the next post only. */
    public void moodOfNext(Mood mood) {
        nextMood.set(mood);
    }

    /** Answers nothing but 500 from now on. */
    public void deaf(boolean value) {
        deaf = value;
    }

    /** Sends no events of its own from now on. */
    public void quiet(boolean value) {
        quiet = value;
    }

    /** Finds nothing by search, as in the first minute of an object. */
    public void searchLags(boolean value) {
        searchLags = value;
    }

    /** Whatever limit is asked for. */
    public void longestPage(int size) {
        longestPage = size;
    }

    /** The first of each further page is the last of the page before, as when something was added meanwhile. */
    public void pagesOverlap(boolean value) {
        pagesOverlap = value;
    }

    /** The next so many reads are answered with 500. */
    public void failReads(int count) {
        readsToFail.set(count);
    }

    /** How often a post with this key came, booked or not. */
    public int sendings(String key) {
        AtomicInteger count = sendings.get(key);
        return count == null ? 0 : count.get();
    }

    /** How many calls of any kind came. */
    public int calls() {
        return calls.get();
    }

    public List<Map<String, Object>> refundsOf(String payment) {
        return objects.refundsOf(payment);
    }

    public List<Map<String, Object>> intents() {
        return objects.ofKind("payment_intent");
    }

    /** For what Stripe does that has no method here; no event is sent. */
    public Map<String, Object> object(String id) {
        return objects.get(id);
    }

    /** Of the refunds of a payment; no event is sent. */
    public void setStatus(String payment, String status, @Nullable String failure) {
        refundsOf(payment).forEach(refund -> {
            refund.put("status", status);
            if (failure != null) {
                refund.put("failure_reason", failure);
            }
        });
        save();
    }

    /** The patient pays what is asked for. */
    public void pay(String intent) {
        pay(intent, StripeObjects.amount(objects.get(intent)), "0077");
    }

    public void pay(String intent, long received, String last4) {
        tell("payment_intent.succeeded", objects.succeed(intent, received, last4));
    }

    public void failToPay(String intent, String code) {
        tell("payment_intent.payment_failed", objects.fail(intent, code));
    }

    /** @return Stripe's number of the dispute, which has taken no money yet */
    public String dispute(String payment, long amount, String status, String reason) {
        Map<String, Object> dispute = objects.dispute(payment, amount, status, reason);
        tell("charge.dispute.created", dispute);
        return String.valueOf(dispute.get("id"));
    }

    public void withdraw(String dispute, long amount, long fee) {
        tell("charge.dispute.funds_withdrawn", objects.move(dispute, -amount, fee));
    }

    public void reinstate(String dispute, long amount) {
        tell("charge.dispute.funds_reinstated", objects.move(dispute, amount, 0));
    }

    public void decide(String dispute, String status) {
        Map<String, Object> object = objects.get(dispute);
        object.put("status", status);
        boolean closed = status.equals("won") || status.equals("lost") || status.equals("warning_closed");
        tell("charge.dispute." + (closed ? "closed" : "updated"), object);
    }

    /** Something on the balance that has no method here; no event is sent. */
    public String moveBalance(String type, String source, long amount, long fee) {
        return String.valueOf(
                objects.moveBalance(type, source, amount, fee, "usd").get("id"));
    }

    /** All that is on the balance goes to the bank. */
    public String payOut(Instant arrives) {
        List<Map<String, Object>> made = objects.onTheBalance();
        long amount = made.stream()
                .mapToLong(moved -> Long.parseLong(String.valueOf(moved.get("net"))))
                .sum();
        return payOut(amount, true, arrives, made);
    }

    /** Somebody pays out by hand: Stripe does not say which transactions are in it. */
    public String payOutByHand(long amount, Instant arrives) {
        return payOut(amount, false, arrives, List.of());
    }

    private String payOut(long amount, boolean automatic, Instant arrives, List<Map<String, Object>> made) {
        Map<String, Object> payout = objects.payout(amount, "usd", automatic, arrives, made);
        tell("payout.created", payout);
        return String.valueOf(payout.get("id"));
    }

    /** As Stripe lists them, the payout itself among them. */
    public List<Map<String, Object>> transactionsOf(String payout) {
        return objects.transactionsOf(payout);
    }

    /** @param trace what the bank was told; null: nothing */
    public void arrive(String payout, @Nullable String trace) {
        Map<String, Object> object = objects.get(payout);
        object.put("status", "paid");
        if (trace != null) {
            object.put("trace_id", Map.of("status", "supported", "value", trace));
        }
        tell("payout.paid", object);
    }

    /** The bank does not take it or returns it: its money is on the balance again. */
    public void failPayout(String payout, String code) {
        Map<String, Object> object = objects.get(payout);
        object.put("status", "failed");
        object.put("failure_code", code);
        objects.moveBalance("payout_failure", payout, StripeObjects.amount(object), 0, "usd");
        tell("payout.failed", object);
    }

    public void cancelPayout(String payout) {
        Map<String, Object> object = objects.get(payout);
        object.put("status", "canceled");
        objects.moveBalance("payout_cancel", payout, StripeObjects.amount(object), 0, "usd");
        tell("payout.canceled", object);
    }

    @Override
    protected String context() {
        return "/v1/";
    }

    @Override
    protected String signatureHeader() {
        return "Stripe-Signature";
    }

    @Override
    protected String secret() {
        return WEBHOOK_SECRET;
    }

    @Override
    protected void remember() {
        saved(new TypeReference<Map<String, Map<String, Object>>>() {}).ifPresent(booked -> {
            booked.values().removeIf(object -> !object.containsKey("object"));
            booked.values()
                    .forEach(object -> object.replaceAll(
                            (name, value) -> value instanceof Integer number ? (Object) number.longValue() : value));
            objects.restore(booked);
        });
    }

    @Override
    protected void handle(HttpExchange exchange) throws IOException {
        calls.incrementAndGet();
        if (!("Bearer " + API_KEY).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            error(exchange, 401, "invalid_request_error", "api_key_invalid");
        } else if (deaf) {
            error(exchange, 500, "api_error", "");
        } else if (exchange.getRequestMethod().equals("POST")) {
            post(exchange);
        } else {
            read(exchange);
        }
    }

    private void read(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        Map<String, String> query = form(String.valueOf(exchange.getRequestURI().getRawQuery()));
        boolean expand = query.values().stream().anyMatch(value -> value.endsWith("latest_charge"));
        Matcher one = ONE.matcher(path);
        if (readsToFail.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            error(exchange, 500, "api_error", "");
        } else if (path.equals("/v1/balance_transactions")) {
            boolean source = query.values().stream().anyMatch(value -> value.endsWith("data.source"));
            page(
                    exchange,
                    query,
                    objects.transactionsOf(query.getOrDefault("payout", "")).stream()
                            .map(moved -> objects.told(moved, source))
                            .toList());
        } else if (path.equals("/v1/payouts")) {
            page(exchange, query, objects.payoutsSince(Long.parseLong(query.getOrDefault("created[gte]", "0"))));
        } else if (path.equals("/v1/refunds")) {
            String payment = query.getOrDefault("payment_intent", query.getOrDefault("charge", ""));
            answer(
                    exchange,
                    200,
                    json(Map.of("object", "list", "url", path, "has_more", false, "data", refundsOf(payment))));
        } else if (path.equals("/v1/payment_intents/search")) {
            answer(
                    exchange,
                    200,
                    json(Map.of(
                            "object",
                            "search_result",
                            "url",
                            path,
                            "has_more",
                            false,
                            "data",
                            searched(query.getOrDefault("query", "")).stream()
                                    .map(intent -> objects.answered(intent, expand))
                                    .toList())));
        } else if (one.matches()) {
            String kind = KINDS.getOrDefault(one.group(1), "");
            var found = objects.find(one.group(2), kind);
            if (found.isPresent()) {
                answer(exchange, 200, json(objects.answered(found.get(), expand)));
            } else {
                error(exchange, 404, "invalid_request_error", "resource_missing");
            }
        } else {
            error(exchange, 404, "invalid_request_error", "");
        }
    }

    private void page(HttpExchange exchange, Map<String, String> query, List<Map<String, Object>> all)
            throws IOException {
        int from = 0;
        String after = query.get("starting_after");
        if (after != null) {
            from = all.stream().map(object -> object.get("id")).toList().indexOf(after) + (pagesOverlap ? 0 : 1);
        }
        int size = Math.min(longestPage, Integer.parseInt(query.getOrDefault("limit", "10")));
        List<Map<String, Object>> page = all.stream().skip(from).limit(size).toList();
        answer(
                exchange,
                200,
                json(Map.of(
                        "object",
                        "list",
                        "url",
                        exchange.getRequestURI().getPath(),
                        "has_more",
                        from + size < all.size(),
                        "data",
                        page)));
    }

    private List<Map<String, Object>> searched(String query) {
        Matcher wanted = SEARCHED.matcher(query);
        if (searchLags || !wanted.find()) {
            return List.of();
        }
        return intents().stream()
                .filter(intent -> intent.get("metadata") instanceof Map<?, ?> metadata
                        && wanted.group(2).equals(metadata.get(wanted.group(1))))
                .toList();
    }

    private void post(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Map<String, String> fields = form(body);
        String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        if (key == null) {
            error(exchange, 400, "invalid_request_error", "parameter_missing");
            return;
        }
        sendings.computeIfAbsent(key, unseen -> new AtomicInteger()).incrementAndGet();
        String request = exchange.getRequestURI().getPath() + "?" + body;
        Answered first = answers.get(key);
        if (first != null) {
            exchange.getResponseHeaders().set("Idempotent-Replayed", "true");
            if (first.request().equals(request)) {
                answer(exchange, first.status(), first.body());
            } else {
                error(exchange, 400, "idempotency_error", "");
            }
            return;
        }
        Mood passing = nextMood.getAndSet(null);
        Mood mood = passing == null ? moods.get(payment(fields)) : passing;
        if (mood == Mood.CONFLICT) {
            error(exchange, 409, "idempotency_error", "idempotency_key_in_use");
        } else if (mood == Mood.RATE_LIMIT) {
            exchange.getResponseHeaders().set("Retry-After", "1");
            error(exchange, 429, "invalid_request_error", "rate_limit");
        } else if (mood == Mood.CARD_ERROR) {
            keep(exchange, key, request, 402, errorBody("card_error", "expired_or_canceled_card"), mood);
        } else {
            effect(exchange, key, request, fields, mood);
        }
    }

    private void effect(
            HttpExchange exchange, String key, String request, Map<String, String> fields, @Nullable Mood mood)
            throws IOException {
        String path = exchange.getRequestURI().getPath();
        Matcher one = ONE.matcher(path);
        if (path.equals("/v1/refunds") && !payment(fields).isEmpty()) {
            keep(exchange, key, request, 200, json(refund(fields, mood)), mood);
        } else if (path.equals("/v1/payment_intents") && Long.parseLong(fields.getOrDefault("amount", "0")) > 0) {
            Map<String, Object> intent = objects.intent(fields);
            save();
            keep(exchange, key, request, 200, json(intent), mood);
        } else if (one.matches()
                && one.group(3) != null
                && objects.find(one.group(2), "payment_intent").isPresent()) {
            change(
                    exchange,
                    key,
                    request,
                    objects.get(one.group(2)),
                    one.group(3).equals("cancel"),
                    fields);
        } else {
            error(exchange, 400, "invalid_request_error", "parameter_missing");
        }
    }

    private void change(
            HttpExchange exchange,
            String key,
            String request,
            Map<String, Object> intent,
            boolean cancel,
            Map<String, String> fields)
            throws IOException {
        String id = String.valueOf(intent.get("id"));
        String card = fields.getOrDefault("payment_method", "pm_card_visa");
        if (!"requires_payment_method".equals(intent.get("status"))) {
            error(exchange, 400, "invalid_request_error", "payment_intent_unexpected_state");
        } else if (cancel) {
            intent.put("status", "canceled");
            tell("payment_intent.canceled", intent);
            keep(exchange, key, request, 200, json(intent), null);
        } else if (card.equals("pm_card_chargeDeclined")) {
            failToPay(id, "card_declined");
            keep(exchange, key, request, 402, errorBody("card_error", "card_declined"), null);
        } else {
            pay(id);
            keep(exchange, key, request, 200, json(intent), null);
            if (card.equals("pm_card_createDispute")) {
                long amount = StripeObjects.amount(intent);
                withdraw(dispute(id, amount, "needs_response", "fraudulent"), amount, DISPUTE_FEE);
            }
        }
    }

    private Map<String, Object> refund(Map<String, String> fields, @Nullable Mood mood) {
        Map<String, Object> refund =
                objects.refund(payment(fields), fields, mood == Mood.SUCCEED_AT_ONCE ? "succeeded" : "pending");
        save();
        later(confirmationAfter, () -> settle(refund, mood == Mood.FAIL_LATER));
        return refund;
    }

    private void settle(Map<String, Object> refund, boolean fails) {
        if ("pending".equals(refund.get("status"))) {
            refund.put("status", fails ? "failed" : "succeeded");
            if (fails) {
                objects.moveBalance(
                        "refund_failure", String.valueOf(refund.get("id")), StripeObjects.amount(refund), 0, "usd");
                refund.put("failure_reason", "lost_or_stolen_card");
            }
        }
        tell(fails ? "refund.failed" : "refund.updated", refund);
    }

    /** Keeps the answer under its key, whatever becomes of it on its way. */
    private void keep(HttpExchange exchange, String key, String request, int status, String body, @Nullable Mood mood)
            throws IOException {
        if (mood == Mood.BOOK_AND_FAIL) {
            String failed = errorBody("api_error", "");
            answers.put(key, new Answered(request, 500, failed));
            answer(exchange, 500, failed);
            return;
        }
        answers.put(key, new Answered(request, status, body));
        if (mood == Mood.BOOK_AND_GARBLE) {
            answer(exchange, 200, body.substring(0, body.length() / 2));
        } else if (mood == Mood.BOOK_AND_FLOOD) {
            exchange.sendResponseHeaders(200, FLOOD_BYTES);
            exchange.getResponseBody().write(new byte[FLOOD_BYTES]);
        } else if (mood == Mood.BOOK_AND_DRIP) {
            exchange.sendResponseHeaders(200, body.length());
            for (byte next : body.getBytes(StandardCharsets.UTF_8)) {
                exchange.getResponseBody().write(next);
                exchange.getResponseBody().flush();
                pause(Duration.ofMillis(200));
            }
        } else if (mood != Mood.BOOK_AND_STAY_SILENT) {
            answer(exchange, status, body);
        }
    }

    private void tell(String type, Map<String, Object> object) {
        save();
        if (!quiet) {
            report(type, object);
        }
    }

    /** Twice, as Stripe sometimes does. */
    public void report(String type, Map<String, Object> object) {
        deliverTwice(event(type, object));
    }

    public String event(String type, Map<String, Object> object) {
        return json(Map.of(
                "id",
                "evt_" + UUID.randomUUID(),
                "object",
                "event",
                "api_version",
                "2020-08-27",
                "type",
                type,
                "created",
                Instant.now().getEpochSecond(),
                "livemode",
                false,
                "data",
                Map.of("object", object)));
    }

    private static String payment(Map<String, String> fields) {
        return fields.getOrDefault("payment_intent", fields.getOrDefault("charge", ""));
    }

    private void error(HttpExchange exchange, int status, String type, String code) throws IOException {
        answer(exchange, status, errorBody(type, code));
    }

    private String errorBody(String type, String code) {
        return json(Map.of("error", Map.of("type", type, "code", code, "message", "The stand-in was told to")));
    }

    private void save() {
        save(objects.all());
    }
}

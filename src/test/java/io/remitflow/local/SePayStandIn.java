package io.remitflow.local;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** SePay's list of transactions on loopback: newest first, amounts as text with two decimals, two calls in a row refused. */
public final class SePayStandIn extends GatewayStandIn {

    public static final String TOKEN = "sepay-token-of-tests";

    private final List<Map<String, Object>> transactions = new CopyOnWriteArrayList<>();
    private final AtomicInteger calls = new AtomicInteger();
    private volatile boolean deaf;

    public SePayStandIn() {
        super(null);
    }

    @Override
    public String name() {
        return "SePay's stand-in";
    }

    /** Seen at the bank on that day, such as {@code 2026-05-25}; nothing is reported. */
    public void transfer(String day, long id, long in, long out, String content, @Nullable String reference) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("id", Long.toString(id));
        row.put("bank_brand_name", "MBBank");
        row.put("account_number", "0359123456");
        row.put("transaction_date", day + " 21:11:02");
        row.put("amount_out", out + ".00");
        row.put("amount_in", in + ".00");
        row.put("accumulated", "0.00");
        row.put("transaction_content", content);
        row.put("reference_number", reference);
        row.put("code", null);
        row.put("sub_account", null);
        transactions.addFirst(row);
    }

    /** Answers nothing but 500 from now on. */
    public void deaf(boolean value) {
        deaf = value;
    }

    public int calls() {
        return calls.get();
    }

    @Override
    protected String context() {
        return "/userapi/transactions/list";
    }

    @Override
    protected String signatureHeader() {
        return "X-SePay-Signature";
    }

    @Override
    protected String secret() {
        return TOKEN;
    }

    @Override
    protected void handle(HttpExchange exchange) throws IOException {
        int call = calls.incrementAndGet();
        Map<String, String> query = form(String.valueOf(exchange.getRequestURI().getRawQuery()));
        if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            answer(exchange, 401, "{\"status\":401,\"error\":\"Unauthorized\"}");
        } else if (deaf) {
            answer(exchange, 500, "{}");
        } else if (call % 5 == 0) {
            exchange.getResponseHeaders().set("x-sepay-userapi-retry-after", "1");
            answer(exchange, 429, "{\"status\":429}");
        } else {
            String from = query.getOrDefault("transaction_date_min", "");
            String to = query.getOrDefault("transaction_date_max", "9");
            answer(
                    exchange,
                    200,
                    json(Map.of(
                            "status",
                            200,
                            "messages",
                            Map.of("success", true),
                            "transactions",
                            transactions.stream()
                                    .filter(row -> String.valueOf(row.get("transaction_date"))
                                                            .compareTo(from)
                                                    >= 0
                                            && String.valueOf(row.get("transaction_date"))
                                                            .compareTo(to)
                                                    <= 0)
                                    .toList())));
        }
    }
}

package io.remitflow.payments.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.core.Amounts;
import io.remitflow.payments.CardGateway.GatewayUnavailable;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.TransferSource;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** SePay's list of transactions: {@code GET /userapi/transactions/list}, one day at a time. */
@Component
class SePayTransfers implements TransferSource {

    /** As many as SePay lists at once. */
    private static final int MOST = 5_000;

    private final Gateways gateways;
    private final GatewayHttp http;
    private final ObjectMapper json;

    SePayTransfers(Gateways gateways, GatewayHttp http, ObjectMapper json) {
        this.gateways = gateways;
        this.http = http;
        this.json = json;
    }

    @Override
    public String provider() {
        return Gateways.SEPAY;
    }

    @Override
    public List<Listed> transfers(LocalDate day) {
        var connection = gateways.connection(Gateways.SEPAY)
                .orElseThrow(() -> new GatewayUnavailable("gateway sepay is not configured", null));
        var request = HttpRequest.newBuilder(URI.create(
                        "%s/userapi/transactions/list?transaction_date_min=%s%%2000:00:00&transaction_date_max=%s%%2023:59:59&limit=%d"
                                .formatted(connection.baseUrl(), day, day, MOST)))
                .header("Authorization", "Bearer " + connection.apiKey())
                .header("Accept", "application/json")
                .GET()
                .build();
        return Questions.ask(() -> read(request));
    }

    private List<Listed> read(HttpRequest request) {
        JsonNode answer;
        try {
            GatewayHttp.Answer raw = http.send(request);
            if (raw.status() != 200) {
                throw new GatewayUnavailable("SePay answered " + raw.status(), null, pause(raw));
            }
            answer = json.readTree(raw.body());
        } catch (IOException e) {
            throw new GatewayUnavailable("SePay cannot be asked", e);
        }
        JsonNode rows = answer.path("transactions");
        if (!rows.isArray() || rows.size() >= MOST) {
            throw new GatewayUnavailable("SePay did not list all transfers of the day", null);
        }
        List<Listed> listed = new ArrayList<>();
        rows.forEach(row -> listed.add(listed(row)));
        return listed;
    }

    private static Listed listed(JsonNode row) {
        try {
            long in = whole(row.path("amount_in"));
            long out = whole(row.path("amount_out"));
            String id = row.path("id").asText();
            if (!id.matches("\\d{1,18}") || (in > 0) == (out > 0) || in < 0 || out < 0) {
                throw new GatewayUnavailable("SePay listed a transfer without a number or an amount", null);
            }
            return new Listed(
                    id,
                    in > 0,
                    Amounts.ofMinor(in > 0 ? in : out, "VND"),
                    text(row.path("code")),
                    row.path("transaction_content").asText(""),
                    text(row.path("reference_number")));
        } catch (ArithmeticException | NumberFormatException e) {
            throw new GatewayUnavailable("SePay listed an amount that is no whole number", e);
        }
    }

    private static long whole(JsonNode amount) {
        return amount.asText().isBlank() ? 0 : new BigDecimal(amount.asText()).longValueExact();
    }

    private static @Nullable String text(JsonNode node) {
        return node.isTextual() && !node.asText().isBlank() ? node.asText().strip() : null;
    }

    private static @Nullable Duration pause(GatewayHttp.Answer answer) {
        return answer.headers().entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase("x-sepay-userapi-retry-after")
                        || header.getKey().equalsIgnoreCase("Retry-After"))
                .flatMap(header -> header.getValue().stream())
                .filter(seconds -> seconds.matches("\\d{1,5}"))
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .findFirst()
                .orElse(null);
    }
}

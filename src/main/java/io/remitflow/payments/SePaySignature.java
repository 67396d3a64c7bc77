package io.remitflow.payments;

import io.remitflow.payments.GatewayEvents.WebhookHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How SePay shows that a webhook is its own: {@code X-SePay-Timestamp} and {@code X-SePay-Signature: sha256=<hex>}, or the
 * older {@code Authorization: Apikey <key>}.
 */
final class SePaySignature {

    private static final String API_KEY = "Apikey ";
    private static final String SCHEME = "sha256=";

    private SePaySignature() {}

    static boolean fits(WebhookHeaders headers, byte[] body, List<String> secrets, Instant now) {
        String signature = headers.get("X-SePay-Signature");
        if (signature != null) {
            return signature.startsWith(SCHEME)
                    && WebhookSignature.parse("t=%s,v1=%s"
                                    .formatted(headers.get("X-SePay-Timestamp"), signature.substring(SCHEME.length())))
                            .filter(parsed -> parsed.fits(body, secrets, now))
                            .isPresent();
        }
        return carriesKey(headers.get("Authorization"), secrets);
    }

    private static boolean carriesKey(@Nullable String authorization, List<String> secrets) {
        if (authorization == null || !authorization.startsWith(API_KEY)) {
            return false;
        }
        byte[] given = authorization.substring(API_KEY.length()).strip().getBytes(StandardCharsets.UTF_8);
        boolean fits = false;
        for (String secret : secrets) {
            fits |= MessageDigest.isEqual(secret.getBytes(StandardCharsets.UTF_8), given);
        }
        return fits;
    }
}

package io.remitflow.payments;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A header such as {@code t=1700000000,v1=5257a8...,v1=...}: HMAC-SHA256 over time, dot and the body as received.
 *
 * <p>Several {@code v1} stand side by side while a secret is rotated; one that fits is enough. Other schemes are ignored.
 */
record WebhookSignature(long timestamp, List<byte[]> candidates) {

    private static final Duration TOLERANCE = Duration.ofSeconds(300);
    private static final int MAX_HEADER_LENGTH = 2_048;

    static Optional<WebhookSignature> parse(@Nullable String header) {
        if (header == null || header.length() > MAX_HEADER_LENGTH) {
            return Optional.empty();
        }
        Long timestamp = null;
        List<byte[]> candidates = new ArrayList<>();
        try {
            for (String part : header.split(",")) {
                int equals = part.indexOf('=');
                String name = equals < 0 ? "" : part.substring(0, equals).strip();
                String value = part.substring(equals + 1).strip();
                if (name.equals("t")) {
                    timestamp = Long.valueOf(value);
                } else if (name.equals("v1")) {
                    candidates.add(HexFormat.of().parseHex(value));
                }
            }
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        return timestamp == null || candidates.isEmpty()
                ? Optional.empty()
                : Optional.of(new WebhookSignature(timestamp, candidates));
    }

    boolean fits(byte[] body, List<String> secrets, Instant now) {
        if (Math.abs(now.getEpochSecond() - timestamp) > TOLERANCE.toSeconds()) {
            return false;
        }
        boolean fits = false;
        for (String secret : secrets) {
            byte[] expected = hmac(secret, timestamp, body);
            for (byte[] candidate : candidates) {
                fits |= MessageDigest.isEqual(expected, candidate);
            }
        }
        return fits;
    }

    static byte[] hmac(String secret, long timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            mac.update((timestamp + ".").getBytes(StandardCharsets.UTF_8));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is missing", e);
        }
    }
}

package io.remitflow.local;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** Settings of the application that are the same in every local run and test; none of these secrets is one. */
public final class LocalSettings {

    public static final String GATEWAY_API_KEY = "sandbox-api-key";
    public static final String GATEWAY_WEBHOOK_SECRET = "sandbox-webhook-secret";

    private static final String ENCRYPTION_KEY =
            Base64.getEncoder().encodeToString("remitflow-local-key-not-a-secret".getBytes(StandardCharsets.US_ASCII));

    private LocalSettings() {}

    /**
     * @param partnerPort where the stand-in of the card gateway listens
     * @param claimMdPort where the stand-in of Claim.MD listens
     */
    static Map<String, String> of(int partnerPort, int claimMdPort) {
        return Map.of(
                "remitflow.encryption-key", ENCRYPTION_KEY,
                "remitflow.claimmd.url", "http://127.0.0.1:" + claimMdPort + "/services/",
                "remitflow.payments.sandbox.url", "http://127.0.0.1:" + partnerPort,
                "remitflow.payments.sandbox.api-key", GATEWAY_API_KEY,
                "remitflow.payments.sandbox.webhook-secret", GATEWAY_WEBHOOK_SECRET);
    }
}

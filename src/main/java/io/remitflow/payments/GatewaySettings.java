package io.remitflow.payments;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** {@code remitflow.payments.*}: the sandbox gateway and the patience with gateways. */
@ConfigurationProperties("remitflow.payments")
public record GatewaySettings(
        @DefaultValue Sandbox sandbox,
        @DefaultValue("2s") Duration connectTimeout,
        @DefaultValue("10s") Duration readTimeout) {

    /** Where the sandbox gateway of new organizations listens; none if the address is empty. */
    public record Sandbox(
            @DefaultValue("") String url,
            @DefaultValue("") String apiKey,
            @DefaultValue("") String webhookSecret) {

        boolean isConfigured() {
            return !url.isBlank() && !apiKey.isBlank() && !webhookSecret.isBlank();
        }

        @Override
        public String toString() {
            return "Sandbox[" + url + "]";
        }
    }
}

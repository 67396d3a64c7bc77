package io.remitflow.payments;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code remitflow.payments.*}: where gateways listen, and the patience with them.
 *
 * @param deadline for one exchange with a gateway, its answer included
 * @param breakerPause how long a gateway that fails again and again is left alone
 * @param unknownAfter how long something may be without news before the gateway is asked what became of it, and again
 */
@ConfigurationProperties("remitflow.payments")
public record GatewaySettings(
        @DefaultValue Sandbox sandbox,
        @DefaultValue("https://api.stripe.com") String stripeUrl,
        @DefaultValue("https://my.sepay.vn") String sepayUrl,
        @DefaultValue("2s") Duration connectTimeout,
        @DefaultValue("10s") Duration readTimeout,
        @DefaultValue("15s") Duration deadline,
        @DefaultValue("30s") Duration breakerPause,
        @DefaultValue("15m") Duration unknownAfter) {

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

    /** The address of a gateway that has none of its own. */
    String urlOf(String provider) {
        return switch (provider) {
            case Gateways.STRIPE -> stripeUrl;
            case Gateways.SEPAY -> sepayUrl;
            default -> sandbox.url();
        };
    }
}

package io.remitflow.payments;

import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationCreated;
import io.remitflow.identity.Secrets;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** How the organization reaches its card gateways; secrets leave this class decrypted and are stored encrypted. */
@Service
@Transactional
public class Gateways {

    public static final String STRIPE = "stripe";
    public static final String SEPAY = "sepay";

    /** The gateway that every new organization starts with. */
    public static final String SANDBOX = "sandbox";

    private static final int MAX_SECRET = 300;

    /** Those that people connect themselves. */
    private static final Map<String, String> NAMES = Map.of(STRIPE, "Stripe", SEPAY, "SePay");

    private final JdbcClient jdbc;
    private final Secrets secrets;
    private final GatewaySettings settings;
    private final AuditLog audit;
    private final Clock clock;

    Gateways(JdbcClient jdbc, Secrets secrets, GatewaySettings settings, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.secrets = secrets;
        this.settings = settings;
        this.audit = audit;
        this.clock = clock;
    }

    /** A new organization can take and return card payments in test mode if a sandbox gateway is configured. */
    @EventListener
    void connectSandbox(OrganizationCreated created) {
        if (settings.sandbox().isConfigured()) {
            register(
                    SANDBOX,
                    "Sandbox card gateway",
                    null,
                    settings.sandbox().apiKey(),
                    settings.sandbox().webhookSecret(),
                    true);
        }
    }

    /** @param baseUrl null for the configured address */
    public void register(
            String provider,
            String name,
            @Nullable URI baseUrl,
            String apiKey,
            String webhookSecret,
            boolean testMode) {
        var now = Timestamp.from(clock.instant());
        jdbc.sql("""
                        insert into billing_payment_gateways (org_id, id, gateway_name, gateway_provider, base_url,
                            api_key_encrypted, webhook_secret_encrypted, is_default, supported_methods, test_mode,
                            created_at, updated_at)
                        values (:org, :id, :name, :provider, :url, :key, :secret, true,
                            array['credit_card', 'debit_card', 'online'], :testMode, :now, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("name", name)
                .param("provider", provider)
                .param("url", baseUrl == null ? null : baseUrl.toString())
                .param("key", secrets.encrypt(apiKey))
                .param("secret", secrets.encrypt(webhookSecret))
                .param("testMode", testMode)
                .param("now", now)
                .update();
        audit.record("gateway-registered", "payment-gateway", provider, Map.of("testMode", testMode));
    }

    /**
     * Connects a gateway whose address is known here; what it was given can be changed but never read again.
     *
     * @param apiKey of the mode that {@code testMode} says
     */
    public void connect(String provider, String apiKey, String webhookSecret, boolean testMode) {
        String name = NAMES.get(provider);
        if (name == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "there is no gateway %s to connect".formatted(provider));
        }
        requireSecret("an API key", apiKey);
        requireSecret("a webhook secret", webhookSecret);
        if (provider.equals(STRIPE) && !apiKey.strip().matches(testMode ? "[sr]k_test_.+" : "[sr]k_live_.+")) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "a %s key of Stripe begins with sk_%2$s_ or rk_%2$s_"
                            .formatted(testMode ? "test" : "live", testMode ? "test" : "live"));
        }
        if (registered().stream().anyMatch(known -> known.provider().equals(provider))) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, name + " is connected already; change its keys instead");
        }
        register(provider, name, null, apiKey.strip(), webhookSecret.strip(), testMode);
    }

    /** Without any secret. */
    @Transactional(readOnly = true)
    public List<Registered> registered() {
        return jdbc.sql("select * from billing_payment_gateways order by gateway_provider")
                .query((row, index) -> new Registered(
                        row.getString("gateway_provider"),
                        row.getString("gateway_name"),
                        row.getBoolean("test_mode"),
                        row.getBoolean("is_active"),
                        row.getBytes("previous_secret_encrypted") != null,
                        row.getTimestamp("updated_at").toInstant()))
                .list();
    }

    public void changeApiKey(String provider, String apiKey) {
        requireSecret("an API key", apiKey);
        changeSecret(
                "update billing_payment_gateways set api_key_encrypted = :secret, updated_at = :now "
                        + "where gateway_provider = :provider",
                provider,
                secrets.encrypt(apiKey.strip()));
        audit.record("gateway-key-changed", "payment-gateway", provider, Map.of());
    }

    /** A gateway that is not active is neither called nor listened to; refunds of its payments wait. */
    public void setActive(String provider, boolean active) {
        int changed = jdbc.sql("update billing_payment_gateways set is_active = :active, updated_at = :now "
                        + "where gateway_provider = :provider")
                .param("active", active)
                .param("now", Timestamp.from(clock.instant()))
                .param("provider", provider)
                .update();
        if (changed == 0) {
            throw RuleViolation.notFound("the gateway");
        }
        audit.record(active ? "gateway-activated" : "gateway-deactivated", "payment-gateway", provider, Map.of());
    }

    /** From now on both secrets are accepted, until {@link #forgetPreviousSecret}. */
    public void rotateWebhookSecret(String provider, String newSecret) {
        requireSecret("a webhook secret", newSecret);
        changeSecret(
                "update billing_payment_gateways set previous_secret_encrypted = webhook_secret_encrypted, "
                        + "webhook_secret_encrypted = :secret, updated_at = :now where gateway_provider = :provider",
                provider,
                secrets.encrypt(newSecret.strip()));
        audit.record("webhook-secret-rotated", "payment-gateway", provider, Map.of());
    }

    public void forgetPreviousSecret(String provider) {
        changeSecret(
                "update billing_payment_gateways set previous_secret_encrypted = :secret, updated_at = :now "
                        + "where gateway_provider = :provider",
                provider,
                null);
        audit.record("webhook-secret-forgotten", "payment-gateway", provider, Map.of());
    }

    @Transactional(readOnly = true)
    public Optional<Connection> connection(String provider) {
        return jdbc.sql("select * from billing_payment_gateways where gateway_provider = :provider and is_active")
                .param("provider", provider)
                .query(this::read)
                .optional();
    }

    private static void requireSecret(String what, String secret) {
        if (secret.isBlank() || secret.length() > MAX_SECRET) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "give %s of at most %d characters".formatted(what, MAX_SECRET));
        }
    }

    private void changeSecret(String sql, String provider, byte @Nullable [] secret) {
        int changed = jdbc.sql(sql)
                .param("secret", secret)
                .param("now", Timestamp.from(clock.instant()))
                .param("provider", provider)
                .update();
        if (changed == 0) {
            throw RuleViolation.notFound("the gateway");
        }
    }

    private Connection read(ResultSet row, int index) throws SQLException {
        String url = row.getString("base_url");
        byte[] previous = row.getBytes("previous_secret_encrypted");
        return new Connection(
                row.getString("gateway_provider"),
                url == null ? settings.urlOf(row.getString("gateway_provider")) : url,
                secrets.decrypt(row.getBytes("api_key_encrypted")),
                Stream.of(row.getBytes("webhook_secret_encrypted"), previous)
                        .filter(secret -> secret != null)
                        .map(secrets::decrypt)
                        .toList(),
                row.getBoolean("test_mode"));
    }

    /**
     * A gateway as people see it.
     *
     * @param rotating whether the previous webhook secret is still accepted
     */
    public record Registered(
            String provider, String name, boolean testMode, boolean active, boolean rotating, Instant changedAt) {}

    /** Never to be logged: {@link #toString} keeps the secrets to itself. */
    public record Connection(
            String provider, String baseUrl, String apiKey, List<String> webhookSecrets, boolean testMode) {
        @Override
        public String toString() {
            return "Connection[" + provider + ", " + baseUrl + "]";
        }
    }
}

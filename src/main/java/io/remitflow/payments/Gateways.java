package io.remitflow.payments;

import io.remitflow.core.Ids;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationCreated;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
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

    /** The gateway that every new organization starts with. */
    public static final String SANDBOX = "sandbox";

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

    /** From now on both secrets are accepted, until {@link #forgetPreviousSecret}. */
    public void rotateWebhookSecret(String provider, String newSecret) {
        changeSecret(
                "update billing_payment_gateways set previous_secret_encrypted = webhook_secret_encrypted, "
                        + "webhook_secret_encrypted = :secret, updated_at = :now where gateway_provider = :provider",
                provider,
                secrets.encrypt(newSecret));
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
                url == null ? settings.sandbox().url() : url,
                secrets.decrypt(row.getBytes("api_key_encrypted")),
                Stream.of(row.getBytes("webhook_secret_encrypted"), previous)
                        .filter(secret -> secret != null)
                        .map(secrets::decrypt)
                        .toList(),
                row.getBoolean("test_mode"));
    }

    /** Never to be logged: {@link #toString} keeps the secrets to itself. */
    public record Connection(
            String provider, String baseUrl, String apiKey, List<String> webhookSecrets, boolean testMode) {
        @Override
        public String toString() {
            return "Connection[" + provider + ", " + baseUrl + "]";
        }
    }
}

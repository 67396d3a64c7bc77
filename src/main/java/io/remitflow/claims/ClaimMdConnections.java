package io.remitflow.claims;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Secrets;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** How the organization reaches Claim.MD, and how Claim.MD may nudge it. */
@Service
@Transactional
public class ClaimMdConnections {

    private static final int SHORTEST_NUDGE_KEY = 16;

    private final JdbcClient jdbc;
    private final Secrets secrets;
    private final AuditLog audit;
    private final ApplicationEventPublisher events;
    private final Clock clock;

    ClaimMdConnections(
            JdbcClient jdbc, Secrets secrets, AuditLog audit, ApplicationEventPublisher events, Clock clock) {
        this.jdbc = jdbc;
        this.secrets = secrets;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
    }

    /**
     * Connects, or changes the keys.
     *
     * @param nudgeKey the secret part of the webhook's address; null leaves it as it is, so no nudges at first
     */
    public void connect(String accountKey, @Nullable String nudgeKey) {
        if (accountKey.isBlank()
                || accountKey.length() > 200
                || (nudgeKey != null && nudgeKey.length() < SHORTEST_NUDGE_KEY)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "A connection needs an account key, and a webhook key has at least %d characters"
                            .formatted(SHORTEST_NUDGE_KEY));
        }
        jdbc.sql("""
                        insert into claims_claimmd_connections (org_id, account_key_encrypted, nudge_key_sha256, created_at, updated_at)
                        values (:org, :key, :nudge, :now, :now)
                        on conflict (org_id) do update set account_key_encrypted = :key, active = true, updated_at = :now,
                            nudge_key_sha256 = coalesce(:nudge, claims_claimmd_connections.nudge_key_sha256)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("key", secrets.encrypt(accountKey.strip()))
                .param("nudge", nudgeKey == null ? null : digest(nudgeKey))
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .update();
        audit.record("claimmd.connected", "claimmd", "connection", Map.of("webhook", nudgeKey != null));
    }

    /** Stops polling and sending; where reading stood is kept. */
    public void disconnect() {
        jdbc.sql("update claims_claimmd_connections set active = false, updated_at = :now where org_id = :org")
                .param("org", CurrentOrganization.id().value())
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .update();
        audit.record("claimmd.disconnected", "claimmd", "connection", Map.of());
    }

    /**
     * What people may see of the connection; the keys are never shown.
     *
     * @param webhook whether nudges are taken
     */
    public record Connection(boolean active, boolean webhook, Instant changedAt) {}

    @Transactional(readOnly = true)
    public Optional<Connection> connection() {
        return jdbc.sql("""
                        select active, nudge_key_sha256 is not null as webhook, updated_at from claims_claimmd_connections
                        where org_id = :org
                        """)
                .param("org", CurrentOrganization.id().value())
                .query((row, number) -> new Connection(
                        row.getBoolean("active"),
                        row.getBoolean("webhook"),
                        row.getObject("updated_at", OffsetDateTime.class).toInstant()))
                .optional();
    }

    @Transactional(readOnly = true)
    public boolean connected() {
        return jdbc.sql("select exists (select from claims_claimmd_connections where org_id = :org and active)")
                .param("org", CurrentOrganization.id().value())
                .query(Boolean.class)
                .single();
    }

    /** Never to be logged. */
    @Transactional(readOnly = true)
    public Optional<String> accountKey() {
        return jdbc.sql("select account_key_encrypted from claims_claimmd_connections where org_id = :org and active")
                .param("org", CurrentOrganization.id().value())
                .query((row, number) -> row.getBytes(1))
                .optional()
                .map(secrets::decrypt);
    }

    /** False if the key is not the one of this organization; then nothing happens. */
    @Transactional(readOnly = true)
    public boolean nudge(String key) {
        byte[] given = digest(key).getBytes(StandardCharsets.US_ASCII);
        boolean fits = jdbc.sql(
                        "select nudge_key_sha256 from claims_claimmd_connections where org_id = :org and active and nudge_key_sha256 is not null")
                .param("org", CurrentOrganization.id().value())
                .query(String.class)
                .optional()
                .filter(known -> MessageDigest.isEqual(known.getBytes(StandardCharsets.US_ASCII), given))
                .isPresent();
        if (fits) {
            events.publishEvent(new ClaimMdNudged(CurrentOrganization.id()));
        }
        return fits;
    }

    private static String digest(String key) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

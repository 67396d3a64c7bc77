package io.remitflow.payments;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.HexFormat;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Requests that move money have their effect once per Idempotency-Key.
 *
 * <p>The key is written in the transaction of the effect: a repeat that arrives meanwhile waits for the first one to end.
 */
@Service
public class IdempotentRequests {

    private static final int MAX_KEY_LENGTH = 200;

    private final JdbcClient jdbc;
    private final Clock clock;

    IdempotentRequests(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * @param key null: no protection asked for
     * @param request what was asked, in words; the same key with another request is refused
     */
    @Transactional
    public UUID once(String scope, @Nullable String key, Object request, Supplier<UUID> effect) {
        if (key == null) {
            return effect.get();
        }
        if (key.isBlank() || key.length() > MAX_KEY_LENGTH) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "Idempotency-Key must have 1 to 200 characters");
        }
        String hash = hash(request.toString());
        if (!reserve(scope, key, hash)) {
            return firstResult(scope, key, hash);
        }
        UUID result = effect.get();
        jdbc.sql(
                        "update payments_idempotency_keys set result_id = :result where scope = :scope and idempotency_key = :key")
                .param("result", result)
                .param("scope", scope)
                .param("key", key)
                .update();
        return result;
    }

    private boolean reserve(String scope, String key, String hash) {
        return jdbc.sql("""
                                insert into payments_idempotency_keys (org_id, scope, idempotency_key, request_hash, created_at)
                                values (:org, :scope, :key, :hash, :now)
                                on conflict do nothing
                                """)
                        .param("org", CurrentOrganization.id().value())
                        .param("scope", scope)
                        .param("key", key)
                        .param("hash", hash)
                        .param("now", Timestamp.from(clock.instant()))
                        .update()
                == 1;
    }

    private UUID firstResult(String scope, String key, String hash) {
        var first = jdbc.sql("""
                        select request_hash as hash, result_id as result from payments_idempotency_keys
                        where scope = :scope and idempotency_key = :key
                        """)
                .param("scope", scope)
                .param("key", key)
                .query(First.class)
                .single();
        if (!first.hash().equals(hash)) {
            throw new RuleViolation(Refusal.IDEMPOTENCY_KEY_REUSED, "the Idempotency-Key was used for another request");
        }
        return first.result();
    }

    private static String hash(String request) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(request.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    record First(String hash, UUID result) {}
}

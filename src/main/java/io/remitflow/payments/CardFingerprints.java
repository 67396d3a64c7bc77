package io.remitflow.payments;

import io.remitflow.core.CardNumbers;
import io.remitflow.identity.CurrentOrganization;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * By which name of the gateway the card of a transaction is known, whether the payment or the gateway's news of it come
 * first. What could be a card number is not kept.
 */
@Component
class CardFingerprints {

    private static final Pattern SOUND = Pattern.compile("(?=.*[A-Za-z])[A-Za-z0-9_-]{8,64}");

    private final JdbcClient jdbc;
    private final Clock clock;

    CardFingerprints(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** @param transactions the ids by which the gateway calls it; the first fingerprint that it tells stays */
    @Transactional(propagation = Propagation.MANDATORY)
    void told(String provider, @Nullable String fingerprint, Stream<@Nullable String> transactions) {
        if (fingerprint == null || !isSound(fingerprint)) {
            return;
        }
        transactions
                .filter(Objects::nonNull)
                .distinct()
                .forEach(transaction -> jdbc.sql("""
                        insert into payments_card_fingerprints (org_id, gateway_provider, transaction_id, fingerprint, told_at)
                        values (:org, :provider, :transaction, :fingerprint, :now)
                        on conflict (org_id, gateway_provider, transaction_id) do nothing
                        """)
                        .param("org", CurrentOrganization.id().value())
                        .param("provider", provider)
                        .param("transaction", transaction)
                        .param("fingerprint", fingerprint)
                        .param("now", Timestamp.from(clock.instant()))
                        .update());
    }

    static boolean isSound(String fingerprint) {
        return SOUND.matcher(fingerprint).matches() && !CardNumbers.isIn(fingerprint);
    }
}

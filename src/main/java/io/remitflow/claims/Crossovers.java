package io.remitflow.claims;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import java.time.Clock;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Claims that a payer passed on to the next payer itself: we must not send that payer a secondary claim. */
@Service
@Transactional
public class Crossovers {

    private final JdbcClient jdbc;
    private final Clock clock;

    Crossovers(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * The same source key again changes nothing.
     *
     * @param forwardedTo name of the next payer, null if the payer did not say
     */
    public void forwarded(UUID claimId, @Nullable String forwardedTo, LocalDate on, String sourceKey) {
        jdbc.sql("""
                        insert into billing_claim_crossovers (org_id, claim_id, source_key, forwarded_to, forwarded_on, recorded_at)
                        values (:org, :claim, :key, :to, :on, :now)
                        on conflict (org_id, claim_id, source_key) do nothing
                        """)
                .param("org", organization())
                .param("claim", claimId)
                .param("key", sourceKey)
                .param("to", forwardedTo, java.sql.Types.VARCHAR)
                .param("on", on)
                .param("now", OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                .update();
    }

    @Transactional(readOnly = true)
    public boolean isForwarded(UUID claimId) {
        return jdbc.sql(
                        "select exists (select from billing_claim_crossovers where org_id = :org and claim_id = :claim)")
                .param("org", organization())
                .param("claim", claimId)
                .query(Boolean.class)
                .single();
    }

    /**
     * Call it before a secondary claim is built.
     *
     * @throws RuleViolation {@link Refusal#CLAIM_FORWARDED} if the earlier payer sent it already
     */
    @Transactional(readOnly = true)
    public void requireNotForwarded(UUID claimId) {
        if (isForwarded(claimId)) {
            throw new RuleViolation(
                    Refusal.CLAIM_FORWARDED,
                    "the earlier payer passed this claim on to the next payer itself, so no secondary claim is sent");
        }
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}

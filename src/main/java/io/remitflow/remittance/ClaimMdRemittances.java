package io.remitflow.remittance;

import io.remitflow.claims.ClaimMd;
import io.remitflow.claims.ClaimMdFeeds;
import io.remitflow.claims.ClaimMdFeeds.Feed;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.OrganizationId;
import java.io.ByteArrayInputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Remittances fetched from Claim.MD, handed on as if they were files of the inbox.
 *
 * <p>The cursor passes a remittance only when its file is stored. One that cannot be fetched holds the cursor, but not the
 * remittances after it; it is asked for again with every poll, until a person does without it.
 */
@Service
public class ClaimMdRemittances {

    private static final Logger log = LoggerFactory.getLogger(ClaimMdRemittances.class);
    private static final String SOURCE = "era-claimmd";
    private static final int MAX_REASON = 300;
    private static final int SHOWN = 100;

    private final ClaimMd claimMd;
    private final ClaimMdFeeds feeds;
    private final Remittances remittances;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final AuditLog audit;
    private final Clock clock;

    ClaimMdRemittances(
            ClaimMd claimMd,
            ClaimMdFeeds feeds,
            Remittances remittances,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            AuditLog audit,
            Clock clock) {
        this.claimMd = claimMd;
        this.feeds = feeds;
        this.remittances = remittances;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.audit = audit;
        this.clock = clock;
    }

    /** Fetches what is new for every connected organization. */
    public void pollAll() {
        feeds.pollAll(Feed.ERAS, this::fetchAfter);
    }

    /** As {@link #pollAll}, for one. False if it was not its turn or something failed, which the feed's state tells. */
    public boolean poll(OrganizationId organization) {
        return feeds.poll(organization, Feed.ERAS, this::fetchAfter);
    }

    private void fetchAfter(long cursor) {
        ClaimMd.Listing listing = claimMd.erasAfter(cursor);
        ClaimMd.@Nullable Fault first = listing.complete()
                ? null
                : new ClaimMd.Fault(
                        ClaimMd.Kind.REFUSED,
                        "eralist has more pages than are read: what it listed is fetched, older ones are not",
                        null,
                        null);
        for (ClaimMd.Era era : listing.eras()) {
            try {
                if (!done(era.id())) {
                    fetch(era);
                }
            } catch (ClaimMd.Fault e) {
                if (e.kind() != ClaimMd.Kind.REFUSED) {
                    throw e;
                }
                failed(era, Objects.requireNonNullElse(e.getMessage(), "no answer"));
                first = first == null ? e : first;
            } catch (RuleViolation e) {
                // Too large or empty: Claim.MD will not give anything else, but nobody has decided to do without it.
                failed(era, e.code());
                first = first == null
                        ? new ClaimMd.Fault(ClaimMd.Kind.REFUSED, "era835 gave a file that is " + e.code(), null, e)
                        : first;
            }
            if (first == null) {
                feeds.advance(Feed.ERAS, era.id());
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private void fetch(ClaimMd.Era era) {
        byte[] bytes = claimMd.era835(era.id());
        var receipt =
                remittances.receive(SOURCE, "claimmd-%d.835".formatted(era.id()), new ByteArrayInputStream(bytes));
        log.info(
                "Remittance {} of Claim.MD is file {}", era.id(), receipt.file().id());
        record(era, "fetched", receipt.file().id(), null);
    }

    private void failed(ClaimMd.Era era, String error) {
        record(era, "failed", null, error);
    }

    private boolean done(long eraId) {
        return Boolean.TRUE.equals(transaction.execute(status -> jdbc.sql("""
                        select exists (select from billing_claimmd_eras
                                       where org_id = :org and era_id = :era and state <> 'failed')
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("era", eraId)
                .query(Boolean.class)
                .single()));
    }

    /** A remittance that Claim.MD lists and does not deliver. */
    public record Undelivered(
            long id,
            @Nullable String checkNumber,
            int attempts,
            String error,
            Instant firstSeenAt,
            Instant lastTriedAt) {}

    /** Those that hold the cursor of the current organization, the oldest first. */
    public List<Undelivered> undelivered() {
        return Objects.requireNonNull(transaction.execute(status -> jdbc.sql("""
                        select * from billing_claimmd_eras where org_id = :org and state = 'failed'
                        order by era_id limit :limit
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("limit", SHOWN)
                .query((row, number) -> new Undelivered(
                        row.getLong("era_id"),
                        row.getString("check_number"),
                        row.getInt("attempts"),
                        Objects.requireNonNullElse(row.getString("last_error"), ""),
                        row.getTimestamp("first_seen_at").toInstant(),
                        row.getTimestamp("updated_at").toInstant()))
                .list()));
    }

    /**
     * The signed-in person does without a remittance: it is not asked for any more, and the cursor goes on.
     *
     * @param reason such as that the payer sent it on paper
     */
    public void doWithout(long eraId, String reason) {
        String why = reason.strip();
        if (why.isEmpty() || why.length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 300 characters why it is not needed");
        }
        transaction.executeWithoutResult(status -> {
            int changed = jdbc.sql("""
                            update billing_claimmd_eras
                            set state = 'given_up', given_up_at = :now, given_up_by = :by, given_up_because = :why,
                                updated_at = :now
                            where org_id = :org and era_id = :era and state = 'failed'
                            """)
                    .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                    .param("by", CurrentUser.id().value())
                    .param("why", why)
                    .param("org", CurrentOrganization.id().value())
                    .param("era", eraId)
                    .update();
            if (changed == 0) {
                throw RuleViolation.notFound("A remittance of this id that Claim.MD does not deliver");
            }
            audit.record("claimmd-era.given-up", "claimmd-era", Long.toString(eraId), Map.of("reason", why));
        });
    }

    private void record(ClaimMd.Era era, String state, @Nullable UUID fileId, @Nullable String error) {
        transaction.executeWithoutResult(status -> jdbc.sql("""
                        insert into billing_claimmd_eras as e
                            (org_id, era_id, state, file_id, check_number, last_error, first_seen_at, updated_at)
                        values (:org, :era, :state, :file, :check, :error, :now, :now)
                        on conflict (org_id, era_id) do update set state = :state, file_id = :file, last_error = :error,
                            attempts = e.attempts + 1, updated_at = :now
                        where e.state <> 'given_up'
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("era", era.id())
                .param("state", state)
                .param("file", fileId)
                .param("check", era.checkNumber())
                .param("error", error)
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .update());
    }
}

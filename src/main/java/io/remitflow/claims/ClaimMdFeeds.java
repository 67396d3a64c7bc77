package io.remitflow.claims;

import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.Organizations;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Where reading from Claim.MD stands, one cursor per organization and feed.
 *
 * <p>One reader at a time, whatever the number of application instances; a reader that was killed is followed by another
 * when its lease has ended.
 */
@Service
public class ClaimMdFeeds {

    private static final Logger log = LoggerFactory.getLogger(ClaimMdFeeds.class);
    private static final int LEASE_SECONDS = 180;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(30);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(30);

    private final JdbcClient jdbc;
    private final Organizations organizations;
    private final TransactionTemplate transaction;

    ClaimMdFeeds(JdbcClient jdbc, Organizations organizations, TransactionTemplate transaction) {
        this.jdbc = jdbc;
        this.organizations = organizations;
        this.transaction = transaction;
    }

    /** What is read. */
    public enum Feed {
        ERAS,
        RESPONSES,
        UPLOADS;

        String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** For each connected organization whose turn it is; one organization's trouble stops no other. */
    public void pollAll(Feed feed, LongConsumer work) {
        for (Organization organization : organizations.all()) {
            poll(organization.id(), feed, work);
        }
    }

    /**
     * Lets the work read on from the cursor, unless the organization is not connected, somebody else reads, or Claim.MD
     * is to be left alone for a while. What goes wrong is recorded and not thrown.
     *
     * @return whether it was read to its end
     */
    public boolean poll(OrganizationId organization, Feed feed, LongConsumer work) {
        return CurrentOrganization.call(organization, () -> {
            try {
                Optional<Long> cursor = lease(feed);
                if (cursor.isEmpty()) {
                    return false;
                }
                work.accept(cursor.get());
                ended(feed);
                return true;
            } catch (ClaimMd.Fault e) {
                failed(feed, Objects.requireNonNullElse(e.getMessage(), "no answer"), e.retryAfter());
            } catch (RuntimeException e) {
                String reference = Ids.next().toString();
                // Its message may quote what was read.
                log.error(
                        "Reading the feed {} of Claim.MD failed with {}, reference {}", feed, e.getClass(), reference);
                log.debug("Reference {}", reference, e);
                failed(feed, "%s, reference %s".formatted(e.getClass().getSimpleName(), reference), null);
            }
            return false;
        });
    }

    /** Call it when everything up to there is stored, in the transaction that stored it or after. Never moves back. */
    public void advance(Feed feed, long cursor) {
        transaction.executeWithoutResult(status -> jdbc.sql("""
                        update claims_claimmd_feeds set cursor_position = greatest(cursor_position, :cursor),
                            leased_until = now() + make_interval(secs => :lease)
                        where org_id = :org and feed = :feed
                        """)
                .param("cursor", cursor)
                .param("lease", LEASE_SECONDS)
                .param("org", CurrentOrganization.id().value())
                .param("feed", feed.key())
                .update());
    }

    /** Of the current organization, for people who operate it. */
    public List<State> states() {
        return Objects.requireNonNull(transaction.execute(status -> jdbc.sql(
                        "select * from claims_claimmd_feeds where org_id = :org order by feed")
                .param("org", CurrentOrganization.id().value())
                .query((row, number) -> new State(
                        row.getString("feed"),
                        row.getLong("cursor_position"),
                        instant(row.getObject("last_polled_at", OffsetDateTime.class)),
                        instant(row.getObject("last_succeeded_at", OffsetDateTime.class)),
                        row.getInt("failures"),
                        row.getString("last_error"),
                        instant(row.getObject("next_poll_at", OffsetDateTime.class))))
                .list()));
    }

    private Optional<Long> lease(Feed feed) {
        return Objects.requireNonNull(transaction.execute(status -> {
            jdbc.sql("""
                            insert into claims_claimmd_feeds (org_id, feed)
                            select org_id, :feed from claims_claimmd_connections where org_id = :org and active
                            on conflict (org_id, feed) do nothing
                            """)
                    .param("feed", feed.key())
                    .param("org", CurrentOrganization.id().value())
                    .update();
            return jdbc.sql("""
                            update claims_claimmd_feeds f
                            set leased_until = now() + make_interval(secs => :lease), last_polled_at = now()
                            where f.org_id = :org and f.feed = :feed
                              and (f.leased_until is null or f.leased_until < now())
                              and (f.next_poll_at is null or f.next_poll_at <= now())
                              and exists (select from claims_claimmd_connections c where c.org_id = f.org_id and c.active)
                            returning cursor_position
                            """)
                    .param("lease", LEASE_SECONDS)
                    .param("org", CurrentOrganization.id().value())
                    .param("feed", feed.key())
                    .query(Long.class)
                    .optional();
        }));
    }

    private void ended(Feed feed) {
        transaction.executeWithoutResult(status -> jdbc.sql("""
                        update claims_claimmd_feeds set leased_until = null, next_poll_at = null, failures = 0,
                            last_error = null, last_succeeded_at = now()
                        where org_id = :org and feed = :feed
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("feed", feed.key())
                .update());
    }

    private void failed(Feed feed, String error, @Nullable Duration retryAfter) {
        transaction.executeWithoutResult(status -> {
            int failures = jdbc.sql("""
                            update claims_claimmd_feeds set leased_until = null, failures = failures + 1, last_error = :error
                            where org_id = :org and feed = :feed returning failures
                            """)
                    .param("error", error)
                    .param("org", CurrentOrganization.id().value())
                    .param("feed", feed.key())
                    .query(Integer.class)
                    .single();
            long pause = retryAfter != null
                    ? retryAfter.toSeconds()
                    : Math.min(LONGEST_PAUSE.toSeconds(), FIRST_PAUSE.toSeconds() << Math.min(failures - 1, 10));
            jdbc.sql("update claims_claimmd_feeds set next_poll_at = now() + make_interval(secs => :pause) "
                            + "where org_id = :org and feed = :feed")
                    .param("pause", (int) Math.min(pause, LONGEST_PAUSE.toSeconds()))
                    .param("org", CurrentOrganization.id().value())
                    .param("feed", feed.key())
                    .update();
            log.warn("Claim.MD's feed {} failed {} times: {}", feed.key(), failures, error);
        });
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }

    /**
     * How a feed goes.
     *
     * @param lastError codes only; null while all is well
     * @param notBefore Claim.MD is left alone until then
     */
    public record State(
            String feed,
            long cursor,
            @Nullable Instant lastPolledAt,
            @Nullable Instant lastSucceededAt,
            int failures,
            @Nullable String lastError,
            @Nullable Instant notBefore) {}
}

package io.remitflow.remittance;

import io.remitflow.claims.ClaimMd;
import io.remitflow.claims.ClaimMdFeeds;
import io.remitflow.claims.ClaimMdFeeds.Feed;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import java.io.ByteArrayInputStream;
import java.time.Clock;
import java.time.ZoneOffset;
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
 * remittances after it; it is asked for again with every poll.
 */
@Service
public class ClaimMdRemittances {

    private static final Logger log = LoggerFactory.getLogger(ClaimMdRemittances.class);
    private static final String SOURCE = "era-claimmd";

    private final ClaimMd claimMd;
    private final ClaimMdFeeds feeds;
    private final Remittances remittances;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;

    ClaimMdRemittances(
            ClaimMd claimMd,
            ClaimMdFeeds feeds,
            Remittances remittances,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock clock) {
        this.claimMd = claimMd;
        this.feeds = feeds;
        this.remittances = remittances;
        this.jdbc = jdbc;
        this.transaction = transaction;
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
        ClaimMd.@Nullable Fault first = null;
        for (ClaimMd.Era era : claimMd.erasAfter(cursor)) {
            try {
                if (!fetched(era.id())) {
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

    private boolean fetched(long eraId) {
        return Boolean.TRUE.equals(transaction.execute(status -> jdbc.sql(
                        "select exists (select from billing_claimmd_eras where org_id = :org and era_id = :era and state = 'fetched')")
                .param("org", CurrentOrganization.id().value())
                .param("era", eraId)
                .query(Boolean.class)
                .single()));
    }

    private void record(ClaimMd.Era era, String state, @Nullable UUID fileId, @Nullable String error) {
        transaction.executeWithoutResult(status -> jdbc.sql("""
                        insert into billing_claimmd_eras as e
                            (org_id, era_id, state, file_id, check_number, last_error, first_seen_at, updated_at)
                        values (:org, :era, :state, :file, :check, :error, :now, :now)
                        on conflict (org_id, era_id) do update set state = :state, file_id = :file, last_error = :error,
                            attempts = e.attempts + 1, updated_at = :now
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

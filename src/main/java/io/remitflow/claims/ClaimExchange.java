package io.remitflow.claims;

import io.remitflow.claims.ClaimMd.Fault;
import io.remitflow.claims.ClaimMd.Kind;
import io.remitflow.claims.ClaimMdFeeds.Feed;
import io.remitflow.identity.OrganizationId;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Sends files of claims to Claim.MD and reads what comes back.
 *
 * <p>A file whose sending was not answered is asked for by its name, and sent again only if Claim.MD has not got it after a
 * while. What Claim.MD tells twice is recorded once.
 */
@Service
public class ClaimExchange {

    private static final Logger log = LoggerFactory.getLogger(ClaimExchange.class);
    private static final int MOST_ANSWERS = 500;

    private final ClaimMd claimMd;
    private final ClaimMdFeeds feeds;
    private final Claims claims;
    private final SubmissionRows rows;
    private final TransactionTemplate transaction;
    private final ClaimMdSettings settings;
    private final Clock clock;

    ClaimExchange(
            ClaimMd claimMd,
            ClaimMdFeeds feeds,
            Claims claims,
            SubmissionRows rows,
            TransactionTemplate transaction,
            ClaimMdSettings settings,
            Clock clock) {
        this.claimMd = claimMd;
        this.feeds = feeds;
        this.claims = claims;
        this.rows = rows;
        this.transaction = transaction;
        this.settings = settings;
        this.clock = clock;
    }

    public void sendAll() {
        feeds.pollAll(Feed.UPLOADS, cursor -> sendWaiting());
    }

    public void readAll() {
        feeds.pollAll(Feed.RESPONSES, this::readAfter);
    }

    /** As {@link #sendAll}, for one organization. */
    public boolean send(OrganizationId organization) {
        return feeds.poll(organization, Feed.UPLOADS, cursor -> sendWaiting());
    }

    /** As {@link #readAll}, for one organization. */
    public boolean read(OrganizationId organization) {
        return feeds.poll(organization, Feed.RESPONSES, this::readAfter);
    }

    private void sendWaiting() {
        // Only the holder of the lease sends, so what is found in sending was left there by a process that was killed.
        for (Batch batch : batches("sending", "uncertain")) {
            settle(batch);
        }
        for (Batch batch : batches("ready")) {
            send(batch);
        }
    }

    private void settle(Batch batch) {
        LocalDate sentOn = LocalDate.ofInstant(Objects.requireNonNull(batch.sentAt()), ZoneOffset.UTC);
        Optional<String> file = claimMd.uploaded(batch.fileName(), sentOn);
        if (file.isPresent()) {
            arrived(batch, file.get(), List.of());
        } else if (batch.sentAt().plus(settings.askAgainAfter()).isBefore(clock.instant())) {
            log.info("File {} did not arrive and is sent again", batch.fileName());
            move(batch, "ready", "it did not arrive and is sent again", "sending", "uncertain");
        }
    }

    private void send(Batch batch) {
        if (!move(batch, "sending", null, "ready")) {
            return;
        }
        try {
            byte[] content = Objects.requireNonNull(transaction.execute(status -> rows.content(batch.id())));
            ClaimMd.Upload upload = claimMd.upload(batch.fileName(), content);
            arrived(batch, upload.fileId(), upload.claims());
        } catch (Fault e) {
            String error = Objects.requireNonNullElse(e.getMessage(), "no answer");
            if (e.kind() == Kind.UNKNOWN_OUTCOME) {
                move(batch, "uncertain", error, "sending");
            } else if (e.kind() == Kind.REFUSED) {
                transaction.executeWithoutResult(status -> {
                    if (rows.moveBatch(batch.id(), "refused", null, error, "sending")) {
                        rows.moveClaimsOfBatch(batch.id(), "ready");
                    }
                });
            } else {
                move(batch, "ready", error, "sending");
            }
            throw e;
        }
    }

    private void arrived(Batch batch, @Nullable String file, List<ClaimMd.Response> responses) {
        transaction.executeWithoutResult(status -> {
            if (rows.moveBatch(batch.id(), "uploaded", file, null, "sending", "uncertain")) {
                for (UUID claimId : rows.claimsIn(batch.id())) {
                    rows.insertEvent(
                            claimId,
                            "s:%s:%s".formatted(batch.id(), claimId),
                            "sent",
                            null,
                            batch.id(),
                            null,
                            null,
                            null);
                }
                rows.moveClaimsOfBatch(batch.id(), "sent");
            }
            responses.forEach(this::apply);
        });
        log.info("File {} of {} claims arrived as {}", batch.fileName(), batch.claims(), file);
    }

    private void readAfter(long cursor) {
        long after = cursor;
        for (int answer = 0; answer < MOST_ANSWERS; answer++) {
            long from = after;
            ClaimMd.Responses responses = claimMd.responsesAfter(from);
            transaction.executeWithoutResult(status -> {
                responses.claims().forEach(this::apply);
                feeds.advance(Feed.RESPONSES, responses.last());
            });
            if (responses.last() <= from) {
                return;
            }
            after = responses.last();
        }
    }

    /** Later messages supersede earlier ones; those about an earlier sending are history and change nothing. */
    private void apply(ClaimMd.Response response) {
        String key = "%s:%s:%s".formatted(response.claimMdId(), response.status(), response.time());
        Optional<Claim> claim = claims.byControlNumber(response.controlNumber());
        if (claim.isEmpty()) {
            rows.insertUnmatched(
                    "c:" + key,
                    response.controlNumber(),
                    response.status(),
                    response.messages().isEmpty()
                            ? ""
                            : response.messages().getLast().text());
            return;
        }
        UUID claimId = claim.get().id();
        boolean news = false;
        if (response.messages().isEmpty()) {
            news = rows.insertEvent(
                    claimId, "c:" + key, kind(response.status()), null, null, null, null, response.sender());
        }
        for (ClaimMd.Message message : response.messages()) {
            news |= rows.insertEvent(
                    claimId,
                    "r:%d:%s:%s".formatted(message.responseId(), message.id(), claimId),
                    kind(message.status()),
                    message.responseId(),
                    null,
                    message.fields(),
                    message.text(),
                    response.sender());
        }
        if (news && aboutThisSending(claimId, response)) {
            if (response.status().equals("A")) {
                rows.setState(claimId, "accepted");
                claims.accepted(claimId);
            } else if (response.status().equals("R")) {
                rows.setState(claimId, "rejected");
            }
        }
    }

    private boolean aboutThisSending(UUID claimId, ClaimMd.Response response) {
        return rows.find(claimId)
                .filter(submission -> response.remoteClaimId().isEmpty()
                        || response.remoteClaimId().equalsIgnoreCase(Submissions.remoteId(claimId, submission.round())))
                .isPresent();
    }

    private static String kind(String status) {
        return switch (status) {
            case "A" -> "accepted";
            case "R" -> "rejected";
            default -> "message";
        };
    }

    private List<Batch> batches(String... states) {
        return Objects.requireNonNull(transaction.execute(status -> rows.batchesInState(states)));
    }

    private boolean move(Batch batch, String to, @Nullable String error, String... from) {
        return Boolean.TRUE.equals(transaction.execute(status -> rows.moveBatch(batch.id(), to, null, error, from)));
    }
}

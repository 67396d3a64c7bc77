package io.remitflow.checks;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A mail with scans.
 *
 * @param authentication what our mail server found out about the sender
 * @param attachments their names, as the sender wrote them
 * @param reason why it went to quarantine
 * @param kept whether we have it, so that it can be taken over
 * @param packets how many of its attachments are packets
 */
public record CheckMail(
        UUID id,
        String sender,
        String subject,
        String authentication,
        List<String> attachments,
        State state,
        @Nullable String reason,
        boolean kept,
        Instant receivedAt,
        @Nullable UUID decidedBy,
        @Nullable Instant decidedAt,
        @Nullable String decisionReason,
        int packets) {

    public CheckMail {
        attachments = List.copyOf(attachments);
    }

    /** What became of it. */
    public enum State {
        ACCEPTED,
        /** A person decides about it. */
        QUARANTINED,
        DISCARDED;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}

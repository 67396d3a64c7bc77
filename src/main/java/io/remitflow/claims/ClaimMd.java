package io.remitflow.claims;

import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The clearinghouse Claim.MD, asked with the account key of the current organization.
 *
 * <p>Every call may throw {@link Fault}. Questions are repeated a few times before that; an upload is not.
 */
public interface ClaimMd {

    /** Remittances listed after this id, of all pages that are read, each once and the oldest first. */
    Listing erasAfter(long eraId);

    /** The 835 as the payer sent it. */
    byte[] era835(long eraId);

    /**
     * Hands over a file of claims.
     *
     * @throws Fault of kind {@link Kind#UNKNOWN_OUTCOME} if it may have arrived: ask {@link #uploaded} before sending again
     */
    Upload upload(String fileName, byte[] content);

    /** Claim.MD's id of a file that it received, looked for on this day and those next to it: its days are not ours. */
    Optional<String> uploaded(String fileName, LocalDate sentOn);

    /** Acknowledgements and statuses after this id; as many as Claim.MD gives at once. */
    Responses responsesAfter(long responseId);

    /** @param question the fields of Claim.MD's eligibility form; they identify a patient and are never logged */
    Eligibility eligibility(Map<String, String> question);

    /**
     * As {@link #eligibility(Map)}, with a file.
     *
     * @param question an X12 270 with one question; the document of the answer is the 271
     */
    Eligibility eligibility(String fileName, byte[] question);

    record Era(long id, @Nullable String checkNumber) {}

    /** @param complete whether nothing older than its last one is missing */
    record Listing(List<Era> eras, boolean complete) {

        public Listing {
            eras = List.copyOf(eras);
        }
    }

    /** @param fileId null if the answer does not name one */
    record Upload(@Nullable String fileId, List<Response> claims) {}

    /** @param last the cursor for the next question */
    record Responses(long last, List<Response> claims) {}

    /** What is said about one claim; {@code remoteClaimId} is what we sent as REF*D9. */
    record Response(
            String claimMdId,
            String remoteClaimId,
            String controlNumber,
            String status,
            @Nullable String payerClaimNumber,
            @Nullable String sender,
            String time,
            List<Message> messages) {}

    record Message(
            long responseId,
            String id,
            String status,
            @Nullable String fields,
            String text) {}

    /** @param document the whole answer, to be kept */
    record Eligibility(Coverage coverage, String summary, byte[] document) {}

    enum Coverage {
        COVERED,
        NOT_COVERED,
        UNCLEAR
    }

    enum Kind {
        /** Nothing arrived there; to be tried again later. */
        UNAVAILABLE,
        /** Claim.MD understood and said no. */
        REFUSED,
        /** Sent, but not answered. */
        UNKNOWN_OUTCOME,
        /** No account key is set. */
        NOT_CONNECTED
    }

    /** Why a call has no answer; the message holds codes only, so it may be shown and logged. */
    final class Fault extends RuntimeException {

        private final Kind kind;
        private final @Nullable Duration retryAfter;

        public Fault(Kind kind, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
            super(message, cause);
            this.kind = kind;
            this.retryAfter = retryAfter;
        }

        public Kind kind() {
            return kind;
        }

        /** How long Claim.MD asked to be left alone; null if it did not say. */
        public @Nullable Duration retryAfter() {
            return retryAfter;
        }
    }
}

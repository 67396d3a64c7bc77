package io.remitflow.claims;

import io.remitflow.claims.SubmissionDetails.Form;
import java.time.Instant;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A file of claims.
 *
 * @param state ready, sending, uncertain (sent without an answer), uploaded or refused
 * @param partnerFile Claim.MD's id of the file
 */
public record Batch(
        UUID id,
        String number,
        Form form,
        String state,
        String fileName,
        int claims,
        Money charged,
        @Nullable String partnerFile,
        @Nullable String lastError,
        Instant createdAt,
        @Nullable Instant sentAt) {}

package io.remitflow.remittance;

import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** One remittance with its totals, as lists and the head of its page show it. */
public record RemittanceSummary(
        UUID id,
        RemittanceState state,
        @Nullable UUID duplicateOf,
        UUID fileId,
        String fileName,
        int transactionIndex,
        long segmentNumber,
        String payerName,
        String payerIdentifier,
        String payeeName,
        String traceNumber,
        String method,
        @Nullable LocalDate paymentDate,
        Money paid,
        Money charged,
        Money contractual,
        Money patient,
        Money suspense,
        Money denied,
        Money providerAdjustments,
        int claims,
        int heldClaims,
        int deniedClaims,
        int findings,
        @Nullable UUID journalEntryId,
        Instant receivedAt) {}

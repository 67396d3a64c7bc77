package io.remitflow.refunds;

import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A refund that somebody asks for.
 *
 * @param method null for the original instrument
 * @param reason a word of the closed list, such as {@code overpayment}
 * @param methodReason why another method than the original is wanted; required then
 */
public record RefundRequest(
        UUID paymentId,
        Money amount,
        @Nullable RefundMethod method,
        String reason,
        String description,
        @Nullable String methodReason) {}

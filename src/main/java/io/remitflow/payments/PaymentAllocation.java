package io.remitflow.payments;

import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What a payment paid when it was recorded.
 *
 * @param claimId the claim whose patient share it is; with an invoice too if that bills the share
 * @param number of the invoice, or else of the claim
 */
public record PaymentAllocation(
        @Nullable UUID invoiceId, @Nullable UUID claimId, String number, Money amount) {}

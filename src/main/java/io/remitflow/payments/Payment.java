package io.remitflow.payments;

import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** A recorded payment with what became of it. */
public record Payment(
        UUID id,
        String number,
        UUID accountId,
        @Nullable UUID claimId,
        LocalDate date,
        Money amount,
        Money refunded,
        Money disputed,
        PaymentMethod method,
        PaymentStatus status,
        @Nullable String reference,
        @Nullable String cardLast4,
        @Nullable String gatewayProvider,
        @Nullable String gatewayTransactionId,
        @Nullable UUID journalEntryId) {

    /** Paid, less refunded, less disputed; refunds under way are the affair of {@code refunds}. */
    public Money refundable() {
        return switch (status) {
            case COMPLETED, PARTIALLY_REFUNDED, DISPUTED ->
                amount.minus(refunded).minus(disputed);
            case PENDING, PROCESSING, FAILED, REFUNDED, RETURNED, VOID -> Money.zero(amount.getCurrencyUnit());
        };
    }

    /** Whether a gateway carried the payment and can return it to the same instrument. */
    public boolean viaGateway() {
        return gatewayTransactionId != null && !Gateways.SEPAY.equals(gatewayProvider);
    }
}

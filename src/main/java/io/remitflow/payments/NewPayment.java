package io.remitflow.payments;

import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A payment of a patient to be recorded.
 *
 * @param reference check number, trace number or the like
 * @param gatewayProvider set together with {@code gatewayTransactionId} if a gateway carried the payment
 */
public record NewPayment(
        UUID accountId,
        @Nullable UUID claimId,
        LocalDate date,
        Money amount,
        PaymentMethod method,
        @Nullable String reference,
        @Nullable String cardLast4,
        @Nullable String gatewayProvider,
        @Nullable String gatewayTransactionId) {

    public static NewPayment card(
            UUID accountId,
            @Nullable UUID claimId,
            LocalDate date,
            Money amount,
            String cardLast4,
            String gatewayProvider,
            String gatewayTransactionId) {
        return new NewPayment(
                accountId,
                claimId,
                date,
                amount,
                PaymentMethod.CREDIT_CARD,
                null,
                cardLast4,
                gatewayProvider,
                gatewayTransactionId);
    }

    public static NewPayment check(
            UUID accountId, @Nullable UUID claimId, LocalDate date, Money amount, String checkNumber) {
        return new NewPayment(accountId, claimId, date, amount, PaymentMethod.CHECK, checkNumber, null, null, null);
    }
}

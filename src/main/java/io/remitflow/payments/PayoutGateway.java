package io.remitflow.payments;

import io.remitflow.payments.CardGateway.GatewayUnavailable;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** A gateway that collects payments on a balance and pays that out to our bank account. It is only asked, never told. */
public interface PayoutGateway {

    /** As in {@code billing_payment_gateways}, such as {@code stripe}. */
    String provider();

    /** @throws GatewayUnavailable if it cannot be asked */
    Optional<GatewayPayout> payout(String payoutId);

    /**
     * Those made since then, newest first.
     *
     * @throws GatewayUnavailable if it cannot be asked
     */
    List<GatewayPayout> payouts(Instant since, int limit);

    /**
     * The transactions that make up an automatic payout, each once, without the payout itself.
     *
     * @param limit reading ends with one more than these
     * @throws GatewayUnavailable if it cannot be asked
     */
    List<BalanceTransaction> transactions(String payoutId, int limit);

    /**
     * A payout as the gateway knows it now.
     *
     * @param amount below zero: taken from our bank account
     * @param automatic whether the gateway can tell its transactions
     * @param complete whether it has told all of them, if it says so
     * @param traceNumber what the bank was told, to be found on the bank's statement
     */
    record GatewayPayout(
            String id,
            Money amount,
            PayoutStatus status,
            boolean automatic,
            boolean complete,
            LocalDate arrivesOn,
            Instant issuedAt,
            @Nullable String traceNumber,
            @Nullable String statementDescriptor,
            @Nullable String failureCode) {}

    /**
     * A movement on the balance at the gateway.
     *
     * @param type in the gateway's word
     * @param sources the gateway's numbers of what caused it, the best known first
     * @param key the key of ours that stands at a refund
     * @param net what the balance changed by
     */
    record BalanceTransaction(
            String id,
            String type,
            PayoutLineKind kind,
            List<String> sources,
            @Nullable String key,
            Money amount,
            Money fee,
            Money net,
            Instant occurredAt) {

        public BalanceTransaction {
            sources = List.copyOf(sources);
        }
    }
}

package io.remitflow.payments;

import static io.remitflow.ledger.StandardAccount.CARD_CLEARING;

import io.remitflow.core.Amounts;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.payments.PayoutGateway.BalanceTransaction;
import io.remitflow.payments.PayoutRows.KnownMovement;
import io.remitflow.payments.PayoutRows.KnownPayment;
import io.remitflow.payments.PayoutRows.KnownPayout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Finds what of ours a transaction on the balance at a gateway belongs to: a payment, refund, dispute or earlier payout
 * that was booked under its number. Nothing is guessed by amount or date.
 */
@Component
class PayoutMembers {

    static final String PAYOUT = "payout";

    /** What the bank takes back of a payout that failed after it had come. */
    static final String RETURN = "payout-return";

    private final PayoutRows rows;
    private final Clearing clearing;

    PayoutMembers(PayoutRows rows, Clearing clearing) {
        this.rows = rows;
        this.clearing = clearing;
    }

    /**
     * What a transaction is to the books.
     *
     * @param reference in card clearing; null: a fee, or unknown
     * @param cleared what goes out of that reference
     * @param fee what is an expense now
     * @param problem why it is unknown, or what does not fit although it is known
     */
    record Member(
            BalanceTransaction transaction,
            @Nullable String sourceId,
            @Nullable ClearingReference reference,
            Money cleared,
            Money fee,
            @Nullable UUID paymentId,
            @Nullable UUID disputeId,
            @Nullable UUID relatedPayoutId,
            @Nullable String problem) {

        boolean unknown() {
            return reference == null && transaction.kind() != PayoutLineKind.FEE;
        }
    }

    /** Of any number of transactions, in a handful of queries. */
    List<Member> of(String provider, Collection<BalanceTransaction> transactions) {
        Set<String> sources = transactions.stream()
                .flatMap(transaction -> transaction.sources().stream())
                .collect(Collectors.toUnmodifiableSet());
        var known = new Known(
                rows.payments(provider, sources),
                clearing.known(CARD_CLEARING, "gateway-refund", sources),
                rows.movements(
                        provider,
                        transactions.stream()
                                .filter(transaction -> transaction.kind() == PayoutLineKind.DISPUTE)
                                .map(BalanceTransaction::id)
                                .toList()),
                rows.posted(provider, sources));
        List<Member> members = new ArrayList<>(transactions.size());
        transactions.forEach(transaction -> members.add(member(provider, transaction, known)));
        return members;
    }

    private record Known(
            Map<String, KnownPayment> payments,
            Set<String> refunds,
            Map<String, KnownMovement> movements,
            Map<String, KnownPayout> payouts) {}

    private static Member member(String provider, BalanceTransaction transaction, Known known) {
        return switch (transaction.kind()) {
            case PAYMENT -> payment(transaction, known);
            case REFUND -> refund(transaction, known);
            case DISPUTE -> dispute(transaction, known);
            case RETURNED_PAYOUT -> returned(provider, transaction, known);
            case FEE ->
                new Member(
                        transaction,
                        first(transaction.sources()),
                        null,
                        Money.zero(transaction.net().getCurrencyUnit()),
                        transaction.net().negated(),
                        null,
                        null,
                        null,
                        null);
            case OTHER ->
                unknown(
                        transaction,
                        null,
                        "The gateway calls it %s: see there what it is"
                                .formatted(transaction.type().replace('_', ' ')));
        };
    }

    private static Member payment(BalanceTransaction transaction, Known known) {
        for (String source : transaction.sources()) {
            KnownPayment payment = known.payments().get(source);
            if (payment != null) {
                return new Member(
                        transaction,
                        source,
                        new ClearingReference("gateway-payment", source),
                        transaction.amount(),
                        transaction.fee(),
                        payment.id(),
                        null,
                        null,
                        payment.amount().isEqual(transaction.amount())
                                ? null
                                : "Payment %s is recorded with %s, the gateway took %s"
                                        .formatted(
                                                payment.number(),
                                                Amounts.format(payment.amount()),
                                                Amounts.format(transaction.amount())));
            }
        }
        return unknown(transaction, null, "No payment is recorded under this number");
    }

    private static Member refund(BalanceTransaction transaction, Known known) {
        KnownPayment payment = paymentOf(transaction, known);
        UUID paymentId = payment == null ? null : payment.id();
        for (String source : transaction.sources()) {
            if (known.refunds().contains(source)) {
                return new Member(
                        transaction,
                        source,
                        new ClearingReference("gateway-refund", source),
                        transaction.amount(),
                        transaction.fee(),
                        paymentId,
                        null,
                        null,
                        null);
            }
        }
        return unknown(
                transaction,
                paymentId,
                payment == null
                        ? "No refund is recorded under this number"
                        : "A refund of payment %s that is not recorded here".formatted(payment.number()));
    }

    /** Its fee became an expense when its movement was booked. */
    private static Member dispute(BalanceTransaction transaction, Known known) {
        KnownMovement movement = known.movements().get(transaction.id());
        KnownPayment payment = paymentOf(transaction, known);
        if (movement == null) {
            return unknown(
                    transaction,
                    payment == null ? null : payment.id(),
                    payment == null
                            ? "A dispute of a payment that is not recorded here"
                            : "A dispute of payment %s that is not booked yet".formatted(payment.number()));
        }
        if (!movement.net().isEqual(transaction.net())) {
            return unknown(
                    transaction,
                    movement.paymentId(),
                    "The dispute was booked with %s".formatted(Amounts.format(movement.net())));
        }
        return new Member(
                transaction,
                movement.gatewayDisputeId(),
                new ClearingReference("gateway-dispute", movement.gatewayDisputeId()),
                transaction.net(),
                Money.zero(transaction.net().getCurrencyUnit()),
                movement.paymentId(),
                movement.disputeId(),
                null,
                null);
    }

    private static Member returned(String provider, BalanceTransaction transaction, Known known) {
        for (String source : transaction.sources()) {
            KnownPayout payout = known.payouts().get(source);
            if (payout != null) {
                return new Member(
                        transaction,
                        source,
                        payout.automatic() ? new ClearingReference(PAYOUT, source) : balanceOf(provider),
                        transaction.amount(),
                        transaction.fee(),
                        null,
                        null,
                        payout.id(),
                        payout.amount().isEqual(transaction.amount())
                                ? null
                                : "The payout was of " + Amounts.format(payout.amount()));
            }
        }
        return unknown(transaction, null, "A payout that came back and is not recorded here");
    }

    /** What payouts by hand take: the gateway cannot say of which payments. */
    static ClearingReference balanceOf(String provider) {
        return new ClearingReference("gateway-balance", provider + "-manual-payouts");
    }

    private static @Nullable KnownPayment paymentOf(BalanceTransaction transaction, Known known) {
        for (String source : transaction.sources()) {
            KnownPayment payment = known.payments().get(source);
            if (payment != null) {
                return payment;
            }
        }
        return null;
    }

    private static Member unknown(BalanceTransaction transaction, @Nullable UUID paymentId, String problem) {
        Money nothing = Money.zero(transaction.net().getCurrencyUnit());
        return new Member(
                transaction, first(transaction.sources()), null, nothing, nothing, paymentId, null, null, problem);
    }

    private static @Nullable String first(List<String> sources) {
        return sources.isEmpty() ? null : sources.getFirst();
    }
}

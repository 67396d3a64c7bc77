package io.remitflow.payments.gateway;

import com.stripe.model.BalanceTransactionSource;
import com.stripe.model.Charge;
import com.stripe.model.Dispute;
import com.stripe.model.Payout;
import com.stripe.model.Refund;
import com.stripe.param.BalanceTransactionListParams;
import com.stripe.param.PayoutListParams;
import io.remitflow.payments.CardGateway;
import io.remitflow.payments.CardGateway.GatewayOutcomeUnknown;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.PayoutGateway;
import io.remitflow.payments.PayoutLineKind;
import io.remitflow.payments.PayoutStatus;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Payouts of Stripe and the transactions on its balance, through its official client. */
@Component
class StripePayouts implements PayoutGateway {

    private static final long PAGE = 100;

    /** Stripe writes its own payouts into the list of their transactions. */
    private static final String ITSELF = "payout";

    private final StripeCalls stripe;

    StripePayouts(StripeCalls stripe) {
        this.stripe = stripe;
    }

    @Override
    public String provider() {
        return Gateways.STRIPE;
    }

    @Override
    public Optional<GatewayPayout> payout(String payoutId) {
        return stripe.ask(client -> Optional.of(payout(client.v1().payouts().retrieve(payoutId))));
    }

    @Override
    public List<GatewayPayout> payouts(Instant since, int limit) {
        var params = PayoutListParams.builder()
                .setLimit(Math.min(PAGE, limit))
                .setCreated(PayoutListParams.Created.builder()
                        .setGte(since.getEpochSecond())
                        .build())
                .build();
        return stripe.ask(client ->
                        Optional.of(all(client.v1().payouts().list(params).autoPagingIterable())
                                .limit(limit)
                                .map(StripePayouts::payout)
                                .toList()))
                .orElse(List.of());
    }

    @Override
    public List<BalanceTransaction> transactions(String payoutId, int limit) {
        var params = BalanceTransactionListParams.builder()
                .setPayout(payoutId)
                .setLimit(PAGE)
                .addExpand("data.source")
                .build();
        return stripe.ask(client -> {
                    Map<String, BalanceTransaction> found = new LinkedHashMap<>();
                    all(client.v1().balanceTransactions().list(params).autoPagingIterable())
                            .limit(limit + 1L)
                            .filter(each -> !ITSELF.equals(each.getType()))
                            .forEach(each -> {
                                BalanceTransaction read = transaction(each);
                                BalanceTransaction before = found.putIfAbsent(each.getId(), read);
                                if (before != null && !before.net().isEqual(read.net())) {
                                    throw new IllegalStateException("two transactions under one number");
                                }
                            });
                    return Optional.of(List.copyOf(found.values()));
                })
                .orElse(List.of());
    }

    private static GatewayPayout payout(Payout payout) {
        PayoutStatus status = switch (Objects.requireNonNullElse(payout.getStatus(), "")) {
            case "pending" -> PayoutStatus.PENDING;
            case "in_transit" -> PayoutStatus.IN_TRANSIT;
            case "paid" -> PayoutStatus.PAID;
            case "failed" -> PayoutStatus.FAILED;
            case "canceled" -> PayoutStatus.CANCELED;
            default -> throw new GatewayOutcomeUnknown("unknown state of a payout", new IllegalStateException());
        };
        return new GatewayPayout(
                payout.getId(),
                StripeCalls.money(payout.getAmount(), payout.getCurrency()),
                status,
                Boolean.TRUE.equals(payout.getAutomatic()),
                !"in_progress".equals(payout.getReconciliationStatus()),
                // Stripe gives the day as its midnight in UTC.
                LocalDate.ofInstant(Instant.ofEpochSecond(payout.getArrivalDate()), ZoneOffset.UTC),
                Instant.ofEpochSecond(payout.getCreated()),
                payout.getTraceId() == null ? null : payout.getTraceId().getValue(),
                payout.getStatementDescriptor(),
                payout.getFailureCode());
    }

    private static BalanceTransaction transaction(com.stripe.model.BalanceTransaction moved) {
        String type = Objects.requireNonNullElse(moved.getType(), "");
        BalanceTransactionSource source = moved.getSourceObject();
        return new BalanceTransaction(
                moved.getId(),
                type,
                kind(type, moved.getSource(), moved.getReportingCategory()),
                sources(moved.getSource(), source),
                source instanceof Refund refund && refund.getMetadata() != null
                        ? refund.getMetadata().get(CardGateway.METADATA_KEY)
                        : null,
                StripeCalls.money(moved.getAmount(), moved.getCurrency()),
                StripeCalls.money(Objects.requireNonNullElse(moved.getFee(), 0L), moved.getCurrency()),
                StripeCalls.money(moved.getNet(), moved.getCurrency()),
                Instant.ofEpochSecond(moved.getCreated()));
    }

    /** What is not listed here is never guessed at: a person looks at it. */
    private static PayoutLineKind kind(String type, @Nullable String source, @Nullable String category) {
        boolean dispute = (source != null && (source.startsWith("du_") || source.startsWith("dp_")))
                || (category != null && category.startsWith("dispute"));
        return switch (type) {
            case "charge", "payment" -> PayoutLineKind.PAYMENT;
            case "refund", "payment_refund", "refund_failure" -> PayoutLineKind.REFUND;
            case "adjustment" -> dispute ? PayoutLineKind.DISPUTE : PayoutLineKind.OTHER;
            case "stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost" -> PayoutLineKind.FEE;
            case "payout_failure", "payout_cancel" -> PayoutLineKind.RETURNED_PAYOUT;
            default -> PayoutLineKind.OTHER;
        };
    }

    private static List<String> sources(@Nullable String id, @Nullable BalanceTransactionSource source) {
        Stream<@Nullable String> ids;
        if (source instanceof Charge charge) {
            ids = Stream.of(charge.getPaymentIntent(), charge.getId());
        } else if (source instanceof Refund refund) {
            ids = Stream.of(refund.getId(), refund.getPaymentIntent(), refund.getCharge());
        } else if (source instanceof Dispute dispute) {
            ids = Stream.of(dispute.getId(), dispute.getPaymentIntent(), dispute.getCharge());
        } else {
            ids = Stream.of(id);
        }
        return ids.filter(Objects::nonNull).map(Objects::requireNonNull).toList();
    }

    private static <T> Stream<T> all(Iterable<T> items) {
        return StreamSupport.stream(items.spliterator(), false);
    }
}

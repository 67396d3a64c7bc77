package io.remitflow.payments;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.payments.CardGateway.GatewayOutcomeUnknown;
import io.remitflow.payments.CardGateway.GatewayRefund;
import io.remitflow.payments.CardGateway.GatewayUnavailable;
import io.remitflow.payments.CardGateway.RefundOrder;
import io.remitflow.payments.CheckoutGateway.GatewayDispute;
import io.remitflow.payments.CheckoutGateway.GatewayPayment;
import io.remitflow.payments.CheckoutGateway.PaymentOrder;
import io.remitflow.payments.PayoutGateway.BalanceTransaction;
import io.remitflow.payments.PayoutGateway.GatewayPayout;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.springframework.stereotype.Service;

/**
 * Finds the gateway that carried a payment, and leaves one alone for a while that fails again and again.
 *
 * <p>While a gateway is left alone every call is a {@link GatewayUnavailable}: nothing was sent.
 */
@Service
public class CardGateways {

    private static final int CALLS_LOOKED_AT = 10;
    private static final int LEAST_CALLS = 6;
    private static final int FAILURES_PERCENT = 60;

    private final Map<String, CardGateway> gateways;
    private final Map<String, CheckoutGateway> checkouts;
    private final Map<String, PayoutGateway> payouts;
    private final CircuitBreakerRegistry breakers;

    CardGateways(
            List<CardGateway> gateways,
            List<CheckoutGateway> checkouts,
            List<PayoutGateway> payouts,
            GatewaySettings settings) {
        this.payouts = payouts.stream().collect(Collectors.toMap(PayoutGateway::provider, Function.identity()));
        this.checkouts = checkouts.stream().collect(Collectors.toMap(CheckoutGateway::provider, Function.identity()));
        this.gateways = gateways.stream().collect(Collectors.toMap(CardGateway::provider, Function.identity()));
        this.breakers = CircuitBreakerRegistry.of(CircuitBreakerConfig.custom()
                .slidingWindowSize(CALLS_LOOKED_AT)
                .minimumNumberOfCalls(LEAST_CALLS)
                .failureRateThreshold(FAILURES_PERCENT)
                .waitDurationInOpenState(settings.breakerPause())
                .permittedNumberOfCallsInHalfOpenState(2)
                .recordExceptions(GatewayOutcomeUnknown.class, GatewayUnavailable.class)
                .build());
    }

    /** See {@link CardGateway#refund}. */
    public GatewayRefund refund(RefundOrder order) {
        return guarded(order.provider(), () -> gateway(order.provider()).refund(order));
    }

    /** See {@link CardGateway#find}. */
    public Optional<GatewayRefund> find(RefundOrder order) {
        return guarded(order.provider(), () -> gateway(order.provider()).find(order));
    }

    /** See {@link CheckoutGateway#open}. */
    GatewayPayment openPayment(PaymentOrder order) {
        return guarded(order.provider(), () -> checkout(order.provider()).open(order));
    }

    /** See {@link CheckoutGateway#payment}. */
    Optional<GatewayPayment> payment(String provider, String transactionId) {
        return guarded(provider, () -> checkout(provider).payment(transactionId));
    }

    /** See {@link CheckoutGateway#paymentOfKey}. */
    Optional<GatewayPayment> paymentOfKey(String provider, String idempotencyKey) {
        return guarded(provider, () -> checkout(provider).paymentOfKey(idempotencyKey));
    }

    /** See {@link CheckoutGateway#cancel}. */
    GatewayPayment cancelPayment(String provider, String transactionId, String idempotencyKey) {
        return guarded(provider, () -> checkout(provider).cancel(transactionId, idempotencyKey));
    }

    /** See {@link CheckoutGateway#dispute}. */
    Optional<GatewayDispute> dispute(String provider, String disputeId) {
        return guarded(provider, () -> checkout(provider).dispute(disputeId));
    }

    /** The gateways that pay out what they collected. */
    Set<String> payingOut() {
        return payouts.keySet();
    }

    /** See {@link PayoutGateway#payout}. */
    Optional<GatewayPayout> payout(String provider, String payoutId) {
        return guarded(provider, () -> paying(provider).payout(payoutId));
    }

    /** See {@link PayoutGateway#payouts}. */
    List<GatewayPayout> payouts(String provider, Instant since, int limit) {
        return guarded(provider, () -> paying(provider).payouts(since, limit));
    }

    /** See {@link PayoutGateway#transactions}. */
    List<BalanceTransaction> payoutTransactions(String provider, String payoutId, int limit) {
        return guarded(provider, () -> paying(provider).transactions(payoutId, limit));
    }

    /** Whether the current organization's calls to the gateway are held back at the moment. */
    public boolean leftAlone(String provider) {
        return breaker(provider).getState() == CircuitBreaker.State.OPEN;
    }

    private <T> T guarded(String provider, Supplier<T> call) {
        try {
            return breaker(provider).executeSupplier(call);
        } catch (CallNotPermittedException e) {
            throw new GatewayUnavailable("gateway " + provider + " fails and is left alone for a while", e);
        }
    }

    private CircuitBreaker breaker(String provider) {
        return breakers.circuitBreaker(provider + " of " + CurrentOrganization.id());
    }

    private PayoutGateway paying(String provider) {
        PayoutGateway gateway = payouts.get(provider);
        if (gateway == null) {
            throw new GatewayUnavailable("gateway " + provider + " tells no payouts", null);
        }
        return gateway;
    }

    private CheckoutGateway checkout(String provider) {
        CheckoutGateway gateway = checkouts.get(provider);
        if (gateway == null) {
            throw new GatewayUnavailable("patients cannot pay at gateway " + provider, null);
        }
        return gateway;
    }

    private CardGateway gateway(String provider) {
        CardGateway gateway = gateways.get(provider);
        if (gateway == null) {
            throw new GatewayUnavailable("there is no gateway " + provider, null);
        }
        return gateway;
    }
}

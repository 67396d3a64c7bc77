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
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private final CircuitBreakerRegistry breakers;

    CardGateways(List<CardGateway> gateways, GatewaySettings settings) {
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

    private CardGateway gateway(String provider) {
        CardGateway gateway = gateways.get(provider);
        if (gateway == null) {
            throw new GatewayUnavailable("there is no gateway " + provider, null);
        }
        return gateway;
    }
}

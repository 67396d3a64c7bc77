package io.remitflow.intake;

import org.apache.camel.LoggingLevel;
import org.apache.camel.builder.RouteConfigurationBuilder;
import org.springframework.stereotype.Component;

/** How every inbound route treats what it fetches: {@code routeConfigurationId: inbound}. */
@Component
class InboundRoutes extends RouteConfigurationBuilder {

    @Override
    public void configuration() {
        // A sender must not steer Camel: its control headers are dropped before the first step, however they are
        // spelled.
        var inbound = routeConfiguration("inbound");
        inbound.interceptFrom().removeHeaders("(?i)(camel|org\\.apache\\.camel).*");
        // What fails stays where it is and is fetched again: the database or the partner may be back by then.
        inbound.onException(Exception.class)
                .maximumRedeliveries(3)
                .redeliveryDelay(1_000)
                .backOffMultiplier(3)
                .useExponentialBackOff()
                .retryAttemptedLogLevel(LoggingLevel.WARN)
                .logExhaustedMessageHistory(false)
                .logStackTrace(true)
                .handled(false);
    }
}

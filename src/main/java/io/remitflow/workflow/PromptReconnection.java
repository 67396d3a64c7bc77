package io.remitflow.workflow;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.stereotype.Component;

/**
 * Lets the channel to the engine try again every two seconds while it is down.
 *
 * <p>Left alone it waits up to two minutes between attempts, and an engine that is back would look as if it were not.
 */
@Component
class PromptReconnection implements ClientInterceptor {

    private static final long INTERVAL_NANOS = Duration.ofSeconds(2).toNanos();

    private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        if (next instanceof ManagedChannel channel && isDue()) {
            if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
                channel.resetConnectBackoff();
            }
        }
        return next.newCall(method, options);
    }

    private boolean isDue() {
        long last = lastNanos.get();
        long now = System.nanoTime();
        return now - last > INTERVAL_NANOS && lastNanos.compareAndSet(last, now);
    }
}

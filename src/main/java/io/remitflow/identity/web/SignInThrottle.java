package io.remitflow.identity.web;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Counts wrong passwords in a sliding window: per account and source, per account over all unknown sources, per source.
 *
 * <p>A source is the peer of the TCP connection; X-Forwarded-For is ignored unless the operator has named trusted proxies
 * in the server's configuration. Whoever signed in to an account from a source before is not slowed down by others who
 * guess at that account, so nobody can lock somebody out. Kept in memory and bounded; with several instances each counts
 * for itself, which multiplies the limits by their number.
 */
@Component
class SignInThrottle {

    private static final int REMEMBERED = 20_000;

    private final SignInPolicy policy;
    private final Clock clock;
    private final Map<String, Deque<Instant>> failures = bounded();
    private final Map<String, Boolean> known = bounded();

    SignInThrottle(SignInPolicy policy, Clock clock) {
        this.policy = policy;
        this.clock = clock;
    }

    /** @throws TooManySignIns if this attempt must wait; the password is not even looked at */
    synchronized void check(String account, String source) {
        require(pair(account, source), policy.failuresPerAccount());
        require("source " + source, policy.failuresPerSource());
        if (!known.containsKey(pair(account, source))) {
            require("account " + account, policy.failuresPerAccountEverywhere());
        }
    }

    synchronized void failed(String account, String source) {
        add(pair(account, source));
        add("source " + source);
        if (!known.containsKey(pair(account, source))) {
            add("account " + account);
        }
    }

    synchronized void succeeded(String account, String source) {
        failures.remove(pair(account, source));
        known.put(pair(account, source), true);
    }

    private void require(String key, int limit) {
        var times = failures.get(key);
        if (times == null) {
            return;
        }
        var horizon = clock.instant().minus(policy.window());
        while (!times.isEmpty() && times.getFirst().isBefore(horizon)) {
            times.removeFirst();
        }
        if (times.size() >= limit) {
            throw new TooManySignIns(Math.max(1, times.getFirst().getEpochSecond() - horizon.getEpochSecond()));
        }
    }

    private void add(String key) {
        var times = failures.computeIfAbsent(key, ignored -> new ArrayDeque<>());
        times.addLast(clock.instant());
        while (times.size() > policy.failuresPerSource()) {
            times.removeFirst();
        }
    }

    private static String pair(String account, String source) {
        return account + " from " + source;
    }

    private static <V> Map<String, V> bounded() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > REMEMBERED;
            }
        };
    }
}

package io.remitflow.identity.web;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Counts wrong passwords in a sliding window, and keeps those who have signed in before apart from those who guess.
 *
 * <ul>
 *   <li>A browser that this person signed in with before has a counter of its own: whatever others do, it is not refused.
 *   <li>All others have three: account and source, source over all accounts, and account over all sources that never
 *       signed in to it.
 * </ul>
 *
 * <p>A source is the peer of the TCP connection, or what a trusted proxy says, see docs/operations.md. Kept in memory and
 * bounded; with several instances each counts for itself, which multiplies the limits by their number.
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

    /**
     * @param device the token of a browser in which this account was signed in to before, if its token is right
     * @throws TooManySignIns if this attempt must wait; the password is not even looked at
     */
    synchronized void check(String account, String source, @Nullable String device) {
        if (device != null) {
            require("device " + device, policy.failuresPerAccount());
            return;
        }
        require(pair(account, source), policy.failuresPerAccount());
        require("source " + source, policy.failuresPerSource());
        if (!known.containsKey(pair(account, source))) {
            require("account " + account, policy.failuresPerAccountEverywhere());
        }
    }

    synchronized void failed(String account, String source, @Nullable String device) {
        if (device != null) {
            add("device " + device, policy.failuresPerAccount());
            return;
        }
        add(pair(account, source), policy.failuresPerAccount());
        add("source " + source, policy.failuresPerSource());
        if (!known.containsKey(pair(account, source))) {
            add("account " + account, policy.failuresPerAccountEverywhere());
        }
    }

    synchronized void succeeded(String account, String source, @Nullable String device) {
        if (device == null) {
            failures.remove(pair(account, source));
        } else {
            failures.remove("device " + device);
        }
        known.put(pair(account, source), true);
    }

    /**
     * Whether a password may be compared with one that was right before, although {@link #check} refuses: so an API client
     * whose address somebody else guesses from goes on. Each comparison that finds nothing is a guess more for this account.
     */
    synchronized boolean mayBeRemembered(String account) {
        return waitSeconds("remembered " + account, policy.remembrancesPerAccount()) == 0;
    }

    synchronized void notRemembered(String account) {
        add("remembered " + account, policy.remembrancesPerAccount());
    }

    private void require(String key, int limit) {
        long seconds = waitSeconds(key, limit);
        if (seconds > 0) {
            throw new TooManySignIns(seconds);
        }
    }

    private long waitSeconds(String key, int limit) {
        var times = failures.get(key);
        if (times == null) {
            return 0;
        }
        var horizon = clock.instant().minus(policy.window());
        while (!times.isEmpty() && !times.getFirst().isAfter(horizon)) {
            times.removeFirst();
        }
        return times.size() < limit ? 0 : Math.max(1, times.getFirst().getEpochSecond() - horizon.getEpochSecond());
    }

    private void add(String key, int limit) {
        var times = failures.computeIfAbsent(key, ignored -> new ArrayDeque<>());
        times.addLast(clock.instant());
        while (times.size() > limit) {
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

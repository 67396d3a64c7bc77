package io.remitflow.identity;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.context.SecurityContextHolder;

/** The person on whose behalf this thread works: the one signed in to the request, none in workers and routes. */
public final class CurrentUser {

    private static final ThreadLocal<@Nullable UserId> ON_BEHALF = new ThreadLocal<>();

    private CurrentUser() {}

    public static Optional<UserId> find() {
        UserId onBehalf = ON_BEHALF.get();
        if (onBehalf != null) {
            return Optional.of(onBehalf);
        }
        var authentication = SecurityContextHolder.getContext().getAuthentication();
        return authentication != null && authentication.getPrincipal() instanceof SignedIn signedIn
                ? Optional.of(signedIn.userId())
                : Optional.empty();
    }

    /** @throws IllegalStateException if nobody is signed in: a programming error, never a user's */
    public static UserId id() {
        return find().orElseThrow(() -> new IllegalStateException("nobody is signed in on this thread"));
    }

    public static void run(UserId user, Runnable work) {
        UserId before = ON_BEHALF.get();
        ON_BEHALF.set(user);
        try {
            work.run();
        } finally {
            if (before == null) {
                ON_BEHALF.remove();
            } else {
                ON_BEHALF.set(before);
            }
        }
    }
}

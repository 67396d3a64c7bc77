package io.remitflow.identity;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The organization in whose name this thread works.
 *
 * <p>Every transaction that begins on the thread sees the rows of that organization only, and none at all while there is
 * none. It is set by the web request (from the session), the job worker (from the variable {@code orgId}), the Camel
 * route (from the directory or endpoint) and the scheduler (one organization after another), never from a request
 * parameter. It must be set before the transaction begins.
 */
public final class CurrentOrganization {

    private static final ThreadLocal<@Nullable OrganizationId> CURRENT = new ThreadLocal<>();

    private CurrentOrganization() {}

    /** @throws IllegalStateException if none is set: a programming error, never a user's */
    public static OrganizationId id() {
        return find().orElseThrow(() -> new IllegalStateException("no organization is set for this thread"));
    }

    public static Optional<OrganizationId> find() {
        return Optional.ofNullable(CURRENT.get());
    }

    public static void run(OrganizationId organization, Runnable work) {
        call(organization, () -> {
            work.run();
            return null;
        });
    }

    public static <T extends @Nullable Object> T call(OrganizationId organization, Supplier<T> work) {
        OrganizationId before = CURRENT.get();
        CURRENT.set(organization);
        try {
            return work.get();
        } finally {
            if (before == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(before);
            }
        }
    }
}

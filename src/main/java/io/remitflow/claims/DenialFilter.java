package io.remitflow.claims;

import io.remitflow.identity.UserId;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which denials to list; null does not restrict.
 *
 * @param denialClass {@code untriaged} for those that the rule was not asked about yet
 * @param closed closed ones only, else open ones only
 * @param limitWithinDays whose appeal limit is at most so many days away, or passed
 * @param after the last one of the page before
 */
public record DenialFilter(
        @Nullable String denialClass,
        @Nullable DenialStatus status,
        boolean closed,
        @Nullable UUID payerId,
        @Nullable UUID claimId,
        @Nullable UserId owner,
        @Nullable Integer limitWithinDays,
        @Nullable UUID after,
        int limit) {

    public static final int MAX_LIMIT = 200;
    public static final String UNTRIAGED = "untriaged";

    public DenialFilter {
        limit = Math.clamp(limit, 1, MAX_LIMIT);
    }

    public static DenialFilter open() {
        return new DenialFilter(null, null, false, null, null, null, null, null, 50);
    }

    public static DenialFilter ofClaim(UUID claimId, boolean closed) {
        return new DenialFilter(null, null, closed, null, claimId, null, null, null, MAX_LIMIT);
    }

    /** Whether more than the default is asked for. */
    public boolean isRestricted() {
        return denialClass != null
                || status != null
                || closed
                || payerId != null
                || claimId != null
                || owner != null
                || limitWithinDays != null;
    }
}

package io.remitflow.identity;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Somebody's authority to approve, lent to somebody else for a time.
 *
 * @param roles that are lent; none: all that the person has
 */
public record Delegation(
        UUID id,
        UserId delegator,
        UserId delegate,
        Set<Role> roles,
        Instant startsAt,
        Instant endsAt,
        String reason,
        UserId createdBy,
        @Nullable Instant endedAt) {

    public Delegation {
        roles = Set.copyOf(roles);
    }

    public boolean holdsAt(Instant at) {
        return endedAt == null && !at.isBefore(startsAt) && at.isBefore(endsAt);
    }
}

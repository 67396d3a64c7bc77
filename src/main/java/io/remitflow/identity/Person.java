package io.remitflow.identity;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Someone of an organization, as of now: roles are read anew for every request. */
public record Person(
        UserId id,
        OrganizationId organization,
        String username,
        String displayName,
        @Nullable String email,
        boolean active,
        Set<Role> roles) {

    public Person {
        roles = Set.copyOf(roles);
    }

    /** Whether an active role holder may do this. Someone inactive may do nothing. */
    public boolean may(Permission permission) {
        return active && roles.stream().anyMatch(role -> role.permissions().contains(permission));
    }
}

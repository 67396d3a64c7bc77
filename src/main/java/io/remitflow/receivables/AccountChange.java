package io.remitflow.receivables;

import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** What a person may change on an account; what is null stays. {@code version} is the one they saw. */
public record AccountChange(
        long version,
        @Nullable AccountStatus status,
        @Nullable Money creditLimit,
        @Nullable String familyName,
        @Nullable String givenName,
        @Nullable String guarantorId,
        @Nullable String guarantorRelationship,
        @Nullable String notes) {}

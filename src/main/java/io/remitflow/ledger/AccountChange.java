package io.remitflow.ledger;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What may be changed about an account: never its code, type or currency, on which posted lines rely. */
public record AccountChange(
        String name,
        @Nullable String subtype,
        @Nullable UUID parentId,
        @Nullable String description,
        boolean active) {}

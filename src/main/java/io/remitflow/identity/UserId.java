package io.remitflow.identity;

import io.remitflow.core.Ids;
import java.util.UUID;

/** A person of one organization. */
public record UserId(UUID value) {

    public static UserId next() {
        return new UserId(Ids.next());
    }

    public static UserId of(String text) {
        return new UserId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}

package io.remitflow.core;

import com.github.f4b6a3.uuid.UuidCreator;
import java.util.UUID;

/** Keys of rows: UUID version 7, so that they sort by the time of their creation. */
public final class Ids {

    private Ids() {}

    public static UUID next() {
        return UuidCreator.getTimeOrderedEpoch();
    }
}

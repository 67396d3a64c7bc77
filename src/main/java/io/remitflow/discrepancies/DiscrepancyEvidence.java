package io.remitflow.discrepancies;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Declared for the module that finds discrepancies of a kind: what both sides say, for the page of the case. */
public interface DiscrepancyEvidence {

    String subjectType();

    /** Empty if nothing of it is known any more. */
    List<Compared> of(String subjectKey);

    /** A page about the subject, if there is one. */
    default @Nullable String href(Discrepancy discrepancy) {
        return null;
    }

    /** One fact, as our books and as the other side have it; null where a side has no record. */
    record Compared(
            String fact,
            @Nullable String internal,
            @Nullable String provider) {}
}

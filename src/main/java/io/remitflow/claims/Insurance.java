package io.remitflow.claims;

import java.time.Instant;
import java.util.UUID;

/**
 * An insurance of a patient.
 *
 * @param position 1 for the primary insurance, 2 for the secondary
 */
public record Insurance(
        UUID accountId, UUID payerId, String payerName, int position, Subscriber subscriber, Instant updatedAt) {

    public String rank() {
        return NextPayer.rank(position);
    }

    /** The last characters of the member id, enough to recognise it. */
    public String memberEnding() {
        String id = subscriber.memberId();
        return id.length() <= 4 ? id : "\u2026" + id.substring(id.length() - 4);
    }
}

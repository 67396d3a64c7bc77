package io.remitflow.claims;

import io.remitflow.identity.UserId;
import java.util.UUID;
import org.joda.money.Money;

/**
 * How a denied amount is given up: the module that owns write-offs carries it through its approval and tells {@code
 * Denials.writeOffEnded} in the transaction in which the write-off was posted, rejected or cancelled.
 */
public interface DenialWriteOffs {

    /**
     * Asks for a write-off in the caller's transaction, which holds the lock of the patient account. Asking again for the
     * same denial and round gives the same write-off.
     *
     * @return the id of the write-off
     */
    UUID request(DeniedAmount denied);

    /** The payer paid after all: a write-off that is not posted yet is cancelled, one that has ended stays as it is. */
    void withdraw(UUID writeOffId, String reason);

    /**
     * What is to be written off.
     *
     * @param round counts the write-offs asked for by this denial, from 1: another round follows a rejection
     * @param amount more than zero, owed by the payer on this claim
     * @param contractual it is accepted as what the contract allows the payer to keep; else it is given up
     * @param reason in words without names or ids of patients, such as "Denial DN-2026-000007: CO-29, the time limit for
     *     filing has expired"
     */
    record DeniedAmount(
            UUID denialId,
            int round,
            UUID accountId,
            UUID claimId,
            UUID payerId,
            Money amount,
            boolean contractual,
            String reason,
            UserId requestedBy) {}
}

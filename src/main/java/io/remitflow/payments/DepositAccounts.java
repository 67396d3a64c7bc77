package io.remitflow.payments;

import java.util.List;
import java.util.UUID;

/** The accounts of ours to which deposits are brought; {@code bank} knows them. */
public interface DepositAccounts {

    /** Those in use, by name. */
    List<DepositAccount> inUse();

    /**
     * An account of ours.
     *
     * @param last4 the end of its number, which is never shown in full
     */
    record DepositAccount(UUID id, String name, String bankName, String last4) {}
}

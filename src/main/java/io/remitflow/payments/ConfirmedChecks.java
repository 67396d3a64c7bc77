package io.remitflow.payments;

import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;

/** Checks that another module booked: the desk asks before it takes one a second time. */
public interface ConfirmedChecks {

    /**
     * One of this number, without leading zeros, and amount that paid on the account, or of whose money something is
     * unapplied, so that it may be meant for the account.
     *
     * @return how people call it; empty also if the bank returned it
     */
    Optional<String> like(UUID accountId, String number, Money amount);
}

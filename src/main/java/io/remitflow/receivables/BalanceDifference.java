package io.remitflow.receivables;

import java.util.UUID;
import org.joda.money.Money;

/** An account whose stored balances are not the sums of its transactions. There must be none. */
public record BalanceDifference(
        UUID accountId,
        String accountNumber,
        Money storedInsurance,
        Money rebuiltInsurance,
        Money storedPatient,
        Money rebuiltPatient) {}

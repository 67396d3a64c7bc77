package io.remitflow.ledger.web;

import io.remitflow.core.Amounts;
import org.joda.money.Money;

/** An amount in JSON: exact in minor units, and as people read it. */
record Amount(long amountMinor, String currency, String display) {

    static Amount of(Money money) {
        return new Amount(money.getAmountMinorLong(), money.getCurrencyUnit().getCode(), Amounts.format(money));
    }
}

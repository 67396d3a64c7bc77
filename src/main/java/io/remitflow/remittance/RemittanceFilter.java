package io.remitflow.remittance;

import java.time.LocalDate;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Which remittances to list; dates are payment dates, {@code payer} is part of a name or an identifier, the amounts are
 * bounds of what was paid, both included.
 */
public record RemittanceFilter(
        @Nullable RemittanceState state,
        @Nullable String payer,
        @Nullable LocalDate from,
        @Nullable LocalDate to,
        @Nullable Money atLeast,
        @Nullable Money atMost) {

    public static final RemittanceFilter ALL = new RemittanceFilter(null, null, null, null, null, null);
}

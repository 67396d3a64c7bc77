package io.remitflow.remittance;

import java.util.List;
import org.joda.money.Money;

/** All of a remittance but its claims, of which there may be very many. */
public record RemittanceDetail(
        RemittanceSummary summary, List<Finding> findings, List<ProviderLine> providerAdjustments) {

    public record Finding(String rule, boolean holds, String text) {}

    /** Money moved outside of claims; positive took from the payment. */
    public record ProviderLine(
            int position, long segmentNumber, String code, String reference, Money amount, String accountCode) {

        public String text() {
            return AdjustmentCodes.PROVIDER_ADJUSTMENTS.text(code);
        }
    }
}

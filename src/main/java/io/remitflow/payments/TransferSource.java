package io.remitflow.payments;

import io.remitflow.payments.CardGateway.GatewayUnavailable;
import java.time.LocalDate;
import java.util.List;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** A gateway that can be asked for the transfers it saw. */
public interface TransferSource {

    /** As in {@code billing_payment_gateways}. */
    String provider();

    /**
     * All transfers of a day at the bank, in any order.
     *
     * @throws GatewayUnavailable if it cannot be asked, or does not list all of them
     */
    List<Listed> transfers(LocalDate day);

    /** @param id the same as in the gateway's reports */
    record Listed(
            String id,
            boolean incoming,
            Money amount,
            @Nullable String code,
            String content,
            @Nullable String referenceCode) {}
}

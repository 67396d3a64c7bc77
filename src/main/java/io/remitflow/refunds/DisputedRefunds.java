package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.payments.DisputeNews;
import io.remitflow.payments.Payment;
import io.remitflow.payments.Payments;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.stereotype.Component;

/** Keeps money from going back twice, once by a refund and once by the cardholder's bank. */
@Component
class DisputedRefunds implements DisputeNews {

    private final RefundHolds holds;
    private final Payments payments;
    private final CreditBalances creditBalances;

    DisputedRefunds(RefundHolds holds, Payments payments, CreditBalances creditBalances) {
        this.holds = holds;
        this.payments = payments;
        this.creditBalances = creditBalances;
    }

    @Override
    public void claimed(UUID paymentId, Money disputed) {
        Payment payment = payments.get(paymentId);
        Money left = payment.amount().minus(payment.refunded()).minus(disputed);
        holds.paymentCovers(
                paymentId,
                left,
                "The cardholder disputes %s of payment %s: check that the same money does not go out twice"
                        .formatted(Amounts.format(disputed), payment.number()));
    }

    @Override
    public void decided(Payment payment) {
        creditBalances.settle(payment.accountId(), payment.claimId(), "A dispute was decided");
    }
}

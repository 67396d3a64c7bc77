package io.remitflow.refunds.web;

import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Users;
import io.remitflow.payments.Payment;
import io.remitflow.payments.PaymentPanel;
import io.remitflow.refunds.Refund;
import io.remitflow.refunds.RefundFilter;
import io.remitflow.refunds.RefundMethod;
import io.remitflow.refunds.Refunds;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The refunds of a payment, and the form that asks for one, on the payment's page. */
@Component
class RefundsOfPayment implements PaymentPanel {

    private static final int SHOWN = 50;

    /** What can be chosen instead of the way the money came. */
    private static final List<RefundMethod> OTHERS =
            List.of(RefundMethod.CHECK, RefundMethod.ACH, RefundMethod.WIRE, RefundMethod.CASH);

    private final Refunds refunds;
    private final Users users;

    RefundsOfPayment(Refunds refunds, Users users) {
        this.refunds = refunds;
        this.users = users;
    }

    @Override
    public int order() {
        return 10;
    }

    @Override
    public String fragment() {
        return "refunds/of-payment :: panel";
    }

    @Override
    public Object model(Payment payment) {
        var person = CurrentUser.find().flatMap(users::find);
        boolean mayView =
                person.filter(each -> each.may(Permission.REFUNDS_VIEW)).isPresent();
        boolean mayRequest =
                person.filter(each -> each.may(Permission.REFUNDS_REQUEST)).isPresent();
        Money left = refunds.refundable(payment.id());
        Optional<String> obstacle = refunds.whyNot(payment.id());
        RefundMethod original = RefundMethod.originalOf(payment);
        return new Panel(
                payment,
                UUID.randomUUID(),
                mayView,
                mayRequest && left.isPositive() && obstacle.isEmpty(),
                mayRequest ? obstacle.orElse(null) : null,
                mayView ? refunds.list(new RefundFilter(null, false, null, payment.id(), null, SHOWN)) : List.of(),
                left,
                original,
                OTHERS.stream().filter(method -> method != original).toList(),
                Refunds.REASONS.stream().sorted().toList());
    }

    /**
     * @param key of the form: sent again, it asks for nothing new
     * @param obstacle why nothing can be asked for although something is left
     */
    record Panel(
            Payment payment,
            UUID key,
            boolean mayView,
            boolean mayRequest,
            @Nullable String obstacle,
            List<Refund> rows,
            Money left,
            RefundMethod original,
            List<RefundMethod> others,
            List<String> reasons) {}
}

package io.remitflow.payments.web;

import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.payments.Payout;
import io.remitflow.payments.PayoutFilter;
import io.remitflow.payments.PayoutStanding;
import io.remitflow.payments.Payouts;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Payouts of gateways that a person should look at. */
@Component
class PayoutTiles implements HomeTiles {

    private static final Set<PayoutStanding> WANTED =
            EnumSet.of(PayoutStanding.HELD, PayoutStanding.LATE, PayoutStanding.MISSING, PayoutStanding.FAILED);

    private final Payouts payouts;
    private final Organizations organizations;

    PayoutTiles(Payouts payouts, Organizations organizations) {
        this.payouts = payouts;
        this.organizations = organizations;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.BANK_RECONCILE) && person.may(Permission.PATIENT_ACCOUNTS_VIEW);
    }

    @Override
    public List<HomeTile> tiles() {
        LocalDate today = organizations.today();
        List<Payout> open = payouts.list(new PayoutFilter(PayoutFilter.Show.OPEN, null, PayoutFilter.MAX_LIMIT));
        long wanting = open.stream()
                .filter(payout -> WANTED.contains(payout.standing(today)))
                .count();
        return wanting == 0
                ? List.of()
                : List.of(new HomeTile(
                        "Attention",
                        "Payouts held, late or failed",
                        null,
                        wanting,
                        "/app/payments/payouts",
                        Tone.WARNING));
    }
}

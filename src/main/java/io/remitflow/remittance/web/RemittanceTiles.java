package io.remitflow.remittance.web;

import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.remittance.HeldClaim;
import io.remitflow.remittance.HeldClaimFilter;
import io.remitflow.remittance.HeldClaims;
import io.remitflow.remittance.PayeeIdentifiers;
import io.remitflow.remittance.RemittanceFilter;
import io.remitflow.remittance.RemittanceRegister;
import io.remitflow.remittance.RemittanceTotals;
import io.remitflow.remittance.TakebackTotals;
import io.remitflow.remittance.Takebacks;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.util.ArrayList;
import java.util.List;
import org.joda.money.Money;
import org.springframework.stereotype.Component;

/** What came in from payers, and what of it waits for someone. */
@Component
class RemittanceTiles implements HomeTiles {

    private final RemittanceRegister register;
    private final Takebacks takebacks;
    private final HeldClaims held;
    private final PayeeIdentifiers payees;

    RemittanceTiles(RemittanceRegister register, Takebacks takebacks, HeldClaims held, PayeeIdentifiers payees) {
        this.register = register;
        this.takebacks = takebacks;
        this.held = held;
        this.payees = payees;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.REMITTANCES_VIEW);
    }

    @Override
    public List<HomeTile> tiles() {
        RemittanceTotals totals = register.totals(RemittanceFilter.ALL);
        TakebackTotals taken = takebacks.totals();
        List<HeldClaim.Total> inSuspense = held.totals(HeldClaimFilter.ALL);
        long claims = inSuspense.stream().mapToLong(HeldClaim.Total::count).sum();
        List<HomeTile> tiles = new ArrayList<>();
        if (payees.all().isEmpty()) {
            tiles.add(new HomeTile(
                    "Attention", "Payee identifiers known", null, 0L, "/app/remittances/misrouted", Tone.WARNING));
        }
        tiles.addAll(List.of(
                new HomeTile(
                        "Attention",
                        "Held claims",
                        inSuspense.stream()
                                .map(HeldClaim.Total::amount)
                                .reduce(Money::plus)
                                .orElse(null),
                        claims,
                        "/app/held-claims",
                        claims == 0 ? Tone.NEUTRAL : Tone.WARNING),
                new HomeTile(
                        "Attention",
                        "Takebacks to explain",
                        null,
                        taken.exceptions(),
                        "/app/takebacks",
                        taken.exceptions() == 0 ? Tone.NEUTRAL : Tone.WARNING),
                new HomeTile(
                        "Money in",
                        "Remittances posted",
                        totals.paid(),
                        totals.posted(),
                        "/app/remittances?state=posted",
                        Tone.GOOD),
                new HomeTile(
                        "Attention",
                        "Remittances held",
                        null,
                        totals.held(),
                        "/app/remittances?state=held",
                        totals.held() == 0 ? Tone.NEUTRAL : Tone.WARNING)));
        return tiles;
    }
}

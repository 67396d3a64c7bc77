package io.remitflow.discrepancies.web;

import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.DiscrepancyTotal;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.util.List;
import org.joda.money.Money;
import org.springframework.stereotype.Component;

/** What the home page says about discrepancies. */
@Component
class DiscrepancyTiles implements HomeTiles {

    private final Discrepancies discrepancies;
    private final Organizations organizations;

    DiscrepancyTiles(Discrepancies discrepancies, Organizations organizations) {
        this.discrepancies = discrepancies;
        this.organizations = organizations;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.RECONCILIATION_VIEW);
    }

    @Override
    public List<HomeTile> tiles() {
        List<DiscrepancyTotal> totals = discrepancies.totals();
        var currency = organizations.current().currency();
        Money difference = totals.stream()
                .map(DiscrepancyTotal::difference)
                .filter(amount -> amount.getCurrencyUnit().equals(currency))
                .reduce(Money.zero(currency), Money::plus);
        long count = totals.stream().mapToLong(DiscrepancyTotal::count).sum();
        long overdue = totals.stream().mapToLong(DiscrepancyTotal::overdue).sum();
        return List.of(new HomeTile(
                "Attention",
                overdue == 0 ? "Discrepancies" : "Discrepancies, %d overdue".formatted(overdue),
                difference,
                count,
                "/app/reconciliation/discrepancies",
                overdue > 0 ? Tone.WARNING : count == 0 ? Tone.NEUTRAL : Tone.NOTICE));
    }
}

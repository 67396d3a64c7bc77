package io.remitflow.claims.web;

import io.remitflow.claims.DenialClassTotal;
import io.remitflow.claims.DenialFilter;
import io.remitflow.claims.Denials;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.util.List;
import org.joda.money.Money;
import org.springframework.stereotype.Component;

/** What the home page says about denials. */
@Component
class DenialTiles implements HomeTiles {

    private final Denials denials;
    private final Organizations organizations;

    DenialTiles(Denials denials, Organizations organizations) {
        this.denials = denials;
        this.organizations = organizations;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.DENIALS_VIEW);
    }

    @Override
    public List<HomeTile> tiles() {
        List<DenialClassTotal> totals = denials.totals(DenialFilter.open());
        Money open = totals.stream()
                .map(DenialClassTotal::open)
                .reduce(Money.zero(organizations.current().currency()), Money::plus);
        long count = totals.stream().mapToLong(DenialClassTotal::count).sum();
        long soon = totals.stream().mapToLong(DenialClassTotal::limitSoon).sum();
        return List.of(
                new HomeTile(
                        "Attention",
                        "Denied by payers",
                        open,
                        count,
                        "/app/denials",
                        count == 0 ? Tone.NEUTRAL : Tone.NOTICE),
                new HomeTile(
                        "Attention",
                        "Appeal limit within 14 days",
                        null,
                        soon,
                        "/app/denials?within=14",
                        soon == 0 ? Tone.NEUTRAL : Tone.WARNING));
    }
}

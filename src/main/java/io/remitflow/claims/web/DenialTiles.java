package io.remitflow.claims.web;

import io.remitflow.claims.DenialClassTotal;
import io.remitflow.claims.DenialFilter;
import io.remitflow.claims.Denials;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Users;
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
    private final Users users;

    DenialTiles(Denials denials, Organizations organizations, Users users) {
        this.denials = denials;
        this.organizations = organizations;
        this.users = users;
    }

    @Override
    public List<HomeTile> tiles() {
        boolean allowed = CurrentUser.find()
                .flatMap(users::find)
                .filter(person -> person.may(Permission.DENIALS_VIEW))
                .isPresent();
        if (!allowed) {
            return List.of();
        }
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

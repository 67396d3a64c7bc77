package io.remitflow.remittance.web;

import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Users;
import io.remitflow.remittance.SettlementState;
import io.remitflow.remittance.SettlementTotal;
import io.remitflow.remittance.Settlements;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.joda.money.Money;
import org.springframework.stereotype.Component;

/** What the home page says about payments that are not settled: what only waits is no reason to worry. */
@Component
class SettlementTiles implements HomeTiles {

    private static final Set<SettlementState> IN_TIME = EnumSet.of(SettlementState.EXPECTED, SettlementState.WAITING);
    private static final Set<SettlementState> OVERDUE =
            EnumSet.of(SettlementState.LATE, SettlementState.MISSING, SettlementState.MISMATCHED);

    private final Settlements settlements;
    private final Organizations organizations;
    private final Users users;

    SettlementTiles(Settlements settlements, Organizations organizations, Users users) {
        this.settlements = settlements;
        this.organizations = organizations;
        this.users = users;
    }

    @Override
    public List<HomeTile> tiles() {
        boolean allowed = CurrentUser.find()
                .flatMap(users::find)
                .filter(person -> person.may(Permission.REMITTANCES_VIEW))
                .isPresent();
        if (!allowed) {
            return List.of();
        }
        List<SettlementTotal> totals = settlements.totals();
        long overdue = count(totals, OVERDUE);
        return List.of(
                new HomeTile(
                        "Clearing",
                        "Payer payments on their way",
                        sum(totals, IN_TIME),
                        count(totals, IN_TIME),
                        "/app/settlements?state=waiting",
                        Tone.NEUTRAL),
                new HomeTile(
                        "Attention",
                        "Payments late, missing or different",
                        sum(totals, OVERDUE),
                        overdue,
                        "/app/settlements",
                        overdue == 0 ? Tone.NEUTRAL : Tone.WARNING));
    }

    private Money sum(List<SettlementTotal> totals, Set<SettlementState> states) {
        return totals.stream()
                .filter(total -> states.contains(total.state()))
                .map(SettlementTotal::amount)
                .reduce(Money.zero(organizations.current().currency()), Money::plus);
    }

    private static long count(List<SettlementTotal> totals, Set<SettlementState> states) {
        return totals.stream()
                .filter(total -> states.contains(total.state()))
                .mapToLong(SettlementTotal::count)
                .sum();
    }
}

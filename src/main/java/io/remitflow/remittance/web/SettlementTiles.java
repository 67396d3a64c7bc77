package io.remitflow.remittance.web;

import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.remittance.SettlementState;
import io.remitflow.remittance.SettlementTotal;
import io.remitflow.remittance.Settlements;
import io.remitflow.ui.DailyAmounts;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.joda.money.Money;
import org.springframework.stereotype.Component;

/** What the home page says about payments that are not settled: what only waits is no reason to worry. */
@Component
class SettlementTiles implements HomeTiles, DailyAmounts {

    private static final Set<SettlementState> IN_TIME = EnumSet.of(SettlementState.EXPECTED, SettlementState.WAITING);
    private static final Set<SettlementState> OVERDUE =
            EnumSet.of(SettlementState.LATE, SettlementState.MISSING, SettlementState.MISMATCHED);

    private final Settlements settlements;
    private final Organizations organizations;

    SettlementTiles(Settlements settlements, Organizations organizations) {
        this.settlements = settlements;
        this.organizations = organizations;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.REMITTANCES_VIEW);
    }

    @Override
    public List<HomeTile> tiles() {
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

    @Override
    public String direction() {
        return "Money in";
    }

    @Override
    public Map<LocalDate, Money> between(LocalDate first, LocalDate last) {
        return settlements.receivedPerDay(first, last);
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

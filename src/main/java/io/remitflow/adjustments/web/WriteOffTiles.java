package io.remitflow.adjustments.web;

import io.remitflow.adjustments.AdjustmentStatus;
import io.remitflow.adjustments.AdjustmentTotal;
import io.remitflow.adjustments.Adjustments;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.util.List;
import org.joda.money.Money;
import org.springframework.stereotype.Component;

/** What the home page says about write-offs. */
@Component
class WriteOffTiles implements HomeTiles {

    private final Adjustments adjustments;
    private final Organizations organizations;

    WriteOffTiles(Adjustments adjustments, Organizations organizations) {
        this.adjustments = adjustments;
        this.organizations = organizations;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.WRITE_OFFS_VIEW);
    }

    @Override
    public List<HomeTile> tiles() {
        var currency = organizations.current().currency();
        List<AdjustmentTotal> pending = adjustments.totals().stream()
                .filter(total -> total.status() == AdjustmentStatus.PENDING)
                .toList();
        Money sum = pending.stream()
                .map(AdjustmentTotal::amount)
                .filter(amount -> amount.getCurrencyUnit().equals(currency))
                .reduce(Money.zero(currency), Money::plus);
        long count = pending.stream().mapToLong(AdjustmentTotal::count).sum();
        return List.of(new HomeTile(
                "Money out", "Write-offs to approve", sum, count, "/app/write-offs?show=pending", Tone.NEUTRAL));
    }
}

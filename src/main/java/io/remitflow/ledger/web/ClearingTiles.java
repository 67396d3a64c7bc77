package io.remitflow.ledger.web;

import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.OpenReference;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.util.List;
import java.util.TreeMap;
import org.joda.money.Money;
import org.springframework.stereotype.Component;

/** What is still open on each clearing account. */
@Component
class ClearingTiles implements HomeTiles {

    /** Remittance and bank line usually come within three business days of each other. */
    private static final long LATE_AFTER_DAYS = 7;

    private final Clearing clearing;

    ClearingTiles(Clearing clearing) {
        this.clearing = clearing;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.LEDGER_VIEW);
    }

    @Override
    public List<HomeTile> tiles() {
        var byAccount = new TreeMap<String, List<OpenReference>>();
        clearing.open()
                .forEach(reference -> byAccount
                        .computeIfAbsent(
                                reference.accountCode() + " "
                                        + reference.balance().getCurrencyUnit(),
                                key -> new java.util.ArrayList<>())
                        .add(reference));
        return byAccount.values().stream().map(ClearingTiles::tile).toList();
    }

    private static HomeTile tile(List<OpenReference> references) {
        var first = references.getFirst();
        boolean late = references.stream().anyMatch(reference -> reference.ageDays() > LATE_AFTER_DAYS);
        return new HomeTile(
                "Clearing",
                first.accountName(),
                Money.total(references.stream().map(OpenReference::balance).toList()),
                (long) references.size(),
                "/app/ledger/clearing?account=" + first.accountCode(),
                late ? Tone.WARNING : Tone.NEUTRAL);
    }
}

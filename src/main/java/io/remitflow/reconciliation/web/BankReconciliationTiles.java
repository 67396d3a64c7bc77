package io.remitflow.reconciliation.web;

import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.reconciliation.BankReconciliations;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.util.List;
import org.springframework.stereotype.Component;

/** Bank periods that are under way. */
@Component
class BankReconciliationTiles implements HomeTiles {

    private final BankReconciliations reconciliations;

    BankReconciliationTiles(BankReconciliations reconciliations) {
        this.reconciliations = reconciliations;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.BANK_RECONCILE);
    }

    @Override
    public List<HomeTile> tiles() {
        long waiting = reconciliations.waiting();
        return List.of(new HomeTile(
                "Attention",
                "Bank periods to reconcile",
                null,
                waiting,
                "/app/reconciliation/bank",
                waiting == 0 ? Tone.NEUTRAL : Tone.WARNING));
    }
}

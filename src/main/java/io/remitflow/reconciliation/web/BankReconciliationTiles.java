package io.remitflow.reconciliation.web;

import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Users;
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
    private final Users users;

    BankReconciliationTiles(BankReconciliations reconciliations, Users users) {
        this.reconciliations = reconciliations;
        this.users = users;
    }

    @Override
    public List<HomeTile> tiles() {
        boolean allowed = CurrentUser.find()
                .flatMap(users::find)
                .map(person -> person.may(Permission.BANK_RECONCILE))
                .orElse(false);
        if (!allowed) {
            return List.of();
        }
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

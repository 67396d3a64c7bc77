package io.remitflow.bank.web;

import io.remitflow.bank.BankStatements;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.util.List;
import org.springframework.stereotype.Component;

/** What of the bank's lines waits for someone. */
@Component
class BankTiles implements HomeTiles {

    private final BankStatements statements;

    BankTiles(BankStatements statements) {
        this.statements = statements;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.BANK_RECONCILE);
    }

    @Override
    public List<HomeTile> tiles() {
        long waiting = statements.inSuspense();
        return List.of(new HomeTile(
                "Attention",
                "Bank lines to match",
                null,
                waiting,
                "/app/bank/suggestions",
                waiting == 0 ? Tone.NEUTRAL : Tone.WARNING));
    }
}

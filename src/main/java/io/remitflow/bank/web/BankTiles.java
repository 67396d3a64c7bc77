package io.remitflow.bank.web;

import io.remitflow.bank.BankStatements;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Users;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.util.List;
import org.springframework.stereotype.Component;

/** What of the bank's lines waits for someone. */
@Component
class BankTiles implements HomeTiles {

    private final BankStatements statements;
    private final Users users;

    BankTiles(BankStatements statements, Users users) {
        this.statements = statements;
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

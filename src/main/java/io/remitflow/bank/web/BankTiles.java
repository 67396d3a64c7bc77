package io.remitflow.bank.web;

import io.remitflow.bank.BankMatches;
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

    private final BankMatches matches;
    private final Users users;

    BankTiles(BankMatches matches, Users users) {
        this.matches = matches;
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
        long waiting = matches.waiting();
        return List.of(new HomeTile(
                "Attention",
                "Bank lines to match",
                null,
                waiting,
                "/app/bank/suggestions",
                waiting == 0 ? Tone.NEUTRAL : Tone.WARNING));
    }
}

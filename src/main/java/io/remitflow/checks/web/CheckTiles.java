package io.remitflow.checks.web;

import io.remitflow.checks.CheckConfirmations;
import io.remitflow.checks.CheckMails;
import io.remitflow.checks.CheckRemainders;
import io.remitflow.checks.CheckTotal;
import io.remitflow.checks.Checks;
import io.remitflow.checks.PaperCheck;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.util.ArrayList;
import java.util.List;
import org.joda.money.Money;
import org.springframework.stereotype.Component;

/** What the home page says about checks. */
@Component
class CheckTiles implements HomeTiles {

    private final Checks checks;
    private final CheckConfirmations confirmations;
    private final CheckRemainders remainders;
    private final CheckMails quarantine;
    private final Organizations organizations;

    CheckTiles(
            Checks checks,
            CheckConfirmations confirmations,
            CheckRemainders remainders,
            CheckMails quarantine,
            Organizations organizations) {
        this.checks = checks;
        this.confirmations = confirmations;
        this.remainders = remainders;
        this.quarantine = quarantine;
        this.organizations = organizations;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.CHECKS_VIEW);
    }

    @Override
    public List<HomeTile> tiles() {
        var currency = organizations.current().currency();
        CheckTotal waiting = checks.waiting(currency.getCode());
        Money unapplied = remainders.total().orElse(Money.zero(currency));
        int open = remainders.count();
        long mails = quarantine.quarantined();
        List<HomeTile> tiles = new ArrayList<>();
        if (mails > 0) {
            tiles.add(new HomeTile("Attention", "Mails in quarantine", null, mails, "/app/checks/mail", Tone.WARNING));
        }
        tiles.addAll(List.of(
                new HomeTile(
                        "Attention",
                        "Checks to review",
                        waiting.amount(),
                        waiting.checks(),
                        "/app/checks",
                        waiting.checks() == 0 ? Tone.NEUTRAL : Tone.NOTICE),
                new HomeTile(
                        "Attention",
                        "Unapplied from checks",
                        unapplied,
                        (long) open,
                        "/app/checks/remainders",
                        open == 0 ? Tone.NEUTRAL : Tone.NOTICE)));
        List<PaperCheck> settling = confirmations.settling();
        if (!settling.isEmpty()) {
            Money sum = Money.zero(currency);
            for (PaperCheck check : settling) {
                Money amount = check.amount();
                sum = amount == null ? sum : sum.plus(amount);
            }
            tiles.add(new HomeTile(
                    "Attention",
                    "Said to pay everything, to repay by " + settling.getFirst().settlementUntil(),
                    sum,
                    (long) settling.size(),
                    "/app/checks",
                    Tone.NOTICE));
        }
        return tiles;
    }
}

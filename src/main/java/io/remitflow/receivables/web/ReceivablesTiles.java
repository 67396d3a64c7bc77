package io.remitflow.receivables.web;

import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.receivables.AccountFilter;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.util.List;
import org.springframework.stereotype.Component;

/** What is still owed, on the home page. */
@Component
class ReceivablesTiles implements HomeTiles {

    private final PatientAccounts accounts;

    ReceivablesTiles(PatientAccounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.PATIENT_ACCOUNTS_VIEW);
    }

    @Override
    public List<HomeTile> tiles() {
        var totals = accounts.totals(new AccountFilter(null, null, AccountFilter.Balance.ANY, null, 1));
        return List.of(
                new HomeTile(
                        "Money in",
                        "Owed by insurance",
                        totals.insurance(),
                        null,
                        "/app/patient-accounts?balance=owed",
                        Tone.NEUTRAL),
                new HomeTile(
                        "Money in",
                        "Owed by patients",
                        totals.patient(),
                        null,
                        "/app/patient-accounts?balance=owed",
                        Tone.NEUTRAL));
    }
}

package io.remitflow.claims.web;

import io.remitflow.claims.Insurance;
import io.remitflow.claims.Insurances;
import io.remitflow.claims.Payer;
import io.remitflow.claims.Payers;
import io.remitflow.receivables.AccountPanel;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Who insures the patient, on the account's page. */
@Component
class InsurancesOfAccount implements AccountPanel {

    private final Insurances insurances;
    private final Payers payers;
    private final PatientAccounts accounts;

    InsurancesOfAccount(Insurances insurances, Payers payers, PatientAccounts accounts) {
        this.insurances = insurances;
        this.payers = payers;
        this.accounts = accounts;
    }

    @Override
    public int order() {
        return 12;
    }

    @Override
    public String fragment() {
        return "claims/insurances :: panel";
    }

    @Override
    public Object model(UUID accountId) {
        return new Panel(accounts.get(accountId), insurances.ofAccount(accountId), payers.all());
    }

    record Panel(PatientAccount account, List<Insurance> insurances, List<Payer> payers) {}
}

package io.remitflow.claims.web;

import io.remitflow.claims.EligibilityChecks;
import io.remitflow.claims.Payer;
import io.remitflow.receivables.AccountPanel;
import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Whether the patient is covered, on the account's page. */
@Component
class EligibilityOfAccount implements AccountPanel {

    private final EligibilityChecks checks;

    EligibilityOfAccount(EligibilityChecks checks) {
        this.checks = checks;
    }

    @Override
    public int order() {
        return 15;
    }

    @Override
    public String fragment() {
        return "claims/eligibility :: panel";
    }

    @Override
    public Object model(UUID accountId) {
        return new Panel(accountId, checks.askable(accountId), checks.ofAccount(accountId));
    }

    record Panel(UUID accountId, List<Payer> payers, List<EligibilityChecks.Check> checks) {}
}

package io.remitflow.refunds.web;

import io.remitflow.receivables.AccountPanel;
import io.remitflow.refunds.AchDestination;
import io.remitflow.refunds.AchDestinations;
import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Where refunds of an account go by ACH, on the account's page. */
@Component
class BankAccountOfAccount implements AccountPanel {

    private final AchDestinations destinations;

    BankAccountOfAccount(AchDestinations destinations) {
        this.destinations = destinations;
    }

    @Override
    public int order() {
        return 60;
    }

    @Override
    public String fragment() {
        return "refunds/bank-account :: panel";
    }

    @Override
    public Object model(UUID accountId) {
        return new BankAccounts(accountId, destinations.ofAccount(accountId));
    }

    record BankAccounts(UUID accountId, List<AchDestination> rows) {}
}

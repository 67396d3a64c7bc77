package io.remitflow.receivables;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Compares stored balances with their transactions every night, one organization after another. Repairs nothing. */
@Component
class NightlyBalanceCheck {

    private static final Logger log = LoggerFactory.getLogger(NightlyBalanceCheck.class);

    private final Organizations organizations;
    private final AccountBalances balances;

    NightlyBalanceCheck(Organizations organizations, AccountBalances balances) {
        this.organizations = organizations;
        this.balances = balances;
    }

    @Scheduled(cron = "${remitflow.receivables.balance-check:0 15 2 * * *}")
    void run() {
        organizations.all().forEach(this::check);
    }

    private void check(Organization organization) {
        try {
            CurrentOrganization.run(organization.id(), () -> {
                var differences = balances.differences();
                if (differences.isEmpty()) {
                    log.info("balances of {} agree with their transactions", organization.code());
                } else {
                    log.error(
                            "{} accounts of {} differ from their transactions, the first is {}",
                            differences.size(),
                            organization.code(),
                            differences.getFirst().accountId());
                }
            });
        } catch (RuntimeException e) {
            log.error("balances of {} could not be checked", organization.code(), e);
        }
    }
}

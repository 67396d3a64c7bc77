package io.remitflow.receivables;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import io.remitflow.ui.BooksChecks;
import org.joda.money.Money;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Compares stored balances with their transactions every night, one organization after another. Repairs nothing. */
@Component
class NightlyBalanceCheck {

    private static final Logger log = LoggerFactory.getLogger(NightlyBalanceCheck.class);
    private static final String CHECK = "Patient accounts";

    private final Organizations organizations;
    private final AccountBalances balances;
    private final BooksChecks checks;

    NightlyBalanceCheck(Organizations organizations, AccountBalances balances, BooksChecks checks) {
        this.organizations = organizations;
        this.balances = balances;
        this.checks = checks;
    }

    @Scheduled(cron = "${remitflow.receivables.balance-check:0 15 2 * * *}")
    void run() {
        organizations.all().forEach(this::check);
    }

    private void check(Organization organization) {
        try {
            CurrentOrganization.run(organization.id(), () -> {
                var differences = balances.differences();
                checks.ran(
                        CHECK,
                        differences.stream()
                                .map(difference -> new BooksChecks.Difference(
                                        "account " + difference.accountNumber(),
                                        words(difference.storedInsurance(), difference.storedPatient()),
                                        words(difference.rebuiltInsurance(), difference.rebuiltPatient())))
                                .toList());
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
            CurrentOrganization.run(organization.id(), () -> checks.failed(CHECK));
        }
    }

    private static String words(Money insurance, Money patient) {
        return "insurance %s, patient %s".formatted(Amounts.format(insurance), Amounts.format(patient));
    }
}

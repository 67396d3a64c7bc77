package io.remitflow.receivables;

import io.remitflow.core.Amounts;
import io.remitflow.ui.BooksChecks;
import org.joda.money.Money;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Compares stored balances with their transactions every night, one organization after another. Repairs nothing. */
@Component
class NightlyBalanceCheck {

    private static final String CHECK = "Patient accounts";

    private final AccountBalances balances;
    private final BooksChecks checks;

    NightlyBalanceCheck(AccountBalances balances, BooksChecks checks) {
        this.balances = balances;
        this.checks = checks;
    }

    @Scheduled(cron = "${remitflow.receivables.balance-check:0 15 2 * * *}")
    void run() {
        checks.run(
                CHECK,
                () -> balances.differences().stream()
                        .map(difference -> new BooksChecks.Difference(
                                "account " + difference.accountNumber(),
                                words(difference.storedInsurance(), difference.storedPatient()),
                                words(difference.rebuiltInsurance(), difference.rebuiltPatient())))
                        .toList());
    }

    private static String words(Money insurance, Money patient) {
        return "insurance %s, patient %s".formatted(Amounts.format(insurance), Amounts.format(patient));
    }
}

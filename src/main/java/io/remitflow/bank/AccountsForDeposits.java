package io.remitflow.bank;

import io.remitflow.payments.DepositAccounts;
import java.util.List;
import org.springframework.stereotype.Component;

/** Our accounts as deposits know them. */
@Component
class AccountsForDeposits implements DepositAccounts {

    private final BankAccounts accounts;

    AccountsForDeposits(BankAccounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public List<DepositAccount> inUse() {
        return accounts.list().stream()
                .filter(BankAccount::active)
                .map(account -> new DepositAccount(account.id(), account.name(), account.bankName(), account.last4()))
                .toList();
    }
}

package io.remitflow.receivables;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.time.LocalDate;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A locked account while postings are added to it, one after the other; written back once. Amounts in minor units. */
final class RunningAccount {

    private static final int NUMBER_WIDTH = 4;

    final UUID id;
    private final String number;
    private final AccountStatus status;
    private final String currency;
    private long insuranceMinor;
    private long patientMinor;
    private long transactions;
    private @Nullable LocalDate lastPaymentDate;
    private @Nullable Long lastPaymentMinor;
    private boolean changed;

    RunningAccount(
            UUID id,
            String number,
            AccountStatus status,
            String currency,
            long insuranceMinor,
            long patientMinor,
            long transactions,
            @Nullable LocalDate lastPaymentDate,
            @Nullable Long lastPaymentMinor) {
        this.id = id;
        this.number = number;
        this.status = status;
        this.currency = currency;
        this.insuranceMinor = insuranceMinor;
        this.patientMinor = patientMinor;
        this.transactions = transactions;
        this.lastPaymentDate = lastPaymentDate;
        this.lastPaymentMinor = lastPaymentMinor;
    }

    /** @throws RuleViolation if the account cannot take the posting */
    void check(AccountPosting posting) {
        if (!currency.equals(posting.amount().getCurrencyUnit().getCode())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "account %s is kept in %s".formatted(number, currency));
        }
        if (posting.type() == TransactionType.CHARGE && status == AccountStatus.CLOSED) {
            throw new RuleViolation(Refusal.ACCOUNT_NOT_ACTIVE, "account %s is closed to charges".formatted(number));
        }
    }

    /** The posting as the next transaction of the account. */
    Next add(AccountPosting posting, LocalDate agingDate) {
        long amountMinor = posting.amount().getAmountMinorLong();
        if (posting.responsibility() == Responsibility.INSURANCE) {
            insuranceMinor = Math.addExact(insuranceMinor, amountMinor);
        } else {
            patientMinor = Math.addExact(patientMinor, amountMinor);
        }
        transactions++;
        changed = true;
        if (posting.type() == TransactionType.PAYMENT && amountMinor < 0) {
            if (lastPaymentDate == null || !posting.date().isBefore(lastPaymentDate)) {
                lastPaymentDate = posting.date();
                lastPaymentMinor = Math.negateExact(amountMinor);
            }
        }
        return new Next(posting, numberOfLast(), agingDate, balanceMinor());
    }

    boolean changed() {
        return changed;
    }

    long balanceMinor() {
        return Math.addExact(insuranceMinor, patientMinor);
    }

    long insuranceMinor() {
        return insuranceMinor;
    }

    long patientMinor() {
        return patientMinor;
    }

    long transactions() {
        return transactions;
    }

    @Nullable LocalDate lastPaymentDate() {
        return lastPaymentDate;
    }

    @Nullable Long lastPaymentMinor() {
        return lastPaymentMinor;
    }

    private String numberOfLast() {
        String count = Long.toString(transactions);
        return number + "-" + "0".repeat(Math.max(0, NUMBER_WIDTH - count.length())) + count;
    }

    /** A posting with what it becomes on its account. */
    record Next(AccountPosting posting, String number, LocalDate agingDate, long balanceAfterMinor) {}
}

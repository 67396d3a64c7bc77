package io.remitflow.bank;

import java.time.LocalDate;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * An account of ours at a bank.
 *
 * @param last4 the end of its number, which is never shown in full
 * @param accountCode of its account in the general ledger
 * @param byDefault whether money goes there unless somebody says otherwise
 */
public record BankAccount(
        UUID id,
        String name,
        String bankName,
        String last4,
        Type type,
        String currency,
        UUID glAccountId,
        String accountCode,
        boolean active,
        boolean byDefault,
        @Nullable Reconciled reconciled) {

    /** The last day of its latest approved reconciliation, and what the bank stated then. */
    public record Reconciled(LocalDate on, Money balance) {}

    /** What it is used for. */
    public enum Type {
        CHECKING,
        SAVINGS,
        MERCHANT,
        PAYROLL;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Type ofKey(String key) {
            return Arrays.stream(values())
                    .filter(type -> type.key().equals(key.strip().toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new io.remitflow.core.RuleViolation(
                            io.remitflow.core.Refusal.INVALID_INPUT,
                            "an account is a checking, savings, merchant or payroll account"));
        }
    }
}

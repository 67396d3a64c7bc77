package io.remitflow.bank;

import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;

/**
 * An account of ours at a bank.
 *
 * @param last4 the end of its number, which is never shown in full
 * @param accountCode of its account in the general ledger
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
        boolean active) {

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

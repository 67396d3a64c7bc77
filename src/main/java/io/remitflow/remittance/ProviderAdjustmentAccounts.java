package io.remitflow.remittance;

import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.StandardAccount;
import org.jspecify.annotations.Nullable;

/** The account that stands for each reason for which payers move money outside of claims. */
final class ProviderAdjustmentAccounts {

    private ProviderAdjustmentAccounts() {}

    /** A code nobody knows yet goes to suspense; it never stops the posting. */
    static StandardAccount of(String code) {
        return switch (code) {
            case "L6" -> StandardAccount.INTEREST_INCOME;
            case "WO" -> StandardAccount.TAKEBACK_RECEIVABLE;
            case "FB" -> StandardAccount.PAYER_FORWARD_BALANCE;
            case "72" -> StandardAccount.PAYER_REFUND_PAYABLE;
            case "LE" -> StandardAccount.LEVY_RECEIVABLE;
            case "IR" -> StandardAccount.IRS_WITHHOLDING;
            case "J1" -> StandardAccount.NON_REIMBURSABLE;
            case "B2" -> StandardAccount.REBATES;
            case "PI" -> StandardAccount.INTERIM_PAYMENTS;
            case "50" -> StandardAccount.LATE_FILING_PENALTIES;
            case "AP" -> StandardAccount.ACCELERATED_PAYMENTS;
            default -> StandardAccount.PLB_SUSPENSE;
        };
    }

    /** Under which what stays open is booked; null if it has none. */
    static @Nullable ClearingReference clearing(StandardAccount account, String payerIdentifier, String reference) {
        if (reference.isBlank() || !staysOpen(account)) {
            return null;
        }
        String value = payerIdentifier + "/" + reference;
        return new ClearingReference("plb", value.substring(0, Math.min(value.length(), ClearingReference.MAX_LENGTH)));
    }

    /** Whether a later remittance is expected to move the same amount back under the same reference. */
    static boolean staysOpen(StandardAccount account) {
        return switch (account) {
            case TAKEBACK_RECEIVABLE,
                    PAYER_FORWARD_BALANCE,
                    PAYER_REFUND_PAYABLE,
                    PLB_SUSPENSE,
                    INTERIM_PAYMENTS,
                    ACCELERATED_PAYMENTS -> true;
            default -> false;
        };
    }
}

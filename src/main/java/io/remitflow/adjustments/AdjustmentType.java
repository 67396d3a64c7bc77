package io.remitflow.adjustments;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Why something is given up; it says which rule judges it and which account bears it. */
public enum AdjustmentType {
    WRITE_OFF,
    BAD_DEBT,
    SMALL_BALANCE,
    CHARITY,
    DISCOUNT,
    COURTESY,
    CONTRACTUAL,
    PRICE_CORRECTION,
    CODING_CORRECTION,
    /** Becomes a credit memo that invoices use up. */
    CREDIT_MEMO,
    OTHER,
    /** Takes a posted one back; asked for with {@link Adjustments#requestReversal} only. */
    REVERSAL;

    /** Those that people may ask for. */
    public static List<AdjustmentType> requestable() {
        return Arrays.stream(values()).filter(type -> type != REVERSAL).toList();
    }

    /** Whether it may give up what is due on an invoice, which ends as written off when nothing is left. */
    boolean givesUpInvoices() {
        return switch (this) {
            case WRITE_OFF, BAD_DEBT, SMALL_BALANCE, CHARITY -> true;
            default -> false;
        };
    }

    /** The file in {@code dmn/} that says who must approve. */
    String rule() {
        return switch (this) {
            case SMALL_BALANCE -> "small-balance";
            case DISCOUNT, COURTESY -> "discount-approval";
            default -> "write-off-approval";
        };
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<AdjustmentType> ofKey(String key) {
        return Arrays.stream(values()).filter(type -> type.key().equals(key)).findFirst();
    }
}

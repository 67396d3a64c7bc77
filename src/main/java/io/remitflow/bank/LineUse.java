package io.remitflow.bank;

import io.remitflow.ledger.StandardAccount;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a bank line is that nothing of ours waits for, and the account it belongs to. */
public enum LineUse {
    BANK_FEE("Fee of the bank", StandardAccount.BANK_FEES),
    MERCHANT_FEE("Merchant or card fee", StandardAccount.MERCHANT_FEES),
    INTEREST_PAID("Interest paid", StandardAccount.INTEREST_EXPENSE),
    INTEREST_EARNED("Interest earned", StandardAccount.BANK_INTEREST),
    REBATE("Rebate", StandardAccount.REBATES),
    OTHER_INCOME("Other income", StandardAccount.OTHER_OPERATING_REVENUE),
    OTHER_SERVICE("Other service", StandardAccount.PROFESSIONAL_FEES);

    private final String title;
    private final StandardAccount account;

    LineUse(String title, StandardAccount account) {
        this.title = title;
        this.account = account;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What people call it, with the account. */
    public String title() {
        return "%s (%s %s)".formatted(title, account.code(), account.title());
    }

    StandardAccount account() {
        return account;
    }

    public String accountCode() {
        return account.code();
    }

    /** Each account has one use. */
    public static Optional<LineUse> ofAccount(String code) {
        return Arrays.stream(values())
                .filter(use -> use.account.code().equals(code.strip()))
                .findFirst();
    }

    public static Optional<LineUse> find(String key) {
        return Arrays.stream(values()).filter(use -> use.key().equals(key)).findFirst();
    }
}

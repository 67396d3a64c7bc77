package io.remitflow.ledger;

import java.util.Locale;

/** What an account is in the balance sheet or the income statement, and on which side it normally stands. */
public enum AccountType {
    ASSET(true),
    LIABILITY(false),
    EQUITY(false),
    REVENUE(false),
    EXPENSE(true),
    CONTRA_ASSET(false),
    CONTRA_LIABILITY(true),
    CONTRA_EQUITY(true),
    CONTRA_REVENUE(true);

    private final boolean normallyDebit;

    AccountType(boolean normallyDebit) {
        this.normallyDebit = normallyDebit;
    }

    public boolean normallyDebit() {
        return normallyDebit;
    }

    /** Turns debit minus credit into the direction in which people read this kind of account. */
    public long inNormalDirection(long debitMinusCredit) {
        return normallyDebit ? debitMinusCredit : Math.negateExact(debitMinusCredit);
    }

    /** "contra_revenue": as tables and JSON spell it. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public String title() {
        String words = key().replace('_', ' ');
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    public static AccountType ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}

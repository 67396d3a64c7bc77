package io.remitflow.remittance;

import io.remitflow.ledger.StandardAccount;
import java.util.Optional;

/** Why a payer moved money outside of claims, where another remittance, a refund or an authority settles it. */
public enum TakebackKind {
    /** FB: a payment would have been negative; the payer carries the rest to its next one. */
    FORWARD_BALANCE("Forward balance", StandardAccount.PAYER_FORWARD_BALANCE, -1, true),
    /** WO: an overpayment that the payer recovers, announced first or not. */
    RECOVERY("Overpayment recovery", StandardAccount.TAKEBACK_RECEIVABLE, -1, false),
    /** 72: the payer confirms a refund of ours. */
    REFUND_CONFIRMED("Refund confirmed", StandardAccount.PAYER_REFUND_PAYABLE, -1, false),
    /** AP. */
    ADVANCE("Accelerated payment", StandardAccount.ACCELERATED_PAYMENTS, -1, true),
    /** PI. */
    INTERIM_PAYMENT("Interim payment", StandardAccount.INTERIM_PAYMENTS, -1, true),
    /** LE. */
    LEVY("Levy", StandardAccount.LEVY_RECEIVABLE, 1, false),
    /** IR. */
    TAX_WITHHELD("Tax withheld", StandardAccount.IRS_WITHHOLDING, 1, false),
    /** CS and each code without an account of its own: in suspense until someone explained it. */
    UNEXPLAINED("Unexplained", StandardAccount.PLB_SUSPENSE, 0, false);

    private final String title;
    private final StandardAccount account;
    private final int openingSign;
    private final boolean oldestFirst;

    TakebackKind(String title, StandardAccount account, int openingSign, boolean oldestFirst) {
        this.title = title;
        this.account = account;
        this.openingSign = openingSign;
        this.oldestFirst = oldestFirst;
    }

    /** Empty for what is income or expense at once, such as interest. */
    static Optional<TakebackKind> of(String code) {
        StandardAccount account = ProviderAdjustmentAccounts.of(code);
        for (TakebackKind kind : values()) {
            if (kind.account == account) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }

    public String title() {
        return title;
    }

    public StandardAccount account() {
        return account;
    }

    /** Whether an amount of this sign is expected to come first; unexplained ones may be either. */
    boolean opens(long amountMinor) {
        return openingSign == 0 || Long.signum(amountMinor) == openingSign;
    }

    /** Whether it is settled without naming it: there is one balance, or the oldest is meant. */
    boolean settlesOldestFirst() {
        return oldestFirst;
    }
}

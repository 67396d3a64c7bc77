package io.remitflow.remittance;

import io.remitflow.ledger.StandardAccount;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * As what an open item is booked that no remittance will settle. What a payer has given us is never income for want of a
 * better idea: only interest and rebates are, and what corrects an earlier adjustment.
 */
public enum TakebackResolution {
    CONTRACTUAL("An adjustment under the contract", StandardAccount.CONTRACTUAL_ADJUSTMENTS, true, true),
    NON_REIMBURSABLE("Not reimbursable", StandardAccount.NON_REIMBURSABLE, true, true),
    PENALTY("A penalty", StandardAccount.LATE_FILING_PENALTIES, true, true),
    LOSS("Given up as lost", StandardAccount.BAD_DEBT_EXPENSE, true, false),
    INTEREST("Interest", StandardAccount.INTEREST_INCOME, true, true),
    REBATE("A rebate", StandardAccount.REBATES, true, true),
    /** Recovers what the payer had paid too much for a claim; only as far as that credit goes. */
    CLAIM_CREDIT("Against the credit of a claim", StandardAccount.AR_INSURANCE, true, false);

    private static final Set<TakebackKind> OF_CLAIMS =
            EnumSet.of(TakebackKind.RECOVERY, TakebackKind.FORWARD_BALANCE, TakebackKind.UNEXPLAINED);

    private final String title;
    private final StandardAccount account;
    private final boolean ofTaken;
    private final boolean ofGiven;

    TakebackResolution(String title, StandardAccount account, boolean ofTaken, boolean ofGiven) {
        this.title = title;
        this.account = account;
        this.ofTaken = ofTaken;
        this.ofGiven = ofGiven;
    }

    public String title() {
        return title;
    }

    public StandardAccount account() {
        return account;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<TakebackResolution> ofKey(String key) {
        return Arrays.stream(values()).filter(each -> each.key().equals(key)).findFirst();
    }

    /** Those that an item with this open amount may end as. */
    public static List<TakebackResolution> of(Takeback takeback) {
        boolean taken = takeback.open().isPositive();
        return Arrays.stream(values())
                .filter(each -> taken ? each.ofTaken : each.ofGiven)
                .filter(each -> each != CLAIM_CREDIT || OF_CLAIMS.contains(takeback.kind()))
                .toList();
    }
}

package io.remitflow.receivables;

import java.util.UUID;
import org.joda.money.Money;

/** What a patient owes for a claim but must not be billed for; known to the module that reads the payers' answers. */
public interface UnbillableShares {

    /** Zero or more, less what was written off of it already. */
    Money ofClaim(UUID claimId);
}

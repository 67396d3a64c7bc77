package io.remitflow.receivables;

import java.util.Set;
import java.util.UUID;

/**
 * Transactions were recorded. Listeners that keep up with balances hear it before the transaction commits, when everything
 * it posts is there.
 *
 * @param claimIds those of the transactions that belong to a claim
 */
public record AccountsPosted(Set<UUID> accountIds, Set<UUID> claimIds) {}

package io.remitflow.checks;

import java.util.Set;
import java.util.UUID;

/**
 * For whom a payer pays.
 *
 * @param pattern the name on the check; {@code *} stands for anything
 * @param coversAll a management company that pays for every facility
 * @param facilities the accounts it pays for; empty if it covers all
 */
public record PayerRule(UUID id, String pattern, boolean coversAll, Set<UUID> facilities) {

    public PayerRule {
        facilities = Set.copyOf(facilities);
    }
}

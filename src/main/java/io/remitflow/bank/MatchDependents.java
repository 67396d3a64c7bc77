package io.remitflow.bank;

import java.util.Optional;

/** Knows what was built on an accepted match, so that it cannot be undone any more. */
public interface MatchDependents {

    /** Why the match has to stay, as a sentence for a person; empty if nothing known here depends on it. */
    Optional<String> keeping(BankMatch match);
}

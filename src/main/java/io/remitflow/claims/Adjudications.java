package io.remitflow.claims;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What payers decided so far; the module that posts remittances knows. */
public interface Adjudications {

    /** One for each payer whose answer stands, in the order of payers; claims that nobody answered are missing. */
    Map<UUID, List<Adjudication>> of(Collection<UUID> claimIds);
}

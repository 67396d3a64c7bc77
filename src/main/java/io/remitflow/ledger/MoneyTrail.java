package io.remitflow.ledger;

import io.remitflow.identity.Permission;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/**
 * Implemented by each module that knows a part of the way of money: the tracer asks all of them and joins what they say.
 * A new kind of document, such as a bank line, appears on the trace by one more implementation.
 */
public interface MoneyTrail {

    /** Who lacks it sees nothing of this part. */
    Permission permission();

    /** Documents with exactly that number or amount; the total counts all of them. */
    MoneyMatches find(MoneySearch search, int limit);

    /**
     * The things with these ids, and those that hang on them (a refund on its payment, the answers of a payer on the
     * claim). The ids of other modules are among them.
     */
    List<MoneyNode> nodes(Collection<UUID> ids);
}

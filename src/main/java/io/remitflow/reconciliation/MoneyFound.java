package io.remitflow.reconciliation;

import io.remitflow.ledger.MoneyNode;
import java.util.List;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What a search found.
 *
 * @param amount as which the text was read; null if it is none
 * @param total how many there are, also those that are not listed
 */
public record MoneyFound(@Nullable Money amount, long total, List<MoneyNode> matches) {

    public MoneyFound {
        matches = List.copyOf(matches);
    }
}

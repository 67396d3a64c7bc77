package io.remitflow.ledger;

import io.remitflow.identity.CurrentOrganization;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What somebody looks for: exactly this number or, if it can be read as one, this amount.
 *
 * @param text as it was typed, without spaces around it
 */
public record MoneySearch(String text, @Nullable Money amount) {

    /**
     * The newest matches of a query that selects {@code id} by {@code :org}, {@code :text}, {@code :upper} (the text in
     * capitals), {@code :amount} (minor units, null if the text is none) and {@code :currency}.
     */
    public MoneyMatches among(JdbcClient jdbc, String sql, int limit) {
        long[] total = {0};
        List<UUID> ids = new ArrayList<>();
        jdbc.sql("select id, count(*) over () as total from (%s) found order by id desc limit :limit".formatted(sql))
                .param("org", CurrentOrganization.id().value())
                .param("text", text)
                .param("upper", text.toUpperCase(Locale.ROOT))
                .param("amount", amount == null ? null : amount.getAmountMinorLong(), Types.BIGINT)
                .param(
                        "currency",
                        amount == null ? null : amount.getCurrencyUnit().getCode(),
                        Types.VARCHAR)
                .param("limit", limit)
                .query(row -> {
                    total[0] = row.getLong("total");
                    ids.add(row.getObject("id", UUID.class));
                });
        return new MoneyMatches(total[0], ids);
    }
}

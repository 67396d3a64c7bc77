package io.remitflow.ledger;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * One thing on the way of money. It names no patient.
 *
 * @param kind what it is, such as {@code remittance}
 * @param text what more there is to say, in words
 * @param href its page; null: it has none
 * @param next what it leads to or comes from, by id; ids that nobody knows are passed over
 */
public record MoneyNode(
        UUID id,
        String kind,
        MoneyStage stage,
        String title,
        @Nullable Money amount,
        @Nullable LocalDate date,
        MoneyState state,
        String text,
        @Nullable String href,
        List<UUID> next) {

    public MoneyNode {
        next = List.copyOf(next);
    }
}

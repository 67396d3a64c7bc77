package io.remitflow.ui;

import java.util.List;
import java.util.stream.Collectors;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/** What waits, by how long: a chart of four bars. */
public record AgeBars(List<Money> amounts) {

    /** Upper limits of all but the last, in days; in the order of {@link #amounts}. */
    public static final List<Integer> BELOW_DAYS = List.of(3, 8, 31);

    /** For a query: which bar something of this time belongs to, starting with 0. */
    public static String bucket(String column, String now) {
        return "case when %1$s > %2$s::timestamptz - interval '%3$d days' then 0"
                        .formatted(column, now, BELOW_DAYS.get(0))
                + " when %1$s > %2$s::timestamptz - interval '%3$d days' then 1"
                        .formatted(column, now, BELOW_DAYS.get(1))
                + " when %1$s > %2$s::timestamptz - interval '%3$d days' then 2 else 3 end"
                        .formatted(column, now, BELOW_DAYS.get(2));
    }

    public static AgeBars none(CurrencyUnit currency) {
        Money zero = Money.zero(currency);
        return new AgeBars(List.of(zero, zero, zero, zero));
    }

    public AgeBars {
        amounts = List.copyOf(amounts);
    }

    public boolean isEmpty() {
        return amounts.stream().allMatch(Money::isZero);
    }

    public String labelsJson() {
        return "[\"up to 2 days\",\"3 to 7\",\"8 to 30\",\"over 30\"]";
    }

    public String amountsJson() {
        return amounts.stream()
                .map(money -> money.getAmount().toPlainString())
                .collect(Collectors.joining(",", "[", "]"));
    }
}

package io.remitflow.receivables.web;

import io.remitflow.receivables.Aging;
import java.util.ArrayList;
import java.util.List;
import org.joda.money.Money;

/** Open debits by age as parts of a bar that is {@value #WIDTH} units wide. */
record AgingBar(List<Part> parts) {

    static final int WIDTH = 1000;

    private static final List<String> COLOURS = List.of("#2a8a72", "#8fb93e", "#e0b02f", "#d57c2b", "#b4373c");
    private static final List<String> TITLES =
            List.of("0-30 days", "31-60 days", "61-90 days", "91-120 days", "over 120 days");

    static AgingBar of(Aging.Buckets buckets) {
        var amounts = List.of(
                buckets.days0To30(),
                buckets.days31To60(),
                buckets.days61To90(),
                buckets.days91To120(),
                buckets.over120());
        long open = Math.max(1, buckets.open().getAmountMinorLong());
        var parts = new ArrayList<Part>();
        long before = 0;
        for (int bucket = 0; bucket < amounts.size(); bucket++) {
            Money amount = amounts.get(bucket);
            long from = before * WIDTH / open;
            before += amount.getAmountMinorLong();
            parts.add(new Part(TITLES.get(bucket), amount, COLOURS.get(bucket), from, before * WIDTH / open - from));
        }
        return new AgingBar(parts);
    }

    record Part(String title, Money amount, String colour, long x, long width) {}
}

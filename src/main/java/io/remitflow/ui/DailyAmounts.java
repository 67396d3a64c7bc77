package io.remitflow.ui;

import java.time.LocalDate;
import java.util.Map;
import org.joda.money.Money;

/** Contributed by the modules above: one line of the chart on the home page. */
public interface DailyAmounts {

    /** "Money in" or "Money out". */
    String direction();

    /** Days without money may be missing. Empty if the signed-in person may not see it. */
    Map<LocalDate, Money> between(LocalDate first, LocalDate last);
}

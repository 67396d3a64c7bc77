package io.remitflow.ui;

import io.remitflow.identity.Person;
import java.time.LocalDate;
import java.util.Map;
import org.joda.money.Money;

/** Contributed by the modules above: one line of the chart on the home page. */
public interface DailyAmounts {

    /** "Money in" or "Money out". */
    String direction();

    boolean visibleTo(Person person);

    /** Days without money may be missing. */
    Map<LocalDate, Money> between(LocalDate first, LocalDate last);
}

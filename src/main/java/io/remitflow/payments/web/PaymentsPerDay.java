package io.remitflow.payments.web;

import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.payments.Payments;
import io.remitflow.ui.DailyAmounts;
import java.time.LocalDate;
import java.util.Map;
import org.joda.money.Money;
import org.springframework.stereotype.Component;

/** What patients paid, on the chart of the home page. */
@Component
class PaymentsPerDay implements DailyAmounts {

    private final Payments payments;

    PaymentsPerDay(Payments payments) {
        this.payments = payments;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.PATIENT_ACCOUNTS_VIEW);
    }

    @Override
    public String direction() {
        return "Money in";
    }

    @Override
    public Map<LocalDate, Money> between(LocalDate first, LocalDate last) {
        return payments.receivedPerDay(first, last);
    }
}

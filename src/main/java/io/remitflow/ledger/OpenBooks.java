package io.remitflow.ledger;

import io.remitflow.identity.OrganizationCreated;
import io.remitflow.identity.Organizations;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** A new organization starts with the standard chart and open periods from last year through next year. */
@Component
class OpenBooks {

    private final ChartOfAccounts chart;
    private final FiscalPeriods periods;
    private final Organizations organizations;

    OpenBooks(ChartOfAccounts chart, FiscalPeriods periods, Organizations organizations) {
        this.chart = chart;
        this.periods = periods;
        this.organizations = organizations;
    }

    @EventListener
    void open(OrganizationCreated created) {
        chart.createStandardAccounts(organizations.get(created.id()).currency());
        int thisYear = organizations.today().getYear();
        for (int year = thisYear - 1; year <= thisYear + 1; year++) {
            periods.createYear(year);
        }
    }
}

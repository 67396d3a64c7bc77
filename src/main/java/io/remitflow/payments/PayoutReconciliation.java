package io.remitflow.payments;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import io.remitflow.payments.PayoutGateway.GatewayPayout;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** Asks every night for the payouts of the last days, so that one whose reports were all lost is known all the same. */
@Service
class PayoutReconciliation {

    private static final Logger log = LoggerFactory.getLogger(PayoutReconciliation.class);

    private static final Duration AT_FIRST = Duration.ofDays(30);

    /** Payouts are listed in the order of their making; one may be made while another is read. */
    private static final Duration OVERLAP = Duration.ofDays(7);

    private static final int MOST = 500;

    private final Payouts payouts;
    private final PayoutRows rows;
    private final CardGateways calls;
    private final Gateways gateways;
    private final Organizations organizations;
    private final TransactionTemplate transactions;
    private final Clock clock;

    PayoutReconciliation(
            Payouts payouts,
            PayoutRows rows,
            CardGateways calls,
            Gateways gateways,
            Organizations organizations,
            TransactionTemplate transactions,
            Clock clock) {
        this.payouts = payouts;
        this.rows = rows;
        this.calls = calls;
        this.gateways = gateways;
        this.organizations = organizations;
        this.transactions = transactions;
        this.clock = clock;
    }

    @Scheduled(cron = "${remitflow.payments.payouts-at:0 40 1 * * *}")
    void everyNight() {
        for (Organization organization : organizations.all()) {
            try {
                CurrentOrganization.run(organization.id(), this::reconcile);
            } catch (RuntimeException e) {
                log.warn("Payouts of organization {} could not be asked for", organization.code(), e);
            }
        }
    }

    /**
     * Of the current organization.
     *
     * @return how many had not been reported
     */
    int reconcile() {
        int added = 0;
        for (String provider : calls.payingOut()) {
            if (gateways.connection(provider).isPresent()) {
                added += reconcile(provider);
            }
        }
        if (added > 0) {
            log.info("{} payouts had not been reported", added);
        }
        return added;
    }

    private int reconcile(String provider) {
        Optional<Instant> latest = Objects.requireNonNull(transactions.execute(status -> rows.latest(provider)));
        Instant since = latest.map(at -> at.minus(OVERLAP))
                .orElseGet(() -> clock.instant().minus(AT_FIRST));
        int added = 0;
        for (GatewayPayout listed : calls.payouts(provider, since, MOST)) {
            boolean known = Boolean.TRUE.equals(transactions.execute(
                    status -> rows.ofGateway(provider, listed.id()).isPresent()));
            if (!known) {
                EventEffect news = payouts.reported(provider, listed.id());
                transactions.executeWithoutResult(status -> news.apply());
                added++;
            }
        }
        return added;
    }
}

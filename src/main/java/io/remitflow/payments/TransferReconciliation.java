package io.remitflow.payments;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Asks every night for the transfers of each day since the last run: SePay gives up a report after half an hour, so an
 * outage would lose it otherwise. A transfer that was reported before changes nothing.
 */
@Service
class TransferReconciliation {

    private static final Logger log = LoggerFactory.getLogger(TransferReconciliation.class);

    /** Days of SePay are those of its banks. */
    private static final ZoneId BANKS = ZoneId.of("Asia/Ho_Chi_Minh");

    private static final int DAYS_AT_FIRST = 7;
    private static final int MOST_DAYS = 60;

    private final TransferSource source;
    private final BankTransfers transfers;
    private final Gateways gateways;
    private final Organizations organizations;
    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final Clock clock;

    TransferReconciliation(
            TransferSource source,
            BankTransfers transfers,
            Gateways gateways,
            Organizations organizations,
            JdbcClient jdbc,
            TransactionTemplate transactions,
            Clock clock) {
        this.source = source;
        this.transfers = transfers;
        this.gateways = gateways;
        this.organizations = organizations;
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.clock = clock;
    }

    @Scheduled(cron = "${remitflow.payments.transfers-at:0 20 1 * * *}")
    void everyNight() {
        for (Organization organization : organizations.all()) {
            try {
                CurrentOrganization.run(organization.id(), this::reconcile);
            } catch (RuntimeException e) {
                log.warn("Transfers of organization {} could not be asked for", organization.code(), e);
            }
        }
    }

    /**
     * Of the current organization. The last day asked for is asked for again, because it had not ended; a day that cannot
     * be asked for ends the run, and the next one begins there.
     *
     * @return how many transfers had not been reported
     */
    int reconcile() {
        if (gateways.connection(source.provider()).isEmpty()) {
            return 0;
        }
        LocalDate today = LocalDate.ofInstant(clock.instant(), BANKS);
        LocalDate day = until().orElse(today.minusDays(DAYS_AT_FIRST));
        int added = 0;
        for (int asked = 0; !day.isAfter(today) && asked < MOST_DAYS; asked++, day = day.plusDays(1)) {
            added += take(day, source.transfers(day), added);
        }
        if (added > 0) {
            log.info("{} transfers had not been reported", added);
        }
        return added;
    }

    private int take(LocalDate day, List<TransferSource.Listed> listed, int before) {
        return Objects.requireNonNull(transactions.execute(status -> {
            int added = 0;
            for (TransferSource.Listed each : listed) {
                var transfer = new BankTransfer(
                        each.id(), each.incoming(), each.amount(), each.code(), each.content(), each.referenceCode());
                if (!transfers.known(transfer)) {
                    transfers.take(transfer);
                    added++;
                }
            }
            jdbc.sql("""
                            insert into payments_transfer_cursors (org_id, gateway_provider, reconciled_until, asked_at,
                                new_transfers)
                            values (:org, :provider, :day, :now, :added)
                            on conflict (org_id, gateway_provider) do update
                                set reconciled_until = greatest(payments_transfer_cursors.reconciled_until, :day),
                                    asked_at = :now, new_transfers = :added
                            """)
                    .param("org", CurrentOrganization.id().value())
                    .param("provider", source.provider())
                    .param("day", day)
                    .param("now", Timestamp.from(clock.instant()))
                    .param("added", before + added)
                    .update();
            return added;
        }));
    }

    private Optional<LocalDate> until() {
        Optional<LocalDate> until = transactions.execute(status -> jdbc.sql(
                        "select reconciled_until from payments_transfer_cursors where gateway_provider = :provider")
                .param("provider", source.provider())
                .query(LocalDate.class)
                .optional());
        return Objects.requireNonNull(until);
    }
}

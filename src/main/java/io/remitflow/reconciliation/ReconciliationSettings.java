package io.remitflow.reconciliation;

import java.time.Duration;
import java.time.LocalTime;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code remitflow.reconciliation.*}.
 *
 * @param dailyToken what the daily trigger must be called with; empty: there is no such trigger
 * @param lag how long news of a payment may be under way: what happened so shortly before the end of a period and has no
 *     counterpart yet belongs to the next one
 * @param duplicateWindow how far apart two charges of the same payer and amount are suspected to be one
 * @param dailyAfter the earliest time of day, in the zone of the organization, at which the day before is reconciled
 * @param againDays how many days before that one are reconciled again in the same night, for what arrived late
 */
@ConfigurationProperties("remitflow.reconciliation")
public record ReconciliationSettings(
        @DefaultValue("") String dailyToken,
        @DefaultValue("1h") Duration lag,
        @DefaultValue("24h") Duration duplicateWindow,
        @DefaultValue("02:00") LocalTime dailyAfter,
        @DefaultValue("7") int againDays) {

    public ReconciliationSettings {
        if (againDays < 0 || againDays > 31) {
            throw new IllegalArgumentException("remitflow.reconciliation.again-days must be from 0 to 31");
        }
    }

    @Override
    public String toString() {
        return "ReconciliationSettings[lag=%s, duplicateWindow=%s, dailyAfter=%s, againDays=%s]"
                .formatted(lag, duplicateWindow, dailyAfter, againDays);
    }
}

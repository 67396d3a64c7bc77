package io.remitflow.checks;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** How far the date of a remittance line may lie from an invoice, and how old a check may be. */
@Service
@Transactional
public class CheckSettings {

    static final int DEFAULT_WINDOW_DAYS = 10;

    /** UCC 4-404. */
    static final int DEFAULT_STALE_MONTHS = 6;

    private static final int MAX_WINDOW_DAYS = 60;
    private static final int MAX_STALE_MONTHS = 24;

    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final Clock clock;

    CheckSettings(JdbcClient jdbc, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.clock = clock;
    }

    @Transactional(readOnly = true)
    public int windowDays() {
        return jdbc.sql("select window_days from check_settings")
                .query(Integer.class)
                .optional()
                .orElse(DEFAULT_WINDOW_DAYS);
    }

    /** Banks need not pay older checks. */
    @Transactional(readOnly = true)
    public int staleMonths() {
        return jdbc.sql("select stale_months from check_settings")
                .query(Integer.class)
                .optional()
                .orElse(DEFAULT_STALE_MONTHS);
    }

    public void changeWindow(int days) {
        if (days < 0 || days > MAX_WINDOW_DAYS) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the window is 0 to %d days".formatted(MAX_WINDOW_DAYS));
        }
        jdbc.sql("""
                        insert into check_settings (org_id, window_days, updated_at) values (:org, :days, :now)
                        on conflict (org_id) do update set window_days = :days, updated_at = :now
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("days", days)
                .param("now", Timestamp.from(clock.instant()))
                .update();
        audit.record("checks.window-changed", "settings", "checks", Map.of("days", days));
    }

    public void changeStaleMonths(int months) {
        if (months < 1 || months > MAX_STALE_MONTHS) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a check is stale after 1 to %d months".formatted(MAX_STALE_MONTHS));
        }
        jdbc.sql("""
                        insert into check_settings (org_id, window_days, stale_months, updated_at)
                        values (:org, :days, :months, :now)
                        on conflict (org_id) do update set stale_months = :months, updated_at = :now
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("days", DEFAULT_WINDOW_DAYS)
                .param("months", months)
                .param("now", Timestamp.from(clock.instant()))
                .update();
        audit.record("checks.stale-months-changed", "settings", "checks", Map.of("months", months));
    }
}

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

/** How far the date of a remittance line may lie from an invoice. */
@Service
@Transactional
public class CheckSettings {

    static final int DEFAULT_WINDOW_DAYS = 10;

    private static final int MAX_WINDOW_DAYS = 60;

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
}

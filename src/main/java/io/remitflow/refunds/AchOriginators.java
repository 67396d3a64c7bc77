package io.remitflow.refunds;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The originator of the organization's ACH files; none until its bank is set up. */
@Service
@Transactional
public class AchOriginators {

    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final Clock clock;

    AchOriginators(JdbcClient jdbc, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.clock = clock;
    }

    @Transactional(readOnly = true)
    public Optional<AchOriginator> find() {
        return query("").optional();
    }

    /** Locked: one batch of an organization at a time takes its numbers. */
    @Transactional(propagation = Propagation.MANDATORY)
    AchOriginator lock() {
        return query(" for no key update")
                .optional()
                .orElseThrow(() -> new RuleViolation(
                        Refusal.INVALID_INPUT, "the originator of ACH files is not set up: ask an administrator"));
    }

    public void change(AchOriginator originator) {
        jdbc.sql("""
                        insert into refund_ach_originators (org_id, odfi_routing, destination_name, immediate_origin,
                            origin_name, company_name, company_id, entry_description, cut_off, return_window_days, updated_at)
                        values (:org, :odfi, :destination, :origin, :originName, :company, :companyId, :description, :cutOff,
                            :window, :now)
                        on conflict (org_id) do update set odfi_routing = :odfi, destination_name = :destination,
                            immediate_origin = :origin, origin_name = :originName, company_name = :company,
                            company_id = :companyId, entry_description = :description, cut_off = :cutOff,
                            return_window_days = :window, updated_at = :now
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("odfi", originator.odfiRouting())
                .param("destination", originator.destinationName())
                .param("origin", originator.immediateOrigin())
                .param("originName", originator.originName())
                .param("company", originator.companyName())
                .param("companyId", originator.companyId())
                .param("description", originator.entryDescription())
                .param("cutOff", Time.valueOf(originator.cutOff()))
                .param("window", originator.returnWindowDays())
                .param("now", Timestamp.from(clock.instant()))
                .update();
        audit.record("ach-originator-changed", "settings", "ach-originator", Map.of("odfi", originator.odfiRouting()));
    }

    private JdbcClient.MappedQuerySpec<AchOriginator> query(String suffix) {
        return jdbc.sql("select * from refund_ach_originators where org_id = :org" + suffix)
                .param("org", CurrentOrganization.id().value())
                .query(AchOriginators::originator);
    }

    private static AchOriginator originator(ResultSet row, int index) throws SQLException {
        return new AchOriginator(
                row.getString("odfi_routing"),
                row.getString("destination_name"),
                row.getString("immediate_origin"),
                row.getString("origin_name"),
                row.getString("company_name"),
                row.getString("company_id"),
                row.getString("entry_description"),
                row.getTime("cut_off").toLocalTime(),
                row.getInt("return_window_days"));
    }
}

package io.remitflow.identity;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.joda.money.CurrencyUnit;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.Assert;

/** The directory of organizations. */
@Service
public class Organizations {

    private static final Pattern CODE = Pattern.compile("[a-z0-9][a-z0-9-]{1,39}");
    private static final String SELECT = "select org_id, code, name, time_zone, currency from organizations ";

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final ApplicationEventPublisher events;
    private final AuditLog audit;
    private final Clock clock;

    Organizations(
            JdbcClient jdbc,
            TransactionTemplate transactions,
            ApplicationEventPublisher events,
            AuditLog audit,
            Clock clock) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.events = events;
        this.audit = audit;
        this.clock = clock;
    }

    public List<Organization> all() {
        return jdbc.sql(SELECT + "order by code").query(Organizations::read).list();
    }

    /**
     * Those for which the query finds a row, each asked under its own row security: for schedulers that look for work
     * everywhere.
     *
     * @param probe constant SQL, never made of input
     */
    public List<Organization> having(String probe) {
        return jdbc.sql(SELECT + "where org_id in (select organizations_having(:probe)) order by code")
                .param("probe", probe)
                .query(Organizations::read)
                .list();
    }

    public Optional<Organization> byCode(String code) {
        return jdbc.sql(SELECT + "where code = :code")
                .param("code", code)
                .query(Organizations::read)
                .optional();
    }

    public Organization get(OrganizationId id) {
        return jdbc.sql(SELECT + "where org_id = :id")
                .param("id", id.value())
                .query(Organizations::read)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("organization"));
    }

    public Organization current() {
        return get(CurrentOrganization.id());
    }

    /** The business date of the current organization: the day in its own time zone. */
    public LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), current().timeZone());
    }

    /** Creates the organization and, by {@link OrganizationCreated}, all it starts with: everything or nothing. */
    public OrganizationId create(String code, String name, ZoneId zone, CurrencyUnit currency) {
        Assert.state(
                !TransactionSynchronizationManager.isActualTransactionActive(),
                "a transaction belongs to one organization from its beginning: create the new one outside of it");
        if (!CODE.matcher(code).matches() || name.isBlank() || name.length() > 120) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "An organization needs a name and a code of lower-case letters and digits");
        }
        var id = OrganizationId.next();
        return CurrentOrganization.call(id, () -> {
            transactions.executeWithoutResult(transaction -> {
                int inserted = jdbc.sql("""
                                insert into organizations (org_id, code, name, time_zone, currency)
                                values (:id, :code, :name, :zone, :currency) on conflict do nothing
                                """)
                        .param("id", id.value())
                        .param("code", code)
                        .param("name", name)
                        .param("zone", zone.getId())
                        .param("currency", currency.getCode())
                        .update();
                if (inserted == 0) {
                    throw new RuleViolation(
                            Refusal.INVALID_INPUT, "There is already an organization with the code " + code);
                }
                audit.record("organization.created", "organization", id.toString(), Map.of("code", code));
                events.publishEvent(new OrganizationCreated(id));
            });
            return id;
        });
    }

    private static Organization read(ResultSet row, int number) throws SQLException {
        return new Organization(
                new OrganizationId(row.getObject("org_id", java.util.UUID.class)),
                row.getString("code"),
                row.getString("name"),
                zone(row.getString("time_zone")),
                CurrencyUnit.of(row.getString("currency")));
    }

    private static ZoneId zone(String id) {
        try {
            return ZoneId.of(id);
        } catch (DateTimeException e) {
            throw new IllegalStateException("organizations.time_zone holds the unknown zone " + id, e);
        }
    }
}

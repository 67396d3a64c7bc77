package io.remitflow.ledger;

import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Which months may still be posted into.
 *
 * <p>A posting holds a share lock on its period until its commit, closing takes an exclusive one: an entry is either in
 * before the close or refused.
 */
@Service
public class FiscalPeriods {

    private final JdbcClient jdbc;
    private final Organizations organizations;
    private final AuditLog audit;
    private final Clock clock;

    FiscalPeriods(JdbcClient jdbc, Organizations organizations, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.organizations = organizations;
        this.audit = audit;
        this.clock = clock;
    }

    @Transactional(readOnly = true)
    public List<FiscalPeriod> all() {
        return jdbc.sql("select * from accounting_fiscal_periods where org_id = :org order by starts_on desc")
                .param("org", CurrentOrganization.id().value())
                .query((row, number) -> read(row))
                .list();
    }

    /** Waits for postings into the period that have begun; later ones are refused. Closing a closed period changes nothing. */
    @Transactional
    public void close(String name) {
        var period = locked(name);
        if (!period.open()) {
            return;
        }
        jdbc.sql("""
                        update accounting_fiscal_periods set status = 'closed', closed_by = :by, closed_at = :at
                         where org_id = :org and fiscal_period = :name
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("name", name)
                .param("by", CurrentUser.find().map(UserId::value).orElse(null), Types.OTHER)
                .param("at", clock.instant().atOffset(ZoneOffset.UTC))
                .update();
        audit.record("fiscal-period.closed", "fiscal-period", name, Map.of());
    }

    @Transactional
    public void reopen(String name, String reason) {
        if (reason.isBlank() || reason.length() > 500) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "reopening a period needs a reason of at most 500 characters");
        }
        if (locked(name).open()) {
            return;
        }
        jdbc.sql("""
                        update accounting_fiscal_periods set status = 'open', closed_by = null, closed_at = null
                         where org_id = :org and fiscal_period = :name
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("name", name)
                .update();
        audit.record("fiscal-period.reopened", "fiscal-period", name, Map.of("reason", reason.strip()));
    }

    /** Twelve open months, unless they are there already. */
    @Transactional(propagation = Propagation.MANDATORY)
    void createYear(int year) {
        for (int month = 1; month <= 12; month++) {
            var yearMonth = YearMonth.of(year, month);
            jdbc.sql("""
                            insert into accounting_fiscal_periods (org_id, id, fiscal_period, starts_on, ends_on)
                            values (:org, :id, :name, :starts, :ends) on conflict do nothing
                            """)
                    .param("org", CurrentOrganization.id().value())
                    .param("id", Ids.next())
                    .param("name", yearMonth.toString())
                    .param("starts", yearMonth.atDay(1))
                    .param("ends", yearMonth.atEndOfMonth())
                    .update();
        }
    }

    /**
     * The open period of the date, locked against closing until the transaction ends; with {@code orNextOpen} the first
     * open one after it.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    FiscalPeriod forPosting(LocalDate date, boolean orNextOpen) {
        var period = shared(date).or(() -> {
            createMissingYear(date);
            return shared(date);
        });
        if (period.filter(FiscalPeriod::open).isPresent()) {
            return period.get();
        }
        // A date before the books began is like one in a closed period.
        return Optional.of(period.map(FiscalPeriod::endsOn).orElse(date))
                .filter(after -> orNextOpen && (period.isPresent() || after.isBefore(organizations.today())))
                .flatMap(this::nextOpen)
                .orElseThrow(() -> new RuleViolation(
                        Refusal.PERIOD_CLOSED,
                        period.map(closed -> "the fiscal period %s is closed".formatted(closed.name()))
                                .orElse("there is no fiscal period for %s".formatted(date))));
    }

    /** The books of next year open by themselves; dates further away are typing errors. */
    private void createMissingYear(LocalDate date) {
        int thisYear = organizations.today().getYear();
        if (date.getYear() >= thisYear && date.getYear() <= thisYear + 1) {
            createYear(date.getYear());
        }
    }

    private Optional<FiscalPeriod> nextOpen(LocalDate after) {
        var later = jdbc.sql("""
                        select starts_on from accounting_fiscal_periods
                         where org_id = :org and starts_on > :after and status = 'open' order by starts_on
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("after", after)
                .query(LocalDate.class)
                .list();
        // One at a time: the first may have been closed since the list was read.
        return later.stream()
                .flatMap(start -> shared(start).stream())
                .filter(FiscalPeriod::open)
                .findFirst();
    }

    private Optional<FiscalPeriod> shared(LocalDate date) {
        return jdbc.sql("""
                        select * from accounting_fiscal_periods
                         where org_id = :org and starts_on <= :date and ends_on >= :date for share
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("date", date)
                .query((row, number) -> read(row))
                .optional();
    }

    private FiscalPeriod locked(String name) {
        return jdbc.sql("select * from accounting_fiscal_periods where org_id = :org and fiscal_period = :name"
                        + " for no key update")
                .param("org", CurrentOrganization.id().value())
                .param("name", name)
                .query((row, number) -> read(row))
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("fiscal period"));
    }

    private static FiscalPeriod read(ResultSet row) throws SQLException {
        UUID closedBy = row.getObject("closed_by", UUID.class);
        OffsetDateTime closedAt = row.getObject("closed_at", OffsetDateTime.class);
        return new FiscalPeriod(
                row.getString("fiscal_period"),
                row.getObject("starts_on", LocalDate.class),
                row.getObject("ends_on", LocalDate.class),
                row.getString("status").equals("open"),
                closedBy == null ? null : new UserId(closedBy),
                closedAt == null ? null : closedAt.toInstant());
    }
}

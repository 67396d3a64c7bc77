package io.remitflow.reconciliation;

import static io.remitflow.ledger.StandardAccount.BANK_SUSPENSE;

import io.remitflow.core.Amounts;
import io.remitflow.core.BusinessDays;
import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.Discrepancy;
import io.remitflow.discrepancies.DiscrepancyEvidence;
import io.remitflow.discrepancies.DiscrepancyType;
import io.remitflow.discrepancies.FoundDiscrepancy;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Settings;
import io.remitflow.identity.Turns;
import io.remitflow.identity.Users;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Bank lines that stay in suspense as discrepancies: money that moved and that our books do not explain, with an owner, a
 * deadline and an escalation. A line has a case from the day after the bank days of the setting on, unless it is in a bank period
 * that is worked on, whose task it is. The case ends by itself once the line has left suspense.
 */
@Component
class SuspendedLines implements DiscrepancyEvidence {

    static final String SUBJECT = "bank-line";

    private static final Logger log = LoggerFactory.getLogger(SuspendedLines.class);

    /** Cases that are opened at once; the others with the next look. */
    private static final int AT_ONCE = 200;

    private static final int MAX_WORDS = 300;

    private static final String SUSPENDED = """
            from accounting_clearing_references r
            join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id and a.account_code = '%s'
            """.formatted(BANK_SUSPENSE.code());

    private static final String ANY = "select 1 " + SUSPENDED + """
             where r.reference_kind = 'bank-line' and r.balance <> 0
            union all
            select 1 from reconciliation_discrepancies where subject_type = 'bank-line' and status <> 'resolved'
            """;

    /**
     * A line is in suspense since its last entry there. One that a person explained to be right as it is stays so; one whose case
     * ended by itself, and that is back, has it again.
     */
    private static final String WITHOUT_CASE = "select l.id, l.booked_on, l.amount, l.currency " + SUSPENDED + """
            join accounting_bank_lines l on l.org_id = r.org_id
                 and l.id = case when r.reference_kind = 'bank-line' then r.reference_value::uuid end
            where r.org_id = :org and r.reference_kind = 'bank-line' and r.balance <> 0
              and not exists (select from reconciliation_discrepancies d
                               where d.org_id = r.org_id and d.subject_type = 'bank-line' and d.subject_key = r.reference_value
                                 and (d.status <> 'resolved' or d.resolution <> 'matched'))
              and not exists (select from accounting_bank_reconciliation b
                               where b.org_id = l.org_id and b.bank_account_id = l.bank_account_id and b.status <> 'completed'
                                 and b.period_end >= l.booked_on)
              and (select max(e.posted_at) from accounting_journal_lines j
                     join accounting_journal_entries e on e.org_id = j.org_id and e.id = j.journal_entry_id
                    where j.org_id = r.org_id and j.clearing_reference_id = r.id) < :before
            order by l.booked_on, l.id limit :limit
            """;

    private static final String EXPLAINED = """
            select d.id from reconciliation_discrepancies d
             where d.org_id = :org and d.subject_type = 'bank-line' and d.status <> 'resolved'
               and not exists (select 1\s""" + SUSPENDED + """
                                where r.org_id = d.org_id and r.reference_kind = 'bank-line' and r.reference_value = d.subject_key
                                  and r.balance <> 0)
            """;

    private final JdbcClient jdbc;
    private final Discrepancies discrepancies;
    private final Organizations organizations;
    private final Settings settings;
    private final Users users;
    private final TransactionTemplate transactions;
    private final Clock clock;

    SuspendedLines(
            JdbcClient jdbc,
            Discrepancies discrepancies,
            Organizations organizations,
            Settings settings,
            Users users,
            TransactionTemplate transactions,
            Clock clock) {
        this.jdbc = jdbc;
        this.discrepancies = discrepancies;
        this.organizations = organizations;
        this.settings = settings;
        this.users = users;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** One organization after another; one that fails does not stop the others. Repeating it changes nothing. */
    @Scheduled(cron = "${remitflow.reconciliation.suspense-cron:0 */10 * * * *}")
    void look() {
        for (Organization organization : organizations.having(ANY)) {
            try {
                CurrentOrganization.run(
                        organization.id(), () -> transactions.executeWithoutResult(status -> look(organization)));
            } catch (RuntimeException e) {
                log.error("the bank lines in suspense of {} could not be looked at", organization.code(), e);
            }
        }
    }

    /** Whoever looks at the same time waits, and finds nothing left to do. */
    void look(Organization organization) {
        Turns.take(jdbc, "suspended lines");
        discrepancies.agree(
                jdbc.sql(EXPLAINED)
                        .param("org", organization.id().value())
                        .query(UUID.class)
                        .list(),
                "The line is out of bank suspense");
        for (FoundDiscrepancy found : withoutCase(organization)) {
            discrepancies.report(
                    Objects.requireNonNull(found.subjectId(), "a line has an id"), SUBJECT, List.of(found));
        }
    }

    private List<FoundDiscrepancy> withoutCase(Organization organization) {
        return jdbc.sql(WITHOUT_CASE)
                .param("org", organization.id().value())
                .param("before", Timestamp.from(tooLongSince(organization)), Types.TIMESTAMP)
                .param("limit", AT_ONCE)
                .query((row, number) -> {
                    UUID line = row.getObject("id", UUID.class);
                    LocalDate day = row.getObject("booked_on", LocalDate.class);
                    return new FoundDiscrepancy(
                            DiscrepancyType.MISSING_INTERNAL_RECORD,
                            SUBJECT,
                            line.toString(),
                            line,
                            "bank line of " + day,
                            Amounts.ofMinor(Math.absExact(row.getLong("amount")), row.getString("currency")),
                            day);
                })
                .list();
    }

    /** What came into suspense before has been there for more than the allowed bank days, however few hours of its first one. */
    private Instant tooLongSince(Organization organization) {
        int allowed = settings.billing().bankSuspenseDays();
        LocalDate today = clock.instant().atZone(organization.timeZone()).toLocalDate();
        LocalDate day = today.minusDays(1);
        while (!BusinessDays.after(day, allowed).isBefore(today)) {
            day = day.minusDays(1);
        }
        return day.plusDays(1).atStartOfDay(organization.timeZone()).toInstant();
    }

    @Override
    public String subjectType() {
        return SUBJECT;
    }

    @Override
    @Transactional(readOnly = true)
    public List<Compared> of(String subjectKey) {
        return jdbc.sql("""
                        select l.*, t.account_name, b.evidence from accounting_bank_lines l
                        join accounting_bank_accounts t on t.org_id = l.org_id and t.id = l.bank_account_id
                        left join accounting_bank_bookings b on b.org_id = l.org_id and b.line_id = l.id
                        where l.org_id = :org and l.id = :id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", UUID.fromString(subjectKey))
                .query((row, number) -> {
                    List<Compared> facts = new ArrayList<>();
                    String currency = row.getString("currency");
                    facts.add(new Compared(
                            "Amount", null, Amounts.format(row.getLong("amount"), currency) + " " + currency));
                    facts.add(new Compared("Account", "", row.getString("account_name")));
                    facts.add(new Compared("Day", "", row.getString("booked_on")));
                    String words = (row.getString("counterparty") + " " + row.getString("description")).strip();
                    facts.add(new Compared("Text", "", words.substring(0, Math.min(words.length(), MAX_WORDS))));
                    facts.add(new Compared(
                            "Why it is in suspense", Objects.requireNonNullElse(row.getString("evidence"), ""), ""));
                    return facts;
                })
                .optional()
                .orElse(List.of());
    }

    /** For whoever may match it; a manager without that permission asks accounting. */
    @Override
    public @Nullable String href(Discrepancy discrepancy) {
        return CurrentUser.find()
                .flatMap(users::find)
                .filter(person -> person.may(Permission.BANK_RECONCILE) && !discrepancy.isResolved())
                .map(person -> "/app/bank/matching?line=" + discrepancy.subjectKey())
                .orElse(null);
    }
}

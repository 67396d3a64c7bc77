package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.UserId;
import io.remitflow.workflow.Timeline;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * What payers took, carried forward or advanced outside of claims (PLB), across remittances.
 *
 * <p>At every moment the open amounts of a payer are what its remittances left on the account.
 */
@Service
@Transactional(readOnly = true)
public class Takebacks {

    private static final int EXPLANATION_LENGTH = 1_000;

    /** Claims shown of an item; a remittance may reverse very many. */
    private static final int CLAIMS = 100;

    private static final String STEP = """
            select s.*, t.code, t.payer_name, t.reference, t.currency, c.control_number, r.trace_number,
                   k.control_number as credit_claim
            from billing_takeback_steps s
            join billing_takebacks t on t.org_id = s.org_id and t.id = s.takeback_id
            left join billing_remittances r on r.org_id = s.org_id and r.id = s.remittance_id
            left join billing_claims c on c.org_id = t.org_id and c.id = t.claim_id
            left join billing_claims k on k.org_id = s.org_id and k.id = s.credit_claim_id
            """;
    private static final String SELECT = """
            select t.*, coalesce(t.payer_id, c.payer_id) as known_payer_id, c.control_number, c.account_id, r.trace_number as opened_by_trace,
                   f.remittance_id as f_remittance_id, f.kind as f_kind, f.amount as f_amount, f.open_after as f_open_after,
                   f.booked_on as f_booked_on, r.trace_number as f_trace_number, f.line_position as f_line_position,
                   f.other_id as f_other_id, f.journal_entry_id as f_journal_entry_id,
                   f.resolution as f_resolution, f.reason as f_reason, l.resolution as l_resolution, l.reason as l_reason,
                   l.remittance_id as l_remittance_id, l.kind as l_kind, l.amount as l_amount, l.open_after as l_open_after,
                   l.booked_on as l_booked_on, l.trace_number as l_trace_number, l.line_position as l_line_position,
                   l.other_id as l_other_id, l.journal_entry_id as l_journal_entry_id,
                   f.credit_claim_id as f_credit_claim_id, null as f_credit_claim,
                   l.credit_claim_id as l_credit_claim_id, l.credit_claim as l_credit_claim
            from billing_takebacks t
            join billing_remittances r on r.org_id = t.org_id and r.id = t.opened_by
            left join billing_claims c on c.org_id = t.org_id and c.id = t.claim_id
            join lateral (select * from billing_takeback_steps s where s.org_id = t.org_id and s.takeback_id = t.id
                          order by s.id limit 1) f on true
            join lateral (select s.*, x.trace_number, k.control_number as credit_claim from billing_takeback_steps s
                          left join billing_remittances x on x.org_id = s.org_id and x.id = s.remittance_id
                          left join billing_claims k on k.org_id = s.org_id and k.id = s.credit_claim_id
                          where s.org_id = t.org_id and s.takeback_id = t.id order by s.id desc limit 1) l on true
            """;
    private static final String EXCEPTION = "t.open_amount <> 0 and t.problem is not null and t.explanation is null";

    private static final String SIDES = """
             coalesce(sum(t.open_amount) filter (where t.open_amount > 0), 0) as taken,
             coalesce(-sum(t.open_amount) filter (where t.open_amount < 0), 0) as owed
            """;

    private final JdbcClient jdbc;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    Takebacks(JdbcClient jdbc, Organizations organizations, Timeline timeline, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Newest first.
     *
     * @param after id of the last one of the page before, null for the first page
     */
    public List<Takeback> list(TakebackFilter filter, @Nullable UUID after, int limit) {
        String status = switch (filter.status()) {
            case EXCEPTION -> "and " + EXCEPTION;
            case OPEN -> "and t.open_amount <> 0";
            case CLOSED -> "and t.open_amount = 0";
            case ALL -> "";
        };
        TakebackKind kind = filter.kind();
        LocalDate today = organizations.today();
        return jdbc.sql(SELECT + """
                        where t.org_id = :org and (:after::uuid is null or t.id < :after)
                          and (:payer::text is null or t.payer_name ilike '%' || :payer || '%' or t.payer_identifier = :payer)
                          and (:account::text is null or t.account_code = :account)
                        """ + status + " order by t.id desc limit :limit")
                .param("org", organization())
                .param("after", after, Types.OTHER)
                .param(
                        "payer",
                        filter.payer() == null || filter.payer().isBlank()
                                ? null
                                : filter.payer().strip(),
                        Types.VARCHAR)
                .param("account", kind == null ? null : kind.account().code(), Types.VARCHAR)
                .param("limit", limit)
                .query((row, number) -> takeback(row, today))
                .list();
    }

    public TakebackDetail get(UUID id) {
        Takeback takeback = find(id);
        List<TakebackStep> steps = jdbc.sql(STEP + "where s.org_id = :org and s.takeback_id = :id order by s.id")
                .param("org", organization())
                .param("id", id)
                .query((row, number) -> step(row))
                .list();
        return new TakebackDetail(takeback, steps, affectedClaims(takeback));
    }

    /** What the provider adjustments of a remittance did to open items, in the order of the remittance. */
    public List<TakebackStep> ofRemittance(UUID remittanceId) {
        return jdbc.sql(STEP + """
                        where s.org_id = :org and s.remittance_id = :remittance and s.line_position is not null
                        order by s.line_position, s.id
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .query((row, number) -> step(row))
                .list();
    }

    public TakebackTotals totals() {
        String currency = organizations.current().currency().getCode();
        LocalDate today = organizations.today();
        return jdbc.sql("select count(*), count(*) filter (where " + EXCEPTION + ")," + SIDES
                        + " from billing_takebacks t where t.org_id = :org and t.open_amount <> 0")
                .param("org", organization())
                .query((row, number) -> new TakebackTotals(
                        row.getLong(1),
                        row.getLong(2),
                        money(row.getLong("taken"), currency),
                        money(row.getLong("owed"), currency),
                        ages(today, currency),
                        payers(currency),
                        accounts(currency)))
                .single();
    }

    /**
     * Records why an item with a problem is as it is, which takes it from the exceptions. No money moves: it stays open
     * until a remittance settles it, or another person books it away with {@link TakebackResolutions}.
     *
     * @throws RuleViolation {@link Refusal#CHANGED_MEANWHILE} if it is no exception (any more)
     */
    @Transactional
    public void explain(UUID id, String explanation) {
        find(id);
        String text = explanation.strip();
        if (text.isEmpty() || text.length() > EXPLANATION_LENGTH) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "an explanation has 1 to %,d characters".formatted(EXPLANATION_LENGTH));
        }
        int changed = jdbc.sql("""
                        update billing_takebacks t set explanation = :text, explained_by = :by, explained_at = :at
                        where t.org_id = :org and t.id = :id and
                        """ + EXCEPTION)
                .param("text", text)
                .param("by", CurrentUser.find().map(UserId::value).orElse(null), Types.OTHER)
                .param("at", Timestamp.from(clock.instant()))
                .param("org", organization())
                .param("id", id)
                .update();
        if (changed == 0) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "This item is settled or explained already");
        }
        timeline.add("takeback", id, "Explained", text);
        audit.record("takeback.explained", "takeback", id.toString(), Map.of("characters", text.length()));
    }

    private Takeback find(UUID id) {
        LocalDate today = organizations.today();
        return jdbc.sql(SELECT + "where t.org_id = :org and t.id = :id")
                .param("org", organization())
                .param("id", id)
                .query((row, number) -> takeback(row, today))
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("This takeback"));
    }

    /** The claim that the reference names; else what the remittance took back when it opened the item. */
    private List<TakebackDetail.AffectedClaim> affectedClaims(Takeback takeback) {
        if (takeback.claimNumber() != null) {
            return List.of(new TakebackDetail.AffectedClaim(takeback.claimNumber(), takeback.accountId(), null, null));
        }
        if (takeback.kind() != TakebackKind.FORWARD_BALANCE && takeback.kind() != TakebackKind.RECOVERY) {
            return List.of();
        }
        String currency = takeback.open().getCurrencyUnit().getCode();
        return jdbc.sql("""
                        select claim_control_number, account_id, status_code, paid_amount from billing_remittance_claims
                        where org_id = :org and remittance_id = :remittance and paid_amount < 0
                        order by position limit :limit
                        """)
                .param("org", organization())
                .param("remittance", takeback.openedBy())
                .param("limit", CLAIMS)
                .query((row, number) -> new TakebackDetail.AffectedClaim(
                        row.getString("claim_control_number"),
                        row.getObject("account_id", UUID.class),
                        row.getString("status_code"),
                        money(row.getLong("paid_amount"), currency)))
                .list();
    }

    private List<TakebackTotals.Age> ages(LocalDate today, String currency) {
        return jdbc.sql("""
                        select a.title, count(t.id), %s
                        from (values (1, '0 to 30 days', 0, 30), (2, '31 to 60 days', 31, 60),
                                     (3, '61 to 90 days', 61, 90), (4, 'Over 90 days', 91, 100000)) a (n, title, first, last)
                        left join billing_takebacks t on t.org_id = :org and t.open_amount <> 0
                             and greatest(:today::date - t.opened_on, 0) between a.first and a.last
                        group by a.n, a.title order by a.n
                        """.formatted(SIDES))
                .param("org", organization())
                .param("today", today)
                .query((row, number) -> new TakebackTotals.Age(
                        row.getString(1),
                        row.getLong(2),
                        money(row.getLong("taken"), currency),
                        money(row.getLong("owed"), currency)))
                .list();
    }

    private List<TakebackTotals.OfPayer> payers(String currency) {
        return jdbc.sql("""
                        select t.payer_identifier, max(t.payer_name) as name, count(*) as items, min(t.opened_on) as oldest,
                               count(*) filter (where %s) as exceptions, %s
                        from billing_takebacks t where t.org_id = :org and t.open_amount <> 0
                        group by t.payer_identifier
                        order by sum(abs(t.open_amount)) desc, t.payer_identifier limit 50
                        """.formatted(EXCEPTION, SIDES))
                .param("org", organization())
                .query((row, number) -> new TakebackTotals.OfPayer(
                        row.getString("payer_identifier"),
                        row.getString("name"),
                        row.getLong("items"),
                        row.getLong("exceptions"),
                        money(row.getLong("taken"), currency),
                        money(row.getLong("owed"), currency),
                        row.getObject("oldest", LocalDate.class)))
                .list();
    }

    private List<TakebackTotals.OfAccount> accounts(String currency) {
        return jdbc
                .sql("""
                        select a.account_code, a.account_name, a.current_balance,
                               coalesce((select sum(t.open_amount) from billing_takebacks t
                                         where t.org_id = a.org_id and t.account_code = a.account_code), 0) as items
                        from accounting_chart_of_accounts a
                        where a.org_id = :org and a.account_code in (:codes)
                        order by a.account_code
                        """)
                .param("org", organization())
                .param(
                        "codes",
                        Arrays.stream(TakebackKind.values())
                                .map(kind -> kind.account().code())
                                .toList())
                .query((row, number) -> new TakebackTotals.OfAccount(
                        row.getString("account_code"),
                        row.getString("account_name"),
                        money(row.getLong("items"), currency),
                        money(row.getLong("current_balance"), currency)))
                .list()
                .stream()
                .filter(account ->
                        !account.items().isZero() || !account.ledger().isZero())
                .toList();
    }

    private static Takeback takeback(ResultSet row, LocalDate today) throws SQLException {
        String currency = row.getString("currency");
        LocalDate openedOn = row.getObject("opened_on", LocalDate.class);
        LocalDate closedOn = row.getObject("closed_on", LocalDate.class);
        String problem = row.getString("problem");
        Timestamp explainedAt = row.getTimestamp("explained_at");
        UUID id = row.getObject("id", UUID.class);
        return new Takeback(
                id,
                TakebackKind.of(row.getString("code")).orElseThrow(),
                row.getString("code"),
                row.getString("account_code"),
                row.getString("payer_name"),
                row.getString("payer_identifier"),
                row.getObject("known_payer_id", UUID.class),
                row.getString("reference"),
                row.getObject("claim_id", UUID.class),
                row.getString("control_number"),
                row.getObject("account_id", UUID.class),
                money(row.getLong("opened_amount"), currency),
                money(row.getLong("open_amount"), currency),
                openedOn,
                closedOn,
                Math.max(0, ChronoUnit.DAYS.between(openedOn, closedOn == null ? today : closedOn)),
                problem == null ? null : TakebackProblem.ofColumn(problem),
                row.getString("explanation"),
                row.getObject("explained_by", UUID.class),
                explainedAt == null ? null : explainedAt.toInstant(),
                row.getObject("opened_by", UUID.class),
                row.getString("opened_by_trace"),
                step(row, id, "f_"),
                step(row, id, "l_"));
    }

    private static TakebackStep step(ResultSet row) throws SQLException {
        return step(row, row.getObject("takeback_id", UUID.class), "");
    }

    private static TakebackStep step(ResultSet row, UUID takebackId, String prefix) throws SQLException {
        String currency = row.getString("currency");
        return new TakebackStep(
                takebackId,
                row.getObject(prefix + "remittance_id", UUID.class),
                Objects.requireNonNullElse(row.getString(prefix + "trace_number"), ""),
                row.getObject(prefix + "line_position", Integer.class),
                TakebackStep.Kind.valueOf(row.getString(prefix + "kind").toUpperCase(Locale.ROOT)),
                TakebackKind.of(row.getString("code")).orElseThrow(),
                row.getString("code"),
                row.getString("payer_name"),
                row.getString("reference"),
                row.getString("control_number"),
                money(row.getLong(prefix + "amount"), currency),
                money(row.getLong(prefix + "open_after"), currency),
                row.getObject(prefix + "booked_on", LocalDate.class),
                row.getObject(prefix + "other_id", UUID.class),
                row.getObject(prefix + "journal_entry_id", UUID.class),
                resolution(row.getString(prefix + "resolution")),
                row.getObject(prefix + "credit_claim_id", UUID.class),
                row.getString(prefix + "credit_claim"),
                row.getString(prefix + "reason"));
    }

    private static @Nullable TakebackResolution resolution(@Nullable String key) {
        return key == null ? null : TakebackResolution.ofKey(key).orElseThrow();
    }

    private static Money money(long minor, String currency) {
        return Amounts.ofMinor(minor, currency);
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}

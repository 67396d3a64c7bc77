package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What was received and what became of it, for lists and pages; newest first. */
@Service
@Transactional(readOnly = true)
public class RemittanceRegister {

    private static final String SELECT = """
            select r.*, f.original_name from billing_remittances r
            join intake_files f on f.org_id = r.org_id and f.id = r.file_id
            """;
    private static final String FILTER = """
            where r.org_id = :org
              and (:state::text is null or r.state = :state)
              and (:payer::text is null or r.payer_name ilike '%' || :payer || '%' or r.payer_identifier = :payer)
              and (:from::date is null or r.payment_date >= :from)
              and (:to::date is null or r.payment_date <= :to)
              and (:atLeast::bigint is null or r.paid_amount >= :atLeast)
              and (:atMost::bigint is null or r.paid_amount <= :atMost)
            """;
    private static final String CLAIMS = """
            select c.*, r.currency, r.payer_name,
                   concat_ws(' ', c.remarks, (select string_agg(l.remarks, ' ' order by l.position)
                                              from billing_remittance_service_lines l
                                              where l.org_id = c.org_id and l.remittance_claim_id = c.id)) as all_remarks
            from billing_remittance_claims c
            join billing_remittances r on r.org_id = c.org_id and r.id = c.remittance_id
            """;

    private final JdbcClient jdbc;
    private final Organizations organizations;

    RemittanceRegister(JdbcClient jdbc, Organizations organizations) {
        this.jdbc = jdbc;
        this.organizations = organizations;
    }

    /** @param after id of the last remittance of the page before, null for the first page */
    public List<RemittanceSummary> list(RemittanceFilter filter, @Nullable UUID after, int limit) {
        return filtered(
                        SELECT + FILTER + "and (:after::uuid is null or r.id < :after) order by r.id desc limit :limit",
                        filter)
                .param("after", after, Types.OTHER)
                .param("limit", limit)
                .query(RemittanceRegister::summary)
                .list();
    }

    public RemittanceTotals totals(RemittanceFilter filter) {
        String currency = organizations.current().currency().getCode();
        return filtered("""
                        select count(*), count(*) filter (where state = 'posted'), count(*) filter (where state = 'held'),
                               count(*) filter (where state = 'review'),
                               coalesce(sum(paid_amount) filter (where state = 'posted'), 0),
                               coalesce(sum(suspense_amount) filter (where state = 'posted'), 0),
                               coalesce(sum(denied_amount) filter (where state = 'posted'), 0)
                        from billing_remittances r
                        """ + FILTER, filter)
                .query((row, number) -> new RemittanceTotals(
                        row.getLong(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        Amounts.ofMinor(row.getLong(5), currency),
                        Amounts.ofMinor(row.getLong(6), currency),
                        Amounts.ofMinor(row.getLong(7), currency)))
                .single();
    }

    /** The payers who paid most in the last weeks, the biggest first. */
    public List<PayerTrend> trends(int weeks, int limit) {
        String currency = organizations.current().currency().getCode();
        LocalDate last = organizations.today();
        return jdbc.sql("""
                        select w.payer_identifier, max(w.payer_name) as payer_name, sum(w.remittances) as remittances,
                               sum(w.paid) as paid, array_agg(w.week) as weeks, array_agg(w.paid) as sums
                        from (select r.payer_identifier, max(r.payer_name) as payer_name, count(*) as remittances,
                                     sum(r.paid_amount)::bigint as paid, (:last::date - r.payment_date) / 7 as week
                              from billing_remittances r
                              where r.org_id = :org and r.state = 'posted'
                                and r.payment_date > :last::date - 7 * :weeks and r.payment_date <= :last
                              group by r.payer_identifier, week) w
                        group by w.payer_identifier order by sum(w.paid) desc, w.payer_identifier limit :limit
                        """)
                .param("org", organization())
                .param("last", last)
                .param("weeks", weeks)
                .param("limit", limit)
                .query((row, number) -> new PayerTrend(
                        row.getString("payer_identifier"),
                        row.getString("payer_name"),
                        row.getLong("remittances"),
                        Amounts.ofMinor(row.getLong("paid"), currency),
                        weekly(weeks, row)))
                .list();
    }

    private static List<Long> weekly(int weeks, ResultSet row) throws SQLException {
        var sums = new Long[weeks];
        Arrays.fill(sums, 0L);
        var ago = (Integer[]) row.getArray("weeks").getArray();
        var paid = (Long[]) row.getArray("sums").getArray();
        for (int i = 0; i < ago.length; i++) {
            sums[weeks - 1 - ago[i]] = paid[i];
        }
        return List.of(sums);
    }

    public RemittanceDetail get(UUID id) {
        RemittanceSummary summary = jdbc.sql(SELECT + "where r.org_id = :org and r.id = :id")
                .param("org", organization())
                .param("id", id)
                .query(RemittanceRegister::summary)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("This remittance"));
        String currency = summary.paid().getCurrencyUnit().getCode();
        return new RemittanceDetail(summary, findings(id), providerAdjustments(id, currency));
    }

    /** @param after position of the last claim of the page before, 0 for the first page */
    public List<AnsweredClaim> claims(UUID remittanceId, int after, int limit) {
        return withAdjustments(jdbc.sql(CLAIMS + """
                        where c.org_id = :org and c.remittance_id = :remittance and c.position > :after
                        order by c.position limit :limit
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .param("after", after)
                .param("limit", limit)
                .query(RemittanceRegister::claim)
                .list());
    }

    /** The posted remittance that reports the same payment with other content, for one that is held because of it. */
    public Optional<UUID> conflictOf(UUID remittanceId) {
        return jdbc.sql("""
                        select conflict_with from billing_remittances
                        where org_id = :org and id = :id and conflict_with is not null
                        """)
                .param("org", organization())
                .param("id", remittanceId)
                .query(UUID.class)
                .optional();
    }

    /** By the id of the answered claim. */
    public Map<UUID, ClaimNotes> notes(UUID remittanceId, List<AnsweredClaim> claims) {
        UUID[] ids = claims.stream().map(AnsweredClaim::id).toArray(UUID[]::new);
        Map<UUID, List<ClaimNotes.Difference>> differences = new HashMap<>();
        jdbc.sql("""
                        select v.*, r.currency from billing_remittance_reversal_lines v, billing_remittances r
                        where v.org_id = :org and v.remittance_claim_id = any(:ids) and v.posted_amount + v.reversed_amount <> 0
                          and r.org_id = :org and r.id = :remittance
                        order by v.remittance_claim_id, v.position
                        """)
                .param("org", organization())
                .param("ids", ids)
                .param("remittance", remittanceId)
                .query(row -> {
                    String currency = row.getString("currency");
                    boolean payment = row.getString("group_code").equals(ClaimHistory.PAID);
                    differences
                            .computeIfAbsent(row.getObject("remittance_claim_id", UUID.class), id -> new ArrayList<>())
                            .add(new ClaimNotes.Difference(
                                    row.getString("line_key"),
                                    payment ? null : row.getString("group_code") + "-" + row.getString("reason_code"),
                                    Amounts.ofMinor(row.getLong("posted_amount"), currency),
                                    Amounts.ofMinor(row.getLong("reversed_amount"), currency)));
                });
        Map<UUID, ClaimNotes> notes = new HashMap<>();
        jdbc.sql("""
                        select c.id, c.payer_sequence, c.forwarded, c.forwarded_to, v.kind, v.consequence
                        from billing_remittance_claims c
                        left join billing_remittance_reversals v on v.org_id = c.org_id and v.remittance_claim_id = c.id
                        where c.org_id = :org and c.id = any(:ids)
                        """).param("org", organization()).param("ids", ids).query(row -> {
            UUID id = row.getObject("id", UUID.class);
            String kind = row.getString("kind");
            notes.put(
                    id,
                    new ClaimNotes(
                            row.getInt("payer_sequence"),
                            row.getBoolean("forwarded"),
                            row.getString("forwarded_to"),
                            kind == null
                                    ? null
                                    : new ClaimNotes.Reversal(
                                            kind,
                                            row.getString("consequence"),
                                            differences.getOrDefault(id, List.of()))));
        });
        return notes;
    }

    /** The denied claims of a remittance. */
    public List<AnsweredClaim> deniedOf(UUID remittanceId, int limit) {
        return some("c.denied", remittanceId, limit);
    }

    /** The claims of a remittance that are not on their accounts, each with its reason. */
    public List<AnsweredClaim> notPosted(UUID remittanceId, int limit) {
        return some("c.treatment <> 'posted'", remittanceId, limit);
    }

    public int notPostedCount(UUID remittanceId) {
        return jdbc.sql("""
                        select count(*) from billing_remittance_claims
                        where org_id = :org and remittance_id = :remittance and treatment <> 'posted'
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .query(Integer.class)
                .single();
    }

    private List<AnsweredClaim> some(String which, UUID remittanceId, int limit) {
        return withAdjustments(jdbc.sql(CLAIMS + "where c.org_id = :org and c.remittance_id = :remittance and " + which
                        + " order by c.position limit :limit")
                .param("org", organization())
                .param("remittance", remittanceId)
                .param("limit", limit)
                .query(RemittanceRegister::claim)
                .list());
    }

    private List<AnsweredClaim> withAdjustments(List<AnsweredClaim> claims) {
        Map<UUID, List<AnsweredClaim.Adjustment>> adjustments = new HashMap<>();
        if (!claims.isEmpty()) {
            jdbc.sql("""
                            select a.*, l.procedure_code, r.currency from billing_remittance_adjustments a
                            join billing_remittance_claims c on c.org_id = a.org_id and c.id = a.remittance_claim_id
                            join billing_remittances r on r.org_id = c.org_id and r.id = c.remittance_id
                            left join billing_remittance_service_lines l
                              on l.org_id = a.org_id and l.remittance_claim_id = a.remittance_claim_id and l.position = a.line_position
                            where a.org_id = :org and a.remittance_claim_id in (:claims)
                            order by a.remittance_claim_id, a.position
                            """)
                    .param("org", organization())
                    .param("claims", claims.stream().map(AnsweredClaim::id).toList())
                    .query((row, number) -> adjustments
                            .computeIfAbsent(row.getObject("remittance_claim_id", UUID.class), id -> new ArrayList<>())
                            .add(adjustment(row)))
                    .list();
        }
        return claims.stream()
                .map(claim -> claim.with(adjustments.getOrDefault(claim.id(), List.of())))
                .toList();
    }

    private List<RemittanceDetail.Finding> findings(UUID id) {
        return jdbc.sql("""
                        select rule, holds, text from billing_remittance_findings
                        where org_id = :org and remittance_id = :id order by holds desc, position
                        """)
                .param("org", organization())
                .param("id", id)
                .query(RemittanceDetail.Finding.class)
                .list();
    }

    private List<RemittanceDetail.ProviderLine> providerAdjustments(UUID id, String currency) {
        return jdbc.sql("""
                        select position, segment_number, code, reference, amount, account_code
                        from billing_remittance_provider_adjustments
                        where org_id = :org and remittance_id = :id order by position
                        """)
                .param("org", organization())
                .param("id", id)
                .query((row, number) -> new RemittanceDetail.ProviderLine(
                        row.getInt("position"),
                        row.getLong("segment_number"),
                        row.getString("code"),
                        row.getString("reference"),
                        Amounts.ofMinor(row.getLong("amount"), currency),
                        row.getString("account_code")))
                .list();
    }

    private JdbcClient.StatementSpec filtered(String sql, RemittanceFilter filter) {
        return jdbc.sql(sql)
                .param("org", organization())
                .param("state", filter.state() == null ? null : filter.state().column(), Types.VARCHAR)
                .param(
                        "payer",
                        filter.payer() == null || filter.payer().isBlank()
                                ? null
                                : filter.payer().strip(),
                        Types.VARCHAR)
                .param("from", filter.from(), Types.DATE)
                .param("to", filter.to(), Types.DATE)
                .param("atLeast", minor(filter.atLeast()), Types.BIGINT)
                .param("atMost", minor(filter.atMost()), Types.BIGINT);
    }

    private static @Nullable Long minor(@Nullable Money amount) {
        return amount == null ? null : amount.getAmountMinorLong();
    }

    private static RemittanceSummary summary(ResultSet row, int number) throws SQLException {
        String currency = row.getString("currency");
        return new RemittanceSummary(
                row.getObject("id", UUID.class),
                RemittanceState.ofColumn(row.getString("state")),
                row.getObject("duplicate_of", UUID.class),
                row.getObject("file_id", UUID.class),
                row.getString("original_name"),
                row.getInt("transaction_index"),
                row.getLong("segment_number"),
                row.getString("payer_name"),
                row.getString("payer_identifier"),
                row.getString("payee_name"),
                row.getString("trace_number"),
                row.getString("payment_method"),
                row.getObject("payment_date", LocalDate.class),
                Amounts.ofMinor(row.getLong("paid_amount"), currency),
                Amounts.ofMinor(row.getLong("charged_amount"), currency),
                Amounts.ofMinor(row.getLong("contractual_amount"), currency),
                Amounts.ofMinor(row.getLong("patient_amount"), currency),
                Amounts.ofMinor(row.getLong("suspense_amount"), currency),
                Amounts.ofMinor(row.getLong("denied_amount"), currency),
                Amounts.ofMinor(row.getLong("provider_amount"), currency),
                row.getInt("claim_count"),
                row.getInt("held_claim_count"),
                row.getInt("denied_claim_count"),
                row.getInt("finding_count"),
                row.getObject("journal_entry_id", UUID.class),
                row.getTimestamp("received_at").toInstant());
    }

    private static AnsweredClaim claim(ResultSet row, int number) throws SQLException {
        String currency = row.getString("currency");
        return new AnsweredClaim(
                row.getObject("id", UUID.class),
                row.getObject("remittance_id", UUID.class),
                row.getInt("position"),
                row.getLong("segment_number"),
                row.getString("claim_control_number"),
                row.getString("payer_claim_number"),
                row.getString("status_code"),
                row.getObject("service_from", LocalDate.class),
                Amounts.ofMinor(row.getLong("charged_amount"), currency),
                Amounts.ofMinor(row.getLong("paid_amount"), currency),
                Amounts.ofMinor(row.getLong("contractual_amount"), currency),
                Amounts.ofMinor(row.getLong("patient_amount"), currency),
                Amounts.ofMinor(row.getLong("denied_amount"), currency),
                ClaimTreatment.ofColumn(row.getString("treatment")),
                row.getString("reason"),
                row.getBoolean("denied"),
                row.getObject("claim_id", UUID.class),
                row.getObject("account_id", UUID.class),
                row.getString("payer_name"),
                Arrays.stream(row.getString("all_remarks").strip().split(" +"))
                        .filter(code -> !code.isEmpty())
                        .distinct()
                        .toList(),
                List.of());
    }

    private static AnsweredClaim.Adjustment adjustment(ResultSet row) throws SQLException {
        return new AnsweredClaim.Adjustment(
                row.getObject("line_position", Integer.class),
                row.getString("procedure_code"),
                row.getString("group_code"),
                row.getString("reason_code"),
                Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                AdjustmentTreatment.ofColumn(row.getString("treatment")));
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}

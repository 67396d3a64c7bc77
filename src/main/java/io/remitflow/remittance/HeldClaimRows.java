package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads what waits in suspense, the oldest first. */
@Component
class HeldClaimRows {

    /** Whether an organization has something to look at again; see {@link Organizations#having}. */
    static final String WORK = """
            select 1 from billing_remittance_claims c where c.look_again and c.treatment in ('held', 'unidentified')
            union all
            select 1 from billing_remittance_claims c
            join billing_claims b on b.org_id = c.org_id and b.control_number = c.claim_control_number
            where c.treatment = 'unidentified'
            """;

    private static final String SELECT = """
            select c.*, r.trace_number, r.payer_name, r.currency, r.posted_at, a.account_number, %s as kind
            from billing_remittance_claims c
            join billing_remittances r on r.org_id = c.org_id and r.id = c.remittance_id
            left join billing_patient_accounts a on a.org_id = c.org_id and a.id = c.account_id
            """.formatted(HeldReason.sql());

    private static final String WAITING = """
            where c.org_id = :org and c.treatment in ('held', 'unidentified')
              and (:kind::text is null or %s = :kind)
              and (:payer::text is null or r.payer_name ilike '%%' || :payer || '%%' or r.payer_identifier = :payer)
              and (:before::timestamptz is null or r.posted_at <= :before)
            """.formatted(HeldReason.sql());

    private final JdbcClient jdbc;
    private final Organizations organizations;
    private final Clock clock;

    HeldClaimRows(JdbcClient jdbc, Organizations organizations, Clock clock) {
        this.jdbc = jdbc;
        this.organizations = organizations;
        this.clock = clock;
    }

    List<HeldClaim> list(HeldClaimFilter filter, @Nullable UUID after, int limit) {
        return filtered(
                        SELECT + WAITING + "and (:after::uuid is null or c.id > :after) order by c.id limit :limit",
                        filter)
                .param("after", after, Types.OTHER)
                .param("limit", limit)
                .query(this::heldClaim)
                .list();
    }

    List<HeldClaim.Total> totals(HeldClaimFilter filter) {
        String currency = organizations.current().currency().getCode();
        return filtered("""
                        select %s as kind, count(*) as claims, coalesce(sum(c.paid_amount), 0) as amount
                        from billing_remittance_claims c
                        join billing_remittances r on r.org_id = c.org_id and r.id = c.remittance_id
                        """.formatted(HeldReason.sql()) + WAITING + "group by 1 order by 2 desc, 1", filter)
                .query((row, number) -> new HeldClaim.Total(
                        HeldReason.valueOf(row.getString("kind")),
                        row.getLong("claims"),
                        Amounts.ofMinor(row.getLong("amount"), currency)))
                .list();
    }

    HeldClaim get(UUID id) {
        return jdbc.sql(SELECT + """
                        where c.org_id = :org and c.id = :id
                          and (c.treatment in ('held', 'unidentified') or c.released_at is not null)
                        """)
                .param("org", organization())
                .param("id", id)
                .query(this::heldClaim)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("This held claim"));
    }

    /** Those that wait under the same number of the same remittance. Payers may repeat a number: see {@link #alike}. */
    List<Integer> together(HeldClaim claim) {
        return jdbc.sql("""
                        select position from billing_remittance_claims
                        where org_id = :org and remittance_id = :remittance and claim_control_number = :number
                          and treatment in ('held', 'unidentified')
                        order by position
                        """)
                .param("org", organization())
                .param("remittance", claim.remittanceId())
                .param("number", claim.controlNumber())
                .query(Integer.class)
                .list();
    }

    /** How many of them answer the same charge and day as well, as far as the books say. */
    int alike(HeldClaim claim) {
        return jdbc.sql("""
                        select count(*) from billing_remittance_claims
                        where org_id = :org and remittance_id = :remittance and claim_control_number = :number
                          and treatment in ('held', 'unidentified')
                          and abs(charged_amount) = :charged and service_from is not distinct from :from
                        """)
                .param("org", organization())
                .param("remittance", claim.remittanceId())
                .param("number", claim.controlNumber())
                .param("charged", Math.abs(claim.charged().getAmountMinorLong()))
                .param("from", claim.serviceFrom(), Types.DATE)
                .query(Integer.class)
                .single();
    }

    /** The claim that a person assigned each of these positions to; those that nobody assigned are missing. */
    Map<Integer, UUID> assigned(UUID remittanceId, List<Integer> positions) {
        Map<Integer, UUID> assigned = new HashMap<>();
        jdbc.sql("""
                        select position, claim_id from billing_remittance_claims
                        where org_id = :org and remittance_id = :remittance and position in (:positions)
                          and assigned_at is not null
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .param("positions", positions)
                .query(row -> {
                    assigned.put(row.getInt("position"), row.getObject("claim_id", UUID.class));
                });
        return assigned;
    }

    /** Claims whose number, account or payer begins like that; without a text those of the same day and charge. */
    List<HeldClaim.Candidate> candidates(HeldClaim claim, String text, int limit) {
        return jdbc.sql("""
                        select b.id, b.control_number, b.account_id, a.account_number, p.name as payer_name, b.service_from,
                               b.charged, b.charged - b.paid - b.contractual - b.patient_responsibility as open, b.currency,
                               b.charged = :charged as same_charge
                        from billing_claims b
                        join billing_patient_accounts a on a.org_id = b.org_id and a.id = b.account_id
                        join billing_payers p on p.org_id = b.org_id and p.id = b.payer_id
                        where b.org_id = :org and b.currency = :currency
                          and case when :text = '' then b.charged = :charged and b.service_from = :from
                              else b.control_number ilike :text || '%' or a.account_number ilike :text || '%'
                                or p.name ilike :text || '%' end
                        order by b.charged = :charged desc, b.service_from = :from desc, b.id desc limit :limit
                        """)
                .param("org", organization())
                .param("currency", claim.charged().getCurrencyUnit().getCode())
                .param("charged", Math.abs(claim.charged().getAmountMinorLong()))
                .param("from", claim.serviceFrom(), Types.DATE)
                .param("text", text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_"))
                .param("limit", limit)
                .query((row, number) -> {
                    String currency = row.getString("currency");
                    return new HeldClaim.Candidate(
                            row.getObject("id", UUID.class),
                            row.getString("control_number"),
                            row.getObject("account_id", UUID.class),
                            row.getString("account_number"),
                            row.getString("payer_name"),
                            row.getObject("service_from", LocalDate.class),
                            Amounts.ofMinor(row.getLong("charged"), currency),
                            Amounts.ofMinor(row.getLong("open"), currency),
                            row.getBoolean("same_charge"));
                })
                .list();
    }

    /** One of each group that may be posted now, the oldest first. */
    List<HeldClaim> toLookAt(int limit) {
        return jdbc.sql(SELECT + """
                        where c.org_id = :org and c.id in (
                            select (min(w.id::text))::uuid as id from (
                                select c.id, c.remittance_id, c.claim_control_number from billing_remittance_claims c
                                where c.org_id = :org and c.look_again and c.treatment in ('held', 'unidentified')
                                union all
                                select c.id, c.remittance_id, c.claim_control_number from billing_remittance_claims c
                                join billing_claims b on b.org_id = c.org_id and b.control_number = c.claim_control_number
                                where c.org_id = :org and c.treatment = 'unidentified') w
                            group by w.remittance_id, w.claim_control_number order by 1 limit :limit)
                        order by c.id
                        """)
                .param("org", organization())
                .param("limit", limit)
                .query(this::heldClaim)
                .list();
    }

    void note(UUID id, String text) {
        jdbc.sql("update billing_remittance_claims set note = :note where org_id = :org and id = :id")
                .param("note", text)
                .param("org", organization())
                .param("id", id)
                .update();
    }

    /** They could not be posted, so they are not looked at again by themselves until something changes. */
    void refused(UUID remittanceId, List<Integer> positions, String reason) {
        jdbc.sql("""
                        update billing_remittance_claims
                        set treatment = 'held', reason = :reason, look_again = false
                        where org_id = :org and remittance_id = :remittance and position in (:positions)
                          and treatment in ('held', 'unidentified')
                        """)
                .param("reason", reason)
                .param("org", organization())
                .param("remittance", remittanceId)
                .param("positions", positions)
                .update();
    }

    private JdbcClient.StatementSpec filtered(String sql, HeldClaimFilter filter) {
        Integer days = filter.olderThanDays();
        String payer = filter.payer();
        return jdbc.sql(sql)
                .param("org", organization())
                .param("kind", filter.kind() == null ? null : filter.kind().name(), Types.VARCHAR)
                .param("payer", payer == null || payer.isBlank() ? null : payer.strip(), Types.VARCHAR)
                .param(
                        "before",
                        days == null ? null : Timestamp.from(clock.instant().minus(Duration.ofDays(days))),
                        Types.TIMESTAMP);
    }

    private HeldClaim heldClaim(ResultSet row, int number) throws SQLException {
        String currency = row.getString("currency");
        Instant since = row.getTimestamp("posted_at").toInstant();
        return new HeldClaim(
                row.getObject("id", UUID.class),
                row.getObject("remittance_id", UUID.class),
                row.getString("trace_number"),
                row.getString("payer_name"),
                row.getInt("position"),
                row.getString("claim_control_number"),
                row.getString("payer_claim_number"),
                row.getString("status_code"),
                row.getObject("service_from", LocalDate.class),
                Amounts.ofMinor(row.getLong("charged_amount"), currency),
                Amounts.ofMinor(row.getLong("paid_amount"), currency),
                ClaimTreatment.ofColumn(row.getString("treatment")),
                HeldReason.valueOf(row.getString("kind")),
                row.getString("reason"),
                since,
                Math.max(0, Duration.between(since, clock.instant()).toDays()),
                row.getObject("claim_id", UUID.class),
                row.getObject("account_id", UUID.class),
                row.getString("account_number"),
                row.getString("note"),
                instant(row, "assigned_at"),
                instant(row, "released_at"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}

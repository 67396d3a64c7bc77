package io.remitflow.remittance;

import io.remitflow.claims.DenialReason;
import io.remitflow.claims.Denials;
import io.remitflow.claims.RemittedAnswer;
import io.remitflow.identity.CurrentOrganization;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Tells the denials what a posted remittance answered, page by page. */
@Component
class RemittanceDenials {

    private static final int PAGE = 2_000;

    private final JdbcClient jdbc;
    private final Denials denials;

    RemittanceDenials(JdbcClient jdbc, Denials denials) {
        this.jdbc = jdbc;
        this.denials = denials;
    }

    /** After all answers were applied to their claims: what is open of a claim is then what the remittance left open. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void tell(PostedPart part, LocalDate date, String currency) {
        for (int after = 0, count = PAGE; count == PAGE; ) {
            List<Answered> page = page(part, after);
            Map<UUID, List<DenialReason>> reasons = reasons(page.stream()
                    .filter(claim -> claim.denied() || claim.underpaid())
                    .map(Answered::id)
                    .toList());
            denials.answered(
                    part.remittanceId(),
                    date,
                    page.stream()
                            .map(claim -> new RemittedAnswer(
                                    claim.claimId(),
                                    claim.accountId(),
                                    claim.payerId(),
                                    claim.statusCode().equals("22"),
                                    claim.denied(),
                                    claim.underpaid(),
                                    claim.paidMinor(),
                                    currency,
                                    claim.remarks(),
                                    reasons.getOrDefault(claim.id(), List.of())))
                            .toList());
            count = page.size();
            after = page.isEmpty() ? after : page.getLast().position();
        }
    }

    private List<Answered> page(PostedPart part, int after) {
        return part.bind(jdbc.sql("""
                        select c.id, c.position, c.claim_id, c.account_id, coalesce(r.payer_id, b.payer_id) as payer_id,
                               c.status_code, c.denied, c.paid_amount as paid_minor, c.remarks,
                               not c.denied and c.status_code <> '22' and c.other_amount - c.prior_payer_amount > 0
                                   and b.charged - b.paid - b.contractual - b.patient_responsibility > 0 as underpaid
                        from billing_remittance_claims c
                        join billing_remittances r on r.org_id = c.org_id and r.id = c.remittance_id
                        join billing_claims b on b.org_id = c.org_id and b.id = c.claim_id
                        where %s and c.position > :after
                        order by c.position limit :limit
                        """.formatted(part.posted("c"))))
                .param("after", after)
                .param("limit", PAGE)
                .query(Answered.class)
                .list();
    }

    /** Why these were denied, or not paid in full; the amounts of the patient too where the payer denied the claim as a whole. */
    private Map<UUID, List<DenialReason>> reasons(List<UUID> claims) {
        Map<UUID, List<DenialReason>> found = new HashMap<>();
        if (claims.isEmpty()) {
            return found;
        }
        jdbc.sql("""
                        select a.remittance_claim_id, c.position as answer, a.position, a.line_position, l.procedure_code,
                               a.group_code, a.reason_code, a.amount, l.remarks
                        from billing_remittance_adjustments a
                        join billing_remittance_claims c on c.org_id = a.org_id and c.id = a.remittance_claim_id
                        left join billing_remittance_service_lines l
                            on l.org_id = a.org_id and l.remittance_claim_id = a.remittance_claim_id
                            and l.position = a.line_position
                        where a.org_id = :org and a.remittance_claim_id = any(:claims) and a.amount <> 0
                          and (a.treatment in ('denied', 'review') or (a.treatment = 'patient' and c.status_code = '4'))
                        order by c.position, a.position
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("claims", claims.toArray(UUID[]::new))
                .query(row -> {
                    int line = row.getInt("line_position");
                    boolean whole = row.wasNull();
                    String code = row.getString("reason_code");
                    String remarks = row.getString("remarks");
                    found.computeIfAbsent(row.getObject("remittance_claim_id", UUID.class), id -> new ArrayList<>())
                            .add(new DenialReason(
                                    row.getInt("answer"),
                                    row.getInt("position"),
                                    whole ? null : line,
                                    row.getString("procedure_code"),
                                    row.getString("group_code"),
                                    code,
                                    AdjustmentCodes.REASONS.text(code),
                                    remarks == null ? "" : remarks,
                                    row.getLong("amount")));
                });
        return found;
    }

    record Answered(
            UUID id,
            int position,
            UUID claimId,
            UUID accountId,
            UUID payerId,
            String statusCode,
            boolean denied,
            long paidMinor,
            String remarks,
            boolean underpaid) {}
}

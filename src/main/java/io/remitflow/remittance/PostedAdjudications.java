package io.remitflow.remittance;

import io.remitflow.claims.Adjudication;
import io.remitflow.claims.Adjudications;
import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * What payers decided, from their posted remittances.
 *
 * <p>An answer that was taken back as a whole no longer counts. Of several that stand, one that answers the whole charge
 * replaces those before it; those that answer a part each are put together.
 */
@Component
class PostedAdjudications implements Adjudications {

    private final JdbcClient jdbc;

    PostedAdjudications(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    @Transactional(readOnly = true)
    public Map<UUID, List<Adjudication>> of(Collection<UUID> claimIds) {
        Map<UUID, Map<Integer, List<Answer>>> standing = new HashMap<>();
        for (Answer answer : answers(claimIds)) {
            List<Answer> ofPayer = standing.computeIfAbsent(answer.claimId(), claim -> new TreeMap<>())
                    .computeIfAbsent(answer.sequence(), sequence -> new ArrayList<>());
            apply(answer, ofPayer);
        }
        List<UUID> ids = standing.values().stream()
                .flatMap(payers -> payers.values().stream())
                .flatMap(List::stream)
                .map(Answer::id)
                .toList();
        Details details = details(ids, currencies(standing));
        Map<UUID, List<Adjudication>> found = new HashMap<>();
        standing.forEach((claim, payers) -> {
            List<Adjudication> decided = payers.values().stream()
                    .filter(answers -> !answers.isEmpty())
                    .map(answers -> adjudication(answers, details))
                    .toList();
            if (!decided.isEmpty()) {
                found.put(claim, decided);
            }
        });
        return found;
    }

    private static void apply(Answer answer, List<Answer> ofPayer) {
        if (!answer.status().equals("22")) {
            ofPayer.add(answer);
        } else if (answer.original() != null) {
            ofPayer.removeIf(each -> each.id().equals(answer.original()));
        } else if ("exact".equals(answer.reversal())) {
            ofPayer.clear();
        } else {
            ofPayer.add(answer);
        }
    }

    private static Adjudication adjudication(List<Answer> answers, Details details) {
        Answer last = answers.getLast();
        boolean partlyTakenBack =
                answers.stream().anyMatch(each -> each.status().equals("22"));
        List<Answer> counted = partlyTakenBack || last.chargedMinor() == last.billedMinor() ? List.of(last) : answers;
        List<Adjudication.Adjustment> adjustments = new ArrayList<>();
        List<Adjudication.Line> lines = new ArrayList<>();
        String obstacle = partlyTakenBack
                ? "%s took back a part of its answer; its correction has to come first.".formatted(last.payerName())
                : null;
        String forwardedTo = null;
        for (Answer answer : answers) {
            forwardedTo = answer.forwardedTo() == null ? forwardedTo : answer.forwardedTo();
        }
        for (Answer answer : counted) {
            adjustments.addAll(details.adjustments.getOrDefault(answer.id(), List.of()));
            lines.addAll(details.lines.getOrDefault(answer.id(), List.of()));
            if (obstacle == null && details.unmatched.contains(answer.id())) {
                obstacle = "%s answered a service that is not on our claim.".formatted(last.payerName());
            }
        }
        return new Adjudication(
                last.payerId(),
                last.sequence(),
                last.decidedOn(),
                last.payerClaimNumber().isBlank() ? null : last.payerClaimNumber(),
                sum(counted, counted.stream().mapToLong(Answer::chargedMinor).sum()),
                sum(counted, counted.stream().mapToLong(Answer::paidMinor).sum()),
                answers.stream().anyMatch(Answer::forwarded),
                forwardedTo,
                adjustments,
                lines,
                obstacle);
    }

    private static Money sum(List<Answer> answers, long minor) {
        return Amounts.ofMinor(minor, answers.getFirst().currency());
    }

    /** In the order of their posting. */
    private List<Answer> answers(Collection<UUID> claimIds) {
        return jdbc.sql("""
                        select c.id, c.claim_id, c.payer_sequence as sequence, c.status_code as status, c.payer_claim_number,
                               c.charged_amount as charged_minor, c.paid_amount as paid_minor, b.charged as billed_minor,
                               c.forwarded, c.forwarded_to, r.currency, p.id as payer_id, p.name as payer_name,
                               coalesce(r.payment_date, r.production_date, r.posted_at::date) as decided_on,
                               v.kind as reversal, v.original_id as original
                        from billing_remittance_claims c
                        join billing_remittances r on r.org_id = c.org_id and r.id = c.remittance_id
                        join billing_claims b on b.org_id = c.org_id and b.id = c.claim_id
                        join billing_payers p on p.org_id = c.org_id and p.id = coalesce(r.payer_id, b.payer_id)
                        left join billing_remittance_reversals v on v.org_id = c.org_id and v.remittance_claim_id = c.id
                        where c.org_id = :org and c.claim_id = any(:claims::uuid[]) and c.treatment = 'posted'
                          and r.state = 'posted'
                        order by c.claim_id, coalesce(c.released_at, r.posted_at), c.remittance_id, c.position
                        """)
                .param("org", organization())
                .param("claims", claimIds.toArray(UUID[]::new))
                .query(Answer.class)
                .list();
    }

    private Details details(List<UUID> ids, Map<UUID, String> currencies) {
        var details = new Details();
        if (ids.isEmpty()) {
            return details;
        }
        Map<Place, List<Adjudication.Adjustment>> ofLines = new HashMap<>();
        jdbc.sql("""
                        select remittance_claim_id, line_position, group_code, reason_code, amount, quantity
                        from billing_remittance_adjustments
                        where org_id = :org and remittance_claim_id = any(:ids::uuid[]) and amount <> 0
                        order by remittance_claim_id, position
                        """)
                .param("org", organization())
                .param("ids", ids.toArray(UUID[]::new))
                .query(row -> {
                    UUID id = row.getObject("remittance_claim_id", UUID.class);
                    Integer line = row.getObject("line_position", Integer.class);
                    var adjustment = new Adjudication.Adjustment(
                            row.getString("group_code"),
                            row.getString("reason_code"),
                            Amounts.ofMinor(row.getLong("amount"), currencies.getOrDefault(id, "USD")),
                            row.getBigDecimal("quantity"));
                    (line == null
                                    ? details.adjustments.computeIfAbsent(id, none -> new ArrayList<>())
                                    : ofLines.computeIfAbsent(new Place(id, line), none -> new ArrayList<>()))
                            .add(adjustment);
                });
        jdbc.sql("""
                        select remittance_claim_id, position, claim_line_position, procedure_qualifier, procedure_code, modifiers,
                               revenue_code, paid_amount, units_paid
                        from billing_remittance_service_lines
                        where org_id = :org and remittance_claim_id = any(:ids::uuid[])
                        order by remittance_claim_id, position
                        """)
                .param("org", organization())
                .param("ids", ids.toArray(UUID[]::new))
                .query(row -> {
                    UUID id = row.getObject("remittance_claim_id", UUID.class);
                    Integer ours = row.getObject("claim_line_position", Integer.class);
                    if (ours == null) {
                        details.unmatched.add(id);
                    } else {
                        var place = new Place(id, row.getInt("position"));
                        details.lines
                                .computeIfAbsent(id, none -> new ArrayList<>())
                                .add(line(row, ours, currencies.getOrDefault(id, "USD"), ofLines.get(place)));
                    }
                });
        return details;
    }

    private static Adjudication.Line line(
            ResultSet row, int ours, String currency, @Nullable List<Adjudication.Adjustment> adjustments)
            throws SQLException {
        String code = row.getString("procedure_code");
        boolean byRevenue = row.getString("procedure_qualifier").equals("NU");
        String modifiers = row.getString("modifiers");
        BigDecimal units = row.getBigDecimal("units_paid");
        return new Adjudication.Line(
                ours,
                byRevenue || code.isEmpty() ? null : code,
                modifiers.isEmpty() ? List.of() : List.of(modifiers.split(" ")),
                byRevenue ? code : row.getString("revenue_code"),
                Amounts.ofMinor(row.getLong("paid_amount"), currency),
                units == null || units.signum() == 0 ? null : units,
                adjustments == null ? List.of() : adjustments);
    }

    private static Map<UUID, String> currencies(Map<UUID, Map<Integer, List<Answer>>> standing) {
        Map<UUID, String> currencies = new HashMap<>();
        standing.values()
                .forEach(payers -> payers.values()
                        .forEach(answers -> answers.forEach(each -> currencies.put(each.id(), each.currency()))));
        return currencies;
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    record Answer(
            UUID id,
            UUID claimId,
            int sequence,
            String status,
            String payerClaimNumber,
            long chargedMinor,
            long paidMinor,
            long billedMinor,
            boolean forwarded,
            @Nullable String forwardedTo,
            String currency,
            UUID payerId,
            String payerName,
            LocalDate decidedOn,
            @Nullable String reversal,
            @Nullable UUID original) {}

    private record Place(UUID answer, int line) {}

    /** What stands below the answers. */
    private static final class Details {
        private final Map<UUID, List<Adjudication.Adjustment>> adjustments = new HashMap<>();
        private final Map<UUID, List<Adjudication.Line>> lines = new HashMap<>();
        private final Set<UUID> unmatched = new HashSet<>();
    }
}

package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Two remittances that report the same payment, beside each other: where they differ. */
@Service
@Transactional(readOnly = true)
public class RemittanceComparisons {

    private static final int SHOWN = 100;
    private static final Difference SAME = new Difference("", null, null, "");

    private final JdbcClient jdbc;

    RemittanceComparisons(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param differences the first hundred
     * @param same how many of their claims and provider adjustments are equal
     */
    public record Comparison(UUID posted, List<Difference> differences, long same) {}

    /**
     * A claim or provider adjustment that the two report differently.
     *
     * @param posted what the posted one says, null if it does not have it
     * @param other what the other one says, null if it does not have it
     */
    public record Difference(
            String what, @Nullable Money posted, @Nullable Money other, String detail) {}

    public Comparison of(UUID other, UUID posted) {
        List<Difference> all = jdbc.sql("""
                        with parts as (
                            select c.remittance_id, 'Claim ' || c.claim_control_number as what,
                                   string_agg(c.payer_claim_number || ', status ' || c.status_code, '; ' order by c.position)
                                       as detail,
                                   sum(c.paid_amount)::bigint as paid, sum(c.charged_amount)::bigint as charged,
                                   sum(c.stated_patient_amount)::bigint as patient, count(*) as parts
                            from billing_remittance_claims c
                            where c.org_id = :org and c.remittance_id in (:posted, :other)
                            group by c.remittance_id, c.claim_control_number
                            union all
                            select p.remittance_id, 'Outside of claims: ' || p.code || ' ' || p.reference, '', (-sum(p.amount))::bigint, null, null,
                                   count(*)
                            from billing_remittance_provider_adjustments p
                            where p.org_id = :org and p.remittance_id in (:posted, :other)
                            group by p.remittance_id, p.code, p.reference)
                        select coalesce(a.what, b.what) as what, a.paid as posted, b.paid as other, r.currency,
                               a.detail as posted_detail, b.detail as other_detail, a.charged as posted_charged,
                               b.charged as other_charged, a.patient as posted_patient, b.patient as other_patient,
                               (a.paid, a.charged, a.patient, a.parts, a.detail)
                                   is not distinct from (b.paid, b.charged, b.patient, b.parts, b.detail) as same
                        from (select * from parts where remittance_id = :posted) a
                        full join (select * from parts where remittance_id = :other) b on a.what = b.what
                        join billing_remittances r on r.org_id = :org and r.id = :posted
                        order by 1
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("posted", posted)
                .param("other", other)
                .query((row, number) -> {
                    String currency = row.getString("currency");
                    return row.getBoolean("same")
                            ? SAME
                            : new Difference(
                                    row.getString("what"),
                                    money(row.getObject("posted", Long.class), currency),
                                    money(row.getObject("other", Long.class), currency),
                                    detail(
                                            row.getString("posted_detail"),
                                            row.getString("other_detail"),
                                            row.getObject("posted_charged", Long.class),
                                            row.getObject("other_charged", Long.class),
                                            row.getObject("posted_patient", Long.class),
                                            row.getObject("other_patient", Long.class),
                                            currency));
                })
                .list();
        long same = all.stream().filter(SAME::equals).count();
        return new Comparison(
                posted,
                all.stream().filter(each -> !SAME.equals(each)).limit(SHOWN).toList(),
                same);
    }

    private static String detail(
            @Nullable String posted,
            @Nullable String other,
            @Nullable Long postedCharged,
            @Nullable Long otherCharged,
            @Nullable Long postedPatient,
            @Nullable Long otherPatient,
            String currency) {
        if (posted == null) {
            return "only in the new one";
        }
        if (other == null) {
            return "only in the posted one";
        }
        var text = new java.util.StringJoiner("; ");
        if (!posted.equals(other)) {
            text.add("payer's number %s, now %s".formatted(posted, other));
        }
        if (postedCharged != null && otherCharged != null && !postedCharged.equals(otherCharged)) {
            text.add("charged %s, now %s".formatted(format(postedCharged, currency), format(otherCharged, currency)));
        }
        if (postedPatient != null && otherPatient != null && !postedPatient.equals(otherPatient)) {
            text.add("patient %s, now %s".formatted(format(postedPatient, currency), format(otherPatient, currency)));
        }
        return text.toString();
    }

    private static String format(long minor, String currency) {
        return Amounts.format(minor, currency);
    }

    private static @Nullable Money money(@Nullable Long minor, String currency) {
        return minor == null ? null : Amounts.ofMinor(minor, currency);
    }
}

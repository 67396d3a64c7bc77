package io.remitflow.remittance;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.remittance.ClaimHistory.Amount;
import io.remitflow.remittance.ClaimHistory.Answer;
import io.remitflow.remittance.ClaimHistory.Item;
import io.remitflow.remittance.ClaimHistory.Kind;
import io.remitflow.remittance.ClaimHistory.ReversedLine;
import io.remitflow.remittance.RemittanceRows.Finding;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Compares the claims of one remittance, before it is posted, with what was posted for them earlier: reversals, answers
 * of later payers, and payments made twice.
 *
 * <p>The caller holds the locks of the accounts, so nothing else is posted to these claims meanwhile. Claims that are
 * answered for the first time, by the payer they were sent to first, are not looked at one by one.
 */
@Component
class EarlierAnswers {

    /** The payer of our list, as some write TRN03 with the 1 before their tax id and without; else TRN03. */
    private static final String PAYER = """
            coalesce(r.payer_id::text,
                     (select k.id::text from billing_payers k
                      where k.org_id = r.org_id and k.active
                        and k.remit_identifier in (r.payer_identifier, regexp_replace(r.payer_identifier, '^1', ''))
                      order by k.remit_identifier = r.payer_identifier desc limit 1),
                     r.payer_identifier)""";

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;

    EarlierAnswers(JdbcClient jdbc, JdbcTemplate batches) {
        this.jdbc = jdbc;
        this.batches = batches;
    }

    /**
     * Decides what each answer changes, and holds those that must not be posted: a reversal of what was never posted and
     * whatever follows it for the same claim, and a later payer's answer that does not fit to the earlier ones. Marks what
     * another payment already paid.
     *
     * @return what a biller should know about it
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public List<Finding> compare(PostedPart part) {
        List<AnsweredAgain> answeredAgain = claimsWithHistory(part);
        if (answeredAgain.isEmpty()) {
            return List.of();
        }
        var counts = new Counts();
        for (AnsweredAgain claim : answeredAgain) {
            compare(part, claim, counts);
        }
        List<Finding> findings = new ArrayList<>();
        counts.held.forEach((code, count) -> findings.add(Finding.warning(
                code,
                "Claims held because they do not fit to what was posted before: %,d. They are marked below."
                        .formatted(count))));
        if (counts.partial > 0) {
            findings.add(Finding.warning(
                    "PARTIAL_REVERSAL",
                    "Reversals that take back only part of what was posted: %,d. The rest stays posted."
                            .formatted(counts.partial)));
        }
        if (counts.paidTwice > 0) {
            findings.add(Finding.warning(
                    "POSSIBLE_DOUBLE_PAYMENT",
                    "Claims that another payment already paid with the same amounts: %,d. They are marked below."
                            .formatted(counts.paidTwice)));
        }
        return findings;
    }

    /** What was found out about reversals that are still held: {@link #compare} finds it out once more. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void forget(PostedPart part) {
        for (String table : List.of("billing_remittance_reversal_lines", "billing_remittance_reversals")) {
            part.bind(jdbc.sql("""
                            delete from %s v using billing_remittance_claims c
                            where v.org_id = :org and v.remittance_claim_id = c.id and %s
                            """.formatted(table, part.where("c")))).update();
        }
    }

    /** What was found, counted. */
    private static final class Counts {

        private final Map<String, Integer> held = new TreeMap<>();
        private int partial;
        private int paidTwice;
    }

    private void compare(PostedPart part, AnsweredAgain claim, Counts counts) {
        var history = new ClaimHistory();
        List<StoredAnswer> stored = answers(part, claim.claimId());
        Map<UUID, List<Amount>> amounts = amounts(stored);
        for (StoredAnswer each : stored) {
            List<Amount> own = amounts.getOrDefault(each.id(), List.of());
            if (!each.current()) {
                history.add(each.answer(each.payerSequence(), own));
                continue;
            }
            if (each.isReversal()) {
                var reversal = history.reversal(each.answer(1, own));
                insert(each.id(), reversal);
                if (reversal.kind() == Kind.FOREIGN) {
                    hold(part, claim.claimId(), each, reversal.consequence());
                    lookAgainAtAnswersBefore(claim.claimId());
                    counts.held.merge("FOREIGN_REVERSAL", 1, Integer::sum);
                    return;
                }
                counts.partial += reversal.kind() == Kind.PARTIAL ? 1 : 0;
                add(
                        each,
                        each.answer(reversal.sequence(), own)
                                .with(
                                        reversal.sequence(),
                                        reversal.contractualMinor(),
                                        taken(reversal),
                                        reversal.original()),
                        history);
                continue;
            }
            Answer answer =
                    each.answer(history.sequenceOf(each.statusCode(), each.payer(), each.recordedSequence()), own);
            var problem = history.cobProblem(answer, claim.chargedMinor());
            if (problem.isPresent() && !isAnsweredTwiceUntilItsReversal(problem.get(), answer, claim.claimId())) {
                hold(each, problem.get().code() + ": " + problem.get().text());
                counts.held.merge(problem.get().code(), 1, Integer::sum);
                continue;
            }
            if (history.isRepeated(answer) && answer.paidMinor() != 0) {
                markPaidTwice(each);
                counts.paidTwice++;
            }
            add(each, answer, history);
        }
    }

    /** Its correction came first, and the reversal between the two waits for the answer that it takes back. */
    private boolean isAnsweredTwiceUntilItsReversal(ClaimHistory.CobProblem problem, Answer answer, UUID claimId) {
        return problem.code().equals(ClaimHistory.ANSWERED_TWICE)
                && jdbc.sql("""
                                select exists (
                                    select from billing_remittance_claims c
                                    join billing_remittances r on r.org_id = c.org_id and r.id = c.remittance_id
                                    where c.org_id = :org and c.claim_id = :claim and c.treatment = 'held'
                                      and c.status_code = '22' and c.payer_claim_number = :number
                                      and c.charged_amount = -:charged and c.paid_amount = -:paid and r.state = 'posted')
                                """)
                        .param("org", organization())
                        .param("claim", claimId)
                        .param("number", answer.payerClaimNumber())
                        .param("charged", answer.chargedMinor())
                        .param("paid", answer.paidMinor())
                        .query(Boolean.class)
                        .single();
    }

    /** An answer that waits for its reversal is posted before it. */
    private void lookAgainAtAnswersBefore(UUID claimId) {
        jdbc.sql("""
                        update billing_remittance_claims set look_again = true
                        where org_id = :org and id in (
                            select h.id from billing_remittance_claims h
                            where h.org_id = :org and h.claim_id = :claim and h.treatment = 'held' and not h.look_again
                              and h.reason like 'ANSWERED\\_TWICE%'
                            order by h.id for no key update skip locked)
                        """).param("org", organization()).param("claim", claimId).update();
    }

    /** Posted of an answer is what it changes of all answers together. */
    private void add(StoredAnswer stored, Answer answer, ClaimHistory history) {
        long contractual = history.contractualMinor();
        long share = history.patientShareMinor();
        long repeated = history.repeatedMinor();
        history.add(answer);
        change(
                stored,
                answer.sequence(),
                history.contractualMinor() - contractual,
                history.patientShareMinor() - share,
                history.repeatedMinor() - repeated);
    }

    private static List<Amount> taken(ClaimHistory.Reversal reversal) {
        return reversal.lines().stream()
                .map(line -> new Amount(line.item(), line.treatment(), line.reversedMinor()))
                .toList();
    }

    private List<AnsweredAgain> claimsWithHistory(PostedPart part) {
        return part.bind(jdbc.sql("""
                        select distinct c.claim_id, b.charged as charged_minor from billing_remittance_claims c
                        join billing_claims b on b.org_id = c.org_id and b.id = c.claim_id
                        join billing_remittances r on r.org_id = c.org_id and r.id = c.remittance_id
                        where %s
                          and (r.payer_id <> b.payer_id or c.status_code in ('22', '2', '3', '20', '21') or c.prior_payer_amount <> 0
                               or exists (select from billing_remittance_claims p
                                          where p.org_id = c.org_id and p.claim_id = c.claim_id and p.treatment = 'posted'
                                            and %s))
                        order by c.claim_id
                        """.formatted(
                                part.posted("c"),
                                part.isWhole() ? "p.remittance_id <> c.remittance_id" : "p.id <> all(:rows)")))
                .query(AnsweredAgain.class)
                .list();
    }

    /** Posted ones in the order of their posting, then those that are about to be posted. */
    private List<StoredAnswer> answers(PostedPart part, UUID claimId) {
        String current = part.where("c");
        return part.bind(jdbc.sql("""
                        select c.id, c.remittance_id, c.claim_key, %2$s as payer, c.status_code, c.payer_sequence, c.position,
                               c.payer_claim_number, c.charged_amount, c.paid_amount,
                               c.stated_patient_amount, c.prior_payer_amount, v.original_id as original,
                               case when r.payer_id = b.payer_id then 1 else i.position end as recorded_sequence,
                               (%1$s) as current
                        from billing_remittance_claims c
                        join billing_remittances r on r.org_id = c.org_id and r.id = c.remittance_id
                        join billing_claims b on b.org_id = c.org_id and b.id = c.claim_id
                        left join claims_coverages i
                            on i.org_id = b.org_id and i.account_id = b.account_id and i.payer_id = r.payer_id
                        left join billing_remittance_reversals v on v.org_id = c.org_id and v.remittance_claim_id = c.id
                        where c.org_id = :org and c.claim_id = :claim and c.treatment = 'posted'
                          and (r.state = 'posted' or %1$s)
                        order by current, coalesce(c.released_at, r.posted_at), c.remittance_id, c.position
                        """.formatted(current, PAYER)))
                .param("claim", claimId)
                .query(StoredAnswer.class)
                .list();
    }

    /** Of a posted reversal what it really took back, of all others what the payer said. */
    private Map<UUID, List<Amount>> amounts(List<StoredAnswer> answers) {
        Map<UUID, List<Amount>> amounts = new HashMap<>();
        jdbc.sql("""
                        with answers as (select id, status_code, paid_amount, remittance_id from billing_remittance_claims
                                         where org_id = :org and id = any(:ids)),
                             lines as (select l.remittance_claim_id, l.position, l.paid_amount,
                                              coalesce('line ' || l.claim_line_position, nullif(l.procedure_code, ''), 'line') as line_key
                                       from billing_remittance_service_lines l
                                       where l.org_id = :org and l.remittance_claim_id = any(:ids))
                        select v.remittance_claim_id, v.line_key, v.group_code, v.reason_code, v.treatment, v.reversed_amount as amount
                        from billing_remittance_reversal_lines v
                        where v.org_id = :org and v.remittance_claim_id = any(:ids)
                        union all
                        select a.remittance_claim_id, coalesce(l.line_key, ''), a.group_code, a.reason_code, a.treatment, a.amount
                        from billing_remittance_adjustments a
                        left join lines l on l.remittance_claim_id = a.remittance_claim_id and l.position = a.line_position
                        where a.org_id = :org and a.remittance_claim_id = any(:ids)
                          and not exists (select from billing_remittance_reversals v
                                          where v.org_id = a.org_id and v.remittance_claim_id = a.remittance_claim_id)
                        union all
                        select l.remittance_claim_id, l.line_key, 'PAID', '', null, l.paid_amount from lines l
                        where not exists (select from billing_remittance_reversals v
                                          where v.org_id = :org and v.remittance_claim_id = l.remittance_claim_id)
                        union all
                        select c.id, '', 'PAID', '', null, c.paid_amount - coalesce(sum(l.paid_amount), 0)
                        from answers c left join lines l on l.remittance_claim_id = c.id
                        where not exists (select from billing_remittance_reversals v
                                          where v.org_id = :org and v.remittance_claim_id = c.id)
                        group by c.id, c.paid_amount
                        having count(l.position) = 0 or c.paid_amount <> coalesce(sum(l.paid_amount), 0)
                        """)
                .param("org", organization())
                .param("ids", answers.stream().map(StoredAnswer::id).toArray(UUID[]::new))
                .query(row -> {
                    String treatment = row.getString("treatment");
                    amounts.computeIfAbsent(row.getObject("remittance_claim_id", UUID.class), id -> new ArrayList<>())
                            .add(new Amount(
                                    new Item(
                                            row.getString("line_key"),
                                            row.getString("group_code"),
                                            row.getString("reason_code")),
                                    treatment == null ? null : AdjustmentTreatment.ofColumn(treatment),
                                    row.getLong("amount")));
                });
        return amounts;
    }

    private void insert(UUID id, ClaimHistory.Reversal reversal) {
        jdbc.sql("""
                        insert into billing_remittance_reversals (org_id, remittance_claim_id, kind, original_id, consequence)
                        values (:org, :id, :kind, :original, :consequence)
                        """)
                .param("org", organization())
                .param("id", id)
                .param("kind", reversal.kind().name().toLowerCase(Locale.ROOT))
                .param("original", reversal.original(), Types.OTHER)
                .param("consequence", reversal.consequence())
                .update();
        List<Object[]> rows = new ArrayList<>();
        for (ReversedLine line : reversal.lines()) {
            rows.add(new Object[] {
                organization(),
                id,
                rows.size() + 1,
                line.item().line(),
                line.item().group(),
                line.item().reason(),
                line.treatment() == null ? null : line.treatment().column(),
                line.postedMinor(),
                line.reversedMinor()
            });
        }
        batches.batchUpdate("""
                insert into billing_remittance_reversal_lines (org_id, remittance_claim_id, position, line_key, group_code,
                    reason_code, treatment, posted_amount, reversed_amount)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, rows);
    }

    private void change(
            StoredAnswer answer, int sequence, long contractualMinor, long patientMinor, long repeatedMinor) {
        jdbc.sql("""
                        update billing_remittance_claims
                        set payer_sequence = :sequence, contractual_amount = :contractual, patient_amount = :patient,
                            repeated_amount = :repeated
                        where org_id = :org and id = :id
                        """)
                .param("sequence", sequence)
                .param("contractual", contractualMinor)
                .param("patient", patientMinor)
                .param("repeated", repeatedMinor)
                .param("org", organization())
                .param("id", answer.id())
                .update();
    }

    /** It is posted all the same: the money is there, and the credit it leaves becomes a case of the payer. */
    private void markPaidTwice(StoredAnswer answer) {
        jdbc.sql("""
                        update billing_remittance_claims
                        set reason = 'possible double payment: another remittance paid the same for this claim'
                        where org_id = :org and id = :id
                        """).param("org", organization()).param("id", answer.id()).update();
    }

    private void hold(StoredAnswer answer, String reason) {
        jdbc.sql("""
                        update billing_remittance_claims set treatment = 'held', reason = :reason
                        where org_id = :org and id = :id
                        """)
                .param("reason", reason)
                .param("org", organization())
                .param("id", answer.id())
                .update();
    }

    /** What follows for the same claim replaces an answer that still counts, so it is held too. */
    private void hold(PostedPart part, UUID claimId, StoredAnswer reversal, String reason) {
        part.bind(jdbc.sql("""
                        update billing_remittance_claims c
                        set treatment = 'held',
                            reason = case when id = :id then :reason else 'it follows a reversal of this claim that is held' end
                        where %s and claim_id = :claim and position >= :position
                        """.formatted(part.posted("c"))))
                .param("claim", claimId)
                .param("position", reversal.position())
                .param("id", reversal.id())
                .param("reason", reason)
                .update();
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    record AnsweredAgain(UUID claimId, long chargedMinor) {}

    record StoredAnswer(
            UUID id,
            UUID remittanceId,
            String claimKey,
            String payer,
            String statusCode,
            int payerSequence,
            int position,
            String payerClaimNumber,
            long chargedAmount,
            long paidAmount,
            long statedPatientAmount,
            long priorPayerAmount,
            @Nullable UUID original,
            @Nullable Integer recordedSequence,
            boolean current) {

        boolean isReversal() {
            return statusCode.equals("22");
        }

        Answer answer(int sequence, List<Amount> amounts) {
            return new Answer(
                    id,
                    remittanceId,
                    claimKey,
                    payer,
                    sequence,
                    isReversal(),
                    payerClaimNumber,
                    chargedAmount,
                    paidAmount,
                    ClaimHistory.sum(amounts, AdjustmentTreatment.CONTRACTUAL),
                    isReversal() ? ClaimHistory.sum(amounts, AdjustmentTreatment.PATIENT) : statedPatientAmount,
                    isReversal() ? ClaimHistory.sum(amounts, AdjustmentTreatment.OTHER_PAYER) : priorPayerAmount,
                    amounts,
                    original);
        }
    }
}

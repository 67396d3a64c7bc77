package io.remitflow.claims;

import io.remitflow.core.Amounts;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The rows of billing_denials with their reasons and task results. */
@Repository
class DenialRows {

    private static final String OWED = """
            case when c.status in ('replaced', 'voided') then 0
                 else greatest(0, least(d.denied_amount, c.charged - c.paid - c.contractual - c.patient_responsibility
                                        - greatest(0, d.open_when_denied - d.denied_amount))) end""";

    /** What the payer still owes of a denial: never more than it denied, nor than the claim has open. */
    private static final String OPEN = "case when d.status = 'closed' then 0 else " + OWED + " end";

    private static final String FROM = """
             from billing_denials d
             join billing_claims c on c.org_id = d.org_id and c.id = d.claim_id
             join billing_payers p on p.org_id = d.org_id and p.id = d.payer_id
            """;

    private static final String SELECT =
            "select d.*, c.control_number, p.name as payer_name, " + OPEN + " as open_amount" + FROM;

    private static final List<String> WITHDRAWN = Arrays.stream(ClaimStatus.values())
            .filter(ClaimStatus::withdrawn)
            .map(ClaimStatus::key)
            .toList();

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;

    DenialRows(JdbcClient jdbc, JdbcTemplate batches) {
        this.jdbc = jdbc;
        this.batches = batches;
    }

    /** A case to open. */
    record NewDenial(
            UUID id,
            String number,
            String source,
            UUID claimId,
            UUID accountId,
            UUID payerId,
            UUID remittanceId,
            @Nullable UUID previousId,
            int level,
            LocalDate deniedOn,
            String currency,
            String remarks,
            boolean underpaid) {}

    /** The newest denial of a claim. */
    record Latest(UUID id, UUID claimId, int level, boolean paid) {}

    /** @param refusal null: the completion counts */
    record TaskResult(
            long taskKey,
            String element,
            @Nullable UserId actor,
            String source,
            String outcome,
            @Nullable String refusal,
            @Nullable Long jobKey) {}

    void insert(List<NewDenial> denials, Instant now) {
        List<Object[]> rows = new ArrayList<>();
        for (NewDenial denial : denials) {
            rows.add(new Object[] {
                organization(),
                denial.id(),
                denial.number(),
                denial.accountId(),
                denial.source(),
                denial.remittanceId(),
                denial.previousId(),
                denial.level(),
                denial.deniedOn(),
                denial.currency(),
                denial.remarks(),
                denial.underpaid(),
                DenialSteps.TRIAGE,
                denial.deniedOn(),
                Timestamp.from(now),
                Timestamp.from(now),
                denial.claimId(),
                denial.payerId()
            });
        }
        batches.batchUpdate("""
                insert into billing_denials (org_id, id, denial_number, account_id, source, remittance_id, previous_id, level,
                    denied_on, currency, remarks, underpaid, status, current_step, appeal_limit_on, opened_at, updated_at, claim_id,
                    payer_id, open_when_denied)
                select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?::date + p.appeal_days, ?, ?, c.id, p.id,
                       c.charged - c.paid - c.contractual - c.patient_responsibility
                from billing_claims c join billing_payers p on p.org_id = c.org_id
                where c.id = ? and p.id = ?
                """, rows);
    }

    /** Those that are there already stay as they are; the denied amounts become the sums of all. */
    void addReasons(Map<UUID, List<DenialReason>> reasons) {
        List<Object[]> rows = new ArrayList<>();
        reasons.forEach((denial, all) -> all.forEach(reason -> rows.add(new Object[] {
            organization(),
            denial,
            reason.answer(),
            reason.position(),
            reason.line(),
            reason.procedure(),
            reason.group(),
            reason.code(),
            reason.text(),
            reason.remarks(),
            reason.amountMinor()
        })));
        batches.batchUpdate("""
                insert into billing_denial_reasons (org_id, denial_id, answer_position, position, line_position,
                    procedure_code, group_code, reason_code, text, remarks, amount)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                on conflict do nothing
                """, rows);
        if (!reasons.isEmpty()) {
            jdbc.sql("""
                            update billing_denials d
                            set denied_amount = (select coalesce(sum(r.amount), 0) from billing_denial_reasons r
                                                 where r.org_id = d.org_id and r.denial_id = d.id and r.group_code <> 'PR')
                            where d.id in (:ids)
                            """).param("ids", reasons.keySet()).update();
        }
    }

    /** The denials that these answers opened before, by source. */
    Map<String, UUID> bySource(Collection<String> sources) {
        Map<String, UUID> found = new HashMap<>();
        if (!sources.isEmpty()) {
            jdbc.sql("select source, id from billing_denials where source in (:sources)")
                    .param("sources", sources)
                    .query(row -> {
                        found.put(row.getString("source"), row.getObject("id", UUID.class));
                    });
        }
        return found;
    }

    /** Which of these claims are no longer claims on their payer. */
    Set<UUID> withdrawn(Collection<UUID> claimIds) {
        if (claimIds.isEmpty()) {
            return Set.of();
        }
        return Set.copyOf(jdbc.sql("select id from billing_claims where id in (:claims) and status in (:withdrawn)")
                .param("claims", claimIds)
                .param("withdrawn", WITHDRAWN)
                .query(UUID.class)
                .list());
    }

    /** Of each claim that was denied before. */
    Map<UUID, Latest> latest(Collection<UUID> claimIds) {
        Map<UUID, Latest> found = new HashMap<>();
        if (!claimIds.isEmpty()) {
            jdbc.sql("""
                            select distinct on (claim_id) id, claim_id, level, closing = 'paid' as paid
                            from billing_denials where claim_id in (:claims) order by claim_id, id desc
                            """).param("claims", claimIds).query(row -> {
                UUID claim = row.getObject("claim_id", UUID.class);
                found.put(
                        claim,
                        new Latest(
                                row.getObject("id", UUID.class), claim, row.getInt("level"), row.getBoolean("paid")));
            });
        }
        return found;
    }

    /** Locked until the transaction ends, in one order. */
    List<Denial> lockOpenOf(Collection<UUID> claimIds) {
        return claimIds.isEmpty()
                ? List.of()
                : jdbc.sql(SELECT
                                + " where d.claim_id = any(:claims) and d.status <> 'closed' order by d.id"
                                + " for no key update of d")
                        .param("claims", claimIds.toArray(UUID[]::new))
                        .query(DenialRows::denial)
                        .list();
    }

    /** Of the claims that a payer answered as duplicates those that are paid and have nothing open. */
    Map<UUID, RepeatedClaim> paidAlready(Collection<UUID> claimIds) {
        Map<UUID, RepeatedClaim> found = new HashMap<>();
        if (!claimIds.isEmpty()) {
            jdbc.sql("""
                            select id, account_id, control_number, paid, currency,
                                   coalesce(last_response_on, submitted_on) as answered_on
                            from billing_claims
                            where id in (:claims) and paid > 0 and charged - paid - contractual - patient_responsibility <= 0
                            """)
                    .param("claims", claimIds)
                    .query((row, number) -> repeated(row))
                    .list()
                    .forEach(claim -> found.put(claim.claimId(), claim));
        }
        return found;
    }

    /**
     * By denial as a duplicate the other claim of ours that the payer may mean: the one that it replaces, or else one for
     * the same patient, payer, days and charge, a paid one first.
     */
    Map<UUID, RepeatedClaim> mayRepeat(Collection<UUID> denialIds) {
        Map<UUID, RepeatedClaim> found = new HashMap<>();
        if (!denialIds.isEmpty()) {
            jdbc.sql("""
                            select distinct on (n.id) n.id as denial, o.id, o.account_id, o.control_number, o.paid, o.currency,
                                   o.last_response_on as answered_on
                            from billing_denials n
                            join billing_claims d on d.org_id = n.org_id and d.id = n.claim_id
                            join billing_claims o on o.org_id = d.org_id and o.account_id = d.account_id and o.id <> d.id
                                and (o.id = d.replaces_id
                                     or o.payer_id = d.payer_id and o.service_from = d.service_from
                                        and o.service_to = d.service_to and o.charged = d.charged
                                        and o.status not in (:withdrawn))
                            where n.id in (:denials)
                              and exists (select from billing_denial_reasons r where r.org_id = n.org_id
                                          and r.denial_id = n.id and r.reason_code = '18')
                            order by n.id, (o.id is not distinct from d.replaces_id) desc, (o.paid > 0) desc,
                                     (o.last_response_on is null), o.id
                            """)
                    .param("denials", denialIds)
                    .param("withdrawn", WITHDRAWN)
                    .query(row -> {
                        found.put(row.getObject("denial", UUID.class), repeated(row));
                    });
        }
        return found;
    }

    private static RepeatedClaim repeated(ResultSet row) throws SQLException {
        return new RepeatedClaim(
                row.getObject("id", UUID.class),
                row.getObject("account_id", UUID.class),
                row.getString("control_number"),
                Amounts.ofMinor(row.getLong("paid"), row.getString("currency")),
                row.getObject("answered_on", LocalDate.class));
    }

    Denial get(UUID id) {
        return find(id, "").orElseThrow(() -> RuleViolation.notFound("this denial"));
    }

    Denial lock(UUID id) {
        return find(id, " for no key update of d").orElseThrow(() -> RuleViolation.notFound("this denial"));
    }

    List<DenialReason> reasons(UUID id) {
        return reasons(List.of(id)).getOrDefault(id, List.of());
    }

    Map<UUID, List<DenialReason>> reasons(Collection<UUID> ids) {
        Map<UUID, List<DenialReason>> found = new HashMap<>();
        if (!ids.isEmpty()) {
            jdbc.sql("""
                            select * from billing_denial_reasons where denial_id in (:ids)
                            order by denial_id, answer_position, position
                            """).param("ids", ids).query(row -> {
                found.computeIfAbsent(row.getObject("denial_id", UUID.class), id -> new ArrayList<>())
                        .add(reason(row));
            });
        }
        return found;
    }

    /** By the appeal limit, the nearest first; closed ones newest first. */
    List<Denial> list(DenialFilter filter, LocalDate today) {
        return jdbc.sql(SELECT + WHERE + """
                          and (:after::uuid is null
                               or (:closed and d.id < :after)
                               or (not :closed and (d.appeal_limit_on, d.id) >
                                   (select a.appeal_limit_on, a.id from billing_denials a where a.id = :after)))
                        order by case when :closed then null else d.appeal_limit_on end,
                                 case when :closed then d.id end desc, d.id
                        limit :limit
                        """)
                .params(params(filter, today))
                .param("after", filter.after())
                .param("limit", filter.limit())
                .query(DenialRows::denial)
                .list();
    }

    List<DenialClassTotal> totals(DenialFilter filter, LocalDate today, String currency, LocalDate soon) {
        return jdbc.sql("""
                        select coalesce(denial_class, 'untriaged') as denial_class, count(*) as denials,
                               sum(open_amount) as open_amount,
                               coalesce(sum(open_amount) filter (where age <= 30), 0) as age_1,
                               coalesce(sum(open_amount) filter (where age between 31 and 60), 0) as age_2,
                               coalesce(sum(open_amount) filter (where age between 61 and 90), 0) as age_3,
                               coalesce(sum(open_amount) filter (where age between 91 and 120), 0) as age_4,
                               coalesce(sum(open_amount) filter (where age > 120), 0) as age_5,
                               count(*) filter (where appeal_limit_on <= :soon and status in ('open', 'correcting', 'appealing'))
                                   as limit_soon
                        from (select d.denial_class, d.appeal_limit_on, d.status, :today::date - d.denied_on as age,
                        """ + OPEN + " as open_amount" + FROM + WHERE + """
                              and d.currency = :currency) as denials
                        group by 1 order by 3 desc, 1
                        """)
                .params(params(filter, today))
                .param("currency", currency)
                .param("soon", soon)
                .query((row, number) -> new DenialClassTotal(
                        row.getString("denial_class"),
                        row.getLong("denials"),
                        Amounts.ofMinor(row.getLong("open_amount"), currency),
                        List.of(
                                Amounts.ofMinor(row.getLong("age_1"), currency),
                                Amounts.ofMinor(row.getLong("age_2"), currency),
                                Amounts.ofMinor(row.getLong("age_3"), currency),
                                Amounts.ofMinor(row.getLong("age_4"), currency),
                                Amounts.ofMinor(row.getLong("age_5"), currency)),
                        row.getLong("limit_soon")))
                .list();
    }

    void triaged(UUID id, Denial.Triage triage, Instant now) {
        update(
                id,
                now,
                """
                denial_class = :class, priority = :priority, owner_group = :group, appealable = :appealable,
                patient_billable = :billable, triage_reason = :reason, current_step = :step
                """,
                Map.of(
                        "class", triage.denialClass(),
                        "priority", triage.priority(),
                        "group", triage.ownerGroup(),
                        "appealable", triage.appealable(),
                        "billable", triage.patientBillable(),
                        "reason", triage.reason(),
                        "step", DenialSteps.WORK));
    }

    /** What was refused before is forgotten. */
    void move(UUID id, DenialStatus status, String step, Instant now) {
        update(
                id,
                now,
                "status = :status, current_step = :step, refusal_reason = null",
                Map.of("status", status.key(), "step", step));
    }

    void refused(UUID id, String reason, Instant now) {
        update(id, now, "refusal_reason = :reason", Map.of("reason", reason));
    }

    void sent(UUID id, boolean appeal, LocalDate on, String reference, Instant now) {
        update(
                id,
                now,
                "sent_as = :as, sent_on = :on, sent_reference = :reference",
                Map.of("as", appeal ? "appealed" : "corrected", "on", on, "reference", reference));
    }

    void writingOff(UUID id, UUID writeOffId, int round, Instant now) {
        update(
                id,
                now,
                "write_off_id = :writeOff, write_off_round = :round",
                Map.of("writeOff", writeOffId, "round", round));
    }

    void billed(UUID id, Money amount, UUID journalEntryId, Instant now) {
        update(
                id,
                now,
                "billed_amount = billed_amount + :amount, journal_entry_id = :entry",
                Map.of("amount", amount.getAmountMinorLong(), "entry", journalEntryId));
    }

    void expired(UUID id, Instant now) {
        update(id, now, "expired_at = :at", Map.of("at", Timestamp.from(now)));
    }

    void escalated(UUID id, String group, int priority, Instant now) {
        update(id, now, "owner_group = :group, priority = :priority", Map.of("group", group, "priority", priority));
    }

    void owned(UUID id, UserId owner, Instant now) {
        update(id, now, "owner = :owner", Map.of("owner", owner.value()));
    }

    /** Of those that are not closed yet. */
    void close(Map<UUID, String> evidence, DenialClosing closing, Instant now) {
        close(evidence, closing, null, now);
    }

    /** @param remittanceId whose answer closes them */
    void close(Map<UUID, String> evidence, DenialClosing closing, @Nullable UUID remittanceId, Instant now) {
        List<Object[]> rows = new ArrayList<>();
        evidence.forEach((id, text) -> rows.add(new Object[] {
            DenialSteps.CLOSED,
            closing.key(),
            text,
            Timestamp.from(now),
            Timestamp.from(now),
            remittanceId,
            organization(),
            id
        }));
        batches.batchUpdate("""
                update billing_denials set status = 'closed', current_step = ?, closing = ?, evidence = ?, closed_at = ?,
                    updated_at = ?, closed_by_remittance = ?::uuid, refusal_reason = null
                where org_id = ? and id = ? and status <> 'closed'
                """, rows);
    }

    /** The newest denial of each of these claims, if a payment closed it; locked until the transaction ends, in one order. */
    List<Denial> lockPaidOf(Collection<UUID> claimIds) {
        return claimIds.isEmpty()
                ? List.of()
                : jdbc.sql(SELECT + """
                                 where d.claim_id in (:claims) and d.closing = 'paid'
                                   and not exists (select from billing_denials n where n.org_id = d.org_id
                                                   and n.claim_id = d.claim_id and n.id > d.id)
                                 order by d.id for no key update of d
                                """)
                        .param("claims", claimIds)
                        .query(DenialRows::denial)
                        .list();
    }

    /** Those that an answer of this remittance closed and whose claims have no open denial. */
    List<Denial> lockClosedBy(UUID remittanceId, Collection<UUID> claimIds) {
        return claimIds.isEmpty()
                ? List.of()
                : jdbc.sql(SELECT + """
                                 where d.closed_by_remittance = :remittance and d.claim_id in (:claims)
                                   and not exists (select from billing_denials o where o.org_id = d.org_id
                                                   and o.claim_id = d.claim_id and o.status <> 'closed')
                                 order by d.id for no key update of d
                                """)
                        .param("remittance", remittanceId)
                        .param("claims", claimIds)
                        .query(DenialRows::denial)
                        .list();
    }

    /** What the payer owes of a closed denial by the answers to its claim, as if it were open. */
    Money owed(Denial denial) {
        return jdbc.sql("select " + OWED + FROM + " where d.id = :id")
                .param("id", denial.id())
                .query((row, number) -> Amounts.ofMinor(
                        row.getLong(1), denial.denied().getCurrencyUnit().getCode()))
                .single();
    }

    /** The number of a newer denial of the same claim. */
    Optional<String> successor(Denial denial) {
        return jdbc.sql("""
                        select denial_number from billing_denials
                        where claim_id = :claim and id > :id order by id desc limit 1
                        """)
                .param("claim", denial.claimId())
                .param("id", denial.id())
                .query(String.class)
                .optional();
    }

    /** Keeps how the round ended, and begins the next one where the rule is asked. */
    void reopen(
            Denial denial,
            DenialRound.Reopening reopening,
            @Nullable UUID reversalEntry,
            LocalDate limit,
            Instant now) {
        boolean takenFromPatient = reversalEntry != null;
        jdbc.sql("""
                        insert into billing_denial_rounds (org_id, denial_id, round, closing, evidence, closed_at,
                            denial_class, sent_as, sent_on, sent_reference, write_off_id, billed_amount, journal_entry_id,
                            reversal_entry_id, appeal_limit_on, reopened_at, reopened_by, reopened_because, reason)
                        select org_id, id, round, closing, evidence, closed_at, denial_class, sent_as, sent_on,
                               sent_reference, write_off_id, billed_amount, journal_entry_id, :reversal, appeal_limit_on,
                               :now, :by, :because, :reason
                        from billing_denials where id = :id and status = 'closed'
                        """)
                .param("reversal", reversalEntry, Types.OTHER)
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .param("by", reopening.by() == null ? null : reopening.by().value(), Types.OTHER)
                .param("because", reopening.because().key())
                .param("reason", reopening.reason())
                .param("id", denial.id())
                .update();
        update(denial.id(), now, """
                status = 'open', current_step = :step, round = round + 1, closed_at = null, closing = null, evidence = null,
                closed_by_remittance = null, denial_class = null, priority = null, owner_group = null, appealable = null,
                patient_billable = null, triage_reason = null, refusal_reason = null, sent_as = null, sent_on = null,
                sent_reference = null, write_off_id = null, appeal_limit_on = :limit,
                expired_at = case when appeal_limit_on = :limit then expired_at end,
                billed_amount = case when :taken then 0 else billed_amount end,
                journal_entry_id = case when :taken then null else journal_entry_id end
                """, Map.of("step", DenialSteps.TRIAGE, "limit", limit, "taken", takenFromPatient));
    }

    /** The rounds that were closed and opened again, oldest first. */
    List<DenialRound> rounds(UUID id) {
        return jdbc.sql("""
                        select r.*, d.currency from billing_denial_rounds r
                        join billing_denials d on d.org_id = r.org_id and d.id = r.denial_id
                        where r.denial_id = :id order by r.round
                        """)
                .param("id", id)
                .query((row, number) -> new DenialRound(
                        row.getInt("round"),
                        DenialClosing.ofKey(row.getString("closing")),
                        row.getString("evidence"),
                        row.getTimestamp("closed_at").toInstant(),
                        sending(row),
                        Amounts.ofMinor(row.getLong("billed_amount"), row.getString("currency")),
                        row.getObject("reversal_entry_id", UUID.class),
                        row.getTimestamp("reopened_at").toInstant(),
                        new DenialRound.Reopening(
                                DenialRound.Because.ofKey(row.getString("reopened_because")),
                                row.getString("reason"),
                                user(row, "reopened_by"))))
                .list();
    }

    /** @return false if the task was taken into account before */
    boolean useTask(UUID id, TaskResult result, Instant now) {
        return jdbc.sql("""
                                insert into billing_denial_task_results (org_id, task_key, denial_id, element_id, actor,
                                    source, outcome, refusal, job_key, recorded_at)
                                values (:org, :task, :denial, :element, :actor, :source, :outcome, :refusal, :job, :now)
                                on conflict do nothing
                                """)
                        .param("org", organization())
                        .param("task", result.taskKey())
                        .param("denial", id)
                        .param("element", result.element())
                        .param(
                                "actor",
                                result.actor() == null ? null : result.actor().value(),
                                Types.OTHER)
                        .param("source", result.source())
                        .param("outcome", result.outcome())
                        .param("refusal", result.refusal())
                        .param("job", result.jobKey())
                        .param("now", Timestamp.from(now))
                        .update()
                == 1;
    }

    Set<Long> usedTasks(UUID id) {
        return Set.copyOf(jdbc.sql("select task_key from billing_denial_task_results where denial_id = :denial")
                .param("denial", id)
                .query(Long.class)
                .list());
    }

    /** What an earlier delivery of the same job found. */
    Optional<TaskResult> foundBy(UUID id, long jobKey) {
        return jdbc.sql("select * from billing_denial_task_results where denial_id = :denial and job_key = :job")
                .param("denial", id)
                .param("job", jobKey)
                .query((row, number) -> new TaskResult(
                        row.getLong("task_key"),
                        row.getString("element_id"),
                        user(row, "actor"),
                        row.getString("source"),
                        row.getString("outcome"),
                        row.getString("refusal"),
                        jobKey))
                .optional();
    }

    private static final String WHERE = """
             where (d.status = 'closed') = :closed
               and (:class::text is null or coalesce(d.denial_class, 'untriaged') = :class)
               and (:status::text is null or d.status = :status)
               and (:payer::uuid is null or d.payer_id = :payer)
               and (:claim::uuid is null or d.claim_id = :claim)
               and (:owner::uuid is null or d.owner = :owner)
               and (:within::int is null
                    or d.appeal_limit_on <= :today::date + :within::int and d.status in ('open', 'correcting', 'appealing'))
            """;

    private static Map<String, @Nullable Object> params(DenialFilter filter, LocalDate today) {
        Map<String, @Nullable Object> params = new HashMap<>();
        params.put("closed", filter.closed());
        params.put("class", filter.denialClass());
        params.put("status", filter.status() == null ? null : filter.status().key());
        params.put("payer", filter.payerId());
        params.put("claim", filter.claimId());
        params.put("owner", filter.owner() == null ? null : filter.owner().value());
        params.put("within", filter.limitWithinDays());
        params.put("today", today);
        return params;
    }

    private void update(UUID id, Instant now, String assignments, Map<String, Object> params) {
        jdbc.sql("update billing_denials set " + assignments + ", updated_at = :now where id = :id")
                .params(params)
                .param("now", Timestamp.from(now))
                .param("id", id)
                .update();
    }

    private Optional<Denial> find(UUID id, String suffix) {
        return jdbc.sql(SELECT + " where d.id = :id" + suffix)
                .param("id", id)
                .query(DenialRows::denial)
                .optional();
    }

    private static Denial denial(ResultSet row, int number) throws SQLException {
        String currency = row.getString("currency");
        String closing = row.getString("closing");
        return new Denial(
                row.getObject("id", UUID.class),
                row.getString("denial_number"),
                row.getObject("claim_id", UUID.class),
                row.getString("control_number"),
                row.getObject("account_id", UUID.class),
                row.getObject("payer_id", UUID.class),
                row.getString("payer_name"),
                row.getObject("remittance_id", UUID.class),
                row.getObject("previous_id", UUID.class),
                row.getInt("level"),
                row.getInt("round"),
                row.getObject("denied_on", LocalDate.class),
                Amounts.ofMinor(row.getLong("denied_amount"), currency),
                Amounts.ofMinor(row.getLong("open_amount"), currency),
                row.getString("remarks"),
                row.getBoolean("underpaid"),
                DenialStatus.ofKey(row.getString("status")),
                row.getString("current_step"),
                triage(row),
                row.getObject("appeal_limit_on", LocalDate.class),
                instant(row, "expired_at"),
                user(row, "owner"),
                row.getString("refusal_reason"),
                sending(row),
                row.getObject("write_off_id", UUID.class),
                row.getInt("write_off_round"),
                Amounts.ofMinor(row.getLong("billed_amount"), currency),
                row.getObject("journal_entry_id", UUID.class),
                row.getTimestamp("opened_at").toInstant(),
                instant(row, "closed_at"),
                closing == null ? null : DenialClosing.ofKey(closing),
                row.getString("evidence"));
    }

    private static Denial.@Nullable Triage triage(ResultSet row) throws SQLException {
        String denialClass = row.getString("denial_class");
        return denialClass == null
                ? null
                : new Denial.Triage(
                        denialClass,
                        row.getInt("priority"),
                        row.getString("owner_group"),
                        row.getBoolean("appealable"),
                        row.getBoolean("patient_billable"),
                        row.getString("triage_reason"));
    }

    private static Denial.@Nullable Sending sending(ResultSet row) throws SQLException {
        String as = row.getString("sent_as");
        return as == null
                ? null
                : new Denial.Sending(
                        as.equals("appealed"),
                        row.getObject("sent_on", LocalDate.class),
                        row.getString("sent_reference"));
    }

    private static DenialReason reason(ResultSet row) throws SQLException {
        int line = row.getInt("line_position");
        boolean whole = row.wasNull();
        return new DenialReason(
                row.getInt("answer_position"),
                row.getInt("position"),
                whole ? null : line,
                row.getString("procedure_code"),
                row.getString("group_code"),
                row.getString("reason_code"),
                row.getString("text"),
                row.getString("remarks"),
                row.getLong("amount"));
    }

    private static @Nullable UserId user(ResultSet row, String column) throws SQLException {
        UUID id = row.getObject(column, UUID.class);
        return id == null ? null : new UserId(id);
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp timestamp = row.getTimestamp(column);
        return timestamp == null ? null : timestamp.toInstant();
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}

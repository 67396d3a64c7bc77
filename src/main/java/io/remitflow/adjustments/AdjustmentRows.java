package io.remitflow.adjustments;

import io.remitflow.core.Amounts;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Turns;
import io.remitflow.identity.UserId;
import io.remitflow.receivables.Responsibility;
import io.remitflow.ui.AgeBars;
import io.remitflow.workflow.RelatedCases;
import io.remitflow.workflow.RelatedCases.Numbered;
import io.remitflow.workflow.RelatedCases.Relation;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code billing_adjustments}. */
@Repository
class AdjustmentRows {

    /** What limits are judged by: a write-off that waits counts until it has ended, a posted one from its posting. */
    private static final String COUNTED = """
            (status in ('pending', 'approved')
             or status = 'posted' and greatest(requested_at, posted_at) >= :since)""";

    private final JdbcClient jdbc;
    private final Clock clock;

    AdjustmentRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** @return false if this denial and round has asked before, or if the reversed one is being taken back already */
    boolean insert(Adjustment adjustment, @Nullable Integer denialRound) {
        return jdbc.sql("""
                                insert into billing_adjustments (org_id, id, adjustment_number, account_id, claim_id,
                                    responsibility, adjustment_type, adjustment_date, adjustment_amount, currency,
                                    reason_description, status, current_step, requested_by, prepared_by, requested_at,
                                    reverses_adjustment_id, denial_id, denial_round, invoice_id, updated_at)
                                values (:org, :id, :number, :account, :claim, :responsibility, :type, :date, :amount,
                                    :currency, :reason, :status, :step, :requestedBy, :requestedBy, :at, :reverses, :denial,
                                    :round, :invoice, :at)
                                on conflict do nothing
                                """)
                        .param("org", CurrentOrganization.id().value())
                        .param("id", adjustment.id())
                        .param("number", adjustment.number())
                        .param("account", adjustment.accountId())
                        .param("claim", adjustment.claimId(), Types.OTHER)
                        .param("responsibility", adjustment.responsibility().key())
                        .param("type", adjustment.type().key())
                        .param("date", adjustment.date())
                        .param("amount", adjustment.amount().getAmountMinorLong())
                        .param("currency", adjustment.amount().getCurrencyUnit().getCode())
                        .param("reason", adjustment.reason())
                        .param("status", adjustment.status().key())
                        .param("step", adjustment.step())
                        .param("requestedBy", adjustment.requestedBy().value())
                        .param("at", Timestamp.from(adjustment.requestedAt()))
                        .param("reverses", adjustment.reverses(), Types.OTHER)
                        .param("denial", adjustment.denialId(), Types.OTHER)
                        .param("round", denialRound, Types.INTEGER)
                        .param("invoice", adjustment.invoiceId(), Types.OTHER)
                        .update()
                == 1;
    }

    Adjustment get(UUID id) {
        return find("id = :id", id).orElseThrow(() -> RuleViolation.notFound("the write-off"));
    }

    /** Until the transaction ends: what is left of the allowance is used by one write-off after another. */
    void takeTurnsWithAllowance() {
        Turns.take(jdbc, "allowance");
    }

    /** Only its holder changes the row until the transaction ends. */
    Adjustment lock(UUID id) {
        return find("id = :id for no key update", id).orElseThrow(() -> RuleViolation.notFound("the write-off"));
    }

    Optional<UUID> ofDenial(UUID denialId, int round) {
        return jdbc.sql("select id from billing_adjustments where denial_id = :denial and denial_round = :round")
                .param("denial", denialId)
                .param("round", round)
                .query(UUID.class)
                .optional();
    }

    void ruleAnswered(UUID id, List<String> levels, String reason) {
        boolean needed = !levels.isEmpty();
        jdbc.sql("""
                        update billing_adjustments set approval_required = :needed,
                            approval_levels = case when :needed then string_to_array(:levels, ',') else '{}' end,
                            approval_reason = :reason, status = :status, current_step = :step,
                            approved_at = case when not :needed then cast(:now as timestamptz) end, updated_at = :now
                        where id = :id
                        """)
                .param("needed", needed)
                .param("levels", String.join(",", levels))
                .param("reason", reason)
                .param("status", (needed ? AdjustmentStatus.PENDING : AdjustmentStatus.APPROVED).key())
                .param("step", needed ? WriteOffSteps.APPROVE : WriteOffSteps.POST)
                .param("now", Timestamp.from(clock.instant()))
                .param("id", id)
                .update();
    }

    void amountChanged(UUID id, Money amount, UserId preparer) {
        jdbc.sql("""
                        update billing_adjustments set adjustment_amount = :amount, prepared_by = :preparer,
                            version = version + 1, approval_required = null, approval_levels = null, approval_reason = null,
                            refusal_reason = null, current_step = :step, updated_at = :now
                        where id = :id
                        """)
                .param("amount", amount.getAmountMinorLong())
                .param("preparer", preparer.value())
                .param("step", WriteOffSteps.COLLECT_FACTS)
                .param("now", Timestamp.from(clock.instant()))
                .param("id", id)
                .update();
    }

    void approved(UUID id, UserId approver) {
        jdbc.sql("""
                        update billing_adjustments set status = 'approved', current_step = :step, approved_by = :approver,
                            approved_at = :now, refusal_reason = null, updated_at = :now
                        where id = :id
                        """)
                .param("step", WriteOffSteps.POST)
                .param("approver", approver.value())
                .param("now", Timestamp.from(clock.instant()))
                .param("id", id)
                .update();
    }

    void ended(UUID id, AdjustmentStatus status, String step, @Nullable String reason) {
        jdbc.sql("""
                        update billing_adjustments set status = :status, current_step = :step, refusal_reason = :reason,
                            updated_at = :now
                        where id = :id
                        """)
                .param("status", status.key())
                .param("step", step)
                .param("reason", reason)
                .param("now", Timestamp.from(clock.instant()))
                .param("id", id)
                .update();
    }

    void refused(UUID id, @Nullable String reason) {
        jdbc.sql("update billing_adjustments set refusal_reason = :reason, updated_at = :now where id = :id")
                .param("reason", reason)
                .param("now", Timestamp.from(clock.instant()))
                .param("id", id)
                .update();
    }

    void posted(UUID id, UUID entry, LocalDate date) {
        jdbc.sql("""
                        update billing_adjustments set status = 'posted', current_step = :step, journal_entry_id = :entry,
                            adjustment_date = :date, posted_at = :now, updated_at = :now
                        where id = :id
                        """)
                .param("step", WriteOffSteps.POSTED)
                .param("entry", entry)
                .param("date", date)
                .param("now", Timestamp.from(clock.instant()))
                .param("id", id)
                .update();
    }

    void reversed(UUID id) {
        jdbc.sql("""
                        update billing_adjustments set status = 'reversed', void_flag = true, voided_at = :now,
                            updated_at = :now
                        where id = :id
                        """)
                .param("now", Timestamp.from(clock.instant()))
                .param("id", id)
                .update();
    }

    /**
     * What was posted on these accounts since then, and what is still under way whenever it was asked for: neither splitting a write-off nor waiting gets around a limit. Reversals aside.
     */
    Exposure exposure(Collection<UUID> accounts, String currency, Instant since) {
        return jdbc.sql("""
                        select count(*) as requests, coalesce(sum(adjustment_amount), 0) as amount
                        from billing_adjustments
                        where account_id in (:accounts) and currency = :currency and adjustment_type <> 'reversal' and
                        """ + COUNTED)
                .param("accounts", accounts)
                .param("currency", currency)
                .param("since", Timestamp.from(since))
                .query((row, index) ->
                        new Exposure(row.getInt("requests"), Amounts.ofMinor(row.getLong("amount"), currency)))
                .single();
    }

    /** What counts on other accounts that have this in common with one; what its own account asked for is added. */
    RelatedCases related(
            Adjustment adjustment, Relation relation, List<UUID> accountsOfGuarantor, long ownMinor, Instant since) {
        boolean family = relation == Relation.GUARANTOR;
        if (family && accountsOfGuarantor.isEmpty()) {
            return new RelatedCases(relation, List.of(), adjustment.amount());
        }
        String currency = adjustment.amount().getCurrencyUnit().getCode();
        var sum = new AtomicLong(ownMinor);
        List<Numbered> others = jdbc.sql(
                        """
                        select id, adjustment_number, adjustment_amount from billing_adjustments
                        where account_id <> :account and currency = :currency and adjustment_type <> 'reversal' and
                        """ + COUNTED + " and " + (family ? "account_id in (:accounts)" : "requested_by = :requester")
                                + " order by id desc limit 200")
                .param("account", adjustment.accountId())
                .param("currency", currency)
                .param("since", Timestamp.from(since))
                .param("accounts", accountsOfGuarantor)
                .param("requester", adjustment.requestedBy().value())
                .query((row, index) -> {
                    sum.addAndGet(row.getLong("adjustment_amount"));
                    return new Numbered(row.getObject("id", UUID.class), row.getString("adjustment_number"));
                })
                .list();
        return new RelatedCases(relation, others, Amounts.ofMinor(sum.get(), currency));
    }

    record Exposure(int requests, Money amount) {}

    List<Adjustment> list(AdjustmentFilter filter) {
        return filtered("select *", "order by id desc limit :limit", filter)
                .query(AdjustmentRows::adjustment)
                .list();
    }

    /** As {@link #list}, beginning with those that wait longest. */
    List<Adjustment> oldest(AdjustmentFilter filter) {
        return filtered("select *", "order by id limit :limit", filter)
                .query(AdjustmentRows::adjustment)
                .list();
    }

    /** How many there are, whatever the limit of the filter. */
    Map<AdjustmentStatus, Long> counts(AdjustmentFilter filter) {
        Map<AdjustmentStatus, Long> counts = new EnumMap<>(AdjustmentStatus.class);
        filtered("select status, count(*) as adjustments", "group by status", filter)
                .query(row -> {
                    counts.put(
                            AdjustmentStatus.ofKey(row.getString("status")).orElseThrow(), row.getLong("adjustments"));
                });
        return counts;
    }

    private JdbcClient.StatementSpec filtered(String select, String end, AdjustmentFilter filter) {
        var status = filter.status();
        return jdbc.sql(select + """
                         from billing_adjustments
                        where (:status::text is null or status = :status)
                          and (not :open or status in ('pending', 'approved'))
                          and (:account::uuid is null or account_id = :account)
                          and adjustment_amount >= :minimum
                          and (:before::timestamptz is null or requested_at < :before)
                          and (:after::uuid is null or id < :after)
                        """ + end)
                .param("status", status == null ? null : status.key())
                .param("open", filter.openOnly())
                .param("account", filter.accountId())
                .param("minimum", filter.minimumMinor())
                .param("before", filter.requestedBefore() == null ? null : Timestamp.from(filter.requestedBefore()))
                .param("after", filter.after())
                .param("limit", filter.limit());
    }

    List<AdjustmentTotal> totals() {
        return jdbc.sql("""
                        select status, currency, count(*) as adjustments, sum(adjustment_amount) as amount,
                               min(requested_at) as oldest
                        from billing_adjustments group by status, currency order by status
                        """)
                .query((row, index) -> new AdjustmentTotal(
                        AdjustmentStatus.ofKey(row.getString("status")).orElseThrow(),
                        row.getLong("adjustments"),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                        row.getTimestamp("oldest").toInstant()))
                .list();
    }

    /** What is under way, in one currency. */
    AgeBars ages(String currency) {
        long[] sums = new long[4];
        jdbc.sql("select " + AgeBars.bucket("requested_at", ":now") + """
                         as bucket, sum(adjustment_amount) as amount from billing_adjustments
                        where currency = :currency and status in ('pending', 'approved')
                        group by 1
                        """)
                .param("now", Timestamp.from(clock.instant()))
                .param("currency", currency)
                .query(row -> {
                    sums[row.getInt("bucket")] = row.getLong("amount");
                });
        return new AgeBars(Arrays.stream(sums)
                .mapToObj(sum -> Amounts.ofMinor(sum, currency))
                .toList());
    }

    private Optional<Adjustment> find(String condition, UUID id) {
        return jdbc.sql("select * from billing_adjustments where " + condition)
                .param("id", id)
                .query(AdjustmentRows::adjustment)
                .optional();
    }

    private static Adjustment adjustment(ResultSet row, int index) throws SQLException {
        Array levels = row.getArray("approval_levels");
        return new Adjustment(
                row.getObject("id", UUID.class),
                row.getString("adjustment_number"),
                row.getObject("account_id", UUID.class),
                uuid(row, "claim_id"),
                Responsibility.valueOf(row.getString("responsibility").toUpperCase(Locale.ROOT)),
                AdjustmentType.ofKey(row.getString("adjustment_type")).orElseThrow(),
                row.getObject("adjustment_date", LocalDate.class),
                Amounts.ofMinor(row.getLong("adjustment_amount"), row.getString("currency")),
                row.getString("reason_description"),
                AdjustmentStatus.ofKey(row.getString("status")).orElseThrow(),
                row.getString("current_step"),
                row.getInt("version"),
                levels == null ? null : List.of((String[]) levels.getArray()),
                row.getString("approval_reason"),
                row.getString("refusal_reason"),
                new UserId(row.getObject("requested_by", UUID.class)),
                new UserId(row.getObject("prepared_by", UUID.class)),
                Arrays.stream((UUID[]) row.getArray("preparers").getArray())
                        .map(UserId::new)
                        .collect(Collectors.toSet()),
                row.getTimestamp("requested_at").toInstant(),
                user(row, "approved_by"),
                instant(row, "approved_at"),
                instant(row, "posted_at"),
                uuid(row, "journal_entry_id"),
                uuid(row, "reverses_adjustment_id"),
                uuid(row, "denial_id"),
                uuid(row, "invoice_id"));
    }

    private static @Nullable UUID uuid(ResultSet row, String column) throws SQLException {
        return row.getObject(column, UUID.class);
    }

    private static @Nullable UserId user(ResultSet row, String column) throws SQLException {
        UUID id = uuid(row, column);
        return id == null ? null : new UserId(id);
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp timestamp = row.getTimestamp(column);
        return timestamp == null ? null : timestamp.toInstant();
    }
}

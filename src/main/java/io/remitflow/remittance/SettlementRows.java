package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Turns;
import io.remitflow.remittance.MatchLadder.Expected;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Settlements and what they expect, as rows. */
@Component
class SettlementRows {

    /** More open payments of one week than any hospital has; a suggestion beyond them would not be the only one. */
    private static final int MOST_CANDIDATES = 5_000;

    /** Money without remittance that is compared with one payment on its page, the latest first. */
    private static final int MOST_SUGGESTIONS = 50;

    /** Calendar days that hold 3 business days whatever the holidays. */
    private static final int WEEK_AROUND = 9;

    private final JdbcClient jdbc;

    SettlementRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Both sides as their rows add up. */
    record Sides(
            long expectedMinor,
            long receivedMinor,
            @Nullable LocalDate paymentDate,
            @Nullable LocalDate cashSince) {}

    /** What a completed task was found to be. */
    record TaskResult(long taskKey, String choice, @Nullable String refusal) {}

    /** Matching looks at all open payments of an organization: one at a time, until the transaction ends. */
    void lock() {
        Turns.take(jdbc, "settlement");
    }

    void insert(Settlement settlement) {
        jdbc.sql("""
                        insert into billing_settlements (org_id, id, reference, payer_id, payer_identifier, payer_name,
                            trace_number, trace_key, currency, counted_from, state, state_since, opened_at)
                        values (:org, :id, :reference, :payer, :payerIdentifier, :payerName, :trace, :traceKey, :currency,
                            :countedFrom, :state, :since, :since)
                        """)
                .param("org", organization())
                .param("id", settlement.id())
                .param("reference", settlement.reference())
                .param("payer", settlement.payerId(), Types.OTHER)
                .param("payerIdentifier", settlement.payerIdentifier())
                .param("payerName", settlement.payerName())
                .param("trace", settlement.traceNumber())
                .param("traceKey", TraceKey.of(settlement.traceNumber()))
                .param("currency", settlement.expected().getCurrencyUnit().getCode())
                .param("countedFrom", settlement.countedFrom())
                .param("state", settlement.state().key())
                .param("since", Timestamp.from(settlement.openedAt()))
                .update();
    }

    void save(Settlement settlement) {
        jdbc.sql("""
                        update billing_settlements
                        set expected_amount = :expected, received_amount = :received, unidentified_amount = :unidentified,
                            payment_date = :paymentDate, counted_from = :countedFrom, state = :state, state_since = :since,
                            awaiting_payer_since = :awaiting, refusal_reason = :refusal, round = :round, version = version + 1
                        where org_id = :org and id = :id
                        """)
                .param("expected", settlement.expected().getAmountMinorLong())
                .param("received", settlement.received().getAmountMinorLong())
                .param("unidentified", settlement.unidentified().getAmountMinorLong())
                .param("paymentDate", settlement.paymentDate(), Types.DATE)
                .param("countedFrom", settlement.countedFrom())
                .param("state", settlement.state().key())
                .param("since", Timestamp.from(settlement.stateSince()))
                .param("awaiting", timestamp(settlement.awaitingPayerSince()), Types.TIMESTAMP)
                .param("refusal", settlement.refusalReason(), Types.VARCHAR)
                .param("round", settlement.round())
                .param("org", organization())
                .param("id", settlement.id())
                .update();
    }

    /** Of the payer whose money was seen first without a remittance, as soon as the remittance names it. */
    void payer(UUID id, @Nullable UUID payerId, String payerName) {
        jdbc.sql("""
                        update billing_settlements set payer_id = coalesce(payer_id, :payer), payer_name = :name
                        where org_id = :org and id = :id
                        """)
                .param("payer", payerId, Types.OTHER)
                .param("name", payerName)
                .param("org", organization())
                .param("id", id)
                .update();
    }

    Settlement get(UUID id) {
        return find(id).orElseThrow(() -> RuleViolation.notFound("this settlement"));
    }

    Optional<Settlement> find(UUID id) {
        return jdbc.sql("select * from billing_settlements where org_id = :org and id = :id")
                .param("org", organization())
                .param("id", id)
                .query(SettlementRows::settlement)
                .optional();
    }

    Optional<Settlement> byReference(String reference) {
        return jdbc.sql("select * from billing_settlements where org_id = :org and reference = :reference")
                .param("org", organization())
                .param("reference", reference)
                .query(SettlementRows::settlement)
                .optional();
    }

    Optional<Settlement> ofRemittance(UUID remittanceId) {
        return jdbc.sql("""
                        select s.* from billing_settlements s
                        join billing_settlement_remittances r on r.org_id = s.org_id and r.settlement_id = s.id
                        where s.org_id = :org and r.remittance_id = :remittance
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .query(SettlementRows::settlement)
                .optional();
    }

    List<Settlement> list(SettlementFilter filter) {
        String text = filter.text() == null ? "" : filter.text().strip();
        return jdbc.sql("""
                        select * from billing_settlements s
                        where s.org_id = :org
                          and (cast(:state as text) is null or s.state = :state)
                          and (:everything or cast(:state as text) is not null or s.state not in ('settled', 'closed'))
                          and (:text = '' or s.trace_number ilike :pattern or s.payer_name ilike :pattern
                               or s.payer_identifier ilike :pattern)
                          and (cast(:after as uuid) is null or s.id < :after)
                        order by s.id desc limit :limit
                        """)
                .param("org", organization())
                .param("state", filter.state() == null ? null : filter.state().key(), Types.VARCHAR)
                .param("everything", filter.all())
                .param("text", text)
                .param(
                        "pattern",
                        "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%")
                .param("after", filter.after(), Types.OTHER)
                .param("limit", filter.limit())
                .query(SettlementRows::settlement)
                .list();
    }

    List<SettlementTotal> totals() {
        return jdbc.sql("""
                        select state, currency, count(*) as count, sum(greatest(expected_amount, received_amount)) as amount
                        from billing_settlements where org_id = :org and state <> 'closed'
                        group by state, currency order by state
                        """)
                .param("org", organization())
                .query((row, number) -> new SettlementTotal(
                        SettlementState.ofKey(row.getString("state")),
                        row.getLong("count"),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency"))))
                .list();
    }

    void link(UUID settlementId, UUID remittanceId, long amountMinor) {
        jdbc.sql("""
                        insert into billing_settlement_remittances (org_id, remittance_id, settlement_id, amount)
                        values (:org, :remittance, :settlement, :amount)
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .param("settlement", settlementId)
                .param("amount", amountMinor)
                .update();
    }

    void unlink(UUID remittanceId) {
        jdbc.sql("delete from billing_settlement_remittances where org_id = :org and remittance_id = :remittance")
                .param("org", organization())
                .param("remittance", remittanceId)
                .update();
    }

    List<UUID> remittances(UUID settlementId) {
        return jdbc.sql("""
                        select remittance_id from billing_settlement_remittances
                        where org_id = :org and settlement_id = :settlement order by remittance_id
                        """)
                .param("org", organization())
                .param("settlement", settlementId)
                .query(UUID.class)
                .list();
    }

    Sides sides(UUID settlementId) {
        return jdbc.sql("""
                        select coalesce((select sum(amount) from billing_settlement_remittances
                                         where org_id = :org and settlement_id = :id), 0) as expected_minor,
                               coalesce((select sum(amount) from billing_settlement_receipts
                                         where org_id = :org and settlement_id = :id), 0) as received_minor,
                               (select max(m.payment_date) from billing_settlement_remittances r
                                join billing_remittances m on m.org_id = r.org_id and m.id = r.remittance_id
                                where r.org_id = :org and r.settlement_id = :id) as payment_date,
                               (select min(b.bank_date) from billing_settlement_receipts r
                                join billing_bank_receipts b on b.org_id = r.org_id and b.id = r.receipt_id
                                where r.org_id = :org and r.settlement_id = :id) as cash_since
                        """)
                .param("org", organization())
                .param("id", settlementId)
                .query(Sides.class)
                .single();
    }

    /** What the ladder may be certain about: same trace number, or open with this very amount. */
    List<Expected> candidates(String traceKey, long amountMinor, String currency) {
        return expected("""
                s.expected_amount > 0 and s.currency = :currency
                  and (:traceKey <> '' and s.trace_key = :traceKey
                       or s.state <> 'settled' and s.expected_amount - s.received_amount = :amount)
                """, traceKey, amountMinor, currency, null);
    }

    /** What still waits for money, is not larger and due in that week, or has the same trace number. */
    List<Expected> openAround(LocalDate date, String traceKey, long amountMinor, String currency) {
        return expected("""
                s.expected_amount > s.received_amount and s.currency = :currency
                  and (:traceKey <> '' and s.trace_key = :traceKey
                       or s.expected_amount - s.received_amount <= :amount and s.payment_date between :from and :to)
                """, traceKey, amountMinor, currency, date);
    }

    private List<Expected> expected(
            String condition, String traceKey, long amountMinor, String currency, @Nullable LocalDate date) {
        return jdbc.sql("""
                        select s.id, s.payer_identifier, s.trace_number, s.expected_amount - s.received_amount as open_minor,
                               s.payment_date, s.payer_name, p.name as listed_name,
                               array(select n.bank_name from billing_payer_bank_names n
                                     where n.org_id = s.org_id and n.payer_identifier = s.payer_identifier) as bank_names
                        from billing_settlements s
                        left join billing_payers p on p.org_id = s.org_id and p.id = s.payer_id
                        where s.org_id = :org and
                        """ + condition + " order by s.id limit :limit")
                .param("org", organization())
                .param("traceKey", traceKey)
                .param("amount", amountMinor)
                .param("currency", currency)
                .param("from", date == null ? null : date.minusDays(WEEK_AROUND), Types.DATE)
                .param("to", date == null ? null : date.plusDays(WEEK_AROUND), Types.DATE)
                .param("limit", MOST_CANDIDATES)
                .query((row, number) -> new Expected(
                        row.getObject("id", UUID.class),
                        row.getString("payer_identifier"),
                        names(row),
                        row.getString("trace_number"),
                        row.getLong("open_minor"),
                        row.getObject("payment_date", LocalDate.class)))
                .list();
    }

    Map<String, Set<String>> otherPayerNames() {
        Map<String, Set<String>> names = new HashMap<>();
        jdbc.sql("""
                        select payer_identifier, bank_name as name from billing_payer_bank_names where org_id = :org
                        union
                        select s.payer_identifier, p.name from billing_settlements s
                        join billing_payers p on p.org_id = s.org_id and p.id = s.payer_id
                        where s.org_id = :org and s.state not in ('settled', 'closed')
                        """).param("org", organization()).query(row -> {
            names.computeIfAbsent(row.getString("payer_identifier"), any -> new HashSet<>())
                    .add(row.getString("name"));
        });
        return names;
    }

    /** Settlements of money alone with this amount or trace number, or with more if it could be part of a sum. */
    List<UUID> cashWithoutRemittance(String traceKey, long amountMinor, boolean orMore, String currency) {
        return jdbc.sql("""
                        select id from billing_settlements
                        where org_id = :org and expected_amount = 0 and received_amount > 0 and currency = :currency
                          and (received_amount = :amount or :traceKey <> '' and trace_key = :traceKey
                               or :orMore and received_amount > :amount)
                        order by id desc limit :limit
                        """)
                .param("org", organization())
                .param("currency", currency)
                .param("amount", amountMinor)
                .param("traceKey", traceKey)
                .param("orMore", orMore)
                .param("limit", orMore ? MOST_SUGGESTIONS : MOST_CANDIDATES)
                .query(UUID.class)
                .list();
    }

    void learnBankName(String payerIdentifier, String bankName, @Nullable UUID person, Instant at) {
        jdbc.sql("""
                        insert into billing_payer_bank_names (org_id, payer_identifier, bank_name, learned_by, learned_at)
                        values (:org, :payer, :name, :person, :at) on conflict do nothing
                        """)
                .param("org", organization())
                .param("payer", payerIdentifier)
                .param("name", bankName)
                .param("person", person, Types.OTHER)
                .param("at", Timestamp.from(at))
                .update();
    }

    Set<Long> usedTasks(UUID settlementId) {
        return new HashSet<>(jdbc.sql("""
                        select task_key from billing_settlement_task_results
                        where org_id = :org and settlement_id = :settlement
                        """)
                .param("org", organization())
                .param("settlement", settlementId)
                .query(Long.class)
                .list());
    }

    /** @return false if the task was used before */
    boolean useTask(
            UUID settlementId,
            String element,
            TaskResult result,
            @Nullable UUID actor,
            String source,
            @Nullable Long jobKey,
            Instant at) {
        return jdbc.sql("""
                                insert into billing_settlement_task_results (org_id, task_key, settlement_id, element_id,
                                    actor, source, choice, refusal, job_key, recorded_at)
                                values (:org, :task, :settlement, :element, :actor, :source, :choice, :refusal, :job, :at)
                                on conflict do nothing
                                """)
                        .param("org", organization())
                        .param("task", result.taskKey())
                        .param("settlement", settlementId)
                        .param("element", element)
                        .param("actor", actor, Types.OTHER)
                        .param("source", source)
                        .param("choice", result.choice())
                        .param("refusal", result.refusal(), Types.VARCHAR)
                        .param("job", jobKey, Types.BIGINT)
                        .param("at", Timestamp.from(at))
                        .update()
                == 1;
    }

    boolean jobDone(UUID settlementId, long jobKey) {
        return jdbc.sql("""
                        select count(*) > 0 from billing_settlement_task_results
                        where org_id = :org and settlement_id = :settlement and job_key = :job
                        """)
                .param("org", organization())
                .param("settlement", settlementId)
                .param("job", jobKey)
                .query(Boolean.class)
                .single();
    }

    SettlementSettings settings() {
        return jdbc.sql("""
                        select late_after_days, missing_after_days, follow_up_days, card_fee_basis_points
                        from billing_settlement_settings where org_id = :org
                        """)
                .param("org", organization())
                .query(SettlementSettings.class)
                .optional()
                .orElse(SettlementSettings.DEFAULTS);
    }

    void saveSettings(SettlementSettings settings, Instant at) {
        jdbc.sql("""
                        insert into billing_settlement_settings (org_id, late_after_days, missing_after_days, follow_up_days,
                            card_fee_basis_points, updated_at)
                        values (:org, :late, :missing, :followUp, :cardFee, :at)
                        on conflict (org_id) do update set late_after_days = :late, missing_after_days = :missing,
                            follow_up_days = :followUp, card_fee_basis_points = :cardFee, updated_at = :at
                        """)
                .param("org", organization())
                .param("late", settings.lateAfterDays())
                .param("missing", settings.missingAfterDays())
                .param("followUp", settings.followUpDays())
                .param("cardFee", settings.cardFeeBasisPoints())
                .param("at", Timestamp.from(at))
                .update();
    }

    private static Set<String> names(ResultSet row) throws SQLException {
        var names = new HashSet<String>();
        names.add(row.getString("payer_name"));
        String listed = row.getString("listed_name");
        if (listed != null) {
            names.add(listed);
        }
        names.addAll(List.of((String[]) row.getArray("bank_names").getArray()));
        return names;
    }

    private static Settlement settlement(ResultSet row, int number) throws SQLException {
        String currency = row.getString("currency");
        Timestamp awaiting = row.getTimestamp("awaiting_payer_since");
        return new Settlement(
                row.getObject("id", UUID.class),
                row.getString("reference"),
                row.getObject("payer_id", UUID.class),
                row.getString("payer_identifier"),
                row.getString("payer_name"),
                row.getString("trace_number"),
                Amounts.ofMinor(row.getLong("expected_amount"), currency),
                Amounts.ofMinor(row.getLong("received_amount"), currency),
                Amounts.ofMinor(row.getLong("unidentified_amount"), currency),
                row.getObject("payment_date", LocalDate.class),
                row.getObject("counted_from", LocalDate.class),
                SettlementState.ofKey(row.getString("state")),
                row.getTimestamp("state_since").toInstant(),
                awaiting == null ? null : awaiting.toInstant(),
                row.getString("refusal_reason"),
                row.getInt("round"),
                row.getInt("version"),
                row.getTimestamp("opened_at").toInstant());
    }

    private static @Nullable Timestamp timestamp(@Nullable Instant instant) {
        return instant == null ? null : Timestamp.from(instant);
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}

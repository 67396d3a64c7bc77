package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.UserId;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code billing_refunds}. */
@Repository
class RefundRows {

    private final JdbcClient jdbc;

    RefundRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void insert(Refund refund) {
        jdbc.sql("""
                        insert into billing_refunds (org_id, id, refund_number, account_id, original_payment_id,
                            credit_balance_id, refund_date, refund_amount, currency, refund_method, original_method,
                            method_reason, refund_reason, reason_description, status, current_step, version, requested_by,
                            prepared_by, requested_at, updated_at)
                        values (:org, :id, :number, :account, :payment, :creditBalance, :date, :amount, :currency, :method,
                            :original, :methodReason, :reason, :description, :status, :step, :version, :requestedBy,
                            :preparedBy, :requestedAt, :requestedAt)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", refund.id())
                .param("number", refund.number())
                .param("account", refund.accountId())
                .param("payment", refund.paymentId())
                .param("creditBalance", refund.creditBalanceId())
                .param("date", refund.date())
                .param("amount", refund.amount().getAmountMinorLong())
                .param("currency", refund.amount().getCurrencyUnit().getCode())
                .param("method", refund.method().key())
                .param("original", refund.originalMethod())
                .param("methodReason", refund.methodReason())
                .param("reason", refund.reason())
                .param("description", refund.description())
                .param("status", refund.status().key())
                .param("step", refund.step())
                .param("version", refund.version())
                .param("requestedBy", refund.requestedBy().value())
                .param("preparedBy", refund.preparedBy().value())
                .param("requestedAt", Timestamp.from(refund.requestedAt()))
                .update();
    }

    /** Only with the row locked. */
    void save(Refund refund, Instant now) {
        List<String> levels = refund.levels();
        jdbc.sql("""
                        update billing_refunds set refund_amount = :amount, refund_method = :method,
                            original_method = :original, method_reason = :methodReason, status = :status,
                            current_step = :step, version = :version,
                            approval_levels = case when :levelsKnown then string_to_array(:levels, ',') end,
                            approval_reason = :approvalReason,
                            approval_version = case when :levelsKnown then :version end,
                            refusal_reason = :refusalReason, prepared_by = :preparedBy, approved_by = :approvedBy,
                            processed_by = :processedBy, approved_at = :approvedAt, processed_at = :processedAt,
                            completed_at = :completedAt, payout_reference = :payoutReference,
                            gateway_refund_id = :gatewayRefundId, decline_code = :declineCode,
                            journal_entry_id = :journalEntryId, updated_at = :now
                        where id = :id
                        """)
                .param("amount", refund.amount().getAmountMinorLong())
                .param("method", refund.method().key())
                .param("original", refund.originalMethod())
                .param("methodReason", refund.methodReason())
                .param("status", refund.status().key())
                .param("step", refund.step())
                .param("version", refund.version())
                .param("levelsKnown", levels != null)
                .param("levels", levels == null ? "" : String.join(",", levels))
                .param("approvalReason", refund.approvalReason())
                .param("refusalReason", refund.refusalReason())
                .param("preparedBy", refund.preparedBy().value())
                .param("approvedBy", value(refund.approvedBy()), java.sql.Types.OTHER)
                .param("processedBy", value(refund.processedBy()), java.sql.Types.OTHER)
                .param("approvedAt", timestamp(refund.approvedAt()), java.sql.Types.TIMESTAMP)
                .param("processedAt", timestamp(refund.processedAt()), java.sql.Types.TIMESTAMP)
                .param("completedAt", timestamp(refund.completedAt()), java.sql.Types.TIMESTAMP)
                .param("payoutReference", refund.payoutReference())
                .param("gatewayRefundId", refund.gatewayRefundId())
                .param("declineCode", refund.declineCode())
                .param("journalEntryId", refund.journalEntryId(), java.sql.Types.OTHER)
                .param("now", Timestamp.from(now))
                .param("id", refund.id())
                .update();
    }

    Refund get(UUID id) {
        return find(id, "").orElseThrow(() -> RuleViolation.notFound("the refund"));
    }

    RefundCase lock(UUID id) {
        return find(id, " for update").map(RefundCase::new).orElseThrow(() -> RuleViolation.notFound("the refund"));
    }

    /** What refunds under way will take from a payment, except one of them. */
    long underWayMinor(UUID paymentId, @Nullable UUID except) {
        return jdbc.sql("""
                        select coalesce(sum(refund_amount), 0) from billing_refunds
                        where original_payment_id = :payment and status in ('pending', 'approved', 'processing', 'failed')
                          and (:except::uuid is null or id <> :except)
                        """)
                .param("payment", paymentId)
                .param("except", except)
                .query(Long.class)
                .single();
    }

    /** What one account was refunded or asked for since then: splitting a refund does not get around a limit. */
    long exposureMinor(UUID accountId, String currency, Instant since) {
        return jdbc.sql("""
                        select coalesce(sum(refund_amount), 0) from billing_refunds
                        where account_id = :account and currency = :currency and requested_at >= :since
                          and status in ('pending', 'approved', 'processing', 'failed', 'completed')
                        """)
                .param("account", accountId)
                .param("currency", currency)
                .param("since", Timestamp.from(since))
                .query(Long.class)
                .single();
    }

    List<Refund> list(RefundFilter filter) {
        return jdbc.sql("""
                        select * from billing_refunds
                        where (:status::text is null or status = :status)
                          and (not :open or status in ('pending', 'approved', 'processing', 'failed'))
                          and (:account::uuid is null or account_id = :account)
                          and (:payment::uuid is null or original_payment_id = :payment)
                          and (:after::uuid is null or id < :after)
                        order by id desc limit :limit
                        """)
                .param(
                        "status",
                        filter.status() == null ? null : filter.status().key())
                .param("open", filter.openOnly())
                .param("account", filter.accountId())
                .param("payment", filter.paymentId())
                .param("after", filter.after())
                .param("limit", filter.limit())
                .query(RefundRows::refund)
                .list();
    }

    List<RefundTotal> totals() {
        return jdbc.sql("""
                        select status, currency, count(*) as refunds, sum(refund_amount) as amount
                        from billing_refunds group by status, currency order by status
                        """)
                .query((row, index) -> new RefundTotal(
                        RefundStatus.ofKey(row.getString("status")),
                        row.getLong("refunds"),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency"))))
                .list();
    }

    /** Completed refunds by business date. */
    List<RefundDay> days(LocalDate first, LocalDate last, String zone) {
        return jdbc.sql("""
                        select (completed_at at time zone :zone)::date as day, currency, sum(refund_amount) as amount
                        from billing_refunds
                        where status = 'completed' and (completed_at at time zone :zone)::date between :first and :last
                        group by 1, 2
                        """)
                .param("zone", zone)
                .param("first", first)
                .param("last", last)
                .query((row, index) -> new RefundDay(
                        row.getObject("day", LocalDate.class),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency"))))
                .list();
    }

    private Optional<Refund> find(UUID id, String suffix) {
        return jdbc.sql("select * from billing_refunds where id = :id" + suffix)
                .param("id", id)
                .query(RefundRows::refund)
                .optional();
    }

    private static Refund refund(ResultSet row, int index) throws SQLException {
        Array levels = row.getArray("approval_levels");
        Money amount = Amounts.ofMinor(row.getLong("refund_amount"), row.getString("currency"));
        return new Refund(
                row.getObject("id", UUID.class),
                row.getString("refund_number"),
                row.getObject("account_id", UUID.class),
                row.getObject("original_payment_id", UUID.class),
                uuid(row, "credit_balance_id"),
                row.getObject("refund_date", LocalDate.class),
                amount,
                RefundMethod.ofKey(row.getString("refund_method")),
                row.getBoolean("original_method"),
                row.getString("method_reason"),
                row.getString("refund_reason"),
                row.getString("reason_description"),
                RefundStatus.ofKey(row.getString("status")),
                row.getString("current_step"),
                row.getInt("version"),
                levels == null ? null : List.of((String[]) levels.getArray()),
                row.getString("approval_reason"),
                row.getString("refusal_reason"),
                new UserId(row.getObject("requested_by", UUID.class)),
                new UserId(row.getObject("prepared_by", UUID.class)),
                user(row, "approved_by"),
                user(row, "processed_by"),
                row.getTimestamp("requested_at").toInstant(),
                instant(row, "approved_at"),
                instant(row, "processed_at"),
                instant(row, "completed_at"),
                row.getString("payout_reference"),
                row.getString("gateway_refund_id"),
                row.getString("decline_code"),
                uuid(row, "journal_entry_id"));
    }

    private static @Nullable UUID value(@Nullable UserId user) {
        return user == null ? null : user.value();
    }

    private static @Nullable Timestamp timestamp(@Nullable Instant instant) {
        return instant == null ? null : Timestamp.from(instant);
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

    record RefundDay(LocalDate day, Money amount) {}
}

package io.remitflow.payments;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.payments.CheckoutGateway.Movement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code billing_disputes} and {@code billing_dispute_movements}. */
@Repository
class DisputeRows {

    private final JdbcClient jdbc;

    DisputeRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void insert(Dispute dispute) {
        jdbc.sql("""
                        insert into billing_disputes (org_id, id, dispute_number, payment_id, account_id, gateway_provider,
                            gateway_dispute_id, amount, currency, reason, status, evidence_due_at, opened_at, changed_at,
                            closed_at)
                        values (:org, :id, :number, :payment, :account, :provider, :dispute, :amount, :currency, :reason,
                            :status, :due, :opened, :changed, :closed)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", dispute.id())
                .param("number", dispute.number())
                .param("payment", dispute.paymentId())
                .param("account", dispute.accountId())
                .param("provider", dispute.gatewayProvider())
                .param("dispute", dispute.gatewayDisputeId())
                .param("amount", dispute.amount().getAmountMinorLong())
                .param("currency", dispute.amount().getCurrencyUnit().getCode())
                .param("reason", dispute.reason())
                .param("status", dispute.status().key())
                .param("due", timestamp(dispute.evidenceDueAt()), Types.TIMESTAMP)
                .param("opened", Timestamp.from(dispute.openedAt()))
                .param("changed", Timestamp.from(dispute.changedAt()))
                .param("closed", timestamp(dispute.closedAt()), Types.TIMESTAMP)
                .update();
    }

    /** Only with its payment locked. */
    void save(Dispute dispute) {
        jdbc.sql("""
                        update billing_disputes set amount = :amount, reason = :reason, status = :status,
                            evidence_due_at = :due, withdrawn_amount = :withdrawn, reinstated_amount = :reinstated,
                            fee_amount = :fee, lost_amount = :lost, problem = :problem, version = :version,
                            changed_at = :changed, closed_at = :closed
                        where id = :id
                        """)
                .param("amount", dispute.amount().getAmountMinorLong())
                .param("reason", dispute.reason())
                .param("status", dispute.status().key())
                .param("due", timestamp(dispute.evidenceDueAt()), Types.TIMESTAMP)
                .param("withdrawn", dispute.withdrawn().getAmountMinorLong())
                .param("reinstated", dispute.reinstated().getAmountMinorLong())
                .param("fee", dispute.fee().getAmountMinorLong())
                .param("lost", dispute.lost().getAmountMinorLong())
                .param("problem", dispute.problem(), Types.VARCHAR)
                .param("version", dispute.version())
                .param("changed", Timestamp.from(dispute.changedAt()))
                .param("closed", timestamp(dispute.closedAt()), Types.TIMESTAMP)
                .param("id", dispute.id())
                .update();
    }

    Optional<Dispute> find(UUID id) {
        return jdbc.sql("select * from billing_disputes where id = :id")
                .param("id", id)
                .query(DisputeRows::dispute)
                .optional();
    }

    Optional<Dispute> ofGateway(String provider, String gatewayDisputeId) {
        return jdbc.sql("select * from billing_disputes where gateway_provider = :provider "
                        + "and gateway_dispute_id = :dispute")
                .param("provider", provider)
                .param("dispute", gatewayDisputeId)
                .query(DisputeRows::dispute)
                .optional();
    }

    /** Oldest first. */
    List<Dispute> ofPayment(UUID paymentId) {
        return jdbc.sql("select * from billing_disputes where payment_id = :payment order by opened_at, id")
                .param("payment", paymentId)
                .query(DisputeRows::dispute)
                .list();
    }

    /** Undecided ones by the day their evidence is due, then the others with the newest first. */
    List<Dispute> list(@Nullable Boolean decided, @Nullable DisputeStatus status, int limit) {
        return jdbc.sql("""
                        select * from billing_disputes
                         where (:decided::boolean is null or (closed_at is not null) = :decided)
                           and (:status::text is null or status = :status)
                         order by closed_at desc nulls first, evidence_due_at nulls last, id desc limit :limit
                        """)
                .param("decided", decided, Types.BOOLEAN)
                .param("status", status == null ? null : status.key(), Types.VARCHAR)
                .param("limit", limit)
                .query(DisputeRows::dispute)
                .list();
    }

    List<Dispute> withoutNews(Instant before, int limit) {
        return jdbc.sql("""
                        select * from billing_disputes
                         where changed_at < :before
                           and (closed_at is null or withdrawn_amount - reinstated_amount - lost_amount <> 0)
                         order by changed_at limit :limit
                        """)
                .param("before", Timestamp.from(before))
                .param("limit", limit)
                .query(DisputeRows::dispute)
                .list();
    }

    Set<String> moved(UUID disputeId) {
        return jdbc
                .sql("select gateway_transaction_id from billing_dispute_movements where dispute_id = :dispute")
                .param("dispute", disputeId)
                .query(String.class)
                .list()
                .stream()
                .collect(Collectors.toUnmodifiableSet());
    }

    void insert(UUID disputeId, Movement movement, UUID journalEntryId, Instant now) {
        jdbc.sql("""
                        insert into billing_dispute_movements (org_id, id, dispute_id, gateway_transaction_id, amount,
                            fee_amount, currency, journal_entry_id, recorded_at)
                        values (:org, :id, :dispute, :transaction, :amount, :fee, :currency, :entry, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("dispute", disputeId)
                .param("transaction", movement.id())
                .param("amount", movement.amount().getAmountMinorLong())
                .param("fee", movement.fee().getAmountMinorLong())
                .param("currency", movement.amount().getCurrencyUnit().getCode())
                .param("entry", journalEntryId)
                .param("now", Timestamp.from(now))
                .update();
    }

    private static @Nullable Timestamp timestamp(@Nullable Instant instant) {
        return instant == null ? null : Timestamp.from(instant);
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    private static Money money(ResultSet row, String column) throws SQLException {
        return Amounts.ofMinor(row.getLong(column), row.getString("currency"));
    }

    private static Dispute dispute(ResultSet row, int index) throws SQLException {
        return new Dispute(
                row.getObject("id", UUID.class),
                row.getString("dispute_number"),
                row.getObject("payment_id", UUID.class),
                row.getObject("account_id", UUID.class),
                row.getString("gateway_provider"),
                row.getString("gateway_dispute_id"),
                money(row, "amount"),
                row.getString("reason"),
                DisputeStatus.ofKey(row.getString("status")),
                instant(row, "evidence_due_at"),
                money(row, "withdrawn_amount"),
                money(row, "reinstated_amount"),
                money(row, "fee_amount"),
                money(row, "lost_amount"),
                row.getString("problem"),
                row.getInt("version"),
                row.getTimestamp("opened_at").toInstant(),
                row.getTimestamp("changed_at").toInstant(),
                instant(row, "closed_at"));
    }
}

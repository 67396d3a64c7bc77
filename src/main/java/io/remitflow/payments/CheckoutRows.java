package io.remitflow.payments;

import io.remitflow.core.Amounts;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code billing_checkouts}. */
@Repository
class CheckoutRows {

    private final JdbcClient jdbc;

    CheckoutRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void insert(Checkout checkout, @Nullable UUID startedBy) {
        jdbc.sql("""
                        insert into billing_checkouts (org_id, id, checkout_number, account_id, claim_id, amount, currency,
                            gateway_provider, idempotency_key, status, started_by, started_at, changed_at)
                        values (:org, :id, :number, :account, :claim, :amount, :currency, :provider, :key, :status,
                            :startedBy, :now, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", checkout.id())
                .param("number", checkout.number())
                .param("account", checkout.accountId())
                .param("claim", checkout.claimId(), Types.OTHER)
                .param("amount", checkout.amount().getAmountMinorLong())
                .param("currency", checkout.amount().getCurrencyUnit().getCode())
                .param("provider", checkout.gatewayProvider())
                .param("key", checkout.idempotencyKey())
                .param("status", checkout.status().key())
                .param("startedBy", startedBy, Types.OTHER)
                .param("now", Timestamp.from(checkout.startedAt()))
                .update();
    }

    Optional<Checkout> find(UUID id) {
        return query("where id = :value", id).optional();
    }

    /** Locked until the transaction ends. */
    Checkout lock(UUID id) {
        return query("where id = :value for no key update", id)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("the checkout"));
    }

    Optional<Checkout> ofKey(String idempotencyKey) {
        return query("where idempotency_key = :value", idempotencyKey).optional();
    }

    Optional<Checkout> ofTransaction(String provider, String transactionId) {
        return jdbc.sql("select * from billing_checkouts where gateway_provider = :provider "
                        + "and gateway_transaction_id = :transaction")
                .param("provider", provider)
                .param("transaction", transactionId)
                .query(CheckoutRows::checkout)
                .optional();
    }

    Optional<Checkout> ofPayment(UUID paymentId) {
        return query("where payment_id = :value limit 1", paymentId).optional();
    }

    /** Newest first. */
    List<Checkout> list(@Nullable CheckoutStatus status, @Nullable UUID accountId, @Nullable UUID after, int limit) {
        return jdbc.sql("""
                        select * from billing_checkouts
                         where (:status::text is null or status = :status)
                           and (:account::uuid is null or account_id = :account)
                           and (:after::uuid is null or id < :after)
                         order by id desc limit :limit
                        """)
                .param("status", status == null ? null : status.key(), Types.VARCHAR)
                .param("account", accountId, Types.OTHER)
                .param("after", after, Types.OTHER)
                .param("limit", limit)
                .query(CheckoutRows::checkout)
                .list();
    }

    /** Without news since then, oldest first. What only waits for the patient is left out until {@code openBefore}. */
    List<Checkout> withoutNews(Instant before, Instant openBefore, int limit) {
        return jdbc.sql("""
                        select * from billing_checkouts
                         where (status in ('intended', 'unknown', 'processing') and changed_at < :before)
                            or (status = 'open' and changed_at < :openBefore)
                         order by changed_at limit :limit
                        """)
                .param("before", Timestamp.from(before))
                .param("openBefore", Timestamp.from(openBefore))
                .param("limit", limit)
                .query(CheckoutRows::checkout)
                .list();
    }

    /** Only with the row locked. */
    void save(Checkout checkout, Instant now) {
        jdbc.sql("""
                        update billing_checkouts set gateway_transaction_id = :transaction, status = :status,
                            decline_code = :decline, refusal_reason = :refusal, payment_id = :payment, changed_at = :now
                        where id = :id
                        """)
                .param("transaction", checkout.gatewayTransactionId(), Types.VARCHAR)
                .param("status", checkout.status().key())
                .param("decline", checkout.declineCode(), Types.VARCHAR)
                .param("refusal", checkout.refusalReason(), Types.VARCHAR)
                .param("payment", checkout.paymentId(), Types.OTHER)
                .param("now", Timestamp.from(now))
                .param("id", checkout.id())
                .update();
    }

    private JdbcClient.MappedQuerySpec<Checkout> query(String where, Object value) {
        return jdbc.sql("select * from billing_checkouts " + where)
                .param("value", value)
                .query(CheckoutRows::checkout);
    }

    private static Checkout checkout(ResultSet row, int index) throws SQLException {
        return new Checkout(
                row.getObject("id", UUID.class),
                row.getString("checkout_number"),
                row.getObject("account_id", UUID.class),
                row.getObject("claim_id", UUID.class),
                Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                row.getString("gateway_provider"),
                row.getString("idempotency_key"),
                row.getString("gateway_transaction_id"),
                CheckoutStatus.ofKey(row.getString("status")),
                row.getString("decline_code"),
                row.getString("refusal_reason"),
                row.getObject("payment_id", UUID.class),
                row.getTimestamp("started_at").toInstant(),
                row.getTimestamp("changed_at").toInstant());
    }
}

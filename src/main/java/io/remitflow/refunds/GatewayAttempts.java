package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.payments.UnsettledAtGateway.Unsettled;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code refund_gateway_attempts}. */
@Repository
class GatewayAttempts {

    private final JdbcClient jdbc;

    GatewayAttempts(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    enum State {
        INTENDED,
        UNKNOWN,
        PENDING,
        SUCCEEDED,
        DECLINED;

        String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        boolean settled() {
            return this == SUCCEEDED || this == DECLINED;
        }
    }

    record Attempt(
            UUID id,
            UUID refundId,
            int number,
            String provider,
            String idempotencyKey,
            Money amount,
            State state,
            @Nullable String gatewayRefundId,
            @Nullable String declineCode) {}

    Attempt start(UUID refundId, int number, String provider, Money amount, Instant now) {
        var attempt = new Attempt(
                Ids.next(),
                refundId,
                number,
                provider,
                "refund-" + refundId + "-" + number,
                amount,
                State.INTENDED,
                null,
                null);
        jdbc.sql("""
                        insert into refund_gateway_attempts (org_id, id, refund_id, attempt, gateway_provider,
                            idempotency_key, amount, currency, state, started_at, changed_at)
                        values (:org, :id, :refund, :attempt, :provider, :key, :amount, :currency, 'intended', :now, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", attempt.id())
                .param("refund", refundId)
                .param("attempt", number)
                .param("provider", provider)
                .param("key", attempt.idempotencyKey())
                .param("amount", amount.getAmountMinorLong())
                .param("currency", amount.getCurrencyUnit().getCode())
                .param("now", Timestamp.from(now))
                .update();
        return attempt;
    }

    void change(UUID id, State state, @Nullable String gatewayRefundId, @Nullable String declineCode, Instant now) {
        jdbc.sql("""
                        update refund_gateway_attempts set state = :state,
                            gateway_refund_id = coalesce(:gatewayRefund, gateway_refund_id), decline_code = :decline,
                            changed_at = :now
                        where id = :id
                        """)
                .param("state", state.key())
                .param("gatewayRefund", gatewayRefundId)
                .param("decline", declineCode)
                .param("now", Timestamp.from(now))
                .param("id", id)
                .update();
    }

    /** Oldest first. */
    List<Attempt> of(UUID refundId) {
        return query(" where refund_id = :value order by attempt", refundId).list();
    }

    /**
     * Started before then and without an end, oldest first. What its refund no longer waits for is among them for a while:
     * the call may have arrived late, and the report of it may have been lost.
     */
    List<Unsettled> withoutNews(Instant before, Instant abandonedAfter, int limit) {
        return jdbc.sql("""
                        select t.refund_id, t.gateway_provider, t.state, t.amount, t.currency, t.started_at, r.refund_number
                        from refund_gateway_attempts t
                        join billing_refunds r on r.org_id = t.org_id and r.id = t.refund_id
                        where t.state in ('intended', 'unknown', 'pending') and t.started_at < :before
                          and (r.status = 'processing' or t.changed_at > :abandonedAfter)
                        order by t.started_at limit :limit
                        """)
                .param("before", Timestamp.from(before))
                .param("abandonedAfter", Timestamp.from(abandonedAfter))
                .param("limit", limit)
                .query((row, index) -> new Unsettled(
                        row.getObject("refund_id", UUID.class),
                        row.getString("refund_number"),
                        row.getString("gateway_provider"),
                        row.getString("state"),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                        row.getTimestamp("started_at").toInstant(),
                        "/app/refunds/" + row.getObject("refund_id", UUID.class)))
                .list();
    }

    Optional<Attempt> ofKey(String idempotencyKey) {
        return query(" where idempotency_key = :value", idempotencyKey).optional();
    }

    private JdbcClient.MappedQuerySpec<Attempt> query(String where, Object value) {
        return jdbc.sql("select * from refund_gateway_attempts" + where)
                .param("value", value)
                .query((row, index) -> new Attempt(
                        row.getObject("id", UUID.class),
                        row.getObject("refund_id", UUID.class),
                        row.getInt("attempt"),
                        row.getString("gateway_provider"),
                        row.getString("idempotency_key"),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                        State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                        row.getString("gateway_refund_id"),
                        row.getString("decline_code")));
    }
}

package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.UserId;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code billing_credit_returns}. */
@Repository
class CreditReturnRows {

    private final JdbcClient jdbc;
    private final Clock clock;

    CreditReturnRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    CreditReturn get(UUID id) {
        return jdbc.sql("select * from billing_credit_returns where id = :id")
                .param("id", id)
                .query(CreditReturnRows::row)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("the return of a credit"));
    }

    Optional<CreditReturn> underWay(UUID creditId) {
        return jdbc.sql("""
                        select * from billing_credit_returns where credit_id = :credit and status in ('pending', 'approved')
                        """)
                .param("credit", creditId)
                .query(CreditReturnRows::row)
                .optional();
    }

    /** Newest first. */
    List<CreditReturn> of(UUID creditId) {
        return jdbc.sql("select * from billing_credit_returns where credit_id = :credit order by id desc")
                .param("credit", creditId)
                .query(CreditReturnRows::row)
                .list();
    }

    /** Of one account, posted or under way. */
    long exposureMinor(UUID accountId, String currency, Instant since) {
        return jdbc.sql("""
                        select coalesce(sum(r.amount), 0) from billing_credit_returns r
                        join billing_credit_balances b on b.org_id = r.org_id and b.id = r.credit_id
                        where b.account_id = :account and r.currency = :currency and r.requested_at >= :since
                          and r.status in ('pending', 'approved', 'posted')
                        """)
                .param("account", accountId)
                .param("currency", currency)
                .param("since", Timestamp.from(since))
                .query(Long.class)
                .single();
    }

    void insert(CreditReturn wanted) {
        jdbc.sql("""
                        insert into billing_credit_returns (org_id, id, credit_id, kind, amount, currency, target_account_id,
                            target_claim_id, payment_id, method, reason, status, requested_by, requested_at)
                        values (:org, :id, :credit, :kind, :amount, :currency, :account, :claim, :payment, :method, :reason,
                            'pending', :by, :at)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", wanted.id())
                .param("credit", wanted.creditId())
                .param("kind", wanted.kind().key())
                .param("amount", wanted.amount().getAmountMinorLong())
                .param("currency", wanted.amount().getCurrencyUnit().getCode())
                .param("account", wanted.targetAccountId(), Types.OTHER)
                .param("claim", wanted.targetClaimId(), Types.OTHER)
                .param("payment", wanted.paymentId(), Types.OTHER)
                .param("method", wanted.method(), Types.VARCHAR)
                .param("reason", wanted.reason())
                .param("by", wanted.requestedBy().value())
                .param("at", Timestamp.from(wanted.requestedAt()))
                .update();
    }

    void ruleAnswered(UUID id, List<String> levels, String reason, CreditReturn.Status status) {
        jdbc.sql("""
                        update billing_credit_returns set approval_levels = string_to_array(:levels, ','),
                            approval_reason = :reason, status = :status
                        where id = :id
                        """)
                .param("levels", String.join(",", levels))
                .param("reason", reason)
                .param("status", status.key())
                .param("id", id)
                .update();
    }

    void end(UUID id, CreditReturn.Status status) {
        jdbc.sql("update billing_credit_returns set status = :status, completed_at = :now where id = :id")
                .param("status", status.key())
                .param("now", Timestamp.from(clock.instant()))
                .param("id", id)
                .update();
    }

    void approved(UUID id) {
        jdbc.sql("update billing_credit_returns set status = 'approved' where id = :id")
                .param("id", id)
                .update();
    }

    void posted(UUID id, UUID entryId, @Nullable UserId processedBy, @Nullable String reference) {
        jdbc.sql("""
                        update billing_credit_returns set status = 'posted', journal_entry_id = :entry, processed_by = :by,
                            payout_reference = :reference, completed_at = :now
                        where id = :id
                        """)
                .param("entry", entryId)
                .param("by", processedBy == null ? null : processedBy.value(), Types.OTHER)
                .param("reference", reference, Types.VARCHAR)
                .param("now", Timestamp.from(clock.instant()))
                .param("id", id)
                .update();
    }

    private static CreditReturn row(ResultSet row, int index) throws SQLException {
        Array levels = row.getArray("approval_levels");
        UUID processedBy = row.getObject("processed_by", UUID.class);
        return new CreditReturn(
                row.getObject("id", UUID.class),
                row.getObject("credit_id", UUID.class),
                CreditReturn.Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                row.getObject("target_account_id", UUID.class),
                row.getObject("target_claim_id", UUID.class),
                row.getObject("payment_id", UUID.class),
                row.getString("method"),
                row.getString("reason"),
                CreditReturn.Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
                levels == null ? null : List.of((String[]) levels.getArray()),
                row.getString("approval_reason"),
                new UserId(row.getObject("requested_by", UUID.class)),
                row.getTimestamp("requested_at").toInstant(),
                processedBy == null ? null : new UserId(processedBy),
                row.getString("payout_reference"),
                row.getObject("journal_entry_id", UUID.class));
    }
}

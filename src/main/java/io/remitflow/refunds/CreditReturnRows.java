package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.UserId;
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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code billing_credit_returns}. */
@Repository
class CreditReturnRows {

    private static final String SELECT = """
            select r.*, a.account_number from billing_credit_returns r
            join billing_credit_balances b on b.org_id = r.org_id and b.id = r.credit_id
            join billing_patient_accounts a on a.org_id = b.org_id and a.id = b.account_id""";

    private final JdbcClient jdbc;
    private final Clock clock;

    CreditReturnRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    CreditReturn get(UUID id) {
        return jdbc.sql(SELECT + " where r.id = :id")
                .param("id", id)
                .query(CreditReturnRows::row)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("the return of a credit"));
    }

    Optional<CreditReturn> underWay(UUID creditId) {
        return jdbc.sql(SELECT + " where r.credit_id = :credit and r.status in ('pending', 'approved')")
                .param("credit", creditId)
                .query(CreditReturnRows::row)
                .optional();
    }

    /** Newest first. */
    List<CreditReturn> of(UUID creditId) {
        return jdbc.sql(SELECT + " where r.credit_id = :credit order by r.id desc")
                .param("credit", creditId)
                .query(CreditReturnRows::row)
                .list();
    }

    /** Of one account: posted since then, or still under way whenever it was asked for. */
    long exposureMinor(UUID accountId, String currency, Instant since) {
        return jdbc.sql("""
                        select coalesce(sum(r.amount), 0) from billing_credit_returns r
                        join billing_credit_balances b on b.org_id = r.org_id and b.id = r.credit_id
                        where b.account_id = :account and r.currency = :currency
                          and (r.status in ('pending', 'approved')
                               or r.status = 'posted' and greatest(r.requested_at, r.completed_at) >= :since)
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

    void ruleAnswered(UUID id, CreditReturns.Answer answer, CreditReturn.Status status) {
        jdbc.sql("""
                        update billing_credit_returns set approval_levels = string_to_array(:levels, ','),
                            approval_reason = :reason, status = :status, approval_groups = string_to_array(:groups, ','),
                            approval_due_days = :dueDays, escalate_to = :escalateTo
                        where id = :id
                        """)
                .param("levels", String.join(",", answer.levels()))
                .param("reason", answer.reason())
                .param("status", status.key())
                .param("groups", String.join(",", answer.groups()))
                .param("dueDays", answer.dueDays())
                .param("escalateTo", answer.escalateTo())
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

    void escalated(UUID id, int level) {
        jdbc.sql("update billing_credit_returns set escalated_level = :level where id = :id")
                .param("level", level)
                .param("id", id)
                .update();
    }

    /**
     * Refunds and returns of other accounts that have something in common with one: completed since then, or under way.
     *
     * @param ownMinor what counts of its own account
     */
    RelatedCases related(
            CreditReturn wanted,
            UUID accountId,
            Relation relation,
            List<UUID> accountsOfGuarantor,
            long ownMinor,
            Instant since) {
        if (relation == Relation.PAYEE || (relation == Relation.GUARANTOR && accountsOfGuarantor.isEmpty())) {
            return new RelatedCases(relation, List.of(), wanted.amount());
        }
        String condition = relation == Relation.GUARANTOR ? "account_id in (:accounts)" : "requested_by = :requester";
        var sum = new AtomicLong(ownMinor);
        List<Numbered> others = jdbc.sql("""
                        select id, number, amount from (
                            select r.id, r.refund_number as number, r.refund_amount as amount, r.account_id, r.currency,
                                   r.requested_by
                            from billing_refunds r
                            where r.status in ('pending', 'approved', 'processing', 'failed')
                               or r.status = 'completed' and greatest(r.requested_at, r.completed_at) >= :since
                            union all
                            select r.id, 'credit of account ' || a.account_number, r.amount, b.account_id, r.currency,
                                   r.requested_by
                            from billing_credit_returns r
                            join billing_credit_balances b on b.org_id = r.org_id and b.id = r.credit_id
                            join billing_patient_accounts a on a.org_id = b.org_id and a.id = b.account_id
                            where r.status in ('pending', 'approved')
                               or r.status = 'posted' and greatest(r.requested_at, r.completed_at) >= :since) others
                        where account_id <> :account and currency = :currency and
                        """ + condition + " order by id desc limit 200")
                .param("account", accountId)
                .param("currency", wanted.amount().getCurrencyUnit().getCode())
                .param("since", Timestamp.from(since))
                .param("accounts", accountsOfGuarantor)
                .param("requester", wanted.requestedBy().value())
                .query((row, index) -> {
                    sum.addAndGet(row.getLong("amount"));
                    return new Numbered(row.getObject("id", UUID.class), row.getString("number"));
                })
                .list();
        return new RelatedCases(
                relation,
                others,
                Amounts.ofMinor(sum.get(), wanted.amount().getCurrencyUnit().getCode()));
    }

    /** Its money came back. */
    void returned(UUID id) {
        jdbc.sql("update billing_credit_returns set status = 'returned' where id = :id")
                .param("id", id)
                .update();
    }

    /** Another check carries the money. */
    void referenceChanged(UUID id, String reference) {
        jdbc.sql("update billing_credit_returns set payout_reference = :reference where id = :id")
                .param("reference", reference)
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
        Array groups = row.getArray("approval_groups");
        Integer dueDays = row.getObject("approval_due_days", Integer.class);
        @Nullable Integer escalated = row.getObject("escalated_level", Integer.class);
        UUID processedBy = row.getObject("processed_by", UUID.class);
        return new CreditReturn(
                row.getObject("id", UUID.class),
                row.getObject("credit_id", UUID.class),
                row.getString("account_number"),
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
                row.getObject("journal_entry_id", UUID.class),
                groups == null ? List.of() : List.of((String[]) groups.getArray()),
                dueDays == null ? CreditReturn.DUE_DAYS : dueDays,
                row.getString("escalate_to"),
                escalated);
    }
}

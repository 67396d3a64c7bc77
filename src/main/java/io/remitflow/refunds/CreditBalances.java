package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import io.remitflow.payments.Payment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.PatientAccounts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Claims for which a patient paid more than is owed, as cases. */
@Service
@Transactional
public class CreditBalances {

    private static final String SUBJECT = "credit-balance";

    /** Policy of the accounting plan, section 3.5: refund within 30 days of detection. */
    private static final int DAYS_TO_REFUND = 30;

    private final JdbcClient jdbc;
    private final PatientAccounts accounts;
    private final Payments payments;
    private final Organizations organizations;
    private final AuditLog audit;
    private final Clock clock;

    CreditBalances(
            JdbcClient jdbc,
            PatientAccounts accounts,
            Payments payments,
            Organizations organizations,
            AuditLog audit,
            Clock clock) {
        this.jdbc = jdbc;
        this.accounts = accounts;
        this.payments = payments;
        this.organizations = organizations;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Opens, updates or closes the case of a claim after its patient balance changed; negative means a credit.
     *
     * <p>Called in the transaction that changed the balance.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void claimSettled(UUID accountId, UUID claimId) {
        settle(accountId, claimId, "The patient paid more than the remittance left to pay");
    }

    void settle(UUID accountId, UUID claimId, String cause) {
        Money balance = accounts.patientBalanceOfClaim(claimId);
        Optional<CreditBalance> known = unresolved(claimId);
        if (balance.isNegative()) {
            Money credit = balance.abs();
            UUID payment = paymentToReturn(claimId, credit);
            if (known.isEmpty()) {
                open(accountId, claimId, payment, credit, cause);
            } else if (!known.get().amount().isEqual(credit)) {
                change(known.get().id(), credit, payment);
            }
        } else {
            known.ifPresent(credit -> resolve(credit.id(), "The claim has no credit any more"));
        }
    }

    @Transactional(readOnly = true)
    public CreditBalance get(UUID id) {
        return jdbc.sql("select * from billing_credit_balances where id = :id")
                .param("id", id)
                .query(CreditBalances::creditBalance)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("the credit balance"));
    }

    /** Unresolved ones first, then by the day their refund is due. */
    @Transactional(readOnly = true)
    public List<CreditBalance> list(CreditBalance.@Nullable State state, int limit) {
        return jdbc.sql("""
                        select * from billing_credit_balances
                        where (:state::text is null or state = :state)
                        order by (state = 'resolved'), refund_due, id limit :limit
                        """)
                .param("state", state == null ? null : state.key())
                .param("limit", Math.clamp(limit, 1, 500))
                .query(CreditBalances::creditBalance)
                .list();
    }

    /** Sum of what is not resolved, in the organization's currency. */
    @Transactional(readOnly = true)
    public Money unresolvedTotal() {
        String currency = organizations.current().currency().getCode();
        return Amounts.ofMinor(
                jdbc.sql("""
                                select coalesce(sum(amount), 0) from billing_credit_balances
                                where state <> 'resolved' and currency = :currency
                                """).param("currency", currency).query(Long.class).single(), currency);
    }

    @Transactional(readOnly = true)
    public long openCount() {
        return jdbc.sql("select count(*) from billing_credit_balances where state = 'open'")
                .query(Long.class)
                .single();
    }

    @Nullable UUID unresolvedOf(@Nullable UUID claimId) {
        return claimId == null
                ? null
                : unresolved(claimId).map(CreditBalance::id).orElse(null);
    }

    void refundRequested(@Nullable UUID id) {
        changeState(id, "open", "refund_requested");
    }

    /** The refund was rejected or cancelled: the credit is still there. */
    void refundAbandoned(@Nullable UUID id) {
        changeState(id, "refund_requested", "open");
    }

    /** What is left of the case after money went back, or came back again. */
    void moneyMoved(UUID accountId, @Nullable UUID claimId, @Nullable UUID id) {
        refundAbandoned(id);
        if (claimId != null) {
            settle(accountId, claimId, "A refund came back");
        }
    }

    private void changeState(@Nullable UUID id, String from, String to) {
        if (id != null) {
            jdbc.sql("""
                            update billing_credit_balances set state = :to, changed_at = :now
                            where id = :id and state = :from
                            """)
                    .param("to", to)
                    .param("from", from)
                    .param("id", id)
                    .param("now", Timestamp.from(clock.instant()))
                    .update();
        }
    }

    private Optional<CreditBalance> unresolved(UUID claimId) {
        return jdbc.sql(
                        "select * from billing_credit_balances where claim_id = :claim and state <> 'resolved' for update")
                .param("claim", claimId)
                .query(CreditBalances::creditBalance)
                .optional();
    }

    /** The newest payment that covers the whole credit, or else the one with most left. */
    private @Nullable UUID paymentToReturn(UUID claimId, Money credit) {
        List<Payment> refundable = payments.ofClaim(claimId).stream()
                .filter(payment -> payment.refundable().isPositive())
                .toList();
        return refundable.stream()
                .filter(payment -> !payment.refundable().isLessThan(credit))
                .findFirst()
                .or(() -> refundable.stream().max(Comparator.comparing(Payment::refundable)))
                .map(Payment::id)
                .orElse(null);
    }

    private void open(UUID accountId, UUID claimId, @Nullable UUID paymentId, Money credit, String cause) {
        UUID id = Ids.next();
        var now = Timestamp.from(clock.instant());
        jdbc.sql("""
                        insert into billing_credit_balances (org_id, id, account_id, claim_id, payment_id, amount, currency,
                            cause, state, refund_due, opened_at, changed_at)
                        values (:org, :id, :account, :claim, :payment, :amount, :currency, :cause, 'open', :due, :now, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("account", accountId)
                .param("claim", claimId)
                .param("payment", paymentId)
                .param("amount", credit.getAmountMinorLong())
                .param("currency", credit.getCurrencyUnit().getCode())
                .param("cause", cause)
                .param("due", organizations.today().plusDays(DAYS_TO_REFUND))
                .param("now", now)
                .update();
        audit.record("credit-balance-opened", SUBJECT, id.toString(), Map.of("amount", credit.toString()));
    }

    private void change(UUID id, Money credit, @Nullable UUID paymentId) {
        jdbc.sql("""
                        update billing_credit_balances set amount = :amount, payment_id = :payment, changed_at = :now
                        where id = :id
                        """)
                .param("amount", credit.getAmountMinorLong())
                .param("payment", paymentId, java.sql.Types.OTHER)
                .param("now", Timestamp.from(clock.instant()))
                .param("id", id)
                .update();
        audit.record("credit-balance-changed", SUBJECT, id.toString(), Map.of("amount", credit.toString()));
    }

    private void resolve(UUID id, String resolution) {
        jdbc.sql("""
                        update billing_credit_balances
                        set state = 'resolved', amount = 0, resolved_at = :now, changed_at = :now, resolution = :resolution
                        where id = :id
                        """)
                .param("now", Timestamp.from(clock.instant()))
                .param("resolution", resolution)
                .param("id", id)
                .update();
        audit.record("credit-balance-resolved", SUBJECT, id.toString(), Map.of());
    }

    private static CreditBalance creditBalance(ResultSet row, int index) throws SQLException {
        Timestamp resolvedAt = row.getTimestamp("resolved_at");
        @Nullable UUID paymentId = row.getObject("payment_id", UUID.class);
        return new CreditBalance(
                row.getObject("id", UUID.class),
                row.getObject("account_id", UUID.class),
                row.getObject("claim_id", UUID.class),
                paymentId,
                Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                row.getString("cause"),
                CreditBalance.State.valueOf(row.getString("state").toUpperCase(java.util.Locale.ROOT)),
                row.getObject("refund_due", LocalDate.class),
                row.getTimestamp("opened_at").toInstant(),
                resolvedAt == null ? null : resolvedAt.toInstant(),
                row.getString("resolution"));
    }
}

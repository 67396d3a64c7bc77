package io.remitflow.billing;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code billing_credit_memos} and {@code billing_credit_memo_applications}. */
@Repository
class CreditMemoRows {

    private final JdbcClient jdbc;
    private final Clock clock;

    CreditMemoRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    void insert(UUID id, String number, NewCreditMemo memo) {
        jdbc.sql("""
                        insert into billing_credit_memos (org_id, id, credit_memo_number, account_id, adjustment_id,
                            original_invoice_id, credit_date, credit_amount, currency, reason, status, remaining_amount,
                            journal_entry_id, issued_at, updated_at)
                        values (:org, :id, :number, :account, :adjustment, :invoice, :date, :amount, :currency, :reason,
                            'issued', :amount, :entry, :now, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("number", number)
                .param("account", memo.accountId())
                .param("adjustment", memo.adjustmentId())
                .param("invoice", memo.invoiceId(), Types.OTHER)
                .param("date", memo.date())
                .param("amount", memo.amount().getAmountMinorLong())
                .param("currency", memo.amount().getCurrencyUnit().getCode())
                .param("reason", memo.reason())
                .param("entry", memo.journalEntryId())
                .param("now", now())
                .update();
    }

    /** Of a locked memo and a locked invoice; negative: taken back. */
    void apply(CreditMemo memo, UUID invoice, Money amount) {
        jdbc.sql("""
                        insert into billing_credit_memo_applications (org_id, id, credit_memo_id, invoice_id, applied_amount,
                            currency, applied_by, applied_at)
                        values (:org, :id, :memo, :invoice, :amount, :currency, :by, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("memo", memo.id())
                .param("invoice", invoice)
                .param("amount", amount.getAmountMinorLong())
                .param("currency", amount.getCurrencyUnit().getCode())
                .param("by", CurrentUser.find().map(UserId::value).orElse(null), Types.OTHER)
                .param("now", now())
                .update();
        jdbc.sql("""
                        update billing_credit_memos set applied_amount = applied_amount + :amount,
                            remaining_amount = remaining_amount - :amount,
                            status = case when remaining_amount - :amount = 0 then 'applied' else 'issued' end,
                            updated_at = :now
                        where id = :id
                        """)
                .param("id", memo.id())
                .param("amount", amount.getAmountMinorLong())
                .param("now", now())
                .update();
    }

    /** After all its applications were taken back. */
    void voided(UUID id) {
        jdbc.sql("""
                        update billing_credit_memos set status = 'void', remaining_amount = 0, updated_at = :now
                        where id = :id
                        """).param("id", id).param("now", now()).update();
    }

    Optional<CreditMemo> find(UUID id) {
        return one("id = :id", id);
    }

    /** Only its holder changes the row until the transaction ends. */
    Optional<CreditMemo> lock(UUID id) {
        return one("id = :id for no key update", id);
    }

    Optional<CreditMemo> lockOfAdjustment(UUID adjustmentId) {
        return one("adjustment_id = :id for no key update", adjustmentId);
    }

    List<CreditMemo> list(@Nullable UUID accountId, boolean remainingOnly, @Nullable UUID after, int limit) {
        return jdbc.sql("""
                        select * from billing_credit_memos
                        where (:account::uuid is null or account_id = :account)
                          and (not :remaining or remaining_amount > 0)
                          and (:after::uuid is null or id < :after)
                        order by id desc limit :limit
                        """)
                .param("account", accountId)
                .param("remaining", remainingOnly)
                .param("after", after)
                .param("limit", limit)
                .query(CreditMemoRows::memo)
                .list();
    }

    /** What each invoice has of a memo now, those with nothing left out. */
    List<Applied> appliedNow(UUID memo) {
        return jdbc.sql("""
                        select invoice_id, currency, sum(applied_amount) as amount from billing_credit_memo_applications
                        where credit_memo_id = :memo group by invoice_id, currency
                        having sum(applied_amount) <> 0 order by invoice_id
                        """)
                .param("memo", memo)
                .query((row, index) -> new Applied(
                        row.getObject("invoice_id", UUID.class),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency"))))
                .list();
    }

    record Applied(UUID invoiceId, Money amount) {}

    /** Oldest first. */
    List<CreditMemo.Application> applications(@Nullable UUID memo, @Nullable UUID invoice) {
        return jdbc.sql("""
                        select a.credit_memo_id, m.credit_memo_number, a.invoice_id, i.invoice_number, a.applied_amount,
                               a.currency, a.applied_at
                        from billing_credit_memo_applications a
                        join billing_credit_memos m on m.org_id = a.org_id and m.id = a.credit_memo_id
                        join billing_invoices i on i.org_id = a.org_id and i.id = a.invoice_id
                        where (:memo::uuid is null or a.credit_memo_id = :memo)
                          and (:invoice::uuid is null or a.invoice_id = :invoice)
                        order by a.id
                        """)
                .param("memo", memo)
                .param("invoice", invoice)
                .query((row, index) -> new CreditMemo.Application(
                        row.getObject("credit_memo_id", UUID.class),
                        row.getString("credit_memo_number"),
                        row.getObject("invoice_id", UUID.class),
                        row.getString("invoice_number"),
                        Amounts.ofMinor(row.getLong("applied_amount"), row.getString("currency")),
                        row.getTimestamp("applied_at").toInstant()))
                .list();
    }

    private Optional<CreditMemo> one(String condition, UUID id) {
        return jdbc.sql("select * from billing_credit_memos where " + condition)
                .param("id", id)
                .query(CreditMemoRows::memo)
                .optional();
    }

    private static CreditMemo memo(ResultSet row, int index) throws SQLException {
        String currency = row.getString("currency");
        return new CreditMemo(
                row.getObject("id", UUID.class),
                row.getString("credit_memo_number"),
                row.getObject("account_id", UUID.class),
                row.getObject("adjustment_id", UUID.class),
                row.getObject("original_invoice_id", UUID.class),
                row.getObject("credit_date", LocalDate.class),
                Amounts.ofMinor(row.getLong("credit_amount"), currency),
                Amounts.ofMinor(row.getLong("applied_amount"), currency),
                Amounts.ofMinor(row.getLong("remaining_amount"), currency),
                row.getString("reason"),
                CreditMemo.Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
                row.getObject("journal_entry_id", UUID.class),
                row.getTimestamp("issued_at").toInstant());
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }
}

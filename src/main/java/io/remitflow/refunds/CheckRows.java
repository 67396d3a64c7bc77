package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code refund_check_books} and {@code refund_checks}. */
@Repository
class CheckRows {

    private static final int STALE_DAYS = 180;
    private static final int FIRST_NUMBER = 1001;

    private final JdbcClient jdbc;

    CheckRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The book that refunds are paid from, locked; an organization without one starts with the usual. */
    CheckBook lockMain(Instant now) {
        jdbc.sql("""
                        insert into refund_check_books (org_id, id, code, name, next_number, stale_days, main, updated_at)
                        values (:org, :id, 'OPS', 'Operating account', :first, :stale, true, :now)
                        on conflict do nothing
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("first", FIRST_NUMBER)
                .param("stale", STALE_DAYS)
                .param("now", Timestamp.from(now))
                .update();
        return jdbc.sql("select * from refund_check_books where main for no key update")
                .query(CheckRows::book)
                .single();
    }

    CheckBook lockBook(UUID id) {
        return jdbc.sql("select * from refund_check_books where id = :id for no key update")
                .param("id", id)
                .query(CheckRows::book)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("the check book"));
    }

    List<CheckBook> books() {
        return jdbc.sql("select * from refund_check_books order by main desc, code")
                .query(CheckRows::book)
                .list();
    }

    void save(CheckBook book, Instant now) {
        jdbc.sql("""
                        update refund_check_books set name = :name, next_number = :next, stale_days = :stale, updated_at = :now
                        where id = :id
                        """)
                .param("name", book.name())
                .param("next", book.nextNumber())
                .param("stale", book.staleDays())
                .param("now", Timestamp.from(now))
                .param("id", book.id())
                .update();
    }

    boolean used(UUID book, long number) {
        return jdbc.sql("select exists (select from refund_checks where book_id = :book and check_number = :number)")
                .param("book", book)
                .param("number", number)
                .query(Boolean.class)
                .single();
    }

    void insert(RefundCheck check, Instant now) {
        jdbc.sql("""
                        insert into refund_checks (org_id, id, book_id, check_number, reference, refund_id, credit_return_id, account_id,
                            amount, currency, issued_on, issued_by, state, replaces_id, changed_at)
                        values (:org, :id, :book, :number, :reference, :refund, :return, :account, :amount, :currency,
                            :issuedOn, :issuedBy, 'issued', :replaces, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", check.id())
                .param("book", check.bookId())
                .param("number", check.number())
                .param("reference", check.reference())
                .param("refund", check.refundId(), java.sql.Types.OTHER)
                .param("return", check.creditReturnId(), java.sql.Types.OTHER)
                .param("account", check.accountId())
                .param("amount", check.amount().getAmountMinorLong())
                .param("currency", check.amount().getCurrencyUnit().getCode())
                .param("issuedOn", check.issuedOn())
                .param("issuedBy", check.issuedBy().value())
                .param("replaces", check.replacesId(), java.sql.Types.OTHER)
                .param("now", Timestamp.from(now))
                .update();
    }

    void change(UUID id, RefundCheck.State state, String reason, Instant now) {
        jdbc.sql("""
                        update refund_checks set state = :state, state_reason = :reason, version = version + 1, changed_at = :now
                        where id = :id
                        """)
                .param("state", state.key())
                .param("reason", reason)
                .param("now", Timestamp.from(now))
                .param("id", id)
                .update();
    }

    void cleared(UUID id, LocalDate on, String bankReference, Instant now) {
        jdbc.sql("""
                        update refund_checks set state = 'cleared', cleared_on = :on, bank_reference = :reference,
                            version = version + 1, changed_at = :now
                        where id = :id
                        """)
                .param("on", on)
                .param("reference", bankReference)
                .param("now", Timestamp.from(now))
                .param("id", id)
                .update();
    }

    boolean notCleared(UUID id, LocalDate on, String bankReference, Instant now) {
        return jdbc.sql("""
                                update refund_checks set state = 'issued', cleared_on = null, bank_reference = null,
                                    version = version + 1, changed_at = :now
                                where id = :id and state = 'cleared' and cleared_on = :on and bank_reference = :reference
                                """)
                        .param("on", on)
                        .param("reference", bankReference)
                        .param("now", Timestamp.from(now))
                        .param("id", id)
                        .update()
                == 1;
    }

    void printed(UUID id) {
        jdbc.sql("update refund_checks set printed = printed + 1 where id = :id")
                .param("id", id)
                .update();
    }

    /** Issued before a day that depends on the book: now stale. */
    List<RefundCheck> goneStale(LocalDate today) {
        return jdbc.sql("""
                        select c.* from refund_checks c
                        join refund_check_books b on b.org_id = c.org_id and b.id = c.book_id
                        where c.state = 'issued' and c.issued_on + b.stale_days < :today
                        order by c.id for no key update of c skip locked
                        """).param("today", today).query(CheckRows::check).list();
    }

    Optional<RefundCheck> find(UUID id) {
        return one(" where id = :value", id);
    }

    Optional<RefundCheck> lock(UUID id) {
        return one(" where id = :value for no key update", id);
    }

    Optional<RefundCheck> ofReference(String reference) {
        return one(" where reference = :value", reference);
    }

    Optional<RefundCheck> replacementOf(UUID id) {
        return one(" where replaces_id = :value", id);
    }

    List<RefundCheck> ofRefund(UUID refundId) {
        return jdbc.sql("select * from refund_checks where refund_id = :refund order by id")
                .param("refund", refundId)
                .query(CheckRows::check)
                .list();
    }

    List<RefundCheck> list(
            RefundCheck.@Nullable State state, boolean outstandingOnly, @Nullable UUID after, int limit) {
        return jdbc.sql("""
                        select * from refund_checks
                        where (:state::text is null or state = :state)
                          and (not :outstanding or state in ('issued', 'stale'))
                          and (:after::uuid is null or id < :after)
                        order by id desc limit :limit
                        """)
                .param("state", state == null ? null : state.key())
                .param("outstanding", outstandingOnly)
                .param("after", after)
                .param("limit", Math.clamp(limit, 1, 500))
                .query(CheckRows::check)
                .list();
    }

    List<CheckTotal> totals() {
        return jdbc.sql("""
                        select state, currency, count(*) as checks, sum(amount) as amount from refund_checks
                        group by state, currency order by state, currency
                        """)
                .query((row, index) -> new CheckTotal(
                        state(row.getString("state")),
                        row.getLong("checks"),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency"))))
                .list();
    }

    private Optional<RefundCheck> one(String where, Object value) {
        return jdbc.sql("select * from refund_checks" + where)
                .param("value", value)
                .query(CheckRows::check)
                .optional();
    }

    private static RefundCheck.State state(String key) {
        return RefundCheck.State.valueOf(key.toUpperCase(Locale.ROOT));
    }

    private static CheckBook book(ResultSet row, int index) throws SQLException {
        return new CheckBook(
                row.getObject("id", UUID.class),
                row.getString("code"),
                row.getString("name"),
                row.getLong("next_number"),
                row.getInt("stale_days"),
                row.getBoolean("main"));
    }

    private static RefundCheck check(ResultSet row, int index) throws SQLException {
        @Nullable UUID refund = row.getObject("refund_id", UUID.class);
        @Nullable UUID creditReturn = row.getObject("credit_return_id", UUID.class);
        @Nullable UUID replaces = row.getObject("replaces_id", UUID.class);
        @Nullable LocalDate clearedOn = row.getObject("cleared_on", LocalDate.class);
        return new RefundCheck(
                row.getObject("id", UUID.class),
                row.getObject("book_id", UUID.class),
                row.getLong("check_number"),
                row.getString("reference"),
                refund,
                creditReturn,
                row.getObject("account_id", UUID.class),
                Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                row.getObject("issued_on", LocalDate.class),
                new UserId(row.getObject("issued_by", UUID.class)),
                state(row.getString("state")),
                row.getString("state_reason"),
                row.getInt("printed"),
                replaces,
                clearedOn,
                row.getInt("version"));
    }
}

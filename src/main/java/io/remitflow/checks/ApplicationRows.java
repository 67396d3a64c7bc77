package io.remitflow.checks;

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
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code check_payment_applications} and {@code check_remainders}. */
@Repository
class ApplicationRows {

    private static final String REMAINDERS = """
            select r.*, c.number, c.check_number, c.payer_name
            from check_remainders r join check_payments c on c.org_id = r.org_id and c.id = r.check_id
            """;

    private final JdbcClient jdbc;
    private final Clock clock;

    ApplicationRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    void insert(CheckApplication application) {
        jdbc.sql("""
                        insert into check_payment_applications (org_id, id, check_id, invoice_id, facility_id, payment_id,
                            journal_entry_id, amount, currency, reason, applied_by, applied_at)
                        values (:org, :id, :check, :invoice, :facility, :payment, :entry, :amount, :currency, :reason, :by, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", application.id())
                .param("check", application.checkId())
                .param("invoice", application.invoiceId(), Types.OTHER)
                .param("facility", application.facilityId())
                .param("payment", application.paymentId())
                .param("entry", application.journalEntryId())
                .param("amount", application.amount().getAmountMinorLong())
                .param("currency", application.amount().getCurrencyUnit().getCode())
                .param("reason", application.reason())
                .param("by", CurrentUser.find().map(UserId::value).orElse(null), Types.OTHER)
                .param("now", now())
                .update();
    }

    List<CheckApplication> ofCheck(UUID checkId) {
        return jdbc.sql("""
                        select a.*, coalesce(i.invoice_number, 'on the account') as invoice_number
                        from check_payment_applications a
                        left join billing_invoices i on i.org_id = a.org_id and i.id = a.invoice_id
                        where a.check_id = :check order by a.id
                        """)
                .param("check", checkId)
                .query((row, index) -> new CheckApplication(
                        row.getObject("id", UUID.class),
                        row.getObject("check_id", UUID.class),
                        row.getObject("invoice_id", UUID.class),
                        row.getString("invoice_number"),
                        row.getObject("facility_id", UUID.class),
                        row.getObject("payment_id", UUID.class),
                        row.getObject("journal_entry_id", UUID.class),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                        row.getString("reason")))
                .list();
    }

    void insertRemainder(UUID checkId, @Nullable UUID facilityId, Money amount) {
        jdbc.sql("""
                        insert into check_remainders (org_id, id, check_id, facility_id, amount, remaining, currency, created_at,
                            updated_at)
                        values (:org, :id, :check, :facility, :amount, :amount, :currency, :now, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("check", checkId)
                .param("facility", facilityId, Types.OTHER)
                .param("amount", amount.getAmountMinorLong())
                .param("currency", amount.getCurrencyUnit().getCode())
                .param("now", now())
                .update();
    }

    Optional<CheckRemainder> remainderOf(UUID checkId) {
        return jdbc.sql(REMAINDERS + " where r.check_id = :check")
                .param("check", checkId)
                .query(ApplicationRows::remainder)
                .optional();
    }

    Optional<CheckRemainder> findRemainder(UUID id) {
        return jdbc.sql(REMAINDERS + " where r.id = :id")
                .param("id", id)
                .query(ApplicationRows::remainder)
                .optional();
    }

    /** Oldest first. */
    List<CheckRemainder> openRemainders(int limit) {
        return jdbc.sql(REMAINDERS + " where r.remaining > 0 order by r.id limit :limit")
                .param("limit", limit)
                .query(ApplicationRows::remainder)
                .list();
    }

    int openRemainderCount() {
        return jdbc.sql("select count(*)::int from check_remainders where remaining > 0")
                .query(Integer.class)
                .single();
    }

    Optional<Money> openRemainderTotal() {
        return jdbc.sql("""
                        select currency, sum(remaining)::bigint as remaining from check_remainders
                        where remaining > 0 group by currency limit 1
                        """)
                .query((row, index) -> Amounts.ofMinor(row.getLong("remaining"), row.getString("currency")))
                .optional();
    }

    void changeRemaining(UUID id, Money remaining) {
        jdbc.sql("update check_remainders set remaining = :remaining, updated_at = :now where id = :id")
                .param("id", id)
                .param("remaining", remaining.getAmountMinorLong())
                .param("now", now())
                .update();
    }

    private static CheckRemainder remainder(ResultSet row, int index) throws SQLException {
        String currency = row.getString("currency");
        return new CheckRemainder(
                row.getObject("id", UUID.class),
                row.getObject("check_id", UUID.class),
                row.getString("number"),
                row.getString("check_number"),
                row.getString("payer_name"),
                row.getObject("facility_id", UUID.class),
                Amounts.ofMinor(row.getLong("amount"), currency),
                Amounts.ofMinor(row.getLong("remaining"), currency),
                row.getTimestamp("created_at").toInstant());
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }
}

package io.remitflow.checks;

import io.remitflow.core.Amounts;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.payments.DepositMethod;
import io.remitflow.payments.UndepositedReceipt;
import io.remitflow.payments.UndepositedReceipts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Confirmed checks, until they are brought to the bank. */
@Component
class UndepositedChecks implements UndepositedReceipts {

    private static final String SELECT = """
            select c.id, c.number, c.check_number, c.check_date, c.amount, c.currency, e.entry_date
            from check_payments c
            join accounting_journal_entries e on e.org_id = c.org_id and e.id = c.journal_entry_id
            where c.status = 'confirmed'
            """;
    /** What the bank presents again is at the bank already. */
    private static final String ON_PAPER = " and c.represents_id is null";

    private final JdbcClient jdbc;

    UndepositedChecks(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public String kind() {
        return Checks.SUBJECT;
    }

    @Override
    public List<UndepositedReceipt> under(Collection<ClearingReference> references) {
        String[] numbers = references.stream()
                .filter(reference -> reference.kind().equals(CheckBooking.REFERENCE))
                .map(ClearingReference::value)
                .toArray(String[]::new);
        return jdbc.sql(SELECT + ON_PAPER + " and c.number = any(:numbers) order by c.id")
                .param("numbers", numbers)
                .query(UndepositedChecks::receipt)
                .list();
    }

    @Override
    public Optional<UndepositedReceipt> lock(UUID id) {
        return jdbc.sql(SELECT + ON_PAPER + " and c.id = :id for no key update of c")
                .param("id", id)
                .query(UndepositedChecks::receipt)
                .optional();
    }

    Optional<UndepositedReceipt> find(UUID id) {
        return jdbc.sql(SELECT + " and c.id = :id")
                .param("id", id)
                .query(UndepositedChecks::receipt)
                .optional();
    }

    /** The latest first. */
    List<UndepositedReceipt> ofAmount(Money amount, int limit) {
        return jdbc.sql(SELECT + " and c.amount = :amount and c.currency = :currency order by c.id desc limit :limit")
                .param("amount", amount.getAmountMinorLong())
                .param("currency", amount.getCurrencyUnit().getCode())
                .param("limit", limit)
                .query(UndepositedChecks::receipt)
                .list();
    }

    private static UndepositedReceipt receipt(ResultSet row, int index) throws SQLException {
        String number = row.getString("number");
        return new UndepositedReceipt(
                Checks.SUBJECT,
                row.getObject("id", UUID.class),
                number,
                DepositMethod.CHECK,
                row.getString("check_number"),
                row.getObject("check_date", LocalDate.class),
                row.getObject("entry_date", LocalDate.class),
                CheckBooking.reference(number),
                Amounts.ofMinor(row.getLong("amount"), row.getString("currency")));
    }
}

package io.remitflow.payments;

import io.remitflow.core.Amounts;
import io.remitflow.ledger.ClearingReference;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Cash and checks of patients that were recorded as payments, without a scanned packet. */
@Component
class UndepositedPayments implements UndepositedReceipts {

    /**
     * Payments that others booked lie where those booked them. A payment that was refunded still lies in the drawer, and so
     * does what came neither as cash nor as a patient's check.
     */
    private static final String SELECT = """
            select p.* from billing_payments p
            join accounting_journal_entries e on e.org_id = p.org_id and e.id = p.journal_entry_id
                 and e.source_key = 'payment:' || p.id
            where p.payment_method in ('cash', 'check', 'insurance', 'other') and p.gateway_transaction_id is null
              and p.status in ('completed', 'partially_refunded', 'refunded', 'disputed')
            """;

    private final JdbcClient jdbc;

    UndepositedPayments(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public String kind() {
        return "payment";
    }

    @Override
    public List<UndepositedReceipt> under(Collection<ClearingReference> references) {
        return jdbc.sql(SELECT + """
                         and (p.payment_number = any(:numbers)
                              or (p.payment_method = 'check' and p.reference_number = any(:checks)))
                         order by p.id
                        """)
                .param("numbers", values(references, "payment"))
                .param("checks", values(references, "check"))
                .query(UndepositedPayments::receipt)
                .list();
    }

    @Override
    public Optional<UndepositedReceipt> lock(UUID id) {
        return jdbc.sql(SELECT + " and p.id = :id for no key update of p")
                .param("id", id)
                .query(UndepositedPayments::receipt)
                .optional();
    }

    Optional<UndepositedReceipt> find(UUID id) {
        return jdbc.sql(SELECT + " and p.id = :id")
                .param("id", id)
                .query(UndepositedPayments::receipt)
                .optional();
    }

    /** Checks, the latest first. */
    List<UndepositedReceipt> checksOfAmount(Money amount, int limit) {
        return jdbc.sql(SELECT + """
                         and p.payment_method <> 'cash' and p.payment_amount = :amount and p.currency = :currency
                         order by p.id desc limit :limit
                        """)
                .param("amount", amount.getAmountMinorLong())
                .param("currency", amount.getCurrencyUnit().getCode())
                .param("limit", limit)
                .query(UndepositedPayments::receipt)
                .list();
    }

    private static String[] values(Collection<ClearingReference> references, String kind) {
        return references.stream()
                .filter(reference -> reference.kind().equals(kind))
                .map(ClearingReference::value)
                .toArray(String[]::new);
    }

    private static UndepositedReceipt receipt(ResultSet row, int index) throws SQLException {
        String number = row.getString("payment_number");
        PaymentMethod method = PaymentMethod.ofKey(row.getString("payment_method"));
        @Nullable String reference = row.getString("reference_number");
        // Insurers send checks; whatever else has a number is one, or is taken by banks as one.
        boolean paper = method == PaymentMethod.CHECK
                || method == PaymentMethod.INSURANCE
                || method == PaymentMethod.OTHER && reference != null;
        return new UndepositedReceipt(
                "payment",
                row.getObject("id", UUID.class),
                number,
                paper ? DepositMethod.CHECK : DepositMethod.CASH,
                paper ? reference : null,
                null,
                row.getObject("payment_date", LocalDate.class),
                method == PaymentMethod.CHECK && reference != null
                        ? new ClearingReference("check", reference)
                        : new ClearingReference("payment", number),
                Amounts.ofMinor(row.getLong("payment_amount"), row.getString("currency")));
    }
}

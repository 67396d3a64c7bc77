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
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Cash and checks of patients that were recorded as payments, without a scanned packet. */
@Component
class UndepositedPayments implements UndepositedReceipts {

    /** Payments that others booked lie where those booked them. A payment that was refunded still lies in the drawer. */
    private static final String SELECT = """
            select p.* from billing_payments p
            join accounting_journal_entries e on e.org_id = p.org_id and e.id = p.journal_entry_id
                 and e.source_key = 'payment:' || p.id
            where p.payment_method in ('cash', 'check') and p.gateway_transaction_id is null
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
        return jdbc.sql(SELECT + " and p.id = :id for update of p")
                .param("id", id)
                .query(UndepositedPayments::receipt)
                .optional();
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
        @Nullable String paper = method == PaymentMethod.CHECK ? row.getString("reference_number") : null;
        return new UndepositedReceipt(
                "payment",
                row.getObject("id", UUID.class),
                number,
                method == PaymentMethod.CHECK ? DepositMethod.CHECK : DepositMethod.CASH,
                paper,
                row.getObject("payment_date", LocalDate.class),
                paper == null ? new ClearingReference("payment", number) : new ClearingReference("check", paper),
                Amounts.ofMinor(row.getLong("payment_amount"), row.getString("currency")));
    }
}

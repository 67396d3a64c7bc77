package io.remitflow.payments;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code billing_payment_allocations}, and what else the desk notes about a payment. */
@Repository
class AllocationRows {

    private final JdbcClient jdbc;
    private final Clock clock;

    AllocationRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    void insert(UUID paymentId, PaymentAllocation allocation) {
        jdbc.sql("""
                        insert into billing_payment_allocations (org_id, id, payment_id, invoice_id, claim_id, amount, currency,
                            created_at)
                        values (:org, :id, :payment, :invoice, :claim, :amount, :currency, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("payment", paymentId)
                .param("invoice", allocation.invoiceId(), Types.OTHER)
                .param("claim", allocation.claimId(), Types.OTHER)
                .param("amount", allocation.amount().getAmountMinorLong())
                .param("currency", allocation.amount().getCurrencyUnit().getCode())
                .param("now", Timestamp.from(clock.instant()), Types.TIMESTAMP)
                .update();
    }

    List<PaymentAllocation> ofPayment(UUID paymentId) {
        return jdbc.sql("""
                        select a.invoice_id, a.claim_id, a.amount, a.currency,
                               coalesce(i.invoice_number, c.control_number) as number
                          from billing_payment_allocations a
                          left join billing_invoices i on i.org_id = a.org_id and i.id = a.invoice_id
                          left join billing_claims c on c.org_id = a.org_id and c.id = a.claim_id
                         where a.payment_id = :payment order by a.id
                        """)
                .param("payment", paymentId)
                .query((row, index) -> new PaymentAllocation(
                        row.getObject("invoice_id", UUID.class),
                        row.getObject("claim_id", UUID.class),
                        row.getString("number"),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency"))))
                .list();
    }

    void checkDate(UUID paymentId, LocalDate date) {
        jdbc.sql("update billing_payments set check_date = :date where id = :id")
                .param("date", date)
                .param("id", paymentId)
                .update();
    }

    @Nullable LocalDate checkDate(UUID paymentId) {
        return jdbc.sql("select check_date from billing_payments where id = :id and check_date is not null")
                .param("id", paymentId)
                .query(LocalDate.class)
                .optional()
                .orElse(null);
    }
}

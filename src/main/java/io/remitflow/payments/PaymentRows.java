package io.remitflow.payments;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code billing_payments}. */
@Repository
class PaymentRows {

    private static final String SELECT = """
            select id, payment_number, account_id, claim_id, payment_date, payment_amount, refunded_amount, disputed_amount,
                   currency, payment_method, status, reference_number, card_last_4, gateway_provider,
                   gateway_transaction_id, journal_entry_id
            from billing_payments
            """;

    private final JdbcClient jdbc;

    PaymentRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void insert(
            UUID id, String number, NewPayment payment, UUID journalEntryId, Optional<UUID> receivedBy, Instant now) {
        jdbc.sql("""
                        insert into billing_payments (org_id, id, payment_number, account_id, claim_id, payment_date,
                            payment_amount, currency, payment_method, reference_number, card_last_4, gateway_provider,
                            gateway_transaction_id, status, journal_entry_id, received_by, posted_at, created_at, updated_at)
                        values (:org, :id, :number, :account, :claim, :date, :amount, :currency, :method, :reference,
                            :last4, :provider, :transaction, 'completed', :entry, :receivedBy, :now, :now, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("number", number)
                .param("account", payment.accountId())
                .param("claim", payment.claimId())
                .param("date", payment.date())
                .param("amount", payment.amount().getAmountMinorLong())
                .param("currency", payment.amount().getCurrencyUnit().getCode())
                .param("method", payment.method().key())
                .param("reference", payment.reference())
                .param("last4", payment.cardLast4())
                .param("provider", payment.gatewayProvider())
                .param("transaction", payment.gatewayTransactionId())
                .param("entry", journalEntryId)
                .param("receivedBy", receivedBy.orElse(null))
                .param("now", Timestamp.from(now))
                .update();
    }

    Optional<Payment> find(UUID id, boolean lock) {
        return jdbc.sql(SELECT + " where id = :id" + (lock ? " for no key update" : ""))
                .param("id", id)
                .query(PaymentRows::payment)
                .optional();
    }

    /** When it was recorded, and by whom; null: by no person. */
    record Posted(Instant at, @Nullable UUID by) {}

    Posted posted(UUID id) {
        return jdbc.sql("select posted_at, received_by from billing_payments where id = :id")
                .param("id", id)
                .query((row, index) ->
                        new Posted(row.getTimestamp("posted_at").toInstant(), optional(row, "received_by")))
                .single();
    }

    Optional<Payment> ofGateway(String provider, String transaction) {
        return jdbc.sql(SELECT + " where gateway_provider = :provider and gateway_transaction_id = :transaction")
                .param("provider", provider)
                .param("transaction", transaction)
                .query(PaymentRows::payment)
                .optional();
    }

    List<Payment> ofAccount(UUID accountId) {
        return jdbc.sql(SELECT + " where account_id = :account order by payment_date desc, id desc limit 500")
                .param("account", accountId)
                .query(PaymentRows::payment)
                .list();
    }

    /**
     * Checks of this number, without leading zeros, and amount, the latest first.
     *
     * @param atDesk whether only those that were recorded by themselves, and not with a check that others booked
     */
    List<Payment> checks(String number, Money amount, boolean atDesk) {
        return jdbc.sql(SELECT + """
                         where payment_method = 'check' and payment_amount = :amount and currency = :currency
                           and ltrim(reference_number, '0') = :number
                           and (not :atDesk or exists (select from accounting_journal_entries e
                                where e.org_id = billing_payments.org_id and e.id = billing_payments.journal_entry_id
                                  and e.source_key = 'payment:' || billing_payments.id))
                         order by id desc limit 20
                        """)
                .param("amount", amount.getAmountMinorLong())
                .param("currency", amount.getCurrencyUnit().getCode())
                .param("number", withoutZeros(number))
                .param("atDesk", atDesk)
                .query(PaymentRows::payment)
                .list();
    }

    private static String withoutZeros(String number) {
        return number.replaceFirst("^0+", "");
    }

    List<Payment> ofClaim(UUID claimId) {
        return jdbc.sql(SELECT + " where claim_id = :claim order by payment_date desc, id desc limit 500")
                .param("claim", claimId)
                .query(PaymentRows::payment)
                .list();
    }

    List<Payment> list(PaymentFilter filter) {
        return jdbc.sql(SELECT + """
                         where (:account::uuid is null or account_id = :account)
                           and (:claim::uuid is null or claim_id = :claim)
                           and (:status::text is null or status = :status)
                           and (:after::uuid is null or id < :after)
                         order by id desc limit :limit
                        """)
                .param("account", filter.accountId())
                .param("claim", filter.claimId())
                .param(
                        "status",
                        filter.status() == null ? null : filter.status().key())
                .param("after", filter.after())
                .param("limit", filter.limit())
                .query(PaymentRows::payment)
                .list();
    }

    void outOf(UUID id, Money refunded, Money disputed, PaymentStatus status, Instant now) {
        jdbc.sql("""
                        update billing_payments
                           set refunded_amount = :refunded, disputed_amount = :disputed, status = :status, updated_at = :now
                         where id = :id
                        """)
                .param("refunded", refunded.getAmountMinorLong())
                .param("disputed", disputed.getAmountMinorLong())
                .param("status", status.key())
                .param("now", Timestamp.from(now))
                .param("id", id)
                .update();
    }

    /** In one currency, by the date of payment; what failed or was taken back did not arrive. */
    Map<LocalDate, Money> receivedPerDay(LocalDate first, LocalDate last, String currency) {
        Map<LocalDate, Money> days = new TreeMap<>();
        jdbc.sql("""
                        select payment_date, sum(payment_amount) as amount from billing_payments
                        where currency = :currency and payment_date between :first and :last
                          and status not in ('pending', 'processing', 'failed', 'returned', 'void')
                        group by payment_date
                        """)
                .param("currency", currency)
                .param("first", first)
                .param("last", last)
                .query(row -> {
                    days.put(
                            row.getObject("payment_date", LocalDate.class),
                            Amounts.ofMinor(row.getLong("amount"), currency));
                });
        return days;
    }

    private static Payment payment(ResultSet row, int index) throws SQLException {
        String currency = row.getString("currency");
        return new Payment(
                required(row, "id"),
                row.getString("payment_number"),
                required(row, "account_id"),
                row.getObject("claim_id", UUID.class),
                row.getObject("payment_date", LocalDate.class),
                Amounts.ofMinor(row.getLong("payment_amount"), currency),
                Amounts.ofMinor(row.getLong("refunded_amount"), currency),
                Amounts.ofMinor(row.getLong("disputed_amount"), currency),
                PaymentMethod.ofKey(row.getString("payment_method")),
                PaymentStatus.ofKey(row.getString("status")),
                row.getString("reference_number"),
                row.getString("card_last_4"),
                row.getString("gateway_provider"),
                row.getString("gateway_transaction_id"),
                optional(row, "journal_entry_id"));
    }

    private static UUID required(ResultSet row, String column) throws SQLException {
        return row.getObject(column, UUID.class);
    }

    private static @Nullable UUID optional(ResultSet row, String column) throws SQLException {
        return row.getObject(column, UUID.class);
    }
}

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
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code billing_invoices} and {@code billing_invoice_lines}. */
@Repository
class InvoiceRows {

    private static final String OPEN = "('sent', 'viewed', 'partial')";

    private final JdbcClient jdbc;
    private final Clock clock;

    InvoiceRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    void insert(Invoice invoice, List<NewInvoice.Line> lines) {
        jdbc.sql("""
                        insert into billing_invoices (org_id, id, invoice_number, invoice_type, account_id, encounter_id,
                            care_setting, invoice_date, due_date, service_date_from, service_date_to, currency, total_amount,
                            amount_due, status, payment_terms, notes, generated_by, created_at, updated_at)
                        values (:org, :id, :number, :type, :account, :encounter, :setting, :date, :dueDate, :from, :to,
                            :currency, :total, :total, 'draft', :terms, :notes, :by, :now, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", invoice.id())
                .param("number", invoice.number())
                .param("type", invoice.type().key())
                .param("account", invoice.accountId())
                .param("encounter", invoice.encounterId())
                .param("setting", invoice.setting().key())
                .param("date", invoice.invoiceDate())
                .param("dueDate", invoice.dueDate())
                .param("from", invoice.serviceFrom())
                .param("to", invoice.serviceTo())
                .param("currency", invoice.total().getCurrencyUnit().getCode())
                .param("total", invoice.total().getAmountMinorLong())
                .param("terms", invoice.paymentTerms())
                .param("notes", invoice.notes())
                .param("by", CurrentUser.find().map(UserId::value).orElse(null), Types.OTHER)
                .param("now", now())
                .update();
        insertLines(invoice.id(), lines);
    }

    /** @return false if the draft has another version by now */
    boolean update(Invoice invoice, List<NewInvoice.Line> lines) {
        int changed = jdbc.sql("""
                        update billing_invoices set invoice_type = :type, encounter_id = :encounter, care_setting = :setting,
                            invoice_date = :date, due_date = :dueDate, service_date_from = :from, service_date_to = :to,
                            total_amount = :total, amount_due = :total, payment_terms = :terms, notes = :notes,
                            version = version + 1, updated_at = :now
                        where id = :id and status = 'draft' and version = :version
                        """)
                .param("id", invoice.id())
                .param("version", invoice.version())
                .param("type", invoice.type().key())
                .param("encounter", invoice.encounterId())
                .param("setting", invoice.setting().key())
                .param("date", invoice.invoiceDate())
                .param("dueDate", invoice.dueDate())
                .param("from", invoice.serviceFrom())
                .param("to", invoice.serviceTo())
                .param("total", invoice.total().getAmountMinorLong())
                .param("terms", invoice.paymentTerms())
                .param("notes", invoice.notes())
                .param("now", now())
                .update();
        if (changed == 1) {
            jdbc.sql("delete from billing_invoice_lines where invoice_id = :id")
                    .param("id", invoice.id())
                    .update();
            insertLines(invoice.id(), lines);
        }
        return changed == 1;
    }

    void sent(UUID id, String method, @Nullable UUID journalEntryId) {
        jdbc.sql("""
                        update billing_invoices set status = 'sent', sent_at = :now, sent_method = :method,
                            journal_entry_id = :entry, updated_at = :now
                        where id = :id
                        """)
                .param("id", id)
                .param("method", method)
                .param("entry", journalEntryId, Types.OTHER)
                .param("now", now())
                .update();
    }

    void viewed(UUID id) {
        jdbc.sql("""
                        update billing_invoices set viewed_at = :now, updated_at = :now,
                            status = case when status = 'sent' then 'viewed' else status end
                        where id = :id
                        """).param("id", id).param("now", now()).update();
    }

    void voided(UUID id, String reason) {
        jdbc.sql("""
                        update billing_invoices set status = 'void', amount_due = 0, void_reason = :reason, updated_at = :now
                        where id = :id
                        """)
                .param("id", id)
                .param("reason", reason)
                .param("now", now())
                .update();
    }

    /**
     * Of a locked invoice; negative: less is credited than before.
     *
     * @param end what it is when nothing is due any more
     */
    void credited(UUID id, Money amount, InvoiceStatus end) {
        jdbc.sql("""
                        update billing_invoices set adjustment_amount = adjustment_amount + :amount,
                            amount_due = amount_due - :amount,
                            status = case when amount_due - :amount = 0 then :end
                                          when amount_paid + adjustment_amount + :amount > 0 then 'partial'
                                          when viewed_at is not null then 'viewed'
                                          else 'sent' end,
                            paid_at = case when amount_due - :amount = 0 and :end = 'paid'
                                           then cast(:now as timestamptz) end,
                            updated_at = :now
                        where id = :id
                        """)
                .param("id", id)
                .param("end", end.key())
                .param("amount", amount.getAmountMinorLong())
                .param("now", now())
                .update();
    }

    /** Of a locked invoice; negative: less is paid than before. */
    void paid(UUID id, Money amount) {
        jdbc.sql("""
                        update billing_invoices set amount_paid = amount_paid + :amount, amount_due = amount_due - :amount,
                            status = case when amount_due - :amount = 0 then 'paid'
                                          when amount_paid + adjustment_amount + :amount > 0 then 'partial'
                                          when viewed_at is not null then 'viewed'
                                          else 'sent' end,
                            paid_at = case when amount_due - :amount = 0 then cast(:now as timestamptz) end,
                            updated_at = :now
                        where id = :id
                        """)
                .param("id", id)
                .param("amount", amount.getAmountMinorLong())
                .param("now", now())
                .update();
    }

    /**
     * What is due, in the order of ids.
     *
     * @param accounts null: whatever facilities owe
     * @param lock whether only the caller changes the rows until the transaction ends
     */
    List<Invoice> open(@Nullable Collection<UUID> accounts, boolean lock, int limit) {
        if (accounts != null && accounts.isEmpty()) {
            return List.of();
        }
        String whose = accounts == null ? "invoice_type = 'institutional'" : "account_id in (:accounts)";
        return jdbc.sql(
                        "select * from billing_invoices where status in %s and amount_due > 0 and %s order by id limit :limit%s"
                                .formatted(OPEN, whose, lock ? " for no key update" : ""))
                .param("accounts", accounts)
                .param("limit", limit)
                .query(InvoiceRows::invoice)
                .list();
    }

    Optional<Invoice> find(UUID id) {
        return one("id = :id", id);
    }

    /** Only its holder changes the row until the transaction ends. */
    Optional<Invoice> lock(UUID id) {
        return one("id = :id for no key update", id);
    }

    List<Invoice.Line> lines(UUID id) {
        return jdbc.sql("select * from billing_invoice_lines where invoice_id = :id order by line_number")
                .param("id", id)
                .query((row, index) -> new Invoice.Line(
                        row.getInt("line_number"),
                        row.getObject("service_date", LocalDate.class),
                        row.getString("description"),
                        row.getString("cpt_code"),
                        row.getInt("quantity"),
                        Amounts.ofMinor(row.getLong("unit_price"), row.getString("currency")),
                        Amounts.ofMinor(row.getLong("line_total"), row.getString("currency")),
                        row.getObject("claim_id", UUID.class)))
                .list();
    }

    /**
     * What of the patient's share of a claim other invoices bill already, void ones aside. A payment reduces the share
     * itself, what was written off is not billed once more.
     */
    long billedOfClaim(UUID claimId, UUID exceptInvoice) {
        return jdbc.sql("""
                        select coalesce(sum(line.line_total), 0)::bigint
                        from billing_invoice_lines line
                        join billing_invoices invoice on invoice.org_id = line.org_id and invoice.id = line.invoice_id
                        where line.claim_id = :claim and invoice.id <> :except and invoice.status in ('draft', 'sent', 'viewed', 'partial', 'written_off')
                        """)
                .param("claim", claimId)
                .param("except", exceptInvoice)
                .query(Long.class)
                .single();
    }

    List<Invoice> list(InvoiceFilter filter, LocalDate today) {
        var status = filter.status();
        boolean overdue = status == InvoiceStatus.OVERDUE;
        return jdbc.sql("""
                        select * from billing_invoices
                        where (:status::text is null or status = :status)
                          and (not :overdue or (status in %1$s and due_date < :today))
                          and (not :open or status in %1$s)
                          and (:account::uuid is null or account_id = :account)
                          and (:after::uuid is null or id < :after)
                        order by id desc limit :limit
                        """.formatted(OPEN))
                .param("status", status == null || overdue ? null : status.key())
                .param("overdue", overdue)
                .param("today", today)
                .param("open", filter.openOnly())
                .param("account", filter.accountId())
                .param("after", filter.after())
                .param("limit", filter.limit())
                .query(InvoiceRows::invoice)
                .list();
    }

    List<InvoiceTotal> totals(LocalDate today) {
        return jdbc.sql("""
                        select case when status in %s and due_date < :today then 'overdue' else status end as shown, currency,
                               count(*) as invoices, sum(amount_due) as due
                        from billing_invoices group by shown, currency order by shown
                        """.formatted(OPEN))
                .param("today", today)
                .query((row, index) -> new InvoiceTotal(
                        InvoiceStatus.ofKey(row.getString("shown")).orElseThrow(),
                        row.getLong("invoices"),
                        Amounts.ofMinor(row.getLong("due"), row.getString("currency"))))
                .list();
    }

    private void insertLines(UUID invoice, List<NewInvoice.Line> lines) {
        int number = 1;
        for (NewInvoice.Line line : lines) {
            jdbc.sql("""
                            insert into billing_invoice_lines (org_id, id, invoice_id, line_number, service_date, description,
                                cpt_code, quantity, unit_price, line_total, currency, claim_id)
                            values (:org, :id, :invoice, :number, :date, :description, :cpt, :quantity, :price, :total,
                                :currency, :claim)
                            """)
                    .param("org", CurrentOrganization.id().value())
                    .param("id", Ids.next())
                    .param("invoice", invoice)
                    .param("number", number++)
                    .param("date", line.serviceDate())
                    .param("description", line.description())
                    .param("cpt", line.cptCode())
                    .param("quantity", line.quantity())
                    .param("price", line.unitPrice().getAmountMinorLong())
                    .param("total", line.total().getAmountMinorLong())
                    .param("currency", line.unitPrice().getCurrencyUnit().getCode())
                    .param("claim", line.claimId(), Types.OTHER)
                    .update();
        }
    }

    private Optional<Invoice> one(String condition, UUID id) {
        return jdbc.sql("select * from billing_invoices where " + condition)
                .param("id", id)
                .query(InvoiceRows::invoice)
                .optional();
    }

    private static Invoice invoice(ResultSet row, int index) throws SQLException {
        String currency = row.getString("currency");
        return new Invoice(
                row.getObject("id", UUID.class),
                row.getString("invoice_number"),
                InvoiceType.ofKey(row.getString("invoice_type")).orElseThrow(),
                row.getObject("account_id", UUID.class),
                row.getString("encounter_id"),
                InvoiceSetting.ofKey(row.getString("care_setting")).orElseThrow(),
                row.getObject("invoice_date", LocalDate.class),
                row.getObject("due_date", LocalDate.class),
                row.getObject("service_date_from", LocalDate.class),
                row.getObject("service_date_to", LocalDate.class),
                Amounts.ofMinor(row.getLong("total_amount"), currency),
                Amounts.ofMinor(row.getLong("amount_paid"), currency),
                Amounts.ofMinor(row.getLong("adjustment_amount"), currency),
                Amounts.ofMinor(row.getLong("amount_due"), currency),
                InvoiceStatus.ofKey(row.getString("status")).orElseThrow(),
                instant(row, "sent_at"),
                row.getString("sent_method"),
                instant(row, "viewed_at"),
                instant(row, "paid_at"),
                row.getString("void_reason"),
                row.getString("payment_terms"),
                row.getString("notes"),
                row.getObject("journal_entry_id", UUID.class),
                row.getInt("version"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }
}

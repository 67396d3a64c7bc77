package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Receipts of the bank and the settlements they count for, as rows. */
@Component
class CashRows {

    private final JdbcClient jdbc;

    CashRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** In one currency, by the day the bank had it. */
    Map<LocalDate, Money> receivedPerDay(LocalDate first, LocalDate last, String currency) {
        Map<LocalDate, Money> days = new TreeMap<>();
        jdbc.sql("""
                        select bank_date, sum(amount) as amount from billing_bank_receipts
                        where org_id = :org and state = 'received' and currency = :currency
                          and bank_date between :first and :last
                        group by bank_date
                        """)
                .param("org", organization())
                .param("currency", currency)
                .param("first", first)
                .param("last", last)
                .query(row -> {
                    days.put(
                            row.getObject("bank_date", LocalDate.class),
                            Amounts.ofMinor(row.getLong("amount"), currency));
                });
        return days;
    }

    void insert(CashReceipt receipt) {
        jdbc.sql("""
                        insert into billing_bank_receipts (org_id, id, receipt_number, kind, source, source_key, trace_number,
                            trace_key, payer_identifier, payer_hint, amount, fee_amount, currency, bank_date, state, corrects,
                            recorded_by, recorded_at)
                        values (:org, :id, :number, :kind, :source, :sourceKey, :trace, :traceKey, :payer, :hint, :amount, :fee,
                            :currency, :bankDate, 'received', :corrects, :by, :at)
                        """)
                .param("org", organization())
                .param("id", receipt.id())
                .param("number", receipt.number())
                .param("kind", receipt.kind().key())
                .param("source", receipt.byHand() ? "hand" : "bank")
                .param("sourceKey", receipt.sourceKey(), Types.VARCHAR)
                .param("trace", receipt.traceNumber())
                .param("traceKey", TraceKey.of(receipt.traceNumber()))
                .param("payer", receipt.payerIdentifier())
                .param("hint", receipt.payerHint())
                .param("amount", receipt.amount().getAmountMinorLong())
                .param("fee", receipt.fee().getAmountMinorLong())
                .param("currency", receipt.amount().getCurrencyUnit().getCode())
                .param("bankDate", receipt.bankDate())
                .param("corrects", receipt.corrects(), Types.OTHER)
                .param("by", receipt.recordedBy(), Types.OTHER)
                .param("at", Timestamp.from(receipt.recordedAt()))
                .update();
    }

    CashReceipt get(UUID id) {
        return jdbc.sql("select * from billing_bank_receipts where org_id = :org and id = :id")
                .param("org", organization())
                .param("id", id)
                .query(CashRows::receipt)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("this receipt"));
    }

    Optional<CashReceipt> ofBankLine(String sourceKey) {
        return jdbc.sql("select * from billing_bank_receipts where org_id = :org and source_key = :key")
                .param("org", organization())
                .param("key", sourceKey)
                .query(CashRows::receipt)
                .optional();
    }

    /**
     * The same money, recorded by a person: same trace number, amount and day, and no other payer. Money that a bank line
     * confirmed is the same as a later entry by hand, but never as another bank line.
     */
    Optional<CashReceipt> sameMoney(CashEvidence cash) {
        return jdbc.sql("""
                        select * from billing_bank_receipts
                        where org_id = :org and state = 'received' and trace_key = :traceKey and trace_key <> ''
                          and amount = :amount and currency = :currency and bank_date = :bankDate
                          and (payer_identifier = :payer or payer_identifier = '' or :payer = '')
                          and (:byHand or source_key is null)
                        order by recorded_at limit 1
                        """)
                .param("org", organization())
                .param("traceKey", TraceKey.of(cash.traceNumber()))
                .param("amount", cash.amount().getAmountMinorLong())
                .param("currency", cash.amount().getCurrencyUnit().getCode())
                .param("bankDate", cash.bankDate())
                .param("payer", cash.payerIdentifier())
                .param("byHand", cash.byHand())
                .query(CashRows::receipt)
                .optional();
    }

    void confirmed(UUID id, String sourceKey) {
        jdbc.sql("update billing_bank_receipts set source_key = :key where org_id = :org and id = :id")
                .param("key", sourceKey)
                .param("org", organization())
                .param("id", id)
                .update();
    }

    void booked(UUID id, UUID journalEntryId) {
        jdbc.sql("update billing_bank_receipts set journal_entry_id = :entry where org_id = :org and id = :id")
                .param("entry", journalEntryId)
                .param("org", organization())
                .param("id", id)
                .update();
    }

    void card(UUID id, long feeMinor) {
        jdbc.sql("update billing_bank_receipts set kind = 'card', fee_amount = :fee where org_id = :org and id = :id")
                .param("fee", feeMinor)
                .param("org", organization())
                .param("id", id)
                .update();
    }

    void noLongerCounts(UUID id, CashReceipt.State state, String reason) {
        jdbc.sql("""
                        update billing_bank_receipts set state = :state, reason = :reason where org_id = :org and id = :id
                        """)
                .param("state", state.name().toLowerCase(Locale.ROOT))
                .param("reason", reason)
                .param("org", organization())
                .param("id", id)
                .update();
        jdbc.sql("delete from billing_settlement_receipts where org_id = :org and receipt_id = :id")
                .param("org", organization())
                .param("id", id)
                .update();
    }

    /** Negative takes away; a part of nothing is no part. */
    void addPart(
            UUID receiptId,
            UUID settlementId,
            long amountMinor,
            String rule,
            String evidence,
            @Nullable UUID person,
            Instant at) {
        int removed = amountMinor >= 0
                ? 0
                : jdbc.sql("""
                                delete from billing_settlement_receipts
                                where org_id = :org and receipt_id = :receipt and settlement_id = :settlement
                                  and amount = -:amount
                                """)
                        .param("org", organization())
                        .param("receipt", receiptId)
                        .param("settlement", settlementId)
                        .param("amount", amountMinor)
                        .update();
        if (removed == 1) {
            return;
        }
        jdbc.sql("""
                        insert into billing_settlement_receipts as p (org_id, receipt_id, settlement_id, amount, rule, evidence,
                            decided_by, matched_at)
                        values (:org, :receipt, :settlement, abs(:amount), :rule, :evidence, :person, :at)
                        on conflict (org_id, receipt_id, settlement_id) do update
                            set amount = p.amount + :amount, rule = :rule, evidence = :evidence, decided_by = :person
                        """)
                .param("org", organization())
                .param("receipt", receiptId)
                .param("settlement", settlementId)
                .param("amount", amountMinor)
                .param("rule", rule)
                .param("evidence", evidence)
                .param("person", person, Types.OTHER)
                .param("at", Timestamp.from(at))
                .update();
    }

    List<CashReceipt.Part> partsOf(UUID settlementId) {
        return parts("p.settlement_id", settlementId);
    }

    List<CashReceipt.Part> partsOfReceipt(UUID receiptId) {
        return parts("p.receipt_id", receiptId);
    }

    private List<CashReceipt.Part> parts(String column, UUID id) {
        return jdbc.sql("""
                        select b.*, p.settlement_id, p.amount as part_amount, p.rule, p.evidence
                        from billing_settlement_receipts p
                        join billing_bank_receipts b on b.org_id = p.org_id and b.id = p.receipt_id
                        where p.org_id = :org and %s = :id order by b.bank_date, b.id, p.settlement_id
                        """.formatted(column))
                .param("org", organization())
                .param("id", id)
                .query((row, number) -> new CashReceipt.Part(
                        receipt(row, number),
                        row.getObject("settlement_id", UUID.class),
                        Amounts.ofMinor(row.getLong("part_amount"), row.getString("currency")),
                        row.getString("rule"),
                        row.getString("evidence")))
                .list();
    }

    private static CashReceipt receipt(ResultSet row, int number) throws SQLException {
        String currency = row.getString("currency");
        return new CashReceipt(
                row.getObject("id", UUID.class),
                row.getString("receipt_number"),
                CashKind.ofKey(row.getString("kind")),
                row.getString("source").equals("hand"),
                row.getString("source_key"),
                row.getString("trace_number"),
                row.getString("payer_identifier"),
                row.getString("payer_hint"),
                Amounts.ofMinor(row.getLong("amount"), currency),
                Amounts.ofMinor(row.getLong("fee_amount"), currency),
                row.getObject("bank_date", LocalDate.class),
                CashReceipt.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getObject("corrects", UUID.class),
                row.getString("reason"),
                row.getObject("journal_entry_id", UUID.class),
                row.getObject("recorded_by", UUID.class),
                row.getTimestamp("recorded_at").toInstant());
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}

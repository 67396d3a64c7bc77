package io.remitflow.payments;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.StandardAccount;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code billing_bank_deposits} and {@code billing_bank_deposit_items}. */
@Repository
class DepositRows {

    private static final String SELECT = """
            select * from (
                select d.*, b.account_name, b.account_last4,
                       case when d.status = 'verified' then coalesce(r.balance, 0) else 0 end as open,
                       case when d.status = 'verified' and coalesce(r.balance, 0) = 0 then 'credited' else d.status end as stands
                from billing_bank_deposits d
                join accounting_bank_accounts b on b.org_id = d.org_id and b.id = d.bank_account_id
                join accounting_chart_of_accounts a on a.org_id = d.org_id and a.account_code = :code
                left join accounting_clearing_references r on r.org_id = d.org_id and r.account_id = a.id
                     and r.reference_kind = 'deposit' and r.reference_value = d.deposit_number) deposit
            """;

    private final JdbcClient jdbc;
    private final Clock clock;

    DepositRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** @throws org.springframework.dao.DuplicateKeyException if one of the receipts is in another deposit */
    void insert(
            UUID id,
            String number,
            Deposits.NewDeposit deposit,
            List<UndepositedReceipt> receipts,
            Money amount,
            UUID preparedBy) {
        jdbc.sql("""
                        insert into billing_bank_deposits (org_id, id, deposit_number, deposit_method, bank_account_id,
                            deposit_date, slip_number, amount, currency, item_count, status, prepared_by, prepared_at)
                        values (:org, :id, :number, :method, :account, :date, :slip, :amount, :currency, :count, 'prepared',
                            :by, :now)
                        """)
                .param("org", org())
                .param("id", id)
                .param("number", number)
                .param("method", deposit.method().key())
                .param("account", deposit.bankAccountId())
                .param("date", deposit.date())
                .param("slip", deposit.slipNumber(), Types.VARCHAR)
                .param("amount", amount.getAmountMinorLong())
                .param("currency", amount.getCurrencyUnit().getCode())
                .param("count", receipts.size())
                .param("by", preparedBy)
                .param("now", now())
                .update();
        int line = 0;
        for (UndepositedReceipt receipt : receipts) {
            line++;
            jdbc.sql("""
                            insert into billing_bank_deposit_items (org_id, deposit_id, line_number, receipt_kind, receipt_id,
                                receipt_number, paper_number, reference_kind, reference_value, received_on, amount, currency)
                            values (:org, :deposit, :line, :kind, :receipt, :number, :paper, :referenceKind, :referenceValue,
                                :received, :amount, :currency)
                            """)
                    .param("org", org())
                    .param("deposit", id)
                    .param("line", line)
                    .param("kind", receipt.kind())
                    .param("receipt", receipt.id())
                    .param("number", receipt.number())
                    .param("paper", receipt.paperNumber(), Types.VARCHAR)
                    .param("referenceKind", receipt.reference().kind())
                    .param("referenceValue", receipt.reference().value())
                    .param("received", receipt.receivedOn())
                    .param("amount", receipt.amount().getAmountMinorLong())
                    .param("currency", receipt.amount().getCurrencyUnit().getCode())
                    .update();
        }
    }

    Optional<Deposit> find(UUID id) {
        return jdbc.sql(SELECT + " where id = :id")
                .param("code", StandardAccount.UNDEPOSITED_CHECKS.code())
                .param("id", id)
                .query(DepositRows::deposit)
                .optional();
    }

    /** The row stays locked until the transaction ends. */
    Optional<Deposit> lock(UUID id) {
        return jdbc.sql("select id from billing_bank_deposits where id = :id for no key update")
                .param("id", id)
                .query(UUID.class)
                .optional()
                .flatMap(this::find);
    }

    List<Deposit> list(DepositFilter filter) {
        DepositStatus status = filter.status();
        return jdbc.sql(SELECT + """
                         where (:status::text is null or stands = :status) and (:after::uuid is null or id < :after)
                         order by id desc limit :limit
                        """)
                .param("code", StandardAccount.UNDEPOSITED_CHECKS.code())
                .param("status", status == null ? null : status.key(), Types.VARCHAR)
                .param("after", filter.after(), Types.OTHER)
                .param("limit", filter.limit())
                .query(DepositRows::deposit)
                .list();
    }

    /** All that the bank has to credit yet, oldest first. */
    List<Deposit> onTheWay() {
        return jdbc.sql(SELECT + " where stands = 'verified' order by deposit_date, id")
                .param("code", StandardAccount.UNDEPOSITED_CHECKS.code())
                .query(DepositRows::deposit)
                .list();
    }

    List<Deposit.Item> items(UUID depositId) {
        return jdbc.sql("select * from billing_bank_deposit_items where deposit_id = :deposit order by line_number")
                .param("deposit", depositId)
                .query((row, index) -> new Deposit.Item(
                        row.getInt("line_number"),
                        row.getString("receipt_kind"),
                        row.getObject("receipt_id", UUID.class),
                        row.getString("receipt_number"),
                        row.getString("paper_number"),
                        new ClearingReference(row.getString("reference_kind"), row.getString("reference_value")),
                        row.getObject("received_on", LocalDate.class),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency"))))
                .list();
    }

    /** The keys of receipts that are in a deposit which nobody cancelled. */
    Set<String> taken(List<UndepositedReceipt> receipts) {
        return jdbc
                .sql("""
                        select receipt_kind, receipt_id from billing_bank_deposit_items
                        where not released and receipt_id = any(:ids)
                        """)
                .param("ids", receipts.stream().map(UndepositedReceipt::id).toArray(UUID[]::new))
                .query((row, index) -> row.getString("receipt_kind") + ":" + row.getObject("receipt_id", UUID.class))
                .list()
                .stream()
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The last deposit in which it is or was. */
    Optional<Deposit> ofReceipt(String kind, UUID receiptId) {
        return jdbc.sql(SELECT + """
                         where id = (select i.deposit_id from billing_bank_deposit_items i
                                     where i.receipt_kind = :kind and i.receipt_id = :receipt
                                     order by i.released, i.deposit_id desc limit 1)
                        """)
                .param("code", StandardAccount.UNDEPOSITED_CHECKS.code())
                .param("kind", kind)
                .param("receipt", receiptId)
                .query(DepositRows::deposit)
                .optional();
    }

    void verified(UUID id, UUID by, UUID journalEntryId) {
        jdbc.sql("""
                        update billing_bank_deposits set status = 'verified', verified_by = :by, verified_at = :now,
                            journal_entry_id = :entry, version = version + 1
                        where id = :id
                        """)
                .param("id", id)
                .param("by", by)
                .param("now", now())
                .param("entry", journalEntryId)
                .update();
    }

    void cancelled(UUID id, UUID by, String reason) {
        jdbc.sql("""
                        update billing_bank_deposits set status = 'cancelled', cancelled_by = :by, cancelled_at = :now,
                            cancel_reason = :reason, version = version + 1
                        where id = :id
                        """)
                .param("id", id)
                .param("by", by)
                .param("now", now())
                .param("reason", reason)
                .update();
        jdbc.sql("update billing_bank_deposit_items set released = true where deposit_id = :id")
                .param("id", id)
                .update();
    }

    private static Deposit deposit(ResultSet row, int index) throws SQLException {
        String currency = row.getString("currency");
        return new Deposit(
                row.getObject("id", UUID.class),
                row.getString("deposit_number"),
                DepositMethod.ofKey(row.getString("deposit_method")).orElseThrow(),
                DepositStatus.ofKey(row.getString("stands")).orElseThrow(),
                row.getObject("bank_account_id", UUID.class),
                row.getString("account_name"),
                row.getString("account_last4"),
                row.getObject("deposit_date", LocalDate.class),
                row.getString("slip_number"),
                Amounts.ofMinor(row.getLong("amount"), currency),
                row.getInt("item_count"),
                Amounts.ofMinor(row.getLong("open"), currency),
                row.getObject("prepared_by", UUID.class),
                Objects.requireNonNull(instant(row, "prepared_at")),
                row.getObject("verified_by", UUID.class),
                instant(row, "verified_at"),
                row.getObject("journal_entry_id", UUID.class),
                row.getObject("cancelled_by", UUID.class),
                instant(row, "cancelled_at"),
                row.getString("cancel_reason"),
                row.getInt("version"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    private static UUID org() {
        return CurrentOrganization.id().value();
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }
}

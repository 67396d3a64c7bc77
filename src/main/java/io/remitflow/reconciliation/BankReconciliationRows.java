package io.remitflow.reconciliation;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Rows of bank reconciliations, of what was open when they were completed, and of decisions about lines in suspense. */
@Repository
class BankReconciliationRows {

    private static final String SELECT = """
            select r.*, a.account_name, a.account_last4 from accounting_bank_reconciliation r
            join accounting_bank_accounts a on a.org_id = r.org_id and a.id = r.bank_account_id
            where r.org_id = :org
            """;

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;

    BankReconciliationRows(JdbcClient jdbc, JdbcTemplate batches) {
        this.jdbc = jdbc;
        this.batches = batches;
    }

    /** Periods of an account are begun and completed one after the other. */
    void lockAccount(UUID accountId) {
        boolean found = jdbc.sql(
                        "select id from accounting_bank_accounts where org_id = :org and id = :id for no key update")
                .param("org", organization())
                .param("id", accountId)
                .query(UUID.class)
                .optional()
                .isPresent();
        if (!found) {
            throw RuleViolation.notFound("the bank account");
        }
    }

    void insert(UUID id, String number, BankFigures figures, UserId by, Instant now) {
        jdbc.sql("""
                        insert into accounting_bank_reconciliation (org_id, id, reconciliation_number, bank_account_id,
                            period_start, period_end, currency, opening_balance, closing_balance, statement_balance,
                            book_balance, difference, status, started_by, started_at, updated_at)
                        values (:org, :id, :number, :account, :start, :end, :currency, :opening, :statement, :statement, :book,
                            :difference, 'in_progress', :by, :now, :now)
                        """)
                .param("org", organization())
                .param("id", id)
                .param("number", number)
                .param("account", figures.account().id())
                .param("start", figures.start())
                .param("end", figures.end())
                .param("currency", figures.account().currency())
                .param("opening", figures.opening().statement().getAmountMinorLong())
                .param("statement", figures.closing().statement().getAmountMinorLong())
                .param("book", figures.closing().book().getAmountMinorLong())
                .param("difference", figures.difference().getAmountMinorLong())
                .param("by", by.value())
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .update();
    }

    Optional<BankReconciliation> find(UUID id) {
        return jdbc.sql(SELECT + " and r.id = :id")
                .param("org", organization())
                .param("id", id)
                .query(BankReconciliationRows::row)
                .optional();
    }

    BankReconciliation get(UUID id) {
        return find(id).orElseThrow(() -> RuleViolation.notFound("the bank reconciliation"));
    }

    BankReconciliation lock(UUID id) {
        return jdbc.sql(SELECT + " and r.id = :id for no key update of r")
                .param("org", organization())
                .param("id", id)
                .query(BankReconciliationRows::row)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("the bank reconciliation"));
    }

    /** Latest period first. */
    List<BankReconciliation> list(@Nullable UUID accountId, @Nullable UUID after, int limit) {
        return jdbc.sql(SELECT + """
                         and (:account::uuid is null or r.bank_account_id = :account::uuid)
                         and (:after::uuid is null or (r.period_end, r.id) <
                             (select x.period_end, x.id from accounting_bank_reconciliation x where x.org_id = :org and x.id = :after::uuid))
                         order by r.period_end desc, r.id desc limit :limit
                        """)
                .param("org", organization())
                .param("account", accountId, Types.OTHER)
                .param("after", after, Types.OTHER)
                .param("limit", limit)
                .query(BankReconciliationRows::row)
                .list();
    }

    /** The periods of an account, oldest first. */
    List<BankReconciliation> ofAccount(UUID accountId) {
        return jdbc.sql(SELECT + " and r.bank_account_id = :account order by r.period_start")
                .param("org", organization())
                .param("account", accountId)
                .query(BankReconciliationRows::row)
                .list();
    }

    int waiting() {
        return jdbc.sql(
                        "select count(*) from accounting_bank_reconciliation where org_id = :org and status <> 'completed'")
                .param("org", organization())
                .query(Integer.class)
                .single();
    }

    void completed(UUID id, int version, BankFigures figures, UserId by, Instant now, @Nullable String notes) {
        jdbc.sql("""
                        update accounting_bank_reconciliation
                           set status = 'balanced', version = :version, opening_balance = :opening, closing_balance = :statement,
                               statement_balance = :statement, book_balance = :book, difference = :difference,
                               reconciled_by = :by, reconciled_at = :now, refusal_reason = null, notes = :notes, updated_at = :now
                         where org_id = :org and id = :id
                        """)
                .param("org", organization())
                .param("id", id)
                .param("version", version)
                .param("opening", figures.opening().statement().getAmountMinorLong())
                .param("statement", figures.closing().statement().getAmountMinorLong())
                .param("book", figures.closing().book().getAmountMinorLong())
                .param("difference", figures.difference().getAmountMinorLong())
                .param("by", by.value())
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .param("notes", notes, Types.VARCHAR)
                .update();
        insertItems(id, version, figures.closing());
    }

    private void insertItems(UUID id, int version, BankBalances closing) {
        List<Object[]> rows = new ArrayList<>();
        for (BankItem item : closing.items()) {
            if (item.kind() != BankItem.Kind.MISMATCH) {
                rows.add(new Object[] {
                    organization(),
                    id,
                    version,
                    rows.size() + 1,
                    itemType(item),
                    java.sql.Date.valueOf(item.on()),
                    (item.reference() + " " + item.words()).strip(),
                    referenceType(item),
                    item.id(),
                    item.amount().getAmountMinorLong(),
                    item.note()
                });
            }
        }
        batches.batchUpdate("""
                insert into accounting_reconciliation_items (org_id, reconciliation_id, version, position, item_type,
                    transaction_date, description, reference_type, reference_id, amount, notes)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, rows);
    }

    private static String itemType(BankItem item) {
        return switch (item.kind()) {
            case DEPOSIT_IN_TRANSIT -> "outstanding_deposit";
            case OUTSTANDING -> "outstanding_check";
            case BANK_ERROR -> "bank_error";
            case UNBOOKED, MISMATCH -> "adjustment";
        };
    }

    private static String referenceType(BankItem item) {
        return switch (item.kind()) {
            case UNBOOKED, BANK_ERROR -> "bank-line";
            default -> item.entryId() == null ? "clearing-reference" : "journal-entry";
        };
    }

    /** Still to be worked on. */
    void notCompleted(UUID id, BankReconciliation.Status status, String reason, Instant now) {
        jdbc.sql("""
                        update accounting_bank_reconciliation
                           set status = :status, refusal_reason = :reason, approved_by = null, approved_at = null, updated_at = :now
                         where org_id = :org and id = :id
                        """)
                .param("org", organization())
                .param("id", id)
                .param("status", status.key())
                .param("reason", reason)
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .update();
    }

    void refused(UUID id, @Nullable String reason) {
        jdbc.sql("update accounting_bank_reconciliation set refusal_reason = :reason where org_id = :org and id = :id")
                .param("org", organization())
                .param("id", id)
                .param("reason", reason, Types.VARCHAR)
                .update();
    }

    void approved(UUID id, UserId by, Instant now) {
        jdbc.sql("""
                        update accounting_bank_reconciliation
                           set status = 'completed', approved_by = :by, approved_at = :now, refusal_reason = null, updated_at = :now
                         where org_id = :org and id = :id
                        """)
                .param("org", organization())
                .param("id", id)
                .param("by", by.value())
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .update();
    }

    void nextRound(UUID id, Instant now) {
        jdbc.sql("""
                        update accounting_bank_reconciliation
                           set status = 'in_progress', round = round + 1, approved_by = null, approved_at = null,
                               refusal_reason = null, updated_at = :now
                         where org_id = :org and id = :id
                        """)
                .param("org", organization())
                .param("id", id)
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .update();
    }

    void insertDecision(
            BankReconciliation reconciliation, UUID lineId, String decision, String reason, UserId by, Instant now) {
        jdbc.sql("""
                        insert into accounting_bank_exceptions (org_id, id, bank_account_id, reconciliation_id, line_id, decision,
                            reason, decided_by, decided_at)
                        values (:org, :id, :account, :reconciliation, :line, :decision, :reason, :by, :now)
                        """)
                .param("org", organization())
                .param("id", Ids.next())
                .param("account", reconciliation.bankAccountId())
                .param("reconciliation", reconciliation.id())
                .param("line", lineId)
                .param("decision", decision)
                .param("reason", reason)
                .param("by", by.value())
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .update();
    }

    /**
     * Who had a hand in lines of the period: matched, booked, undid, declined or decided about one. In older lines, which were
     * carried into it, since the period before was completed.
     */
    Set<UserId> workers(BankReconciliation reconciliation) {
        return Set.copyOf(jdbc.sql("""
                        with line as (
                            select id, booked_on >= :start as of_period from accounting_bank_lines
                             where org_id = :org and bank_account_id = :account and booked_on <= :end
                        ),
                        before as (
                            select coalesce(max(reconciled_at), '-infinity') as completed from accounting_bank_reconciliation
                             where org_id = :org and bank_account_id = :account and period_end < :start
                        ),
                        hand as (
                            select x.line_id, x.decided_by as person, x.decided_at as at from accounting_bank_exceptions x
                             where x.org_id = :org and x.bank_account_id = :account
                            union all
                            select p.part_id, m.decided_by, m.decided_at from accounting_bank_matches m
                              join accounting_bank_match_parts p on p.org_id = m.org_id and p.match_id = m.id and p.side = 'line'
                             where m.org_id = :org and m.decided_by is not null
                            union all
                            select p.part_id, m.undone_by, m.undone_at from accounting_bank_matches m
                              join accounting_bank_match_parts p on p.org_id = m.org_id and p.match_id = m.id and p.side = 'line'
                             where m.org_id = :org and m.undone_by is not null
                        )
                        select distinct h.person from hand h
                        join line l on l.id = h.line_id
                        cross join before b
                        where l.of_period or h.at > b.completed
                        """)
                .param("org", organization())
                .param("account", reconciliation.bankAccountId())
                .param("start", reconciliation.start())
                .param("end", reconciliation.end())
                .query((row, number) -> new UserId(row.getObject(1, UUID.class)))
                .list());
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    private static BankReconciliation row(ResultSet row, int number) throws SQLException {
        String currency = row.getString("currency");
        return new BankReconciliation(
                row.getObject("id", UUID.class),
                row.getString("reconciliation_number"),
                row.getObject("bank_account_id", UUID.class),
                row.getString("account_name"),
                row.getString("account_last4"),
                row.getObject("period_start", LocalDate.class),
                row.getObject("period_end", LocalDate.class),
                Amounts.ofMinor(row.getLong("opening_balance"), currency),
                Amounts.ofMinor(row.getLong("statement_balance"), currency),
                Amounts.ofMinor(row.getLong("book_balance"), currency),
                Amounts.ofMinor(row.getLong("difference"), currency),
                BankReconciliation.Status.ofKey(row.getString("status")),
                row.getInt("round"),
                row.getInt("version"),
                new UserId(row.getObject("started_by", UUID.class)),
                row.getTimestamp("started_at").toInstant(),
                user(row, "reconciled_by"),
                instant(row, "reconciled_at"),
                user(row, "approved_by"),
                instant(row, "approved_at"),
                row.getString("refusal_reason"),
                row.getString("notes"));
    }

    private static @Nullable UserId user(ResultSet row, String column) throws SQLException {
        UUID id = row.getObject(column, UUID.class);
        return id == null ? null : new UserId(id);
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }
}

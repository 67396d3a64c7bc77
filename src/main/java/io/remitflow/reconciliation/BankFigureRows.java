package io.remitflow.reconciliation;

import static io.remitflow.ledger.StandardAccount.BANK_SUSPENSE;
import static io.remitflow.ledger.StandardAccount.CARD_CLEARING;
import static io.remitflow.ledger.StandardAccount.OUTGOING_PAYMENTS_CLEARING;
import static io.remitflow.ledger.StandardAccount.UNDEPOSITED_CHECKS;

import io.remitflow.bank.BankAccount;
import io.remitflow.identity.CurrentOrganization;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Adds up in SQL what a bank account's two sides are made of, without what was recorded after an instant. */
@Repository
class BankFigureRows {

    /** Where deposits and payments stand between the books and the bank. */
    static final List<String> ON_THE_WAY =
            List.of(CARD_CLEARING.code(), UNDEPOSITED_CHECKS.code(), OUTGOING_PAYMENTS_CLEARING.code());

    /** References that a deposit has, and whether it goes to the account that is asked for. */
    private static final String DEPOSITS = """
            deposited as (
                select r.id, d.bank_account_id = :account as mine
                  from billing_bank_deposits d
                  join accounting_clearing_references r on r.org_id = d.org_id and r.reference_kind = 'deposit'
                       and r.reference_value = d.deposit_number
                 where d.org_id = :org
            )""";

    /**
     * What belongs together at the bank and on its account in the ledger: a receipt of payer money with its line, a line with
     * its entries, and every entry that no line belongs to with its reversal. A receipt belongs to the line that was booked
     * as it, or became it when it left suspense, as soon as that was so.
     */
    private static final String GROUPS = """
            with released as (
                select distinct right(source_key, 36)::uuid as line_id from accounting_journal_entries
                 where org_id = :org and source_module = 'bank' and posted_at <= :known
                   and (source_key like 'bank-line-released:%' or source_key like 'bank-match-released:%')
            ),
            receipt as (
                select r.id, r.source = 'bank' as of_bank,
                       case when r.source_key like 'bank-line:%' then substr(r.source_key, 11, 36)::uuid end as line_id
                  from billing_bank_receipts r where r.org_id = :org
            ),
            line as (
                select l.id, l.bank_account_id, l.booked_on, l.amount, l.counterparty, l.description,
                       case when b.receipt_id is null then l.id else coalesce(r.line_id, b.receipt_id) end as grp,
                       b.receipt_id is not null or x.line_id is not null as of_receipt
                  from accounting_bank_lines l
                  join accounting_bank_statements s on s.org_id = l.org_id and s.id = l.statement_id and s.imported_at <= :known
                  left join accounting_bank_bookings b on b.org_id = l.org_id and b.line_id = l.id and b.booked_at <= :known
                  left join receipt r on r.id = b.receipt_id
                  left join released x on x.line_id = l.id
                 where l.org_id = :org
            ),
            told as (
                select e.part_id as entry_id, p.part_id as line_id
                  from accounting_bank_matches m
                  join accounting_bank_match_parts e on e.org_id = m.org_id and e.match_id = m.id and e.side = 'entry'
                  join accounting_bank_match_parts p on p.org_id = m.org_id and p.match_id = m.id and p.side = 'line'
                 where m.org_id = :org and m.status in ('accepted', 'undone') and m.decided_at <= :known
                   and (m.undone_at is null or m.undone_at > :known)
            ),
            entry as (
                select e.id, e.entry_number, e.entry_date, e.description, j.amount,
                       case when x.line_id is not null then coalesce(xl.grp, x.line_id)
                            when d.type = 'bank-receipt' then case when rl.of_receipt then rl.grp else d.id end
                            when d.type = 'bank-line' then coalesce(dl.grp, d.id)
                            when d.key ~ '^bank-match-(released|booked-before):' then right(d.key, 36)::uuid
                            else coalesce(e.reverses_entry_id, e.id) end as grp,
                       x.line_id is null and e.reverses_entry_id is null
                           and (d.type = 'bank-line' or d.key ~ '^bank-match-(released|booked-before):' or coalesce(r.of_bank, false)) as of_bank
                  from (select journal_entry_id, sum(debit_amount - credit_amount)::bigint as amount
                          from accounting_journal_lines
                         where org_id = :org and account_id = :ledger and entry_date >= :base
                         group by journal_entry_id) j
                  join accounting_journal_entries e on e.org_id = :org and e.id = j.journal_entry_id
                       and e.posted_at <= :known and e.entry_type <> 'opening'
                  left join accounting_journal_entries o on o.org_id = e.org_id and o.id = e.reverses_entry_id
                  cross join lateral (select coalesce(o.source_document_type, e.source_document_type) as type,
                                             coalesce(o.source_document_id, e.source_document_id) as id,
                                             coalesce(o.source_key, e.source_key) as key) d
                  left join line dl on d.type = 'bank-line' and dl.id = d.id
                  left join receipt r on d.type = 'bank-receipt' and r.id = d.id
                  left join line rl on rl.id = r.line_id
                  left join told x on x.entry_id = e.id
                  left join line xl on xl.id = x.line_id
            ),
            booked as (
                select grp, coalesce(sum(amount) filter (where entry_date < :start), 0)::bigint as before,
                       coalesce(sum(amount) filter (where entry_date <= :end), 0)::bigint as after,
                       count(*) filter (where entry_date < :start) as entries_before,
                       count(*) filter (where entry_date <= :end) as entries_after,
                       coalesce(sum(amount) filter (where entry_date between :start and :end and amount > 0 and not of_bank), 0)::bigint as debits,
                       coalesce(sum(amount) filter (where entry_date between :start and :end and amount < 0 and not of_bank), 0)::bigint as credits,
                       bool_or(not of_bank) as by_hand, min(entry_date) as first_on,
                       min(entry_date) filter (where entry_date > :end) as later_on,
                       (array_agg(id order by of_bank, entry_date, id))[1] as entry_id,
                       (array_agg(entry_number order by of_bank, entry_date, id))[1] as entry_number,
                       (array_agg(description order by of_bank, entry_date, id))[1] as description
                  from entry group by grp
            ),
            shown as (
                select grp, coalesce(sum(amount) filter (where booked_on < :start), 0)::bigint as before,
                       coalesce(sum(amount), 0)::bigint as after, count(*) filter (where booked_on < :start) as lines_before,
                       count(*) as lines_after, min(booked_on) as first_on,
                       (array_agg(id order by booked_on, id))[1] as line_id,
                       (array_agg(coalesce(nullif(counterparty, ''), description) order by booked_on, id))[1] as words
                  from line where bank_account_id = :account and booked_on <= :end group by grp
            )
            select grp, b.entry_id, b.entry_number, b.description, coalesce(b.first_on, s.first_on) as first_on, b.later_on,
                   coalesce(b.before, 0) as book_before, coalesce(b.after, 0) as book_after,
                   coalesce(b.entries_before, 0) as entries_before, coalesce(b.entries_after, 0) as entries_after,
                   coalesce(b.debits, 0) as debits, coalesce(b.credits, 0) as credits,
                   s.line_id, s.words, s.first_on as shown_on,
                   coalesce(s.before, 0) as bank_before, coalesce(s.after, 0) as bank_after,
                   coalesce(s.lines_before, 0) as lines_before, coalesce(s.lines_after, 0) as lines_after
              from booked b full join shown s using (grp)
             where coalesce(b.before, 0) <> coalesce(s.before, 0) or coalesce(b.after, 0) <> coalesce(s.after, 0)
                or (b.by_hand and (b.debits <> 0 or b.credits <> 0))
             order by 5, grp
            """;

    private final JdbcClient jdbc;

    BankFigureRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** What is asked for; the base is the first day that statements tell about. */
    record Question(BankAccount account, LocalDate base, LocalDate start, LocalDate end, Instant known) {

        /**
         * What is on its way belongs to the account that money is booked from and to, except for a deposit: it belongs to
         * the account that it names.
         */
        boolean hasMoneyOnTheWay() {
            return account.accountCode().equals(io.remitflow.ledger.StandardAccount.CASH_OPERATING.code());
        }
    }

    record Statement(
            UUID id,
            String number,
            LocalDate firstOn,
            LocalDate lastOn,
            @Nullable Long opening,
            @Nullable Long closing) {}

    record Day(LocalDate on, long in, long out) {

        long net() {
            return in - out;
        }
    }

    record Group(
            UUID id,
            @Nullable UUID entryId,
            @Nullable String entryNumber,
            @Nullable String description,
            LocalDate firstOn,
            @Nullable LocalDate laterOn,
            Side before,
            Side after,
            long debits,
            long credits,
            @Nullable UUID lineId,
            @Nullable String words,
            @Nullable LocalDate shownOn) {}

    /** One end of the period of a group. */
    record Side(long book, int entries, long bank, int lines) {}

    record Reference(
            UUID id,
            String accountCode,
            String accountName,
            String kind,
            String value,
            LocalDate openedOn,
            BankRollForward.Movement movement) {}

    /** A line in bank suspense: what of it stood there, above zero if money came in. */
    record Suspended(UUID lineId, LocalDate on, String words, String reference, long before, long after, long now) {}

    record Totals(long cashBefore, long cashAfter, long cashAtBase, long wayBefore, long wayAfter) {}

    record Decision(String decision, String reason) {}

    List<Statement> statements(UUID accountId, Instant known) {
        return jdbc.sql("""
                        select id, statement_number, first_on, last_on, opening_balance, closing_balance
                        from accounting_bank_statements
                        where org_id = :org and bank_account_id = :account and imported_at <= :known
                          and first_on is not null and last_on is not null
                        order by first_on, last_on, id
                        """)
                .param("org", organization())
                .param("account", accountId)
                .param("known", Timestamp.from(known), Types.TIMESTAMP)
                .query((row, number) -> new Statement(
                        row.getObject("id", UUID.class),
                        row.getString("statement_number"),
                        row.getObject("first_on", LocalDate.class),
                        row.getObject("last_on", LocalDate.class),
                        row.getObject("opening_balance", Long.class),
                        row.getObject("closing_balance", Long.class)))
                .list();
    }

    /** What came in and went out at the bank, by day. */
    List<Day> days(UUID accountId, Instant known) {
        return jdbc.sql("""
                        select l.booked_on, coalesce(sum(l.amount) filter (where l.amount > 0), 0)::bigint,
                               coalesce(-sum(l.amount) filter (where l.amount < 0), 0)::bigint
                        from accounting_bank_lines l
                        join accounting_bank_statements s on s.org_id = l.org_id and s.id = l.statement_id
                        where l.org_id = :org and l.bank_account_id = :account and s.imported_at <= :known
                        group by l.booked_on order by l.booked_on
                        """)
                .param("org", organization())
                .param("account", accountId)
                .param("known", Timestamp.from(known), Types.TIMESTAMP)
                .query((row, number) -> new Day(row.getObject(1, LocalDate.class), row.getLong(2), row.getLong(3)))
                .list();
    }

    List<Group> groups(Question question) {
        return asked(GROUPS, question)
                .param("account", question.account().id())
                .query((row, number) -> new Group(
                        Objects.requireNonNull(row.getObject("grp", UUID.class)),
                        row.getObject("entry_id", UUID.class),
                        row.getString("entry_number"),
                        row.getString("description"),
                        row.getObject("first_on", LocalDate.class),
                        row.getObject("later_on", LocalDate.class),
                        new Side(
                                row.getLong("book_before"),
                                row.getInt("entries_before"),
                                row.getLong("bank_before"),
                                row.getInt("lines_before")),
                        new Side(
                                row.getLong("book_after"),
                                row.getInt("entries_after"),
                                row.getLong("bank_after"),
                                row.getInt("lines_after")),
                        row.getLong("debits"),
                        row.getLong("credits"),
                        row.getObject("line_id", UUID.class),
                        row.getString("words"),
                        row.getObject("shown_on", LocalDate.class)))
                .list();
    }

    /** References that were open at either end of the period, or moved in it. */
    List<Reference> references(Question question) {
        return jdbc.sql("with " + DEPOSITS + """
                        , moved as (
                            select l.clearing_reference_id as id, l.account_id, l.entry_date,
                                   l.debit_amount - l.credit_amount as amount, e.source_module = 'bank' as by_bank
                              from accounting_journal_lines l
                              join accounting_chart_of_accounts a on a.org_id = l.org_id and a.id = l.account_id
                                   and a.account_code in (:codes)
                              join accounting_journal_entries e on e.org_id = l.org_id and e.id = l.journal_entry_id
                                   and e.posted_at <= :known
                              left join deposited d on d.id = l.clearing_reference_id
                             where l.org_id = :org and l.entry_date <= :end and coalesce(d.mine, :way)
                        ),
                        summed as (
                            select id, account_id, min(entry_date) as opened_on,
                                   coalesce(sum(amount) filter (where entry_date < :start), 0)::bigint as before,
                                   coalesce(sum(amount) filter (where entry_date >= :start and not by_bank and amount > 0), 0)::bigint as debits,
                                   coalesce(sum(amount) filter (where entry_date >= :start and not by_bank and amount < 0), 0)::bigint as credits,
                                   coalesce(sum(amount) filter (where entry_date >= :start and by_bank), 0)::bigint as by_bank,
                                   sum(amount)::bigint as after, max(entry_date) as last_on
                              from moved group by id, account_id
                        )
                        select s.*, a.account_code, a.account_name, r.reference_kind, r.reference_value from summed s
                        join accounting_chart_of_accounts a on a.org_id = :org and a.id = s.account_id
                        join accounting_clearing_references r on r.org_id = :org and r.id = s.id
                        where s.before <> 0 or s.after <> 0 or s.last_on >= :start
                        order by s.opened_on, r.reference_kind, r.reference_value
                        """)
                .param("org", organization())
                .param("account", question.account().id())
                .param("way", question.hasMoneyOnTheWay())
                .param("codes", ON_THE_WAY)
                .param("start", question.start())
                .param("end", question.end())
                .param("known", Timestamp.from(question.known()), Types.TIMESTAMP)
                .query((row, number) -> new Reference(
                        row.getObject("id", UUID.class),
                        row.getString("account_code"),
                        row.getString("account_name"),
                        row.getString("reference_kind"),
                        row.getString("reference_value"),
                        row.getObject("opened_on", LocalDate.class),
                        new BankRollForward.Movement(
                                row.getString("account_code").equals(OUTGOING_PAYMENTS_CLEARING.code()),
                                row.getLong("before"),
                                row.getLong("debits"),
                                row.getLong("credits"),
                                row.getLong("by_bank"))))
                .list();
    }

    /** Lines that stood in suspense at either end of the period, or came and went in it. */
    List<Suspended> suspended(Question question) {
        return asked("""
                        select l.id, l.booked_on, coalesce(nullif(l.counterparty, ''), l.description) as words,
                               coalesce(nullif(l.bank_reference, ''), l.reference) as reference,
                               coalesce(-sum(j.debit_amount - j.credit_amount) filter (where j.entry_date < :start), 0)::bigint as before,
                               coalesce(-sum(j.debit_amount - j.credit_amount) filter (where j.entry_date <= :end), 0)::bigint as after,
                               -sum(j.debit_amount - j.credit_amount)::bigint as now
                          from accounting_clearing_references r
                          join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id
                               and a.account_code = :suspense
                          join accounting_bank_lines l on l.org_id = r.org_id and l.bank_account_id = :account
                               and l.id = case when r.reference_kind = 'bank-line' then r.reference_value::uuid end
                          join accounting_journal_lines j on j.org_id = r.org_id and j.clearing_reference_id = r.id
                          join accounting_journal_entries e on e.org_id = j.org_id and e.id = j.journal_entry_id
                               and e.posted_at <= :known
                         where r.org_id = :org and l.booked_on <= :end
                         group by l.id, l.booked_on, l.counterparty, l.description, l.bank_reference, l.reference
                        having sum(j.debit_amount - j.credit_amount) <> 0
                            or coalesce(sum(j.debit_amount - j.credit_amount) filter (where j.entry_date < :start), 0) <> 0
                            or coalesce(sum(j.debit_amount - j.credit_amount) filter (where j.entry_date <= :end), 0) <> 0
                         order by l.booked_on, l.id
                        """, question)
                .param("account", question.account().id())
                .param("suspense", BANK_SUSPENSE.code())
                .query((row, number) -> new Suspended(
                        row.getObject("id", UUID.class),
                        row.getObject("booked_on", LocalDate.class),
                        row.getString("words"),
                        row.getString("reference"),
                        row.getLong("before"),
                        row.getLong("after"),
                        row.getLong("now")))
                .list();
    }

    Totals totals(Question question) {
        return asked("with " + DEPOSITS + """

                        select coalesce(sum(amount) filter (where cash and entry_date < :start), 0)::bigint,
                               coalesce(sum(amount) filter (where cash and entry_date <= :end), 0)::bigint,
                               coalesce(sum(amount) filter (where cash and (entry_date < :base or opening) and entry_date <= :end), 0)::bigint,
                               coalesce(sum(amount) filter (where not cash and entry_date < :start), 0)::bigint,
                               coalesce(sum(amount) filter (where not cash and entry_date <= :end), 0)::bigint
                          from (select l.entry_date, l.account_id = :ledger as cash, e.entry_type = 'opening' as opening,
                                       l.debit_amount - l.credit_amount as amount
                                  from accounting_journal_lines l
                                  join accounting_journal_entries e on e.org_id = l.org_id and e.id = l.journal_entry_id
                                       and e.posted_at <= :known
                                  left join deposited d on d.id = l.clearing_reference_id
                                 where l.org_id = :org and l.entry_date <= :end
                                   and (l.account_id = :ledger or (coalesce(d.mine, :way) and l.account_id in
                                       (select id from accounting_chart_of_accounts where org_id = :org and account_code in (:codes))))) x
                        """, question)
                .param("account", question.account().id())
                .param("way", question.hasMoneyOnTheWay())
                .param("codes", ON_THE_WAY)
                .query((row, number) ->
                        new Totals(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)))
                .single();
    }

    /**
     * What came into the books and went out: what an entry moves between its own accounts is neither, nor is what the account
     * began with.
     */
    long[] bookFlow(Question question) {
        return asked("with " + DEPOSITS + """
                        , own as (
                            select r.id from accounting_clearing_references r
                              join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id
                                   and a.account_code = :suspense
                              join accounting_bank_lines l on l.org_id = r.org_id and l.bank_account_id = :account
                                   and l.id = case when r.reference_kind = 'bank-line' then r.reference_value::uuid end
                             where r.org_id = :org
                        ),
                        net as (
                            select l.journal_entry_id, sum(l.debit_amount - l.credit_amount)::bigint as amount
                              from accounting_journal_lines l
                              join accounting_journal_entries e on e.org_id = l.org_id and e.id = l.journal_entry_id
                                   and e.posted_at <= :known
                              left join deposited d on d.id = l.clearing_reference_id
                             where l.org_id = :org and l.entry_date between :start and :end
                               and not (l.account_id = :ledger and e.entry_type = 'opening' and :start = :base)
                               and (l.account_id = :ledger
                                    or (coalesce(d.mine, :way) and l.account_id in (select id from accounting_chart_of_accounts
                                                                   where org_id = :org and account_code in (:codes)))
                                    or l.clearing_reference_id in (select id from own))
                             group by l.journal_entry_id
                        )
                        select coalesce(sum(amount) filter (where amount > 0), 0)::bigint,
                               coalesce(-sum(amount) filter (where amount < 0), 0)::bigint
                          from net
                        """, question)
                .param("account", question.account().id())
                .param("suspense", BANK_SUSPENSE.code())
                .param("way", question.hasMoneyOnTheWay())
                .param("codes", ON_THE_WAY)
                .query((row, number) -> new long[] {row.getLong(1), row.getLong(2)})
                .single();
    }

    /**
     * The latest that was said about each line by the period that begins on a day. A line that an earlier period carried is
     * nobody's decision any more; an error of the bank stays one until the bank corrects it.
     */
    Map<UUID, Decision> decisions(UUID accountId, LocalDate start, Instant known) {
        Map<UUID, Decision> decisions = new HashMap<>();
        jdbc.sql("""
                        select line_id, decision, reason from (
                            select distinct on (x.line_id) x.line_id, x.decision, x.reason, r.period_start
                              from accounting_bank_exceptions x
                              join accounting_bank_reconciliation r on r.org_id = x.org_id and r.id = x.reconciliation_id
                             where x.org_id = :org and x.bank_account_id = :account and x.decided_at <= :known
                               and r.period_start <= :start
                             order by x.line_id, x.decided_at desc, x.id desc) said
                        where period_start = :start or decision = 'bank_error'
                        """)
                .param("org", organization())
                .param("account", accountId)
                .param("start", start)
                .param("known", Timestamp.from(known), Types.TIMESTAMP)
                .query((row, number) ->
                        decisions.put(row.getObject(1, UUID.class), new Decision(row.getString(2), row.getString(3))))
                .list();
        return decisions;
    }

    /** Entries that people are still writing, dated in the period. */
    int drafts(LocalDate start, LocalDate end) {
        return jdbc.sql("""
                        select count(*) from accounting_journal_drafts
                        where org_id = :org and status = 'draft' and entry_date between :start and :end
                        """)
                .param("org", organization())
                .param("start", start)
                .param("end", end)
                .query(Integer.class)
                .single();
    }

    private JdbcClient.StatementSpec asked(String sql, Question question) {
        return jdbc.sql(sql)
                .param("org", organization())
                .param("ledger", question.account().glAccountId())
                .param("base", question.base())
                .param("start", question.start())
                .param("end", question.end())
                .param("known", Timestamp.from(question.known()), Types.TIMESTAMP);
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}

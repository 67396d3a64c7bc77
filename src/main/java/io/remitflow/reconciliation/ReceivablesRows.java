package io.remitflow.reconciliation;

import static io.remitflow.ledger.StandardAccount.ALLOWANCE;
import static io.remitflow.ledger.StandardAccount.AR_INSURANCE;
import static io.remitflow.ledger.StandardAccount.AR_PATIENTS;
import static io.remitflow.ledger.StandardAccount.BAD_DEBT_EXPENSE;
import static io.remitflow.ledger.StandardAccount.UNAPPLIED_CASH;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.ledger.UnappliedRegister;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Adds up both sides of the receivables in SQL. A row of a patient account that belongs to an entry is known from the
 * instant at which its entry was: the two were written together.
 */
@Repository
class ReceivablesRows {

    private static final String KNOWN_ROWS = """
            from billing_patient_transactions t
            left join accounting_journal_entries te on te.org_id = t.org_id and te.id = t.journal_entry_id
            where t.org_id = :org and coalesce(te.posted_at, t.posted_at) <= :known
            """;

    private static final String CODE_OF_ROW =
            "case t.responsibility when 'insurance' then :insurance else :patients end";

    /** An entry on a control account whose two sides differ on the day, and why. */
    private static final String BREAKS = """
            with ledger as (
                select l.journal_entry_id as id, a.account_code as code, e.entry_number,
                    sum(l.debit_amount - l.credit_amount)::bigint as every,
                    coalesce(sum(l.debit_amount - l.credit_amount) filter (where l.entry_date <= :day), 0)::bigint as dated
                from accounting_journal_lines l
                join accounting_chart_of_accounts a on a.org_id = l.org_id and a.id = l.account_id
                    and a.account_code in (:patients, :insurance)
                join accounting_journal_entries e on e.org_id = l.org_id and e.id = l.journal_entry_id
                where l.org_id = :org and e.posted_at <= :known
                group by l.journal_entry_id, a.account_code, e.entry_number
            ),
            subledger as (
                select coalesce(t.journal_entry_id, t.id) as id, %s as code, te.entry_number,
                    t.journal_entry_id is null as loose,
                    sum(t.amount)::bigint as every,
                    coalesce(sum(t.amount) filter (where t.transaction_date <= :day), 0)::bigint as dated
                %s
                group by 1, 2, 3, 4
            ),
            compared as (
                select coalesce(l.id, s.id) as id, coalesce(l.code, s.code) as code,
                    coalesce(l.entry_number, s.entry_number) as entry_number, coalesce(s.loose, false) as loose,
                    coalesce(l.dated, 0) as ledger, coalesce(s.dated, 0) as subledger,
                    coalesce(l.every, 0) as ledger_ever, coalesce(s.every, 0) as subledger_ever,
                    sum(coalesce(l.every, 0)) over entry as ledger_of_entry,
                    sum(coalesce(s.every, 0)) over entry as subledger_of_entry,
                    count(l.id) over entry as ledger_sides, count(s.id) over entry as subledger_sides
                from ledger l full join subledger s on s.id = l.id and s.code = l.code
                window entry as (partition by coalesce(l.id, s.id))
            ),
            breaks as (
                select id, code, entry_number, ledger, subledger,
                    case
                        when loose then 'without_entry'
                        when ledger_ever = subledger_ever then 'cutoff'
                        when subledger_sides = 0 then 'ledger_only'
                        when ledger_sides = 0 then 'subledger_only'
                        when ledger_of_entry = subledger_of_entry then 'wrong_account'
                        else 'amount'
                    end as cause
                from compared where ledger <> subledger
            )
            """.formatted(CODE_OF_ROW, KNOWN_ROWS);

    /** The document of the entries of a bank transfer. */
    private static final String TRANSFER = "bank-transfer";

    private final JdbcClient jdbc;

    ReceivablesRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<ReceivablesTieOut.Control> controls(ReceivablesAsOf asOf, CurrencyUnit currency) {
        return bind(asOf, """
                        with balances as (
                            select t.account_id, %s as code, sum(t.amount) as balance
                            %s and t.transaction_date <= :day
                            group by 1, 2
                        ),
                        owed as (
                            select code, sum(balance) filter (where balance > 0) as debits,
                                sum(balance) filter (where balance < 0) as credits
                            from balances group by code
                        )
                        select a.account_code, a.account_name, coalesce(o.debits, 0)::bigint as debits,
                            coalesce(o.credits, 0)::bigint as credits,
                            coalesce((
                                select sum(l.debit_amount - l.credit_amount) from accounting_journal_lines l
                                join accounting_journal_entries e on e.org_id = l.org_id and e.id = l.journal_entry_id
                                where l.org_id = :org and l.account_id = a.id and l.entry_date <= :day
                                  and e.posted_at <= :known), 0)::bigint as ledger
                        from accounting_chart_of_accounts a left join owed o on o.code = a.account_code
                        where a.org_id = :org and a.account_code in (:patients, :insurance)
                        order by a.account_code
                        """.formatted(CODE_OF_ROW, KNOWN_ROWS))
                .query((row, number) -> new ReceivablesTieOut.Control(
                        row.getString("account_code"),
                        row.getString("account_name"),
                        money(row, "debits", currency),
                        money(row, "credits", currency),
                        money(row, "ledger", currency)))
                .list();
    }

    List<ReceivablesTieOut.Cause> causes(ReceivablesAsOf asOf, CurrencyUnit currency) {
        return bind(asOf, BREAKS + """
                        select cause, count(*) as count, sum(ledger)::bigint as ledger, sum(subledger)::bigint as subledger
                        from breaks group by cause order by cause
                        """)
                .query((row, number) -> new ReceivablesTieOut.Cause(
                        ReceivablesBreakCause.ofKey(row.getString("cause")),
                        row.getLong("count"),
                        money(row, "ledger", currency),
                        money(row, "subledger", currency)))
                .list();
    }

    /** The largest differences first. */
    List<ReceivablesTieOut.Break> breaks(ReceivablesAsOf asOf, int limit, CurrencyUnit currency) {
        return bind(
                        asOf,
                        BREAKS
                                + "select * from breaks order by abs(subledger - ledger) desc, entry_number, id, code limit :limit")
                .param("limit", limit)
                .query((row, number) -> new ReceivablesTieOut.Break(
                        row.getObject("id", UUID.class),
                        row.getString("entry_number"),
                        row.getString("code"),
                        ReceivablesBreakCause.ofKey(row.getString("cause")),
                        money(row, "ledger", currency),
                        money(row, "subledger", currency)))
                .list();
    }

    /** By the id of a journal entry, or of a transaction without one. */
    Optional<ReceivablesEntry> entry(UUID id, CurrencyUnit currency) {
        var number = jdbc.sql("select entry_number from accounting_journal_entries where org_id = :org and id = :id")
                .param("org", organization())
                .param("id", id)
                .query(String.class)
                .optional();
        var rows = jdbc.sql("""
                        select t.*, a.account_number, %s as code from billing_patient_transactions t
                        join billing_patient_accounts a on a.org_id = t.org_id and a.id = t.account_id
                        where t.org_id = :org and (t.journal_entry_id = :id or (t.journal_entry_id is null and t.id = :id))
                        order by code, t.transaction_number
                        """.formatted(CODE_OF_ROW))
                .param("org", organization())
                .param("patients", AR_PATIENTS.code())
                .param("insurance", AR_INSURANCE.code())
                .param("id", id)
                .query((row, index) -> new ReceivablesEntry.SubledgerRow(
                        row.getString("transaction_number"),
                        row.getObject("account_id", UUID.class),
                        row.getString("account_number"),
                        row.getString("code"),
                        row.getObject("transaction_date", LocalDate.class),
                        row.getTimestamp("posted_at").toInstant(),
                        row.getString("transaction_type"),
                        row.getString("description"),
                        money(row, "amount", currency)))
                .list();
        if (number.isEmpty() && rows.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new ReceivablesEntry(id, number.orElse(null), lines(id, currency), rows));
    }

    private List<ReceivablesEntry.LedgerLine> lines(UUID entryId, CurrencyUnit currency) {
        return jdbc.sql("""
                        select l.line_number, a.account_code, l.entry_date, e.effective_date, e.fiscal_period, e.posted_at,
                            coalesce(l.description, e.description) as description, l.debit_amount - l.credit_amount as amount
                        from accounting_journal_lines l
                        join accounting_journal_entries e on e.org_id = l.org_id and e.id = l.journal_entry_id
                        join accounting_chart_of_accounts a on a.org_id = l.org_id and a.id = l.account_id
                            and a.account_code in (:patients, :insurance)
                        where l.org_id = :org and l.journal_entry_id = :id order by l.line_number
                        """)
                .param("org", organization())
                .param("patients", AR_PATIENTS.code())
                .param("insurance", AR_INSURANCE.code())
                .param("id", entryId)
                .query((row, index) -> new ReceivablesEntry.LedgerLine(
                        row.getInt("line_number"),
                        row.getString("account_code"),
                        row.getObject("entry_date", LocalDate.class),
                        row.getObject("effective_date", LocalDate.class),
                        row.getString("fiscal_period"),
                        row.getTimestamp("posted_at").toInstant(),
                        row.getString("description"),
                        money(row, "amount", currency)))
                .list();
    }

    /** What happened per class of payer in each month from {@code first}; all before it stands in the month before. */
    List<Movement> movements(ReceivablesAsOf asOf, YearMonth first, CurrencyUnit currency) {
        return bind(asOf, """
                        select greatest(date_trunc('month', t.transaction_date)::date, :before) as month,
                            case when t.responsibility = 'patient' then 'patient' else coalesce(p.payer_class, 'other') end
                                as payer_class,
                            coalesce(sum(t.amount), 0)::bigint as everything,
                            coalesce(sum(t.amount) filter (where t.transaction_type = 'charge'), 0)::bigint as charges,
                            coalesce(sum(t.amount) filter (where t.transaction_type = 'payment' and t.amount < 0), 0)::bigint
                                as payments,
                            coalesce(sum(t.amount) filter (where t.transaction_type = 'payment' and t.amount > 0), 0)::bigint
                                as returned,
                            coalesce(sum(t.amount) filter (where t.transaction_type = 'adjustment'), 0)::bigint as contractual,
                            coalesce(sum(t.amount) filter (where t.transaction_type = 'write_off'), 0)::bigint as write_offs,
                            coalesce(sum(t.amount) filter (where t.transaction_type = 'credit'), 0)::bigint as credit_memos,
                            coalesce(sum(t.amount) filter (where t.transaction_type = 'transfer' and t.amount > 0), 0)::bigint
                                as transfers_in,
                            coalesce(sum(t.amount) filter (where t.transaction_type = 'transfer' and t.amount < 0), 0)::bigint
                                as transfers_out,
                            coalesce(sum(t.amount) filter (where t.transaction_type = 'refund'), 0)::bigint as refunds
                        from billing_patient_transactions t
                        left join accounting_journal_entries te on te.org_id = t.org_id and te.id = t.journal_entry_id
                        left join billing_claims c on c.org_id = t.org_id and c.id = t.claim_id
                        left join billing_payers p on p.org_id = t.org_id and p.id = coalesce(t.payer_id, c.payer_id)
                        where t.org_id = :org and coalesce(te.posted_at, t.posted_at) <= :known and t.transaction_date <= :day
                        group by 1, 2 order by 1, 2
                        """)
                .param("before", first.minusMonths(1).atDay(1))
                .query((row, number) -> new Movement(
                        YearMonth.from(row.getObject("month", LocalDate.class)),
                        row.getString("payer_class"),
                        money(row, "everything", currency),
                        new ReceivablesRollForward.Line(
                                row.getString("payer_class"),
                                Money.zero(currency),
                                money(row, "charges", currency),
                                money(row, "payments", currency),
                                money(row, "returned", currency),
                                money(row, "contractual", currency),
                                money(row, "write_offs", currency),
                                money(row, "credit_memos", currency),
                                money(row, "transfers_in", currency),
                                money(row, "transfers_out", currency),
                                money(row, "refunds", currency))))
                .list();
    }

    /**
     * One class of payer in one month.
     *
     * @param all whatever its kind
     */
    record Movement(YearMonth month, String payerClass, Money all, ReceivablesRollForward.Line line) {}

    /** By month what the control accounts moved; all before {@code first} stands in the month before. */
    Map<YearMonth, Money> ledgerMovements(ReceivablesAsOf asOf, YearMonth first, CurrencyUnit currency) {
        var moved = new HashMap<YearMonth, Money>();
        bind(asOf, """
                        select greatest(date_trunc('month', l.entry_date)::date, :before) as month,
                            sum(l.debit_amount - l.credit_amount)::bigint as amount
                        from accounting_journal_lines l
                        join accounting_journal_entries e on e.org_id = l.org_id and e.id = l.journal_entry_id
                        join accounting_chart_of_accounts a on a.org_id = l.org_id and a.id = l.account_id
                            and a.account_code in (:patients, :insurance)
                        where l.org_id = :org and e.posted_at <= :known and l.entry_date <= :day
                        group by 1
                        """).param("before", first.minusMonths(1).atDay(1)).query(row -> {
            moved.put(YearMonth.from(row.getObject("month", LocalDate.class)), money(row, "amount", currency));
        });
        return moved;
    }

    /**
     * Each receipt without an account, and each entry on the account of unapplied cash, that is left on either side.
     *
     * @param registers of other modules, each with what it held
     */
    List<ReceivablesUnapplied.Item> unapplied(
            ReceivablesAsOf asOf,
            String zone,
            Map<String, List<UnappliedRegister.Held>> registers,
            CurrencyUnit currency) {
        record Named(String type, UnappliedRegister.Held held) {}
        List<Named> held = registers.entrySet().stream()
                .flatMap(register -> register.getValue().stream().map(each -> new Named(register.getKey(), each)))
                .toList();
        return bind(asOf, """
                        with ledger as (
                            select case when e.source_document_type = any(:documents)
                                             then e.source_document_type || ':' || e.source_document_id
                                        else e.source_key end as key,
                                (array_agg(e.id order by e.entry_number))[1] as id, min(e.entry_number) as entry_number,
                                sum(l.credit_amount - l.debit_amount)::bigint as amount
                            from accounting_journal_lines l
                            join accounting_journal_entries e on e.org_id = l.org_id and e.id = l.journal_entry_id
                            join accounting_chart_of_accounts a on a.org_id = l.org_id and a.id = l.account_id
                                and a.account_code = :unapplied
                            where l.org_id = :org and l.entry_date <= :day and e.posted_at <= :known
                            group by 1
                        ),
                        register as (
                            select :transfer || ':' || b.id as key, b.id,
                                'Transfer ' || coalesce(b.reference_code, b.transfer_id) as what, b.amount
                            from payments_bank_transfers b
                            left join accounting_journal_entries e on e.org_id = b.org_id
                                and e.source_key = 'transfer:' || b.id
                            where b.org_id = :org and b.direction = 'in' and (b.state = 'unmatched' or e.id is not null)
                              and coalesce(e.posted_at, b.recorded_at) <= :known
                              and coalesce(e.entry_date, (b.recorded_at at time zone :zone)::date) <= :day
                              and not exists (
                                  select from accounting_journal_entries s
                                  where s.org_id = b.org_id and s.source_key = 'transfer-assigned:' || b.id
                                    and s.posted_at <= :known and s.entry_date <= :day)
                            union all
                            select type || ':' || id, id, what, amount
                            from unnest(:types, cast(:ids as uuid[]), :whats, :amounts) as held (type, id, what, amount)
                        )
                        select coalesce(r.id, l.id) as id, coalesce(r.what, 'Entry ' || l.entry_number) as what,
                            coalesce(r.amount, 0) as register, coalesce(l.amount, 0) as ledger
                        from ledger l full join register r on l.key = r.key
                        where coalesce(r.amount, 0) <> 0 or coalesce(l.amount, 0) <> 0
                        order by 1
                        """)
                .param("unapplied", UNAPPLIED_CASH.code())
                .param("zone", zone)
                .param("transfer", TRANSFER)
                .param(
                        "documents",
                        Stream.concat(Stream.of(TRANSFER), registers.keySet().stream())
                                .toArray(String[]::new))
                .param("types", held.stream().map(Named::type).toArray(String[]::new))
                .param(
                        "ids",
                        held.stream().map(each -> each.held().id().toString()).toArray(String[]::new))
                .param("whats", held.stream().map(each -> each.held().what()).toArray(String[]::new))
                .param(
                        "amounts",
                        held.stream()
                                .mapToLong(each -> each.held().amount().getAmountMinorLong())
                                .toArray())
                .query((row, number) -> new ReceivablesUnapplied.Item(
                        row.getObject("id", UUID.class),
                        row.getString("what"),
                        money(row, "register", currency),
                        money(row, "ledger", currency)))
                .list();
    }

    ReceivablesMetrics metrics(ReceivablesAsOf asOf, LocalDate from, Money receivables) {
        CurrencyUnit currency = receivables.getCurrencyUnit();
        return bind(asOf, """
                        with moved as (
                            select coalesce(sum(t.amount) filter (where t.transaction_type = 'charge'), 0)::bigint as charges,
                                coalesce(-sum(t.amount) filter (where t.transaction_type = 'payment'), 0)::bigint as payments,
                                coalesce(-sum(t.amount) filter (where t.transaction_type = 'adjustment'), 0)::bigint
                                    as contractual
                            %s and t.transaction_date between :from and :day
                        ),
                        booked as (
                            select coalesce(sum(l.credit_amount - l.debit_amount) filter (
                                        where a.account_subtype in ('patient_service', 'insurance', 'adjustment')
                                          and a.account_type in ('revenue', 'contra_revenue')), 0)::bigint as revenue,
                                coalesce(sum(l.debit_amount - l.credit_amount) filter (
                                        where a.account_code in (:badDebt, :allowance)
                                          and e.source_module = 'adjustments'), 0)::bigint as bad_debt
                            from accounting_journal_lines l
                            join accounting_journal_entries e on e.org_id = l.org_id and e.id = l.journal_entry_id
                            join accounting_chart_of_accounts a on a.org_id = l.org_id and a.id = l.account_id
                            where l.org_id = :org and l.entry_date between :from and :day and e.posted_at <= :known
                        )
                        select * from moved, booked
                        """.formatted(KNOWN_ROWS))
                .param("from", from)
                .param("badDebt", BAD_DEBT_EXPENSE.code())
                .param("allowance", ALLOWANCE.code())
                .query((row, number) -> new ReceivablesMetrics(
                        from,
                        asOf.day(),
                        receivables,
                        money(row, "charges", currency),
                        money(row, "payments", currency),
                        money(row, "contractual", currency),
                        money(row, "revenue", currency),
                        money(row, "bad_debt", currency)))
                .single();
    }

    private JdbcClient.StatementSpec bind(ReceivablesAsOf asOf, String sql) {
        return jdbc.sql(sql)
                .param("org", organization())
                .param("day", asOf.day())
                .param("known", Timestamp.from(asOf.knownAt()), Types.TIMESTAMP)
                .param("patients", AR_PATIENTS.code())
                .param("insurance", AR_INSURANCE.code());
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    private static Money money(ResultSet row, String column, CurrencyUnit currency) throws SQLException {
        return Money.ofMinor(currency, row.getLong(column));
    }
}

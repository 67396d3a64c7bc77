package io.remitflow.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.local.BooksTest;
import io.remitflow.local.TestHospital;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** What the database itself refuses to the application's role, past every service. */
@BooksTest
class LedgerGuardsIntegrationTests {

    /** Lines written past the service: account, currency, debit, credit; then whether the database takes them. */
    static final String ENTRIES = """
            1000 USD 10 0 | 4000 USD 0 10                | 10 | 2 | ok
            1000 USD 10 0 | 4000 USD 0 9                 | 10 | 2 | refused
            1000 USD 10 0                                | 10 | 1 | refused
            1000 USD 10 0                                | 10 | 2 | refused
                                                         | 10 | 2 | refused
            1000 USD 10 0 | 4000 USD 0 10 | 4010 USD 0 0 | 10 | 3 | refused
            1000 USD 10 0 | 4000 USD 0 10 | 4010 USD 5 5 | 10 | 3 | refused
            1000 USD -10 0 | 4000 USD 0 -10              | 10 | 2 | refused
            1000 USD 10 0 | 4000 EUR 0 10                | 10 | 2 | refused
            1000 EUR 10 0 | 4000 EUR 0 10                | 10 | 2 | refused
            1000 USD 10 0 | 4000 USD 0 10                | 11 | 2 | refused
            1000 USD 10 0 | 4000 USD 0 10                | 0  | 2 | refused
            """;

    @Autowired
    ApplicationContext context;

    @Autowired
    Journal journal;

    @Autowired
    FiscalPeriods periods;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    TransactionTemplate transactions;

    TestHospital hospital;
    LocalDate today;

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
        today = TestHospital.today();
    }

    @Test
    void g1_theDatabaseTakesBalancedEntriesOnly() {
        ENTRIES.lines()
                .forEach(row ->
                        assertThat(hospital.call(() -> outcome(row))).as(row).isEqualTo(lastCell(row)));
    }

    @Test
    void g1_noLineIsAddedToAPostedEntry() {
        hospital.run(() -> {
            var posted = journal.post(entry());
            assertThatThrownBy(() -> transactions.executeWithoutResult(transaction -> {
                        line(posted.id(), 3, 4, "1000 USD 5 0");
                        line(posted.id(), 4, 4, "4000 USD 0 5");
                    }))
                    .rootCause()
                    .hasMessageContaining("violates foreign key constraint");
            assertThatThrownBy(() ->
                            transactions.executeWithoutResult(transaction -> line(posted.id(), 3, 2, "1000 USD 5 0")))
                    .rootCause()
                    .hasMessageContaining("violates check constraint");
        });
    }

    @Test
    void aClosedPeriodIsGuardedByTheDatabaseToo() {
        hospital.run(() -> {
            periods.close(today.toString().substring(0, 7));
            assertThat(outcome("1000 USD 10 0 | 4000 USD 0 10 | 10 | 2 | refused"))
                    .isEqualTo("refused");
        });
    }

    @Test
    void g2_theApplicationCanNeitherChangeNorDeleteNorEmptyTheJournal() {
        hospital.run(() -> {
            journal.post(entry());
            for (String table :
                    List.of("accounting_journal_entries", "accounting_journal_lines", "accounting_journal_keys")) {
                for (String statement : List.of(
                        "update %s set org_id = org_id", "delete from %s", "truncate %s", "truncate %s cascade")) {
                    assertThatThrownBy(() -> transactions.executeWithoutResult(transaction ->
                                    jdbc.sql(statement.formatted(table)).update()))
                            .as(statement, table)
                            .rootCause()
                            .hasMessageContaining("permission denied");
                }
            }
        });
    }

    @Test
    void e3_withoutOrganizationNoRows() {
        hospital.run(() -> journal.post(entry()));

        for (String table : List.of(
                "accounting_chart_of_accounts",
                "accounting_fiscal_periods",
                "accounting_journal_entries",
                "accounting_journal_lines",
                "accounting_clearing_references")) {
            assertThat(jdbc.sql("select count(*) from " + table)
                            .query(Long.class)
                            .single())
                    .as(table)
                    .isZero();
        }
    }

    private NewEntry entry() {
        return NewEntry.on(today, "test", "guard:" + UUID.randomUUID(), "Guarded")
                .debit("1000", Money.parse("USD 1.00"), null)
                .credit("4000", Money.parse("USD 1.00"), null)
                .build();
    }

    private String outcome(String row) {
        String[] cells = row.split("\\|");
        int last = cells.length - 1;
        var id = UUID.randomUUID();
        try {
            transactions.executeWithoutResult(transaction -> {
                head(id, Long.parseLong(cells[last - 2].strip()), Integer.parseInt(cells[last - 1].strip()));
                for (int i = 0; i < last - 2; i++) {
                    if (!cells[i].isBlank()) {
                        line(id, i + 1, Integer.parseInt(cells[last - 1].strip()), cells[i].strip());
                    }
                }
                // What the commit would check; not kept, because it went past the balances of the accounts.
                jdbc.sql("set constraints all immediate").update();
                transaction.setRollbackOnly();
            });
            return "ok";
        } catch (RuntimeException e) {
            return "refused";
        }
    }

    private void head(UUID id, long total, int lines) {
        jdbc.sql("insert into accounting_journal_keys values (:org, :key, :id, repeat('0', 64))")
                .param("org", hospital.id().value())
                .param("key", id.toString())
                .param("id", id)
                .update();
        jdbc.sql("""
                        insert into accounting_journal_entries (org_id, id, entry_number, entry_date, effective_date,
                               entry_type, fiscal_period, source_module, source_key, description, currency, total_debit,
                               total_credit, line_count, posted_at)
                        values (:org, :id, :number, :date, :date, 'standard', :period, 'psql', :key, 'by hand', 'USD',
                                :total, :total, :lines, now())
                        """)
                .param("org", hospital.id().value())
                .param("id", id)
                // A series of its own, so that the numbers of the journal keep having no gap.
                .param("number", id.toString().substring(0, 8) + "-000001")
                .param("key", id.toString())
                .param("date", today)
                .param("period", today.toString().substring(0, 7))
                .param("total", total)
                .param("lines", lines)
                .update();
    }

    private void line(UUID entry, int number, int count, String text) {
        String[] parts = text.split(" +");
        jdbc.sql("""
                        insert into accounting_journal_lines (org_id, journal_entry_id, line_number, line_count, entry_date,
                               account_id, currency, debit_amount, credit_amount)
                        select :org, :entry, :number, :count, :date, id, :currency, :debit, :credit
                          from accounting_chart_of_accounts where account_code = :code
                        """)
                .param("org", hospital.id().value())
                .param("entry", entry)
                .param("number", number)
                .param("count", count)
                .param("date", today)
                .param("code", parts[0])
                .param("currency", parts[1])
                .param("debit", Long.parseLong(parts[2]))
                .param("credit", Long.parseLong(parts[3]))
                .update();
    }

    private static String lastCell(String row) {
        return row.substring(row.lastIndexOf('|') + 1).strip();
    }
}

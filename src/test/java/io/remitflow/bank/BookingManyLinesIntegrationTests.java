package io.remitflow.bank;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestServices;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Files with many lines: each step costs what is left, not what was booked before. */
@BooksTest
class BookingManyLinesIntegrationTests {

    private static final int MANY = 3_000;

    @Autowired
    ApplicationContext context;

    BankBooks books;

    @BeforeEach
    void openBooks() {
        books = new BankBooks(context);
    }

    @Test
    void aFileOfThousandsOfLinesIsBookedCompletelyEachLineOnce() {
        waiting(books, 500);

        books.receive(books.mt940(books.today, 0, lines(0, MANY)));

        assertThat(books.count("accounting_bank_bookings")).isEqualTo(MANY);
        assertThat(books.count("accounting_bank_bookings where counter = 'clearing'"))
                .isEqualTo(500);
        assertThat(books.count("accounting_bank_unbooked_lines")).isZero();
        assertThat(books.count("accounting_bank_line_findings")).isZero();
        assertThat(books.balanceMinor("1000")).isEqualTo(MANY * 100L);
        assertThat(books.balanceMinor("1060")).isZero();
        assertThat(books.balanceMinor("1090")).isEqualTo(-(MANY - 500) * 100L);
    }

    @Test
    void aFewNewLinesAreBookedWithoutLookingAtThoseThatWereBookedBefore() {
        books.receive(books.mt940(books.today.minusDays(1), 0, lines(1_000, MANY + 1_000)));
        waiting(books, 1_000);
        JdbcClient.create(TestServices.postgres().superuser()).sql("analyze").update();

        Map<String, Long> read = rowsRead(books, 10, () -> {
            books.receiveOnly(books.mt940(books.today, MANY * 100L, lines(0, 10)));
            // What a connection that has served many hospitals comes to by itself.
            books.bean(JdbcClient.class)
                    .sql("set local plan_cache_mode = force_generic_plan")
                    .update();
        });

        assertThat(read.values().stream().mapToLong(Long::longValue).sum())
                .as("rows read to book 10 lines beside %d: %s", MANY, read)
                .isLessThan(300);
    }

    @Test
    void manyNewLinesAreComparedOnceEachThoughTheDatabaseKnowsOnlyThoseOfAnotherHospital() {
        waiting(books, 500);
        receiveOnly(books, MANY);
        JdbcClient.create(TestServices.postgres().superuser()).sql("analyze").update();
        var another = new BankBooks(context);
        waiting(another, 500);

        Map<String, Long> read =
                rowsRead(another, 1_000, () -> another.receiveOnly(another.mt940(another.today, 0, lines(0, MANY))));

        assertThat(read.values().stream().mapToLong(Long::longValue).sum())
                .as("rows read to compare %d lines and book the first: %s", MANY, read)
                .isLessThan(20L * MANY);
    }

    /** By comparing what arrives and booking the first of it, in one transaction. */
    private static Map<String, Long> rowsRead(BankBooks books, int booked, Runnable arrival) {
        return books.hospital.call(() ->
                Objects.requireNonNull(books.bean(TransactionTemplate.class).execute(transaction -> {
                    arrival.run();
                    Map<String, Long> before = rowsRead(books);
                    var bookings = books.bean(BankBookings.class);
                    assertThat(bookings.bookSome(bookings.compare().orElseThrow()))
                            .isEqualTo(booked);
                    Map<String, Long> after = rowsRead(books);
                    before.forEach((table, rows) -> after.merge(table, -rows, Long::sum));
                    return after;
                })));
    }

    /** In this transaction, of lines, bookings and references. */
    private static Map<String, Long> rowsRead(BankBooks books) {
        Map<String, Long> rows = new TreeMap<>();
        books.bean(JdbcClient.class).sql("""
                        select relname, seq_tup_read + coalesce(idx_tup_fetch, 0) as rows from pg_stat_xact_user_tables
                        where relname in ('accounting_bank_lines', 'accounting_bank_bookings', 'accounting_bank_unbooked_lines',
                            'accounting_clearing_references', 'accounting_bank_statement_lines')
                        """).query(row -> {
            rows.put(row.getString("relname"), row.getLong("rows"));
        });
        return rows;
    }

    private static void receiveOnly(BankBooks books, int lines) {
        books.hospital.run(() -> books.bean(TransactionTemplate.class)
                .executeWithoutResult(transaction -> books.receiveOnly(books.mt940(books.today, 0, lines(0, lines)))));
    }

    private static void waiting(BankBooks books, int references) {
        List<NewEntry> entries = new ArrayList<>();
        for (int number = 0; number < references; number++) {
            entries.add(NewEntry.on(books.today.minusDays(1), "test", "test:" + number, "Something waits for the bank")
                    .move(
                            StandardAccount.CARD_CLEARING,
                            Money.parse("USD 1.00"),
                            new ClearingReference("gateway-payment", number(number)))
                    .move(StandardAccount.UNAPPLIED_CASH, Money.parse("USD -1.00"), null)
                    .build());
        }
        books.hospital.run(() -> books.bean(Journal.class).postAll(entries));
    }

    private static String[] lines(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(number -> "C1,00NTRFNONREF//%s|TRANSFER".formatted(number(number)))
                .toArray(String[]::new);
    }

    private static String number(int number) {
        return "FT%010d".formatted(number);
    }
}

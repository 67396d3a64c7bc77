package io.remitflow.bank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.intake.IntakeFile;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestHospital;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.DataAccessException;

/** Statement files in the database: what is taken over, what is known already, and what is refused. */
@BooksTest
class BankImportIntegrationTests {

    @Autowired
    ApplicationContext context;

    BankBooks books;

    @BeforeEach
    void openBooks() {
        books = new BankBooks(context);
    }

    @Test
    void aFileBecomesAStatementWithItsLinesInTheBooks() {
        var receipt = books.receive(
                books.mt940(books.today, 10_000, "C250,00NTRFREF1//BANK1|Deposit", "D12,50NCHGNONREF|Monthly fee"));

        assertThat(receipt.file().state()).isEqualTo(IntakeFile.State.ACCEPTED);
        BankStatement statement = receipt.statements().getFirst();
        assertThat(statement.opening()).isEqualTo(usd("100.00"));
        assertThat(statement.closing()).isEqualTo(usd("337.50"));
        assertThat(statement.lines()).isEqualTo(2);
        assertThat(statement.newLines()).isEqualTo(2);
        assertThat(statement.finding()).isNull();
        assertThat(books.balanceMinor("1000")).isEqualTo(23_750);
        assertThat(books.balanceMinor("1090")).isEqualTo(-23_750);
    }

    @Test
    void theSameBytesChangeNothing() {
        String file = books.mt940(books.today, 0, "C1,00NTRFREF1");
        books.receive(file);

        var again = books.receive(file);

        assertThat(again.repeated()).isTrue();
        assertThat(again.statements()).hasSize(1);
        assertThat(books.count("accounting_bank_statements")).isEqualTo(1);
        assertThat(books.balanceMinor("1000")).isEqualTo(100);
    }

    @Test
    void b13_twoFilesThatOverlapKeepEachLineOnce() {
        books.receive(books.mt940(books.today.minusDays(1), 0, "C10,00NTRFA//1|First"));
        // The second file shows both days.
        String both = books.mt940(books.today, 0, "C10,00NTRFA//1|First", "C20,00NTRFB//2|Second")
                .replaceFirst(
                        ":61:\\d{6}",
                        ":61:"
                                + books.today
                                        .minusDays(1)
                                        .format(java.time.format.DateTimeFormatter.ofPattern("yyMMdd")));

        var receipt = books.receive(both);

        assertThat(receipt.statements().getFirst().lines()).isEqualTo(2);
        assertThat(receipt.statements().getFirst().newLines()).isEqualTo(1);
        assertThat(books.lines()).hasSize(2);
        assertThat(books.balanceMinor("1000")).isEqualTo(3_000);
    }

    @Test
    void twoGenuineChargesOfOneDayStayTwoHoweverManyFilesShowThem() {
        books.receive(books.mt940(books.today, 0, "D3,50NMSCNONREF|Coffee", "D3,50NMSCNONREF|Coffee"));
        books.receive(books.mt940(books.today, 1, "D3,50NMSCNONREF|Coffee"));
        books.receive(books.mt940(
                books.today, 2, "D3,50NMSCNONREF|COFFEE", "D3,50NMSCNONREF|Coffee", "D3,50NMSCNONREF|Coffee"));

        assertThat(books.lines()).as("the most that one file shows").hasSize(3);
        assertThat(books.balanceMinor("1000")).isEqualTo(-1_050);
    }

    @Test
    void aStatementThatDoesNotContinueTheOneBeforeIsTakenOverAndSaysSo() {
        books.receive(books.mt940(books.today.minusDays(3), 0, "C10,00NTRFA"));

        var receipt = books.receive(books.mt940(books.today, 5_000, "C10,00NTRFB"));

        assertThat(receipt.statements().getFirst().finding())
                .startsWith("Opens with 50.00, but the statement of")
                .contains("closed with 10.00");
    }

    @Test
    void aStatementThatComesLaterClosesTheGap() {
        books.receive(books.mt940(books.today.minusDays(3), 0, "C10,00NTRFA"));
        books.receive(books.mt940(books.today, 5_000, "C10,00NTRFC"));

        books.receive(books.mt940(books.today.minusDays(1), 1_000, "C40,00NTRFB"));

        assertThat(books.statements())
                .hasSize(3)
                .extracting(BankStatement::finding)
                .containsOnlyNulls();
    }

    @Test
    void aStatementThatComesLaterShowsTheGapOfOneThatWasTheFirst() {
        books.receive(books.mt940(books.today, 5_000, "C10,00NTRFB"));

        books.receive(books.mt940(books.today.minusDays(3), 0, "C10,00NTRFA"));

        assertThat(books.statements())
                .extracting(BankStatement::finding)
                .filteredOn(Objects::nonNull)
                .singleElement(InstanceOfAssertFactories.STRING)
                .startsWith("Opens with 50.00");
    }

    @Test
    void statementsThatOverlapLeaveNoGap() {
        var day = books.today.minusDays(20);
        books.receive(books.mt940(day, 0, "C20,00NTRFZ"));
        books.receive(
                books.mt940(day.plusDays(5), 2_000, BankBooks.yymmdd(day.plusDays(1)) + "C40,00NTRFA", "C40,00NTRFB"));

        books.receive(
                books.mt940(day.plusDays(8), 6_000, BankBooks.yymmdd(day.plusDays(5)) + "C40,00NTRFB", "C7,00NTRFC"));

        assertThat(books.statements())
                .hasSize(3)
                .extracting(BankStatement::finding)
                .containsOnlyNulls();
    }

    @Test
    void twoStatementsOfADayContinueEachOther() {
        books.receive(books.mt940(books.today.minusDays(1), 0, "C10,00NTRFA"));
        books.receive(books.mt940(books.today, 1_000, "C10,00NTRFMORNING"));

        books.receive(books.mt940(books.today, 2_000, "C10,00NTRFEVENING"));

        assertThat(books.statements())
                .hasSize(3)
                .extracting(BankStatement::finding)
                .containsOnlyNulls();
    }

    @Test
    void anUnknownAccountIsRejectedAndTheSameFileWorksOnceItIsThere() {
        String file = books.mt940(books.today, 0, "C10,00NTRFA").replace(BankBooks.NUMBER, "DE89 3704 0044");

        var rejected = books.receive(file);

        assertThat(rejected.file().state()).isEqualTo(IntakeFile.State.REJECTED);
        assertThat(rejected.file().reason()).contains("ending in 0044").doesNotContain("3704");
        assertThat(books.count("accounting_bank_lines")).isZero();

        books.open("Other", "DE8937040044", "1010");
        assertThat(books.receive(file).file().state()).isEqualTo(IntakeFile.State.ACCEPTED);
        assertThat(books.balanceMinor("1010")).isEqualTo(1_000);
    }

    @Test
    void d15_aBrokenFileLeavesNothingBehind() {
        String good = books.mt940(books.today, 0, "C10,00NTRFA");
        String broken = good + good.replace(":62F:C", ":62F:D").replace(":60F:C", ":60F:D");

        var receipt = books.receive(broken);

        assertThat(receipt.file().state()).isEqualTo(IntakeFile.State.REJECTED);
        assertThat(receipt.file().reason()).startsWith("Statement 2: opening balance");
        assertThat(books.count("accounting_bank_lines")).isZero();
        assertThat(books.balanceMinor("1000")).isZero();
    }

    @Test
    void aMovementInTheFutureIsRejected() {
        var receipt = books.receive(books.mt940(books.today.plusDays(2), 0, "C10,00NTRFA"));

        assertThat(receipt.file().state()).isEqualTo(IntakeFile.State.REJECTED);
        assertThat(receipt.file().reason()).contains("in the future");
    }

    @Test
    void d17_aCardNumberInATextIsNotKept() {
        books.receive(books.mt940(books.today, 0, "C10,00NTRFA|Paid with 4242 4242 4242 4242 thanks"));

        assertThat(books.lines().getFirst().description()).isEqualTo("Paid with [number removed] thanks");
        assertThat(books.query(
                        "select count(*) from accounting_bank_bookings where evidence like '%4242%'", Long.class))
                .isZero();
    }

    @Test
    void b10_sixImportsAtOnceBookEachLineOnce() throws Exception {
        String file = books.mt940(books.today, 0, "C10,00NTRFA", "D4,00NTRFB");
        List<Callable<ImportReceipt>> imports = new java.util.ArrayList<>();
        for (int i = 0; i < 6; i++) {
            String other = file + "\n".repeat(i);
            imports.add(() -> books.receive(other));
        }
        try (var pool = Executors.newFixedThreadPool(6)) {
            for (var done : pool.invokeAll(imports)) {
                assertThat(done.get().file().state()).isEqualTo(IntakeFile.State.ACCEPTED);
            }
        }

        assertThat(books.lines()).hasSize(2);
        assertThat(books.balanceMinor("1000")).isEqualTo(600);
    }

    @Test
    void statementsLinesAndBookingsAreNeverChanged() {
        books.receive(books.mt940(books.today, 0, "C10,00NTRFA"));

        for (String table : List.of(
                "accounting_bank_statements",
                "accounting_bank_lines",
                "accounting_bank_statement_lines",
                "accounting_bank_bookings")) {
            assertThatExceptionOfType(DataAccessException.class)
                    .as(table)
                    .isThrownBy(() -> books.query(
                            "with gone as (delete from %s returning 1) select count(*) from gone".formatted(table),
                            Long.class));
        }
    }

    @Test
    void theNumberOfAnAccountIsNeitherReadableNorUsedTwice() {
        assertThat(books.query(
                        "select encode(account_encrypted, 'escape') from accounting_bank_accounts", String.class))
                .doesNotContain("3456789");
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.open("Again", "00-0123 456789", "1000"))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.DUPLICATE_BANK_ACCOUNT));
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.open("Clearing", "999988887777", "1050"))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.INVALID_INPUT));
    }

    @Test
    void aCsvFileIsForTheAccountWhoseProfileHasItsColumns() {
        books.hospital.runAs(
                Role.ACCOUNTING_STAFF,
                () -> books.bean(BankAccounts.class)
                        .saveProfile(new CsvProfile(
                                io.remitflow.core.Ids.next(),
                                books.account,
                                "Portal",
                                ',',
                                "UTF-8",
                                List.of("Date", "Text", "Amount"),
                                false,
                                "yyyy-MM-dd",
                                false,
                                "Date",
                                null,
                                "Amount",
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                List.of("Text"),
                                "USD")));

        var receipt = books.receive("Date,Text,Amount\n%s,Deposit,\"1,234.50\"\n".formatted(books.today));
        var drifted = books.receive("Date,Text,Amount,Balance\n%s,Deposit,1.00,1.00\n".formatted(books.today));

        assertThat(receipt.statements().getFirst().format()).isEqualTo(BankFormat.CSV);
        assertThat(books.balanceMinor("1000")).isEqualTo(123_450);
        assertThat(drifted.file().reason()).startsWith("No CSV profile has exactly the columns");
    }

    @Test
    void anotherOrganizationSeesNothingOfIt() {
        var receipt = books.receive(books.mt940(books.today, 0, "C10,00NTRFA"));
        var other = TestHospital.create(context);

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> other.run(() -> books.bean(BankStatements.class)
                        .get(receipt.statements().getFirst().id())))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.NOT_FOUND));
    }

    private static Money usd(String amount) {
        return Money.parse("USD " + amount);
    }
}

package io.remitflow.bank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.intake.InboxDirectories;
import io.remitflow.local.BooksTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** Files that a bank drops into the inbox directory of an organization. */
@BooksTest
class BankInboxIntegrationTests {

    private static final Duration SOON = Duration.ofSeconds(60);

    BankBooks books;
    Path inbox;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new BankBooks(context);
        inbox = books.hospital.call(() -> books.bean(InboxDirectories.class).forBankStatements());
    }

    @Test
    void whatIsDroppedIsBookedAndArchivedUnderItsId() throws IOException {
        Files.writeString(inbox.resolve("today.bai"), bai2("51000"));

        await().atMost(SOON).ignoreException(NoSuchFileException.class).untilAsserted(() -> {
            assertThat(inbox.resolve("today.bai")).doesNotExist();
            assertThat(books.balanceMinor("1000")).isEqualTo(25_500);
            try (var archived = Files.list(inbox.resolve("archive"))) {
                assertThat(archived).hasSize(1);
            }
        });
    }

    @Test
    void d15_whatIsRejectedLiesBesideItsReason() throws IOException {
        Files.writeString(inbox.resolve("wrong.bai"), bai2("51001"));

        await().atMost(SOON).ignoreException(NoSuchFileException.class).untilAsserted(() -> {
            try (var rejected = Files.list(inbox.resolve("rejected"))) {
                assertThat(rejected.filter(file -> file.toString().endsWith(".reason.txt")))
                        .singleElement()
                        .satisfies(file -> assertThat(Files.readString(file))
                                .startsWith("wrong.bai")
                                .contains("49, the account, says its control total is 51001"));
            }
        });
        assertThat(books.count("accounting_bank_lines")).isZero();
    }

    private String bai2(String total) {
        String day = books.today.format(DateTimeFormatter.ofPattern("yyMMdd"));
        return """
                01,BANK,CUST,%1$s,0600,1,,,2/
                02,CUST,BANK,1,%1$s,,USD,2/
                03,%2$s,USD,010,0,,,015,25500,,/
                16,301,25500,Z,B1,,DEPOSIT/
                49,%3$s,3/
                98,%3$s,1,5/
                99,%3$s,1,7/
                """.formatted(day, BankBooks.NUMBER, total);
    }
}

package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.local.BooksTest;
import io.remitflow.local.SftpStandIn;
import io.remitflow.local.TestServices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.ContextConfiguration;

/** Remittances that a clearinghouse leaves on its SFTP server. */
@BooksTest
@ContextConfiguration(initializers = {TestServices.Books.class, SftpStandIn.Routes.class})
class SftpInboxIntegrationTests {

    private static final Duration SOON = Duration.ofSeconds(60);

    private final SftpStandIn sftp = SftpStandIn.shared();
    private RemittanceBooks books;
    private Path inbox;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "100.00");
        inbox = sftp.directory("inbox", books.hospital.code(), "era");
    }

    @Test
    void aRemittanceIsPostedOnceAndArchivedOnTheServer() {
        sftp.deliver(
                inbox,
                "remit.835",
                EraText.of("SFTP1", "100.00", InboxIntegrationTests.BODY).bytes());

        await().atMost(SOON).until(() -> sftp.files(inbox).isEmpty());

        assertThat(sftp.files(inbox.resolve("archive")))
                .containsExactlyElementsOf(books.queryAll("select id::text from intake_files", String.class));
        assertThat(books.queryAll("select state from intake_files", String.class))
                .containsExactly("accepted");
        assertThat(books.balanceMinor("1050")).isEqualTo(10_000);
    }

    @Test
    void d10_whatIsNoRemittanceIsRejectedOnTheServerWithItsReason() throws IOException {
        sftp.deliver(inbox, "remit.835", "%PDF-1.7 no remittance".getBytes());

        await().atMost(SOON).until(() -> sftp.files(inbox).isEmpty());

        Path rejected = inbox.resolve("rejected");
        assertThat(sftp.files(rejected)).hasSize(2).last().asString().endsWith(".reason.txt");
        assertThat(rejected.resolve(sftp.files(rejected).getLast()))
                .content()
                .startsWith("remit.835")
                .hasLineCount(2);
        assertThat(books.count("billing_remittances")).isZero();
    }

    @Test
    void d1_whatIsStillBeingWrittenIsLeftAlone() throws Exception {
        byte[] bytes = EraText.of("SFTP2", "100.00", InboxIntegrationTests.BODY).bytes();
        Path young = Files.write(inbox.resolve("young.835"), Arrays.copyOf(bytes, bytes.length / 2));
        sftp.deliver(inbox, "old.835.part", Arrays.copyOf(bytes, bytes.length / 2));

        Thread.sleep(Duration.ofSeconds(5));
        assertThat(sftp.files(inbox)).containsExactly("old.835.part", "young.835");
        assertThat(books.count("intake_files")).isZero();

        Files.write(young, bytes);
        Files.setLastModifiedTime(young, FileTime.from(Instant.now().minusSeconds(120)));
        await().atMost(SOON).until(() -> sftp.files(inbox).equals(List.of("old.835.part")));
        assertThat(books.balanceMinor("1050")).isEqualTo(10_000);
    }

    @Test
    void whatArrivesWhileTheServerIsAwayIsFetchedWhenItIsBack() throws Exception {
        sftp.away();
        sftp.deliver(
                inbox,
                "remit.835",
                EraText.of("SFTP3", "100.00", InboxIntegrationTests.BODY).bytes());
        Thread.sleep(Duration.ofSeconds(4));
        assertThat(books.count("intake_files")).isZero();

        sftp.back();

        await().atMost(SOON).until(() -> sftp.files(inbox).isEmpty());
        assertThat(books.balanceMinor("1050")).isEqualTo(10_000);
    }
}

package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.local.BooksTest;
import io.remitflow.local.SftpStandIn;
import io.remitflow.local.TestServices;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.ContextConfiguration;

/** Scanned packets that a lockbox leaves on its SFTP server. */
@BooksTest
@ContextConfiguration(initializers = {TestServices.Books.class, SftpStandIn.Routes.class})
class SftpPacketsIntegrationTests {

    private static final Duration SOON = Duration.ofSeconds(60);

    private final SftpStandIn sftp = SftpStandIn.shared();
    private CheckBooks books;
    private Path inbox;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new CheckBooks(context);
        inbox = sftp.directory("inbox", books.hospital.code(), "checks");
    }

    @Test
    void aPacketIsFetchedOnceAndArchivedOnTheServer() {
        sftp.deliver(
                inbox,
                "packet.pdf",
                books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital());

        await().atMost(SOON).until(() -> sftp.files(inbox).isEmpty());

        CheckPacket packet = packets().getFirst();
        assertThat(sftp.files(inbox.resolve("archive")))
                .containsExactly(packet.fileId().toString());
        assertThat(packet.fileName()).isEqualTo("packet.pdf");
    }

    @Test
    void d10_whatIsNoPacketIsRejectedOnTheServerWithItsReason() {
        sftp.deliver(inbox, "packet.pdf", "ISA*00* no packet".getBytes());

        await().atMost(SOON).until(() -> sftp.files(inbox).isEmpty());

        assertThat(sftp.files(inbox.resolve("rejected"))).hasSize(2).anyMatch(name -> name.endsWith(".reason.txt"));
        assertThat(packets()).isEmpty();
    }

    private List<CheckPacket> packets() {
        return books.as(() -> books.bean(CheckPackets.class).list(null, 10));
    }
}

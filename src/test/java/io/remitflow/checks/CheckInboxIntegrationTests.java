package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.intake.InboxDirectories;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestServices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Packets dropped into the inbox directory of an organization. */
@BooksTest
class CheckInboxIntegrationTests {

    private static final Duration SOON = Duration.ofSeconds(60);

    CheckBooks books;
    Path inbox;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new CheckBooks(context);
        inbox = books.hospital.call(
                () -> context.getBean(InboxDirectories.class).forChecks());
    }

    @Test
    void aPacketIsFetchedAndArchivedUnderItsId() throws IOException {
        Path file = Files.write(
                inbox.resolve("a;..'b.pdf"),
                books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital());
        // Long enough ago that nobody is still writing it.
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(3_600)));

        await().atMost(SOON).until(() -> !packets().isEmpty() && files(inbox).isEmpty());

        assertThat(files(inbox.resolve("archive")))
                .containsExactly(packets().getFirst().fileId().toString());
        assertThat(packets().getFirst().fileName()).isEqualTo("a;..'b.pdf");
    }

    @Test
    void d10_whatIsNoPacketIsRejectedWithItsReason() throws IOException {
        Path file = Files.writeString(inbox.resolve("claims.pdf"), "ISA*00* no packet");
        // Long enough ago that nobody is still writing it.
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(3_600)));

        await().atMost(SOON).until(() -> files(inbox).isEmpty());

        Path rejected = inbox.resolve("rejected");
        String reason = files(rejected).stream()
                .filter(name -> name.endsWith(".reason.txt"))
                .findFirst()
                .orElseThrow();
        assertThat(Files.readString(rejected.resolve(reason))).contains("claims.pdf", "neither a PDF");
        assertThat(packets()).isEmpty();
    }

    @Test
    void d13_aLinkIsNotFollowed() throws IOException {
        Files.createSymbolicLink(inbox.resolve("passwd.pdf"), Path.of("/etc/passwd"));

        await().atMost(SOON).until(() -> files(inbox).isEmpty());

        assertThat(files(inbox.resolve("rejected"))).anyMatch(name -> name.endsWith(".reason.txt"));
        assertThat(packets()).isEmpty();
    }

    @Test
    void d21_aPacketThatEndsItsProcessingEveryTimeIsPutAsideAndTheOthersGoOn() throws IOException {
        superuser("""
                create function poison_check() returns trigger language plpgsql as $$
                begin
                    raise exception 'poison';
                end $$
                """);
        superuser("""
                create trigger poison_check before insert on check_packets
                for each row when (new.page_count = 13) execute function poison_check()
                """);
        try {
            drop("poison.pdf", PacketPdf.pages(13));
            drop("fine.pdf", PacketPdf.pages(2));

            await().atMost(SOON).until(() -> states("fine.pdf").equals(List.of("accepted")));
            await().atMost(SOON).until(() -> states("poison.pdf").equals(List.of("parked")));
            await().atMost(SOON).until(() -> files(inbox).isEmpty());
        } finally {
            superuser("drop trigger poison_check on check_packets");
            superuser("drop function poison_check");
        }

        assertThat(packets()).extracting(CheckPacket::fileName).containsExactly("fine.pdf");
        Path rejected = inbox.resolve("rejected");
        String reason = files(rejected).stream()
                .filter(name -> name.endsWith(".reason.txt"))
                .findFirst()
                .orElseThrow();
        assertThat(Files.readString(rejected.resolve(reason))).contains("poison.pdf", "5 times");
    }

    private void drop(String name, byte[] bytes) throws IOException {
        Path file = Files.write(inbox.resolveSibling(name + ".arriving"), bytes);
        // Long enough ago that nobody is still writing it.
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(3_600)));
        Files.move(file, inbox.resolve(name));
    }

    private static void superuser(String sql) {
        JdbcClient.create(TestServices.postgres().superuser()).sql(sql).update();
    }

    private List<String> states(String name) {
        return JdbcClient.create(TestServices.postgres().superuser())
                .sql("select state from intake_files where original_name = :name and org_id = :org")
                .param("name", name)
                .param("org", books.hospital.id().value())
                .query(String.class)
                .list();
    }

    private List<CheckPacket> packets() {
        return books.as(() -> books.bean(CheckPackets.class).list(null, 10));
    }

    private static List<String> files(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(file -> !Files.isDirectory(file))
                    .map(file -> file.getFileName().toString())
                    .toList();
        }
    }
}

package io.remitflow.remittance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.intake.InboxDirectories;
import io.remitflow.intake.IntakeFile;
import io.remitflow.intake.IntakeFiles;
import io.remitflow.local.BooksTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** Files dropped into the inbox directory of an organization. */
@BooksTest
class InboxIntegrationTests {

    static final Duration SOON = Duration.ofSeconds(30);

    static final String BODY = """
            CLP*C1*1*100*100*0*12*PCN1*11*1
            NM1*QC*1*DOE*JANE
            """;

    RemittanceBooks books;
    Path inbox;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "100.00");
        inbox = books.hospital.call(
                () -> context.getBean(InboxDirectories.class).forRemittances());
    }

    @Test
    void postsWhatIsDroppedAndArchivesItUnderItsId() {
        drop("remit.835", EraText.of("IN1", "100.00", BODY).bytes());

        await().atMost(SOON).untilAsserted(() -> {
            assertThat(inbox.resolve("remit.835")).doesNotExist();
            assertThat(inbox.resolve("archive").resolve(onlyFile().id().toString()))
                    .exists();
        });
        assertThat(onlyFile().state()).isEqualTo(IntakeFile.State.ACCEPTED);
        assertThat(onlyFile().originalName()).isEqualTo("remit.835");
        assertThat(books.balanceMinor("1050")).isEqualTo(10_000);
    }

    @Test
    void e7_filesThatArriveForTwoOrganizationsInTurnsAreEachPostedInTheirOwn() {
        var other = new RemittanceBooks(books.context).claim("C1", "100.00");
        Path otherInbox = other.hospital.call(
                () -> books.context.getBean(InboxDirectories.class).forRemittances());
        for (int i = 2; i <= 8; i++) {
            books.claim("C" + i, "100.00");
            other.claim("C" + i, "100.00");
        }
        for (int i = 1; i <= 8; i++) {
            String body = BODY.replace("*C1*", "*C" + i + "*");
            drop(inbox, i + ".835", EraText.of("E7" + i, "100.00", body).bytes());
            String partly = body.replace("*100*100*0*", "*100*90*10*").replace("NM1*", "CAS*PR*1*10\nNM1*");
            drop(otherInbox, i + ".835", EraText.of("E7" + i, "90.00", partly).bytes());
        }

        await().atMost(SOON.multipliedBy(2)).untilAsserted(() -> {
            assertThat(books.balanceMinor("1050")).isEqualTo(80_000);
            assertThat(other.balanceMinor("1050")).isEqualTo(72_000);
        });
        for (RemittanceBooks each : List.of(books, other)) {
            assertThat(each.count("intake_files")).isEqualTo(8);
            assertThat(each.queryAll("select distinct state from intake_files", String.class))
                    .containsExactly("accepted");
        }
    }

    @Test
    void d1_aHalfWrittenFileIsLeftAloneUntilItIsFinished() throws Exception {
        finishAfter(Duration.ofSeconds(5));
    }

    @Test
    @Tag("chaos")
    void d1_aFileWhoseWriterPausesForHalfAMinuteIsLeftAloneUntilItIsFinished() throws Exception {
        finishAfter(Duration.ofSeconds(30));
    }

    private void finishAfter(Duration pause) throws Exception {
        byte[] bytes = EraText.of("D1", "100.00", BODY).bytes();
        Path file = inbox.resolve("slow.835");
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));

        Thread.sleep(pause.toMillis());
        assertThat(file).exists();
        assertThat(books.count("intake_files")).isZero();

        Files.write(file, bytes);
        await().atMost(SOON).until(() -> !Files.exists(file));
        assertThat(onlyFile().state()).isEqualTo(IntakeFile.State.ACCEPTED);
        assertThat(books.balanceMinor("1050")).isEqualTo(10_000);
    }

    @Test
    void d2_aFileThatWasNeverFinishedIsRejectedWithItsPosition() throws IOException {
        byte[] bytes = EraText.of("D2", "100.00", BODY).bytes();
        drop("cut.835", java.util.Arrays.copyOf(bytes, bytes.length - 60));

        assertThat(rejection("cut.835")).contains("cut.835").containsPattern("segment \\d+|character \\d+");
        assertThat(books.count("billing_remittances")).isZero();
        assertThat(books.count("billing_remittance_claims")).isZero();
    }

    @ParameterizedTest
    @MethodSource
    void d10_whatIsNoRemittanceIsRejectedByItsContent(byte[] content) throws IOException {
        drop("looks-like.835", content);

        assertThat(rejection("looks-like.835")).isNotBlank();
        assertThat(books.count("billing_remittances")).isZero();
    }

    static Stream<byte[]> d10_whatIsNoRemittanceIsRejectedByItsContent() {
        return Stream.of(
                new byte[0],
                "%PDF-1.7\n%\u00e2\u00e3\n1 0 obj".getBytes(UTF_8),
                new byte[] {(byte) 0xff, (byte) 0xd8, (byte) 0xff, (byte) 0xe0, 0, 16, 'J', 'F', 'I', 'F'},
                new byte[] {'P', 'K', 3, 4, 20, 0, 0, 0, 8, 0, 1, 2, 3, 4});
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a\nb.835", "CON", "x..;", "%2e%2e%2fx", "\u202Eexe.835", "<img src=x>.835", "a'b\"c`$(id).835"})
    void d12_aStrangeNameIsOnlyText(String name) {
        drop(name, EraText.of("D12", "100.00", BODY).bytes());

        await().atMost(SOON).until(() -> !Files.exists(inbox.resolve(name)));
        assertThat(inbox.resolve("archive").resolve(onlyFile().id().toString())).exists();
        assertThat(onlyFile().originalName()).doesNotContainPattern("[\\p{Cntrl}\\p{Cf}]");
    }

    @Test
    void d12_aPathOfAnUploadIsOnlyText() {
        var receipt = books.receive(
                "../../etc/x.835", EraText.of("D12U", "100.00", BODY).bytes());
        var longer = books.receive("n".repeat(300) + ".835", "ISA".getBytes(UTF_8));

        assertThat(receipt.file().originalName()).isEqualTo("x.835");
        assertThat(longer.file().originalName()).hasSizeLessThanOrEqualTo(120);
    }

    @Test
    void d13_aLinkIsNotFollowed() throws IOException {
        var other = new RemittanceBooks(books.context).claim("C1", "100.00");
        Path otherInbox = other.hospital.call(
                () -> books.context.getBean(InboxDirectories.class).forRemittances());
        Path secret = Files.writeString(
                inbox.resolveSibling("elsewhere.835"),
                EraText.of("D13", "100.00", BODY).text());
        Files.createSymbolicLink(inbox.resolve("link.835"), secret);
        Files.createSymbolicLink(inbox.resolve("passwd.835"), Path.of("/etc/passwd"));
        Files.createSymbolicLink(inbox.resolve("theirs.835"), otherInbox.resolve("theirs.835"));
        Files.createSymbolicLink(inbox.resolve("other"), otherInbox);
        drop(otherInbox, "theirs.835", EraText.of("D13T", "100.00", BODY).bytes());

        await().atMost(SOON).untilAsserted(() -> {
            assertThat(inbox.resolve("link.835")).doesNotExist();
            assertThat(inbox.resolve("passwd.835")).doesNotExist();
            assertThat(Files.isSymbolicLink(inbox.resolve("theirs.835"))).isFalse();
            assertThat(reasons()).hasSize(3).allMatch(reason -> reason.contains("links are not followed"));
            assertThat(other.balanceMinor("1050")).isEqualTo(10_000);
        });
        assertThat(books.count("intake_files")).isZero();
        assertThat(other.count("intake_files")).isOne();
        assertThat(secret).exists();
    }

    @Test
    void a11_aFileSeenAgainAfterItsPostingIsMovedAndNotPostedTwice() {
        byte[] bytes = EraText.of("A11", "100.00", BODY).bytes();
        // As if the application was killed after the commit and before the move.
        var before = books.receive("remit.835", bytes);

        drop("remit.835", bytes);

        await().atMost(SOON).until(() -> !Files.exists(inbox.resolve("remit.835")));
        assertThat(inbox.resolve("archive").resolve(before.file().id().toString()))
                .exists();
        assertThat(books.count("intake_files")).isOne();
        assertThat(books.count("billing_remittances")).isOne();
        assertThat(books.balanceMinor("1050")).isEqualTo(10_000);
        assertThat(books.queryAll("select repeated from intake_deliveries order by id", Boolean.class))
                .containsExactly(false, true);
    }

    private void drop(String name, byte[] bytes) {
        drop(inbox, name, bytes);
    }

    private static void drop(Path inbox, String name, byte[] bytes) {
        try {
            Path arriving = inbox.resolveSibling(name.hashCode() + ".arriving");
            Files.write(arriving, bytes);
            // As if nobody had written to it for two minutes.
            Files.setLastModifiedTime(arriving, FileTime.from(Instant.now().minusSeconds(120)));
            Files.move(arriving, inbox.resolve(name));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String rejection(String name) {
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(inbox.resolve(name)).doesNotExist();
            assertThat(reasons()).isNotEmpty();
        });
        return reasons().getFirst();
    }

    private List<String> reasons() throws RuntimeException {
        try (Stream<Path> files = Files.list(inbox.resolve("rejected"))) {
            return files.filter(file -> file.toString().endsWith(".reason.txt"))
                    .map(InboxIntegrationTests::read)
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private IntakeFile onlyFile() {
        return books.hospital.call(() -> {
            var files = books.bean(IntakeFiles.class).recent(10);
            assertThat(files).hasSize(1);
            return files.getFirst();
        });
    }
}

package io.remitflow.checks;

import static io.remitflow.checks.CheckBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.checks.PacketPdf.DrawnCheck;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.intake.IntakeFile;
import io.remitflow.intake.IntakeFiles;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestServices;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntConsumer;
import javax.imageio.ImageIO;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.DefaultApplicationArguments;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@BooksTest
class CheckPacketsIntegrationTests {

    @Autowired
    ApplicationContext context;

    CheckBooks books;

    @BeforeEach
    void openHospital() {
        books = new CheckBooks(context);
    }

    @Test
    void c48_onePdfWithTwoChecksIsTwoChecksAndTheSamePdfAgainIsNone() {
        byte[] packet = books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                .check("2", books.today(), "The Enclave", "50.00", "Fifty and 00/100")
                .digital();

        var staged = books.staged(packet);
        var again = books.receive(packet);

        assertThat(staged).extracting(PaperCheck::position).containsExactly(1, 2);
        assertThat(staged).extracting(PaperCheck::amount).containsExactly(usd("100.00"), usd("50.00"));
        assertThat(staged).allMatch(check -> check.status() == CheckStatus.NEEDS_REVIEW);
        assertThat(again.repeated()).isTrue();
        assertThat(again.packetId()).isEqualTo(staged.getFirst().packetId());
        books.run(() -> books.bean(CheckPackets.class).read(Objects.requireNonNull(again.packetId())));
        assertThat(books.as(() -> books.bean(Checks.class).ofPacket(Objects.requireNonNull(again.packetId()))))
                .hasSize(2);
    }

    @Test
    void c48_twoChecksWhoseNumbersNobodyCanReadAreTwoChecks() {
        var staged = books.staged(books.packet("~", "The Enclave", "100.00", "One hundred and 00/100")
                .check("~", books.today(), "The Enclave", "100.00", "One hundred and 00/100")
                .digital());

        assertThat(staged).hasSize(2);
        assertThat(staged).allMatch(check -> check.checkNumber() == null);
        assertThat(staged).noneMatch(PaperCheck::isSuspectedDuplicate);
    }

    @Test
    void c48_theSameCheckTwiceInOnePdfIsASuspectedDuplicate() {
        var staged = books.staged(books.packet("0007", "The Enclave", "100.00", "One hundred and 00/100")
                .check("7", books.today(), "THE ENCLAVE", "100.00", "One hundred and 00/100")
                .digital());

        assertThat(staged).extracting(PaperCheck::isSuspectedDuplicate).containsExactly(false, true);
    }

    @Test
    void d16_theSameCheckInAnotherFileIsDecidedByAPerson() {
        UUID rye = books.facility("Rye");
        books.invoice(rye, 5, "100.00");
        books.payer("The Enclave", rye);
        var first = books.staged(books.packet("7", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        var second = books.staged(books.packet("7", "The Enclave", "100.00", "One hundred and 00/100")
                        .check("8", books.today(), "x y z", "1.00", "One and 00/100")
                        .digital())
                .getFirst();
        assertThat(Objects.requireNonNull(second.duplicate()).of()).isEqualTo(first.id());
        books.confirm(first.id());
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.confirm(second.id()))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.CHECK_NOT_CONFIRMABLE));

        books.run(() -> books.bean(Checks.class).decideDuplicate(second.id(), true, "Photographed and mailed"));

        assertThat(books.check(second.id()).status()).isEqualTo(CheckStatus.REJECTED);
        var third = books.staged(books.packet("7", "The Enclave", "100.00", "One hundred and 00/100")
                        .check("9", books.today(), "x y z", "1.00", "One and 00/100")
                        .digital())
                .getFirst();
        books.run(() -> books.bean(Checks.class).decideDuplicate(third.id(), false, "The numbers began anew"));
        books.confirm(third.id());
        assertThat(books.check(third.id()).status()).isEqualTo(CheckStatus.CONFIRMED);
    }

    @Test
    void d10_whatIsNoPacketIsRejectedWithItsReason() {
        assertThat(rejected("PK\u0003\u0004 no packet".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)))
                .contains("neither a PDF");
        assertThat(rejected(books.packet("1", "x y z", "1.00", "One and 00/100").encrypted()))
                .contains("encrypted");
        assertThat(rejected(PacketPdf.pages(41))).contains("41 pages");
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.receive(new byte[0]))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.FILE_EMPTY));
    }

    @Test
    void d10_aFileOverALimitIsRejectedWithItsReasonAndKept() throws IOException {
        byte[] picture = png();
        assertThat(books.receive(Arrays.copyOf(picture, 20_000_000)).packetId())
                .as("as large as may be")
                .isNotNull();
        rejectedAndKept(Arrays.copyOf(picture, 20_000_001), "larger than 20,000,000 bytes");
        rejectedAndKept(PacketPdf.pages(42), "42 pages, at most 40");
        rejectedAndKept(
                CraftedPdf.with(pdf -> pdf.nested(pdf.picture(60_000, 60_000, "FlateDecode", new byte[10]))),
                "more than 60,000,000 pixels");
        rejectedAndKept(poster(), "Page 2 is larger than any paper");
    }

    private void rejectedAndKept(byte[] bytes, String reason) {
        ReceivedPacket received = books.receive(bytes);
        IntakeFile file = books.as(
                () -> books.bean(IntakeFiles.class).find(received.file().id()).orElseThrow());

        assertThat(received.packetId()).isNull();
        assertThat(file.state()).isEqualTo(IntakeFile.State.REJECTED);
        assertThat(file.originalName()).isEqualTo("packet.pdf");
        assertThat(file.reason()).contains(reason);
        assertThat(books.as(() -> {
                    try (InputStream kept = books.bean(IntakeFiles.class).open(file.id())) {
                        return kept.readAllBytes();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }))
                .isEqualTo(bytes);
    }

    private static byte[] png() throws IOException {
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(10, 10, BufferedImage.TYPE_INT_RGB), "png", bytes);
        return bytes.toByteArray();
    }

    private static byte[] poster() throws IOException {
        try (PDDocument document = new PDDocument()) {
            document.addPage(new PDPage());
            document.addPage(new PDPage(new PDRectangle(6_000, 600)));
            var bytes = new ByteArrayOutputStream();
            document.save(bytes);
            return bytes.toByteArray();
        }
    }

    @Test
    void aScanIsOneCheckThatAPersonEnters() {
        UUID rye = books.facility("Rye");
        UUID invoice = books.invoice(rye, 5, "100.00");
        var check = books.staged(books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                        .scanned())
                .getFirst();
        assertThat(check.amount()).isNull();
        assertThat(books.preview(check.id()).doubts()).contains(Doubt.NO_AMOUNT, Doubt.PAYER_UNRECOGNIZED);

        var entered = books.as(() -> books.bean(Checks.class)
                .change(
                        check.id(),
                        check.version(),
                        new CheckFields(
                                "1", books.today(), "The Enclave", null, null, usd("100.00"), List.of(), Set.of(rye))));
        books.confirm(entered.id());

        assertThat(books.status(invoice)).isEqualTo("paid");
    }

    @Test
    void d21_aPacketWhoseReadingEndsTheApplicationIsLeftToAPersonAfterSomeTimes() {
        UUID packet = Objects.requireNonNull(
                books.receive(books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                                .digital())
                        .packetId());
        PacketRows rows = context.getBean(PacketRows.class);
        var transactions = context.getBean(TransactionTemplate.class);
        for (int i = 0; i < 3; i++) {
            // As far as a reading gets that takes the application with it.
            boolean begun =
                    Boolean.TRUE.equals(books.as(() -> transactions.execute(status -> rows.beginReading(packet, 3))));
            assertThat(begun).isTrue();
        }

        books.run(() -> books.bean(CheckPackets.class).read(packet));

        var read = books.as(() -> books.bean(CheckPackets.class).get(packet));
        assertThat(read.readBy()).isEqualTo("manual");
        assertThat(read.note()).contains("begun 3 times", "by hand");
        assertThat(books.as(() -> books.bean(Checks.class).ofPacket(packet)))
                .singleElement()
                .satisfies(check -> assertThat(check.amount()).isNull());
    }

    @Test
    void d21_aPacketThatIsReadInTheEndIsReadHoweverOftenTheReaderWasAway() {
        UUID packet = Objects.requireNonNull(
                books.receive(books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                                .digital())
                        .packetId());
        PacketRows rows = context.getBean(PacketRows.class);
        var transactions = context.getBean(TransactionTemplate.class);
        for (int i = 0; i < 5; i++) {
            books.run(() -> transactions.executeWithoutResult(status -> {
                assertThat(rows.beginReading(packet, 3)).isTrue();
                rows.readingFailed(packet);
            }));
        }

        books.run(() -> books.bean(CheckPackets.class).read(packet));

        assertThat(books.as(() -> books.bean(CheckPackets.class).get(packet)).readBy())
                .isEqualTo("text-layer");
    }

    @Test
    void aPacketWithMoreChecksThanAreStagedSaysSo() {
        PacketPdf pdf = books.packet("1", "The Enclave", "1.00", "One and 00/100");
        UUID packet = Objects.requireNonNull(books.receive(pdf.digital()).packetId());
        var found = new CheckReading.Found(
                "1", null, "x y z", null, null, null, null, null, 90, 1, 1, java.util.Map.of(), List.of());
        var reading = new CheckReading("text-layer", java.util.Collections.nCopies(201, found), null);

        books.run(() -> books.bean(CheckPackets.class).stage(packet, reading));

        assertThat(books.as(() -> books.bean(Checks.class).ofPacket(packet))).hasSize(200);
        assertThat(books.as(() -> books.bean(CheckPackets.class).get(packet)).note())
                .contains("201 checks", "first 200");
    }

    @Test
    void theLinesAreStillFoundOnThePictureAfterACheckWasSplitCorrectedAndMerged() {
        UUID rye = books.facility("Rye");
        UUID one = books.invoice(rye, 5, "100.00");
        UUID two = books.invoice(rye, 5, "50.00");
        var check = books.staged(books.packet(
                                "1",
                                "The Enclave",
                                "150.00",
                                "One hundred fifty and 00/100",
                                books.line(one, 5, "100.00"),
                                books.line(two, 5, "50.00"))
                        .digital())
                .getFirst();
        FieldBox first = Objects.requireNonNull(check.boxes().get("line1"));
        FieldBox second = Objects.requireNonNull(check.boxes().get("line2"));
        assertThat(second).isNotEqualTo(first);

        UUID other = books.as(() -> books.bean(Checks.class).split(check.id(), check.version(), Set.of(1)));

        assertThat(books.check(check.id()).boxes())
                .containsEntry("line1", second)
                .doesNotContainKey("line2")
                .containsKey("amount");
        assertThat(books.check(other).boxes()).containsOnly(java.util.Map.entry("line1", first));

        books.run(() -> books.bean(Checks.class).merge(check.id(), other));

        var merged = books.check(check.id());
        assertThat(merged.boxes()).containsEntry("line1", second).containsEntry("line2", first);
        var corrected = books.as(() -> books.bean(Checks.class)
                .change(
                        merged.id(),
                        merged.version(),
                        CheckFields.of(merged).withLines(merged.lines().subList(1, 2))));
        assertThat(corrected.boxes()).containsEntry("line1", first).doesNotContainKey("line2");
    }

    @Test
    void aFileThatWasKeptButNotLookedAtIsGoneOnWith() {
        byte[] bytes = books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                .digital();
        UUID file = books.as(() -> books.bean(IntakeFiles.class)
                        .receive("check-upload", "one.pdf", new ByteArrayInputStream(bytes)))
                .file()
                .id();
        var interrupted = context.getBean(InterruptedPackets.class);
        interrupted.resume();
        assertThat(books.as(() -> books.bean(CheckPackets.class).list(null, 10)))
                .as("whoever received it may still be at it")
                .isEmpty();
        JdbcClient.create(TestServices.postgres().superuser())
                .sql("update intake_files set received_at = received_at - interval '10 minutes' where id = :id")
                .param("id", file)
                .update();

        interrupted.resume();
        interrupted.resume();

        assertThat(books.as(() -> books.bean(CheckPackets.class).list(null, 10)))
                .singleElement()
                .satisfies(packet -> assertThat(packet.fileId()).isEqualTo(file));
    }

    @Test
    void aScanOfWhichNothingWasReadCanHoldSeveralChecks() {
        var check = books.staged(books.packet("1", "The Enclave", "150.00", "One hundred fifty and 00/100")
                        .scanned())
                .getFirst();
        assertThat(check.lines()).isEmpty();

        UUID other = books.as(
                Role.BILLING_CLERK, () -> books.bean(Checks.class).split(check.id(), check.version(), Set.of()));

        assertThat(books.check(other).status()).isEqualTo(CheckStatus.NEEDS_REVIEW);
        assertThat(books.check(other).packetId()).isEqualTo(check.packetId());
        assertThat(books.check(other).lastPage()).isEqualTo(check.lastPage());
        assertThat(books.check(check.id()).version())
                .as("nothing of it changed")
                .isEqualTo(check.version());
        books.as(Role.BILLING_CLERK, () -> {
            books.bean(Checks.class).merge(check.id(), other);
            return other;
        });
        assertThat(books.check(other).status())
                .as("nothing is lost with one that says nothing")
                .isEqualTo(CheckStatus.MERGED);
    }

    @Test
    void aCheckWithAnAmountIsPutAsideOnlyByWhoMayConfirmIt() {
        var checks = books.staged(books.packet("1", "The Enclave", "150.00", "One hundred fifty and 00/100")
                .check("2", books.today(), "The Enclave", "500.00", "Five hundred and 00/100")
                .digital());
        assertThat(checks).hasSize(2);
        UUID first = checks.getFirst().id();
        UUID second = checks.getLast().id();

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.as(Role.BILLING_CLERK, () -> {
                    books.bean(Checks.class).merge(first, second);
                    return first;
                }))
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.NOT_PERMITTED));
        assertThat(books.check(second).status()).isEqualTo(CheckStatus.NEEDS_REVIEW);

        books.run(() -> books.bean(Checks.class).merge(first, second));

        assertThat(books.check(second).status()).isEqualTo(CheckStatus.MERGED);
    }

    @Test
    void checksThatTheReaderMixedUpAreSplitAndMerged() {
        UUID rye = books.facility("Rye");
        UUID one = books.invoice(rye, 5, "100.00");
        UUID two = books.invoice(rye, 5, "50.00");
        var check = books.staged(books.packet(
                                "1",
                                "The Enclave",
                                "150.00",
                                "One hundred fifty and 00/100",
                                books.line(one, 5, "100.00"),
                                books.line(two, 5, "50.00"))
                        .digital())
                .getFirst();

        UUID other = books.as(() -> books.bean(Checks.class).split(check.id(), check.version(), Set.of(2)));

        assertThat(books.check(check.id()).lines()).hasSize(1);
        assertThat(books.check(other).lines()).hasSize(1);
        assertThat(books.check(other).position()).isEqualTo(2);

        books.run(() -> books.bean(Checks.class).merge(check.id(), other));

        assertThat(books.check(check.id()).lines())
                .extracting(RemittanceLine::amountMinor)
                .containsExactly(10_000L, 5_000L);
        assertThat(books.check(other).status()).isEqualTo(CheckStatus.MERGED);
    }

    @Test
    void d17_noCardNumberAndNothingOfTheBankLineIsKept() {
        var today = books.today();
        books.staged(PacketPdf.from("x")
                .check(new DrawnCheck(
                        "1",
                        today,
                        "Virtual Card Services",
                        "100.00",
                        "One hundred and 00/100",
                        "card 4242 4242 4242 4242 exp 12/27",
                        true,
                        List.of()))
                .digital());

        var database = JdbcClient.create(TestServices.postgres().superuser());
        var rows = database.sql("select to_jsonb(c)::text from check_payments c where org_id = :org")
                .param("org", books.hospital.id().value())
                .query(String.class)
                .list();
        assertThat(rows).hasSize(1);
        assertThat(rows.getFirst())
                .contains(FreeText.MASK)
                .doesNotContain("4242", PacketPdf.ROUTING_CANARY, PacketPdf.ACCOUNT_CANARY);
    }

    @Test
    void aCheckIsCorrectedByOnePersonAtATime() {
        var check = books.staged(books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        var fields = CheckFields.of(check).withAmount(usd("99.00"));
        books.as(() -> books.bean(Checks.class).change(check.id(), check.version(), fields));

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.as(() -> books.bean(Checks.class).change(check.id(), check.version(), fields)))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.CHANGED_MEANWHILE));
    }

    @Test
    void aDirectoryOfOldScansIsStagedOnceAndNothingIsApplied(@TempDir Path directory) throws Exception {
        Files.write(
                directory.resolve("one.pdf"),
                books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital());
        Files.writeString(directory.resolve("notes.txt"), "no packet");
        Files.createDirectory(directory.resolve("older"));
        Files.createSymbolicLink(directory.resolve("link.pdf"), Path.of("/etc/passwd"));
        var command = context.getBean(ImportChecksCommand.class);

        var first = books.hospital.call(() -> command.load(directory));
        var second = books.hospital.call(() -> command.load(directory));

        assertThat(first).isEqualTo(new ImportChecksCommand.Outcome(1, 0, 1, 0));
        assertThat(second).isEqualTo(new ImportChecksCommand.Outcome(0, 1, 1, 0));
        assertThat(books.as(() -> books.bean(CheckPackets.class).list(null, 10)))
                .singleElement()
                .satisfies(packet -> assertThat(packet.isRead()).isFalse());
    }

    @Test
    void theCommandEndsWithACodeThatSaysWhetherEverythingIsStaged(@TempDir Path directory) throws Exception {
        Files.write(
                directory.resolve("one.pdf"),
                books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital());
        String code = books.as(() -> books.bean(Organizations.class).current().code());
        List<Integer> codes = new java.util.ArrayList<>();
        var command = new ImportChecksCommand(
                books.bean(CheckPackets.class), books.bean(Organizations.class), (IntConsumer) codes::add);

        command.run(arguments("--import-checks=" + directory, "--organization=" + code));
        assertThat(codes).containsExactly(0);

        // A file that is gone when its turn comes, or belongs to somebody else, stops no other.
        Files.writeString(directory.resolve("a-note.txt"), "no packet");
        Files.write(
                directory.resolve("two.pdf"),
                books.packet("2", "The Enclave", "50.00", "Fifty and 00/100").digital());
        command.run(arguments("--import-checks=" + directory, "--organization=" + code));
        assertThat(codes).containsExactly(0, 1);
        assertThat(books.as(() -> books.bean(CheckPackets.class).list(null, 10)))
                .hasSize(2);

        command.run(arguments("--import-checks=" + directory.resolve("nowhere"), "--organization=" + code));
        command.run(arguments("--import-checks=" + directory, "--organization=nobody"));
        command.run(arguments("--import-checks=" + directory));
        assertThat(codes).containsExactly(0, 1, 2, 2, 2);

        command.run(arguments("--something-else"));
        assertThat(codes).as("another start goes on").hasSize(5);
    }

    @Test
    void aFileThatCannotBeReadStopsNoOther(@TempDir Path directory) throws Exception {
        Files.write(
                directory.resolve("b.pdf"),
                books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital());
        Path locked = Files.writeString(directory.resolve("a.pdf"), "secret");
        Files.setPosixFilePermissions(locked, Set.of());
        org.junit.jupiter.api.Assumptions.assumeFalse(Files.isReadable(locked), "whoever runs this may read anything");
        var command = context.getBean(ImportChecksCommand.class);

        assertThat(books.hospital.call(() -> command.load(directory)))
                .isEqualTo(new ImportChecksCommand.Outcome(1, 0, 0, 1));
    }

    private static DefaultApplicationArguments arguments(String... arguments) {
        return new DefaultApplicationArguments(arguments);
    }

    /** D12 */
    @Test
    void d12_theNameOfAFileIsOnlyText() {
        for (String name : List.of(
                "../../etc/x.pdf",
                "a\nb.pdf",
                "CON",
                "x".repeat(300),
                "..;/..;/a.pdf",
                "%2e%2e%2fa.pdf",
                "\u202Efdp.a")) {
            var number = String.valueOf(Math.abs(name.hashCode()));
            byte[] bytes = books.packet(number, "The Enclave", "1.00", "One and 00/100")
                    .digital();
            var received = books.as(() ->
                    books.bean(CheckPackets.class).receive("check-upload", name, new ByteArrayInputStream(bytes)));
            assertThat(received.packetId()).as(name).isNotNull();
            assertThat(received.file().originalName())
                    .doesNotContain("/", "\n", "\u202E")
                    .hasSizeLessThan(256);
        }
    }

    private String rejected(byte[] bytes) {
        var received = books.receive(bytes);
        assertThat(received.packetId()).isNull();
        assertThat(received.file().state()).isEqualTo(IntakeFile.State.REJECTED);
        return String.valueOf(received.file().reason());
    }
}

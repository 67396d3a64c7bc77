package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** D10: what a file is, its bytes say. */
class PacketInspectionTests {

    private static final PacketPdf PACKET =
            PacketPdf.from("x").check("1", LocalDate.of(2026, 6, 8), "The Enclave", "80.00", "Eighty and 00/100");

    @Test
    void d10_pdfsAndPicturesAreTaken() throws IOException {
        assertThat(PacketInspection.inspect(PACKET.digital()).pageCount()).isEqualTo(3);
        assertThat(PacketInspection.inspect(PACKET.scanned()).mediaType()).isEqualTo("application/pdf");
        for (String format : new String[] {"png", "jpeg", "tiff"}) {
            var picture = PacketInspection.inspect(picture(format));
            assertThat(picture.mediaType()).isEqualTo("image/" + format);
            assertThat(ImageIO.read(new ByteArrayInputStream(PacketInspection.png(picture, 1)))
                            .getWidth())
                    .isEqualTo(300);
        }
    }

    @Test
    void aPageIsDrawnForPeople() throws IOException {
        var image = ImageIO.read(
                new ByteArrayInputStream(PacketInspection.png(PacketInspection.inspect(PACKET.digital()), 2)));

        assertThat(image.getWidth()).isBetween(1_300, 1_401);
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> PacketInspection.png(PacketInspection.inspect(PACKET.digital()), 4));
    }

    @ParameterizedTest
    @CsvSource({
        "'',empty",
        "'ISA*00*',neither",
        "'PK\u0003\u0004',neither",
        "'%PDF-1.7 nothing more',damaged",
        "'GIF89a',neither"
    })
    void d10_anythingElseIsRejectedByItsContent(String content, String reason) {
        rejected(content.getBytes(StandardCharsets.ISO_8859_1), reason);
    }

    @Test
    void anEncryptedPdfIsRejected() {
        rejected(PACKET.encrypted(), "encrypted");
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 100, 400, 1_000})
    void aTruncatedPdfIsRejected(int length) {
        rejected(Arrays.copyOf(PACKET.digital(), length), "damaged");
    }

    @ParameterizedTest
    @CsvSource({"8,40 pages", "2000000,damaged", "-1,damaged"})
    void d11_aTiffWhosePicturesLeadInACircleOrNowhereIsRejected(int next, String reason) {
        var tiff = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        tiff.put(new byte[] {'I', 'I', 42, 0}).putInt(8).putShort((short) 0).putInt(next);

        rejected(tiff.array(), reason);
    }

    @Test
    void tooManyPagesAreRejected() {
        assertThat(PacketInspection.inspect(PacketPdf.pages(40)).pageCount()).isEqualTo(40);
        rejected(PacketPdf.pages(41), "41 pages");
        rejected(PacketPdf.pages(0), "no pages");
    }

    @Test
    void d11_aPictureThatWouldFillTheMemoryIsRejectedBeforeItIsDecoded() {
        byte[] bomb = new byte[] {
            (byte) 0x89,
            'P',
            'N',
            'G',
            13,
            10,
            26,
            10,
            0,
            0,
            0,
            13,
            'I',
            'H',
            'D',
            'R',
            0x7f,
            0,
            0,
            0,
            0x7f,
            0,
            0,
            0,
            8,
            6,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            'I',
            'D',
            'A',
            'T',
            0,
            0,
            0,
            0
        };

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> PacketInspection.inspect(bomb))
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.FILE_REJECTED));
    }

    @Test
    void d11_aPictureWithinAnotherPartOfThePageIsNoLargerThanOneOnIt() throws IOException {
        rejected(
                CraftedPdf.with(pdf -> pdf.nested(pdf.picture(60_000, 60_000, "FlateDecode", new byte[10]))), "pixels");
        rejected(
                CraftedPdf.with(pdf -> pdf.page("q /X Do Q", pdf.picture(60_000, 60_000, "FlateDecode", new byte[10]))),
                "pixels");
        assertThat(PacketInspection.inspect(CraftedPdf.with(pdf ->
                                pdf.nested(pdf.picture(10, 10, "FlateDecode", CraftedPdf.packed(new byte[300])))))
                        .pageCount())
                .isOne();
    }

    @Test
    void d11_whatUnpacksToMoreThanTheMemoryHoldsIsRejectedBeforeItIsUnpacked() throws IOException {
        byte[] zeros = CraftedPdf.packedZeros(260_000_000);
        assertThat(zeros.length).isLessThan(500_000);
        rejected(CraftedPdf.with(pdf -> pdf.page("q /X Do Q", pdf.picture(100, 100, "FlateDecode", zeros))), "unpacks");
        rejected(CraftedPdf.with(pdf -> pdf.page("q /X Do Q", pdf.form(zeros))), "unpacks");
        rejected(
                CraftedPdf.with(pdf -> pdf.page(
                        "q /X Do Q", pdf.picture(100, 100, "FlateDecode FlateDecode", CraftedPdf.packed(zeros)))),
                "unpacks");
        rejected(
                CraftedPdf.with(pdf -> pdf.page(
                        "q /X Do Q",
                        pdf.picture(
                                10,
                                10,
                                "ASCIIHexDecode ASCIIHexDecode ASCIIHexDecode ASCIIHexDecode FlateDecode",
                                zeros))),
                "packed more than");
    }

    @Test
    void d11_aPictureBetweenTheWordsOfAPageHasTheSameLimits() throws IOException {
        rejected(CraftedPdf.with(pdf -> pdf.page("q BI /W 50000 /H 50000 /BPC 1 /CS /G ID abc EI Q", null)), "pixels");
        rejected(
                CraftedPdf.with(pdf -> pdf.parts(List.of("q BI /W 50000 /H 50000", "/BPC 1 /CS /G ID abc EI Q"))),
                "pixels");
    }

    @Test
    void d11_aPageThatHasTheSamePartManyTimesIsRejected() throws IOException {
        String part = "0 0 m ".repeat(20_000);

        rejected(CraftedPdf.with(pdf -> pdf.repeated(part, 2_000)), "unpacks");
        assertThat(PacketInspection.inspect(CraftedPdf.with(pdf -> pdf.repeated(part, 3)))
                        .pageCount())
                .isOne();
    }

    @Test
    void d11_aRowLongerThanAnyPictureIsRejected() throws IOException {
        rejected(CraftedPdf.with(pdf -> pdf.page("q /X Do Q", pdf.predicted(2_000_000_000, new byte[100]))), "unpacks");
    }

    @Test
    void d11_partsThatDrawEachOtherManyTimesAreNeitherReadNorDrawnForEver() throws IOException {
        var packet = PacketInspection.inspect(CraftedPdf.with(pdf -> pdf.laughs(6, 40)));

        assertThat(new TextLayerReader().read(packet).note()).contains("by hand");
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> PacketInspection.png(packet, 1))
                .withMessageContaining("too many parts");
    }

    @Test
    void d11_moreLettersThanPaperHoldsAreNotRead() throws IOException {
        var packet = PacketInspection.inspect(CraftedPdf.with(pdf -> pdf.letters(200_000)));

        assertThat(new TextLayerReader().read(packet).note()).contains("by hand");
    }

    @Test
    void aFaxOfAScannerInAPdfIsShown() throws IOException {
        var packet = PacketInspection.inspect(CraftedPdf.with(CraftedPdf::jbig2));

        var image = ImageIO.read(new ByteArrayInputStream(PacketInspection.png(packet, 1)));

        assertThat(image.getRGB(image.getWidth() / 4, image.getHeight() / 2) & 0xffffff)
                .as("its left half is black")
                .isZero();
        assertThat(image.getRGB(image.getWidth() * 3 / 4, image.getHeight() / 2) & 0xffffff)
                .isEqualTo(0xffffff);
    }

    @Test
    void d11_aFaxThatSaysItIsHugeIsRejected() throws IOException {
        rejected(CraftedPdf.with(pdf -> pdf.jbig2(60_000, 60_000)), "pixels");
    }

    @Test
    void aJpeg2000IsRejectedWithWhatToDo() throws IOException {
        rejected(
                CraftedPdf.with(pdf -> pdf.page("q /X Do Q", pdf.picture(100, 100, "JPXDecode", new byte[20]))),
                "scan as JPEG");
    }

    private static void rejected(byte[] bytes, String reason) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> PacketInspection.inspect(bytes))
                .withMessageContaining(reason)
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.FILE_REJECTED));
    }

    private static byte[] picture(String format) throws IOException {
        var bytes = new ByteArrayOutputStream();
        assertThat(ImageIO.write(new BufferedImage(300, 100, BufferedImage.TYPE_INT_RGB), format, bytes))
                .isTrue();
        return bytes.toByteArray();
    }
}

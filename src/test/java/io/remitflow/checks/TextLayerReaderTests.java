package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.checks.CheckReading.Found;
import io.remitflow.checks.PacketPdf.DrawnCheck;
import io.remitflow.checks.PacketPdf.DrawnLine;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class TextLayerReaderTests {

    private static final LocalDate MONDAY = LocalDate.of(2026, 6, 8);
    private static final LocalDate SATURDAY = MONDAY.minusDays(2);

    private final TextLayerReader reader = new TextLayerReader();

    @Test
    void everyCheckOfAPacketIsReadWithItsLinesAndTheEnvelopeIsNot() {
        var packet = PacketPdf.from("New Premier Management")
                .check(
                        "1211",
                        MONDAY,
                        "The Enclave at Port Chester",
                        "1,234.56",
                        "One thousand two hundred thirty-four and 56/100",
                        new DrawnLine("INV-2026-000017", SATURDAY, "1,000.00"),
                        new DrawnLine("INV-2026-000018", SATURDAY.minusDays(7), "234.56"))
                .check(
                        "001212",
                        MONDAY,
                        "New Premier Management",
                        "80.00",
                        "Eighty and 00/100",
                        new DrawnLine("INV-2026-000019", SATURDAY, "80.00"));

        var reading = read(packet.digital());

        assertThat(reading.checks()).hasSize(2);
        Found first = reading.checks().get(0);
        assertThat(first.checkNumber()).isEqualTo("1211");
        assertThat(first.date()).isEqualTo(MONDAY);
        assertThat(first.payerName()).isEqualTo("The Enclave at Port Chester");
        assertThat(first.payeeName()).isEqualTo("Remitflow General Hospital");
        assertThat(first.memo()).startsWith("Services");
        assertThat(first.courtesyAmount()).isEqualTo("1234.56");
        assertThat(first.legalAmount()).isEqualTo("1234.56");
        assertThat(first.signed()).isTrue();
        assertThat(first.confidence()).isEqualTo(95);
        assertThat(first.firstPage()).isEqualTo(2);
        assertThat(first.lastPage()).isEqualTo(4);
        assertThat(first.lines())
                .containsExactly(
                        new CheckReading.Line("INV-2026-000017", SATURDAY, new BigDecimal("1000.00")),
                        new CheckReading.Line("INV-2026-000018", SATURDAY.minusDays(7), new BigDecimal("234.56")));
        assertThat(reading.checks().get(1).lines()).hasSize(1);
        assertThat(reading.checks().get(1).payerName()).isEqualTo("New Premier Management");
    }

    @Test
    void fieldsAreFoundAgainOnThePage() {
        var reading = read(PacketPdf.from("x")
                .check("1211", MONDAY, "The Enclave", "80.00", "Eighty and 00/100")
                .digital());

        FieldBox payee =
                Objects.requireNonNull(reading.checks().getFirst().boxes().get("payeeName"));
        assertThat(payee.page()).isEqualTo(2);
        assertThat(payee.top()).isBetween(130, 160); // 670 of 792 points from below
        assertThat(payee.left()).isBetween(60, 90);
        assertThat(reading.checks().getFirst().boxes())
                .containsKeys("amount", "checkNumber", "payerName", "date", "memo");
    }

    @Test
    void c48_whenWordsAndDigitsDifferBothAreReported() {
        var found = read(PacketPdf.from("x")
                        .check("1211", MONDAY, "The Enclave", "80.00", "Eight and 00/100")
                        .digital())
                .checks()
                .getFirst();

        assertThat(found.courtesyAmount()).isEqualTo("80.00");
        assertThat(found.legalAmount()).isEqualTo("8.00");
        assertThat(found.confidence()).isLessThan(80);
    }

    @Test
    void c48_centsThatFollowTheWordDollarsCount() {
        var found = read(PacketPdf.from("x")
                        .check("1211", MONDAY, "The Enclave", "80.50", "Eighty dollars and 50/100")
                        .digital())
                .checks()
                .getFirst();

        assertThat(found.legalAmount()).isEqualTo("80.50");
    }

    @Test
    void c48_aMissingSignatureIsSeen() {
        var unsigned = new DrawnCheck("1", MONDAY, "The Enclave", "80.00", "Eighty and 00/100", "x", false, List.of());

        assertThat(read(PacketPdf.from("x").check(unsigned).digital())
                        .checks()
                        .getFirst()
                        .signed())
                .isFalse();
    }

    @Test
    void c48_nothingOfTheBankLineIsRead() {
        var reading = read(PacketPdf.from("x")
                .check("1211", MONDAY, "The Enclave", "80.00", "Eighty and 00/100")
                .digital());

        assertThat(reading.toString()).doesNotContain(PacketPdf.ROUTING_CANARY, PacketPdf.ACCOUNT_CANARY);
    }

    @Test
    void aScanIsLeftToPeople() {
        var reading = read(PacketPdf.from("x")
                .check("1211", MONDAY, "The Enclave", "80.00", "Eighty and 00/100")
                .scanned());

        assertThat(reading.checks()).isEmpty();
        assertThat(reading.note()).contains("by hand");
    }

    private CheckReading read(byte[] pdf) {
        return reader.read(PacketInspection.inspect(pdf));
    }
}

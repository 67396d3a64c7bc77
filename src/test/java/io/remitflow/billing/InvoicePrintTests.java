package io.remitflow.billing;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.core.Amounts;
import java.io.IOException;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.text.PDFTextStripper;
import org.joda.money.Money;
import org.junit.jupiter.api.Test;

/** What a recipient can read on a printed invoice. */
class InvoicePrintTests {

    private static final LocalDate DAY = LocalDate.of(2026, 3, 2);

    @Test
    void itSaysWhoBillsWhatAndHowMuchIsDue() throws IOException {
        Read read = read(
                invoice(InvoiceStatus.PARTIAL, "Please name the account when you pay."), List.of(line(1, "Visit")));

        assertThat(read.pages()).isEqualTo(1);
        assertThat(read.text())
                .contains("Hospital of Rye", "INV-2026-000001", "PA-2026-000007", "2026-03-02", "2026-04-01", "Net 30")
                .contains("Visit (99213)", "1,220.50", "Please name the account when you pay.")
                .containsPattern("Total\\s+1,220\\.50")
                .containsPattern("Paid\\s+200\\.00")
                .containsPattern("Credited\\s+20\\.50")
                .containsPattern("Amount due, USD\\s+1,000\\.00")
                .doesNotContain("draft", "void");
    }

    @Test
    void aDraftAndAVoidInvoiceSaySo() throws IOException {
        assertThat(read(invoice(InvoiceStatus.DRAFT, null), List.of(line(1, "Visit")))
                        .text())
                .contains("Invoice (draft)");
        assertThat(read(invoice(InvoiceStatus.VOID, null), List.of(line(1, "Visit")))
                        .text())
                .contains("Invoice (void)");
    }

    @Test
    void manyLinesGoOnOnFurtherPagesAndNoneIsLost() throws IOException {
        Read read = read(
                invoice(InvoiceStatus.SENT, null),
                IntStream.rangeClosed(1, 200)
                        .mapToObj(number -> line(number, "Service number " + number))
                        .toList());

        assertThat(read.pages()).isGreaterThan(3);
        IntStream.rangeClosed(1, 200)
                .forEach(number -> assertThat(read.text()).contains("Service number " + number + " (99213)"));
    }

    @Test
    void aLongWordAndLettersOfOtherScriptsDoNotStopIt() throws IOException {
        Read read = read(
                invoice(InvoiceStatus.SENT, "Ghi chú\tvà\nxuống dòng"),
                List.of(
                        line(1, "Khám bệnh, đường Điện Biên Phủ"),
                        line(2, "x".repeat(500)),
                        line(3, "診察 \uD83C\uDFE5")));

        assertThat(read.text()).contains("Khám bệnh, đường Điện Biên Phủ", "Ghi chú và xuống dòng", "?? ?");
        assertThat(read.text().chars().filter(letter -> letter == 'x').count()).isGreaterThanOrEqualTo(500);
    }

    private record Read(String text, int pages) {}

    private static Read read(Invoice invoice, List<Invoice.Line> lines) throws IOException {
        byte[] pdf = InvoicePrint.pages(invoice, lines, "Hospital of Rye", "PA-2026-000007");
        try (var document = Loader.loadPDF(pdf)) {
            var stripper = new PDFTextStripper();
            stripper.setSortByPosition(true);
            return new Read(stripper.getText(document), document.getNumberOfPages());
        }
    }

    private static Invoice.Line line(int number, String description) {
        return new Invoice.Line(number, DAY, description, "99213", 1, usd("1220.50"), usd("1220.50"), null);
    }

    private static Invoice invoice(InvoiceStatus status, @org.jspecify.annotations.Nullable String notes) {
        return new Invoice(
                UUID.randomUUID(),
                "INV-2026-000001",
                InvoiceType.PATIENT,
                UUID.randomUUID(),
                null,
                InvoiceSetting.OUTPATIENT,
                DAY,
                DAY.plusDays(30),
                DAY,
                DAY,
                usd("1220.50"),
                usd("200.00"),
                usd("20.50"),
                usd("1000.00"),
                status,
                null,
                null,
                null,
                null,
                null,
                "Net 30",
                notes,
                null,
                1);
    }

    private static Money usd(String amount) {
        return Amounts.parse(amount, "USD");
    }
}

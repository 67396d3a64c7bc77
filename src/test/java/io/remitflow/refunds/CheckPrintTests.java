package io.remitflow.refunds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.core.Amounts;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.UserId;
import java.io.IOException;
import java.time.LocalDate;
import java.util.UUID;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckPrintTests {

    @ParameterizedTest
    @CsvSource({
        "1, USD, Zero and 01/100",
        "12050, USD, One Hundred Twenty and 50/100",
        "100000, USD, One Thousand and 00/100",
        "1900, USD, Nineteen and 00/100",
        "9999999, USD, Ninety-Nine Thousand Nine Hundred Ninety-Nine and 99/100",
        "123456700, USD, One Million Two Hundred Thirty-Four Thousand Five Hundred Sixty-Seven and 00/100",
        "2220000, VND, Two Million Two Hundred Twenty Thousand"
    })
    void writesTheAmountInWords(long minor, String currency, String words) {
        assertThat(CheckPrint.words(Amounts.ofMinor(minor, currency))).isEqualTo(words);
    }

    @Test
    void printsPayeeAmountAndNumberAndNoNumberOfABank() throws IOException {
        byte[] page = CheckPrint.page(check(), "Riverside Hospital", "Zoë Nguyễn", "RF-2026-000001");

        try (var document = Loader.loadPDF(page)) {
            String text = new PDFTextStripper().getText(document);
            assertThat(document.getNumberOfPages()).isEqualTo(1);
            assertThat(text)
                    .contains("Zoë Nguyen", "**120.50", "One Hundred Twenty and 50/100", "Check 1001", "RF-2026-000001")
                    .doesNotContainPattern("\\d{9,}");
        }
    }

    @Test
    void refusesANameThatItCannotWrite() {
        assertThatThrownBy(() -> CheckPrint.page(check(), "Riverside Hospital", "王小明", "RF-2026-000001"))
                .isInstanceOf(RuleViolation.class)
                .hasMessageContaining("by hand");
    }

    private static RefundCheck check() {
        return new RefundCheck(
                UUID.randomUUID(),
                UUID.randomUUID(),
                1001,
                "1001",
                UUID.randomUUID(),
                null,
                UUID.randomUUID(),
                Amounts.ofMinor(12_050, "USD"),
                LocalDate.of(2026, 11, 24),
                new UserId(UUID.randomUUID()),
                RefundCheck.State.ISSUED,
                null,
                0,
                null,
                null,
                1);
    }
}

package io.remitflow.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTextTests {

    @ParameterizedTest
    @ValueSource(strings = {"=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(A1)", "\tx", "\rx", "\nx", "\0x"})
    void d16_aTextThatASpreadsheetWouldCalculateGetsAnApostrophe(String formula) {
        assertThat(new CsvText().row(formula).toString()).isEqualTo("\"'" + formula + "\"\r\n");
    }

    @Test
    void d16_numbersStayNumbersAndQuotesAreDoubled() {
        assertThat(new CsvText()
                        .row("case", new BigDecimal("-12.50"), 3, null, "says \"no\", twice")
                        .toString())
                .isEqualTo("\"case\",-12.50,3,,\"says \"\"no\"\", twice\"\r\n");
    }
}

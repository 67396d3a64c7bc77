package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AmountInWordsTests {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    One hundred and 00/100                                      | 100.00
                    One thousand two hundred thirty-four and 56/100 Dollars     | 1234.56
                    **Twelve Thousand Five Hundred and no/100**                 | 12500.00
                    Two million three hundred four thousand nineteen and 5/100  | 2304019.05
                    NINETY NINE DOLLARS ONLY                                    | 99.00
                    Fourty and xx/100                                           | 40.00
                    Zero and 45/100                                             | 0.45
                    """)
    void readsWhatChecksSay(String words, BigDecimal amount) {
        assertThat(AmountInWords.parse(words)).contains(amount);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "and 50/100", "One hundert and 00/100", "void", "1234.56", "One thousand or so"})
    void doesNotGuess(String words) {
        assertThat(AmountInWords.parse(words)).isEmpty();
    }
}

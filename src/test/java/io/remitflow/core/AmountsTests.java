package io.remitflow.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AmountsTests {

    @ParameterizedTest
    @CsvSource({"12.5,1250", "-40.00,-4000", "+7,700", " 3. ,300", ".25,25", "0,0", "12.500,1250"})
    void readsPlainDecimals(String text, long minor) {
        assertThat(Amounts.parse(text, "USD").getAmountMinorLong()).isEqualTo(minor);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", ".", "1e2", "1E+5", "0x10", "12.345", "1,000", "1 000", "1234567890123456", "NaN"})
    void refusesWhatIsNoAmount(String text) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> Amounts.parse(text, "USD"))
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.INVALID_INPUT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e500000000", "1e-500000000", "9e2147483647"})
    void aFewCharactersNeverComputeForLong(String text) {
        assertTimeoutPreemptively(
                Duration.ofSeconds(2),
                () -> assertThatExceptionOfType(RuleViolation.class).isThrownBy(() -> Amounts.parse(text, "USD")));
    }

    @ParameterizedTest
    @ValueSource(ints = {31, 1_000_000})
    void anAmountIsNotAsLongAsALine(int length) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> Amounts.parse("0".repeat(length), "USD"))
                .satisfies(refused -> assertThat(refused.getMessage()).hasSizeLessThan(80));
    }
}

package io.remitflow.refunds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.core.RuleViolation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoutingNumberTests {

    @ParameterizedTest
    @ValueSource(strings = {"021000021", "091000019", "121042882", "231380104"})
    void takesTheNumbersOfBanks(String digits) {
        assertThat(new RoutingNumber(digits).withoutCheckDigit()).isEqualTo(digits.substring(0, 8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"021000022", "091000010", "000000000", "12104288", "1210428820", "12104288x", ""})
    void refusesWhatTheCheckDigitDoesNotFit(String digits) {
        assertThatThrownBy(() -> new RoutingNumber(digits)).isInstanceOf(RuleViolation.class);
    }
}

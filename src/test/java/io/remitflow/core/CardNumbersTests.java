package io.remitflow.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CardNumbersTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4242424242424242",
                "4242 4242 4242 4242",
                "4242-4242-4242-4242",
                "card 5555555555554444.",
                "AMEX 378282246310005",
                "6011111111111117,",
                "no:30569309025904",
                "2223003122003222"
            })
    void d17_findsTheNumbersOfAllBrands(String text) {
        assertThat(CardNumbers.isIn(text)).isTrue();
        assertThat(CardNumbers.removedFrom(text))
                .doesNotContainPattern("\\d{4}")
                .contains("[number removed]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4242424242424241", // wrong check digit
                "1234567890123456", // no brand
                "42424242424242424242424", // part of a longer number
                "RF-2026-000123",
                "2026-11-15 2026-11-16",
                "claim 00012345678"
            })
    void d17_leavesOtherNumbersAlone(String text) {
        assertThat(CardNumbers.isIn(text)).isFalse();
        assertThat(CardNumbers.removedFrom(text)).isEqualTo(text);
    }

    @Test
    void d17_h7_noIdIsEverTakenForACard() {
        for (int i = 0; i < 200_000; i++) {
            String id = i % 2 == 0 ? Ids.next().toString() : UUID.randomUUID().toString();
            assertThat(CardNumbers.removedFrom(id)).isEqualTo(id);
        }
        String digitsOnly = "42424242-4242-4242-4242-424242424242";
        assertThat(CardNumbers.removedFrom(digitsOnly)).isEqualTo(digitsOnly);
    }

    @Test
    void d17_removesASocialSecurityNumber() {
        assertThat(CardNumbers.removedFrom("DOE 123-45-6789")).isEqualTo("DOE [number removed]");
        assertThat(CardNumbers.removedFrom("phone 212-555-0100")).isEqualTo("phone 212-555-0100");
    }
}

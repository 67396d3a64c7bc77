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
                "room 1 4242 4242 4242 4242",
                "ref 123 4242424242424242 45",
                "1 3782 822463 10005 7",
                "6500000000000002",
                "2720990000000007",
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
                "2026011500000016", // begins like a date, no brand
                "2200260150000010", // before the range of Mastercard
                "650123456789018", // too short for its brand
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
    void d17_aReferenceShowsTheLastDigitsOfACardAndKeepsWhatIsKnown() {
        assertThat(CardNumbers.shortenedIn("4242424242424242", number -> false)).isEqualTo("[number ending 4242]");
        assertThat(CardNumbers.shortenedIn("C1 4242-4242-4242-4242 219-09-9999", number -> false))
                .isEqualTo("C1 [number ending 4242] [number removed]");
        assertThat(CardNumbers.shortenedIn("4242424242424242 5555555555554444", "5555555555554444"::equals))
                .isEqualTo("[number ending 4242] 5555555555554444");
        assertThat(CardNumbers.shortenedIn("20260115000001", number -> false)).isEqualTo("20260115000001");
    }

    @Test
    void d17_removesASocialSecurityNumber() {
        assertThat(CardNumbers.removedFrom("DOE 123-45-6789")).isEqualTo("DOE [number removed]");
        assertThat(CardNumbers.removedFrom("phone 212-555-0100")).isEqualTo("phone 212-555-0100");
    }
}

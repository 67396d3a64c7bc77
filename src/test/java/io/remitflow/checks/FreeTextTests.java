package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** D17, and "never persist MICR" of 4.8. */
class FreeTextTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4111111111111111",
                "pay by virtual card 4111 1111 1111 1111 exp 12/27",
                "VCC 5500-0000-0000-0004.",
                "3782.822463.10005",
                "card: 6011000990139424 cvv",
                "4222222222222", // 13 digits
                "6304000000000000000", // 19 digits, no issuer we know
                "4111/1111/1111/1111",
                "4111_1111_1111_1111",
                "4111   1111   1111   1111",
                "4111\u20091111\u20091111\u20091111", // thin spaces
                "4111\u202F1111\u202F1111\u202F1111", // narrow no-break spaces
                "4111\u200B1111\u200B1111\u200B1111", // nothing to be seen between them
                "4111 \u2212 1111 \u2212 1111 \u2212 1111",
                "\uFF14\uFF11\uFF11\uFF11\uFF11\uFF11\uFF11\uFF11\uFF11\uFF11\uFF11\uFF11\uFF11\uFF11\uFF11\uFF11",
                "0000411111111111111100" // inside a longer number
            })
    void d17_cardNumbersAreRemoved(String text) {
        assertThat(FreeText.clean(text)).contains(FreeText.MASK).doesNotContainPattern("[0-9]{4}.?[0-9]{4}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSN 123456789",
                "ssn: 123-45-6789",
                "Social Security No. 123 45 6789",
                "Jane 123-45-6789 March",
                "123 45 6789",
                "123\u201145\u20116789"
            })
    void d17_socialSecurityNumbersAreRemoved(String text) {
        assertThat(FreeText.clean(text)).contains(FreeText.MASK).doesNotContainPattern("[0-9]{3}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"INV 123-45-67890", "2026-11-30", "1123-45-6789", "555-123-4567"})
    void numbersOfAnotherShapeStay(String text) {
        assertThat(FreeText.clean(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u2446021000021\u2446 1234567890\u2448 001211",
                "\u2448001211\u2448 \u2446021000021\u2446 12 3456 7890\u2448",
                "A021000021A 1234567890C 1211",
                "C001211C A021000021A 1234567890C",
                "|:021000021|: 1234567890||\u0027 1211",
                "Routing: 021000021",
                "ABA No. 123456789",
                "acct # 1234567890",
                "Account number 12-3456-7890",
                "021000021 1234567890",
                "see 021000021"
            })
    void c48_theBankLineIsRemoved(String text) {
        assertThat(FreeText.clean(text)).contains("removed").doesNotContain("021000021", "123456789", "3456");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INV-2026-000123",
                "week ending 06/06/2026",
                "Acct 4711-22",
                "1,234.56",
                "check 001211",
                "Claim 123456789", // nine digits, but no transit number
                "914-555-0123",
                "Paid in full"
            })
    void whatIsNoSecretStays(String text) {
        assertThat(FreeText.clean(text)).isEqualTo(text);
    }

    @Test
    void controlCharactersAndLengthAreTamed() {
        assertThat(FreeText.clean("a\nb\u0000c")).isEqualTo("a b c");
        assertThat(FreeText.clean("x".repeat(600))).hasSize(500);
        assertThat(FreeText.cleanOrNull("  ")).isNull();
    }

    @Test
    void d17_aLabelledNumberRightBehindACardNumberGoesToo() {
        assertThat(FreeText.clean("4111111111111111acct1234 5678")).isEqualTo(FreeText.MASK + FreeText.MASK);
    }

    @Property
    void d17_noNumberWithACheckDigitGetsThrough(@ForAll("cards") String card, @ForAll("words") String before) {
        assertThat(FreeText.clean(before + " " + card + " " + before)).doesNotContain(card);
    }

    @Property
    void d17_noNumberWithACheckDigitGetsThroughHoweverItIsGrouped(
            @ForAll("cards") String card,
            @ForAll @IntRange(min = 2, max = 6) int size,
            @ForAll("separators") String separator,
            @ForAll("words") String before) {
        String grouped = card.replaceAll("(.{%d})(?=.)".formatted(size), "$1" + Matcher.quoteReplacement(separator));

        assertThat(FreeText.clean(before + " " + grouped + " " + before))
                .contains(FreeText.MASK)
                .doesNotContainPattern("[0-9]");
    }

    @Property
    void d17_otherDigitsAreDigitsToo(@ForAll("cards") String card) {
        String fullWidth = card.chars()
                .mapToObj(digit -> Character.toString(digit - '0' + 0xFF10))
                .collect(Collectors.joining());

        assertThat(FreeText.clean(fullWidth)).isEqualTo(FreeText.MASK);
    }

    @Property
    void theDateBesideANumberStays(
            @ForAll @IntRange(max = 999_999) int number,
            @ForAll @IntRange(max = 3_000) int day,
            @ForAll @IntRange(min = 1, max = 3) int spaces) {
        String line = "INV-2026-%06d%s%s 1,000.00"
                .formatted(
                        number,
                        " ".repeat(spaces),
                        LocalDate.of(2026, 1, 1).plusDays(day).format(DateTimeFormatter.ofPattern("MM/dd/yyyy")));

        assertThat(FreeText.clean(line)).isEqualTo(line);
    }

    @Provide
    Arbitrary<String> separators() {
        return Arbitraries.of(
                        " ", ".", "/", "\\", "-", "_", "\u00a0", "\u2009", "\u202f", "\u3000", "\u2013", "\u2212",
                        "\u200b", "\u00b7")
                .list()
                .ofMinSize(1)
                .ofMaxSize(3)
                .map(some -> String.join("", some));
    }

    @Property
    void cleaningTwiceChangesNothing(@ForAll("texts") String text) {
        assertThat(FreeText.clean(FreeText.clean(text))).isEqualTo(FreeText.clean(text));
    }

    @Provide
    Arbitrary<String> cards() {
        return Arbitraries.strings().numeric().ofMinLength(12).ofMaxLength(18).map(FreeTextTests::withCheckDigit);
    }

    @Provide
    Arbitrary<String> words() {
        return Arbitraries.of("memo", "for INV", "week", "VCC", "exp", "\u00a0");
    }

    @Provide
    Arbitrary<String> texts() {
        var parts = Arbitraries.oneOf(
                cards(), words(), Arbitraries.of("A021000021A", "\u2446", "123", "1234 5678", "acct", "routing", "-"));
        return Combinators.combine(parts.list().ofMaxSize(6), Arbitraries.of(" ", "", "-", ": "))
                .as((some, glue) -> String.join(glue, some));
    }

    private static String withCheckDigit(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int counted = i % 2 == 0 ? 2 * digit : digit;
            sum += counted > 9 ? counted - 9 : counted;
        }
        return digits + (10 - sum % 10) % 10;
    }
}

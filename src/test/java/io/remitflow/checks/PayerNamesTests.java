package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.checks.PayerMatch.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayerNamesTests {

    private static final UUID RYE = UUID.randomUUID();
    private static final UUID PORT_CHESTER = UUID.randomUUID();

    private final PayerRule enclave = rule("The Enclave at Port Chester", RYE);
    private final PayerRule manager = new PayerRule(UUID.randomUUID(), "New Premier*", true, Set.of());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "The Enclave at Port Chester",
                "THE ENCLAVE AT PORT CHESTER",
                " the  enclave at port-chester. ",
                "Thé Enclave at Port Chester"
            })
    void spellingDoesNotMatter(String name) {
        var match = PayerNames.match(name, List.of(enclave, manager));

        assertThat(match.outcome()).isEqualTo(Outcome.RECOGNIZED);
        assertThat(match.facilities()).containsExactly(RYE);
        assertThat(match.isSingleFacility()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "The Enclave at Rye",
                "Enclave at Port Chester",
                "The Enclave at Port Chester II",
                "",
                "***",
                "'; --"
            })
    void anotherNameIsNotGuessed(String name) {
        var match = PayerNames.match(name, List.of(enclave, manager));

        assertThat(match.outcome()).isEqualTo(Outcome.UNRECOGNIZED);
        assertThat(match.facilities()).isEmpty();
        assertThat(match.coversAll()).isFalse();
    }

    @Test
    void aManagementCompanyPaysForAll() {
        var match = PayerNames.match("New Premier Management LLC", List.of(enclave, manager));

        assertThat(match.coversAll()).isTrue();
        assertThat(match.isSingleFacility()).isFalse();
    }

    @Test
    void rulesThatDoNotSayTheSameAreAmbiguous() {
        var match =
                PayerNames.match("Sunrise Care North", List.of(rule("Sunrise*", RYE), rule("*North", PORT_CHESTER)));

        assertThat(match.outcome()).isEqualTo(Outcome.AMBIGUOUS);
        assertThat(match.facilities()).isEmpty();
        assertThat(match.rules()).hasSize(2);
    }

    @Test
    void rulesThatSayTheSameAreNotAmbiguous() {
        assertThat(PayerNames.match("Sunrise Care North", List.of(rule("Sunrise*", RYE), rule("*North", RYE)))
                        .isRecognized())
                .isTrue();
    }

    @Test
    void theWholeNameBeatsAPattern() {
        var match = PayerNames.match(
                "Sunrise Care North", List.of(rule("Sunrise*", RYE), rule("Sunrise Care North", PORT_CHESTER)));

        assertThat(match.facilities()).containsExactly(PORT_CHESTER);
    }

    @Test
    void aPatternSaysSomething() {
        assertThat(PayerNames.isSound("New Premier*")).isTrue();
        assertThat(PayerNames.isSound("*")).isFalse();
        assertThat(PayerNames.isSound("**a*")).isFalse();
    }

    @Test
    void aHostilePatternTakesNoTime() {
        var hostile = rule("*a".repeat(200) + "*b", RYE);

        Assertions.assertThatNoException()
                .isThrownBy(() -> org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                        Duration.ofSeconds(2), () -> PayerNames.match("a".repeat(5_000), List.of(hostile))));
    }

    @Property
    void aNameIsFoundByItselfAndByItsBeginning(@ForAll @AlphaChars @StringLength(min = 3, max = 40) String name) {
        assertThat(PayerNames.match(name, List.of(rule(name, RYE))).isRecognized())
                .isTrue();
        assertThat(PayerNames.match(name, List.of(rule(name.substring(0, 3) + "*", RYE)))
                        .isRecognized())
                .isTrue();
    }

    private static PayerRule rule(String pattern, UUID facility) {
        return new PayerRule(UUID.randomUUID(), pattern, false, Set.of(facility));
    }
}

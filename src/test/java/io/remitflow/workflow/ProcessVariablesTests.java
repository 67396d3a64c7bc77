package io.remitflow.workflow;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessVariablesTests {

    @Test
    void h7_idsAmountsCodesAndDatesMayGoToTheEngine() {
        assertThatCode(() -> ProcessVariables.requireHarmless(Map.of(
                        "refundId",
                        "0199a1b2-0000-7000-8000-000000000000",
                        "amountMinor",
                        4_000L,
                        "approverGroups",
                        List.of("billing-manager", "cfo"),
                        "dueDate",
                        "2026-11-16")))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"patientName", "lastName", "first_name", "dateOfBirth", "memberId", "ssn", "homeAddress", "email"
            })
    void h7_whatIsAboutAPersonMayNot(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProcessVariables.requireHarmless(Map.of(name, "Canaryfield")))
                .withMessageContaining(name)
                .withMessageNotContaining("Canaryfield");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> ProcessVariables.requireHarmless(Map.of("case", List.of(Map.of(name, "Canaryfield")))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"4242424242424242", "paid by 4242 4242 4242 4242", "DOE 123-45-6789"})
    void h7_cardAndSocialSecurityNumbersMayNotWhateverTheirName(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProcessVariables.requireHarmless(Map.of("reason", text)))
                .withMessageNotContaining("42")
                .withMessageNotContaining("6789");
    }

    @Test
    void h7_documentsMayNot() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProcessVariables.requireHarmless(Map.of("reason", "x".repeat(501))))
                .withMessageContaining("reason");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProcessVariables.requireSmall("x".repeat(4_000_000)))
                .withMessageContaining("4000000");
    }
}

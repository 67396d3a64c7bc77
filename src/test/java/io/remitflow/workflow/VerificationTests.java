package io.remitflow.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.workflow.ApprovableCases.Outcome;
import io.remitflow.workflow.ApprovableCases.Verification;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the step after an approval task tells its process, and what a page's buttons say. */
class VerificationTests {

    private static final List<String> ASKED = List.of("billing-manager", "substitute");
    private static final List<String> LEVELS = List.of("billing-manager", "cfo");

    @Test
    void theNextLevelIsAskedAfterTheFirstApproval() {
        assertThat(new Verification(Outcome.NEXT_LEVEL, null).variables(1, ASKED, () -> LEVELS))
                .isEqualTo(Map.of(
                        "verification",
                        "next-level",
                        "level",
                        2,
                        "approverGroups",
                        List.of("cfo"),
                        "refusalReason",
                        ""));
    }

    @Test
    void theSameAreAskedAgainWhenADecisionDoesNotCountAndSeeWhy() {
        assertThat(new Verification(Outcome.NOT_AUTHORISED, "too small a role").variables(1, ASKED, () -> LEVELS))
                .isEqualTo(Map.of(
                        "verification",
                        "not-authorised",
                        "level",
                        1,
                        "approverGroups",
                        ASKED,
                        "refusalReason",
                        "too small a role"));
    }

    @ParameterizedTest
    @CsvSource({"APPROVED,approved", "REJECTED,rejected", "CHANGED,changed"})
    void whatAPersonSaidIsNoVariableOfTheProcess(Outcome outcome, String code) {
        assertThat(new Verification(outcome, "about a patient").variables(2, ASKED, () -> LEVELS))
                .isEqualTo(Map.of("verification", code, "level", 2, "approverGroups", ASKED, "refusalReason", ""));
    }

    @Test
    void aPagesDecisionIsOneOfTwoAndAnEmptyCommentIsNone() {
        assertThat(ApprovalDecision.ofForm(7, 3, "approve", " ")).isEqualTo(new ApprovalDecision(7, 3, true, null));
        assertThat(ApprovalDecision.ofForm(7, 3, "reject", "No")).isEqualTo(new ApprovalDecision(7, 3, false, "No"));
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> ApprovalDecision.ofForm(7, 3, "maybe", ""))
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.INVALID_INPUT));
    }
}

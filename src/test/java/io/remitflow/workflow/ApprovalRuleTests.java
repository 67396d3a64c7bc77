package io.remitflow.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ApprovalRuleTests {

    @Test
    void whatIsNoListIsNotUnderstoodAndNeedsBoth() {
        assertThat(ApprovalRule.levels(Map.of("levels", List.of("cfo")))).containsExactly("cfo");
        assertThat(ApprovalRule.levels(Map.of("levels", List.of()))).isEmpty();
        assertThat(ApprovalRule.levels(Map.of("levels", "billing-manager"))).containsExactly("billing-manager", "cfo");
        assertThat(ApprovalRule.levels(Map.of())).containsExactly("billing-manager", "cfo");
    }

    @Test
    void aCaseThatAlwaysNeedsSomebodyGetsBothWhereItsRuleNamesNobody() {
        assertThat(ApprovalRule.levelsOfSomebody(Map.of("levels", List.of())))
                .containsExactly("billing-manager", "cfo");
        assertThat(ApprovalRule.levelsOfSomebody(Map.of("levels", List.of("cfo"))))
                .containsExactly("cfo");
    }

    @Test
    void theGroupsOfTheRuleAreAskedFirstUnlessSomebodyElseMustApprove() {
        Map<String, Object> answer =
                Map.of("levels", List.of("cfo"), "candidateGroups", List.of("billing-manager", "cfo"));

        assertThat(ApprovalRule.firstGroups(answer, List.of("cfo"))).containsExactly("billing-manager", "cfo");
        assertThat(ApprovalRule.firstGroups(answer, List.of("billing-manager", "cfo")))
                .containsExactly("billing-manager");
        assertThat(ApprovalRule.firstGroups(answer, List.of())).isEmpty();
        assertThat(ApprovalRule.firstGroups(
                        Map.of("levels", List.of("cfo"), "candidateGroups", List.of()), List.of("cfo")))
                .as("a task that no group sees would wait for nobody")
                .containsExactly("cfo");
    }
}

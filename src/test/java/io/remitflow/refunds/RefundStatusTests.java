package io.remitflow.refunds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RefundStatusTests {

    @Test
    void moneyLeavesOnlyAfterAnApproval() {
        assertThat(mayBecome(RefundStatus.PROCESSING)).containsExactly(RefundStatus.APPROVED);
        assertThat(mayBecome(RefundStatus.COMPLETED)).containsExactly(RefundStatus.PROCESSING);
        assertThat(mayBecome(RefundStatus.APPROVED)).containsExactly(RefundStatus.PENDING);
    }

    @Test
    void nothingThatMovesMoneyCanBeCancelled() {
        assertThat(mayBecome(RefundStatus.CANCELLED))
                .containsExactly(RefundStatus.PENDING, RefundStatus.APPROVED, RefundStatus.FAILED);
    }

    @Test
    void anApprovalIsTakenBackOnlyBeforeMoneyIsOnItsWay() {
        assertThat(mayBecome(RefundStatus.PENDING))
                .as("while processing only before the money left, which the case checks")
                .containsExactly(RefundStatus.APPROVED, RefundStatus.PROCESSING, RefundStatus.FAILED);
    }

    @Test
    void rejectedReturnedAndCancelledAreTheEnd() {
        assertThat(Stream.of(RefundStatus.REJECTED, RefundStatus.RETURNED, RefundStatus.CANCELLED))
                .allMatch(end -> Arrays.stream(RefundStatus.values()).noneMatch(end::canBecome));
    }

    @Test
    void theStepsThatTheBooksKnowAreElementsOfTheModel() throws IOException {
        String model = Files.readString(Path.of("bpmn/refund.bpmn"));

        assertThat(List.of(
                        RefundSteps.COLLECT_FACTS,
                        RefundSteps.DECIDE,
                        RefundSteps.APPROVE,
                        RefundSteps.VERIFY,
                        RefundSteps.ISSUE,
                        RefundSteps.AWAIT_GATEWAY,
                        RefundSteps.CHOOSE_METHOD,
                        RefundSteps.PAY_OUT,
                        RefundSteps.AWAIT_ACH,
                        RefundSteps.AWAIT_RETURN,
                        RefundSteps.RETURNED,
                        RefundSteps.COMPLETE,
                        RefundSteps.COMPLETED,
                        RefundSteps.REJECTED,
                        RefundSteps.CANCELLED))
                .allSatisfy(step -> assertThat(model).contains(" id=\"" + step + "\""));
        assertThat(model).contains("<bpmn:process id=\"" + RefundSteps.PROCESS + "\"");
        assertThat(Files.readString(Path.of("bpmn/refund-return.bpmn")))
                .contains("<bpmn:process id=\"" + RefundSteps.RETURN_PROCESS + "\"")
                .contains(" id=\"" + RefundSteps.REISSUE + "\"");
    }

    private static List<RefundStatus> mayBecome(RefundStatus next) {
        return Arrays.stream(RefundStatus.values())
                .filter(status -> status.canBecome(next))
                .toList();
    }
}

package io.remitflow.refunds.web;

import io.remitflow.refunds.RefundSteps;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.TaskPage;
import java.util.Set;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** All three human tasks of a refund are done on the page of the refund. */
@Configuration(proxyBeanMethods = false)
class RefundTaskPages {

    @Bean
    TaskPage approveRefundPage() {
        return new OnRefundPage(RefundSteps.APPROVE, "Approve refund");
    }

    @Bean
    TaskPage chooseAnotherMethodPage() {
        return new OnRefundPage(RefundSteps.CHOOSE_METHOD, "Choose another method for refund");
    }

    @Bean
    TaskPage payOutRefundPage() {
        return new OnRefundPage(RefundSteps.PAY_OUT, "Pay out refund");
    }

    private record OnRefundPage(String elementId, String words) implements TaskPage {

        @Override
        public String processId() {
            return RefundSteps.PROCESS;
        }

        @Override
        public Set<String> variables() {
            return Set.of("refundId", "refundNumber", "amountText");
        }

        @Override
        public String href(HumanTask task) {
            return "/app/refunds/" + task.variables().get("refundId") + "?task=" + task.key();
        }

        @Override
        public String title(HumanTask task) {
            return "%s %s of %s"
                    .formatted(
                            words,
                            task.variables().getOrDefault("refundNumber", ""),
                            task.variables().getOrDefault("amountText", ""));
        }
    }
}

package io.remitflow.refunds.web;

import io.remitflow.identity.Permission;
import io.remitflow.refunds.RefundSteps;
import io.remitflow.refunds.Refunds;
import io.remitflow.workflow.Approvable;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.TaskPage;
import java.util.Optional;
import java.util.Set;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** All human tasks of a refund are done on the page of the refund. */
@Configuration(proxyBeanMethods = false)
class RefundTaskPages {

    @Bean
    TaskPage approveRefundPage() {
        return new OnRefundPage(RefundSteps.PROCESS, RefundSteps.APPROVE, "Approve refund");
    }

    @Bean
    TaskPage chooseAnotherMethodPage() {
        return new OnRefundPage(RefundSteps.PROCESS, RefundSteps.CHOOSE_METHOD, "Choose another method for refund");
    }

    @Bean
    TaskPage payOutRefundPage() {
        return new OnRefundPage(RefundSteps.PROCESS, RefundSteps.PAY_OUT, "Pay out refund");
    }

    @Bean
    TaskPage reissueRefundPage() {
        return new OnRefundPage(
                RefundSteps.RETURN_PROCESS, RefundSteps.REISSUE, "Reissue or choose another method for");
    }

    private record OnRefundPage(String processId, String elementId, String words) implements TaskPage {

        @Override
        public Optional<Approvable> approvable() {
            return elementId.equals(RefundSteps.APPROVE)
                    ? Optional.of(new Approvable(
                            Refunds.SUBJECT, "refundId", "/app/refunds/", Permission.REFUNDS_APPROVE, true))
                    : Optional.empty();
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

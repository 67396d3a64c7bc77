package io.remitflow.refunds.web;

import io.remitflow.refunds.CreditBalanceSteps;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.TaskPage;
import java.util.Set;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** All human tasks of a credit balance are done on its page. */
@Configuration(proxyBeanMethods = false)
class CreditBalanceTaskPages {

    @Bean
    TaskPage classifyCreditPage() {
        return new OnCreditPage(CreditBalanceSteps.CLASSIFY, "Classify a credit");
    }

    @Bean
    TaskPage investigateCreditPage() {
        return new OnCreditPage(CreditBalanceSteps.INVESTIGATE, "Investigate a credit");
    }

    @Bean
    TaskPage resolveCreditPage() {
        return new OnCreditPage(CreditBalanceSteps.RESOLVE, "Decide what becomes of a credit");
    }

    @Bean
    TaskPage approveCreditReturnPage() {
        return new OnCreditPage(CreditBalanceSteps.APPROVE, "Approve the return of a credit");
    }

    @Bean
    TaskPage payBackPayerPage() {
        return new OnCreditPage(CreditBalanceSteps.PAY_BACK, "Pay back the payer of a credit");
    }

    private record OnCreditPage(String elementId, String words) implements TaskPage {

        @Override
        public String processId() {
            return CreditBalanceSteps.PROCESS;
        }

        @Override
        public Set<String> variables() {
            return Set.of("creditId", "amountText", "ownerText");
        }

        @Override
        public String href(HumanTask task) {
            return "/app/credit-balances/" + task.variables().get("creditId") + "?task=" + task.key();
        }

        @Override
        public String title(HumanTask task) {
            Object owner = task.variables().getOrDefault("ownerText", "");
            return "%s of %s%s"
                    .formatted(
                            words,
                            task.variables().getOrDefault("amountText", ""),
                            owner.toString().isEmpty() ? "" : " (" + owner + ")");
        }
    }
}

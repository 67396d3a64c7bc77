package io.remitflow.refunds.web;

import io.remitflow.identity.Permission;
import io.remitflow.refunds.CreditBalanceSteps;
import io.remitflow.refunds.CreditReturns;
import io.remitflow.workflow.Approvable;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.TaskPage;
import java.util.Optional;
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
        public Optional<Approvable> approvable() {
            return elementId.equals(CreditBalanceSteps.APPROVE)
                    ? Optional.of(new Approvable(
                            CreditReturns.SUBJECT,
                            "returnId",
                            "/app/credit-balances/returns/",
                            Permission.REFUNDS_APPROVE,
                            true))
                    : Optional.empty();
        }

        @Override
        public Set<String> variables() {
            return Set.of("creditId", "returnId", "amountText", "ownerText");
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

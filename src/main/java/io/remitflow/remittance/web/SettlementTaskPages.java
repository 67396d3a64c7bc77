package io.remitflow.remittance.web;

import io.remitflow.remittance.SettlementSteps;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.TaskPage;
import java.util.Set;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Both human tasks of a settlement are done on its page. */
@Configuration(proxyBeanMethods = false)
class SettlementTaskPages {

    @Bean
    TaskPage requestTracePage() {
        return new OnSettlementPage(SettlementSteps.REQUEST_TRACE, "Ask the payer about");
    }

    @Bean
    TaskPage resolveMismatchPage() {
        return new OnSettlementPage(SettlementSteps.RESOLVE_MISMATCH, "Resolve mismatch of");
    }

    private record OnSettlementPage(String elementId, String words) implements TaskPage {

        @Override
        public String processId() {
            return SettlementSteps.PROCESS;
        }

        @Override
        public Set<String> variables() {
            return Set.of("settlementId", "traceNumber", "amountText");
        }

        @Override
        public String href(HumanTask task) {
            return "/app/settlements/" + task.variables().get("settlementId") + "?task=" + task.key();
        }

        @Override
        public String title(HumanTask task) {
            return "%s payment %s of %s"
                    .formatted(
                            words,
                            task.variables().getOrDefault("traceNumber", ""),
                            task.variables().getOrDefault("amountText", ""));
        }
    }
}

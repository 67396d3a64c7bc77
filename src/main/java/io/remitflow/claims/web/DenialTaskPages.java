package io.remitflow.claims.web;

import io.remitflow.claims.DenialSteps;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.TaskPage;
import java.util.Set;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** All three human tasks of a denial are done on the page of the denial. */
@Configuration(proxyBeanMethods = false)
class DenialTaskPages {

    @Bean
    TaskPage workDenialPage() {
        return new OnDenialPage(DenialSteps.WORK, "Decide about denial");
    }

    @Bean
    TaskPage correctAndResubmitPage() {
        return new OnDenialPage(DenialSteps.CORRECT, "Correct and send again the claim of denial");
    }

    @Bean
    TaskPage prepareAppealPage() {
        return new OnDenialPage(DenialSteps.APPEAL, "Appeal against denial");
    }

    private record OnDenialPage(String elementId, String words) implements TaskPage {

        @Override
        public String processId() {
            return DenialSteps.PROCESS;
        }

        @Override
        public Set<String> variables() {
            return Set.of("denialId", "denialNumber", "amountText");
        }

        @Override
        public String href(HumanTask task) {
            return "/app/denials/" + task.variables().get("denialId") + "?task=" + task.key();
        }

        @Override
        public String title(HumanTask task) {
            return "%s %s of %s"
                    .formatted(
                            words,
                            task.variables().getOrDefault("denialNumber", ""),
                            task.variables().getOrDefault("amountText", ""));
        }
    }
}

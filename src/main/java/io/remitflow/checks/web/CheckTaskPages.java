package io.remitflow.checks.web;

import io.remitflow.checks.CheckReviewSteps;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.TaskPage;
import java.util.Set;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The human tasks of a check, which are all done on its page, and the one of mails in quarantine. */
@Configuration(proxyBeanMethods = false)
class CheckTaskPages {

    @Bean
    TaskPage reviewCheckPage() {
        return page(CheckReviewSteps.REVIEW, "Review check %s of %s");
    }

    @Bean
    TaskPage decideDuplicateCheckPage() {
        return page(CheckReviewSteps.DECIDE_DUPLICATE, "Is check %s of %s a duplicate?");
    }

    @Bean
    TaskPage correctCheckPage() {
        return page(CheckReviewSteps.CORRECT, "Correct check %s of %s");
    }

    @Bean
    TaskPage lookAtMailsPage() {
        return new TaskPage() {
            @Override
            public String processId() {
                return CheckReviewSteps.QUARANTINE_PROCESS;
            }

            @Override
            public String elementId() {
                return CheckReviewSteps.LOOK_AT_MAILS;
            }

            @Override
            public Set<String> variables() {
                return Set.of("mailsText");
            }

            @Override
            public String href(HumanTask task) {
                return "/app/checks/mail";
            }

            @Override
            public String title(HumanTask task) {
                return "Look at mails in quarantine";
            }
        };
    }

    private static TaskPage page(String element, String title) {
        return new TaskPage() {
            @Override
            public String processId() {
                return CheckReviewSteps.PROCESS;
            }

            @Override
            public String elementId() {
                return element;
            }

            @Override
            public Set<String> variables() {
                return Set.of("checkId", "checkNumber", "amountText");
            }

            @Override
            public String href(HumanTask task) {
                return "/app/checks/" + task.variables().get("checkId");
            }

            @Override
            public String title(HumanTask task) {
                Object amount = task.variables().getOrDefault("amountText", "");
                return title.formatted(
                        task.variables().getOrDefault("checkNumber", ""),
                        String.valueOf(amount).isEmpty() ? "unknown amount" : amount);
            }
        };
    }
}

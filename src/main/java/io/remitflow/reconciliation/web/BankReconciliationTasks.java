package io.remitflow.reconciliation.web;

import io.remitflow.identity.Permission;
import io.remitflow.reconciliation.BankReconciliation;
import io.remitflow.reconciliation.BankReconciliationSteps;
import io.remitflow.reconciliation.BankReconciliations;
import io.remitflow.workflow.Approvable;
import io.remitflow.workflow.CaseTasks;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.TaskPage;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Component;

/** The engine's open task of a bank reconciliation: both kinds are done on its page. */
@Component
class BankReconciliationTasks {

    private final CaseTasks tasks;

    BankReconciliationTasks(CaseTasks tasks) {
        this.tasks = tasks;
    }

    /** Where it stands; empty while the engine has not created the task, or nothing is to be done. */
    Optional<HumanTask> find(BankReconciliation found) {
        return found.status() == BankReconciliation.Status.COMPLETED
                ? Optional.empty()
                : tasks.find(BankReconciliationSteps.PROCESS, found.processKey(), found.step());
    }

    /** A key that a page or client sends is believed only if it belongs to the reconciliation. */
    HumanTask require(BankReconciliation found, String element, @Nullable Long key) {
        return tasks.require(BankReconciliationSteps.PROCESS, found.processKey(), element, key, "bank reconciliation");
    }

    @Bean
    static TaskPage workBankExceptionsPage() {
        return new OnItsPage(BankReconciliationSteps.WORK, "Work bank exceptions of", false);
    }

    @Bean
    static TaskPage approveBankReconciliationPage() {
        return new OnItsPage(BankReconciliationSteps.APPROVE, "Approve bank reconciliation", true);
    }

    private record OnItsPage(String elementId, String words, boolean approval) implements TaskPage {

        private static final String PATH = "/app/reconciliation/bank/";

        @Override
        public String processId() {
            return BankReconciliationSteps.PROCESS;
        }

        @Override
        public Optional<Approvable> approvable() {
            return approval
                    ? Optional.of(new Approvable(
                            BankReconciliations.SUBJECT, "reconciliationId", PATH, Permission.BANK_RECONCILE, false))
                    : Optional.empty();
        }

        @Override
        public Set<String> variables() {
            return Set.of("reconciliationId", "reconciliationNumber", "periodText");
        }

        @Override
        public String href(HumanTask task) {
            return PATH + task.variables().get("reconciliationId") + "?task=" + task.key();
        }

        @Override
        public String title(HumanTask task) {
            return "%s %s, %s"
                    .formatted(
                            words,
                            task.variables().getOrDefault("reconciliationNumber", ""),
                            task.variables().getOrDefault("periodText", ""));
        }
    }
}

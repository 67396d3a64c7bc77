package io.remitflow.workflow;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Approves several small cases at once: each is verified, recorded and refused on its own, exactly as if it had been decided
 * on its page.
 */
@Service
public class BulkApprovals {

    /** More is not looked at by anybody before pressing a button. */
    public static final int MOST = 50;

    private final Approvals approvals;
    private final ObjectProvider<ApprovableCases> cases;
    private final ObjectProvider<TaskPage> pages;
    private final ObjectProvider<HumanTasks> tasks;
    private final SplitWarnings warnings;
    private final Settings settings;
    private final TransactionTemplate transactions;

    BulkApprovals(
            Approvals approvals,
            ObjectProvider<ApprovableCases> cases,
            ObjectProvider<TaskPage> pages,
            ObjectProvider<HumanTasks> tasks,
            SplitWarnings warnings,
            Settings settings,
            TransactionTemplate transactions) {
        this.approvals = approvals;
        this.cases = cases;
        this.pages = pages;
        this.tasks = tasks;
        this.warnings = warnings;
        this.settings = settings;
        this.transactions = transactions;
    }

    /** @param version of the case as the person saw it */
    public record Chosen(long task, int version) {}

    /** @param refusal null: approved */
    public record Result(String words, @Nullable String refusal) {}

    /** Zero: every case is decided on its own. */
    public Money limit() {
        return settings.billing().bulkApproval();
    }

    /** The case that waits at this task for an approval; empty if none does. */
    public Optional<ApprovalSubject> subject(HumanTask task) {
        return approvable(task)
                .flatMap(approvable -> approvable.caseOf(task).map(id -> subject(cases(approvable.type()), id)));
    }

    /** Why the case is not approved together with others; empty if it may be. */
    public Optional<String> hindrance(HumanTask task, ApprovalSubject subject) {
        if (!approvable(task).map(Approvable::inBulk).orElse(false)) {
            return Optional.of("This kind of case is decided on its own page");
        }
        Money limit = limit();
        if (!subject.amount().isSameCurrency(limit) || subject.amount().isGreaterThan(limit)) {
            return Optional.of("Above %s each case is decided on its own page".formatted(Amounts.format(limit)));
        }
        if (!warnings.of(subject.type(), subject.id(), subject.version()).isEmpty()) {
            return Optional.of("There are signs that it was split: look at its page");
        }
        return Objects.requireNonNull(
                        transactions.execute(status -> cases(subject.type()).lookTwice(subject.id())))
                .map("%s: look at its page"::formatted);
    }

    /** As {@link Approvals#warningAboutMe}. */
    public Optional<String> warning(ApprovalSubject subject) {
        return approvals.warningAboutMe(subject);
    }

    /** In the name of the signed-in person; one refusal changes nothing about the others. */
    public List<Result> approve(List<Chosen> chosen) {
        if (chosen.size() > MOST) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "At most %d cases are approved at once".formatted(MOST));
        }
        var results = new ArrayList<Result>();
        for (Chosen each : chosen) {
            results.add(approve(each));
        }
        return results;
    }

    private Result approve(Chosen chosen) {
        Optional<HumanTask> open = tasks.getObject().find(chosen.task());
        Optional<ApprovalSubject> waiting = open.flatMap(this::subject);
        if (open.isEmpty() || waiting.isEmpty()) {
            return new Result("Task " + chosen.task(), "It is not open any more");
        }
        ApprovalSubject subject = waiting.get();
        try {
            hindrance(open.get(), subject).ifPresent(hindrance -> {
                throw new RuleViolation(Refusal.APPROVER_LACKS_AUTHORITY, hindrance);
            });
            approvals.decide(
                    cases(subject.type()),
                    subject.id(),
                    new ApprovalDecision(chosen.task(), chosen.version(), true, "Approved together with others"));
            return new Result(subject.words(), null);
        } catch (RuleViolation refused) {
            return new Result(subject.words(), refused.getMessage());
        }
    }

    private Optional<Approvable> approvable(HumanTask task) {
        return pages.stream()
                .filter(page -> page.processId().equals(task.processId())
                        && page.elementId().equals(task.elementId()))
                .findFirst()
                .flatMap(TaskPage::approvable);
    }

    private ApprovalSubject subject(ApprovableCases of, UUID id) {
        return Objects.requireNonNull(transactions.execute(status -> of.subject(id)));
    }

    private ApprovableCases cases(String type) {
        return cases.stream()
                .filter(each -> each.type().equals(type))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("nobody approves a " + type));
    }
}

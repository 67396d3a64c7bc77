package io.remitflow.adjustments.web;

import io.remitflow.adjustments.Adjustment;
import io.remitflow.adjustments.AdjustmentApprovals;
import io.remitflow.adjustments.AdjustmentFilter;
import io.remitflow.adjustments.AdjustmentRequest;
import io.remitflow.adjustments.AdjustmentStatus;
import io.remitflow.adjustments.AdjustmentType;
import io.remitflow.adjustments.Adjustments;
import io.remitflow.adjustments.WriteOffSteps;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.payments.IdempotentRequests;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.EngineUnavailable;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.NamedApproval;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** The board of write-offs and the page of one with whatever it waits for. */
@Controller
@RequestMapping("/app")
class WriteOffController {

    private static final int PAGE_SIZE = 50;

    private final Adjustments adjustments;
    private final AdjustmentApprovals approvals;
    private final PatientAccounts accounts;
    private final IdempotentRequests requests;
    private final Organizations organizations;
    private final WriteOffTasks tasks;
    private final Timeline timeline;
    private final Decisions decisions;
    private final Users users;
    private final Clock clock;

    WriteOffController(
            Adjustments adjustments,
            AdjustmentApprovals approvals,
            PatientAccounts accounts,
            IdempotentRequests requests,
            Organizations organizations,
            WriteOffTasks tasks,
            Timeline timeline,
            Decisions decisions,
            Users users,
            Clock clock) {
        this.adjustments = adjustments;
        this.approvals = approvals;
        this.accounts = accounts;
        this.requests = requests;
        this.organizations = organizations;
        this.tasks = tasks;
        this.timeline = timeline;
        this.decisions = decisions;
        this.users = users;
        this.clock = clock;
    }

    @GetMapping("/write-offs")
    @PreAuthorize("hasAuthority('write-offs.view')")
    String board(
            @RequestParam(defaultValue = "open") String show,
            @RequestParam(defaultValue = "0") String minimum,
            @RequestParam(defaultValue = "0") int days,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        String currency = organizations.current().currency().getCode();
        AdjustmentStatus status = AdjustmentStatus.ofKey(show).orElse(null);
        boolean columns = show.equals("board");
        var filter = new AdjustmentFilter(
                status,
                show.equals("open") || columns,
                null,
                Amounts.parse(minimum, currency).getAmountMinorLong(),
                after,
                columns ? 200 : PAGE_SIZE,
                days > 0 ? clock.instant().minus(Duration.ofDays(days)) : null);
        List<Adjustment> rows = columns ? adjustments.oldest(filter) : adjustments.list(filter);
        model.addAttribute("show", show);
        model.addAttribute("minimum", minimum);
        model.addAttribute("states", AdjustmentStatus.values());
        model.addAttribute("days", days);
        model.addAttribute("totals", adjustments.totals());
        model.addAttribute("ages", adjustments.ages());
        List<Row> shown = rows.stream()
                .map(each -> new Row(each, accounts.get(each.accountId()).number(), name(each.requestedBy())))
                .toList();
        model.addAttribute("rows", shown);
        model.addAttribute("sum", Amounts.sums(rows.stream().map(Adjustment::amount)));
        model.addAttribute("columns", columns ? columns(shown) : null);
        Map<AdjustmentStatus, Long> counts = columns ? adjustments.counts(filter) : Map.of();
        model.addAttribute("counts", counts);
        model.addAttribute(
                "found", counts.values().stream().mapToLong(Long::longValue).sum());
        model.addAttribute(
                "next",
                columns || rows.size() < PAGE_SIZE ? null : rows.getLast().id());
        return "adjustments/write-offs";
    }

    @PostMapping("/patient-accounts/{account}/write-offs")
    @PreAuthorize("hasAuthority('write-offs.request')")
    String request(
            @PathVariable UUID account,
            @RequestParam(required = false) @Nullable String key,
            @RequestParam String type,
            @RequestParam String responsibility,
            @RequestParam(required = false) @Nullable UUID claim,
            @RequestParam String amount,
            @RequestParam String reason,
            @RequestParam(required = false) @Nullable UUID invoice) {
        String currency = accounts.get(account).balance().getCurrencyUnit().getCode();
        var request = new AdjustmentRequest(
                account,
                claim,
                responsibility(responsibility),
                type(type),
                Amounts.parse(amount, currency),
                reason,
                invoice);
        UUID id = requests.once("write-off-forms", key, request, () -> adjustments.request(request));
        return "redirect:/app/write-offs/" + id;
    }

    @GetMapping("/write-offs/{id}")
    @PreAuthorize("hasAuthority('write-offs.view')")
    String writeOff(@PathVariable UUID id, Model model) {
        Adjustment adjustment = adjustments.get(id);
        var account = accounts.get(adjustment.accountId());
        model.addAttribute("adjustment", adjustment);
        model.addAttribute("account", account);
        model.addAttribute(
                "transactions",
                accounts.transactions(account.id()).reversed().stream().limit(8).toList());
        model.addAttribute("requestedBy", name(adjustment.requestedBy()));
        model.addAttribute("preparedBy", name(adjustment.preparedBy()));
        model.addAttribute("approvals", NamedApproval.of(approvals.of(id), users));
        model.addAttribute("decisions", decisions.of(Adjustments.SUBJECT, id));
        model.addAttribute("timeline", timeline.of(Adjustments.SUBJECT, id));
        model.addAttribute("active", List.of(adjustment.step()));
        model.addAttribute("waiting", waiting(adjustment));
        model.addAttribute("warnings", approvals.warnings(id));
        model.addAttribute("splitting", approvals.splitting(id));
        model.addAttribute("me", CurrentUser.id());
        return "adjustments/write-off";
    }

    @PostMapping("/write-offs/{id}/approval")
    @PreAuthorize("hasAuthority('write-offs.approve')")
    String approve(
            @PathVariable UUID id,
            @RequestParam long task,
            @RequestParam int version,
            @RequestParam String decision,
            @RequestParam(defaultValue = "") String comment) {
        tasks.require(id, task);
        approvals.decide(id, ApprovalDecision.ofForm(task, version, decision, comment));
        return "redirect:/app/write-offs/" + id;
    }

    @PostMapping("/write-offs/{id}/amount")
    @PreAuthorize("hasAuthority('write-offs.request')")
    String changeAmount(@PathVariable UUID id, @RequestParam String amount) {
        String currency = adjustments.get(id).amount().getCurrencyUnit().getCode();
        adjustments.changeAmount(id, Amounts.parse(amount, currency));
        return "redirect:/app/write-offs/" + id;
    }

    @PostMapping("/write-offs/{id}/cancellation")
    @PreAuthorize("hasAuthority('write-offs.request')")
    String cancel(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason) {
        adjustments.cancel(id, reason);
        return "redirect:/app/write-offs/" + id;
    }

    @PostMapping("/write-offs/{id}/reversal")
    @PreAuthorize("hasAuthority('write-offs.request')")
    String reverse(@PathVariable UUID id, @RequestParam String reason) {
        return "redirect:/app/write-offs/" + adjustments.requestReversal(id, reason);
    }

    private static Map<AdjustmentStatus, List<Row>> columns(List<Row> rows) {
        Map<AdjustmentStatus, List<Row>> columns = new EnumMap<>(AdjustmentStatus.class);
        for (AdjustmentStatus status : List.of(AdjustmentStatus.PENDING, AdjustmentStatus.APPROVED)) {
            columns.put(
                    status,
                    rows.stream()
                            .filter(row -> row.adjustment().status() == status)
                            .toList());
        }
        return columns;
    }

    static AdjustmentType type(String key) {
        return AdjustmentType.ofKey(key)
                .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "choose one of the types"));
    }

    static Responsibility responsibility(String key) {
        return switch (key) {
            case "patient" -> Responsibility.PATIENT;
            case "insurance" -> Responsibility.INSURANCE;
            default -> throw new RuleViolation(Refusal.INVALID_INPUT, "owed by patient or insurance");
        };
    }

    private Waiting waiting(Adjustment adjustment) {
        if (adjustment.status() != AdjustmentStatus.PENDING
                || !adjustment.step().equals(WriteOffSteps.APPROVE)) {
            return new Waiting(false, null, true);
        }
        try {
            return new Waiting(
                    true, tasks.find(adjustment.id()).map(HumanTask::key).orElse(null), true);
        } catch (EngineUnavailable e) {
            return new Waiting(true, null, false);
        }
    }

    private String name(UserId id) {
        return users.find(id).map(person -> person.displayName()).orElse("Unknown");
    }

    record Row(Adjustment adjustment, String accountNumber, String requestedBy) {}

    /** Whether somebody must decide; without a task the engine has not created or shown it yet. */
    record Waiting(boolean approval, @Nullable Long task, boolean engineAvailable) {}
}

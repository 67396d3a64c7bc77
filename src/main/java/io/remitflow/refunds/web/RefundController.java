package io.remitflow.refunds.web;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.payments.IdempotentRequests;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.refunds.AchDestinations;
import io.remitflow.refunds.Refund;
import io.remitflow.refunds.RefundApprovals;
import io.remitflow.refunds.RefundChecks;
import io.remitflow.refunds.RefundFilter;
import io.remitflow.refunds.RefundHolds;
import io.remitflow.refunds.RefundMethod;
import io.remitflow.refunds.RefundPayouts;
import io.remitflow.refunds.RefundRequest;
import io.remitflow.refunds.RefundReturns;
import io.remitflow.refunds.RefundStatus;
import io.remitflow.refunds.RefundSteps;
import io.remitflow.refunds.Refunds;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.EngineUnavailable;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.NamedApproval;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

/** The list of refunds, and the page of one refund with whatever it waits for. */
@Controller
@RequestMapping("/app")
class RefundController {

    private static final int PAGE_SIZE = 50;
    private static final Set<String> WAITING =
            Set.of(RefundSteps.APPROVE, RefundSteps.CHOOSE_METHOD, RefundSteps.PAY_OUT, RefundSteps.RETURNED);

    private final Refunds refunds;
    private final RefundApprovals approvals;
    private final RefundPayouts payouts;
    private final RefundReturns returns;
    private final RefundHolds holds;
    private final RefundChecks checks;
    private final AchDestinations destinations;
    private final Organizations organizations;
    private final Payments payments;
    private final IdempotentRequests requests;
    private final PatientAccounts accounts;
    private final RefundTasks tasks;
    private final Timeline timeline;
    private final Decisions decisions;
    private final Users users;
    private final Clock clock;

    RefundController(
            Refunds refunds,
            RefundApprovals approvals,
            RefundPayouts payouts,
            RefundReturns returns,
            RefundHolds holds,
            RefundChecks checks,
            AchDestinations destinations,
            Organizations organizations,
            Payments payments,
            IdempotentRequests requests,
            PatientAccounts accounts,
            RefundTasks tasks,
            Timeline timeline,
            Decisions decisions,
            Users users,
            Clock clock) {
        this.refunds = refunds;
        this.approvals = approvals;
        this.payouts = payouts;
        this.returns = returns;
        this.holds = holds;
        this.checks = checks;
        this.destinations = destinations;
        this.organizations = organizations;
        this.payments = payments;
        this.requests = requests;
        this.accounts = accounts;
        this.tasks = tasks;
        this.timeline = timeline;
        this.decisions = decisions;
        this.users = users;
        this.clock = clock;
    }

    @GetMapping("/refunds")
    @PreAuthorize("hasAuthority('refunds.view')")
    String refunds(
            @RequestParam(defaultValue = "open") String show,
            @RequestParam(defaultValue = "0") String minimum,
            @RequestParam(defaultValue = "0") int days,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        boolean columns = show.equals("board");
        RefundStatus status = columns || show.equals("open") || show.equals("all") ? null : status(show);
        String currency = organizations.current().currency().getCode();
        var filter = new RefundFilter(
                status,
                columns || show.equals("open"),
                null,
                null,
                after,
                columns ? 200 : PAGE_SIZE,
                Amounts.parse(minimum, currency).getAmountMinorLong(),
                days > 0 ? clock.instant().minus(Duration.ofDays(days)) : null);
        List<Refund> rows = columns ? refunds.oldest(filter) : refunds.list(filter);
        model.addAttribute("minimum", minimum);
        model.addAttribute("days", days);
        model.addAttribute("ages", refunds.ages());
        model.addAttribute("show", show);
        model.addAttribute("states", RefundStatus.values());
        model.addAttribute("totals", refunds.totals());
        List<RefundRow> shown = rows.stream()
                .map(refund ->
                        new RefundRow(refund, accounts.get(refund.accountId()).number(), name(refund.requestedBy())))
                .toList();
        model.addAttribute("rows", shown);
        model.addAttribute("sum", Amounts.sums(rows.stream().map(Refund::amount)));
        model.addAttribute("columns", columns ? columns(shown) : null);
        Map<RefundStatus, Long> counts = columns ? refunds.counts(filter) : Map.of();
        model.addAttribute("counts", counts);
        model.addAttribute(
                "found", counts.values().stream().mapToLong(Long::longValue).sum());
        model.addAttribute(
                "next",
                columns || rows.size() < PAGE_SIZE ? null : rows.getLast().id());
        return "refunds/refunds";
    }

    @GetMapping("/refunds/{id}")
    @PreAuthorize("hasAuthority('refunds.view')")
    String refund(@PathVariable UUID id, Model model) {
        Refund refund = refunds.get(id);
        var account = accounts.get(refund.accountId());
        Waiting waiting = waiting(refund);
        model.addAttribute("refund", refund);
        model.addAttribute("payment", payments.get(refund.paymentId()));
        model.addAttribute("account", account);
        model.addAttribute(
                "transactions",
                accounts.transactions(account.id()).reversed().stream().limit(8).toList());
        model.addAttribute("requestedBy", name(refund.requestedBy()));
        model.addAttribute("preparedBy", name(refund.preparedBy()));
        model.addAttribute("approvals", NamedApproval.of(approvals.of(id), users));
        model.addAttribute("decisions", decisions.of(Refunds.SUBJECT, id));
        model.addAttribute("timeline", timeline.of(Refunds.SUBJECT, id));
        model.addAttribute("active", List.of(refund.step()));
        model.addAttribute("waiting", waiting);
        model.addAttribute(
                "destination", destinations.find(refund.achDestinationId()).orElse(null));
        model.addAttribute("checks", checks.ofRefund(id));
        UUID before = refund.reissueOf();
        model.addAttribute("reissueOf", before == null ? null : refunds.get(before));
        model.addAttribute("reissued", returns.reissued(id).orElse(null));
        model.addAttribute("daysLeft", ChronoUnit.DAYS.between(organizations.today(), refund.dueOn()));
        model.addAttribute("holdable", holdable(refund));
        model.addAttribute("mayComeBack", RefundReturns.isToldByAPerson(refund));
        model.addAttribute("splitting", approvals.splitting(id));
        model.addAttribute("beyondCredit", approvals.beyondCredit(id).orElse(null));
        model.addAttribute("warning", approvals.warningAboutMe(id).orElse(null));
        model.addAttribute("me", CurrentUser.id());
        model.addAttribute(
                "methods", List.of(RefundMethod.CHECK, RefundMethod.ACH, RefundMethod.WIRE, RefundMethod.CASH));
        model.addAttribute(
                "cancellable", refund.status() == RefundStatus.PENDING || refund.status() == RefundStatus.FAILED);
        return "refunds/refund";
    }

    @PostMapping("/payments/{payment}/refund")
    @PreAuthorize("hasAuthority('refunds.request')")
    String request(
            @PathVariable UUID payment,
            @RequestParam(required = false) @Nullable String key,
            @RequestParam(defaultValue = "") String amount,
            @RequestParam(defaultValue = "") String reason,
            @RequestParam(defaultValue = "") String description,
            @RequestParam(defaultValue = "") String method,
            @RequestParam(defaultValue = "") String methodReason) {
        String currency = payments.get(payment).amount().getCurrencyUnit().getCode();
        var request = new RefundRequest(
                payment,
                Amounts.parse(amount, currency),
                RefundResource.method(method),
                reason,
                description,
                methodReason);
        UUID refund = requests.once("refund-forms", key, request, () -> refunds.request(request));
        return "redirect:/app/refunds/" + refund;
    }

    @PostMapping("/refunds/{id}/approval")
    @PreAuthorize("hasAuthority('refunds.approve')")
    String approve(
            @PathVariable UUID id,
            @RequestParam long task,
            @RequestParam int version,
            @RequestParam String decision,
            @RequestParam(defaultValue = "") String comment) {
        tasks.require(id, RefundSteps.APPROVE, task);
        approvals.decide(id, ApprovalDecision.ofForm(task, version, decision, comment));
        return "redirect:/app/refunds/" + id;
    }

    @PostMapping("/refunds/{id}/payout")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    String payOut(@PathVariable UUID id, @RequestParam long task, @RequestParam(defaultValue = "") String reference) {
        tasks.require(id, RefundSteps.PAY_OUT, task);
        payouts.payOut(id, task, reference);
        return "redirect:/app/refunds/" + id;
    }

    @PostMapping("/refunds/{id}/method")
    @PreAuthorize("hasAuthority('refunds.request')")
    String chooseMethod(
            @PathVariable UUID id, @RequestParam long task, @RequestParam String method, @RequestParam String reason) {
        tasks.require(id, RefundSteps.CHOOSE_METHOD, task);
        RefundMethod chosen = RefundResource.method(method);
        if (chosen == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "choose a method");
        }
        payouts.chooseMethod(id, task, chosen, reason);
        return "redirect:/app/refunds/" + id;
    }

    @PostMapping("/refunds/{id}/return")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    String cameBack(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason) {
        returns.cameBack(id, reason);
        return "redirect:/app/refunds/" + id;
    }

    @PostMapping("/refunds/{id}/reissue")
    @PreAuthorize("hasAuthority('refunds.request')")
    String reissue(
            @PathVariable UUID id, @RequestParam long task, @RequestParam String method, @RequestParam String reason) {
        tasks.require(id, RefundSteps.REISSUE, task);
        returns.choose(id, task, method, reason);
        return "redirect:/app/refunds/" + id;
    }

    @PostMapping("/refunds/{id}/hold")
    @PreAuthorize("hasAuthority('refunds.request')")
    String hold(@PathVariable UUID id, @RequestParam String reason) {
        holds.hold(id, reason);
        return "redirect:/app/refunds/" + id;
    }

    @PostMapping("/refunds/{id}/amount")
    @PreAuthorize("hasAuthority('refunds.request')")
    String changeAmount(@PathVariable UUID id, @RequestParam String amount) {
        String currency = refunds.get(id).amount().getCurrencyUnit().getCode();
        refunds.changeAmount(id, Amounts.parse(amount, currency));
        return "redirect:/app/refunds/" + id;
    }

    @PostMapping("/refunds/{id}/cancellation")
    @PreAuthorize("hasAuthority('refunds.request')")
    String cancel(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason) {
        refunds.cancel(id, reason);
        return "redirect:/app/refunds/" + id;
    }

    private static Map<RefundStatus, List<RefundRow>> columns(List<RefundRow> rows) {
        Map<RefundStatus, List<RefundRow>> columns = new EnumMap<>(RefundStatus.class);
        for (RefundStatus status :
                List.of(RefundStatus.PENDING, RefundStatus.APPROVED, RefundStatus.PROCESSING, RefundStatus.FAILED)) {
            columns.put(
                    status,
                    rows.stream().filter(row -> row.refund().status() == status).toList());
        }
        return columns;
    }

    private Waiting waiting(Refund refund) {
        if (!WAITING.contains(refund.step())
                || refund.status() == RefundStatus.COMPLETED
                || refund.status() == RefundStatus.APPROVED
                || (refund.status() == RefundStatus.RETURNED && !returns.waits(refund))) {
            return new Waiting(null, null, true);
        }
        String element = refund.status() == RefundStatus.RETURNED ? RefundSteps.REISSUE : refund.step();
        try {
            Optional<HumanTask> task = tasks.find(refund.id(), element);
            return new Waiting(element, task.map(HumanTask::key).orElse(null), true);
        } catch (EngineUnavailable e) {
            return new Waiting(element, null, false);
        }
    }

    private static boolean holdable(Refund refund) {
        return refund.holdReason() == null
                && refund.status() == RefundStatus.PROCESSING
                && !refund.left()
                && (refund.step().equals(RefundSteps.PAY_OUT) || refund.step().equals(RefundSteps.AWAIT_ACH));
    }

    private String name(UserId id) {
        return users.find(id).map(person -> person.displayName()).orElse("Unknown");
    }

    private static RefundStatus status(String key) {
        try {
            return RefundStatus.valueOf(key.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "unknown filter");
        }
    }

    record RefundRow(Refund refund, String accountNumber, String requestedBy) {}

    /** What the refund waits for a person to do; without a task the engine has not created or shown it yet. */
    record Waiting(@Nullable String step, @Nullable Long task, boolean engineAvailable) {}
}

package io.remitflow.refunds.web;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.refunds.ApprovalDecision;
import io.remitflow.refunds.CreditBalance;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.Refund;
import io.remitflow.refunds.RefundApprovals;
import io.remitflow.refunds.RefundFilter;
import io.remitflow.refunds.RefundMethod;
import io.remitflow.refunds.RefundPayouts;
import io.remitflow.refunds.RefundRequest;
import io.remitflow.refunds.RefundStatus;
import io.remitflow.refunds.RefundSteps;
import io.remitflow.refunds.Refunds;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.EngineUnavailable;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.Timeline;
import java.util.List;
import java.util.Locale;
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

/** Credit balances, the list of refunds, and the page of one refund with whatever it waits for. */
@Controller
@RequestMapping("/app")
class RefundController {

    private static final int PAGE_SIZE = 50;
    private static final Set<String> WAITING =
            Set.of(RefundSteps.APPROVE, RefundSteps.CHOOSE_METHOD, RefundSteps.PAY_OUT);

    private final Refunds refunds;
    private final RefundApprovals approvals;
    private final RefundPayouts payouts;
    private final CreditBalances creditBalances;
    private final Payments payments;
    private final PatientAccounts accounts;
    private final RefundTasks tasks;
    private final Timeline timeline;
    private final Decisions decisions;
    private final Users users;

    RefundController(
            Refunds refunds,
            RefundApprovals approvals,
            RefundPayouts payouts,
            CreditBalances creditBalances,
            Payments payments,
            PatientAccounts accounts,
            RefundTasks tasks,
            Timeline timeline,
            Decisions decisions,
            Users users) {
        this.refunds = refunds;
        this.approvals = approvals;
        this.payouts = payouts;
        this.creditBalances = creditBalances;
        this.payments = payments;
        this.accounts = accounts;
        this.tasks = tasks;
        this.timeline = timeline;
        this.decisions = decisions;
        this.users = users;
    }

    @GetMapping("/credit-balances")
    @PreAuthorize("hasAuthority('refunds.view')")
    String creditBalances(@RequestParam(defaultValue = "open") String show, Model model) {
        CreditBalance.State state = switch (show) {
            case "requested" -> CreditBalance.State.REFUND_REQUESTED;
            case "resolved" -> CreditBalance.State.RESOLVED;
            case "all" -> null;
            default -> CreditBalance.State.OPEN;
        };
        model.addAttribute("show", show);
        model.addAttribute("total", creditBalances.unresolvedTotal());
        model.addAttribute(
                "rows",
                creditBalances.list(state, 200).stream()
                        .map(credit -> new CreditRow(
                                credit, accounts.get(credit.accountId()).number()))
                        .toList());
        return "refunds/credit-balances";
    }

    @PostMapping("/credit-balances/{id}/refund")
    @PreAuthorize("hasAuthority('refunds.request')")
    String requestRefund(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String method,
            @RequestParam(defaultValue = "") String methodReason) {
        CreditBalance credit = creditBalances.get(id);
        UUID paymentId = credit.paymentId();
        if (credit.state() != CreditBalance.State.OPEN || paymentId == null) {
            throw new RuleViolation(
                    Refusal.CREDIT_BALANCE_RESOLVED, "there is no payment left from which this credit can be returned");
        }
        var left = refunds.refundable(paymentId);
        UUID refund = refunds.request(new RefundRequest(
                paymentId,
                credit.amount().isGreaterThan(left) ? left : credit.amount(),
                RefundResource.method(method),
                "overpayment",
                "Credit balance of the claim after its remittance",
                methodReason));
        return "redirect:/app/refunds/" + refund;
    }

    @GetMapping("/refunds")
    @PreAuthorize("hasAuthority('refunds.view')")
    String refunds(
            @RequestParam(defaultValue = "open") String show,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        RefundStatus status = show.equals("open") || show.equals("all") ? null : status(show);
        List<Refund> rows = refunds.list(new RefundFilter(status, show.equals("open"), null, null, after, PAGE_SIZE));
        model.addAttribute("show", show);
        model.addAttribute("states", RefundStatus.values());
        model.addAttribute("totals", refunds.totals());
        model.addAttribute(
                "rows",
                rows.stream()
                        .map(refund -> new RefundRow(
                                refund, accounts.get(refund.accountId()).number(), name(refund.requestedBy())))
                        .toList());
        model.addAttribute(
                "next", rows.size() < PAGE_SIZE ? null : rows.getLast().id());
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
        model.addAttribute(
                "approvals",
                approvals.of(id).stream()
                        .map(approval -> new ApprovalRow(approval, name(approval.decidedBy())))
                        .toList());
        model.addAttribute("decisions", decisions.of(Refunds.SUBJECT, id));
        model.addAttribute("timeline", timeline.of(Refunds.SUBJECT, id));
        model.addAttribute("active", List.of(refund.step()));
        model.addAttribute("waiting", waiting);
        model.addAttribute("me", CurrentUser.id());
        model.addAttribute(
                "methods", List.of(RefundMethod.CHECK, RefundMethod.ACH, RefundMethod.WIRE, RefundMethod.CASH));
        model.addAttribute(
                "cancellable", refund.status() == RefundStatus.PENDING || refund.status() == RefundStatus.FAILED);
        return "refunds/refund";
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
        approvals.decide(
                id,
                new ApprovalDecision(task, version, decision.equals("approve"), comment.isBlank() ? null : comment));
        return "redirect:/app/refunds/" + id;
    }

    @PostMapping("/refunds/{id}/payout")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    String payOut(@PathVariable UUID id, @RequestParam long task, @RequestParam String reference) {
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

    private Waiting waiting(Refund refund) {
        if (!WAITING.contains(refund.step())
                || refund.status() == RefundStatus.COMPLETED
                || refund.status() == RefundStatus.APPROVED) {
            return new Waiting(null, null, true);
        }
        try {
            Optional<HumanTask> task = tasks.find(refund.id(), refund.step());
            return new Waiting(refund.step(), task.map(HumanTask::key).orElse(null), true);
        } catch (EngineUnavailable e) {
            return new Waiting(refund.step(), null, false);
        }
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

    record CreditRow(CreditBalance credit, String accountNumber) {}

    record RefundRow(Refund refund, String accountNumber, String requestedBy) {}

    record ApprovalRow(io.remitflow.refunds.Approval approval, String by) {}

    /** What the refund waits for a person to do; without a task the engine has not created or shown it yet. */
    record Waiting(@Nullable String step, @Nullable Long task, boolean engineAvailable) {}
}

package io.remitflow.refunds.web;

import io.remitflow.claims.Claims;
import io.remitflow.claims.Payers;
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
import io.remitflow.refunds.CreditAging;
import io.remitflow.refunds.CreditBalance;
import io.remitflow.refunds.CreditBalanceSettings;
import io.remitflow.refunds.CreditBalanceSteps;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.CreditCases;
import io.remitflow.refunds.CreditClassification;
import io.remitflow.refunds.CreditClassification.BelongsTo;
import io.remitflow.refunds.CreditClassification.Cause;
import io.remitflow.refunds.CreditClassification.PayerClass;
import io.remitflow.refunds.CreditClock;
import io.remitflow.refunds.CreditEvidence;
import io.remitflow.refunds.CreditFilter;
import io.remitflow.refunds.CreditReturn;
import io.remitflow.refunds.CreditReturns;
import io.remitflow.refunds.RefundRequest;
import io.remitflow.refunds.Refunds;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.EngineUnavailable;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.Timeline;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Credit balances by owner and days left, and the page of one with whatever it waits for. */
@Controller
@RequestMapping("/app/credit-balances")
class CreditBalanceController {

    private static final int PAGE = 50;

    private final CreditBalances credits;
    private final CreditCases cases;
    private final CreditReturns returns;
    private final Refunds refunds;
    private final Payments payments;
    private final IdempotentRequests requests;
    private final PatientAccounts accounts;
    private final Claims claims;
    private final Payers payers;
    private final CreditBalanceTasks tasks;
    private final Timeline timeline;
    private final Users users;
    private final Organizations organizations;

    CreditBalanceController(
            CreditBalances credits,
            CreditCases cases,
            CreditReturns returns,
            Refunds refunds,
            Payments payments,
            IdempotentRequests requests,
            PatientAccounts accounts,
            Claims claims,
            Payers payers,
            CreditBalanceTasks tasks,
            Timeline timeline,
            Users users,
            Organizations organizations) {
        this.credits = credits;
        this.cases = cases;
        this.returns = returns;
        this.refunds = refunds;
        this.payments = payments;
        this.requests = requests;
        this.accounts = accounts;
        this.claims = claims;
        this.payers = payers;
        this.tasks = tasks;
        this.timeline = timeline;
        this.users = users;
        this.organizations = organizations;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('refunds.view')")
    String list(
            @RequestParam(defaultValue = "unresolved") String show,
            @RequestParam(defaultValue = "") String owner,
            @RequestParam(name = "class", defaultValue = "") String payerClass,
            @RequestParam(required = false) @Nullable Integer within,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        CreditFilter filter = CreditBalanceResource.filter(show, owner, payerClass, within, after, PAGE + 1);
        List<CreditBalance> found = credits.list(filter);
        boolean more = found.size() > PAGE;
        List<CreditBalance> shown = more ? found.subList(0, PAGE) : found;
        var numbers = accounts.all(shown.stream().map(CreditBalance::accountId).toList());
        List<CreditAging> aging = credits.aging();
        model.addAttribute("filter", filter);
        model.addAttribute("key", UUID.randomUUID());
        model.addAttribute("show", show);
        model.addAttribute("owners", BelongsTo.values());
        model.addAttribute("classes", PayerClass.values());
        model.addAttribute("aging", aging);
        model.addAttribute("chart", Chart.of(aging));
        model.addAttribute("total", credits.unresolvedTotal());
        model.addAttribute(
                "rows",
                shown.stream()
                        .map(credit -> {
                            var account = numbers.get(credit.accountId());
                            return new Row(credit, account == null ? "" : account.number(), clock(credit));
                        })
                        .toList());
        model.addAttribute("next", more ? shown.getLast().id() : null);
        return "refunds/credit-balances";
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('refunds.view')")
    String credit(@PathVariable UUID id, Model model) {
        CreditBalance credit = credits.get(id);
        UUID payerId = credit.payerId();
        UUID paymentId = credit.paymentId();
        UUID claimId = credit.claimId();
        Optional<CreditReturn> wanted = returns.underWay(id);
        model.addAttribute("credit", credit);
        model.addAttribute("account", accounts.get(credit.accountId()));
        model.addAttribute("claim", claimId == null ? null : claims.get(claimId));
        model.addAttribute("payer", payerId == null ? null : payers.get(payerId));
        model.addAttribute("payment", paymentId == null ? null : payments.get(paymentId));
        model.addAttribute(
                "transactions",
                claimId == null
                        ? accounts.transactions(credit.accountId(), null, PAGE).stream()
                                .filter(line -> line.claimId() == null)
                                .toList()
                        : accounts.transactionsOfClaim(claimId));
        model.addAttribute("clock", clock(credit));
        model.addAttribute("dormancy", credits.dormancy(credit).orElse(null));
        model.addAttribute("today", organizations.today());
        model.addAttribute(
                "classifications",
                credits.classifications(id).stream()
                        .map(each -> new Classified(each, name(each.decidedBy())))
                        .toList());
        model.addAttribute("investigations", credits.investigations(id));
        model.addAttribute(
                "evidence",
                credits.evidence(id).stream()
                        .map(each -> new Evidence(each, name(each.recordedBy())))
                        .toList());
        model.addAttribute("wanted", wanted.orElse(null));
        model.addAttribute(
                "requestedBy", wanted.map(each -> name(each.requestedBy())).orElse(""));
        model.addAttribute(
                "mine",
                wanted.filter(each -> each.requestedBy().equals(CurrentUser.id()))
                        .isPresent());
        model.addAttribute("mayComeBack", returns.paidByTransfer(id).isPresent());
        model.addAttribute("byCheck", wanted.map(CreditReturn::byCheck).orElse(false));
        model.addAttribute("splitting", wanted.map(returns::splitting).orElse(List.of()));
        model.addAttribute("warning", wanted.flatMap(returns::warningAboutMe).orElse(null));
        model.addAttribute("choices", cases.choices(id));
        model.addAttribute("targets", returns.targets(id));
        model.addAttribute("owners", BelongsTo.values());
        model.addAttribute("classes", PayerClass.values());
        model.addAttribute("causes", Cause.values());
        model.addAttribute("timeline", timeline.of(CreditBalances.SUBJECT, id));
        model.addAttribute("active", List.of(credit.step()));
        model.addAttribute("waiting", waiting(credit));
        return "refunds/credit-balance";
    }

    /** Where the history of approvals leads. */
    @GetMapping("/returns/{id}")
    @PreAuthorize("hasAuthority('refunds.view')")
    String ofReturn(@PathVariable UUID id) {
        return "redirect:/app/credit-balances/" + returns.get(id).creditId();
    }

    @PostMapping("/{id}/refund")
    @PreAuthorize("hasAuthority('refunds.request')")
    String requestRefund(
            @PathVariable UUID id,
            @RequestParam(required = false) @Nullable String key,
            @RequestParam(defaultValue = "") String method,
            @RequestParam(defaultValue = "") String methodReason) {
        UUID refund = requests.once(
                "credit-refund-forms",
                key,
                List.of(id, method, methodReason),
                () -> requestRefund(id, method, methodReason));
        return "redirect:/app/refunds/" + refund;
    }

    private UUID requestRefund(UUID id, String method, String methodReason) {
        CreditBalance credit = credits.get(id);
        UUID paymentId = credit.paymentId();
        if (credit.state() != CreditBalance.State.OPEN || paymentId == null) {
            throw new RuleViolation(
                    Refusal.CREDIT_BALANCE_RESOLVED, "there is no payment left from which this credit can be returned");
        }
        Money left = refunds.refundable(paymentId);
        return refunds.request(new RefundRequest(
                paymentId,
                credit.amount().isGreaterThan(left) ? left : credit.amount(),
                RefundResource.method(method),
                "overpayment",
                "Credit balance of the claim after its remittance",
                methodReason));
    }

    @PostMapping("/{id}/classification")
    @PreAuthorize("hasAuthority('refunds.request')")
    String classify(
            @PathVariable UUID id,
            @RequestParam long task,
            @RequestParam(defaultValue = "") String belongsTo,
            @RequestParam(defaultValue = "") String payerClass,
            @RequestParam(defaultValue = "") String cause,
            @RequestParam(defaultValue = "") String note) {
        credits.get(id);
        CreditClassification classification = CreditBalanceResource.classification(belongsTo, payerClass, cause);
        tasks.require(id, CreditBalanceSteps.CLASSIFY, task);
        cases.classify(id, task, classification, note);
        return "redirect:/app/credit-balances/" + id;
    }

    @PostMapping("/{id}/resolution")
    @PreAuthorize("hasAuthority('refunds.request')")
    String resolve(
            @PathVariable UUID id,
            @RequestParam long task,
            @RequestParam(defaultValue = "") String choice,
            @RequestParam(defaultValue = "") String reason,
            @RequestParam(defaultValue = "") String target,
            @RequestParam(defaultValue = "") String method) {
        credits.get(id);
        var resolution = CreditCases.Resolution.ofKeys(choice, reason, target, method);
        tasks.require(id, CreditBalanceSteps.RESOLVE, task);
        cases.resolve(id, task, resolution);
        return "redirect:/app/credit-balances/" + id;
    }

    @PostMapping("/{id}/finding")
    @PreAuthorize("hasAuthority('refunds.request')")
    String conclude(@PathVariable UUID id, @RequestParam long task, @RequestParam(defaultValue = "") String finding) {
        credits.get(id);
        tasks.require(id, CreditBalanceSteps.INVESTIGATE, task);
        cases.conclude(id, task, finding);
        return "redirect:/app/credit-balances/" + id;
    }

    @PostMapping("/{id}/approval")
    @PreAuthorize("hasAuthority('refunds.approve')")
    String approve(
            @PathVariable UUID id,
            @RequestParam long task,
            @RequestParam(defaultValue = "") String decision,
            @RequestParam(defaultValue = "") String comment) {
        credits.get(id);
        tasks.require(id, CreditBalanceSteps.APPROVE, task);
        returns.decide(
                CreditBalanceResource.underWay(returns, id).id(), ApprovalDecision.ofForm(task, 1, decision, comment));
        return "redirect:/app/credit-balances/" + id;
    }

    @PostMapping("/{id}/payout")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    String payBack(@PathVariable UUID id, @RequestParam long task, @RequestParam(defaultValue = "") String reference) {
        credits.get(id);
        tasks.require(id, CreditBalanceSteps.PAY_BACK, task);
        cases.payBack(id, task, reference);
        return "redirect:/app/credit-balances/" + id;
    }

    @PostMapping("/{id}/return")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    String cameBack(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason) {
        credits.get(id);
        returns.cameBack(id, reason);
        return "redirect:/app/credit-balances/" + id;
    }

    @PostMapping("/{id}/evidence")
    @PreAuthorize("hasAuthority('refunds.request')")
    String addEvidence(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String note,
            @RequestParam(defaultValue = "") String amount,
            @RequestParam(required = false) @Nullable LocalDate dated,
            @RequestParam(required = false) @Nullable UUID remittanceId,
            @RequestParam(required = false) @Nullable UUID paymentId,
            @RequestParam(required = false) @Nullable UUID journalEntryId) {
        String currency = credits.get(id).amount().getCurrencyUnit().getCode();
        credits.addEvidence(
                id,
                note,
                amount.isBlank() ? null : Amounts.parse(amount, currency),
                dated,
                remittanceId,
                paymentId,
                journalEntryId);
        return "redirect:/app/credit-balances/" + id + "#evidence";
    }

    @PostMapping("/{id}/letter")
    @PreAuthorize("hasAuthority('refunds.request')")
    String letterSent(@PathVariable UUID id, @RequestParam(required = false) @Nullable LocalDate date) {
        credits.get(id);
        credits.letterSent(id, date == null ? organizations.today() : date);
        return "redirect:/app/credit-balances/" + id;
    }

    @GetMapping("/settings")
    @PreAuthorize("hasAuthority('settings.manage')")
    String settings(Model model) {
        model.addAttribute("settings", credits.settings());
        return "refunds/credit-balance-settings";
    }

    @PostMapping("/settings")
    @PreAuthorize("hasAuthority('settings.manage')")
    String saveSettings(
            @RequestParam int patientDays,
            @RequestParam int commercialDays,
            @RequestParam int medicaidDays,
            @RequestParam int remindDaysBefore,
            @RequestParam int followUpDays,
            @RequestParam(defaultValue = "false") boolean transfersAllowed,
            @RequestParam int dormancyYears,
            @RequestParam int letterDaysBefore,
            RedirectAttributes after) {
        credits.changeSettings(new CreditBalanceSettings(
                patientDays,
                commercialDays,
                medicaidDays,
                remindDaysBefore,
                followUpDays,
                transfersAllowed,
                dormancyYears,
                letterDaysBefore));
        after.addFlashAttribute("message", "Saved. The clocks of open cases follow it.");
        return "redirect:/app/credit-balances/settings";
    }

    private Clock clock(CreditBalance credit) {
        CreditClock.Deadline deadline = credits.deadline(credit);
        LocalDate today = organizations.today();
        return new Clock(deadline, deadline.isSuspended(today), deadline.daysLeft(today));
    }

    private Waiting waiting(CreditBalance credit) {
        if (credit.isResolved() || !CreditBalanceTasks.OF_PEOPLE.contains(credit.step())) {
            return new Waiting(null, null, true);
        }
        try {
            Optional<HumanTask> task = tasks.find(credit.id(), credit.step());
            return new Waiting(credit.step(), task.map(HumanTask::key).orElse(null), true);
        } catch (EngineUnavailable e) {
            return new Waiting(credit.step(), null, false);
        }
    }

    private String name(@Nullable UserId id) {
        return id == null
                ? "The books"
                : users.find(id).map(person -> person.displayName()).orElse("Unknown");
    }

    record Row(CreditBalance credit, String accountNumber, Clock clock) {}

    record Classified(CreditBalances.Classified made, String by) {}

    record Evidence(CreditEvidence evidence, String by) {}

    /** @param daysLeft negative: it has passed */
    record Clock(CreditClock.Deadline deadline, boolean suspended, long daysLeft) {

        public String words() {
            if (suspended) {
                return "Stands still, %d days left".formatted(daysLeft);
            }
            return daysLeft < 0
                    ? "passed %d days ago".formatted(-daysLeft)
                    : daysLeft == 1 ? "1 day left" : "%d days left".formatted(daysLeft);
        }

        public String tone() {
            return suspended
                    ? "text-secondary"
                    : daysLeft < 0 ? "text-danger fw-semibold" : daysLeft <= 7 ? "text-danger" : "text-secondary";
        }
    }

    /** What the case waits for a person to do; without a task the engine has not created or shown it yet. */
    record Waiting(@Nullable String step, @Nullable Long task, boolean engineAvailable) {}

    /** The figures of the chart, as the script reads them. */
    record Chart(String labelsJson, String seriesJson) {

        static Chart of(List<CreditAging> aging) {
            var series = new StringBuilder("[");
            for (CreditAging owner : aging) {
                BelongsTo belongsTo = owner.belongsTo();
                series.append(series.length() > 1 ? "," : "")
                        .append("{\"owner\":\"")
                        .append(belongsTo == null ? "Unknown" : belongsTo.words())
                        .append("\",\"amounts\":[")
                        .append(String.join(
                                ",",
                                owner.byDaysLeft().stream()
                                        .map(amount -> amount.getAmount().toPlainString())
                                        .toList()))
                        .append("]}");
            }
            return new Chart("[\"Overdue\",\"Within 7 days\",\"8 to 30\",\"31 to 60\",\"Later\"]", series + "]");
        }
    }
}

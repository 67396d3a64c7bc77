package io.remitflow.reconciliation.web;

import io.remitflow.bank.BankAccount;
import io.remitflow.bank.BankAccounts;
import io.remitflow.bank.BankMatches;
import io.remitflow.bank.LineUse;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.reconciliation.BankFigures;
import io.remitflow.reconciliation.BankItem;
import io.remitflow.reconciliation.BankReconciliation;
import io.remitflow.reconciliation.BankReconciliationSteps;
import io.remitflow.reconciliation.BankReconciliations;
import io.remitflow.reconciliation.BankReconciliations.LineDecision;
import io.remitflow.ui.Download;
import io.remitflow.workflow.Approval;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.EngineUnavailable;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.Timeline;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.format.annotation.DateTimeFormat;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Periods of bank accounts, and the workspace of one: the bank on the left, the books on the right, the difference above. */
@Controller
@RequestMapping("/app/reconciliation/bank")
@PreAuthorize("hasAuthority('bank.reconcile')")
class BankReconciliationPages {

    static final MediaType WORKBOOK =
            MediaType.parseMediaType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");

    private static final int PAGE = 50;
    private static final int SUGGESTIONS = 200;
    private static final int SHOWN = 200;
    private static final int MATCHED = 50;

    private final BankReconciliations reconciliations;
    private final BankReconciliationTasks tasks;
    private final BankAccounts accounts;
    private final BankMatches matches;
    private final Organizations organizations;
    private final Users users;
    private final Timeline timeline;

    BankReconciliationPages(
            BankReconciliations reconciliations,
            BankReconciliationTasks tasks,
            BankAccounts accounts,
            BankMatches matches,
            Organizations organizations,
            Users users,
            Timeline timeline) {
        this.reconciliations = reconciliations;
        this.tasks = tasks;
        this.accounts = accounts;
        this.matches = matches;
        this.organizations = organizations;
        this.users = users;
        this.timeline = timeline;
    }

    @GetMapping
    String list(
            @RequestParam(required = false) @Nullable UUID account,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        List<BankReconciliation> rows = reconciliations.list(account, after, PAGE);
        model.addAttribute("rows", rows);
        model.addAttribute("next", rows.size() < PAGE ? null : rows.getLast().id());
        model.addAttribute("account", account);
        model.addAttribute(
                "accounts",
                accounts.list().stream()
                        .map(each -> new AccountRow(
                                each, reconciliations.nextStart(each.id()).orElse(null)))
                        .toList());
        model.addAttribute(
                "lastMonth",
                YearMonth.from(organizations.today()).minusMonths(1).atEndOfMonth());
        return "reconciliation/bank";
    }

    @PostMapping
    String start(
            @RequestParam UUID account, @RequestParam @DateTimeFormat(iso = DateTimeFormat.ISO.DATE) LocalDate end) {
        return "redirect:/app/reconciliation/bank/" + reconciliations.start(account, end);
    }

    @GetMapping("/{id}")
    String workspace(@PathVariable UUID id, @RequestParam(required = false) @Nullable Instant known, Model model) {
        BankReconciliation found = reconciliations.get(id);
        BankFigures figures = known == null ? reconciliations.figures(id) : reconciliations.figures(id, known);
        boolean working = found.open() && known == null;
        model.addAttribute("reconciliation", found);
        model.addAttribute("figures", figures);
        model.addAttribute("reproduced", known != null);
        model.addAttribute("working", working);
        show(model, "lines", figures, BankItem.Kind.UNBOOKED, BankItem.Kind.BANK_ERROR);
        show(model, "books", figures, BankItem.Kind.DEPOSIT_IN_TRANSIT, BankItem.Kind.OUTSTANDING);
        show(model, "mismatches", figures, BankItem.Kind.MISMATCH);
        suggest(model, working, found);
        model.addAttribute("uses", LineUse.values());
        model.addAttribute("matched", reconciliations.matched(id, MATCHED));
        model.addAttribute("cleared", reconciliations.cleared(id, MATCHED));
        model.addAttribute("changedSince", known == null && !found.open() && !reconciliations.stillHolds(id));
        model.addAttribute("waiting", waiting(found));
        model.addAttribute("mine", CurrentUser.id().equals(found.reconciledBy()));
        model.addAttribute("startedBy", name(found.startedBy()));
        model.addAttribute("reconciledBy", found.reconciledBy() == null ? null : name(found.reconciledBy()));
        model.addAttribute("approvedBy", found.approvedBy() == null ? null : name(found.approvedBy()));
        model.addAttribute(
                "approvals",
                reconciliations.approvalsOf(id).stream()
                        .map(approval -> new ApprovalRow(approval, name(approval.decidedBy())))
                        .toList());
        model.addAttribute("timeline", timeline.of(BankReconciliations.SUBJECT, id));
        model.addAttribute("active", List.of(found.step()));
        return "reconciliation/bank-period";
    }

    /** The tiles above the workspace, which load themselves again. */
    @GetMapping("/{id}/difference")
    String difference(@PathVariable UUID id, Model model) {
        model.addAttribute("reconciliation", reconciliations.get(id));
        model.addAttribute("figures", reconciliations.figures(id));
        return "reconciliation/bank-difference :: difference";
    }

    /**
     * What a person says about a line in suspense.
     *
     * @param what {@code account:8140}, {@code line:<id>}, {@code entry:<id>}, or a decision that leaves it there
     */
    @PostMapping("/{id}/lines/{line}")
    @PreAuthorize("hasAuthority('bank.reconcile') and hasAuthority('ledger.manage')")
    String work(
            @PathVariable UUID id,
            @PathVariable UUID line,
            @RequestParam String what,
            @RequestParam(defaultValue = "") String reason,
            RedirectAttributes after) {
        String[] parts = what.split(":", 2);
        switch (parts[0]) {
            case "account" -> reconciliations.book(id, line, parts[1], reason);
            case "line" -> reconciliations.offset(id, line, idOf(parts[1]), reason);
            case "entry" -> reconciliations.alreadyBooked(id, line, idOf(parts[1]), reason);
            default -> reconciliations.decideLine(id, line, LineDecision.ofKey(what), reason);
        }
        after.addFlashAttribute("message", "Recorded.");
        return "redirect:/app/reconciliation/bank/" + id;
    }

    @PostMapping("/{id}/suggestions/{match}/acceptance")
    String accept(
            @PathVariable UUID id,
            @PathVariable UUID match,
            @RequestParam(defaultValue = "0") int alternative,
            RedirectAttributes after) {
        reconciliations.accept(id, match, alternative);
        after.addFlashAttribute("message", "Matched and booked.");
        return "redirect:/app/reconciliation/bank/" + id;
    }

    @PostMapping("/{id}/suggestions/{match}/refusal")
    String decline(
            @PathVariable UUID id,
            @PathVariable UUID match,
            @RequestParam(defaultValue = "") String reason,
            RedirectAttributes after) {
        reconciliations.decline(id, match, reason);
        after.addFlashAttribute("message", "Declined; the lines stay in bank suspense.");
        return "redirect:/app/reconciliation/bank/" + id;
    }

    /** What undoing a match, or the clearing of a line by its key, would do. */
    @GetMapping("/{id}/undoing")
    String undoing(
            @PathVariable UUID id,
            @RequestParam(required = false) @Nullable UUID match,
            @RequestParam(required = false) @Nullable UUID line,
            Model model) {
        model.addAttribute("reconciliation", reconciliations.get(id));
        model.addAttribute("effects", reconciliations.undoEffects(id, match, line));
        model.addAttribute("match", match);
        model.addAttribute("line", line);
        return "reconciliation/bank-undoing";
    }

    @PostMapping("/{id}/undoing")
    String undo(
            @PathVariable UUID id,
            @RequestParam(required = false) @Nullable UUID match,
            @RequestParam(required = false) @Nullable UUID line,
            @RequestParam(defaultValue = "") String reason,
            RedirectAttributes after) {
        if (match != null) {
            reconciliations.undo(id, match, reason);
        } else {
            reconciliations.undoClearing(id, line == null ? id : line, reason);
        }
        after.addFlashAttribute("message", "Undone; the lines are in bank suspense and the records open again.");
        return "redirect:/app/reconciliation/bank/" + id;
    }

    @PostMapping("/{id}/completion")
    String complete(
            @PathVariable UUID id,
            @RequestParam long task,
            @RequestParam int version,
            @RequestParam(defaultValue = "") String notes,
            RedirectAttributes after) {
        tasks.require(reconciliations.get(id), BankReconciliationSteps.WORK, task);
        reconciliations.complete(id, task, version, notes);
        after.addFlashAttribute("message", "Completed. Another person approves it.");
        return "redirect:/app/reconciliation/bank/" + id;
    }

    @PostMapping("/{id}/approval")
    String approve(
            @PathVariable UUID id,
            @RequestParam long task,
            @RequestParam int version,
            @RequestParam String decision,
            @RequestParam(defaultValue = "") String comment) {
        tasks.require(reconciliations.get(id), BankReconciliationSteps.APPROVE, task);
        reconciliations.decide(
                id,
                new ApprovalDecision(task, version, decision.equals("approve"), comment.isBlank() ? null : comment));
        return "redirect:/app/reconciliation/bank/" + id;
    }

    @PostMapping("/{id}/reopening")
    String reopen(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason) {
        reconciliations.reopen(id, reason);
        return "redirect:/app/reconciliation/bank/" + id;
    }

    @GetMapping("/{id}/report.pdf")
    ResponseEntity<byte[]> pdf(@PathVariable UUID id) {
        return file(reconciliations.get(id), "pdf", MediaType.APPLICATION_PDF, reconciliations.pdf(id));
    }

    @GetMapping("/{id}/report.xlsx")
    ResponseEntity<byte[]> workbook(@PathVariable UUID id) {
        return file(reconciliations.get(id), "xlsx", WORKBOOK, reconciliations.workbook(id));
    }

    static ResponseEntity<byte[]> file(BankReconciliation found, String kind, MediaType type, byte[] bytes) {
        return Download.of("bank-reconciliation-%s.%s".formatted(found.number(), kind), type, bytes);
    }

    private void suggest(Model model, boolean working, BankReconciliation found) {
        model.addAttribute(
                "suggestions",
                working ? matches.suggestionsOf(found.bankAccountId(), found.end(), SUGGESTIONS) : List.of());
        model.addAttribute(
                "suggestionsInAll", working ? matches.countSuggestionsOf(found.bankAccountId(), found.end()) : 0);
    }

    /** The first ones of these kinds, and how many there are in all. */
    private static void show(Model model, String name, BankFigures figures, BankItem.Kind... kinds) {
        List<BankItem> all = Stream.of(kinds)
                .flatMap(kind -> figures.closing().of(kind).stream())
                .toList();
        model.addAttribute(name, all.subList(0, Math.min(SHOWN, all.size())));
        model.addAttribute(name + "InAll", all.size());
    }

    private Waiting waiting(BankReconciliation found) {
        try {
            return new Waiting(tasks.find(found).map(HumanTask::key).orElse(null), true);
        } catch (EngineUnavailable e) {
            return new Waiting(null, false);
        }
    }

    private static UUID idOf(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "this is no id");
        }
    }

    private String name(UserId id) {
        return users.find(id).map(Person::displayName).orElse("Unknown");
    }

    /** @param next when its next period begins; null while no statement says a balance */
    record AccountRow(BankAccount account, @Nullable LocalDate next) {}

    record ApprovalRow(Approval approval, String by) {}

    /** Without a task, the engine has not created or shown it yet, or nothing is to be done. */
    record Waiting(@Nullable Long task, boolean engineAvailable) {}
}

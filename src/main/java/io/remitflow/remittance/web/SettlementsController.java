package io.remitflow.remittance.web;

import io.remitflow.claims.Payers;
import io.remitflow.core.Amounts;
import io.remitflow.core.BusinessDays;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.payments.IdempotentRequests;
import io.remitflow.remittance.CashEvidence;
import io.remitflow.remittance.CashKind;
import io.remitflow.remittance.CashReceipt;
import io.remitflow.remittance.RemittanceRegister;
import io.remitflow.remittance.Settlement;
import io.remitflow.remittance.SettlementCases;
import io.remitflow.remittance.SettlementFilter;
import io.remitflow.remittance.SettlementSettings;
import io.remitflow.remittance.SettlementState;
import io.remitflow.remittance.SettlementSteps;
import io.remitflow.remittance.Settlements;
import io.remitflow.workflow.EngineUnavailable;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.Timeline;
import java.time.LocalDate;
import java.util.List;
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
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The worklist of settlements, the page of each with whatever it waits for, and money recorded by hand. */
@Controller
@RequestMapping("/app/settlements")
@PreAuthorize("hasAuthority('remittances.view')")
class SettlementsController {

    private static final int PAGE = 50;

    private final Settlements settlements;
    private final SettlementCases cases;
    private final SettlementTasks tasks;
    private final RemittanceRegister register;
    private final Payers payers;
    private final IdempotentRequests requests;
    private final Organizations organizations;
    private final Timeline timeline;

    SettlementsController(
            Settlements settlements,
            SettlementCases cases,
            SettlementTasks tasks,
            RemittanceRegister register,
            Payers payers,
            IdempotentRequests requests,
            Organizations organizations,
            Timeline timeline) {
        this.settlements = settlements;
        this.cases = cases;
        this.tasks = tasks;
        this.register = register;
        this.payers = payers;
        this.requests = requests;
        this.organizations = organizations;
        this.timeline = timeline;
    }

    @GetMapping
    String list(
            @RequestParam(defaultValue = "open") String state,
            @RequestParam(required = false) @Nullable String text,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        boolean named = !state.equals("open") && !state.equals("all");
        var filter = new SettlementFilter(named ? state(state) : null, state.equals("all"), text, after, PAGE);
        LocalDate today = organizations.today();
        List<Row> rows = settlements.list(filter).stream()
                .map(settlement -> Row.of(settlement, today))
                .toList();
        model.addAttribute("rows", rows);
        model.addAttribute("show", state);
        model.addAttribute("text", text);
        model.addAttribute("states", SettlementState.values());
        model.addAttribute("totals", settlements.totals());
        model.addAttribute(
                "next", rows.size() < PAGE ? null : rows.getLast().settlement().id());
        addForm(model, today);
        return "remittance/settlements";
    }

    @GetMapping("/{id}")
    String settlement(@PathVariable UUID id, Model model) {
        Settlement settlement = settlements.get(id);
        LocalDate today = organizations.today();
        model.addAttribute("row", Row.of(settlement, today));
        model.addAttribute("settlement", settlement);
        model.addAttribute(
                "remittances",
                settlements.remittancesOf(id).stream()
                        .map(remittance -> register.get(remittance).summary())
                        .toList());
        model.addAttribute("money", settlements.moneyOf(id));
        model.addAttribute("suggestions", settlements.suggestions(id));
        model.addAttribute("waiting", waiting(settlement));
        model.addAttribute("settings", settlements.settings());
        model.addAttribute("timeline", timeline.of(Settlements.SUBJECT, id));
        model.addAttribute("active", List.of(settlement.step()));
        addForm(model, today);
        return "remittance/settlement";
    }

    @PostMapping("/receipts")
    @PreAuthorize("hasAuthority('settlements.record')")
    String record(
            @RequestParam String key,
            @RequestParam String kind,
            @RequestParam String traceNumber,
            @RequestParam(defaultValue = "") String payerIdentifier,
            @RequestParam(defaultValue = "") String payerHint,
            @RequestParam String amount,
            @RequestParam(defaultValue = "") String fee,
            @RequestParam LocalDate bankDate,
            RedirectAttributes after) {
        var evidence = evidence(kind, traceNumber, payerIdentifier, payerHint, amount, fee, bankDate, currency());
        UUID id = requests.once(
                "bank-receipts",
                key,
                evidence,
                () -> settlements.cashSeen(evidence).id());
        CashReceipt receipt = settlements.receipt(id);
        after.addFlashAttribute(
                "message", "%s: %s is booked.".formatted(receipt.number(), Amounts.format(receipt.amount())));
        return settlements.partsOfReceipt(id).stream()
                .findFirst()
                .map(part -> "redirect:/app/settlements/" + part.settlementId())
                .orElse("redirect:/app/settlements");
    }

    @PostMapping("/{id}/receipts/{receipt}/reversal")
    @PreAuthorize("hasAuthority('settlements.record')")
    String takeBack(
            @PathVariable UUID id,
            @PathVariable UUID receipt,
            @RequestParam LocalDate date,
            @RequestParam String reason) {
        settlements.takeBackByHand(receipt, date, reason);
        return "redirect:/app/settlements/" + id;
    }

    @PostMapping("/{id}/match")
    @PreAuthorize("hasAuthority('settlements.record')")
    String match(@PathVariable UUID id, @RequestParam UUID cash, @RequestParam("remittance") List<UUID> remittances) {
        settlements.match(cash, remittances);
        return "redirect:/app/settlements/" + (remittances.contains(id) ? id : remittances.getFirst());
    }

    @PostMapping("/{id}/trace-request")
    @PreAuthorize("hasAuthority('settlements.record')")
    String trace(
            @PathVariable UUID id,
            @RequestParam long task,
            @RequestParam String outcome,
            @RequestParam(defaultValue = "") String note) {
        tasks.require(settlements.get(id), SettlementSteps.REQUEST_TRACE, task);
        cases.traceHandled(id, task, outcome, note);
        return "redirect:/app/settlements/" + id;
    }

    @PostMapping("/{id}/resolution")
    @PreAuthorize("hasAuthority('settlements.record')")
    String resolve(
            @PathVariable UUID id,
            @RequestParam long task,
            @RequestParam String resolution,
            @RequestParam(required = false) @Nullable String amount,
            @RequestParam(defaultValue = "") String note) {
        tasks.require(settlements.get(id), SettlementSteps.RESOLVE_MISMATCH, task);
        cases.resolve(id, task, new SettlementCases.Resolution(resolution, amount, note));
        return "redirect:/app/settlements/" + id;
    }

    @GetMapping("/settings")
    @PreAuthorize("hasAuthority('settings.manage')")
    String settings(Model model) {
        model.addAttribute("settings", settlements.settings());
        return "remittance/settlement-settings";
    }

    @PostMapping("/settings")
    @PreAuthorize("hasAuthority('settings.manage')")
    String saveSettings(
            @RequestParam int lateAfterDays,
            @RequestParam int missingAfterDays,
            @RequestParam int followUpDays,
            @RequestParam int cardFeeBasisPoints,
            RedirectAttributes after) {
        settlements.changeSettings(
                new SettlementSettings(lateAfterDays, missingAfterDays, followUpDays, cardFeeBasisPoints));
        after.addFlashAttribute("message", "Saved. Clocks that start from now on follow it.");
        return "redirect:/app/settlements/settings";
    }

    static CashEvidence evidence(
            String kind,
            String traceNumber,
            String payerIdentifier,
            String payerHint,
            String amount,
            @Nullable String fee,
            LocalDate bankDate,
            String currency) {
        return new CashEvidence(
                CashKind.ofKey(kind),
                null,
                traceNumber,
                payerIdentifier,
                payerHint,
                Amounts.parse(amount, currency),
                fee == null || fee.isBlank() ? Amounts.zero(currency) : Amounts.parse(fee, currency),
                bankDate);
    }

    private void addForm(Model model, LocalDate today) {
        model.addAttribute("key", Ids.next());
        model.addAttribute("today", today);
        model.addAttribute("payers", payers.all());
    }

    private Waiting waiting(Settlement settlement) {
        String step = settlement.step();
        if (!step.equals(SettlementSteps.REQUEST_TRACE) && !step.equals(SettlementSteps.RESOLVE_MISMATCH)) {
            return new Waiting(null, null, true);
        }
        try {
            return new Waiting(
                    step, tasks.find(settlement, step).map(HumanTask::key).orElse(null), true);
        } catch (EngineUnavailable e) {
            return new Waiting(step, null, false);
        }
    }

    private String currency() {
        return organizations.current().currency().getCode();
    }

    static SettlementState state(String key) {
        return SettlementState.find(key)
                .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "unknown state of a settlement"));
    }

    /** @param businessDays since the clock of the missing side runs, 0 before */
    record Row(Settlement settlement, int businessDays) {

        static Row of(Settlement settlement, LocalDate today) {
            return new Row(
                    settlement,
                    settlement.countedFrom().isAfter(today)
                            ? 0
                            : BusinessDays.between(settlement.countedFrom(), today));
        }
    }

    /** What it waits for a person to do; without a task the engine has not created or shown it yet. */
    record Waiting(@Nullable String step, @Nullable Long task, boolean engineAvailable) {}
}

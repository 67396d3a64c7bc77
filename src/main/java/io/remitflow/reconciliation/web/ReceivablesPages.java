package io.remitflow.reconciliation.web;

import io.remitflow.reconciliation.ReceivablesReconciliation;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** Patient accounts against their control accounts for people, down to the single line. */
@Controller
@RequestMapping("/app/reconciliation/receivables")
@PreAuthorize("hasAuthority('ledger.view')")
class ReceivablesPages {

    static final int DAYS = 90;
    static final int MONTHS = 6;

    private final ReceivablesReconciliation reconciliation;

    ReceivablesPages(ReceivablesReconciliation reconciliation) {
        this.reconciliation = reconciliation;
    }

    @GetMapping
    String receivables(
            @RequestParam(required = false) @Nullable LocalDate asOf,
            @RequestParam(required = false) @Nullable Instant known,
            @RequestParam(defaultValue = "" + MONTHS) int months,
            @RequestParam(defaultValue = "" + DAYS) int days,
            Model model) {
        var moment = reconciliation.asOf(asOf, known);
        model.addAttribute("asOf", moment);
        model.addAttribute("reproduced", known != null);
        model.addAttribute("months", months);
        model.addAttribute("days", days);
        model.addAttribute("tieOut", reconciliation.tieOut(moment));
        model.addAttribute("rollForward", reconciliation.rollForward(moment, months));
        model.addAttribute("unapplied", reconciliation.unapplied(moment));
        model.addAttribute("aging", reconciliation.aging(moment));
        model.addAttribute("metrics", reconciliation.metrics(moment, days));
        return "reconciliation/receivables";
    }

    @GetMapping("/{id}")
    String entry(@PathVariable UUID id, Model model) {
        model.addAttribute("entry", reconciliation.entry(id));
        return "reconciliation/receivables-entry";
    }
}

package io.remitflow.bank.web;

import io.remitflow.bank.BankLine;
import io.remitflow.bank.BankMatch;
import io.remitflow.bank.BankMatches;
import io.remitflow.bank.BankStatements;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Lines in bank suspense: what is suggested for them, and those for which nothing is. */
@Controller
@PreAuthorize("hasAuthority('bank.reconcile')")
class BankMatchesController {

    private static final int SUGGESTIONS = 25;
    private static final int LINES = 50;

    private final BankMatches matches;
    private final BankStatements statements;

    BankMatchesController(BankMatches matches, BankStatements statements) {
        this.matches = matches;
        this.statements = statements;
    }

    @GetMapping("/app/bank/suggestions")
    String list(
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(required = false) @Nullable UUID line,
            Model model) {
        List<BankMatch> found = matches.suggestions(after, SUGGESTIONS);
        List<BankLine> lines = statements.unexplained(line, LINES);
        model.addAttribute("matches", found);
        model.addAttribute("waiting", matches.waiting());
        model.addAttribute(
                "next", found.size() < SUGGESTIONS ? null : found.getLast().id());
        model.addAttribute("lines", lines);
        model.addAttribute(
                "nextLine", lines.size() < LINES ? null : lines.getLast().id());
        return "bank/suggestions";
    }

    @GetMapping("/app/bank/suggestions/{id}")
    String match(@PathVariable UUID id, Model model) {
        model.addAttribute("match", matches.get(id));
        return "bank/suggestion";
    }

    @PostMapping("/app/bank/suggestions/{id}/acceptance")
    String accept(@PathVariable UUID id, @RequestParam(defaultValue = "0") int alternative, RedirectAttributes after) {
        matches.accept(id, alternative);
        after.addFlashAttribute("message", "Booked.");
        return "redirect:/app/bank/suggestions";
    }

    @PostMapping("/app/bank/suggestions/{id}/refusal")
    String decline(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason, RedirectAttributes after) {
        matches.decline(id, reason);
        after.addFlashAttribute("message", "Declined; the lines stay in bank suspense.");
        return "redirect:/app/bank/suggestions";
    }
}

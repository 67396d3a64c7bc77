package io.remitflow.bank.web;

import io.remitflow.bank.BankLine;
import io.remitflow.bank.BankMatch;
import io.remitflow.bank.BankMatches;
import io.remitflow.bank.BankStatements;
import io.remitflow.bank.ClearedLines;
import io.remitflow.checks.CheckReturnCode;
import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
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
    private static final int DECIDED = 10;

    private final BankMatches matches;
    private final ClearedLines cleared;
    private final BankStatements statements;
    private final Users users;

    BankMatchesController(BankMatches matches, ClearedLines cleared, BankStatements statements, Users users) {
        this.matches = matches;
        this.cleared = cleared;
        this.statements = statements;
        this.users = users;
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
        model.addAttribute("decided", matches.decided(null, DECIDED));
        model.addAttribute(
                "next", found.size() < SUGGESTIONS ? null : found.getLast().id());
        model.addAttribute("lines", lines);
        model.addAttribute(
                "nextLine", lines.size() < LINES ? null : lines.getLast().id());
        model.addAttribute("leftToPeople", matches.leftToPeople());
        return "bank/suggestions";
    }

    @GetMapping("/app/bank/suggestions/{id}")
    String match(@PathVariable UUID id, Model model) {
        BankMatch match = matches.get(id);
        model.addAttribute("match", match);
        model.addAttribute("shares", matches.shares(id));
        model.addAttribute("effects", match.status() == BankMatch.Status.ACCEPTED ? matches.undoEffects(id) : null);
        model.addAttribute("codes", CheckReturnCode.values());
        model.addAttribute("decidedBy", name(match.decidedBy()));
        BankMatch.Undoing undoing = match.undoing();
        model.addAttribute("undoneBy", undoing == null ? null : name(undoing.by()));
        return "bank/suggestion";
    }

    @PostMapping("/app/bank/suggestions/{id}/acceptance")
    String accept(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "0") int alternative,
            @RequestParam(required = false) @Nullable String code,
            RedirectAttributes after) {
        matches.accept(id, alternative, code == null ? null : ManualMatchesController.code(code));
        after.addFlashAttribute("message", "Booked.");
        return "redirect:/app/bank/suggestions";
    }

    @GetMapping("/app/bank/matches")
    String decided(@RequestParam(required = false) @Nullable UUID after, Model model) {
        List<BankMatch> found = matches.decided(after, SUGGESTIONS);
        model.addAttribute("decided", found);
        model.addAttribute(
                "next", found.size() < SUGGESTIONS ? null : found.getLast().id());
        return "bank/matches";
    }

    @PostMapping("/app/bank/suggestions/{id}/undoing")
    String undo(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason, RedirectAttributes after) {
        matches.undo(id, reason);
        after.addFlashAttribute("message", "Undone; the lines are in bank suspense and the records open again.");
        return "redirect:/app/bank/suggestions/" + id;
    }

    @PostMapping("/app/bank/suggestions/{id}/refusal")
    String decline(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason, RedirectAttributes after) {
        matches.decline(id, reason);
        after.addFlashAttribute("message", "Declined; the lines stay in bank suspense.");
        return "redirect:/app/bank/suggestions";
    }

    /** A line that was cleared by the key it carries, and what undoing that would do. */
    @GetMapping("/app/bank/lines/{id}/clearing")
    String clearing(@PathVariable UUID id, Model model) {
        model.addAttribute("effects", cleared.undoEffects(id));
        model.addAttribute("line", statements.line(id));
        return "bank/clearing";
    }

    @PostMapping("/app/bank/lines/{id}/clearing/undoing")
    String undoClearing(
            @PathVariable UUID id, @RequestParam(defaultValue = "") String reason, RedirectAttributes after) {
        UUID match = cleared.undo(id, reason);
        after.addFlashAttribute(
                "message", "Undone; the line is in bank suspense and what it had cleared is open again.");
        return "redirect:/app/bank/suggestions/" + match;
    }

    private @Nullable String name(@Nullable UUID by) {
        return by == null
                ? null
                : users.find(new UserId(by)).map(Person::displayName).orElse("Someone");
    }
}

package io.remitflow.bank.web;

import io.remitflow.bank.BankAccounts;
import io.remitflow.bank.BankLine;
import io.remitflow.bank.BankMatch;
import io.remitflow.bank.BankStatements;
import io.remitflow.bank.LineUse;
import io.remitflow.bank.ManualMatches;
import io.remitflow.bank.ManualMatches.Picked;
import io.remitflow.bank.ManualMatches.Preview;
import io.remitflow.bank.ManualMatches.Search;
import io.remitflow.bank.ManualMatches.Selection;
import io.remitflow.bank.ReturnedDeposits;
import io.remitflow.checks.CheckReturnCode;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Matching by hand: lines in suspense on one side, what waits for money on the other, and what their sums differ by. */
@Controller
@PreAuthorize("hasAuthority('bank.reconcile')")
class ManualMatchesController {

    private static final int SHOWN = 100;

    private final ManualMatches matching;
    private final BankStatements statements;
    private final BankAccounts accounts;
    private final ReturnedDeposits returned;

    ManualMatchesController(
            ManualMatches matching, BankStatements statements, BankAccounts accounts, ReturnedDeposits returned) {
        this.returned = returned;
        this.matching = matching;
        this.statements = statements;
        this.accounts = accounts;
    }

    /**
     * What is picked stays at the top of its side, whatever is searched for; htmx asks for the sums alone.
     *
     * @param picked as {@code kind:id}
     */
    @GetMapping("/app/bank/matching")
    String matching(
            @RequestParam(name = "line", required = false) @Nullable List<UUID> lines,
            @RequestParam(name = "record", required = false) @Nullable List<String> picked,
            @RequestParam(required = false) @Nullable String text,
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate to,
            @RequestParam(required = false) @Nullable UUID account,
            @RequestParam(required = false) @Nullable String recordText,
            @RequestParam(required = false) @Nullable LocalDate recordFrom,
            @RequestParam(required = false) @Nullable LocalDate recordTo,
            @RequestHeader(name = "HX-Request", defaultValue = "false") boolean htmx,
            Model model) {
        Preview preview = matching.preview(selection(lines, picked));
        model.addAttribute("preview", preview);
        if (htmx) {
            return "bank/sums :: sums";
        }
        List<UUID> pickedLines = preview.lines().stream().map(BankLine::id).toList();
        List<UUID> pickedRecords =
                preview.records().stream().map(BankMatch.Record::id).toList();
        List<BankLine> foundLines = matching.lines(new Search(text, from, to, account), SHOWN);
        List<BankMatch.Record> foundRecords =
                matching.records(new Search(recordText, recordFrom, recordTo, null), SHOWN);
        model.addAttribute(
                "lines",
                Stream.concat(
                                preview.lines().stream(),
                                foundLines.stream().filter(line -> !pickedLines.contains(line.id())))
                        .toList());
        model.addAttribute(
                "records",
                Stream.concat(
                                preview.records().stream(),
                                foundRecords.stream().filter(record -> !pickedRecords.contains(record.id())))
                        .toList());
        model.addAttribute("pickedLines", pickedLines);
        model.addAttribute("pickedRecords", pickedRecords);
        model.addAttribute("moreLines", foundLines.size() == SHOWN);
        model.addAttribute("moreRecords", foundRecords.size() == SHOWN);
        model.addAttribute("accounts", accounts.list());
        model.addAttribute("account", account);
        model.addAttribute("text", text);
        model.addAttribute("from", from);
        model.addAttribute("to", to);
        model.addAttribute("recordText", recordText);
        model.addAttribute("recordFrom", recordFrom);
        model.addAttribute("recordTo", recordTo);
        return "bank/matching";
    }

    @GetMapping("/app/bank/matching/preview")
    String preview(
            @RequestParam(name = "line", required = false) @Nullable List<UUID> lines,
            @RequestParam(name = "record", required = false) @Nullable List<String> picked,
            Model model) {
        Preview preview = matching.preview(selection(lines, picked));
        model.addAttribute("preview", preview);
        model.addAttribute(
                "single",
                preview.lines().size() == 1
                                && preview.records().isEmpty()
                                && isUnexplained(preview.lines().getFirst())
                        ? preview.lines().getFirst()
                        : null);
        model.addAttribute("uses", LineUse.values());
        model.addAttribute(
                "returnedChecks",
                preview.lines().size() == 1 && preview.records().isEmpty()
                        ? returned.candidates(preview.lines().getFirst().id())
                        : List.of());
        model.addAttribute("codes", CheckReturnCode.values());
        return "bank/matching-preview";
    }

    @PostMapping("/app/bank/matching")
    String match(
            @RequestParam(name = "line", required = false) @Nullable List<UUID> lines,
            @RequestParam(name = "record", required = false) @Nullable List<String> picked,
            @RequestParam(defaultValue = "") String reason,
            RedirectAttributes after) {
        UUID id = matching.match(selection(lines, picked), reason);
        after.addFlashAttribute("message", "Matched and booked.");
        return "redirect:/app/bank/suggestions/" + id;
    }

    /** The line takes a check back that was deposited: its return is recorded, and the line cleared. */
    @PostMapping("/app/bank/lines/{id}/returned-check")
    String returnedCheck(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String receipt,
            @RequestParam(defaultValue = "") String code,
            RedirectAttributes after) {
        statements.line(id);
        UUID match = returned.accept(id, receipt, code(code));
        after.addFlashAttribute(
                "message", "The check is returned: what it paid is owed again, and the line is cleared.");
        return "redirect:/app/bank/suggestions/" + match;
    }

    static CheckReturnCode code(String code) {
        try {
            return CheckReturnCode.valueOf(code);
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say why the bank returned it");
        }
    }

    @PostMapping("/app/bank/lines/{id}/account-booking")
    @PreAuthorize("hasAuthority('bank.reconcile') and hasAuthority('ledger.manage')")
    String book(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String use,
            @RequestParam(defaultValue = "") String reason,
            RedirectAttributes after) {
        statements.line(id);
        UUID match = matching.book(id, use(use), reason);
        after.addFlashAttribute("message", "Booked.");
        return "redirect:/app/bank/suggestions/" + match;
    }

    private static boolean isUnexplained(BankLine line) {
        return line.state() == BankLine.State.SUSPENSE || line.state() == BankLine.State.SUGGESTED;
    }

    static LineUse use(String key) {
        return LineUse.find(key)
                .orElseThrow(
                        () -> new RuleViolation(Refusal.INVALID_INPUT, "say what the line is: a fee, interest, ..."));
    }

    private static Selection selection(@Nullable List<UUID> lines, @Nullable List<String> picked) {
        return new Selection(
                lines == null ? List.of() : lines,
                picked == null
                        ? List.of()
                        : picked.stream().map(ManualMatchesController::picked).toList());
    }

    private static Picked picked(String text) {
        try {
            String[] parts = text.split(":", 2);
            return new Picked(parts[0], UUID.fromString(parts[parts.length - 1]));
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a record is picked as kind:id");
        }
    }
}

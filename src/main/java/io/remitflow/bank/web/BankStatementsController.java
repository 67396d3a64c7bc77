package io.remitflow.bank.web;

import io.remitflow.bank.BankAccounts;
import io.remitflow.bank.BankLine;
import io.remitflow.bank.BankMatches;
import io.remitflow.bank.BankStatement;
import io.remitflow.bank.BankStatements;
import io.remitflow.bank.ImportReceipt;
import io.remitflow.core.RuleViolation;
import io.remitflow.intake.InboxDirectories;
import io.remitflow.intake.IntakeFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Statements of banks: what arrived, what was refused and why, and the lines of each. */
@Controller
@PreAuthorize("hasAuthority('bank.reconcile')")
class BankStatementsController {

    private static final int PAGE = 50;
    private static final int LINES = 100;

    private final BankStatements statements;
    private final BankAccounts accounts;
    private final BankMatches matches;
    private final InboxDirectories inbox;

    BankStatementsController(
            BankStatements statements, BankAccounts accounts, BankMatches matches, InboxDirectories inbox) {
        this.statements = statements;
        this.accounts = accounts;
        this.matches = matches;
        this.inbox = inbox;
    }

    @GetMapping("/app/bank/statements")
    String list(
            @RequestParam(required = false) @Nullable UUID account,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        List<BankStatement> rows = statements.list(account, after, PAGE);
        model.addAttribute("account", account == null ? null : accounts.get(account));
        model.addAttribute("accounts", accounts.list());
        model.addAttribute("rows", rows);
        model.addAttribute("next", rows.size() < PAGE ? null : rows.getLast().id());
        model.addAttribute(
                "rejected",
                statements.recentFiles().stream()
                        .filter(file ->
                                file.state() == IntakeFile.State.REJECTED || file.state() == IntakeFile.State.PARKED)
                        .toList());
        model.addAttribute("waiting", matches.waiting());
        model.addAttribute("inbox", inbox.forBankStatements().toString());
        return "bank/statements";
    }

    @PostMapping("/app/bank/statements")
    String upload(
            @RequestParam MultipartFile file,
            @RequestParam(required = false) @Nullable UUID account,
            RedirectAttributes redirect)
            throws IOException {
        try (InputStream bytes = file.getInputStream()) {
            if (account != null) {
                accounts.get(account);
            }
            ImportReceipt receipt = statements.receive(
                    "bank-upload", Objects.requireNonNullElse(file.getOriginalFilename(), "statement"), bytes, account);
            boolean taken = receipt.file().state() == IntakeFile.State.ACCEPTED;
            redirect.addFlashAttribute("uploaded", text(receipt));
            redirect.addFlashAttribute("uploadFailed", !taken);
            return taken && receipt.statements().size() == 1
                    ? "redirect:/app/bank/statements/"
                            + receipt.statements().getFirst().id()
                    : "redirect:/app/bank/statements";
        } catch (RuleViolation e) {
            redirect.addFlashAttribute("uploaded", "Not received: " + e.getMessage());
            redirect.addFlashAttribute("uploadFailed", true);
            return "redirect:/app/bank/statements";
        }
    }

    @GetMapping("/app/bank/statements/{id}")
    String statement(@PathVariable UUID id, @RequestParam(defaultValue = "0") int from, Model model) {
        BankStatement statement = statements.get(id);
        int first = Math.max(0, from);
        List<BankLine> lines = statements.lines(id, first, LINES);
        model.addAttribute("statement", statement);
        model.addAttribute("lines", lines);
        model.addAttribute("next", lines.size() < LINES ? null : first + LINES);
        return "bank/statement";
    }

    private static String text(ImportReceipt receipt) {
        if (receipt.file().state() != IntakeFile.State.ACCEPTED) {
            return "Not taken over: "
                    + Objects.requireNonNullElse(receipt.file().reason(), "the file cannot be read");
        }
        if (receipt.repeated()) {
            return "This file is known already; nothing changed.";
        }
        int lines = receipt.statements().stream().mapToInt(BankStatement::lines).sum();
        int fresh =
                receipt.statements().stream().mapToInt(BankStatement::newLines).sum();
        return "Taken over: %d %s with %d lines, %d of them new."
                .formatted(
                        receipt.statements().size(),
                        receipt.statements().size() == 1 ? "statement" : "statements",
                        lines,
                        fresh);
    }
}

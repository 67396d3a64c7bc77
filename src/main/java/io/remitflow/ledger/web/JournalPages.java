package io.remitflow.ledger.web;

import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Users;
import io.remitflow.ledger.Account;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.EntryFilter;
import io.remitflow.ledger.EntryType;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.JournalDraft;
import io.remitflow.ledger.JournalDrafts;
import io.remitflow.ledger.JournalEntries;
import io.remitflow.ledger.JournalEntry;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.format.annotation.DateTimeFormat;
import org.springframework.format.annotation.DateTimeFormat.ISO;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The journal: its list, one entry with its reversal, and manual entries from draft to posting. */
@Controller
@RequestMapping("/app/ledger/journal")
@PreAuthorize("hasAuthority('ledger.view')")
class JournalPages {

    private static final int PAGE = 50;

    private final Journal journal;
    private final JournalEntries entries;
    private final JournalDrafts drafts;
    private final ChartOfAccounts chart;
    private final Organizations organizations;
    private final Users users;

    JournalPages(
            Journal journal,
            JournalEntries entries,
            JournalDrafts drafts,
            ChartOfAccounts chart,
            Organizations organizations,
            Users users) {
        this.journal = journal;
        this.entries = entries;
        this.drafts = drafts;
        this.chart = chart;
        this.organizations = organizations;
        this.users = users;
    }

    @GetMapping
    String list(
            @RequestParam(required = false) @DateTimeFormat(iso = ISO.DATE) @Nullable LocalDate from,
            @RequestParam(required = false) @DateTimeFormat(iso = ISO.DATE) @Nullable LocalDate to,
            @RequestParam(required = false) @Nullable UUID account,
            @RequestParam(required = false) @Nullable String source,
            @RequestParam(required = false) @Nullable String text,
            @RequestParam(required = false) @Nullable UUID document,
            @RequestParam(required = false) @Nullable String after,
            Model model) {
        var filter = new EntryFilter(from, to, account, source, text, document, null);
        model.addAttribute("filter", filter);
        model.addAttribute("page", entries.find(filter, after, PAGE));
        model.addAttribute("accounts", chart.all());
        model.addAttribute("sources", entries.sourceModules());
        model.addAttribute("drafts", drafts.open());
        return "ledger/journal";
    }

    @GetMapping("/{id}")
    String entry(@PathVariable UUID id, Model model) {
        var entry = journal.find(id).orElse(null);
        if (entry == null) {
            if (drafts.find(id).isEmpty()) {
                throw RuleViolation.notFound("journal entry");
            }
            return "redirect:/app/ledger/journal/drafts/" + id;
        }
        model.addAttribute("entry", entry);
        model.addAttribute("reverses", linked(entry.reversesEntryId()));
        model.addAttribute("reversedBy", linked(entry.reversedByEntryId()));
        model.addAttribute(
                "postedBy",
                entry.postedBy() == null
                        ? "Remitflow"
                        : users.find(entry.postedBy())
                                .map(person -> person.displayName())
                                .orElse("Somebody"));
        var today = organizations.today();
        model.addAttribute("reversalDate", today.isBefore(entry.date()) ? entry.date() : today);
        return "ledger/entry";
    }

    @PostMapping("/{id}/reversal")
    @PreAuthorize("hasAuthority('ledger.manage')")
    String reverse(
            @PathVariable UUID id,
            @RequestParam @DateTimeFormat(iso = ISO.DATE) LocalDate date,
            @RequestParam String reason,
            RedirectAttributes redirect) {
        var reversal = journal.reverseByHand(id, date, reason, "page-reversal:" + UUID.randomUUID());
        redirect.addFlashAttribute("message", "Reversed by %s.".formatted(reversal.number()));
        return "redirect:/app/ledger/journal/" + id;
    }

    @GetMapping("/drafts/new")
    @PreAuthorize("hasAuthority('ledger.manage')")
    String newDraft(Model model) {
        return form(DraftForm.empty(organizations.today()), null, model);
    }

    @PostMapping("/drafts")
    @PreAuthorize("hasAuthority('ledger.manage')")
    String create(@ModelAttribute DraftForm form, Model model, RedirectAttributes redirect) {
        try {
            var id = drafts.create(form.content(organizations), "page:" + form.getKey());
            return saved(id, form, redirect);
        } catch (RuleViolation refused) {
            return refused(form, null, refused, model);
        }
    }

    @GetMapping("/drafts/{id}")
    String draft(@PathVariable UUID id, Model model) {
        var draft = drafts.find(id).orElseThrow(() -> RuleViolation.notFound("journal entry"));
        return switch (draft.status()) {
            case POSTED -> "redirect:/app/ledger/journal/" + id;
            case DRAFT, VOID -> form(DraftForm.of(draft), draft, model);
        };
    }

    @PostMapping("/drafts/{id}")
    @PreAuthorize("hasAuthority('ledger.manage')")
    String update(@PathVariable UUID id, @ModelAttribute DraftForm form, Model model, RedirectAttributes redirect) {
        var draft = drafts.find(id).orElseThrow(() -> RuleViolation.notFound("journal entry"));
        try {
            drafts.update(id, form.content(organizations), form.getVersion());
            form.setVersion(form.getVersion() + 1);
            return saved(id, form, redirect);
        } catch (RuleViolation refused) {
            return refused(form, draft, refused, model);
        }
    }

    @PostMapping("/drafts/{id}/discard")
    @PreAuthorize("hasAuthority('ledger.manage')")
    String discard(@PathVariable UUID id, @RequestParam String reason, RedirectAttributes redirect) {
        drafts.discard(id, reason);
        redirect.addFlashAttribute("message", "The draft was discarded.");
        return "redirect:/app/ledger/journal";
    }

    private String saved(UUID id, DraftForm form, RedirectAttributes redirect) {
        if (!form.isPost()) {
            redirect.addFlashAttribute("message", "The draft is saved. It is no part of the books until it is posted.");
            return "redirect:/app/ledger/journal/drafts/" + id;
        }
        try {
            redirect.addFlashAttribute(
                    "message", "Posted as %s.".formatted(drafts.post(id).number()));
            return "redirect:/app/ledger/journal/" + id;
        } catch (RuleViolation refused) {
            redirect.addFlashAttribute("refusal", "The draft is saved, but not posted: " + refused.getMessage());
            return "redirect:/app/ledger/journal/drafts/" + id;
        }
    }

    private String refused(DraftForm form, @Nullable JournalDraft draft, RuleViolation refused, Model model) {
        model.addAttribute("refusal", refused.getMessage());
        return form(form, draft, model);
    }

    private String form(DraftForm form, @Nullable JournalDraft draft, Model model) {
        form.addEmptyLines();
        model.addAttribute("form", form);
        model.addAttribute("draft", draft);
        model.addAttribute(
                "types", List.of(EntryType.STANDARD, EntryType.ADJUSTING, EntryType.CLOSING, EntryType.OPENING));
        model.addAttribute(
                "accounts", chart.all().stream().filter(Account::active).toList());
        return "ledger/draft";
    }

    private @Nullable JournalEntry linked(@Nullable UUID id) {
        return id == null ? null : journal.find(id).orElse(null);
    }
}

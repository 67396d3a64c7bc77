package io.remitflow.ledger.web;

import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.Account;
import io.remitflow.ledger.AccountChange;
import io.remitflow.ledger.AccountLedgers;
import io.remitflow.ledger.AccountType;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.EntryFilter;
import io.remitflow.ledger.FiscalPeriods;
import io.remitflow.ledger.JournalEntries;
import io.remitflow.ledger.NewAccount;
import io.remitflow.ledger.OpenReference;
import io.remitflow.ledger.TrialBalances;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.format.annotation.DateTimeFormat;
import org.springframework.format.annotation.DateTimeFormat.ISO;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Accounts, trial balance, clearing and periods. */
@Controller
@RequestMapping("/app/ledger")
@PreAuthorize("hasAuthority('ledger.view')")
class LedgerPages {

    private static final int PAGE = 100;

    private final ChartOfAccounts chart;
    private final AccountLedgers ledgers;
    private final TrialBalances trialBalances;
    private final Clearing clearing;
    private final JournalEntries entries;
    private final FiscalPeriods periods;
    private final Organizations organizations;

    LedgerPages(
            ChartOfAccounts chart,
            AccountLedgers ledgers,
            TrialBalances trialBalances,
            Clearing clearing,
            JournalEntries entries,
            FiscalPeriods periods,
            Organizations organizations) {
        this.chart = chart;
        this.ledgers = ledgers;
        this.trialBalances = trialBalances;
        this.clearing = clearing;
        this.entries = entries;
        this.periods = periods;
        this.organizations = organizations;
    }

    @GetMapping("/accounts")
    String accounts(@RequestParam(defaultValue = "") String type, Model model) {
        model.addAttribute(
                "accounts",
                chart.all().stream()
                        .filter(account ->
                                type.isBlank() || account.type().key().equals(type))
                        .toList());
        model.addAttribute("types", AccountType.values());
        model.addAttribute("type", type);
        return "ledger/accounts";
    }

    @PostMapping("/accounts")
    @PreAuthorize("hasAuthority('ledger.manage')")
    String create(
            @RequestParam String code,
            @RequestParam String name,
            @RequestParam AccountType type,
            @RequestParam(defaultValue = "") String description,
            RedirectAttributes redirect) {
        var id = chart.create(new NewAccount(code.strip(), name, type, null, null, description, null));
        redirect.addFlashAttribute("message", "Account %s was added.".formatted(code.strip()));
        return "redirect:/app/ledger/accounts/" + id;
    }

    @PostMapping("/accounts/{id}")
    @PreAuthorize("hasAuthority('ledger.manage')")
    String change(
            @PathVariable UUID id,
            @RequestParam String name,
            @RequestParam(defaultValue = "") String description,
            @RequestParam(defaultValue = "false") boolean active,
            RedirectAttributes redirect) {
        var account = chart.get(id);
        chart.update(
                id,
                new AccountChange(
                        name,
                        account.subtype(),
                        account.parentId(),
                        description,
                        // The form does not ask for it where it cannot be otherwise.
                        active || account.system()));
        redirect.addFlashAttribute("message", "Account %s was changed.".formatted(account.code()));
        return "redirect:/app/ledger/accounts/" + id;
    }

    @GetMapping("/accounts/{id}")
    String account(
            @PathVariable UUID id,
            @RequestParam(required = false) @DateTimeFormat(iso = ISO.DATE) @Nullable LocalDate from,
            @RequestParam(required = false) @DateTimeFormat(iso = ISO.DATE) @Nullable LocalDate to,
            @RequestParam(required = false) @Nullable String after,
            Model model) {
        var today = organizations.today();
        var first = from == null ? today.minusDays(90) : from;
        var last = to == null ? today : to;
        model.addAttribute("ledger", ledgers.of(id, first, last, after, PAGE));
        model.addAttribute("from", first);
        model.addAttribute("to", last);
        return "ledger/account";
    }

    @GetMapping("/trial-balance")
    String trialBalance(
            @RequestParam(required = false) @DateTimeFormat(iso = ISO.DATE) @Nullable LocalDate asOf, Model model) {
        model.addAttribute("trial", trialBalances.asOf(asOf == null ? organizations.today() : asOf));
        return "ledger/trial-balance";
    }

    @GetMapping("/clearing")
    String clearing(@RequestParam(defaultValue = "") String account, Model model) {
        var all = clearing.open();
        var shown = all.stream()
                .filter(reference ->
                        account.isBlank() || reference.accountCode().equals(account))
                .toList();
        model.addAttribute("references", shown);
        model.addAttribute(
                "accounts", chart.all().stream().filter(Account::isClearing).toList());
        model.addAttribute("account", account);
        model.addAttribute("ages", ages(shown));
        return "ledger/clearing";
    }

    @GetMapping("/clearing/{id}")
    String reference(@PathVariable UUID id, @RequestParam(required = false) @Nullable String after, Model model) {
        var reference = clearing.find(id).orElseThrow(() -> RuleViolation.notFound("clearing reference"));
        model.addAttribute("reference", reference);
        model.addAttribute("page", entries.find(EntryFilter.ofClearing(id), after, PAGE));
        return "ledger/reference";
    }

    @GetMapping("/periods")
    String periods(Model model) {
        model.addAttribute("periods", periods.all());
        model.addAttribute("today", organizations.today());
        return "ledger/periods";
    }

    @PostMapping("/periods/{name}/closure")
    @PreAuthorize("hasAuthority('periods.close')")
    String close(@PathVariable String name, RedirectAttributes redirect) {
        periods.close(name);
        redirect.addFlashAttribute("message", "%s is closed: nothing more is posted into it.".formatted(name));
        return "redirect:/app/ledger/periods";
    }

    @PostMapping("/periods/{name}/reopening")
    @PreAuthorize("hasAuthority('periods.close')")
    String reopen(@PathVariable String name, @RequestParam String reason, RedirectAttributes redirect) {
        periods.reopen(name, reason);
        redirect.addFlashAttribute("message", "%s is open again.".formatted(name));
        return "redirect:/app/ledger/periods";
    }

    /** How long money has been on its way, in the buckets of an aging list. */
    record Age(String title, long count, List<Money> amounts) {}

    private static List<Age> ages(List<OpenReference> references) {
        var ages = new ArrayList<Age>();
        long[] upTo = {3, 7, 30, 60, Long.MAX_VALUE};
        String[] titles = {"0 to 3 days", "4 to 7 days", "8 to 30 days", "31 to 60 days", "over 60 days"};
        long from = 0;
        for (int i = 0; i < upTo.length; i++) {
            long first = from;
            long last = upTo[i];
            var inBucket = references.stream()
                    .filter(reference -> reference.ageDays() >= first && reference.ageDays() <= last)
                    .toList();
            ages.add(new Age(titles[i], inBucket.size(), perCurrency(inBucket)));
            from = last + 1;
        }
        return ages;
    }

    private static List<Money> perCurrency(List<OpenReference> references) {
        Map<CurrencyUnit, Money> sums = new TreeMap<>();
        references.forEach(
                reference -> sums.merge(reference.balance().getCurrencyUnit(), reference.balance(), Money::plus));
        return List.copyOf(sums.values());
    }
}

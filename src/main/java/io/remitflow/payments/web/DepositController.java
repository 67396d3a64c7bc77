package io.remitflow.payments.web;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.UserId;
import io.remitflow.payments.Deposit;
import io.remitflow.payments.DepositFilter;
import io.remitflow.payments.DepositMethod;
import io.remitflow.payments.DepositStatus;
import io.remitflow.payments.Deposits;
import io.remitflow.payments.Deposits.NewDeposit;
import io.remitflow.payments.UndepositedReceipt;
import io.remitflow.ui.Download;
import io.remitflow.workflow.Timeline;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.format.annotation.DateTimeFormat;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Deposits for people: what waits, what is prepared, and where the bank is with the rest. */
@Controller
@RequestMapping("/app/deposits")
class DepositController {

    private static final int PAGE_SIZE = 50;

    private final Deposits deposits;
    private final Organizations organizations;
    private final Timeline timeline;

    DepositController(Deposits deposits, Organizations organizations, Timeline timeline) {
        this.deposits = deposits;
        this.organizations = organizations;
        this.timeline = timeline;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('checks.view')")
    String list(
            @RequestParam(defaultValue = "all") String show,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        LocalDate today = organizations.today();
        Money nothing = Money.zero(organizations.current().currency());
        List<Deposit> page = deposits.list(new DepositFilter(status(show), after, PAGE_SIZE));
        List<Deposit> onTheWay = deposits.onTheWay();
        model.addAttribute("show", show);
        model.addAttribute("states", DepositStatus.values());
        model.addAttribute("today", today);
        model.addAttribute("deposits", page);
        model.addAttribute(
                "next", page.size() < PAGE_SIZE ? null : page.getLast().id());
        List<UndepositedReceipt> waiting = deposits.waiting();
        model.addAttribute("drawers", drawers(waiting, today, nothing));
        model.addAttribute(
                "undeposited",
                waiting.stream()
                        .filter(receipt -> receipt.isLate(today))
                        .map(UndepositedReceipt::amount)
                        .reduce(nothing, Money::plus));
        model.addAttribute("accounts", deposits.accounts());
        model.addAttribute("expected", sum(onTheWay, nothing));
        model.addAttribute(
                "late",
                sum(onTheWay.stream().filter(deposit -> deposit.isLate(today)).toList(), nothing));
        return "payments/deposits";
    }

    @PostMapping
    @PreAuthorize("hasAuthority('payments.post')")
    String prepare(
            @RequestParam(defaultValue = "") String method,
            @RequestParam(required = false) @Nullable UUID account,
            @RequestParam(required = false) @DateTimeFormat(iso = DateTimeFormat.ISO.DATE) @Nullable LocalDate date,
            @RequestParam(defaultValue = "") String slip,
            @RequestParam(name = "receipt", required = false) @Nullable List<String> receipts,
            RedirectAttributes after) {
        if (account == null || date == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say to which bank account it goes, and when");
        }
        UUID id = deposits.prepare(
                new NewDeposit(method(method), account, date, slip, receipts == null ? List.of() : receipts));
        after.addFlashAttribute("message", "Prepared. Another person verifies it before it goes to the bank.");
        return "redirect:/app/deposits/" + id;
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('checks.view')")
    String deposit(@PathVariable UUID id, Authentication authentication, Model model) {
        Deposit deposit = deposits.get(id);
        List<Deposit.Item> items = deposits.items(id);
        model.addAttribute("deposit", deposit);
        model.addAttribute("items", items);
        model.addAttribute("returned", deposits.returnedAmong(items));
        model.addAttribute("late", deposit.isLate(organizations.today()));
        model.addAttribute(
                "mine",
                CurrentUser.find()
                        .map(UserId::value)
                        .filter(deposit.preparedBy()::equals)
                        .isPresent());
        model.addAttribute(
                "mayCancel",
                deposit.status() == DepositStatus.PREPARED
                        || deposit.status() == DepositStatus.VERIFIED
                                && authentication.getAuthorities().stream()
                                        .anyMatch(authority ->
                                                Permission.CHECKS_CONFIRM.key().equals(authority.getAuthority())));
        model.addAttribute("preparedBy", deposits.nameOf(deposit.preparedBy()));
        model.addAttribute("verifiedBy", name(deposit.verifiedBy()));
        model.addAttribute("cancelledBy", name(deposit.cancelledBy()));
        model.addAttribute("timeline", timeline.of(Deposits.SUBJECT, id));
        return "payments/deposit";
    }

    @GetMapping("/{id}/slip")
    @PreAuthorize("hasAuthority('checks.view')")
    ResponseEntity<byte[]> slip(@PathVariable UUID id) {
        return slip(deposits, id);
    }

    @PostMapping("/{id}/verification")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String verify(@PathVariable UUID id, @RequestParam(defaultValue = "0") int version, RedirectAttributes after) {
        deposits.verify(id, version);
        after.addFlashAttribute("message", "Verified and booked. Print the slip and take it to the bank.");
        return "redirect:/app/deposits/" + id;
    }

    @PostMapping("/{id}/cancellation")
    @PreAuthorize("hasAuthority('payments.post')")
    String cancel(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "0") int version,
            @RequestParam(defaultValue = "") String reason,
            RedirectAttributes after) {
        deposits.cancel(id, version, reason);
        after.addFlashAttribute("message", "Cancelled. What was in it waits for another deposit.");
        return "redirect:/app/deposits/" + id;
    }

    static ResponseEntity<byte[]> slip(Deposits deposits, UUID id) {
        byte[] pdf = deposits.slip(id);
        return Download.of("deposit-%s.pdf".formatted(deposits.get(id).number()), MediaType.APPLICATION_PDF, pdf);
    }

    static DepositMethod method(String key) {
        return DepositMethod.ofKey(key)
                .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "a deposit is of checks or of cash"));
    }

    static @Nullable DepositStatus status(String key) {
        return key.isBlank() || key.equals("all")
                ? null
                : DepositStatus.ofKey(key)
                        .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "there is no such status"));
    }

    private static List<Drawer> drawers(List<UndepositedReceipt> waiting, LocalDate today, Money nothing) {
        List<Drawer> drawers = new ArrayList<>();
        for (DepositMethod method : DepositMethod.values()) {
            List<UndepositedReceipt> ofMethod = waiting.stream()
                    .filter(receipt -> receipt.method() == method)
                    .sorted(Comparator.comparing(receipt -> receipt.isPostDated(today)))
                    .limit(Deposits.MOST_ITEMS)
                    .toList();
            if (!ofMethod.isEmpty()) {
                drawers.add(new Drawer(
                        method,
                        ofMethod,
                        ofMethod.stream().map(UndepositedReceipt::amount).reduce(nothing, Money::plus)));
            }
        }
        return drawers;
    }

    private static Money sum(List<Deposit> deposits, Money nothing) {
        return Amounts.sums(deposits.stream().map(Deposit::open)).stream()
                .findFirst()
                .orElse(nothing);
    }

    private @Nullable String name(@Nullable UUID person) {
        return person == null ? null : deposits.nameOf(person);
    }

    /** What waits for a deposit of one method. */
    public record Drawer(DepositMethod method, List<UndepositedReceipt> receipts, Money total) {

        public boolean isReady(LocalDate today) {
            return receipts.stream().anyMatch(receipt -> !receipt.isPostDated(today));
        }

        public String href(UndepositedReceipt receipt) {
            return (receipt.kind().equals("check") ? "/app/checks/" : "/app/payments/") + receipt.id();
        }
    }
}

package io.remitflow.checks.web;

import io.remitflow.billing.Invoice;
import io.remitflow.billing.InvoicePayments;
import io.remitflow.checks.CheckConfirmations;
import io.remitflow.checks.CheckConfirmations.Confirmation;
import io.remitflow.checks.CheckFields;
import io.remitflow.checks.CheckPackets;
import io.remitflow.checks.CheckPreview;
import io.remitflow.checks.CheckRepresentations;
import io.remitflow.checks.CheckReturnCode;
import io.remitflow.checks.CheckReturns;
import io.remitflow.checks.CheckReviewSteps;
import io.remitflow.checks.CheckStatus;
import io.remitflow.checks.Checks;
import io.remitflow.checks.PaperCheck;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.payments.Deposits;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.workflow.Timeline;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.format.annotation.DateTimeFormat;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** One check: its picture, its fields, what it would pay, and what people decide about it. */
@Controller
@RequestMapping("/app/checks/{id}")
class CheckReviewController {

    private static final int EMPTY_LINES = 2;
    private static final int MOST_PROPOSED_FACILITIES = 200;

    private final Checks checks;
    private final CheckPackets packets;
    private final CheckConfirmations confirmations;
    private final CheckReturns returns;
    private final CheckRepresentations representations;
    private final InvoicePayments invoices;
    private final PatientAccounts accounts;
    private final Deposits deposits;
    private final Timeline timeline;
    private final Users users;

    CheckReviewController(
            Checks checks,
            CheckPackets packets,
            CheckConfirmations confirmations,
            CheckReturns returns,
            CheckRepresentations representations,
            InvoicePayments invoices,
            PatientAccounts accounts,
            Deposits deposits,
            Timeline timeline,
            Users users) {
        this.checks = checks;
        this.packets = packets;
        this.confirmations = confirmations;
        this.returns = returns;
        this.representations = representations;
        this.invoices = invoices;
        this.accounts = accounts;
        this.deposits = deposits;
        this.timeline = timeline;
        this.users = users;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('checks.view')")
    String check(@PathVariable UUID id, Model model) {
        PaperCheck check = checks.get(id);
        boolean open = check.status() == CheckStatus.NEEDS_REVIEW;
        model.addAttribute("check", check);
        model.addAttribute("packet", packets.get(check.packetId()));
        model.addAttribute(
                "pages",
                IntStream.rangeClosed(check.firstPage(), check.lastPage())
                        .boxed()
                        .toList());
        model.addAttribute("preview", open ? checks.preview(id) : null);
        model.addAttribute("emptyLines", EMPTY_LINES);
        model.addAttribute(
                "picked",
                accounts.all(check.facilities()).values().stream()
                        .map(PatientAccount::number)
                        .sorted()
                        .collect(Collectors.joining(", ")));
        model.addAttribute("facilities", open ? facilities() : List.of());
        model.addAttribute("courtesy", minor(check.courtesyMinor(), check));
        model.addAttribute("legal", minor(check.legalMinor(), check));
        PaperCheck.Duplicate duplicate = check.duplicate();
        model.addAttribute("other", duplicate == null ? null : checks.get(duplicate.of()));
        model.addAttribute(
                "siblings",
                checks.ofPacket(check.packetId()).stream()
                        .filter(one -> !one.id().equals(id))
                        .toList());
        model.addAttribute("applications", confirmations.applications(id));
        model.addAttribute("remainder", confirmations.remainder(id).orElse(null));
        model.addAttribute("postDated", confirmations.isPostDated(id));
        model.addAttribute("deposit", deposits.ofReceipt(Checks.SUBJECT, id).orElse(null));
        UUID by = check.decidedBy();
        model.addAttribute(
                "decidedBy",
                by == null
                        ? null
                        : users.find(new UserId(by)).map(Person::displayName).orElse("Someone"));
        model.addAttribute("next", checks.nextToReview(id).orElse(null));
        model.addAttribute("codes", CheckReturnCode.values());
        model.addAttribute("refundedBefore", returns.refundedBefore(id).orElse(null));
        model.addAttribute("presented", representations.standing(id));
        model.addAttribute("timeline", timeline.of(Checks.SUBJECT, id));
        model.addAttribute("active", List.of(step(check)));
        return "checks/check";
    }

    /** While somebody types: what the fields as they are now would do. Nothing is saved. */
    @PostMapping("/preview")
    @PreAuthorize("hasAuthority('checks.view')")
    String preview(@PathVariable UUID id, @RequestParam MultiValueMap<String, String> form, Model model) {
        PaperCheck check = checks.get(id);
        model.addAttribute("check", check);
        try {
            CheckPreview preview = checks.preview(id, CheckForm.read(form, check, accounts));
            model.addAttribute("preview", preview);
            // What somebody saw is still seen while the same is shown.
            model.addAttribute(
                    "acknowledged",
                    form.containsKey("acknowledged") && preview.seen().equals(form.getFirst("seen")));
        } catch (RuleViolation e) {
            model.addAttribute("preview", null);
            model.addAttribute("problem", e.getMessage());
        }
        return "checks/preview :: preview";
    }

    @PostMapping
    @PreAuthorize("hasAuthority('checks.receive')")
    String save(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "0") int version,
            @RequestParam MultiValueMap<String, String> form,
            RedirectAttributes after) {
        checks.change(id, version, CheckForm.read(form, checks.get(id), accounts));
        after.addFlashAttribute("message", "Saved.");
        return "redirect:/app/checks/" + id;
    }

    /** What was corrected meanwhile is saved first, and stays if the confirmation is refused. */
    @PostMapping("/confirmation")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String confirm(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "0") int version,
            @RequestParam(defaultValue = "") String seen,
            @RequestParam(defaultValue = "false") boolean acknowledged,
            @RequestParam(defaultValue = "") String comment,
            @RequestParam MultiValueMap<String, String> form,
            RedirectAttributes after) {
        PaperCheck check = checks.get(id);
        CheckFields fields = CheckForm.read(form, check, accounts);
        int changed = checks.change(id, version, fields).version();
        confirmations.confirm(id, new Confirmation(changed, seen, acknowledged, comment));
        return onward(check, "confirmed and booked", after);
    }

    @PostMapping("/rejection")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String reject(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason, RedirectAttributes after) {
        PaperCheck check = checks.get(id);
        checks.reject(id, reason);
        return onward(check, "rejected", after);
    }

    @PostMapping("/sending-back")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String sendBack(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason, RedirectAttributes after) {
        PaperCheck check = checks.get(id);
        checks.sendBack(id, reason);
        return onward(check, "sent back", after);
    }

    @PostMapping("/correction")
    @PreAuthorize("hasAuthority('checks.receive')")
    String corrected(@PathVariable UUID id) {
        checks.corrected(id);
        return "redirect:/app/checks/" + id;
    }

    @PostMapping("/duplicate-decision")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String decideDuplicate(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String choice,
            @RequestParam(defaultValue = "") String reason) {
        checks.get(id);
        if (!Set.of("same", "another").contains(choice)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say whether it is the same check");
        }
        checks.decideDuplicate(id, choice.equals("same"), reason);
        return "redirect:/app/checks/" + id;
    }

    @PostMapping("/split")
    @PreAuthorize("hasAuthority('checks.receive')")
    String split(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "0") int version,
            @RequestParam(defaultValue = "") List<Integer> line) {
        return "redirect:/app/checks/" + checks.split(id, version, Set.copyOf(line));
    }

    @PostMapping("/merge")
    @PreAuthorize("hasAuthority('checks.receive')")
    String merge(@PathVariable UUID id, @RequestParam(required = false) @Nullable UUID other) {
        checks.get(id);
        if (other == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say which check belongs to this one");
        }
        checks.merge(id, other);
        return "redirect:/app/checks/" + id;
    }

    /** A misread date would keep it in the drawer. */
    @PostMapping("/date")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String correctDate(
            @PathVariable UUID id,
            @RequestParam(required = false) @DateTimeFormat(iso = DateTimeFormat.ISO.DATE) @Nullable LocalDate date,
            @RequestParam(defaultValue = "") String reason) {
        confirmations.correctDate(id, date(date), reason);
        return "redirect:/app/checks/" + id;
    }

    static LocalDate date(@Nullable LocalDate date) {
        if (date == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say which date is on it");
        }
        return date;
    }

    @PostMapping("/return")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String returned(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String code,
            @RequestParam(defaultValue = "") String note) {
        checks.get(id);
        returns.returned(id, code(code), note);
        return "redirect:/app/checks/" + id;
    }

    @PostMapping("/presentment")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String presentAgain(@PathVariable UUID id, RedirectAttributes after) {
        checks.get(id);
        UUID again = representations.present(id);
        after.addFlashAttribute("message", "Confirm it again, and it waits for the bank's credit.");
        return "redirect:/app/checks/" + again;
    }

    static CheckReturnCode code(String code) {
        try {
            return CheckReturnCode.valueOf(code.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say why the bank returned it");
        }
    }

    /** To the next one that waits, so that a hundred are reviewed without a list in between. */
    private String onward(PaperCheck check, String what, RedirectAttributes after) {
        after.addFlashAttribute("message", "%s %s.".formatted(check.number(), what));
        return checks.nextToReview(check.id())
                .map(next -> "redirect:/app/checks/" + next)
                .orElse("redirect:/app/checks");
    }

    private static String step(PaperCheck check) {
        return switch (check.status()) {
            case CONFIRMED, RETURNED -> CheckReviewSteps.CONFIRMED_END;
            case REJECTED, MERGED -> CheckReviewSteps.REJECTED_END;
            case NEEDS_REVIEW -> {
                if (check.isSuspectedDuplicate()) {
                    yield CheckReviewSteps.DECIDE_DUPLICATE;
                }
                yield check.sentBackReason() == null ? CheckReviewSteps.REVIEW : CheckReviewSteps.CORRECT;
            }
        };
    }

    /** Those with open institutional invoices, to choose from. */
    private List<PatientAccount> facilities() {
        Set<UUID> ids = invoices.open(null).stream().map(Invoice::accountId).collect(Collectors.toSet());
        Map<UUID, PatientAccount> found = accounts.all(ids);
        return found.values().stream()
                .sorted(Comparator.comparing(PatientAccount::number))
                .limit(MOST_PROPOSED_FACILITIES)
                .toList();
    }

    private static @Nullable Money minor(@Nullable Long amount, PaperCheck check) {
        return amount == null ? null : Amounts.ofMinor(amount, check.currency());
    }
}

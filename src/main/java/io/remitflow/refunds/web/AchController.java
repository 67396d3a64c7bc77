package io.remitflow.refunds.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Users;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.refunds.AchBatch;
import io.remitflow.refunds.AchBatches;
import io.remitflow.refunds.AchDestinations;
import io.remitflow.refunds.AchOriginator;
import io.remitflow.refunds.AchOriginators;
import io.remitflow.refunds.AchReturn;
import io.remitflow.refunds.AchReturns;
import io.remitflow.refunds.Refund;
import io.remitflow.refunds.Refunds;
import java.time.DateTimeException;
import java.time.LocalTime;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** ACH batches, what banks returned of them, the originator, and the bank accounts of payees. */
@Controller
@RequestMapping("/app")
class AchController {

    private static final int SHOWN = 100;

    private final AchBatches batches;
    private final AchReturns returns;
    private final AchOriginators originators;
    private final AchDestinations destinations;
    private final Refunds refunds;
    private final PatientAccounts accounts;
    private final Users users;

    AchController(
            AchBatches batches,
            AchReturns returns,
            AchOriginators originators,
            AchDestinations destinations,
            Refunds refunds,
            PatientAccounts accounts,
            Users users) {
        this.batches = batches;
        this.returns = returns;
        this.originators = originators;
        this.destinations = destinations;
        this.refunds = refunds;
        this.accounts = accounts;
        this.users = users;
    }

    @GetMapping("/refunds/ach")
    @PreAuthorize("hasAuthority('refunds.view')")
    String batches(Model model) {
        List<AchBatches.Candidate> waiting = batches.waiting();
        List<AchBatches.Candidate> ready =
                waiting.stream().filter(each -> each.obstacle() == null).toList();
        model.addAttribute("waiting", waiting.stream().map(this::row).toList());
        model.addAttribute("readyCount", ready.size());
        model.addAttribute("readyAmount", sum(ready));
        model.addAttribute("batches", batches.list(SHOWN));
        model.addAttribute("openReturns", returns.openCount());
        model.addAttribute("originator", originators.find().orElse(null));
        return "refunds/ach";
    }

    @PostMapping("/refunds/ach/batches")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    String release() {
        return "redirect:/app/refunds/ach/batches/" + batches.release();
    }

    @GetMapping("/refunds/ach/batches/{id}")
    @PreAuthorize("hasAuthority('refunds.view')")
    String batch(@PathVariable UUID id, Model model) {
        AchBatch batch = batches.get(id);
        model.addAttribute("batch", batch);
        model.addAttribute("entries", batches.entries(id));
        model.addAttribute(
                "releasedBy",
                users.find(batch.releasedBy())
                        .map(person -> person.displayName())
                        .orElse("Unknown"));
        return "refunds/ach-batch";
    }

    /** Recorded, so it is no plain download link. */
    @PostMapping("/refunds/ach/batches/{id}/file")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    ResponseEntity<byte[]> file(@PathVariable UUID id) {
        return download(batches.get(id).fileName(), MediaType.APPLICATION_OCTET_STREAM, batches.file(id));
    }

    @PostMapping("/refunds/ach/batches/{id}/sending")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    String settleSending(@PathVariable UUID id, @RequestParam String outcome) {
        batches.settleSending(id, outcome.equals("sent"));
        return "redirect:/app/refunds/ach/batches/" + id;
    }

    @GetMapping("/refunds/ach/returns")
    @PreAuthorize("hasAuthority('refunds.view')")
    String returns(@RequestParam(defaultValue = "open") String show, Model model) {
        model.addAttribute("show", show);
        model.addAttribute(
                "rows",
                returns.list(show.equals("open"), SHOWN).stream().map(this::row).toList());
        return "refunds/ach-returns";
    }

    @PostMapping("/refunds/ach/returns/{id}/confirmation")
    @PreAuthorize("hasAuthority('refunds.request')")
    String confirm(@PathVariable UUID id, RedirectAttributes after) {
        returns.confirm(id);
        AchReturn notice = returns.get(id);
        if (notice.state() == AchReturn.State.DISMISSED) {
            after.addFlashAttribute("message", notice.note() + ".");
        }
        return "redirect:/app/refunds/ach/returns";
    }

    @PostMapping("/refunds/ach/returns/{id}/take-back")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    String takeBack(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason) {
        returns.takeBack(id, reason);
        return "redirect:/app/refunds/ach/returns";
    }

    @PostMapping("/refunds/ach/returns/{id}/dismissal")
    @PreAuthorize("hasAuthority('refunds.request')")
    String dismiss(@PathVariable UUID id) {
        returns.dismiss(id);
        return "redirect:/app/refunds/ach/returns";
    }

    @GetMapping("/refunds/ach/originator")
    @PreAuthorize("hasAuthority('settings.manage')")
    String originator(Model model) {
        model.addAttribute("originator", originators.find().orElse(null));
        return "refunds/ach-originator";
    }

    @PostMapping("/refunds/ach/originator")
    @PreAuthorize("hasAuthority('settings.manage')")
    String changeOriginator(
            @RequestParam String odfiRouting,
            @RequestParam String destinationName,
            @RequestParam String immediateOrigin,
            @RequestParam String originName,
            @RequestParam String companyName,
            @RequestParam String companyId,
            @RequestParam String entryDescription,
            @RequestParam String cutOff,
            @RequestParam int returnWindowDays,
            RedirectAttributes after) {
        originators.change(new AchOriginator(
                odfiRouting.strip(),
                destinationName.strip(),
                immediateOrigin.strip(),
                originName.strip(),
                companyName.strip(),
                companyId.strip(),
                entryDescription.strip(),
                time(cutOff),
                returnWindowDays));
        after.addFlashAttribute("message", "The originator was saved.");
        return "redirect:/app/refunds/ach/originator";
    }

    @PostMapping("/patient-accounts/{id}/bank-account")
    @PreAuthorize("hasAuthority('refunds.request')")
    String enterBankAccount(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String routingNumber,
            @RequestParam(defaultValue = "") String accountNumber,
            @RequestParam(defaultValue = "checking") String accountType,
            @RequestParam(required = false) @Nullable UUID refund) {
        destinations.enter(id, routingNumber, accountNumber, accountType);
        return refund == null ? "redirect:/app/patient-accounts/" + id : "redirect:/app/refunds/" + refund;
    }

    static ResponseEntity<byte[]> download(String name, MediaType type, byte[] content) {
        return ResponseEntity.ok()
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment().filename(name).build().toString())
                .contentType(type)
                .body(content);
    }

    static LocalTime time(String text) {
        try {
            return LocalTime.parse(text);
        } catch (DateTimeException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the cut-off is a time such as 15:00");
        }
    }

    private static @Nullable Money sum(List<AchBatches.Candidate> ready) {
        return ready.stream()
                .map(each -> each.refund().amount())
                .reduce(Money::plus)
                .orElse(null);
    }

    private WaitingRow row(AchBatches.Candidate each) {
        return new WaitingRow(each, accounts.get(each.refund().accountId()).number());
    }

    private ReturnRow row(AchReturn item) {
        UUID refundId = item.refundId();
        Refund refund = refundId == null ? null : refunds.get(refundId);
        return new ReturnRow(item, refund == null ? null : refund.number());
    }

    record WaitingRow(AchBatches.Candidate candidate, String accountNumber) {}

    record ReturnRow(AchReturn item, @Nullable String refundNumber) {}
}

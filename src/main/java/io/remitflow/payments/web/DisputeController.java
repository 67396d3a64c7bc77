package io.remitflow.payments.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.payments.Dispute;
import io.remitflow.payments.DisputeStatus;
import io.remitflow.payments.Disputes;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.workflow.Timeline;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Disputes of card payments: what waits for evidence first. */
@Controller
@RequestMapping("/app/payments/disputes")
@PreAuthorize("hasAuthority('patient-accounts.view')")
class DisputeController {

    private static final int MOST = 200;

    private final Disputes disputes;
    private final Payments payments;
    private final PatientAccounts accounts;
    private final Timeline timeline;

    DisputeController(Disputes disputes, Payments payments, PatientAccounts accounts, Timeline timeline) {
        this.disputes = disputes;
        this.payments = payments;
        this.accounts = accounts;
        this.timeline = timeline;
    }

    @GetMapping
    String list(@RequestParam(defaultValue = "open") String show, Model model) {
        List<Dispute> found = switch (show) {
            case "open" -> disputes.list(false, null, MOST);
            case "all" -> disputes.list(null, null, MOST);
            default -> disputes.list(null, status(show), MOST);
        };
        Map<UUID, PatientAccount> known =
                accounts.all(found.stream().map(Dispute::accountId).toList());
        model.addAttribute("show", show);
        model.addAttribute("states", List.of(DisputeStatus.WON, DisputeStatus.LOST, DisputeStatus.CLOSED));
        model.addAttribute(
                "rows",
                found.stream()
                        .map(dispute -> row(dispute, known.get(dispute.accountId())))
                        .toList());
        return "payments/disputes";
    }

    @GetMapping("/{id}")
    String dispute(@PathVariable UUID id, Model model) {
        Dispute dispute = disputes.get(id);
        model.addAttribute("row", row(dispute, accounts.get(dispute.accountId())));
        model.addAttribute("overdrawn", disputes.overdrawn(dispute.paymentId()));
        model.addAttribute("timeline", timeline.of(Disputes.SUBJECT, id));
        return "payments/dispute";
    }

    @PostMapping("/{id}/question")
    @PreAuthorize("hasAuthority('payments.post')")
    String ask(@PathVariable UUID id, RedirectAttributes after) {
        after.addFlashAttribute(
                "message", disputes.ask(id) ? "It is decided." : "The gateway was asked; it is not decided yet.");
        return "redirect:/app/payments/disputes/" + id;
    }

    private Row row(Dispute dispute, @Nullable PatientAccount account) {
        return new Row(
                dispute,
                payments.get(dispute.paymentId()).number(),
                account == null ? "" : account.number(),
                account == null ? "" : account.patientName());
    }

    private static DisputeStatus status(String key) {
        try {
            return DisputeStatus.ofKey(key);
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "unknown filter");
        }
    }

    record Row(Dispute dispute, String paymentNumber, String accountNumber, String patient) {}
}

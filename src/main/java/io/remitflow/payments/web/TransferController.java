package io.remitflow.payments.web;

import io.remitflow.payments.BankTransfers;
import io.remitflow.payments.BankTransfers.Unassigned;
import java.util.List;
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

/** Bank transfers that came in, and the accounts that people give to those that name none. */
@Controller
@RequestMapping("/app/payments/transfers")
@PreAuthorize("hasAuthority('patient-accounts.view')")
class TransferController {

    private static final int PAGE_SIZE = 50;

    private final BankTransfers transfers;

    TransferController(BankTransfers transfers) {
        this.transfers = transfers;
    }

    @GetMapping
    String list(
            @RequestParam(defaultValue = "unmatched") String show,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        List<Unassigned> rows = transfers.incoming(show.equals("unmatched"), after, PAGE_SIZE);
        model.addAttribute("show", show);
        model.addAttribute("rows", rows);
        model.addAttribute(
                "next", rows.size() < PAGE_SIZE ? null : rows.getLast().id());
        return "payments/transfers";
    }

    @PostMapping("/{id}/assignment")
    @PreAuthorize("hasAuthority('payments.post')")
    String assign(
            @PathVariable UUID id, @RequestParam(defaultValue = "") String accountNumber, RedirectAttributes after) {
        UUID payment = transfers.assign(id, accountNumber);
        after.addFlashAttribute("message", "The transfer is a payment of this account now.");
        return "redirect:/app/payments/" + payment;
    }
}

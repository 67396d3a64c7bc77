package io.remitflow.remittance.web;

import io.remitflow.remittance.ClaimMdRemittances;
import io.remitflow.remittance.PayeeIdentifiers;
import io.remitflow.ui.OperationsPanel;
import java.util.List;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Remittances that Claim.MD lists and does not deliver, and whether payees are checked, on the operations page. */
@Controller
class RemittancesOperations implements OperationsPanel {

    private final ClaimMdRemittances claimMd;
    private final PayeeIdentifiers payees;

    RemittancesOperations(ClaimMdRemittances claimMd, PayeeIdentifiers payees) {
        this.claimMd = claimMd;
        this.payees = payees;
    }

    @Override
    public String fragment() {
        return "remittance/operations :: panel";
    }

    @Override
    public Object model() {
        return new Panel(claimMd.undelivered(), !payees.all().isEmpty());
    }

    @PostMapping("/app/operations/claimmd-eras/{id}/do-without")
    @PreAuthorize("hasAuthority('remittances.confirm')")
    String doWithout(@PathVariable long id, @RequestParam String reason, RedirectAttributes after) {
        claimMd.doWithout(id, reason);
        after.addFlashAttribute(
                "message", "Remittance %d is not asked for any more; the cursor goes on.".formatted(id));
        return "redirect:/app/operations";
    }

    record Panel(List<ClaimMdRemittances.Undelivered> undelivered, boolean payeesChecked) {}
}

package io.remitflow.payments.web;

import io.remitflow.payments.GatewayQuestions;
import io.remitflow.ui.OperationsPanel;
import java.util.UUID;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** What gateways have not told about, on the operations page, with the button that asks. */
@Controller
class GatewayQuestionsPanel implements OperationsPanel {

    private final GatewayQuestions questions;

    GatewayQuestionsPanel(GatewayQuestions questions) {
        this.questions = questions;
    }

    @Override
    public String fragment() {
        return "payments/questions :: panel";
    }

    @Override
    public Object model() {
        return questions.open();
    }

    @PostMapping("/app/operations/gateway-questions/{kind}/{id}")
    @PreAuthorize("hasAuthority('operations.view')")
    String ask(@PathVariable String kind, @PathVariable UUID id, RedirectAttributes after) {
        after.addFlashAttribute(
                "message",
                questions.askNow(kind, id)
                        ? "The gateway answered: it is settled."
                        : "The gateway was asked; nothing has ended yet.");
        return "redirect:/app/operations";
    }
}

package io.remitflow.payments.web;

import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.payments.GatewayEvents;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.OperationsPanel;
import io.remitflow.ui.Tone;
import java.util.List;
import java.util.UUID;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Events of gateways whose processing was given up, on the operations page, with the button that tries again. */
@Controller
class GatewayEventsPanel implements OperationsPanel, HomeTiles {

    private final GatewayEvents events;

    GatewayEventsPanel(GatewayEvents events) {
        this.events = events;
    }

    @Override
    public String fragment() {
        return "payments/events :: panel";
    }

    @Override
    public Object model() {
        return events.parked();
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.OPERATIONS_VIEW);
    }

    @Override
    public List<HomeTile> tiles() {
        long parked = events.parked().size();
        return parked == 0
                ? List.of()
                : List.of(new HomeTile(
                        "Attention", "Gateway events given up", null, parked, "/app/operations", Tone.DANGER));
    }

    @PostMapping("/app/operations/gateway-events/{id}/retry")
    @PreAuthorize("hasAuthority('operations.view')")
    String tryAgain(@PathVariable UUID id, RedirectAttributes after) {
        events.tryAgain(id);
        after.addFlashAttribute("message", "The event is processed again.");
        return "redirect:/app/operations";
    }
}

package io.remitflow.reconciliation.web;

import io.remitflow.reconciliation.MoneyFound;
import io.remitflow.reconciliation.MoneyTracer;
import java.util.UUID;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** Search of any money, and the page of its way. What was typed is posted, so that it stands in no address. */
@Controller
@RequestMapping("/app/trace")
@PreAuthorize("hasAuthority('ledger.view')")
class MoneyTracePages {

    private final MoneyTracer tracer;

    MoneyTracePages(MoneyTracer tracer) {
        this.tracer = tracer;
    }

    @GetMapping
    String search() {
        return "reconciliation/trace";
    }

    /** The way itself if there is one match only. */
    @PostMapping
    String find(@RequestParam(defaultValue = "") String q, Model model) {
        if (q.isBlank()) {
            return "redirect:/app/trace";
        }
        MoneyFound found = tracer.find(q);
        if (found.total() == 1 && found.matches().size() == 1) {
            return "redirect:/app/trace/" + found.matches().getFirst().id();
        }
        model.addAttribute("q", q.strip());
        model.addAttribute("found", found);
        return "reconciliation/trace";
    }

    @GetMapping("/{id}")
    String trace(@PathVariable UUID id, Model model) {
        model.addAttribute("path", tracer.trace(id));
        return "reconciliation/trace-path";
    }
}

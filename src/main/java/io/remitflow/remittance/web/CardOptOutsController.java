package io.remitflow.remittance.web;

import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.remittance.CardOptOut;
import io.remitflow.remittance.CardOptOuts;
import io.remitflow.workflow.EngineUnavailable;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.Timeline;
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

/** Payers that pay by virtual card, and the request to each of them to stop. */
@Controller
@RequestMapping("/app/card-opt-outs")
@PreAuthorize("hasAuthority('remittances.view')")
class CardOptOutsController {

    private static final int SHOWN = 200;

    private final CardOptOuts optOuts;
    private final CardOptOutTasks tasks;
    private final Users users;
    private final Timeline timeline;

    CardOptOutsController(CardOptOuts optOuts, CardOptOutTasks tasks, Users users, Timeline timeline) {
        this.optOuts = optOuts;
        this.tasks = tasks;
        this.users = users;
        this.timeline = timeline;
    }

    @GetMapping
    String list(Model model) {
        model.addAttribute("optOuts", optOuts.list(SHOWN));
        return "remittance/card-opt-outs";
    }

    @GetMapping("/{id}")
    String optOut(@PathVariable UUID id, Model model) {
        CardOptOut optOut = optOuts.get(id);
        UUID by = optOut.decidedBy();
        model.addAttribute("optOut", optOut);
        model.addAttribute(
                "decidedBy",
                by == null
                        ? null
                        : users.find(new UserId(by)).map(Person::displayName).orElse("Somebody"));
        model.addAttribute("waiting", waiting(optOut));
        model.addAttribute("timeline", timeline.of(CardOptOuts.SUBJECT, id));
        model.addAttribute("active", List.of(optOut.step()));
        return "remittance/card-opt-out";
    }

    @PostMapping("/{id}/outcome")
    @PreAuthorize("hasAuthority('settlements.record')")
    String record(
            @PathVariable UUID id,
            @RequestParam long task,
            @RequestParam String outcome,
            @RequestParam(defaultValue = "") String note) {
        optOuts.get(id);
        tasks.require(id, task);
        optOuts.record(id, task, outcome, note);
        return "redirect:/app/card-opt-outs/" + id;
    }

    private Waiting waiting(CardOptOut optOut) {
        if (optOut.state() != CardOptOut.State.OPEN) {
            return new Waiting(false, null, true);
        }
        try {
            return new Waiting(true, tasks.find(optOut.id()).map(HumanTask::key).orElse(null), true);
        } catch (EngineUnavailable e) {
            return new Waiting(true, null, false);
        }
    }

    /** Without a task, the engine has not created or shown it yet. */
    record Waiting(boolean decision, @Nullable Long task, boolean engineAvailable) {}
}

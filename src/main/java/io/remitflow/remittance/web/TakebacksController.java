package io.remitflow.remittance.web;

import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.remittance.Takeback;
import io.remitflow.remittance.TakebackDetail;
import io.remitflow.remittance.TakebackFilter;
import io.remitflow.remittance.TakebackFilter.Status;
import io.remitflow.remittance.TakebackKind;
import io.remitflow.remittance.TakebackResolution;
import io.remitflow.remittance.TakebackResolutions;
import io.remitflow.remittance.Takebacks;
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
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** What payers took, carried forward or advanced outside of claims, exceptions first. */
@Controller
@RequestMapping("/app/takebacks")
@PreAuthorize("hasAuthority('remittances.view')")
class TakebacksController {

    private static final int PAGE = 50;
    private static final int EXCEPTIONS = 20;

    private final Takebacks takebacks;
    private final TakebackResolutions resolutions;
    private final Users users;
    private final Timeline timeline;

    TakebacksController(Takebacks takebacks, TakebackResolutions resolutions, Users users, Timeline timeline) {
        this.takebacks = takebacks;
        this.resolutions = resolutions;
        this.users = users;
        this.timeline = timeline;
    }

    @GetMapping
    String list(
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable String payer,
            @RequestParam(required = false) @Nullable String kind,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        var filter = new TakebackFilter(
                TakebacksResource.status(status),
                payer == null || payer.isBlank() ? null : payer.strip(),
                TakebacksResource.kind(kind));
        List<Takeback> page = takebacks.list(filter, after, PAGE + 1);
        boolean more = page.size() > PAGE;
        List<Takeback> shown = more ? page.subList(0, PAGE) : page;
        boolean front = filter.equals(TakebackFilter.OPEN) && after == null;
        model.addAttribute("takebacks", shown);
        model.addAttribute("next", more ? shown.getLast().id() : null);
        model.addAttribute(
                "exceptions",
                front ? takebacks.list(new TakebackFilter(Status.EXCEPTION, null, null), null, EXCEPTIONS) : List.of());
        model.addAttribute("front", front);
        model.addAttribute("totals", takebacks.totals());
        model.addAttribute("filter", filter);
        model.addAttribute("statuses", Status.values());
        model.addAttribute("kinds", TakebackKind.values());
        return "remittance/takebacks";
    }

    @GetMapping("/{id}")
    String takeback(@PathVariable UUID id, Model model) {
        TakebackDetail detail = takebacks.get(id);
        UUID explainedBy = detail.takeback().explainedBy();
        model.addAttribute("detail", detail);
        model.addAttribute("takeback", detail.takeback());
        model.addAttribute(
                "explainedBy",
                explainedBy == null
                        ? null
                        : users.find(new UserId(explainedBy))
                                .map(Person::displayName)
                                .orElse(null));
        model.addAttribute("timeline", timeline.of("takeback", id));
        model.addAttribute("obstacle", resolutions.obstacle(detail.takeback()).orElse(null));
        model.addAttribute(
                "resolutions",
                TakebackResolution.of(detail.takeback()).stream()
                        .filter(each -> each != TakebackResolution.CLAIM_CREDIT)
                        .toList());
        model.addAttribute("credits", resolutions.credits(detail.takeback()));
        model.addAttribute("bookedLast", resolutions.bookedLast(id).orElse(null));
        return "remittance/takeback";
    }

    @PostMapping("/{id}/explanation")
    @PreAuthorize("hasAuthority('remittances.receive')")
    String explain(@PathVariable UUID id, @RequestParam String text, RedirectAttributes redirect) {
        takebacks.explain(id, text);
        redirect.addFlashAttribute("message", "Explained. The item stays open until the payer settles it.");
        return "redirect:/app/takebacks/" + id;
    }

    @PostMapping("/{id}/resolution")
    @PreAuthorize("hasAuthority('write-offs.approve')")
    String resolve(
            @PathVariable UUID id,
            @RequestParam String resolution,
            @RequestParam String reason,
            RedirectAttributes redirect) {
        resolutions.resolve(id, TakebacksResource.resolution(resolution), reason);
        redirect.addFlashAttribute("message", "Booked. The item is closed.");
        return "redirect:/app/takebacks/" + id;
    }

    @PostMapping("/{id}/credit")
    @PreAuthorize("hasAuthority('write-offs.approve')")
    String setAgainstCredit(
            @PathVariable UUID id,
            @RequestParam String claim,
            @RequestParam String reason,
            RedirectAttributes redirect) {
        resolutions.setAgainstCredit(id, claim, reason);
        redirect.addFlashAttribute("message", "Booked. The credit of the claim has gone back to its payer that far.");
        return "redirect:/app/takebacks/" + id;
    }

    @PostMapping("/{id}/resolution/reversal")
    @PreAuthorize("hasAuthority('write-offs.approve')")
    String takeResolutionBack(@PathVariable UUID id, @RequestParam String reason, RedirectAttributes redirect) {
        resolutions.takeBack(id, reason);
        redirect.addFlashAttribute("message", "Taken back. The item is open as before.");
        return "redirect:/app/takebacks/" + id;
    }
}

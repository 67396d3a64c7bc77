package io.remitflow.discrepancies.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.Discrepancy;
import io.remitflow.discrepancies.DiscrepancyEvidence;
import io.remitflow.discrepancies.DiscrepancyFilter;
import io.remitflow.discrepancies.DiscrepancyResolution;
import io.remitflow.discrepancies.DiscrepancyStatus;
import io.remitflow.discrepancies.DiscrepancyTotal;
import io.remitflow.discrepancies.DiscrepancyType;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Person;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.ui.AgeBars;
import io.remitflow.workflow.Decisions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** The board of discrepancies, and the page of one with all that can be done about it. */
@Controller
@RequestMapping("/app/reconciliation/discrepancies")
class DiscrepancyController {

    private static final int PAGE = 50;

    private final Discrepancies discrepancies;
    private final List<DiscrepancyEvidence> evidence;
    private final Decisions decisions;
    private final Organizations organizations;
    private final Users users;
    private final Clock clock;

    DiscrepancyController(
            Discrepancies discrepancies,
            List<DiscrepancyEvidence> evidence,
            Decisions decisions,
            Organizations organizations,
            Users users,
            Clock clock) {
        this.discrepancies = discrepancies;
        this.evidence = List.copyOf(evidence);
        this.decisions = decisions;
        this.organizations = organizations;
        this.users = users;
        this.clock = clock;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('reconciliation.view')")
    String board(
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable String type,
            @RequestParam(defaultValue = "false") boolean mine,
            @RequestParam(defaultValue = "false") boolean overdue,
            @RequestParam(required = false) @Nullable UUID run,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        var filter = new DiscrepancyFilter(
                DiscrepancyResource.status(status),
                run == null,
                DiscrepancyResource.type(type),
                mine ? CurrentUser.id() : null,
                overdue,
                run,
                after,
                PAGE + 1);
        List<Discrepancy> found = discrepancies.list(filter);
        boolean more = found.size() > PAGE;
        List<DiscrepancyTotal> totals = discrepancies.totals();
        model.addAttribute(
                "rows",
                (more ? found.subList(0, PAGE) : found).stream().map(this::row).toList());
        model.addAttribute("next", more ? found.get(PAGE - 1).id() : null);
        model.addAttribute("totals", totals);
        model.addAttribute(
                "count", totals.stream().mapToLong(DiscrepancyTotal::count).sum());
        model.addAttribute("ages", ages(totals));
        model.addAttribute("filter", filter);
        model.addAttribute("types", DiscrepancyType.values());
        model.addAttribute("statuses", DiscrepancyStatus.values());
        return "discrepancies/board";
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('reconciliation.view')")
    String discrepancy(@PathVariable UUID id, Model model) {
        Discrepancy discrepancy = discrepancies.get(id);
        var known = evidence.stream()
                .filter(one -> one.subjectType().equals(discrepancy.subjectType()))
                .findFirst();
        var resolved = discrepancy.resolved();
        model.addAttribute("row", row(discrepancy));
        model.addAttribute("discrepancy", discrepancy);
        model.addAttribute(
                "compared", known.map(one -> one.of(discrepancy.subjectKey())).orElse(List.of()));
        model.addAttribute(
                "subjectHref", known.map(one -> one.href(discrepancy)).orElse(null));
        model.addAttribute("acknowledgedBy", name(discrepancy.acknowledgedBy()));
        model.addAttribute("resolvedBy", resolved == null || resolved.by() == null ? "System" : name(resolved.by()));
        model.addAttribute("resolutions", DiscrepancyResolution.choices());
        model.addAttribute("owners", discrepancies.possibleOwners());
        model.addAttribute("decisions", decisions.of(Discrepancies.SUBJECT, id));
        model.addAttribute("timeline", discrepancies.timeline(id));
        model.addAttribute("active", List.of(discrepancy.step()));
        return "discrepancies/discrepancy";
    }

    @PostMapping("/{id}/acknowledgement")
    @PreAuthorize("hasAuthority('reconciliation.manage')")
    String acknowledge(@PathVariable UUID id) {
        discrepancies.acknowledge(id);
        return to(id);
    }

    /** Nobody, if the form leaves it empty. */
    @PostMapping("/{id}/owner")
    @PreAuthorize("hasAuthority('reconciliation.manage')")
    String assign(@PathVariable UUID id, @RequestParam(required = false) @Nullable UUID owner) {
        discrepancies.assign(id, owner == null ? null : new UserId(owner));
        return to(id);
    }

    @PostMapping("/{id}/notes")
    @PreAuthorize("hasAuthority('reconciliation.manage')")
    String note(@PathVariable UUID id, @RequestParam(defaultValue = "") String note) {
        discrepancies.note(id, note);
        return to(id);
    }

    @PostMapping("/{id}/resolution")
    @PreAuthorize("hasAuthority('reconciliation.manage')")
    String resolve(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String resolution,
            @RequestParam(defaultValue = "") String reason,
            @RequestParam(defaultValue = "") String adjustmentNumber) {
        discrepancies.get(id);
        discrepancies.resolve(
                id,
                DiscrepancyResolution.ofKey(resolution)
                        .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "choose how it is resolved")),
                reason,
                adjustmentNumber);
        return to(id);
    }

    @PostMapping("/{id}/reopening")
    @PreAuthorize("hasAuthority('reconciliation.manage')")
    String reopen(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason) {
        discrepancies.reopen(id, reason);
        return to(id);
    }

    private static String to(UUID id) {
        return "redirect:/app/reconciliation/discrepancies/" + id;
    }

    /** The chart is in the currency of the organization; others are in the table above it. */
    private AgeBars ages(List<DiscrepancyTotal> totals) {
        CurrencyUnit currency = organizations.current().currency();
        List<Money> bars = new ArrayList<>(AgeBars.none(currency).amounts());
        totals.stream()
                .filter(total -> total.difference().getCurrencyUnit().equals(currency))
                .forEach(total -> {
                    for (int i = 0; i < bars.size(); i++) {
                        bars.set(i, bars.get(i).plus(total.aging().get(i)));
                    }
                });
        return new AgeBars(bars);
    }

    private Row row(Discrepancy discrepancy) {
        UserId assignee = discrepancy.assignee();
        var triage = discrepancy.triage();
        String group = triage == null
                ? "Nobody yet"
                : Role.ofKey(triage.ownerGroup()).map(Role::title).orElse(triage.ownerGroup());
        return new Row(
                discrepancy, assignee == null ? group : name(assignee), group, discrepancy.isOverdue(clock.instant()));
    }

    private String name(@Nullable UserId user) {
        return user == null ? "" : users.find(user).map(Person::displayName).orElse("Someone");
    }

    /** Read by the template. */
    public record Row(Discrepancy discrepancy, String owner, String group, boolean overdue) {}
}

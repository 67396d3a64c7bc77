package io.remitflow.reconciliation.web;

import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.DiscrepancyFilter;
import io.remitflow.discrepancies.DiscrepancyTotal;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.reconciliation.ReconciliationRun;
import io.remitflow.reconciliation.ReconciliationRuns;
import io.remitflow.reconciliation.Trigger;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.format.annotation.DateTimeFormat;
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

/** The runs of the billing reconciliation, and what one of them found. */
@Controller
@RequestMapping("/app/reconciliation")
class RunController {

    private static final int PAGE = 50;
    private static final MediaType MARKDOWN = MediaType.parseMediaType("text/markdown;charset=UTF-8");

    private final ReconciliationRuns runs;
    private final Discrepancies discrepancies;
    private final Organizations organizations;
    private final Users users;

    RunController(ReconciliationRuns runs, Discrepancies discrepancies, Organizations organizations, Users users) {
        this.runs = runs;
        this.discrepancies = discrepancies;
        this.organizations = organizations;
        this.users = users;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('reconciliation.view')")
    String list(@RequestParam(required = false) @Nullable UUID after, Model model) {
        List<ReconciliationRun> found = runs.list(after, PAGE + 1);
        boolean more = found.size() > PAGE;
        model.addAttribute("runs", more ? found.subList(0, PAGE) : found);
        model.addAttribute("next", more ? found.get(PAGE - 1).id() : null);
        model.addAttribute("yesterday", organizations.today().minusDays(1));
        List<DiscrepancyTotal> totals = discrepancies.totals();
        model.addAttribute(
                "unresolved", totals.stream().mapToLong(DiscrepancyTotal::count).sum());
        model.addAttribute(
                "overdue", totals.stream().mapToLong(DiscrepancyTotal::overdue).sum());
        return "reconciliation/runs";
    }

    @PostMapping("/runs")
    @PreAuthorize("hasAuthority('reconciliation.manage')")
    String trigger(
            @RequestParam(required = false) @DateTimeFormat(iso = DateTimeFormat.ISO.DATE) @Nullable LocalDate start,
            @RequestParam(required = false) @DateTimeFormat(iso = DateTimeFormat.ISO.DATE) @Nullable LocalDate end) {
        var run = runs.run(RunResource.period(start, end, organizations), Trigger.PERSON);
        return "redirect:/app/reconciliation/runs/" + run.id();
    }

    @GetMapping("/runs/{id}")
    @PreAuthorize("hasAuthority('reconciliation.view')")
    String run(@PathVariable UUID id, Model model) {
        ReconciliationRun run = runs.get(id);
        UserId by = run.triggeredBy();
        model.addAttribute("run", run);
        model.addAttribute("figures", runs.figures(run));
        model.addAttribute(
                "by",
                by == null
                        ? (run.trigger() == Trigger.TOKEN ? "a scheduler outside" : "the scheduler")
                        : users.find(by).map(Person::displayName).orElse("Someone"));
        model.addAttribute(
                "discrepancies",
                discrepancies.list(new DiscrepancyFilter(null, false, null, null, false, id, null, PAGE)));
        return "reconciliation/run";
    }

    @GetMapping("/runs/{id}/report.md")
    @PreAuthorize("hasAuthority('reconciliation.view')")
    ResponseEntity<String> markdown(@PathVariable UUID id) {
        ReconciliationRun run = runs.get(id);
        return file(run, "md", MARKDOWN, runs.report(run).markdown());
    }

    @GetMapping("/runs/{id}/report.json")
    @PreAuthorize("hasAuthority('reconciliation.view')")
    ResponseEntity<String> json(@PathVariable UUID id) {
        ReconciliationRun run = runs.get(id);
        return file(run, "json", MediaType.APPLICATION_JSON, runs.report(run).json());
    }

    private static ResponseEntity<String> file(ReconciliationRun run, String kind, MediaType type, String text) {
        String name = "reconciliation-%s-%s.%s"
                .formatted(run.period().start(), run.period().end(), kind);
        return ResponseEntity.ok()
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment().filename(name).build().toString())
                .contentType(type)
                .body(text);
    }
}

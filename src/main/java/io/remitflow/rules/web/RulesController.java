package io.remitflow.rules.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.rules.DecisionTable;
import io.remitflow.rules.DecisionTables;
import io.remitflow.rules.Draft;
import io.remitflow.rules.Drafts;
import io.remitflow.rules.Flaw;
import io.remitflow.rules.Release;
import io.remitflow.rules.Replays;
import io.remitflow.rules.RuleReleases;
import io.remitflow.rules.TableDifference;
import io.remitflow.rules.TestCases;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The rules studio: what holds, what is being changed, and what the change would have done. */
@Controller
@RequestMapping("/app/rules")
class RulesController {

    private static final int MONTHS = 6;
    private static final int MOST_MONTHS = 36;

    private final DecisionTables tables;
    private final Drafts drafts;
    private final TestCases tests;
    private final Replays replays;
    private final RuleReleases releases;
    private final Users users;

    RulesController(
            DecisionTables tables,
            Drafts drafts,
            TestCases tests,
            Replays replays,
            RuleReleases releases,
            Users users) {
        this.tables = tables;
        this.drafts = drafts;
        this.tests = tests;
        this.replays = replays;
        this.releases = releases;
        this.users = users;
    }

    record Row(
            Release release,
            DecisionTable table,
            String by,
            @Nullable Draft draft) {}

    record HistoryRow(Release release, String by, boolean inForce, boolean later) {}

    @GetMapping
    @PreAuthorize("hasAuthority('rules.view')")
    String list(Model model) {
        model.addAttribute(
                "rows",
                tables.inForce().stream()
                        .map(release -> new Row(
                                release,
                                release.table(),
                                name(release.requestedBy()),
                                drafts.find(release.decisionId()).orElse(null)))
                        .toList());
        return "rules/list";
    }

    @GetMapping("/{decision}")
    @PreAuthorize("hasAuthority('rules.view')")
    String table(
            @PathVariable String decision, @RequestParam(required = false) @Nullable Integer release, Model model) {
        Release inForce = tables.required(decision);
        Release shown = release == null ? inForce : tables.required(decision, release);
        model.addAttribute("decision", decision);
        model.addAttribute("inForce", inForce);
        model.addAttribute("shown", shown);
        model.addAttribute("shownBy", name(shown.requestedBy()));
        model.addAttribute("table", shown.table());
        model.addAttribute("draft", drafts.find(decision).orElse(null));
        model.addAttribute("history", history(decision, inForce));
        model.addAttribute("requests", releases.of(decision));
        model.addAttribute("tests", tests.run(shown.table()));
        return "rules/table";
    }

    @GetMapping("/{decision}/draft")
    @PreAuthorize("hasAuthority('rules.edit')")
    String draft(@PathVariable String decision, Model model) {
        Release inForce = tables.required(decision);
        Optional<Draft> draft = drafts.find(decision);
        DecisionTable table = draft.map(Draft::table).orElseGet(inForce::table);
        model.addAttribute("decision", decision);
        model.addAttribute("inForce", inForce);
        model.addAttribute("draft", draft.orElse(null));
        model.addAttribute(
                "editedBy", draft.map(saved -> name(saved.editedBy())).orElse(null));
        model.addAttribute("table", table);
        List<Flaw> flaws = draft.isPresent() ? Drafts.flaws(table) : List.of();
        model.addAttribute("flaws", flaws);
        model.addAttribute(
                "blocked", flaws.stream().anyMatch(flaw -> flaw.kind().blocks()));
        model.addAttribute("difference", TableDifference.between(inForce.table(), table));
        model.addAttribute("tests", tests.run(table));
        return "rules/draft";
    }

    /** The table that the editor loads: the draft, or what is in force. */
    @GetMapping(path = "/{decision}/draft.dmn", produces = MediaType.APPLICATION_XML_VALUE)
    @PreAuthorize("hasAuthority('rules.edit')")
    @ResponseBody
    String draftXml(@PathVariable String decision) {
        return drafts.find(decision)
                .map(Draft::xml)
                .orElseGet(() -> tables.required(decision).xml());
    }

    @PostMapping("/{decision}/draft")
    @PreAuthorize("hasAuthority('rules.edit')")
    String save(
            @PathVariable String decision,
            @RequestParam String xml,
            @RequestParam(defaultValue = "0") int version,
            RedirectAttributes redirect) {
        Draft saved = drafts.save(decision, xml, version);
        long blocking = Drafts.flaws(saved.table()).stream()
                .filter(flaw -> flaw.kind().blocks())
                .count();
        redirect.addFlashAttribute(
                "message",
                blocking == 0
                        ? "Saved. The checks found nothing wrong."
                        : "Saved. Before it can be released, %d %s to be put right."
                                .formatted(blocking, blocking == 1 ? "flaw has" : "flaws have"));
        return "redirect:/app/rules/" + decision + "/draft";
    }

    @PostMapping("/{decision}/draft/discard")
    @PreAuthorize("hasAuthority('rules.edit')")
    String discard(@PathVariable String decision, RedirectAttributes redirect) {
        tables.required(decision);
        drafts.discard(decision);
        redirect.addFlashAttribute("message", "The draft is gone. What is in force has not changed.");
        return "redirect:/app/rules/" + decision;
    }

    @PostMapping("/{decision}/tests")
    @PreAuthorize("hasAuthority('rules.edit')")
    String addTest(
            @PathVariable String decision,
            @RequestParam String name,
            @RequestParam String inputs,
            @RequestParam String expected,
            RedirectAttributes redirect) {
        tables.required(decision);
        tests.add(decision, name, inputs, expected);
        redirect.addFlashAttribute("message", "The test is kept with the table.");
        return "redirect:/app/rules/" + decision + "/draft";
    }

    @PostMapping("/{decision}/tests/{test}/remove")
    @PreAuthorize("hasAuthority('rules.edit')")
    String removeTest(@PathVariable String decision, @PathVariable UUID test) {
        tests.remove(decision, test);
        return "redirect:/app/rules/" + decision + "/draft";
    }

    @GetMapping("/{decision}/replay")
    @PreAuthorize("hasAuthority('rules.edit')")
    String replay(
            @PathVariable String decision, @RequestParam(required = false) @Nullable Integer months, Model model) {
        Draft draft = drafts.find(decision).orElseThrow(() -> RuleViolation.notFound("draft of " + decision));
        int back = Math.clamp(months == null ? MONTHS : months, 1, MOST_MONTHS);
        DecisionTable table = draft.table();
        if (Drafts.flaws(table).stream().anyMatch(flaw -> flaw.kind() == Flaw.Kind.EXPRESSION)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "The draft has cells that are no FEEL: put them right before the replay");
        }
        model.addAttribute("decision", decision);
        model.addAttribute("table", table);
        model.addAttribute("replay", replays.replay(table, back));
        return "rules/replay";
    }

    @GetMapping("/{decision}/compare")
    @PreAuthorize("hasAuthority('rules.view')")
    String compare(
            @PathVariable String decision,
            @RequestParam(defaultValue = "1") int before,
            @RequestParam(required = false) @Nullable Integer after,
            Model model) {
        Release left = tables.required(decision, before);
        Release right = after == null ? tables.required(decision) : tables.required(decision, after);
        model.addAttribute("decision", decision);
        model.addAttribute("before", left);
        model.addAttribute("after", right);
        model.addAttribute("difference", TableDifference.between(left.table(), right.table()));
        return "rules/compare";
    }

    private List<HistoryRow> history(String decision, Release inForce) {
        Instant now = inForce.effectiveFrom();
        return tables.history(decision).stream()
                .map(release -> new HistoryRow(
                        release,
                        name(release.requestedBy()),
                        release.number() == inForce.number(),
                        release.effectiveFrom().isAfter(now) && release.number() != inForce.number()))
                .toList();
    }

    private String name(@Nullable UUID user) {
        return user == null
                ? "Remitflow"
                : users.find(new UserId(user))
                        .map(person -> person.displayName())
                        .orElse("somebody who left");
    }
}

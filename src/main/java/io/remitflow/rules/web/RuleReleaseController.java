package io.remitflow.rules.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.rules.DecisionTable;
import io.remitflow.rules.DecisionTables;
import io.remitflow.rules.ReleaseRequest;
import io.remitflow.rules.RuleReleaseSteps;
import io.remitflow.rules.RuleReleases;
import io.remitflow.rules.TableDifference;
import io.remitflow.workflow.Approvable;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.CaseTasks;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.EngineUnavailable;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.NamedApproval;
import io.remitflow.workflow.TaskPage;
import io.remitflow.workflow.Timeline;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
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

/** The release of a table as a case: what changes, what past decisions say, who decides. */
@Controller
@RequestMapping("/app/rules")
class RuleReleaseController implements TaskPage {

    private final RuleReleases releases;
    private final DecisionTables tables;
    private final CaseTasks tasks;
    private final Timeline timeline;
    private final Decisions decisions;
    private final Users users;
    private final Organizations organizations;

    RuleReleaseController(
            RuleReleases releases,
            DecisionTables tables,
            CaseTasks tasks,
            Timeline timeline,
            Decisions decisions,
            Users users,
            Organizations organizations) {
        this.releases = releases;
        this.tables = tables;
        this.tasks = tasks;
        this.timeline = timeline;
        this.decisions = decisions;
        this.users = users;
        this.organizations = organizations;
    }

    @PostMapping("/{decision}/release")
    @PreAuthorize("hasAuthority('rules.edit')")
    String request(
            @PathVariable String decision,
            @RequestParam int version,
            @RequestParam String why,
            @RequestParam(required = false) @Nullable LocalDate effective) {
        if (effective != null && effective.isBefore(organizations.today())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "A rule cannot come into force in the past");
        }
        var from = effective == null
                ? null
                : effective.atStartOfDay(organizations.current().timeZone()).toInstant();
        return "redirect:/app/rules/releases/" + releases.request(decision, version, why, from);
    }

    @PostMapping("/{decision}/rollback")
    @PreAuthorize("hasAuthority('rules.edit')")
    String rollBack(@PathVariable String decision, @RequestParam int number, @RequestParam String why) {
        return "redirect:/app/rules/releases/" + releases.requestRollback(decision, number, why);
    }

    @GetMapping("/releases/{id}")
    @PreAuthorize("hasAuthority('rules.view')")
    String show(@PathVariable UUID id, Model model) {
        ReleaseRequest request = releases.get(id);
        DecisionTable before =
                tables.required(request.decisionId(), request.basedOn()).table();
        model.addAttribute("request", request);
        model.addAttribute("table", request.table());
        model.addAttribute("difference", TableDifference.between(before, request.table()));
        model.addAttribute(
                "affected",
                Money.ofMinor(
                        organizations.current().currency(), request.replayed().affectedMinor()));
        model.addAttribute("requestedBy", name(request.requestedBy()));
        model.addAttribute("editors", request.editors().stream().map(this::name).toList());
        model.addAttribute("approvals", NamedApproval.of(releases.approvals(id), users));
        model.addAttribute("decisions", decisions.of(RuleReleases.SUBJECT, id));
        model.addAttribute("timeline", timeline.of(RuleReleases.SUBJECT, id));
        model.addAttribute("active", List.of(RuleReleaseSteps.of(request.state())));
        boolean involved = request.requestedBy().equals(CurrentUser.id())
                || request.editors().contains(CurrentUser.id());
        model.addAttribute("involved", involved);
        boolean open =
                request.state() == ReleaseRequest.State.REQUESTED || request.state() == ReleaseRequest.State.APPROVED;
        model.addAttribute("mayWithdraw", open && releases.mayWithdraw(request));
        boolean waiting = request.state() == ReleaseRequest.State.REQUESTED;
        model.addAttribute("waiting", waiting);
        model.addAttribute("task", waiting ? task(id).orElse(null) : null);
        return "rules/release";
    }

    @PostMapping("/releases/{id}/approval")
    @PreAuthorize("hasAuthority('rules.approve')")
    String approve(
            @PathVariable UUID id,
            @RequestParam long task,
            @RequestParam String decision,
            @RequestParam(defaultValue = "") String comment) {
        tasks.require(RuleReleaseSteps.PROCESS, id.toString(), RuleReleaseSteps.APPROVE, task, "release");
        releases.decide(id, ApprovalDecision.ofForm(task, 1, decision, comment));
        return "redirect:/app/rules/releases/" + id;
    }

    @PostMapping("/releases/{id}/withdrawal")
    @PreAuthorize("hasAnyAuthority('rules.edit', 'rules.approve')")
    String withdraw(@PathVariable UUID id) {
        releases.withdraw(id);
        return "redirect:/app/rules/releases/" + id;
    }

    @Override
    public String processId() {
        return RuleReleaseSteps.PROCESS;
    }

    @Override
    public String elementId() {
        return RuleReleaseSteps.APPROVE;
    }

    @Override
    public Optional<Approvable> approvable() {
        return Optional.of(new Approvable(
                RuleReleases.SUBJECT, "requestId", "/app/rules/releases/", Permission.RULES_APPROVE, false));
    }

    @Override
    public Set<String> variables() {
        return Set.of("requestId", "requestNumber", "decisionId");
    }

    @Override
    public String href(HumanTask task) {
        return "/app/rules/releases/" + task.variables().get("requestId") + "?task=" + task.key();
    }

    @Override
    public String title(HumanTask task) {
        return "Approve release %s of %s"
                .formatted(
                        task.variables().getOrDefault("requestNumber", ""),
                        task.variables().getOrDefault("decisionId", "a rule"));
    }

    private Optional<Long> task(UUID id) {
        try {
            return tasks.find(RuleReleaseSteps.PROCESS, id.toString(), RuleReleaseSteps.APPROVE)
                    .map(HumanTask::key);
        } catch (EngineUnavailable e) {
            return Optional.empty();
        }
    }

    private String name(UserId user) {
        return users.find(user).map(person -> person.displayName()).orElse("somebody who left");
    }
}

package io.remitflow.claims.web;

import io.remitflow.claims.Claims;
import io.remitflow.claims.Denial;
import io.remitflow.claims.DenialChoice;
import io.remitflow.claims.DenialClassTotal;
import io.remitflow.claims.DenialFilter;
import io.remitflow.claims.DenialReason;
import io.remitflow.claims.DenialReopening;
import io.remitflow.claims.DenialRound;
import io.remitflow.claims.DenialStatus;
import io.remitflow.claims.DenialSteps;
import io.remitflow.claims.DenialWork;
import io.remitflow.claims.Denials;
import io.remitflow.claims.Payers;
import io.remitflow.claims.RepeatedClaim;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.EngineUnavailable;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.Timeline;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
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

/** The worklist of denials, and the page of one with whatever it waits for. */
@Controller
@RequestMapping("/app/denials")
class DenialController {

    private static final int PAGE = 50;
    private static final List<String> CLASSES = List.of(
            "eligibility",
            "authorization",
            "timely_filing",
            "duplicate",
            "coordination_of_benefits",
            "information",
            "bundling",
            "underpayment",
            "other",
            DenialFilter.UNTRIAGED);

    private final Denials denials;
    private final DenialWork work;
    private final DenialReopening reopening;
    private final Claims claims;
    private final Payers payers;
    private final DenialTasks tasks;
    private final Timeline timeline;
    private final Decisions decisions;
    private final Users users;
    private final Organizations organizations;

    DenialController(
            Denials denials,
            DenialWork work,
            DenialReopening reopening,
            Claims claims,
            Payers payers,
            DenialTasks tasks,
            Timeline timeline,
            Decisions decisions,
            Users users,
            Organizations organizations) {
        this.denials = denials;
        this.work = work;
        this.reopening = reopening;
        this.claims = claims;
        this.payers = payers;
        this.tasks = tasks;
        this.timeline = timeline;
        this.decisions = decisions;
        this.users = users;
        this.organizations = organizations;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('denials.view')")
    String list(
            @RequestParam(name = "class", required = false) @Nullable String denialClass,
            @RequestParam(required = false) @Nullable String state,
            @RequestParam(required = false) @Nullable UUID payer,
            @RequestParam(required = false) @Nullable Integer within,
            @RequestParam(defaultValue = "false") boolean mine,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        DenialStatus status = DenialResource.status(state);
        var filter = new DenialFilter(
                blankToNull(denialClass),
                status == DenialStatus.CLOSED ? null : status,
                status == DenialStatus.CLOSED,
                payer,
                null,
                mine ? CurrentUser.id() : null,
                within,
                after,
                PAGE + 1);
        List<Denial> found = denials.list(filter);
        boolean more = found.size() > PAGE;
        List<Denial> shown = more ? found.subList(0, PAGE) : found;
        Map<UUID, List<DenialReason>> reasons =
                denials.reasons(shown.stream().map(Denial::id).toList());
        Map<UUID, RepeatedClaim> repeated = denials.mayRepeat(reasons.keySet());
        LocalDate today = organizations.today();
        List<DenialClassTotal> totals = denials.totals(DenialFilter.open());
        model.addAttribute(
                "rows",
                shown.stream()
                        .map(denial -> new Row(
                                denial,
                                once(reasons.getOrDefault(denial.id(), List.of())),
                                denial.isClosed() ? null : repeated.get(denial.id()),
                                owner(denial),
                                ChronoUnit.DAYS.between(today, denial.appealLimitOn())))
                        .toList());
        model.addAttribute("next", more ? shown.getLast().id() : null);
        model.addAttribute("totals", totals);
        model.addAttribute(
                "count", totals.stream().mapToLong(DenialClassTotal::count).sum());
        model.addAttribute(
                "sum",
                totals.stream()
                        .map(DenialClassTotal::open)
                        .reduce(Money.zero(organizations.current().currency()), Money::plus));
        model.addAttribute("filter", filter);
        model.addAttribute("state", state);
        model.addAttribute("classes", CLASSES);
        model.addAttribute("states", DenialStatus.values());
        model.addAttribute("payers", payers.all());
        return "claims/denials";
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('denials.view')")
    String denial(@PathVariable UUID id, Model model) {
        Denial denial = denials.get(id);
        UUID previous = denial.previousId();
        long daysLeft = ChronoUnit.DAYS.between(organizations.today(), denial.appealLimitOn());
        model.addAttribute("denial", denial);
        model.addAttribute("reasons", denials.reasons(id));
        model.addAttribute("repeats", denials.mayRepeat(List.of(id)).get(id));
        model.addAttribute("claim", claims.get(denial.claimId()));
        model.addAttribute("billable", work.billable(id));
        model.addAttribute("choices", work.choices(id));
        model.addAttribute("previous", previous == null ? null : denials.get(previous));
        model.addAttribute("owner", owner(denial));
        model.addAttribute("group", group(denial));
        model.addAttribute("daysLeft", daysLeft);
        model.addAttribute("clock", clock(daysLeft));
        model.addAttribute("decisions", decisions.of(Denials.SUBJECT, id));
        model.addAttribute("timeline", timeline.of(Denials.SUBJECT, id));
        model.addAttribute("active", List.of(denial.step()));
        model.addAttribute("waiting", waiting(denial));
        model.addAttribute("me", CurrentUser.id());
        model.addAttribute(
                "rounds", reopening.rounds(id).stream().map(this::earlier).toList());
        model.addAttribute(
                "reopeningObstacle", denial.isClosed() ? reopening.obstacle(id).orElse(null) : null);
        return "claims/denial";
    }

    @PostMapping("/{id}/owner")
    @PreAuthorize("hasAuthority('denials.work')")
    String take(@PathVariable UUID id) {
        denials.take(id);
        return "redirect:/app/denials/" + id;
    }

    @PostMapping("/{id}/decision")
    @PreAuthorize("hasAuthority('denials.work')")
    String decide(@PathVariable UUID id, @RequestParam long task, @RequestParam(defaultValue = "") String choice) {
        denials.get(id);
        DenialChoice chosen = DenialChoice.ofKey(choice)
                .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "choose one of the five ways"));
        tasks.require(denials.get(id), DenialSteps.WORK, task);
        work.choose(id, task, chosen);
        return "redirect:/app/denials/" + id;
    }

    @PostMapping("/{id}/sending")
    @PreAuthorize("hasAuthority('denials.work')")
    String send(
            @PathVariable UUID id,
            @RequestParam long task,
            @RequestParam(defaultValue = "back") String outcome,
            @RequestParam(defaultValue = "") String reference) {
        tasks.require(denials.get(id), DenialResource.preparing(denials.get(id)), task);
        if (outcome.equals("sent")) {
            work.send(id, task, reference);
        } else {
            work.goBack(id, task);
        }
        return "redirect:/app/denials/" + id;
    }

    @PostMapping("/{id}/reopening")
    @PreAuthorize("hasAuthority('denials.work')")
    String reopen(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason) {
        reopening.reopen(id, reason);
        return "redirect:/app/denials/" + id;
    }

    private EarlierRound earlier(DenialRound round) {
        UserId by = round.reopening().by();
        return new EarlierRound(
                round,
                by == null
                        ? "by itself"
                        : "by "
                                + users.find(by)
                                        .map(person -> person.displayName())
                                        .orElse("someone"));
    }

    private Waiting waiting(Denial denial) {
        boolean forPerson = switch (denial.status()) {
            case OPEN, CORRECTING, APPEALING -> true;
            case WAITING, WRITING_OFF, BILLING_PATIENT, CLOSED -> false;
        };
        if (!forPerson) {
            return new Waiting(null, null, true);
        }
        try {
            Optional<HumanTask> task = tasks.find(denial, denial.step());
            return new Waiting(denial.step(), task.map(HumanTask::key).orElse(null), true);
        } catch (EngineUnavailable e) {
            return new Waiting(denial.step(), null, false);
        }
    }

    /** Each code once, as many lines can have the same. */
    private static List<DenialReason> once(List<DenialReason> reasons) {
        return List.copyOf(reasons.stream()
                .collect(Collectors.toMap(
                        DenialReason::groupAndCode,
                        reason -> reason,
                        (first, second) -> first,
                        java.util.LinkedHashMap::new))
                .values());
    }

    private String owner(Denial denial) {
        UserId owner = denial.owner();
        return owner == null
                ? group(denial)
                : users.find(owner).map(person -> person.displayName()).orElse("Unknown");
    }

    private static String group(Denial denial) {
        Denial.Triage triage = denial.triage();
        return triage == null
                ? "Nobody yet"
                : Role.ofKey(triage.ownerGroup()).map(Role::title).orElse(triage.ownerGroup());
    }

    private static String clock(long daysLeft) {
        return daysLeft < 0
                ? "passed %d days ago".formatted(-daysLeft)
                : daysLeft == 1 ? "1 day left" : "%d days left".formatted(daysLeft);
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }

    /** @param repeats the claim whose duplicate an open one may be */
    record Row(
            Denial denial,
            List<DenialReason> reasons,
            @Nullable RepeatedClaim repeats,
            String owner,
            long daysLeft) {

        public String clock() {
            return DenialController.clock(daysLeft);
        }
    }

    /** A round that was over, and who opened the denial again. */
    record EarlierRound(DenialRound round, String reopenedBy) {}

    /** What the denial waits for a person to do; without a task the engine has not created or shown it yet. */
    record Waiting(@Nullable String step, @Nullable Long task, boolean engineAvailable) {}
}

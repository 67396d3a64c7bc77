package io.remitflow.identity.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Delegation;
import io.remitflow.identity.Delegations;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
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

/** Who approves in whose place while somebody is away. */
@Controller
@RequestMapping("/app/absence")
@PreAuthorize("isAuthenticated()")
class AbsenceController {

    private final Delegations delegations;
    private final Users users;
    private final Organizations organizations;
    private final Clock clock;

    AbsenceController(Delegations delegations, Users users, Organizations organizations, Clock clock) {
        this.delegations = delegations;
        this.users = users;
        this.organizations = organizations;
        this.clock = clock;
    }

    @GetMapping
    String page(Model model) {
        Person me = me();
        boolean administers = me.may(Permission.USERS_MANAGE);
        List<Person> active = users.all().stream().filter(Person::active).toList();
        model.addAttribute("me", me);
        model.addAttribute("administers", administers);
        model.addAttribute("mayLend", administers || Delegations.mayLend(me));
        model.addAttribute(
                "lenders",
                administers ? active.stream().filter(Delegations::mayLend).toList() : List.of(me));
        model.addAttribute("people", active);
        model.addAttribute(
                "roles",
                List.of(Role.values()).stream().filter(Delegations::isLent).toList());
        model.addAttribute(
                "rows",
                (administers ? delegations.all() : delegations.concerning(me.id()))
                        .stream().map(this::row).toList());
        model.addAttribute("today", organizations.today());
        return "identity/absence";
    }

    /** Both days are included. */
    @PostMapping
    String lend(
            @RequestParam(required = false) @Nullable UUID from,
            @RequestParam UUID to,
            @RequestParam(defaultValue = "") List<String> role,
            @RequestParam LocalDate first,
            @RequestParam LocalDate last,
            @RequestParam(defaultValue = "") String reason,
            RedirectAttributes after) {
        ZoneId zone = organizations.current().timeZone();
        Instant starts = first.isEqual(organizations.today())
                ? clock.instant()
                : first.atStartOfDay(zone).toInstant();
        Instant ends = last.plusDays(1).atStartOfDay(zone).toInstant();
        delegations.lend(
                from == null ? CurrentUser.id() : new UserId(from), new UserId(to), roles(role), starts, ends, reason);
        after.addFlashAttribute("message", "The authority is lent; both of you see it here.");
        return "redirect:/app/absence";
    }

    @PostMapping("/{id}/end")
    String end(@PathVariable UUID id, RedirectAttributes after) {
        delegations.end(id);
        after.addFlashAttribute("message", "It ended at once.");
        return "redirect:/app/absence";
    }

    private Row row(Delegation delegation) {
        Instant now = clock.instant();
        String state = delegation.endedAt() != null
                ? "ended"
                : delegation.holdsAt(now) ? "active" : now.isBefore(delegation.startsAt()) ? "planned" : "expired";
        return new Row(
                delegation,
                name(delegation.delegator()),
                name(delegation.delegate()),
                delegation.roles().stream().map(Role::title).sorted().collect(Collectors.joining(", ")),
                state);
    }

    private Person me() {
        return users.find(CurrentUser.id()).orElseThrow();
    }

    private String name(UserId id) {
        return users.find(id).map(Person::displayName).orElse("Unknown");
    }

    private static Set<Role> roles(List<String> keys) {
        return keys.stream()
                .map(key -> Role.ofKey(key)
                        .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "There is no such role")))
                .collect(Collectors.toSet());
    }

    record Row(Delegation delegation, String from, String to, String roles, String state) {}
}

package io.remitflow.identity.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** People and their roles, for the administrator of the organization. */
@Controller
@PreAuthorize("hasAuthority('users.manage')")
class UsersController {

    static final int SHORTEST_PASSWORD = 12;

    private final Users users;

    UsersController(Users users) {
        this.users = users;
    }

    @GetMapping("/app/users")
    String page(Model model) {
        model.addAttribute("users", users.all());
        model.addAttribute("roles", Role.values());
        model.addAttribute("me", CurrentUser.id());
        return "identity/users";
    }

    @PostMapping("/app/users")
    String create(
            @RequestParam String username,
            @RequestParam String displayName,
            @RequestParam(defaultValue = "") String password,
            @RequestParam(defaultValue = "") String email,
            @RequestParam(defaultValue = "") List<String> role,
            RedirectAttributes after) {
        if (password.isBlank() && email.isBlank()) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "A user needs a first password, or the e-mail address by which the identity provider knows them");
        }
        users.create(
                username.strip(), displayName, email, password.isBlank() ? null : longEnough(password), roles(role));
        after.addFlashAttribute("message", "The user is created.");
        return "redirect:/app/users";
    }

    @PostMapping("/app/users/{id}/roles")
    String changeRoles(
            @PathVariable UUID id, @RequestParam(defaultValue = "") List<String> role, RedirectAttributes after) {
        var user = notMyself(id, "Somebody else must change your roles");
        users.setRoles(user, roles(role));
        after.addFlashAttribute("message", "The roles are changed; they hold from the next click on.");
        return "redirect:/app/users";
    }

    @PostMapping("/app/users/{id}/deactivation")
    String deactivate(@PathVariable UUID id, RedirectAttributes after) {
        users.deactivate(notMyself(id, "Nobody deactivates themselves"));
        after.addFlashAttribute("message", "The user is deactivated and signed out everywhere.");
        return "redirect:/app/users";
    }

    @PostMapping("/app/users/{id}/activation")
    String activate(@PathVariable UUID id, RedirectAttributes after) {
        users.activate(new UserId(id));
        after.addFlashAttribute("message", "The user is active again.");
        return "redirect:/app/users";
    }

    @PostMapping("/app/users/{id}/password")
    String resetPassword(@PathVariable UUID id, @RequestParam String password, RedirectAttributes after) {
        users.changePassword(new UserId(id), longEnough(password));
        after.addFlashAttribute("message", "The password is changed; the user is signed out everywhere.");
        return "redirect:/app/users";
    }

    @PostMapping("/app/users/{id}/email")
    String changeEmail(@PathVariable UUID id, @RequestParam String email, RedirectAttributes after) {
        users.setEmail(notMyself(id, "Somebody else must change your e-mail address"), email);
        after.addFlashAttribute("message", "The e-mail address is changed.");
        return "redirect:/app/users";
    }

    static String longEnough(String password) {
        if (password.length() < SHORTEST_PASSWORD) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "A password has at least %d characters".formatted(SHORTEST_PASSWORD));
        }
        return password;
    }

    static UserId notMyself(UUID id, String refusal) {
        var user = new UserId(id);
        if (user.equals(CurrentUser.id())) {
            throw new RuleViolation(Refusal.NOT_PERMITTED, refusal);
        }
        return user;
    }

    private static Set<Role> roles(List<String> keys) {
        return keys.stream()
                .map(key -> Role.ofKey(key)
                        .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "There is no such role")))
                .collect(Collectors.toSet());
    }
}

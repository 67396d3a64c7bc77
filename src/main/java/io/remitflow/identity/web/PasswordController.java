package io.remitflow.identity.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.SignIn;
import io.remitflow.identity.Users;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** One's own password. Changing it ends every session, this one too. */
@Controller
@PreAuthorize("isAuthenticated()")
class PasswordController {

    private final Users users;
    private final SignIn signIn;
    private final SignInThrottle throttle;

    PasswordController(Users users, SignIn signIn, SignInThrottle throttle) {
        this.users = users;
        this.signIn = signIn;
        this.throttle = throttle;
    }

    @GetMapping("/app/password")
    String page() {
        return "identity/password";
    }

    @PostMapping("/app/password")
    String change(@RequestParam String current, @RequestParam String chosen) {
        var me = CurrentUser.id();
        String name = users.signInName(me);
        // Whoever is signed in has a counter of their own, whatever happens at the sign-in page.
        String own = "signed in " + me;
        throttle.check(name, own, own);
        if (signIn.byPassword(name, current).isEmpty()) {
            throttle.failed(name, own, own);
            throw new RuleViolation(Refusal.INVALID_INPUT, "The current password is not right");
        }
        users.changePassword(me, UsersController.longEnough(chosen));
        return "redirect:/sign-in?ended";
    }
}

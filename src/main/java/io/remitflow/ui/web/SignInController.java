package io.remitflow.ui.web;

import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;

/** The page before all others. */
@Controller
class SignInController {

    @GetMapping("/sign-in")
    String signIn() {
        return "ui/sign-in";
    }

    @GetMapping("/")
    String root() {
        return "redirect:/app";
    }
}

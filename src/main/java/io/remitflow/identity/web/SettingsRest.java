package io.remitflow.identity.web;

import io.remitflow.identity.Settings;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Settings for API clients. */
@RestController
@PreAuthorize("hasAuthority('settings.manage')")
class SettingsRest {

    private final Settings settings;

    SettingsRest(Settings settings) {
        this.settings = settings;
    }

    @GetMapping("/billing/settings")
    SettingsBody settings() {
        return SettingsBody.of(settings.billing());
    }

    @PutMapping("/billing/settings")
    SettingsBody change(@RequestBody SettingsBody body) {
        settings.changeBilling(body.settings(settings.billing()));
        return SettingsBody.of(settings.billing());
    }
}

package io.remitflow.payments.web;

import io.remitflow.payments.Gateways;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Payment gateways for API clients; keys and secrets go in and never out. */
@RestController
@RequestMapping("/billing/payment-gateways")
@PreAuthorize("hasAuthority('settings.manage')")
class GatewaysResource {

    private final Gateways gateways;

    GatewaysResource(Gateways gateways) {
        this.gateways = gateways;
    }

    @GetMapping
    List<GatewayView> list() {
        return gateways.registered().stream().map(GatewayView::of).toList();
    }

    @PostMapping
    ResponseEntity<Void> connect(@RequestBody @Valid NewGateway body) {
        gateways.connect(body.provider(), body.apiKey(), body.webhookSecret(), body.testMode());
        return ResponseEntity.created(URI.create("/billing/payment-gateways")).build();
    }

    @PutMapping("/{provider}/webhook-secret")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void rotate(@PathVariable String provider, @RequestBody @Valid NewSecret body) {
        gateways.rotateWebhookSecret(provider, body.secret());
    }

    @DeleteMapping("/{provider}/previous-webhook-secret")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void endRotation(@PathVariable String provider) {
        gateways.forgetPreviousSecret(provider);
    }

    @PutMapping("/{provider}/api-key")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void changeKey(@PathVariable String provider, @RequestBody @Valid NewSecret body) {
        gateways.changeApiKey(provider, body.secret());
    }

    @PutMapping("/{provider}/activation")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void activate(@PathVariable String provider) {
        gateways.setActive(provider, true);
    }

    @DeleteMapping("/{provider}/activation")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void deactivate(@PathVariable String provider) {
        gateways.setActive(provider, false);
    }

    record NewGateway(
            @NotBlank @Size(max = 30) String provider,
            @NotBlank @Size(max = 300) String apiKey,
            @NotBlank @Size(max = 300) String webhookSecret,
            boolean testMode) {
        @Override
        public String toString() {
            return "NewGateway[" + provider + "]";
        }
    }

    record NewSecret(@NotBlank @Size(max = 300) String secret) {
        @Override
        public String toString() {
            return "NewSecret[]";
        }
    }

    record GatewayView(
            String provider, String name, boolean testMode, boolean active, boolean rotating, Instant changedAt) {
        static GatewayView of(Gateways.Registered gateway) {
            return new GatewayView(
                    gateway.provider(),
                    gateway.name(),
                    gateway.testMode(),
                    gateway.active(),
                    gateway.rotating(),
                    gateway.changedAt());
        }
    }
}

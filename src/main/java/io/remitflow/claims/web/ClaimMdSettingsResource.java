package io.remitflow.claims.web;

import io.remitflow.claims.BillingProvider;
import io.remitflow.claims.ClaimMdConnections;
import io.remitflow.claims.Submissions;
import io.remitflow.core.RuleViolation;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The account at Claim.MD, whose key is written and never read, and the provider that bills. */
@RestController
@RequestMapping("/billing/claims/settings")
@PreAuthorize("hasAuthority('settings.manage')")
class ClaimMdSettingsResource {

    private final ClaimMdConnections connections;
    private final Submissions submissions;

    ClaimMdSettingsResource(ClaimMdConnections connections, Submissions submissions) {
        this.connections = connections;
        this.submissions = submissions;
    }

    @GetMapping
    SettingsView get() {
        return new SettingsView(
                connections.connection().map(ConnectionView::of).orElse(null),
                submissions.provider().orElse(null));
    }

    @PutMapping("/connection")
    ConnectionView connect(@RequestBody @Valid ConnectionBody body) {
        connections.connect(body.accountKey(), body.webhookKey());
        return ConnectionView.of(connections.connection().orElseThrow());
    }

    /** Stops reading and sending; where reading stood is kept. */
    @DeleteMapping("/connection")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void disconnect() {
        connections.disconnect();
    }

    @PutMapping("/billing-provider")
    BillingProvider provider(@RequestBody @Valid ProviderBody body) {
        submissions.setProvider(new BillingProvider(
                body.name(),
                body.npi(),
                body.taxId(),
                body.taxonomy(),
                body.street(),
                body.city(),
                body.state(),
                body.postalCode(),
                body.contactName(),
                body.contactPhone()));
        return submissions.provider().orElseThrow(() -> RuleViolation.notFound("the billing provider"));
    }

    record SettingsView(
            @Nullable ConnectionView connection, @Nullable BillingProvider billingProvider) {}

    record ConnectionView(boolean active, boolean webhook, Instant changedAt) {

        static ConnectionView of(ClaimMdConnections.Connection connection) {
            return new ConnectionView(connection.active(), connection.webhook(), connection.changedAt());
        }
    }

    /** @param webhookKey the secret part of the webhook's address, at least 16 characters; null leaves it as it is */
    record ConnectionBody(
            @NotBlank @Size(max = 200) String accountKey,
            @Nullable @Size(min = 16, max = 200) String webhookKey) {

        @Override
        public String toString() {
            return "ConnectionBody[]";
        }
    }

    record ProviderBody(
            @NotBlank @Size(max = 60) String name,
            @NotNull @Pattern(regexp = "\\d{10}") String npi,
            @NotNull @Pattern(regexp = "\\d{9}") String taxId,
            @NotNull @Pattern(regexp = "[0-9A-Z]{10}") String taxonomy,
            @NotBlank @Size(max = 55) String street,
            @NotBlank @Size(max = 30) String city,
            @NotNull @Pattern(regexp = "[A-Za-z]{2}") String state,
            @NotNull @Pattern(regexp = "\\d{9}") String postalCode,
            @NotBlank @Size(max = 60) String contactName,
            @NotNull @Pattern(regexp = "\\d{10}") String contactPhone) {}
}

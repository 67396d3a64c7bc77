package io.remitflow.claims.web;

import io.remitflow.claims.ClaimMdConnections;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Where Claim.MD may say that there is news. It signs nothing, so the address holds a key, nothing in the body is read, and
 * all it can cause is a poll.
 */
@RestController
class ClaimMdWebhook {

    private final ClaimMdConnections connections;
    private final Organizations organizations;

    ClaimMdWebhook(ClaimMdConnections connections, Organizations organizations) {
        this.connections = connections;
        this.organizations = organizations;
    }

    @PostMapping("/billing/claims/webhooks/claimmd/{organizationCode}/{key}")
    ResponseEntity<Map<String, Object>> nudge(@PathVariable String organizationCode, @PathVariable String key) {
        var organization =
                organizations.byCode(organizationCode).orElseThrow(() -> RuleViolation.notFound("the webhook"));
        if (!CurrentOrganization.call(organization.id(), () -> connections.nudge(key))) {
            throw RuleViolation.notFound("the webhook");
        }
        return ResponseEntity.ok(Map.of("received", true));
    }
}

package io.remitflow.payments.web;

import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import io.remitflow.payments.GatewayEvents;
import io.remitflow.payments.GatewayEvents.Receipt;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Where gateways report; open to the world, so nothing is believed before its signature fits. */
@RestController
@RequestMapping("/billing/payments/webhooks/{provider}")
class WebhookController {

    private static final int MAX_BODY_BYTES = 256 * 1024;

    private final GatewayEvents events;
    private final Organizations organizations;
    private final String defaultOrganization;

    WebhookController(
            GatewayEvents events,
            Organizations organizations,
            @Value("${remitflow.default-organization:mercy}") String defaultOrganization) {
        this.events = events;
        this.organizations = organizations;
        this.defaultOrganization = defaultOrganization;
    }

    @PostMapping
    ResponseEntity<Map<String, Object>> ofDefaultOrganization(
            @PathVariable String provider, @RequestHeader HttpHeaders headers, InputStream body) throws IOException {
        return receive(provider, defaultOrganization, headers, body);
    }

    @PostMapping("/{organizationCode}")
    ResponseEntity<Map<String, Object>> ofOrganization(
            @PathVariable String provider,
            @PathVariable String organizationCode,
            @RequestHeader HttpHeaders headers,
            InputStream body)
            throws IOException {
        return receive(provider, organizationCode, headers, body);
    }

    private ResponseEntity<Map<String, Object>> receive(
            String provider, String organizationCode, HttpHeaders headers, InputStream stream) throws IOException {
        // Nobody has shown yet who they are: no more of it is kept than an event can have.
        byte[] body = stream.readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            return answer(HttpStatus.PAYLOAD_TOO_LARGE, false);
        }
        if (body.length == 0) {
            return answer(HttpStatus.BAD_REQUEST, false);
        }
        var organization =
                organizations.byCode(organizationCode).orElseThrow(() -> RuleViolation.notFound("the webhook"));
        Receipt receipt =
                CurrentOrganization.call(organization.id(), () -> events.receive(provider, headers::getFirst, body));
        return receipt == Receipt.REFUSED ? answer(HttpStatus.BAD_REQUEST, false) : answer(HttpStatus.OK, true);
    }

    private static ResponseEntity<Map<String, Object>> answer(HttpStatus status, boolean received) {
        return ResponseEntity.status(status).body(Map.of("received", received, "success", received));
    }
}

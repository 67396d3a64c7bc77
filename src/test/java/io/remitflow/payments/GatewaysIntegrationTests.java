package io.remitflow.payments;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Gateways as the administrator of a hospital connects them. */
@BooksTest
class GatewaysIntegrationTests {

    private static final String KEY = "sk_test_entered_by_a_person";
    private static final String SECRET = "whsec_entered_by_a_person";

    @Autowired
    ApplicationContext context;

    @Autowired
    Gateways gateways;

    @LocalServerPort
    int port;

    TestHospital hospital;

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
    }

    @Test
    void i7_whatWasEnteredIsNeverShownAndTwoSecretsHoldDuringRotation() {
        var admin = TestClient.browser(port).signIn(hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);
        admin.get("/app/settings/gateways");

        admin.post("/app/settings/gateways", Map.of("provider", "stripe", "apiKey", KEY, "webhookSecret", SECRET));
        var page = admin.get("/app/settings/gateways").body();
        assertThat(page)
                .contains("Stripe", "/billing/payments/webhooks/stripe/" + hospital.code())
                .doesNotContain(KEY, SECRET);

        admin.post("/app/settings/gateways/stripe/webhook-secret", Map.of("webhookSecret", "whsec_new"));
        assertThat(secrets()).containsExactly("whsec_new", SECRET);
        assertThat(admin.get("/app/settings/gateways").body()).contains("Two secrets");
        admin.post("/app/settings/gateways/stripe/rotation-end", Map.of());
        assertThat(secrets()).containsExactly("whsec_new");
    }

    @Test
    void i7_aKeyOfTheOtherModeIsRefused() {
        var api = TestClient.api(port, hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);

        var refused = api.json("POST", "/billing/payment-gateways", """
                        {"provider": "stripe", "apiKey": "sk_live_real", "webhookSecret": "whsec_1", "testMode": true}
                        """);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("sk_test_").doesNotContain("sk_live_real");
        assertThat(hospital.call(() -> gateways.connection(Gateways.STRIPE))).isEmpty();
    }

    @Test
    void anInactiveGatewayIsNeitherCalledNorListenedTo() {
        var api = TestClient.api(port, hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);
        api.json("POST", "/billing/payment-gateways", """
                {"provider": "stripe", "apiKey": "%s", "webhookSecret": "%s", "testMode": true}
                """.formatted(KEY, SECRET));

        assertThat(api.json("DELETE", "/billing/payment-gateways/stripe/activation", "")
                        .statusCode())
                .isEqualTo(204);

        assertThat(hospital.call(() -> gateways.connection(Gateways.STRIPE))).isEmpty();
        assertThat(api.json("POST", "/billing/payments/webhooks/stripe/" + hospital.code(), "{}")
                        .statusCode())
                .isEqualTo(404);
        assertThat(api.json("PUT", "/billing/payment-gateways/stripe/activation", "")
                        .statusCode())
                .isEqualTo(204);
        assertThat(api.get("/billing/payment-gateways").body())
                .contains("\"active\":true")
                .doesNotContain(KEY, SECRET);
    }

    private java.util.List<String> secrets() {
        return hospital.call(
                () -> gateways.connection(Gateways.STRIPE).orElseThrow().webhookSecrets());
    }
}

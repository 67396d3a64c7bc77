package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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

/** Held claims on their pages and through the API. */
@BooksTest
class HeldClaimPagesIntegrationTests {

    @LocalServerPort
    int port;

    RemittanceBooks books;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "500.00").claimOf("C2", "Poe", "Edgar", "400.00");
    }

    @Test
    void saysWhenNothingIsHeld() {
        assertThat(page("/app/held-claims")).contains("No claim is held");
        assertThat(page("/app")).contains("Held claims");
    }

    @Test
    void v17_isFoundInTheListAndPostedToTheClaimThatAPersonChooses() throws Exception {
        books.receive(EraText.of("HP1", "300", HeldClaimsIntegrationTests.UNKNOWN));
        assertThat(page("/app/held-claims"))
                .contains("NOBODY", "no claim with the control number NOBODY", "HP1", "300.00");
        assertThat(page("/app/held-claims?reason=earlier-answer")).contains("Nothing matches the filter");
        JsonNode listed = api("/billing/held-claims?reason=unknown-claim");
        assertThat(listed.path("totals")
                        .path(0)
                        .path("amount")
                        .path("amountMinor")
                        .asLong())
                .isEqualTo(30_000);
        String id = listed.path("claims").path(0).path("id").asText();
        assertThat(page("/app/held-claims/" + id)).contains("Which claim is meant?", "Try again");
        assertThat(page("/app/held-claims/" + id + "?search=C")).contains("C1", "C2", "another charge");

        TestClient clerk = clerk();
        clerk.get("/app/held-claims/" + id);
        assertThat(clerk.post("/app/held-claims/" + id + "/attempt", Map.of()).statusCode())
                .isIn(200, 302, 303);
        assertThat(page("/app/held-claims/" + id)).contains("no claim with the control number NOBODY");
        clerk.post("/app/held-claims/" + id + "/note", Map.of("text", "Asked the payer"));
        assertThat(page("/app/held-claims")).contains("Asked the payer");
        clerk.post("/app/held-claims/" + id + "/assignment", Map.of("controlNumber", "C1", "reason", "By its date"));

        assertThat(page("/app/held-claims/" + id)).contains("It left suspense", "Held claim assigned", "By its date");
        assertThat(page("/app/held-claims")).contains("No claim is held");
        assertThat(api("/billing/held-claims/" + id).path("treatment").asText()).isEqualTo("posted");
        assertThat(books.balanceMinor("2010")).isZero();
    }

    @Test
    void overrulingNameOrChargeNeedsMoreThanAClerk() {
        books.receive(EraText.of("HP2", "300", HeldClaimsIntegrationTests.UNKNOWN));
        String id =
                api("/billing/held-claims").path("claims").path(0).path("id").asText();
        String path = "/billing/held-claims/" + id + "/assignment";

        assertThat(send(Role.BILLING_CLERK, path, "{\"controlNumber\": \"C2\", \"reason\": \"So\"}"))
                .as("another patient")
                .isEqualTo(409);
        assertThat(send(Role.BILLING_CLERK, path, "{\"controlNumber\": \"C2\", \"reason\": \"So\", \"despite\": true}"))
                .isEqualTo(403);
        assertThat(send(Role.BILLING_MANAGER, path, "{\"controlNumber\": \"C9\", \"reason\": \"So\"}"))
                .isEqualTo(404);
        assertThat(send(Role.BILLING_MANAGER, path, "{\"controlNumber\": \"C2\", \"reason\": \" \"}"))
                .isEqualTo(400);
        assertThat(books.balanceMinor("2010")).isEqualTo(-30_000);
        assertThat(send(
                        Role.BILLING_MANAGER,
                        path,
                        "{\"controlNumber\": \"C2\", \"reason\": \"Confirmed\", \"despite\": true}"))
                .isEqualTo(200);
        assertThat(books.balanceMinor("2010")).isZero();
    }

    private int send(Role role, String path, String body) {
        return TestClient.api(port, books.hospital.signInName(role), TestHospital.PASSWORD)
                .json("POST", path, body)
                .statusCode();
    }

    private TestClient clerk() {
        return TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
    }

    private String page(String path) {
        var answer = clerk().get(path);
        assertThat(answer.statusCode()).as(path).isEqualTo(200);
        return answer.body();
    }

    private JsonNode api(String path) {
        try {
            return new ObjectMapper()
                    .readTree(TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD)
                            .get(path)
                            .body());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}

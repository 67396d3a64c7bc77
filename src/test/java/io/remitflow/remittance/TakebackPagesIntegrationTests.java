package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Takebacks and the way of the money, as a biller sees them. */
@BooksTest
class TakebackPagesIntegrationTests {

    @LocalServerPort
    int port;

    RemittanceBooks books;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "1000.00");
    }

    @Test
    void saysWhatToDoWhenNothingIsOpen() {
        assertThat(page("/app/takebacks")).contains("Nothing is open");
        assertThat(page("/app/takebacks?status=closed")).contains("Nothing matches the filter");
    }

    @Test
    void showsTheExceptionFirstAndTakesItsExplanation() throws Exception {
        receive("T1", "150.00", "450", "FB:T0*300");
        assertThat(page("/app/takebacks"))
                .contains("Somebody has to look at these", "no earlier remittance carried one forward")
                .contains("GREENLEAF HEALTH PLAN took 300.00 from payment T1 for a balance carried forward");
        JsonNode listed = api("/billing/remittances/takebacks?status=exception");
        String id = listed.path("takebacks").path(0).path("id").asText();
        assertThat(listed.path("totals").path("taken").path("amountMinor").asLong())
                .isEqualTo(30_000);

        var answer = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD)
                .json(
                        "PUT",
                        "/billing/remittances/takebacks/" + id + "/explanation",
                        "{\"text\": \"Of the former system\"}");

        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(page("/app/takebacks")).doesNotContain("Somebody has to look at these");
        assertThat(page("/app/takebacks/" + id)).contains("Of the former system");
        assertThat(api("/billing/remittances/takebacks/" + id).path("steps")).hasSize(1);
    }

    @Test
    void showsTheWayOfTheMoneyAndWhatItTookBack() {
        UUID id = receive("T1", "125.00", "450", "WO:C1*325");

        assertThat(page("/app/remittances/" + id))
                .contains("/app/settlements/", "125.00 to come")
                .contains("GREENLEAF HEALTH PLAN took back 325.00 for claim C1 from payment T1.");
    }

    @Test
    void filtersRemittancesByAmountAndDrawsThePayersWeeks() {
        receive("SMALL", "100.00", "100", null);
        receive("LARGE", "900.00", "900", null);

        assertThat(page("/app/remittances")).contains("SMALL", "LARGE", "<polyline", "1,000.00");
        assertThat(page("/app/remittances?atLeast=100.01")).contains("LARGE").doesNotContain("SMALL");
        assertThat(page("/app/remittances?atMost=100")).contains("SMALL").doesNotContain("LARGE");
        assertThat(api("/billing/remittances?atLeast=900&atMost=900").path("remittances"))
                .hasSize(1);
    }

    @Test
    void plb_aManagerBooksAnExplainedItemAwayAndTakesThatBack() {
        receive("T1", "400.00", "500.00", "CS:ADJ*100");
        String id = api("/billing/remittances/takebacks").at("/takebacks/0/id").asText();
        String item = "/billing/remittances/takebacks/" + id;
        var clerk = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        var manager = TestClient.api(port, books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        assertThat(clerk.json("PUT", item + "/explanation", "{\"text\": \"A penalty\"}")
                        .statusCode())
                .isEqualTo(204);
        String booking = "{\"as\": \"penalty\", \"reason\": \"Filed late\"}";
        assertThat(clerk.json("POST", item + "/resolution", booking).statusCode())
                .isEqualTo(403);
        assertThat(manager.json("POST", item + "/resolution", "{\"as\": \"income\"}")
                        .statusCode())
                .isIn(400, 422);
        var browser =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        assertThat(browser.get("/app/takebacks/" + id).body()).contains("Book and close", "A penalty (8120)");

        assertThat(manager.json("POST", item + "/resolution", booking).statusCode())
                .isEqualTo(200);

        assertThat(browser.get("/app/takebacks/" + id).body())
                .contains("100.00 was booked by hand: a penalty. Filed late", "Take back")
                .doesNotContain("Book and close");
        assertThat(browser.get("/app/takebacks?status=all").body()).contains("booked by hand");
        browser.post("/app/takebacks/" + id + "/resolution/reversal", java.util.Map.of("reason", "Not ours"));
        assertThat(api(item).at("/takeback/open").toString()).contains("100");
    }

    private UUID receive(String trace, String paid, String claimPaid, @Nullable String adjustment) {
        return books.receive(EraText.of(
                        trace,
                        paid,
                        """
                        CLP*C1*1*%s*%s*0*12*PCN1*11*1
                        NM1*QC*1*DOE*JANE
                        """.formatted(claimPaid, claimPaid)
                                + (adjustment == null ? "" : "PLB*1234567893*20261231*" + adjustment + "\n")))
                .remittances()
                .getFirst()
                .id();
    }

    private String page(String path) {
        var answer = TestClient.browser(port)
                .signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD)
                .get(path);
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

package io.remitflow.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Lending authority on its page: who may, within which bounds, and who ends it. */
@BooksTest
class AbsencePagesIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    Delegations delegations;

    @LocalServerPort
    int port;

    TestHospital hospital;

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
        hospital.user(Role.BILLING_MANAGER);
        hospital.user(Role.CFO);
        hospital.user(Role.BILLING_CLERK);
    }

    @Test
    void aManagerLendsToTheCfoAndEitherOfThemEndsIt() {
        var manager = browser(Role.BILLING_MANAGER);
        assertThat(manager.get("/app/absence").body())
                .contains("Lend authority to approve", "Nobody stands in for anybody")
                .doesNotContain("Who is absent");

        assertThat(manager.post("/app/absence", lend(Role.CFO, 0, 6, "Annual leave"))
                        .statusCode())
                .isEqualTo(302);

        var cfo = browser(Role.CFO);
        assertThat(cfo.get("/app/absence").body()).contains("Annual leave", "Active", "End now");
        Delegation lent = only();
        assertThat(lent.delegator()).isEqualTo(hospital.user(Role.BILLING_MANAGER));
        assertThat(lent.delegate()).isEqualTo(hospital.user(Role.CFO));
        var clerk = browser(Role.BILLING_CLERK);
        assertThat(clerk.get("/app/absence").body()).doesNotContain("Annual leave", "Lend authority to approve");
        assertThat(clerk.post("/app/absence/" + lent.id() + "/end", Map.of()).statusCode())
                .isEqualTo(403);
        assertThat(only().endedAt()).isNull();

        cfo.post("/app/absence/" + lent.id() + "/end", Map.of());

        assertThat(only().endedAt()).isNotNull();
        assertThat(manager.get("/app/absence").body()).contains("Ended").doesNotContain("End now");
    }

    @Test
    void whatIsOutOfBoundsIsRefusedAndSaysWhy() {
        var manager = browser(Role.BILLING_MANAGER);
        manager.get("/app/absence");

        assertThat(manager.post("/app/absence", lend(Role.CFO, 0, 40, "Too long"))
                        .body())
                .contains("at most 31 days");
        assertThat(manager.post("/app/absence", lend(Role.CFO, 5, 2, "Backwards"))
                        .body())
                .contains("after it starts");
        assertThat(manager.post("/app/absence", lend(Role.CFO, 0, 2, " ")).body())
                .contains("Say why");
        assertThat(manager.post("/app/absence", lend(Role.BILLING_MANAGER, 0, 2, "To myself"))
                        .statusCode())
                .isBetween(400, 422);
        var fields = new HashMap<>(lend(Role.CFO, 0, 2, "As nobody"));
        fields.put("role", "emperor");
        assertThat(manager.post("/app/absence", fields).body()).contains("There is no such role");
        fields.put("role", Role.CFO.key());
        assertThat(manager.post("/app/absence", fields).statusCode())
                .as("a role that the person has not")
                .isBetween(400, 422);
        fields.remove("role");
        fields.put("first", "tomorrow");
        assertThat(manager.post("/app/absence", fields).statusCode()).isEqualTo(400);
        assertThat(all()).isEmpty();
    }

    @Test
    void whoeverHasNoAuthorityLendsNoneAndNobodyLendsThatOfOthersButAdministrators() {
        var clerk = browser(Role.BILLING_CLERK);
        clerk.get("/app/absence");
        assertThat(clerk.post("/app/absence", lend(Role.CFO, 0, 2, "Leave")).statusCode())
                .isBetween(400, 422);
        var others = new HashMap<>(lend(Role.CFO, 0, 2, "Ill"));
        others.put("from", hospital.user(Role.BILLING_MANAGER).value().toString());
        assertThat(clerk.post("/app/absence", others).statusCode()).isEqualTo(403);
        assertThat(all()).isEmpty();

        var admin = browser(Role.ORG_ADMIN);
        assertThat(admin.get("/app/absence").body()).contains("Who is absent");
        admin.post("/app/absence", others);

        assertThat(only().delegator()).isEqualTo(hospital.user(Role.BILLING_MANAGER));
    }

    private Map<String, String> lend(Role to, int first, int last, String reason) {
        LocalDate today = TestHospital.today();
        return Map.of(
                "to",
                hospital.user(to).value().toString(),
                "first",
                today.plusDays(first).toString(),
                "last",
                today.plusDays(last).toString(),
                "reason",
                reason);
    }

    private Delegation only() {
        assertThat(all()).hasSize(1);
        return all().getFirst();
    }

    private List<Delegation> all() {
        return hospital.call(delegations::all);
    }

    private TestClient browser(Role role) {
        return TestClient.browser(port).signIn(hospital.signInName(role), TestHospital.PASSWORD);
    }
}

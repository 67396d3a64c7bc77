package io.remitflow.ui;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Case F1: people go on working while somebody guesses passwords, from their own address even. */
@BooksTest
class SignInAttackIntegrationTests {

    private static final AtomicInteger NETWORK = new AtomicInteger();

    @Autowired
    ApplicationContext context;

    @LocalServerPort
    int port;

    TestHospital hospital;
    String victim;

    /** As behind a proxy that nobody named: of everybody in the house. */
    String shared;

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
        victim = hospital.signInName(Role.BILLING_CLERK);
        shared = "127.7.%d.1".formatted(NETWORK.incrementAndGet());
    }

    @Test
    void f1_whoeverSignedInHereBeforeSignsInWhileOthersGuessFromTheSameAddress() {
        var browser = TestClient.browserAt(shared, port).signIn(victim, TestHospital.PASSWORD);
        browser.get("/app/inbox");
        browser.post("/sign-out", Map.of());
        guessAtManyAccounts();
        guessAt(victim, 10);

        assertThat(browser.get("/app/inbox").statusCode()).isEqualTo(302);
        browser.signIn(victim, TestHospital.PASSWORD);
        assertThat(browser.get("/app/inbox").statusCode()).isEqualTo(200);
        assertThat(location(TestClient.browserAt(shared, port)
                        .trySignIn(hospital.signInName(Role.CFO), TestHospital.PASSWORD)))
                .as("somebody who was not here before waits")
                .isEqualTo("/sign-in?wait");
    }

    @Test
    void f1_aBrowserIsKnownInTheNameOfOnePersonOnly() {
        var browser = TestClient.browserAt(shared, port).signIn(victim, TestHospital.PASSWORD);
        browser.get("/app/inbox");
        browser.post("/sign-out", Map.of());
        String other = hospital.signInName(Role.CFO);

        for (int attempt = 0; attempt < 5; attempt++) {
            assertThat(location(browser.trySignIn(other, "wrong " + attempt))).isEqualTo("/sign-in?failed");
        }
        assertThat(location(browser.trySignIn(other, "wrong"))).isEqualTo("/sign-in?wait");
        browser.signIn(victim, TestHospital.PASSWORD);
    }

    @Test
    void f1_anApiClientWithTheRightPasswordGoesOnWhileOthersGuessFromTheSameAddress() {
        String admin = hospital.signInName(Role.ORG_ADMIN);
        var client = TestClient.apiAt(shared, port, admin, TestHospital.PASSWORD);
        assertThat(client.get("/billing/settings").statusCode()).isEqualTo(200);
        guessAtManyAccounts();
        guessAt(admin, 10);

        for (int request = 0; request < 20; request++) {
            assertThat(client.get("/billing/settings").statusCode()).isEqualTo(200);
        }
        assertThat(TestClient.apiAt(shared, port, hospital.signInName(Role.CFO), TestHospital.PASSWORD)
                        .get("/billing/settings")
                        .statusCode())
                .as("somebody who was not here before waits")
                .isEqualTo(429);
        assertThat(TestClient.apiAt("127.8.0.1", port, hospital.signInName(Role.CFO), TestHospital.PASSWORD)
                        .get("/billing/settings")
                        .statusCode())
                .as("elsewhere nobody waits")
                .isEqualTo(200);
    }

    @Test
    void f1_oneTryAtEachOfAThousandUsersIsThrottledAtItsSource() {
        var answers = guessAtManyAccounts();

        assertThat(answers).isEqualTo(Map.of(401, 50, 429, 950));
    }

    @Test
    void f1_guessesFromManySourcesDoNotReachAnAccountAndDoNotKeepItsPersonOut() {
        String home = shared;
        var api = TestClient.apiAt(home, port, hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);
        assertThat(api.get("/billing/settings").statusCode()).isEqualTo(200);
        var answers = new TreeMap<Integer, Integer>();
        for (int source = 1; source <= 60; source++) {
            var attacker = TestClient.browserAt("127.9.%d.%d".formatted(NETWORK.get(), source), port);
            answers.merge(guess(attacker, hospital.signInName(Role.ORG_ADMIN), "wrong"), 1, Integer::sum);
        }

        assertThat(answers).isEqualTo(Map.of(401, 30, 429, 30));
        assertThat(api.get("/billing/settings").statusCode()).isEqualTo(200);
        TestClient.browserAt(home, port).signIn(hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);
    }

    private TreeMap<Integer, Integer> guessAtManyAccounts() {
        var answers = new TreeMap<Integer, Integer>();
        var attacker = TestClient.browserAt(shared, port);
        for (int account = 0; account < 1_000; account++) {
            int answer = guess(attacker, "user%d@%s".formatted(account, hospital.code()), "wrong");
            answers.merge(answer, 1, Integer::sum);
        }
        return answers;
    }

    private void guessAt(String account, int times) {
        var attacker = TestClient.browserAt(shared, port);
        for (int attempt = 0; attempt < times; attempt++) {
            assertThat(guess(attacker, account, "wrong " + attempt)).isIn(401, 429);
        }
    }

    private static int guess(TestClient attacker, String account, String password) {
        String credentials = Base64.getEncoder().encodeToString((account + ":" + password).getBytes(UTF_8));
        return attacker.send(attacker.request("/billing/settings")
                        .header("Authorization", "Basic " + credentials)
                        .GET())
                .statusCode();
    }

    private static String location(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isIn(302, 303);
        return answer.headers().firstValue("Location").orElse("");
    }
}

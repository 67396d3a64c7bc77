package io.remitflow.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import io.remitflow.intake.IntakeFiles;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.test.annotation.DirtiesContext;

/** Case F2 with a clock that the test moves. */
@BooksTest
@Import(SessionEndIntegrationTests.Time.class)
@DirtiesContext
class SessionEndIntegrationTests {

    private static final Map<String, String> PERSON = Map.of(
            "username", "late", "displayName", "Too Late", "password", "long enough password", "role", "ANALYST");

    @Autowired
    ApplicationContext context;

    @Autowired
    Users users;

    @Autowired
    IntakeFiles files;

    @Autowired
    MovedClock clock;

    @LocalServerPort
    int port;

    TestHospital hospital;
    TestClient admin;

    @BeforeEach
    void signIn() {
        hospital = TestHospital.create(context);
        admin = TestClient.browser(port).signIn(hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);
        assertThat(admin.get("/app/users").statusCode()).isEqualTo(200);
    }

    @Test
    void f2_afterHalfAnHourWithoutARequestThePersonSignsInAgain() {
        clock.move(Duration.ofMinutes(29));
        assertThat(admin.get("/app/users").statusCode()).isEqualTo(200);

        clock.move(Duration.ofMinutes(31));
        assertThat(toSignIn(admin.get("/app/users"))).isTrue();
    }

    @Test
    void f2_afterTwelveHoursEvenABusySessionEnds() {
        for (int request = 0; request < 35; request++) {
            clock.move(Duration.ofMinutes(20));
            assertThat(admin.get("/app/password").statusCode()).isEqualTo(200);
        }

        clock.move(Duration.ofMinutes(21));
        assertThat(toSignIn(admin.get("/app/password"))).isTrue();
    }

    @Test
    void f2_aFormSentTooLateIsNotExecutedNorSentAgainAfterSignIn() {
        clock.move(Duration.ofMinutes(31));

        assertThat(toSignIn(admin.post("/app/users", PERSON))).isTrue();
        admin.signIn(hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);
        admin.get("/app");

        assertThat(hospital.call(users::all))
                .noneMatch(person -> person.username().equals("late"));
    }

    @Test
    void f2_aPartOfAPageIsToldToSignIn() {
        clock.move(Duration.ofMinutes(31));

        var answer = admin.send(
                admin.request("/app/users").header("HX-Request", "true").GET());

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("HX-Redirect")).hasValue("/sign-in?ended");
    }

    @Test
    void f2_aFileSentTooLateIsNotKept() {
        var clerk = TestClient.browser(port).signIn(hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        clerk.get("/app/remittances");
        clock.move(Duration.ofMinutes(31));

        var answer = clerk.send(clerk.request("/app/remittances")
                .header("Content-Type", "multipart/form-data; boundary=x")
                .POST(BodyPublishers.ofString("--x\r\nContent-Disposition: form-data; name=\"file\"; "
                        + "filename=\"late.835\"\r\n\r\nISA\r\n--x--\r\n")));

        assertThat(answer.statusCode()).isIn(302, 303, 401, 403);
        assertThat(hospital.call(() -> files.recent(10))).isEmpty();
    }

    private static boolean toSignIn(HttpResponse<String> answer) {
        return answer.statusCode() == 302
                && answer.headers().firstValue("Location").orElse("").startsWith("/sign-in");
    }

    @TestConfiguration
    static class Time {

        @Bean
        @Primary
        MovedClock movedClock() {
            return new MovedClock();
        }
    }

    /** Real time, and then some. */
    static class MovedClock extends Clock {

        private volatile Duration ahead = Duration.ZERO;

        void move(Duration by) {
            ahead = ahead.plus(by);
        }

        @Override
        public Instant instant() {
            return Instant.now().plus(ahead);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return Clock.fixed(instant(), zone);
        }
    }
}

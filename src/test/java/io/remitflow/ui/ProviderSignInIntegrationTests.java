package io.remitflow.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.local.BooksTest;
import io.remitflow.local.OidcStandIn;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** People sign in by an OpenID provider that speaks for some organizations and not for others. */
@BooksTest
@DirtiesContext
class ProviderSignInIntegrationTests {

    private static final String FIRST = "idp-first-" + ProcessHandle.current().pid();
    private static final String SECOND = "idp-second-" + ProcessHandle.current().pid();
    private static final OidcStandIn PROVIDER = OidcStandIn.start();

    @Autowired
    ApplicationContext context;

    @Autowired
    Users users;

    @LocalServerPort
    int port;

    TestHospital first;
    TestHospital stranger;

    @DynamicPropertySource
    static void registrations(DynamicPropertyRegistry properties) {
        for (String id : Set.of("staff", "directory", "forgotten")) {
            String registration = "spring.security.oauth2.client.registration." + id + ".";
            properties.add(registration + "client-id", () -> OidcStandIn.CLIENT);
            properties.add(registration + "client-secret", () -> OidcStandIn.SECRET);
            properties.add(registration + "client-name", () -> "Provider " + id);
            properties.add(registration + "scope", () -> "openid,profile,email");
            properties.add(registration + "provider", () -> "stand-in");
        }
        properties.add("spring.security.oauth2.client.provider.stand-in.issuer-uri", PROVIDER::issuer);
        properties.add("remitflow.sign-in.providers.staff.organizations", () -> FIRST + "," + SECOND);
        properties.add("remitflow.sign-in.providers.directory.organizations", () -> FIRST);
        properties.add("remitflow.sign-in.providers.directory.usernames", () -> "true");
    }

    @AfterAll
    static void stopProvider() {
        PROVIDER.close();
    }

    @BeforeEach
    void openHospitals() {
        first = TestHospital.named(context, FIRST);
        stranger = TestHospital.create(context);
    }

    @Test
    void aPersonWithoutAPasswordIsCreatedOnThePageAndSignsInByTheirVerifiedEmail() {
        var admin = TestClient.browser(port).signIn(first.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);
        admin.get("/app/users");
        admin.post(
                "/app/users",
                Map.of(
                        "username", "jane",
                        "displayName", "Jane of the directory",
                        "password", "",
                        "email", "Jane@Hospital.example",
                        "role", "org-admin"));
        assertThat(admin.get("/app/users").body()).contains("jane@hospital.example");

        var browser = TestClient.browser(port);
        assertThat(browser.get("/sign-in").body()).contains("Sign in with Provider staff");
        assertThat(location(signIn(browser, "staff", Map.of("email", "jane@hospital.example", "email_verified", true))))
                .isEqualTo("/app");

        assertThat(browser.get("/app/users").body()).contains("Jane of the directory");
        assertThat(location(TestClient.browser(port).trySignIn("jane@" + FIRST, "")))
                .as("no password is no empty password")
                .isEqualTo("/sign-in?failed");
    }

    @Test
    void anEmailThatTheProviderHasNotVerifiedIsRefused() {
        person(first, "ursula", "ursula@hospital.example");

        for (Map<String, Object> claims : List.<Map<String, Object>>of(
                Map.of("email", "ursula@hospital.example"),
                Map.of("email", "ursula@hospital.example", "email_verified", false))) {
            assertRefused("staff", claims);
        }
    }

    @Test
    void aPersonOfAnOrganizationThatTheProviderDoesNotSpeakForIsRefused() {
        person(stranger, "victor", "victor@elsewhere.example");

        assertRefused("staff", Map.of("email", "victor@elsewhere.example", "email_verified", true));
        assertRefused("directory", Map.of("preferred_username", "victor@" + stranger.code()));
        assertRefused("directory", Map.of("preferred_username", "victor"));
    }

    @Test
    void aUserNameCountsOnlyWhereTheProviderIsTrustedWithUserNames() {
        person(first, "wanda", null);

        assertRefused("staff", Map.of("preferred_username", "wanda"));
        assertRefused("staff", Map.of("preferred_username", "wanda@" + FIRST));
        var browser = TestClient.browser(port);
        assertThat(location(signIn(browser, "directory", Map.of("preferred_username", "wanda"))))
                .isEqualTo("/app");
        assertThat(browser.get("/app/inbox").statusCode()).isEqualTo(200);
    }

    @Test
    void anEmailThatTwoOrganizationsOfTheProviderHaveNamesNobody() {
        person(first, "xenia", "xenia@hospital.example");
        person(TestHospital.named(context, SECOND), "xenia", "xenia@hospital.example");

        assertRefused("staff", Map.of("email", "xenia@hospital.example", "email_verified", true));
        assertThat(location(signIn(
                        TestClient.browser(port),
                        "directory",
                        Map.of("email", "xenia@hospital.example", "email_verified", true))))
                .isEqualTo("/app");
    }

    @Test
    void someoneUnknownIsToldWhatToDo() {
        var browser = assertRefused("staff", Map.of("email", "nobody@hospital.example", "email_verified", true));

        assertThat(browser.get("/sign-in?unknown").body())
                .contains("Ask the administrator of your hospital to add you");
    }

    @Test
    void someoneDeactivatedIsRefused() {
        var yara = person(first, "yara", "yara@hospital.example");
        first.run(() -> users.deactivate(yara));

        assertRefused("staff", Map.of("email", "yara@hospital.example", "email_verified", true));
    }

    @Test
    void aProviderWithoutOrganizationsSignsInNobody() {
        person(first, "zoe", "zoe@hospital.example");

        assertRefused("forgotten", Map.of("email", "zoe@hospital.example", "email_verified", true));
    }

    @Test
    void aTokenThatAnotherKeySignedIsRefused() {
        person(first, "mallory", "mallory@hospital.example");
        PROVIDER.signWithAnotherKey(true);
        try {
            var browser = TestClient.browser(port);
            var answer = signIn(browser, "staff", Map.of("email", "mallory@hospital.example", "email_verified", true));
            assertThat(location(answer)).isEqualTo("/sign-in?provider");
            assertThat(browser.get("/sign-in?provider").body()).contains("identity provider failed");
            assertThat(location(browser.get("/app/inbox"))).isEqualTo("/sign-in");
        } finally {
            PROVIDER.signWithAnotherKey(false);
        }
    }

    private UserId person(TestHospital hospital, String username, @Nullable String email) {
        return hospital.call(() -> users.create(username, username, email, null, Set.of(Role.ORG_ADMIN)));
    }

    private TestClient assertRefused(String registration, Map<String, Object> claims) {
        var browser = TestClient.browser(port);
        assertThat(location(signIn(browser, registration, claims)))
                .as("%s with %s", registration, claims)
                .isEqualTo("/sign-in?unknown");
        assertThat(location(browser.get("/app/inbox"))).isEqualTo("/sign-in");
        return browser;
    }

    /** As a browser does: to the provider, where the person signs in, and back with a code. */
    private HttpResponse<String> signIn(TestClient browser, String registration, Map<String, Object> claims) {
        String asked = location(browser.get("/oauth2/authorization/" + registration));
        var back = URI.create(PROVIDER.authorize(asked, claims));
        assertThat(back.getPort()).isEqualTo(port);
        return browser.get(back.getRawPath() + "?" + back.getRawQuery());
    }

    private static String location(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isIn(302, 303);
        return answer.headers().firstValue("Location").orElse("");
    }
}

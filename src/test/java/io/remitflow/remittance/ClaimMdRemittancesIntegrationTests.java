package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.claims.ClaimMd;
import io.remitflow.claims.ClaimMdConnections;
import io.remitflow.claims.ClaimMdFeeds;
import io.remitflow.identity.Role;
import io.remitflow.intake.IntakeFiles;
import io.remitflow.local.BooksTest;
import io.remitflow.local.ClaimMdStandIn;
import io.remitflow.local.ClaimMdStandIn.Trouble;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Remittances that Claim.MD has for an organization. */
@BooksTest
class ClaimMdRemittancesIntegrationTests {

    static final String NUDGE_KEY = "0123456789abcdef";
    static final String BODY = """
            CLP*C1*1*100*100*0*12*PCN1*11*1
            NM1*QC*1*DOE*JANE
            """;

    @LocalServerPort
    int port;

    RemittanceBooks books;
    ClaimMdStandIn.Account account;

    @BeforeEach
    void connect(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "100.00");
        account = TestServices.claimMd().account(books.hospital.code());
        books.hospital.run(() -> books.bean(ClaimMdConnections.class).connect(books.hospital.code(), NUDGE_KEY));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void postsARemittanceWhateverFormTheAnswersTake(boolean xml) {
        if (xml) {
            account.speakXml();
        }
        String text = EraText.of("CM1", "100.00", BODY).text();
        account.era(7, text.substring(0, 200), text.substring(200));

        assertThat(poll()).isTrue();

        assertThat(books.balanceMinor("1050")).isEqualTo(10_000);
        assertThat(cursor()).isEqualTo(7);
        assertThat(books.queryAll("select source from intake_deliveries", String.class))
                .containsExactly("era-claimmd");
        byte[] kept = books.hospital.call(() -> {
            var files = books.bean(IntakeFiles.class);
            try (var bytes = files.open(files.recent(1).getFirst().id())) {
                return bytes.readAllBytes();
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertThat(new String(kept, java.nio.charset.StandardCharsets.UTF_8)).isEqualTo(text);
    }

    @Test
    void readsEveryPageAndEachRemittanceOnce() {
        for (int i = 1; i <= 130; i++) {
            account.era(i, "not a remittance %d".formatted(i));
        }
        account.era(131, EraText.of("CM2", "100.00", BODY).text());

        assertThat(poll()).isTrue();
        assertThat(poll()).isTrue();

        assertThat(account.calls("era835")).isEqualTo(131);
        assertThat(books.count("intake_files")).isEqualTo(131);
        assertThat(cursor()).isEqualTo(131);
        assertThat(books.balanceMinor("1050")).isEqualTo(10_000);
    }

    @Test
    void v4_2_killedBetweenTheStoredFileAndTheCursorItReadsAgainWithoutHarm() {
        String text = EraText.of("CM3", "100.00", BODY).text();
        account.era(9, text);
        // As the interrupted poll left it: the file is stored and posted, nothing is known of the cursor.
        books.hospital.run(() -> books.bean(Remittances.class)
                .receive("era-claimmd", "claimmd-9.835", new java.io.ByteArrayInputStream(text.getBytes())));
        assertThat(books.count("claims_claimmd_feeds")).isZero();

        assertThat(poll()).isTrue();

        assertThat(account.calls("era835")).isOne();
        assertThat(cursor()).isEqualTo(9);
        assertThat(books.count("intake_files")).isOne();
        assertThat(books.count("billing_remittances")).isOne();
        assertThat(books.balanceMinor("1050")).isEqualTo(10_000);
        assertThat(books.queryAll("select repeated from intake_deliveries order by id", Boolean.class))
                .containsExactly(false, true);
    }

    @Test
    void aReaderThatWasKilledIsFollowedByAnotherWhenItsLeaseHasEnded() {
        account.era(5, EraText.of("CM4", "100.00", BODY).text());
        execute("insert into claims_claimmd_feeds (org_id, feed, leased_until) select org_id, 'eras', "
                + "now() + interval '1 minute' from claims_claimmd_connections");

        assertThat(poll()).isFalse();
        assertThat(account.calls("eralist")).isZero();

        execute("update claims_claimmd_feeds set leased_until = now() - interval '1 second'");
        assertThat(poll()).isTrue();
        assertThat(cursor()).isEqualTo(5);
    }

    @Test
    void deliveredAgainUnderAnotherIdItChangesNothing() {
        account.era(1, EraText.of("CM5", "100.00", BODY).text());
        assertThat(poll()).isTrue();
        account.era(2, account(1));

        assertThat(poll()).isTrue();

        assertThat(cursor()).isEqualTo(2);
        assertThat(books.count("billing_remittances")).isOne();
        assertThat(books.balanceMinor("1050")).isEqualTo(10_000);
    }

    @Test
    void whatCannotBeFetchedHoldsTheCursorAndNotTheOthers() {
        account.era(1, "").era(2, EraText.of("CM6", "100.00", BODY).text());

        assertThat(poll()).isFalse();

        assertThat(books.balanceMinor("1050")).isEqualTo(10_000);
        assertThat(cursor()).isZero();
        assertThat(state().lastError()).contains("era835");

        account.era(
                1,
                EraText.of("CM7", "0.00", "CLP*C9*4*50*0*0*12*P9*11*1\nCAS*CO*29*50")
                        .text());
        leaveNoPause();
        assertThat(poll()).isTrue();
        assertThat(cursor()).isEqualTo(2);
        assertThat(state().lastError()).isNull();
        assertThat(account.calls("era835")).isEqualTo(3);
    }

    @Test
    void whatIsNeverDeliveredIsShownAndAPersonMayDoWithoutItSoThatTheCursorGoesOn() {
        account.era(1, "").era(2, EraText.of("CM20", "100.00", BODY).text());
        poll();
        leaveNoPause();
        poll();
        TestClient manager =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        String page = manager.get("/app/operations").body();
        assertThat(page).contains("CHK1", "era835 gave no file", "No payee identifier is registered");
        String doWithout = "/app/operations/claimmd-eras/1/do-without";
        assertThat(page).contains(doWithout);
        assertThat(books.query("select attempts from billing_claimmd_eras where era_id = 1", Integer.class))
                .isEqualTo(2);
        TestClient administrator =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);
        assertThat(administrator.get("/app/operations").body()).contains("CHK1").doesNotContain(doWithout);
        assertThat(administrator.post(doWithout, Map.of("reason", "Not needed")).statusCode())
                .isEqualTo(403);

        manager.post(doWithout, Map.of("reason", "The payer sent it on paper"));

        leaveNoPause();
        assertThat(poll()).isTrue();
        assertThat(cursor()).isEqualTo(2);
        assertThat(account.calls("era835")).as("it is not asked for again").isEqualTo(3);
        assertThat(manager.get("/app/operations").body()).doesNotContain("CHK1");
        assertThat(books.queryAll(
                        "select facts ->> 'reason' from audit_log where action = 'claimmd-era.given-up'", String.class))
                .containsExactly("The payer sent it on paper");
    }

    @Test
    void moreThanTwoHundredPagesAreNoFailureOfAllThatIsListed() {
        for (int i = 1; i <= 20_050; i++) {
            account.era(i, "");
        }

        ClaimMd.Listing listing =
                books.hospital.call(() -> books.bean(ClaimMd.class).erasAfter(0));

        assertThat(listing.eras()).hasSizeGreaterThan(19_000);
        assertThat(listing.complete())
                .as("the newest come first, so old ones are missing")
                .isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = Trouble.Kind.class,
            names = {"STATUS_500", "NO_ANSWER", "NONSENSE", "SLOW"})
    void aShortTroubleIsOvercomeByAskingAgain(Trouble.Kind kind) {
        account.era(3, EraText.of("CM8", "100.00", BODY).text());
        account.trouble("eralist", Trouble.of(kind, 2)).trouble("era835", Trouble.of(kind, 2));

        assertThat(poll()).isTrue();

        assertThat(books.balanceMinor("1050")).isEqualTo(10_000);
    }

    @Test
    void lastingTroubleIsShownAndFollowedByAPause() {
        account.era(3, EraText.of("CM9", "100.00", BODY).text());
        account.trouble("eralist", Trouble.of(Trouble.Kind.STATUS_500, 100));

        assertThat(poll()).isFalse();
        assertThat(poll()).isFalse();

        assertThat(account.calls("eralist")).isEqualTo(3);
        assertThat(state().failures()).isOne();
        assertThat(state().lastError()).isEqualTo("eralist: answered 500");
        assertThat(state().notBefore()).isNotNull();
    }

    @Test
    void tooManyRequestsAreNotRepeatedBeforeTheTimeThatClaimMdNames() {
        account.trouble("eralist", Trouble.of(Trouble.Kind.TOO_MANY, 1));

        assertThat(poll()).isFalse();

        assertThat(account.calls("eralist")).isOne();
        long seconds = books.query(
                "select round(extract(epoch from next_poll_at - last_polled_at)) from claims_claimmd_feeds",
                Long.class);
        assertThat(seconds).isBetween(115L, 125L);
    }

    @Test
    void anErrorIsShownByItsCodeAndNotByItsWords() {
        account.trouble("eralist", Trouble.of(Trouble.Kind.ERROR_DOCUMENT, 1));

        assertThat(poll()).isFalse();

        assertThat(state().lastError()).contains("401").doesNotContain("SECRET");
    }

    @Test
    void aWrongAccountKeyIsSaid() {
        books.hospital.run(() -> books.bean(ClaimMdConnections.class).connect("wrong", null));

        assertThat(poll()).isFalse();

        assertThat(state().lastError()).contains("invalid account key");
    }

    @Test
    void theAccountKeyIsNotReadableInTheDatabase() {
        byte[] stored = books.query("select account_key_encrypted from claims_claimmd_connections", byte[].class);

        assertThat(new String(stored, java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain(books.hospital.code());
    }

    @Test
    void aNudgeWithTheRightKeyMakesItPollNow() {
        account.era(4, EraText.of("CM10", "100.00", BODY).text());

        assertThat(nudge("a-wrong-key-0123456")).isEqualTo(404);
        assertThat(account.calls("eralist")).isZero();

        assertThat(nudge(NUDGE_KEY)).isEqualTo(200);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(cursor()).isEqualTo(4));
        assertThat(books.balanceMinor("1050")).isEqualTo(10_000);
    }

    private int nudge(String key) {
        return TestClient.browser(port)
                .json("POST", "/billing/claims/webhooks/claimmd/%s/%s".formatted(books.hospital.code(), key), "{}")
                .statusCode();
    }

    private boolean poll() {
        return books.bean(ClaimMdRemittances.class).poll(books.hospital.id());
    }

    private long cursor() {
        List<ClaimMdFeeds.State> states =
                books.hospital.call(() -> books.bean(ClaimMdFeeds.class).states());
        return states.stream()
                .filter(state -> state.feed().equals("eras"))
                .mapToLong(ClaimMdFeeds.State::cursor)
                .sum();
    }

    private ClaimMdFeeds.State state() {
        return books.hospital.call(() -> books.bean(ClaimMdFeeds.class).states().stream()
                .filter(state -> state.feed().equals("eras"))
                .findFirst()
                .orElseThrow());
    }

    private String account(long ignored) {
        return books.hospital.call(() -> {
            var files = books.bean(IntakeFiles.class);
            try (var bytes = files.open(files.recent(1).getFirst().id())) {
                return new String(bytes.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    private void leaveNoPause() {
        execute("update claims_claimmd_feeds set next_poll_at = null");
    }

    private void execute(String sql) {
        books.hospital.run(() -> books.bean(org.springframework.transaction.support.TransactionTemplate.class)
                .executeWithoutResult(status -> books.bean(org.springframework.jdbc.core.simple.JdbcClient.class)
                        .sql(sql)
                        .update()));
    }
}

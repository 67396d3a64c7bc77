package io.remitflow.remittance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.remitflow.identity.Role;
import io.remitflow.intake.InboxDirectories;
import io.remitflow.intake.IntakeFile;
import io.remitflow.local.BooksTest;
import io.remitflow.local.CardGatewayStandIn;
import io.remitflow.local.Invariants;
import io.remitflow.local.LocalSettings;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Files that carry what they should not, that come in crowds, or that nobody can ever process. */
@BooksTest
@ExtendWith(OutputCaptureExtension.class)
class HostileFilesIntegrationTests {

    private static final Duration SOON = Duration.ofSeconds(90);
    private static final String CARD = "4242424242424242";
    private static final String SOCIAL_SECURITY = "219-09-9999";

    private static final String BODY = """
            CLP*C1*1*100*80*20*12*PCN1*11*1
            CAS*PR*1*20
            NM1*QC*1*DOE*JANE
            """;

    @Autowired
    ApplicationContext context;

    @LocalServerPort
    int port;

    RemittanceBooks books;

    @BeforeEach
    void open() {
        books = new RemittanceBooks(context).claim("C1", "100.00");
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void d17_cardAndSocialSecurityNumbersOfAFileAreNeitherKeptInTheBooksNorLogged(CapturedOutput log) {
        String text = EraText.of("D17", "80.00", """
                        CLP*C1*1*100*80*20*12*PCN1*11*1
                        NM1*QC*1*DOE %2$s*JANE
                        NM1*TT*2*NEXT PLAN %1$s
                        PER*CX*PAID WITH %1$s
                        SVC*HC:99213*100*80
                        CAS*PR*1*20
                        REF*6R*%1$s
                        """.formatted(CARD, SOCIAL_SECURITY))
                .text()
                .replace("GREENLEAF HEALTH PLAN", "GREENLEAF %s".formatted(CARD))
                .replace("RIVERSIDE HOSPITAL", "RIVERSIDE %s".formatted(SOCIAL_SECURITY));

        var receipt = books.receive("remit %s.835".formatted(CARD), text.getBytes(UTF_8));
        var broken = books.receive(
                "broken.835",
                text.replace("CAS*PR*1*20", "CAS*PR*1*" + CARD + "x").getBytes(UTF_8));

        assertThat(receipt.remittances())
                .singleElement()
                .satisfies(part -> assertThat(part.state()).isEqualTo(RemittanceState.POSTED));
        assertThat(broken.file().state()).isEqualTo(IntakeFile.State.REJECTED);
        assertThat(books.query("select payer_name from billing_remittances", String.class))
                .isEqualTo("GREENLEAF [number removed]");
        for (String number : List.of(CARD, SOCIAL_SECURITY)) {
            assertThat(textColumnsThatHold(number)).as(number).isEmpty();
            assertThat(log.getAll()).doesNotContain(number);
        }
    }

    /** A tenth of the numbers of that form have the check digit of a card. */
    @Test
    void d17_ourClaimAndItsPaymentAreMatchedAlthoughTheirNumbersLookLikeCards() {
        String ours = "4520123456789018";
        String payers = "5111111111111118";
        String trace = "4111111111111111";
        books.claim(ours, "100.00");

        var receipt = books.receive(EraText.of(trace, "70.00", """
                CLP*%s*1*100*80*20*12*%s*11*1
                NM1*QC*1*DOE*JANE
                CAS*PR*1*20
                PLB*1234567893*20261231*WO:%s*10
                """.formatted(ours, payers, payers)));
        var again = books.receive(EraText.of(trace, "70.00", """
                CLP*%s*1*100*80*20*12*%s*11*1
                NM1*QC*1*DOE*JANE
                CAS*PR*1*20
                PLB*1234567893*20261231*WO:%s*10
                """.formatted(ours, payers, payers)));

        assertThat(receipt.remittances())
                .singleElement()
                .satisfies(part -> assertThat(part.state()).isEqualTo(RemittanceState.POSTED));
        assertThat(again.file().state()).as("known by its numbers").isEqualTo(IntakeFile.State.DUPLICATE);
        assertThat(books.query(
                        "select claim_control_number || ' ' || payer_claim_number || ' ' || treatment"
                                + " from billing_remittance_claims c join billing_remittances r on r.id = c.remittance_id"
                                + " where r.state = 'posted'",
                        String.class))
                .isEqualTo("%s %s posted".formatted(ours, payers));
        assertThat(books.query("select trace_number from billing_remittances where state = 'posted'", String.class))
                .isEqualTo(trace);
        assertThat(books.queryAll("select reference from billing_takebacks", String.class))
                .containsExactly(payers);
    }

    @Test
    void d17_aCardInAReferenceThatNamesNothingOfOursIsNotKeptAndItsClaimIsHeldWithTheReason(CapturedOutput log) {
        var file = EraText.of("D17-REFERENCES", "150.00", """
                        CLP*%1$s*1*100*80*20*12*%1$s*11*1
                        NM1*QC*1*DOE*JANE****MI*%1$s
                        MOA***%1$s
                        REF*1K*%1$s
                        SVC*HC:99213:%1$s*100*80*%1$s
                        CAS*PR*1*20
                        REF*6R*%1$s
                        LQ*HE*%1$s
                        CLP*C1*1*100*80*20*12*PCN1*11*1
                        CAS*PR*1*20
                        NM1*QC*1*DOE*JANE
                        PLB*1234567893*20261231*WO:%1$s*10
                        """.formatted(CARD));

        var receipt = books.receive(file);

        assertThat(receipt.remittances())
                .singleElement()
                .satisfies(part -> assertThat(part.state()).isEqualTo(RemittanceState.POSTED));
        assertThat(books.query(
                        "select reason from billing_remittance_claims where treatment = 'unidentified'", String.class))
                .contains("[number ending 4242]", "looks like the number of a card");
        assertThat(books.query(
                        "select claim_control_number from billing_remittance_claims where treatment = 'posted'",
                        String.class))
                .isEqualTo("C1");
        assertThat(books.queryAll("select reference from billing_takebacks", String.class))
                .containsExactly("[number ending 4242]");
        assertThat(textColumnsThatHold(CARD)).isEmpty();
        assertThat(log.getAll()).doesNotContain(CARD);
        var clerk =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(clerk.get("/app/held-claims").body())
                .contains("[number ending 4242]")
                .doesNotContain(CARD);
    }

    @Test
    void d18_whatASenderWritesIntoControlHeadersDecidesNothing(@TempDir Path directory) throws Exception {
        var camel = context.getBean(CamelContext.class);
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:stranger")
                        .routeId("stranger")
                        .routeConfigurationId("inbound")
                        .to("file:%s?fileName=kept.txt".formatted(directory.resolve("in")));
            }
        });
        try (var sender = camel.createProducerTemplate()) {
            sender.sendBodyAndHeaders(
                    "direct:stranger",
                    "content",
                    Map.of(
                            "CamelFileName", "../outside.txt",
                            "cAmElOverruleFileName", "../outside.txt",
                            "CamelExecCommandExecutable", "/bin/true",
                            "CamelHttpUri", "http://127.0.0.1:1/",
                            "org.apache.camel.FileName", "../outside.txt",
                            "Content-Type", "text/plain"));
        } finally {
            camel.getRouteController().stopRoute("stranger");
            camel.removeRoute("stranger");
        }

        assertThat(directory.resolve("in")).isDirectoryContaining("glob:**/kept.txt");
        assertThat(directory.resolve("outside.txt")).doesNotExist();
    }

    @Test
    void d19_fortySmallFilesAtOnceArePostedOnceEachWhileWebhooksAreAnswered() throws Exception {
        postCrowd(40, Duration.ofMinutes(3));
    }

    @Test
    @Tag("chaos")
    void d19_fiveThousandSmallFilesAtOnceArePostedOnceEachWhileWebhooksAreAnswered() throws Exception {
        postCrowd(5_000, Duration.ofMinutes(40));
    }

    @Test
    void d21_aFileThatCanNeverBeProcessedIsPutAsideAndTheOthersGoOn() throws IOException {
        Path inbox = inbox();
        byte[] poison = EraText.of("D21-POISON", "80.00", BODY).bytes();
        superuser("""
                create function poison() returns trigger language plpgsql as $$
                begin
                    raise exception 'poison';
                end $$
                """);
        superuser("""
                create trigger poison before insert on billing_remittances
                for each row when (new.trace_number = 'D21-POISON') execute function poison()
                """);
        try {
            drop(inbox, "poison.835", poison);
            drop(inbox, "fine.835", EraText.of("D21-FINE", "80.00", BODY).bytes());

            await().atMost(SOON).until(() -> fileState("fine.835").equals(List.of("accepted")));
            await().atMost(SOON).until(() -> fileState("poison.835").equals(List.of("parked")));
            await().atMost(SOON).until(() -> !Files.exists(inbox.resolve("poison.835")));
        } finally {
            superuser("drop trigger poison on billing_remittances");
            superuser("drop function poison");
        }
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
        try (var rejected = Files.list(inbox.resolve("rejected"))) {
            assertThat(rejected.filter(file -> file.toString().endsWith(".reason.txt")))
                    .singleElement()
                    .satisfies(reason -> assertThat(Files.readString(reason)).contains("poison.835", "5 times"));
        }
        var browser = TestClient.browser(port).signIn(books.hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);
        assertThat(browser.get("/app/operations").body()).contains("poison.835", "Parked", "Process again");
        String id = books.query("select id::text from intake_files where original_name = 'poison.835'", String.class);

        assertThat(browser.post("/app/operations/files/%s/retry".formatted(id), Map.of())
                        .statusCode())
                .isEqualTo(302);
        var receipt = books.receive("poison.835", poison);

        assertThat(receipt.file().state()).isEqualTo(IntakeFile.State.ACCEPTED);
        assertThat(books.balanceMinor("1050")).isEqualTo(16_000);
        assertThat(browser.post("/app/operations/files/%s/retry".formatted(id), Map.of())
                        .statusCode())
                .as("accepted meanwhile")
                .isNotEqualTo(200);
        assertThat(fileState("poison.835")).containsExactly("accepted");
    }

    private void postCrowd(int files, Duration patience) throws Exception {
        Path inbox = inbox();
        List<Path> arriving = new ArrayList<>();
        for (int i = 0; i < files; i++) {
            Path file = inbox.resolveSibling("crowd-%d.arriving".formatted(i));
            Files.write(file, EraText.of("D19-" + i, "80.00", BODY).bytes());
            Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(120)));
            arriving.add(file);
        }
        Instant begun = Instant.now();
        for (int i = 0; i < files; i++) {
            Files.move(arriving.get(i), inbox.resolve("crowd-%d.835".formatted(i)));
        }

        var pool = context.getBean(HikariDataSource.class);
        var answers = new ArrayList<Duration>();
        int most = 0;
        while (accepted() < files && Instant.now().isBefore(begun.plus(patience))) {
            answers.add(webhook("evt_" + answers.size()));
            most = Math.max(most, pool.getHikariPoolMXBean().getActiveConnections());
            Thread.sleep(100);
        }

        assertThat(accepted()).isEqualTo(files);
        await().atMost(SOON).until(() -> {
            try (var left = Files.newDirectoryStream(inbox, "*.835")) {
                return !left.iterator().hasNext();
            }
        });
        assertThat(books.query(
                        "select count(*) from billing_remittances where state = 'posted' and trace_number like 'D19-%'",
                        Long.class))
                .isEqualTo(files);
        assertThat(books.query("select count(distinct trace_number) from billing_remittances", Long.class))
                .isEqualTo(files);
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000L * files);
        assertThat(answers).hasSizeGreaterThan(5);
        assertThat(answers.stream().sorted().toList().get(answers.size() * 95 / 100))
                .as("how long 95 of 100 webhooks wait")
                .isLessThan(Duration.ofSeconds(2));
        assertThat(books.query("select count(*) from payments_gateway_events", Long.class))
                .isEqualTo(answers.size());
        assertThat(most).as("connections at work").isLessThanOrEqualTo(pool.getMaximumPoolSize() / 2);
        System.out.printf(
                "%d files posted in %d s, %d webhooks answered meanwhile, the slowest in %d ms%n",
                files,
                Duration.between(begun, Instant.now()).toSeconds(),
                answers.size(),
                answers.stream().max(Duration::compareTo).orElseThrow().toMillis());
    }

    private Duration webhook(String id) {
        String body = """
                {"id": "%s", "type": "refund.updated", "livemode": false,
                 "data": {"object": {"id": "re_1", "idempotency_key": "refund-unknown-1"}}}
                """.formatted(id);
        var client = TestClient.browser(port);
        Instant asked = Instant.now();
        var answer = client.send(client.request("/billing/payments/webhooks/sandbox/" + books.hospital.code())
                .header("Content-Type", "application/json")
                .header(
                        "Gateway-Signature",
                        CardGatewayStandIn.signature(
                                body, Instant.now().getEpochSecond(), LocalSettings.GATEWAY_WEBHOOK_SECRET))
                .POST(BodyPublishers.ofString(body)));
        assertThat(answer.statusCode()).isEqualTo(200);
        return Duration.between(asked, Instant.now());
    }

    private long accepted() {
        return books.query("select count(*) from intake_files where state = 'accepted'", Long.class);
    }

    private Path inbox() {
        return books.hospital.call(() -> context.getBean(InboxDirectories.class).forRemittances());
    }

    private List<String> fileState(String name) {
        return books.queryAll(
                "select state from intake_files where original_name = '%s'".formatted(name), String.class);
    }

    private static void drop(Path inbox, String name, byte[] content) throws IOException {
        Path arriving = inbox.resolveSibling(name + ".arriving");
        Files.write(arriving, content);
        Files.setLastModifiedTime(arriving, FileTime.from(Instant.now().minusSeconds(120)));
        Files.move(arriving, inbox.resolve(name));
    }

    /** Of all tables, in rows of this hospital. */
    private List<String> textColumnsThatHold(String number) {
        var database = JdbcClient.create(TestServices.postgres().superuser());
        List<String> columns = database.sql("""
                        select format('select count(*) from %I where org_id = :org and %I::text like :number',
                                      c.relname, a.attname)
                        from pg_class c
                        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                        where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
                          and a.atttypid in ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'jsonb'::regtype,
                                             'text[]'::regtype)
                          and exists (select from pg_attribute o where o.attrelid = c.oid and o.attname = 'org_id')
                        """).query(String.class).list();
        assertThat(columns).hasSizeGreaterThan(100);
        return columns.stream()
                .filter(query -> database.sql(query)
                                .param("org", books.hospital.id().value())
                                .param("number", "%" + number + "%")
                                .query(Long.class)
                                .single()
                        > 0)
                .toList();
    }

    private static void superuser(String sql) {
        JdbcClient.create(TestServices.postgres().superuser()).sql(sql).update();
    }
}

package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.checks.PacketPdf;
import io.remitflow.identity.Role;
import io.remitflow.local.CardGatewayStandIn.Behaviour;
import io.remitflow.local.CrashSite.Paid;
import io.remitflow.local.CrashSite.Plan;
import io.remitflow.remittance.feed.Era835Generator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that end without a goodbye, in the middle of their work: after the restart everything that was confirmed is
 * there, everything that was begun comes to its end, and nothing has happened twice.
 */
class CrashIntegrationTests {

    private static final Duration SOON = Duration.ofSeconds(90);
    private static final Duration SOON_FOR_ALL = Duration.ofMinutes(8);
    private static final int RUNNING_REFUNDS = 100;
    private static final int SMALL_BURST = 50;
    private static final int BURST = 500;
    private static final int CLIENTS = 4;
    private static final int MANY_CLAIMS = 20_000;

    private static final String FACILITY = "The Enclave at Rye";

    private static CrashSite site;

    @TempDir
    private static Path files;

    @BeforeAll
    static void build() throws IOException {
        try (var out = Files.newOutputStream(large())) {
            Era835Generator.of(20_000, MANY_CLAIMS, 1).writeTo(out);
        }
        site = new CrashSite(Plan.smallPayments(RUNNING_REFUNDS + SMALL_BURST + BURST + 10)
                .withClaims("A11-1", "A11-2", "A11-3")
                .withBilledClaimsOf(large())
                .withChecksFrom(FACILITY));
    }

    private static Path large() {
        return files.resolve("large.835");
    }

    @AfterAll
    static void leave() {
        if (site != null) {
            site.close();
        }
    }

    @BeforeEach
    void everythingRuns() {
        site.up();
    }

    @AfterEach
    void theInvariantsHold() {
        site.toEngine.heal();
        site.up();
        site.invariantsHold();
    }

    @Test
    void a1_entriesOfEightClientsArePostedOnceAlthoughTheApplicationIsKilled() throws Exception {
        killWhilePosting("a1", 120, 60);
    }

    @Test
    @Tag("chaos")
    void a1_tenThousandEntriesOfEightClientsArePostedOnceAlthoughTheApplicationIsKilled() throws Exception {
        killWhilePosting("a1-many", 10_000, 5_000);
    }

    /** At a moment nobody chose, after some of the entries were confirmed. */
    private static void killWhilePosting(String name, int entries, int atMost) throws Exception {
        var load = JournalLoad.start(name, entries, () -> site.as(Role.ACCOUNTING_STAFF));
        load.awaitAnswers(ThreadLocalRandom.current().nextInt(20, atMost));
        Processes.pause(Duration.ofMillis(ThreadLocalRandom.current().nextInt(100)));
        site.application.kill();
        int confirmed = load.answered().size();
        site.application.start();
        load.await(SOON_FOR_ALL);

        assertThat(confirmed).isBetween(20, entries - 1);
        assertPostedOnce(load);
    }

    @Test
    void a2_aRefundBookedByTheGatewayBeforeTheKillIsFoundAgainAndNotSentTwice() {
        Paid paid = site.nextPayment();
        site.gateway.answerSlowlyAfter(Duration.ofSeconds(5));
        site.gateway.behave(paid.transaction(), Behaviour.ANSWER_SLOWLY);
        UUID refund = request(paid);
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> site.gateway.refundsOf(paid.transaction()).size() == 1);
        site.application.kill();
        assertThat(attemptStates(refund)).containsExactly("intended");

        site.application.start();

        awaitCompleted(refund, paid);
    }

    @Test
    void a3_aJobDoneInTheBooksButNotInTheEngineIsGivenOutAgainWithoutASecondEffect() throws Exception {
        Paid paid = site.nextPayment();
        UUID refund;
        try (Connection blocker = blockPostings()) {
            refund = request(paid);
            awaitBlockedPosting();
            // The posting goes on, but what the application tells the engine from now on is lost.
            site.toEngine.loseRequests();
            blocker.rollback();
        }
        await().atMost(SOON).until(() -> status(refund).equals("completed"));
        Processes.pause(Duration.ofMillis(300));
        site.application.kill();
        assertThat(site.toEngine.lostBytes()).isPositive();
        assertThat(site.isLive(instance(refund))).isTrue();
        site.toEngine.heal();

        site.application.start();

        await().atMost(SOON).until(() -> !site.isLive(instance(refund)));
        awaitCompleted(refund, paid);
    }

    @Test
    void a4_runningRefundsReachTheirEndOnceAlthoughTheBrokerIsKilled() throws Exception {
        Map<UUID, Paid> refunds = request(RUNNING_REFUNDS);
        await().atMost(SOON).until(() -> completed(refunds) >= 5);
        site.broker.kill();
        assertThat(completed(refunds)).isLessThan(RUNNING_REFUNDS);

        assertThatPagesAnswer();

        site.broker.start();
        site.broker.awaitHealthy();
        awaitCompleted(refunds);
    }

    @Test
    void a15_refundsRequestedWhileTheBrokerIsDownAllArriveOnce() throws Exception {
        requestWhileTheBrokerIsDown(SMALL_BURST);
    }

    @Test
    @Tag("chaos")
    void a15_h3_fiveHundredRefundsRequestedWhileTheBrokerIsDownAllArriveOnce() throws Exception {
        requestWhileTheBrokerIsDown(BURST);
    }

    private static void requestWhileTheBrokerIsDown(int count) throws Exception {
        site.application.kill();
        site.broker.kill();
        site.application.start();

        Map<UUID, Paid> refunds = request(count);
        assertThatPagesAnswer();
        assertThat(completed(refunds)).isZero();

        site.broker.start();
        site.broker.awaitHealthy();
        awaitCompleted(refunds);
    }

    @Test
    void a7_noConfirmedEntryIsLostWhenPostgresIsKilled() throws Exception {
        var load = JournalLoad.start("a7", 120, () -> site.as(Role.ACCOUNTING_STAFF));
        load.awaitAnswers(ThreadLocalRandom.current().nextInt(20, 60));
        site.killPostgres();
        var confirmed = load.answered();
        site.restartPostgres();

        assertThat(confirmed).hasSizeBetween(20, 119);
        assertThat(confirmed).allSatisfy((key, id) -> assertThat(entriesOf(key)).containsExactly(id));
        load.await(SOON);
        assertPostedOnce(load);
    }

    @Test
    void a11_aFileWhosePostingIsDoneButWhoseMoveIsNotIsMovedLaterAndPostedOnce() throws Exception {
        // A file in the place of the directory: the posting succeeds, the move cannot.
        Path obstacle = Files.writeString(site.inbox().resolve("archive"), "");
        drop("a11.835", era("A11T1", "A11-1"));
        await().atMost(SOON).until(() -> fileStates("a11.835").equals(List.of("accepted")));
        site.application.kill();
        assertThat(site.inbox().resolve("a11.835")).exists();
        Files.delete(obstacle);

        site.application.start();

        await().atMost(SOON).until(() -> !Files.exists(site.inbox().resolve("a11.835")));
        assertThat(site.inbox().resolve("archive")).isDirectoryContaining(file -> true);
        assertThat(fileStates("a11.835")).containsExactly("accepted");
        assertThat(postings("A11T1")).containsExactly("posted");
    }

    @Test
    void a11_aRemittanceKilledInTheMiddleOfItsPostingIsPostedOnceAfterwards() throws Exception {
        try (Connection blocker = blockPostings()) {
            drop("half.835", era("A11T2", "A11-2", "A11-3"));
            awaitBlockedPosting();
            site.application.kill();
            blocker.rollback();
        }
        await().atMost(SOON).until(() -> blockedPostings() == 0);
        assertThat(postings("A11T2")).isEmpty();
        assertThat(fileStates("half.835")).containsExactly("received");
        Invariants.of(site.postgres().superuser()).hold();

        site.application.start();

        await().atMost(SOON).until(() -> fileStates("half.835").equals(List.of("accepted")));
        await().atMost(SOON).until(() -> !Files.exists(site.inbox().resolve("half.835")));
        assertThat(postings("A11T2")).containsExactly("posted");
    }

    @Test
    void a1_aCheckWhoseConfirmationIsKilledIsNotBookedAndIsConfirmedOnceAfterwards() throws Exception {
        Path arriving = site.inbox("checks").resolveSibling("packet.pdf.arriving");
        LocalDate today = TestHospital.today();
        Files.write(
                arriving,
                PacketPdf.from(FACILITY)
                        .to("Hospital")
                        .check("1211", today, FACILITY, "100.00", "One hundred and 00/100")
                        .digital());
        Files.setLastModifiedTime(arriving, FileTime.from(Instant.now().minusSeconds(120)));
        Files.move(arriving, site.inbox("checks").resolve("packet.pdf"));
        await().atMost(SOON).until(() -> checkStates().equals(List.of("needs_review")));
        UUID check = site.books()
                .sql("select id from check_payments")
                .query(UUID.class)
                .single();

        try (Connection blocker = blockPostings()) {
            Thread confirming = Thread.ofPlatform().daemon().start(() -> {
                try {
                    confirm(check);
                } catch (RuntimeException e) {
                    // The application is gone.
                }
            });
            awaitBlockedPosting();
            site.application.kill();
            blocker.rollback();
            confirming.join(SOON);
        }
        await().atMost(SOON).until(() -> blockedPostings() == 0);
        assertThat(checkStates()).containsExactly("needs_review");
        assertThat(bookedOf(check)).isEqualTo("0 entries, 0 payments, sent");
        Invariants.of(site.postgres().superuser()).hold();

        site.application.start();
        assertThat(confirm(check)).isEqualTo(200);

        assertThat(checkStates()).containsExactly("confirmed");
        assertThat(bookedOf(check)).isEqualTo("1 entries, 1 payments, paid");
        assertThat(confirm(check)).as("once").isEqualTo(409);
        assertThat(bookedOf(check)).isEqualTo("1 entries, 1 payments, paid");
    }

    private static int confirm(UUID check) {
        TestClient manager = site.as(Role.BILLING_MANAGER);
        String seen = manager.get("/billing/checks/%s/preview".formatted(check))
                .body()
                .replaceAll(".*\"seen\":\"([^\"]*)\".*", "$1");
        return manager.json("POST", "/billing/checks/%s/confirmation".formatted(check), """
                        {"version": 1, "seen": "%s", "acknowledged": true}""".formatted(seen))
                .statusCode();
    }

    private static List<String> checkStates() {
        return site.books()
                .sql("select status from check_payments")
                .query(String.class)
                .list();
    }

    private static String bookedOf(UUID check) {
        return site.books()
                .sql("""
                        select (select count(*) from accounting_journal_entries where source_key = 'check:' || :check)
                            || ' entries, '
                            || (select count(distinct payment_id) from check_payment_applications where check_id = :check::uuid)
                            || ' payments, '
                            || (select string_agg(status, ' ') from billing_invoices)
                        """)
                .param("check", check.toString())
                .query(String.class)
                .single();
    }

    @Test
    void a1_aFileOfTwentyThousandClaimsIsPostedAsAWholeOrNotAtAllWhereverThePostingIsKilled() throws Exception {
        Path arriving = site.inbox().resolveSibling("large.835.arriving");
        Files.copy(large(), arriving);
        arrive(arriving, "large.835");
        await().atMost(SOON).pollInterval(Duration.ofMillis(20)).until(() -> writers("billing_remittance_claims") > 0);
        Processes.pause(Duration.ofMillis(ThreadLocalRandom.current().nextInt(3_000)));
        site.application.kill();
        await().atMost(SOON).until(() -> writers("billing_remittance_claims") == 0);

        assertThat(claimsOf("large.835")).isIn(0L, (long) MANY_CLAIMS);
        assertThat(answersOf("large.835")).isEqualTo(claimsOf("large.835"));
        assertThat(fileStates("large.835")).containsExactly("received");
        Invariants.of(site.postgres().superuser()).hold();

        site.application.start();

        await().atMost(SOON_FOR_ALL).until(() -> fileStates("large.835").equals(List.of("accepted")));
        await().atMost(SOON).until(() -> !Files.exists(site.inbox().resolve("large.835")));
        assertThat(claimsOf("large.835")).isEqualTo(MANY_CLAIMS);
        assertThat(answersOf("large.835"))
                .as("claims with what they did to their accounts")
                .isEqualTo(MANY_CLAIMS);
        assertThat(site.books().sql("""
                        select count(*) from billing_remittances r
                        join accounting_journal_entries e on e.org_id = r.org_id and e.id = r.journal_entry_id
                        join intake_files f on f.org_id = r.org_id and f.id = r.file_id
                        where f.original_name = 'large.835' and r.state = 'posted'
                        """).query(Long.class).single()).isOne();
    }

    /** Claims of the file that were answered exactly once and moved their patient account. */
    private static long answersOf(String fileName) {
        return site.books().sql("""
                        select count(*) from billing_remittance_claims c
                        join billing_remittances r on r.org_id = c.org_id and r.id = c.remittance_id
                        join intake_files f on f.org_id = r.org_id and f.id = r.file_id
                        where f.original_name = :name and c.treatment = 'posted'
                          and (select count(*) from billing_claim_responses a
                               where a.org_id = c.org_id and a.claim_id = c.claim_id) = 1
                          and exists (select from billing_patient_transactions t
                                      where t.org_id = c.org_id and t.account_id = c.account_id
                                        and t.source_key like 'remittance:' || r.id || ':%')
                        """).param("name", fileName).query(Long.class).single();
    }

    private static void assertPostedOnce(JournalLoad load) {
        assertThat(load.refused()).isEmpty();
        assertThat(load.answered()).containsOnlyKeys(load.keys());
        assertThat(load.answered())
                .allSatisfy((key, id) -> assertThat(entriesOf(key)).containsExactly(id));
    }

    private static List<UUID> entriesOf(String key) {
        return site.books()
                .sql("select id from accounting_journal_entries where description = :key")
                .param("key", key)
                .query(UUID.class)
                .list();
    }

    /** By a few clients at once. */
    private static Map<UUID, Paid> request(int count) throws InterruptedException {
        var waiting = new ConcurrentLinkedQueue<Paid>();
        for (int i = 0; i < count; i++) {
            waiting.add(site.nextPayment());
        }
        var refunds = new ConcurrentHashMap<UUID, Paid>();
        var clients = new ArrayList<Thread>();
        for (int i = 0; i < CLIENTS; i++) {
            TestClient clerk = site.as(Role.BILLING_CLERK);
            clients.add(Thread.ofPlatform().daemon().start(() -> {
                for (Paid paid = waiting.poll(); paid != null; paid = waiting.poll()) {
                    refunds.put(site.request(clerk, paid), paid);
                }
            }));
        }
        for (Thread client : clients) {
            client.join(SOON_FOR_ALL);
        }
        assertThat(refunds).hasSize(count);
        return refunds;
    }

    private static UUID request(Paid paid) {
        return site.request(site.as(Role.BILLING_CLERK), paid);
    }

    private static void awaitCompleted(UUID refund, Paid paid) {
        awaitCompleted(Map.of(refund, paid));
    }

    /** Each is completed, its process has ended, and money and books moved exactly once. */
    private static void awaitCompleted(Map<UUID, Paid> refunds) {
        await().atMost(SOON_FOR_ALL).until(() -> completed(refunds) == refunds.size());
        var live = new HashSet<>(site.books()
                .sql("select process_instance_key from workflow_process_instances where business_key in (:ids)")
                .param("ids", refunds.keySet().stream().map(UUID::toString).toList())
                .query(Long.class)
                .list());
        assertThat(live).hasSameSizeAs(refunds.keySet());
        await().atMost(SOON_FOR_ALL).until(() -> live.removeIf(instance -> !site.isLive(instance)) && live.isEmpty());
        assertThat(site.books()
                        .sql("""
                        select r.id::text
                        from billing_refunds r
                        where r.id in (:ids)
                          and ((select array_agg(a.state) from refund_gateway_attempts a where a.refund_id = r.id)
                               is distinct from array['succeeded']
                            or (select count(*) from accounting_journal_entries e
                                where e.source_key like '%' || r.id || '%') <> 1)
                        """)
                        .param("ids", refunds.keySet())
                        .query(String.class)
                        .list())
                .as("sent or posted more or less than once")
                .isEmpty();
        assertThat(refunds.values())
                .allSatisfy(paid ->
                        assertThat(site.gateway.refundsOf(paid.transaction())).hasSize(1));
    }

    private static String status(UUID refund) {
        return site.books()
                .sql("select status from billing_refunds where id = :id")
                .param("id", refund)
                .query(String.class)
                .single();
    }

    private static long completed(Map<UUID, Paid> refunds) {
        return site.books()
                .sql("select count(*) from billing_refunds where status = 'completed' and id in (:ids)")
                .param("ids", refunds.keySet())
                .query(Long.class)
                .single();
    }

    private static List<String> attemptStates(UUID refund) {
        return site.books()
                .sql("select state from refund_gateway_attempts where refund_id = :id")
                .param("id", refund)
                .query(String.class)
                .list();
    }

    private static long instance(UUID refund) {
        return site.books()
                .sql("select process_instance_key from workflow_process_instances where business_key = :id")
                .param("id", refund.toString())
                .query(Long.class)
                .single();
    }

    private static void assertThatPagesAnswer() {
        var browser = TestClient.browser(site.application.port())
                .signIn(site.hospital().signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        for (String page : List.of("/app", "/app/inbox", "/app/refunds", "/app/operations")) {
            assertThat(browser.get(page).statusCode()).as(page).isEqualTo(200);
        }
        assertThat(browser.get("/app/inbox").body()).contains("does not answer");
    }

    /** Every posting that begins from now on waits until the connection is rolled back. */
    private static Connection blockPostings() throws SQLException {
        Connection blocker = site.postgres().superuser().getConnection();
        blocker.setAutoCommit(false);
        try (var statement = blocker.createStatement()) {
            statement.execute("lock table accounting_journal_keys in share row exclusive mode");
        }
        return blocker;
    }

    private static void awaitBlockedPosting() {
        await().atMost(SOON).pollInterval(Duration.ofMillis(20)).until(() -> blockedPostings() > 0);
    }

    private static long blockedPostings() {
        return site.books()
                .sql(
                        "select count(*) from pg_locks where relation = 'accounting_journal_keys'::regclass and not granted")
                .query(Long.class)
                .single();
    }

    private static List<String> fileStates(String name) {
        return site.books()
                .sql("select state from intake_files where original_name = :name")
                .param("name", name)
                .query(String.class)
                .list();
    }

    /** The states of the remittances with that trace number whose entry is in the journal. */
    private static List<String> postings(String trace) {
        return site.books().sql("""
                        select r.state from billing_remittances r
                        left join accounting_journal_entries e on e.org_id = r.org_id and e.id = r.journal_entry_id
                        where r.trace_number = :trace and (r.journal_entry_id is null or e.id is not null)
                        """).param("trace", trace).query(String.class).list();
    }

    private static void drop(String name, String text) throws IOException {
        Path arriving = site.inbox().resolveSibling(name + ".arriving");
        Files.writeString(arriving, text, StandardCharsets.US_ASCII);
        arrive(arriving, name);
    }

    private static void arrive(Path arriving, String name) throws IOException {
        Files.setLastModifiedTime(arriving, FileTime.from(Instant.now().minusSeconds(120)));
        Files.move(arriving, site.inbox().resolve(name));
    }

    private static long claimsOf(String file) {
        return site.books().sql("""
                        select count(*) from billing_remittance_claims c
                        join billing_remittances r on r.org_id = c.org_id and r.id = c.remittance_id
                        join intake_files f on f.org_id = r.org_id and f.id = r.file_id
                        where f.original_name = :name
                        """).param("name", file).query(Long.class).single();
    }

    /** Transactions that have written to the table and not ended yet. */
    private static long writers(String table) {
        return site.books()
                .sql("select count(*) from pg_locks where relation = :table::regclass and mode = 'RowExclusiveLock'")
                .param("table", table)
                .query(Long.class)
                .single();
    }

    /** Every claim was charged 100.00 and is paid in full. */
    private static String era(String trace, String... claims) {
        var segments = new ArrayList<String>();
        segments.add("ST*835*0001");
        segments.add("BPR*I*%d*C*ACH*CCP*01*999999992*DA*123456*1512345678**01*999988880*DA*98765*20261115"
                .formatted(100 * claims.length));
        segments.add("TRN*1*%s*%s".formatted(trace, CrashSite.PAYER));
        segments.add("DTM*405*20261114");
        segments.add("N1*PR*GREENLEAF HEALTH PLAN*XV*12345");
        segments.add("N3*100 MAIN STREET");
        segments.add("N4*ALBANY*NY*12201");
        segments.add("N1*PE*RIVERSIDE HOSPITAL*XX*1234567893");
        segments.add("LX*1");
        for (String claim : claims) {
            segments.add("CLP*%s*1*100*100*0*12*PCN1*11*1".formatted(claim));
            segments.add("NM1*QC*1*%s*%s".formatted(CrashSite.FAMILY_NAME, CrashSite.GIVEN_NAME));
        }
        segments.add("SE*%d*0001".formatted(segments.size() + 1));
        int control = Math.abs(trace.hashCode()) % 100_000_000;
        segments.addFirst("GS*HP*GREENLEAF*RIVERSIDE*20261115*0830*1*X*005010X221A1");
        segments.addFirst(
                "ISA*00*          *00*          *ZZ*GREENLEAF      *ZZ*RIVERSIDE      *261115*0830*^*00501*%09d*0*P*:"
                        .formatted(control));
        segments.add("GE*1*1");
        segments.add("IEA*1*%09d".formatted(control));
        return String.join("~\n", segments) + "~\n";
    }
}

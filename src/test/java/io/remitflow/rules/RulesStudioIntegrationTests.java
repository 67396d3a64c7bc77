package io.remitflow.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.ReleasedDecisions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@BooksTest
class RulesStudioIntegrationTests {

    private static final String DECISION = "refund-approval";

    @Autowired
    ApplicationContext context;

    @Autowired
    DecisionTables tables;

    @Autowired
    Drafts drafts;

    @Autowired
    TestCases tests;

    @Autowired
    Replays replays;

    @Autowired
    TransactionTemplate transactions;

    @LocalServerPort
    int port;

    TestHospital hospital;

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
    }

    @Test
    void theFilesOfTheApplicationAreTheFirstVersions() {
        Release release = hospital.call(() -> tables.required(DECISION));

        assertThat(release.number()).isEqualTo(1);
        assertThat(release.source()).isEqualTo(Release.Source.PACKAGED);
        assertThat(release.engineId()).isEqualTo(DECISION);
    }

    @Test
    void anAnalystSeesWhatIsWrongWithADraftBeforeAnybodyElseDoes() {
        var browser = signIn(Role.ANALYST);
        browser.get("/app/rules/refund-approval/draft");
        String xml = hospital.call(() -> tables.required(DECISION).xml()).replace("]10000..500000]", "]20000..500000]");

        var saved = browser.post("/app/rules/refund-approval/draft", Map.of("xml", xml, "version", "0"));

        assertThat(saved.statusCode()).isEqualTo(302);
        assertThat(browser.get("/app/rules/refund-approval/draft").body())
                .contains("1 flaw has to be put right")
                .contains("No rule answers when")
                .contains("10001")
                .contains("]20000..500000]");
        assertThat(browser.get("/app/rules").body()).contains("Draft");
        assertThat(browser.get("/app/rules/refund-approval/draft.dmn").body()).contains("]20000..500000]");
        assertThat(hospital.call(() -> tables.required(DECISION)).number()).isEqualTo(1);
    }

    @Test
    void whoeverSavesOverSomebodyElsesWorkIsToldSo() {
        String xml = hospital.call(() -> tables.required(DECISION).xml());
        asAnalyst(() -> drafts.save(DECISION, xml, 0));
        asAnalyst(() -> drafts.save(DECISION, xml, 1));

        assertThatThrownBy(() -> asAnalyst(() -> drafts.save(DECISION, xml, 1)))
                .isInstanceOfSatisfying(
                        RuleViolation.class,
                        refused -> assertThat(refused.refusal()).isEqualTo(Refusal.CHANGED_MEANWHILE));
        assertThatThrownBy(() -> asAnalyst(() -> drafts.save(DECISION, xml, 0))).isInstanceOf(RuleViolation.class);
    }

    @Test
    void aTestKeptWithTheTableFailsWhenADraftAnswersItOtherwise() {
        asAnalyst(() -> tests.add(
                DECISION,
                "100.00 needs nobody",
                "{\"sameCurrency\": true, \"amountMinor\": 10000, \"exposureMinor\": 10000, \"originalMethod\": true}",
                "{\"levels\": [], \"dueDays\": 0.0}"));
        DecisionTable inForce = hospital.call(() -> tables.required(DECISION)).table();
        DecisionTable stricter = DecisionTable.read(
                inForce.xml().replace("]0..10000]", "]0..5000]").replace("]10000..500000]", "]5000..500000]"));

        assertThat(hospital.call(() -> tests.run(inForce))).singleElement().matches(TestCases.Result::passed);
        assertThat(hospital.call(() -> tests.run(stricter))).singleElement().satisfies(result -> {
            assertThat(result.passed()).isFalse();
            assertThat(result.answer()).containsEntry("levels", java.util.List.of("billing-manager"));
        });
    }

    @Test
    void aReplayCountsWhoWouldHaveDecidedOtherwise() {
        record(7_000, "[]");
        record(9_900, "[]");
        record(20_000, "[\"billing-manager\"]");
        DecisionTable inForce = hospital.call(() -> tables.required(DECISION)).table();
        DecisionTable stricter = DecisionTable.read(
                inForce.xml().replace("]0..10000]", "]0..8000]").replace("]10000..500000]", "]8000..500000]"));

        Replay same = hospital.call(() -> replays.replay(inForce, 6));
        Replay other = hospital.call(() -> replays.replay(stricter, 6));

        assertThat(same.decisions()).isEqualTo(3);
        assertThat(same.changed()).isZero();
        assertThat(other.changed()).isEqualTo(1);
        assertThat(other.approvalsAdded()).isEqualTo(1);
        assertThat(other.approvalsSkipped()).isZero();
        assertThat(other.affected().getAmountMinorLong()).isEqualTo(9_900);
        assertThat(other.changes()).singleElement().satisfies(change -> {
            assertThat(change.before()).isEqualTo("nobody");
            assertThat(change.after()).isEqualTo("billing-manager");
        });
        assertThat(other.matrix()).extracting(Replay.Cell::count).containsExactlyInAnyOrder(1, 1, 1);
    }

    @Test
    void amountsOfAnotherCurrencyAreInNoSumOfTheReplay() {
        record(9_900, "[]");
        record(9_800, "[]", false);
        DecisionTable inForce = hospital.call(() -> tables.required(DECISION)).table();
        DecisionTable stricter = DecisionTable.read(
                inForce.xml().replace("]0..10000]", "]0..8000]").replace("]10000..500000]", "]8000..500000]"));

        Replay other = hospital.call(() -> replays.replay(stricter, 6));

        assertThat(other.changed()).isEqualTo(2);
        assertThat(other.otherCurrency()).isEqualTo(1);
        assertThat(other.affected().getAmountMinorLong()).isEqualTo(9_900);
        assertThat(other.matrix().stream()
                        .mapToLong(cell -> cell.amount().getAmountMinorLong())
                        .sum())
                .isEqualTo(9_900);
        asAnalyst(() -> drafts.save(DECISION, stricter.xml(), 0));
        assertThat(signIn(Role.ANALYST).get("/app/rules/refund-approval/replay").body())
                .contains("another currency", "99.00")
                .doesNotContain("98.00");
        var releases = context.getBean(RuleReleases.class);
        asAnalyst(() -> releases.request(DECISION, 1, "Stricter", null));
        hospital.run(
                () -> assertThat(releases.facts(releases.of(DECISION).getFirst().id()))
                        .as("not judged by its amount alone")
                        .containsEntry("sameCurrency", false));
    }

    @Test
    void aDraftComesBackToItsEditorsWhenItsReleaseIsRejectedOrWithdrawn() {
        String xml = hospital.call(() -> tables.required(DECISION).xml())
                .replace("]0..10000]", "]0..8000]")
                .replace("]10000..500000]", "]8000..500000]");
        var releases = context.getBean(RuleReleases.class);
        asAnalyst(() -> drafts.save(DECISION, xml, 0));
        UUID rejected = request(releases);
        assertThat(hospital.call(() -> drafts.find(DECISION))).isEmpty();
        hospital.run(() -> releases.ruleAnswered(rejected, List.of("cfo"), "Test rule"));
        hospital.runAs(Role.CFO, () -> releases.decide(rejected, new ApprovalDecision(77, 1, false, "Too strict")));

        Draft back = hospital.call(() -> drafts.find(DECISION)).orElseThrow();
        assertThat(back.xml()).isEqualTo(xml);
        assertThat(back.editors()).containsExactly(hospital.user(Role.ANALYST).value());

        UUID withdrawn = request(releases);
        asAnalyst(() -> drafts.save(DECISION, xml.replace("8000", "7000"), 0));
        hospital.runAs(Role.ANALYST, () -> releases.withdraw(withdrawn));
        assertThat(hospital.call(() -> drafts.find(DECISION)).orElseThrow().xml())
                .as("somebody had begun another one")
                .contains("7000");
    }

    @Test
    void aReleaseIsWithdrawnByItsRequesterOrAnApproverOnly() {
        String xml = hospital.call(() -> tables.required(DECISION).xml());
        asAnalyst(() -> drafts.save(DECISION, xml, 0));
        var releases = context.getBean(RuleReleases.class);
        UUID request = request(releases);
        UserId other = hospital.call(() -> context.getBean(Users.class)
                .create("other-" + UUID.randomUUID(), "Other", TestHospital.PASSWORD, Set.of(Role.ANALYST)));

        assertThatThrownBy(() -> hospital.run(() -> CurrentUser.run(other, () -> releases.withdraw(request))))
                .isInstanceOfSatisfying(
                        RuleViolation.class,
                        refused -> assertThat(refused.refusal()).isEqualTo(Refusal.NOT_PERMITTED));
        assertThat(signIn(Role.BILLING_MANAGER)
                        .get("/app/rules/releases/" + request)
                        .body())
                .as("who may approve")
                .contains("Withdraw request");
        hospital.runAs(Role.CFO, () -> releases.withdraw(request));
        assertThat(hospital.call(() -> releases.get(request)).state()).isEqualTo(ReleaseRequest.State.WITHDRAWN);
    }

    private UUID request(RuleReleases releases) {
        var id = new AtomicReference<UUID>();
        int seen = hospital.call(() -> drafts.find(DECISION)).orElseThrow().version();
        hospital.runAs(Role.ANALYST, () -> id.set(releases.request(DECISION, seen, "Stricter", null)));
        return id.get();
    }

    @Test
    void aReplayReadsAnAnswerAsTheProcessDoes() {
        record(9_900, "\"billing-manager\"");
        DecisionTable inForce = hospital.call(() -> tables.required(DECISION)).table();

        assertThat(hospital.call(() -> replays.replay(inForce, 6)).changes())
                .singleElement()
                .satisfies(change -> {
                    assertThat(change.before()).isEqualTo("billing-manager, then cfo");
                    assertThat(change.after()).isEqualTo("nobody");
                });
    }

    @Test
    void twoVersionsAreComparedCellByCell() {
        String xml = hospital.call(() -> tables.required(DECISION).xml());
        var analyst = hospital.user(Role.ANALYST);
        String stricter = xml.replace("]0..10000]", "]0..8000]").replace("]10000..500000]", "]8000..500000]");
        hospital.run(() -> transactions.executeWithoutResult(status ->
                tables.release(DECISION, Release.Source.DRAFT, null, stricter, "Stricter", analyst.value(), null)));
        DecisionTable first = DecisionTable.read(xml);
        DecisionTable second = DecisionTable.read(stricter);

        assertThat(TableDifference.between(first, first).isEmpty()).isTrue();
        assertThat(TableDifference.between(first, second).lines())
                .filteredOn(line -> line.change() == TableDifference.Change.CHANGED)
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line.cells())
                        .filteredOn(cell -> !cell.same())
                        .allSatisfy(cell -> assertThat(cell.before()).contains("10000"))
                        .allSatisfy(cell -> assertThat(cell.after()).contains("8000")));
        var browser = signIn(Role.BILLING_MANAGER);
        String page = browser.get("/app/rules/refund-approval/compare?before=1&after=2")
                .body();
        assertThat(page).contains("Version 1 and version 2", "]0..10000]", "]0..8000]");
        assertThat(browser.get("/app/rules/refund-approval/compare").body()).contains("Version 1 and version 2");
        assertThat(browser.get("/app/rules/refund-approval/compare?before=9").statusCode())
                .isEqualTo(404);
        assertThat(browser.get("/app/rules/nothing/compare").statusCode()).isEqualTo(404);
        assertThat(signIn(Role.BILLING_CLERK)
                        .get("/app/rules/refund-approval/compare")
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void aRuleThatOnlyOneVersionHasIsAddedOrRemoved() {
        String xml = hospital.call(() -> tables.required(DECISION).xml());
        int from = xml.lastIndexOf("<rule");
        int to = xml.lastIndexOf("</rule>") + "</rule>".length();
        DecisionTable whole = DecisionTable.read(xml);
        DecisionTable less = DecisionTable.read(xml.substring(0, from) + xml.substring(to));

        assertThat(TableDifference.between(whole, less).lines().getLast().change())
                .isEqualTo(TableDifference.Change.REMOVED);
        assertThat(TableDifference.between(less, whole).lines().getLast()).satisfies(line -> {
            assertThat(line.change()).isEqualTo(TableDifference.Change.ADDED);
            assertThat(line.before()).isNull();
        });
    }

    @Test
    void theReplayOfADraftIsAPageForWhoeverEditsRules() {
        record(9_900, "[]");
        var analyst = signIn(Role.ANALYST);
        assertThat(analyst.get("/app/rules/refund-approval/replay").statusCode())
                .as("without a draft")
                .isEqualTo(404);
        String xml = hospital.call(() -> tables.required(DECISION).xml());
        asAnalyst(() -> drafts.save(
                DECISION, xml.replace("]0..10000]", "]0..8000]").replace("]10000..500000]", "]8000..500000]"), 0));

        assertThat(analyst.get("/app/rules/refund-approval/replay?months=3").body())
                .contains("Decided otherwise", "99.00", "nobody", "billing-manager");
        assertThat(analyst.get("/app/rules/refund-approval/replay?months=99999").statusCode())
                .isEqualTo(200);
        assertThat(analyst.get("/app/rules/refund-approval/replay?months=many").statusCode())
                .isEqualTo(400);
        asAnalyst(() -> drafts.save(DECISION, xml.replace("]0..10000]", "]0..]"), 1));
        assertThat(analyst.get("/app/rules/refund-approval/replay").body()).contains("no FEEL");
        assertThat(signIn(Role.BILLING_MANAGER)
                        .get("/app/rules/refund-approval/replay")
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void aReleaseOfTomorrowHoldsTomorrow() {
        String xml = hospital.call(() -> tables.required(DECISION).xml());
        var analyst = hospital.user(Role.ANALYST);
        int number = hospital.call(() -> transactions.execute(status -> tables.release(
                DECISION,
                Release.Source.DRAFT,
                null,
                xml,
                "From the new year on",
                analyst.value(),
                context.getBean(java.time.Clock.class).instant().plus(Duration.ofDays(1)))));

        assertThat(number).isEqualTo(2);
        assertThat(hospital.call(() -> tables.required(DECISION)).number()).isEqualTo(1);
    }

    @Test
    void aReleaseIsKnownToTheEngineUnderAnIdOfItsOrganization() {
        String xml = hospital.call(() -> tables.required(DECISION).xml());
        var analyst = hospital.user(Role.ANALYST);
        hospital.run(() -> transactions.executeWithoutResult(
                status -> tables.release(DECISION, Release.Source.DRAFT, null, xml, "Ours", analyst.value(), null)));

        ReleasedDecisions released = tables;
        var inForce = hospital.call(
                () -> transactions.execute(status -> released.inForce(DECISION).orElseThrow()));
        assertThat(inForce.number()).isEqualTo(2);
        assertThat(inForce.engineId()).contains(hospital.id().value().toString());
        assertThat(inForce.xml()).contains("id=\"" + inForce.engineId() + "\"");

        var other = TestHospital.create(context);
        assertThat(other.call(() -> tables.required(DECISION)).number()).isEqualTo(1);
    }

    @Test
    void e2_anotherHospitalsDraftIsNotThere() {
        String xml = hospital.call(() -> tables.required(DECISION).xml());
        asAnalyst(() -> drafts.save(DECISION, xml, 0));

        var other = TestHospital.create(context);
        assertThat(other.call(() -> drafts.find(DECISION))).isEmpty();
    }

    @Test
    void f9_whoMayNotEditRulesCannot() {
        var manager = signIn(Role.BILLING_MANAGER);

        assertThat(manager.get("/app/rules/refund-approval").statusCode()).isEqualTo(200);
        assertThat(manager.get("/app/rules/refund-approval/draft").statusCode()).isEqualTo(403);
        assertThat(manager.post("/app/rules/refund-approval/draft", Map.of("xml", "<a/>"))
                        .statusCode())
                .isEqualTo(403);
        assertThat(signIn(Role.BILLING_CLERK).get("/app/rules").statusCode()).isEqualTo(403);
    }

    private void record(long amountMinor, String levels) {
        record(amountMinor, levels, true);
    }

    private void record(long amountMinor, String levels, boolean sameCurrency) {
        hospital.run(() -> transactions.executeWithoutResult(status -> context.getBean(JdbcClient.class)
                .sql("""
                        insert into workflow_decisions (org_id, id, subject_type, subject_id, decision_id, decision_key,
                               decision_version, inputs, inputs_hash, outputs, reason, decided_at)
                        values (:org, :id, 'refund', :id, :decision, 1, 1, :inputs::jsonb, :hash, :outputs::jsonb, 'why', :at)
                        """)
                .param("org", hospital.id().value())
                .param("id", Ids.next())
                .param("decision", DECISION)
                .param(
                        "inputs",
                        "{\"amountMinor\": %d, \"exposureMinor\": %d, \"sameCurrency\": %s, \"originalMethod\": true}"
                                .formatted(amountMinor, amountMinor, sameCurrency))
                .param("hash", String.valueOf(amountMinor))
                .param("outputs", "{\"levels\": %s, \"dueDays\": %d}".formatted(levels, levels.equals("[]") ? 0 : 2))
                .param("at", java.sql.Timestamp.from(Instant.now().minus(Duration.ofDays(30))))
                .update()));
    }

    private <T> T asAnalyst(Supplier<T> work) {
        var analyst = hospital.user(Role.ANALYST);
        return hospital.call(() -> {
            var result = new java.util.concurrent.atomic.AtomicReference<T>();
            CurrentUser.run(analyst, () -> result.set(work.get()));
            return result.get();
        });
    }

    private TestClient signIn(Role role) {
        return TestClient.browser(port).signIn(hospital.signInName(role), TestHospital.PASSWORD);
    }
}

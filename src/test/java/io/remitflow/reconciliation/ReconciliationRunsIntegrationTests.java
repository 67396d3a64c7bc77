package io.remitflow.reconciliation;

import static io.remitflow.discrepancies.DiscrepancyType.AMOUNT_MISMATCH;
import static io.remitflow.discrepancies.DiscrepancyType.CURRENCY_MISMATCH;
import static io.remitflow.discrepancies.DiscrepancyType.DUPLICATE_CHARGE_SUSPECTED;
import static io.remitflow.discrepancies.DiscrepancyType.MISSING_INTERNAL_RECORD;
import static io.remitflow.discrepancies.DiscrepancyType.MISSING_PROVIDER_RECORD;
import static io.remitflow.discrepancies.DiscrepancyType.STATUS_MISMATCH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.remitflow.core.Amounts;
import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.Discrepancy;
import io.remitflow.discrepancies.DiscrepancyAction;
import io.remitflow.discrepancies.DiscrepancyEvidence;
import io.remitflow.discrepancies.DiscrepancyResolution;
import io.remitflow.discrepancies.DiscrepancyStatus;
import io.remitflow.discrepancies.DiscrepancyType;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** Vectors of 4.7 and S1: what a run finds, and what it leaves alone. */
@BooksTest
class ReconciliationRunsIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    Discrepancies discrepancies;

    @Autowired
    ReconciliationRuns runs;

    @Autowired
    GatewayTransactions evidence;

    GatewayBooks books;

    @BeforeEach
    void openHospital() {
        books = new GatewayBooks(context);
    }

    @Test
    void v47_whatBothSidesHaveMatches() {
        books.paid("ch_1", "120.00");
        books.charged("ch_1", "120.00");

        var run = books.run();

        assertThat(run.recordCount()).isEqualTo(1);
        assertThat(run.matchedPercent()).isEqualTo("100.00");
        assertThat(books.types()).isEmpty();
    }

    @Test
    void v47_nothingToCompareIsAHundredPercent() {
        var run = books.run();

        assertThat(run.recordCount()).isZero();
        assertThat(run.matchedPercent()).isEqualTo("100.00");
    }

    @Test
    void v47_eachSideCanBeMissing() {
        books.paid("ch_ours", "10.00");
        books.charged("ch_theirs", "20.00");

        var run = books.run();

        assertThat(run.matchedPercent()).isEqualTo("0.00");
        assertThat(books.types()).containsExactly(MISSING_INTERNAL_RECORD, MISSING_PROVIDER_RECORD);
        assertThat(books.discrepancies())
                .extracting(one -> Amounts.format(one.difference()))
                .containsExactlyInAnyOrder("10.00", "20.00");
    }

    @Test
    void v47_anotherCurrencyIsNoAmountMismatchAsTheAmountsCannotBeCompared() {
        books.paid("ch_1", "120.00");
        books.charged("ch_1", "90.00", "eur", "succeeded", 0, books.noon(), null);

        books.run();

        assertThat(books.types()).containsExactly(CURRENCY_MISMATCH);
    }

    @Test
    void v47_amountAndStatusCoexistAndTheAmountComesFirst() {
        books.paid("ch_1", "120.00");
        books.charged("ch_1", "100.00", "usd", "succeeded", 4_000, books.noon(), null);

        books.run();

        assertThat(books.types()).containsExactly(AMOUNT_MISMATCH, STATUS_MISMATCH);
        assertThat(books.text("select result from reconciliation_items")).isEqualTo("AmountMismatch");
        assertThat(books.text("select difference::text from reconciliation_items"))
                .isEqualTo("2000");
    }

    @Test
    void v47_aRefundThatOnlyOneSideKnowsIsAStatusMismatchOfItsAmount() {
        books.paid("ch_1", "120.00");
        books.charged("ch_1", "120.00", "usd", "succeeded", 4_000, books.noon(), null);

        books.run();

        assertThat(books.only().type()).isEqualTo(STATUS_MISMATCH);
        assertThat(Amounts.format(books.only().difference())).isEqualTo("40.00");
    }

    @Test
    void v47_partialRefundsOfDifferentAmountsAreAnAmountMismatch() {
        books.refunded(books.paid("ch_1", "120.00"), "30.00");
        books.charged("ch_1", "120.00", "usd", "succeeded", 4_000, books.noon(), null);

        books.run();

        assertThat(books.only().type()).isEqualTo(AMOUNT_MISMATCH);
        assertThat(Amounts.format(books.only().difference())).isEqualTo("10.00");
    }

    @Test
    void v47_theSamePayerAndAmountWithinADayIsASuspicionThatDoesNotUnmatch() {
        UUID account = books.account();
        books.paid(account, "ch_1", "75.00", books.day());
        books.paid(account, "ch_2", "75.00", books.day());
        books.charged("ch_1", "75.00", "usd", "succeeded", 0, books.noon(), null);
        books.charged("ch_2", "75.00", "usd", "succeeded", 0, books.noon().plusSeconds(40), null);

        var run = books.run();

        assertThat(run.matchedPercent()).isEqualTo("100.00");
        assertThat(books.only().type()).isEqualTo(DUPLICATE_CHARGE_SUSPECTED);
        assertThat(books.only().subjectKey()).isEqualTo("sandbox:ch_2");
    }

    @Test
    void v47_aSuspicionCoexistsWithAMissingRecordAndReachesOverMidnight() {
        books.charged(
                "ch_1", "75.00", "usd", "succeeded", 0, books.at(books.day().minusDays(1), 21, 30), "cus_1");
        books.charged("ch_2", "75.00", "usd", "succeeded", 0, books.at(books.day(), 8, 0), "cus_1");
        books.charged("ch_3", "75.00", "usd", "succeeded", 0, books.at(books.day(), 9, 0), "cus_2");

        books.run();

        assertThat(books.types())
                .containsExactly(MISSING_INTERNAL_RECORD, MISSING_INTERNAL_RECORD, DUPLICATE_CHARGE_SUSPECTED);
    }

    @Test
    void v47_aSuspicionStandsWhateverPeriodIsRunUntilOneOfTheTwoWentBack() {
        UUID account = books.account();
        UUID first = books.paid(account, "ch_1", "75.00", books.day());
        books.paid(account, "ch_2", "75.00", books.day());
        books.charged("ch_1", "75.00", "usd", "succeeded", 0, books.noon(), null);
        books.charged("ch_2", "75.00", "usd", "succeeded", 0, books.noon().plusSeconds(40), null);
        // Known by their payer only, as nothing of ours belongs to them.
        books.charged("ch_3", "80.00", "usd", "succeeded", 0, books.noon(), "cus_1");
        books.charged("ch_4", "80.00", "usd", "succeeded", 0, books.noon().plusSeconds(40), "cus_1");
        books.run();
        var suspected = suspicions();
        assertThat(suspected).extracting(Discrepancy::subjectKey).containsExactly("sandbox:ch_4", "sandbox:ch_2");
        books.hospital.runAs(Role.BILLING_MANAGER, () -> suspected.forEach(one -> discrepancies.acknowledge(one.id())));

        for (int days : List.of(-40, -1, 1, 2)) {
            books.run(Period.of(books.day().plusDays(days)));
            assertThat(suspicions())
                    .as("after the run of a day %d days away", days)
                    .extracting(Discrepancy::status, Discrepancy::round)
                    .containsOnly(tuple(DiscrepancyStatus.ACKNOWLEDGED, 1));
        }

        books.refunded(first, "75.00");
        books.charged("ch_1", "75.00", "usd", "succeeded", 7_500, books.noon().plusSeconds(600), null);
        books.run(Period.of(books.day().plusDays(2)));
        assertThat(suspicions())
                .extracting(Discrepancy::subjectKey, Discrepancy::status)
                .containsExactly(
                        tuple("sandbox:ch_4", DiscrepancyStatus.ACKNOWLEDGED),
                        tuple("sandbox:ch_2", DiscrepancyStatus.RESOLVED));
    }

    private List<Discrepancy> suspicions() {
        return books.discrepancies().stream()
                .filter(one -> one.type() == DUPLICATE_CHARGE_SUSPECTED)
                .toList();
    }

    @Test
    void v47_eventsInAnyOrderAndTwiceGiveTheSame() {
        books.refunded(books.paid("ch_1", "120.00"), "120.00");
        books.charged("ch_1", "120.00", "usd", "succeeded", 12_000, books.noon().plusSeconds(60), null);
        books.charged("ch_1", "120.00", "usd", "succeeded", 0, books.noon(), null);
        books.charged("ch_1", "120.00", "usd", "pending", 0, books.noon().minusSeconds(60), null);
        books.charged("ch_1", "120.00", "usd", "succeeded", 0, books.noon(), null);

        var run = books.run();

        assertThat(run.matchedPercent()).isEqualTo("100.00");
        assertThat(run.providerCount()).isEqualTo(1);
    }

    @Test
    void v47_aFailureAfterASuccessIsTheTruth() {
        books.paid("ch_1", "120.00");
        books.charged("ch_1", "120.00", "usd", "failed", 0, books.noon().plus(1, ChronoUnit.DAYS), null);
        books.charged("ch_1", "120.00", "usd", "succeeded", 0, books.noon(), null);

        books.run();

        assertThat(books.only().type()).isEqualTo(STATUS_MISMATCH);
        assertThat(Amounts.format(books.only().difference())).isEqualTo("120.00");
    }

    @Test
    void attemptsThatFailedAndThatWeNeverBookedAreNoDifference() {
        books.charged("ch_1", "120.00", "usd", "failed", 0, books.noon(), null);

        assertThat(books.run().recordCount()).isZero();
        assertThat(books.types()).isEmpty();
    }

    @Test
    void aPaymentIsFoundUnderItsChargeAsWellAsUnderItsIntent() {
        books.paid("ch_9", "120.00");
        books.told("charge.succeeded", books.noon(), """
                {"id": "ch_9", "payment_intent": "pi_9", "amount": 12000, "currency": "usd", "status": "succeeded"}
                """);
        books.paid("pi_8", "50.00");
        books.told("payment_intent.succeeded", books.noon(), """
                {"id": "pi_8", "latest_charge": "ch_8", "amount": 5000, "amount_received": 5000, "currency": "usd",
                 "status": "succeeded"}
                """);

        var run = books.run();

        assertThat(run.recordCount()).isEqualTo(2);
        assertThat(run.matchedPercent()).isEqualTo("100.00");
    }

    @Test
    void disputesAndRefundsToldByThemselvesCount() {
        books.paid("ch_1", "120.00");
        books.charged("ch_1", "120.00");
        books.told("charge.dispute.created", books.noon().plusSeconds(60), """
                {"id": "dp_1", "charge": "ch_1", "amount": 12000, "currency": "usd", "status": "needs_response"}
                """);
        books.run();
        assertThat(books.types()).containsExactly(STATUS_MISMATCH);

        books.told("charge.dispute.closed", books.noon().plusSeconds(120), """
                {"id": "dp_1", "charge": "ch_1", "amount": 12000, "currency": "usd", "status": "won"}
                """);
        books.run();
        assertThat(books.types()).isEmpty();
    }

    @Test
    void aRefundThatTheGatewayDoesNotKnowIsFoundThoughBothSidesSayDisputed() {
        UUID payment = books.paid("ch_1", "120.00");
        books.refunded(payment, "40.00");
        disputed(payment, 8_000);
        books.charged("ch_1", "120.00");
        disputedThere("ch_1", 8_000);

        assertThat(books.run().matchedCount()).isZero();

        assertThat(books.only().type()).isEqualTo(AMOUNT_MISMATCH);
        assertThat(Amounts.format(books.only().difference())).isEqualTo("40.00");
    }

    @Test
    void aDisputeOfAnotherAmountIsAnAmountMismatchUnlessTheRestWasRefundedBefore() {
        UUID one = books.paid("ch_1", "120.00");
        disputed(one, 12_000);
        books.charged("ch_1", "120.00");
        disputedThere("ch_1", 5_000);
        UUID other = books.paid("ch_2", "200.00");
        books.refunded(other, "30.00");
        disputed(other, 17_000);
        books.charged("ch_2", "200.00", "usd", "succeeded", 3_000, books.noon(), null);
        disputedThere("ch_2", 20_000);

        assertThat(books.run().matchedCount()).isEqualTo(1);

        assertThat(books.only().subjectKey()).isEqualTo("sandbox:ch_1");
        assertThat(books.only().type()).isEqualTo(AMOUNT_MISMATCH);
        assertThat(Amounts.format(books.only().difference())).isEqualTo("70.00");
        assertThat(books.hospital.call(() -> evidence.of("sandbox:ch_1")))
                .filteredOn(row -> row.fact().equals("Disputed"))
                .extracting(DiscrepancyEvidence.Compared::internal, DiscrepancyEvidence.Compared::provider)
                .containsExactly(tuple("120.00 USD", "50.00 USD"));
    }

    private void disputed(UUID payment, long minor) {
        books.change("update billing_payments set status = 'disputed', disputed_amount = %d where id = '%s'"
                .formatted(minor, payment));
    }

    private void disputedThere(String charge, long minor) {
        books.told("charge.dispute.created", books.noon().plusSeconds(60), """
                {"id": "dp_%1$s", "charge": "%1$s", "amount": %2$d, "currency": "usd", "status": "needs_response"}
                """.formatted(charge, minor));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void v47_whatHappensAroundMidnightIsCountedOnceWhicheverDayComesFirst(boolean inOrder) {
        LocalDate day = books.day();
        LocalDate next = day.plusDays(1);
        // Taken at 23:59 here, booked on the next day.
        books.charged("ch_1", "10.00", "usd", "succeeded", 0, books.at(day, 23, 59), null);
        books.paid(books.account(), "ch_1", "10.00", next);
        // Booked on this day, taken according to the gateway a minute after midnight.
        books.paid(books.account(), "ch_2", "20.00", day);
        books.charged("ch_2", "20.00", "usd", "succeeded", 0, books.at(next, 0, 1), null);
        // Taken just before midnight, and its counterpart never comes.
        books.charged("ch_3", "30.00", "usd", "succeeded", 0, books.at(day, 23, 30), null);

        var periods = inOrder ? List.of(day, next) : List.of(next, day);
        Map<LocalDate, Long> records = new TreeMap<>();
        periods.forEach(one -> records.put(one, books.run(Period.of(one)).recordCount()));

        assertThat(records).isEqualTo(Map.of(day, 0L, next, 3L));
        assertThat(books.types()).containsExactly(MISSING_INTERNAL_RECORD);
    }

    @Test
    void v47_theDayIsTheOneOfTheHospital() {
        // 02:30 UTC of the next day is still this day in New York.
        books.charged("ch_1", "10.00", "usd", "succeeded", 0, books.at(books.day(), 22, 30), null);

        assertThat(books.run(Period.of(books.day().plusDays(1))).recordCount()).isZero();
        assertThat(books.run().recordCount()).isEqualTo(1);
    }

    @Test
    void v47_runningAgainGivesTheSameAndKeepsWhatPeopleDid() {
        books.paid("ch_1", "10.00");
        books.charged("ch_2", "20.00");
        books.paid("ch_3", "30.00");
        books.charged("ch_3", "31.00");
        var first = books.run();
        var before = runs(first);
        var cases = books.discrepancies();
        books.hospital.runAs(Role.BILLING_MANAGER, () -> {
            discrepancies.acknowledge(cases.get(0).id());
            discrepancies.note(cases.get(0).id(), "Asked the gateway");
            discrepancies.resolve(cases.get(1).id(), DiscrepancyResolution.EXPLAINED, "A test of ours", null);
        });
        var done = books.discrepancies();

        var second = books.run();

        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.runs()).isEqualTo(2);
        assertThat(runs(second)).isEqualTo(before);
        assertThat(books.discrepancies())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("lastFoundAt")
                .isEqualTo(done);
        assertThat(books.text("select count(*)::text from reconciliation_items"))
                .isEqualTo("3");
        assertThat(books.text("select count(*)::text from reconciliation_discrepancies"))
                .isEqualTo("3");
    }

    @Test
    void v47_whatAgreesByNowClosesItselfWhateverPeriodIsRun() {
        books.charged("ch_1", "20.00");
        books.run();
        UUID id = books.only().id();
        books.paid(books.account(), "ch_1", "20.00", books.day().plusDays(2));

        books.run(Period.of(books.day().plusDays(2)));

        assertThat(books.only().id()).isEqualTo(id);
        assertThat(books.only().status()).isEqualTo(DiscrepancyStatus.RESOLVED);
        assertThat(java.util.Objects.requireNonNull(books.only().resolved()).resolution())
                .isEqualTo(DiscrepancyResolution.MATCHED);
    }

    @Test
    void aResolvedOneStaysResolvedUntilItsAmountChanges() {
        UUID payment = books.paid("ch_1", "120.00");
        books.charged("ch_1", "120.00", "usd", "succeeded", 4_000, books.noon(), null);
        books.run();
        UUID id = books.only().id();
        books.hospital.runAs(
                Role.BILLING_MANAGER,
                () -> discrepancies.resolve(id, DiscrepancyResolution.PROVIDER_CORRECTED, "They take it back", null));
        books.run();
        assertThat(books.only().status()).isEqualTo(DiscrepancyStatus.RESOLVED);

        books.charged("ch_1", "120.00", "usd", "succeeded", 5_000, books.noon().plusSeconds(60), null);
        books.run();

        assertThat(books.only().status()).isEqualTo(DiscrepancyStatus.OPEN);
        assertThat(books.only().round()).isEqualTo(2);
        assertThat(books.only().subjectId()).isEqualTo(payment);
    }

    @Test
    void whatADifferenceAmountsToNowAndBeforeStandsInItsHistory() {
        books.paid("ch_1", "120.00");
        books.charged("ch_1", "119.00");
        books.run();
        UUID id = books.only().id();
        books.hospital.runAs(Role.BILLING_MANAGER, () -> discrepancies.acknowledge(id));

        books.charged("ch_1", "100.00", "usd", "succeeded", 0, books.noon().plusSeconds(60), null);
        books.run();
        books.run();

        assertThat(books.only().status()).isEqualTo(DiscrepancyStatus.ACKNOWLEDGED);
        assertThat(Amounts.format(books.only().difference())).isEqualTo("20.00");
        assertThat(books.hospital.call(() -> discrepancies.actions(id)))
                .extracting(DiscrepancyAction::action, DiscrepancyAction::detail)
                .containsExactly(
                        tuple("opened", "AmountMismatch: 1.00 USD"),
                        tuple("acknowledged", "Somebody looks after it"),
                        tuple("changed", "From 1.00 USD to 20.00 USD"));
    }

    @Test
    void v47_neitherARunNorAResolutionChangesTheBooks() {
        books.paid("ch_1", "10.00");
        books.charged("ch_1", "11.00");
        books.charged("ch_2", "12.00");
        String before = books.ledger();

        books.run();
        books.discrepancies()
                .forEach(one -> books.hospital.runAs(
                        Role.CFO,
                        () -> discrepancies.resolve(one.id(), DiscrepancyResolution.EXPLAINED, "Known", null)));
        books.run();

        assertThat(books.ledger()).isEqualTo(before);
    }

    @Test
    void c11_runsOfOnePeriodAtTheSameTimeFollowOneAnotherAndADecisionInBetweenSurvives() throws Exception {
        books.charged("ch_1", "20.00");
        books.charged("ch_2", "30.00");
        books.run();
        UUID acknowledged = books.discrepancies().getFirst().id();
        List<Callable<UUID>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            calls.add(() -> books.run().id());
        }
        calls.add(4, () -> {
            books.hospital.runAs(Role.BILLING_MANAGER, () -> discrepancies.acknowledge(acknowledged));
            return acknowledged;
        });

        try (var pool = Executors.newFixedThreadPool(calls.size())) {
            for (var answer : pool.invokeAll(calls)) {
                answer.get();
            }
        }

        assertThat(books.text("select count(*)::text from reconciliation_runs")).isEqualTo("1");
        assertThat(books.text("select runs::text from reconciliation_runs")).isEqualTo("9");
        assertThat(books.discrepancies()).hasSize(2);
        assertThat(books.discrepancies().getFirst().status()).isEqualTo(DiscrepancyStatus.ACKNOWLEDGED);
        assertThat(books.text("select count(*)::text from reconciliation_items"))
                .isEqualTo("2");
    }

    @Test
    void b1_aStormOfWebhooksDuringRunsIsCountedOnce() throws Exception {
        books.paid("ch_1", "20.00");
        List<Callable<Boolean>> calls = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            boolean run = i % 10 == 9;
            calls.add(() -> {
                if (run) {
                    books.run();
                } else {
                    books.told("evt_same", "charge.succeeded", books.noon(), """
                            {"id": "ch_1", "amount": 2000, "currency": "usd", "status": "succeeded"}
                            """);
                }
                return true;
            });
        }
        try (var pool = Executors.newFixedThreadPool(8)) {
            for (var answer : pool.invokeAll(calls)) {
                answer.get();
            }
        }

        assertThat(books.run().matchedPercent()).isEqualTo("100.00");
        assertThat(books.text("select count(*)::text from payments_gateway_events"))
                .isEqualTo("1");
        assertThat(books.types()).isEmpty();
    }

    @Test
    void anotherHospitalsRecordsAreNeverSeen() {
        var other = new GatewayBooks(context);
        other.charged("ch_1", "20.00");
        other.paid("ch_2", "30.00");
        books.paid("ch_1", "20.00");
        books.charged("ch_2", "30.00");

        var ours = books.run();

        assertThat(ours.recordCount()).isEqualTo(2);
        assertThat(ours.matchedCount()).isZero();
        assertThat(other.discrepancies()).isEmpty();
        other.run();
        assertThat(books.discrepancies()).hasSize(2);
        assertThat(other.discrepancies()).hasSize(2);
    }

    @Test
    void theActionLogIsNeverChangedOrDeleted() {
        books.charged("ch_1", "20.00");
        books.run();

        for (String statement : List.of(
                "update reconciliation_action_log set detail = 'x'",
                "delete from reconciliation_action_log",
                "truncate reconciliation_action_log")) {
            assertThatThrownBy(() -> books.change(statement))
                    .as(statement)
                    .hasStackTraceContaining("reconciliation_action_log");
        }
        assertThat(books.text("select count(*)::text from reconciliation_action_log"))
                .isEqualTo("1");
    }

    /** The rules once more, record by record in Java, against what the one statement finds. */
    @Test
    void theRulesHoldForAnyCombination() {
        var random = new Random(47);
        Map<String, List<DiscrepancyType>> expected = new TreeMap<>();
        for (int i = 0; i < 120; i++) {
            String transaction = "ch_%03d".formatted(i);
            Side ours = random.nextInt(5) == 0 ? null : Side.ofOurs(random);
            Side theirs = ours != null && random.nextInt(5) == 0 ? null : Side.ofTheirs(random);
            if (ours != null) {
                UUID payment = books.paid(transaction, "%d.00".formatted(ours.amount));
                if (ours.refunded > 0) {
                    books.refunded(payment, "%d.00".formatted(ours.refunded));
                }
            }
            if (theirs != null) {
                books.charged(
                        transaction,
                        "%d.00".formatted(theirs.amount),
                        theirs.currency,
                        theirs.taken ? "succeeded" : "failed",
                        theirs.refunded * 100L,
                        books.noon().plusSeconds(i),
                        null);
            }
            expected.put("sandbox:" + transaction, judged(ours, theirs));
        }
        expected.values().removeIf(List::isEmpty);

        books.run();

        Map<String, List<DiscrepancyType>> found = new TreeMap<>();
        books.discrepancies().stream()
                .sorted(java.util.Comparator.comparing(io.remitflow.discrepancies.Discrepancy::type))
                .forEach(one -> found.computeIfAbsent(one.subjectKey(), key -> new ArrayList<>())
                        .add(one.type()));
        assertThat(found).isEqualTo(expected);
    }

    private static List<DiscrepancyType> judged(@Nullable Side ours, @Nullable Side theirs) {
        if (ours == null) {
            return theirs == null || !theirs.taken ? List.of() : List.of(MISSING_INTERNAL_RECORD);
        }
        if (theirs == null) {
            return List.of(MISSING_PROVIDER_RECORD);
        }
        List<DiscrepancyType> types = new ArrayList<>();
        boolean bothPartly = ours.state().equals("partly") && theirs.state().equals("partly");
        if (!ours.currency.equals(theirs.currency)) {
            types.add(CURRENCY_MISMATCH);
        } else if (ours.amount != theirs.amount || (bothPartly && ours.refunded != theirs.refunded)) {
            types.add(AMOUNT_MISMATCH);
        }
        if (!ours.state().equals(theirs.state())) {
            types.add(STATUS_MISMATCH);
        }
        return types;
    }

    private record Side(int amount, int refunded, String currency, boolean taken) {

        static Side ofOurs(Random random) {
            int amount = 20 + random.nextInt(2);
            return new Side(amount, refund(random, amount), "usd", true);
        }

        static Side ofTheirs(Random random) {
            int amount = 20 + random.nextInt(2);
            return new Side(
                    amount, refund(random, amount), random.nextInt(6) == 0 ? "eur" : "usd", random.nextInt(8) != 0);
        }

        private static int refund(Random random, int amount) {
            return switch (random.nextInt(5)) {
                case 0 -> amount;
                case 1 -> 5;
                case 2 -> 6;
                default -> 0;
            };
        }

        String state() {
            return !taken ? "failed" : refunded == 0 ? "taken" : refunded == amount ? "back" : "partly";
        }
    }

    private ReconciliationRuns.Report runs(ReconciliationRun run) {
        return books.hospital.call(() -> runs.report(run));
    }
}

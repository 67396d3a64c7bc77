package io.remitflow.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.remitflow.discrepancies.DiscrepancyType;
import io.remitflow.identity.Organizations;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestServices;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the scheduler does in the hours between two nights: every hour it asks, once a day there is something to do. */
@BooksTest
class DailyReconciliationIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    ReconciliationRuns runs;

    @Autowired
    Organizations organizations;

    @Autowired
    ReconciliationSettings settings;

    GatewayBooks books;
    LocalDate yesterday = LocalDate.EPOCH;

    @BeforeEach
    void openHospital() {
        books = new GatewayBooks(context);
        yesterday = books.day().plusDays(2);
    }

    @Test
    void whatWasReconciledInThisNightIsLeftAloneForTheRestOfTheDay() {
        assertThat(at(settings.dailyAfter().getHour()).runDue().failed()).isZero();
        assertThat(scheduled())
                .extracting(ReconciliationRun::period)
                .containsExactly(Period.of(yesterday.minusDays(1)));
        List<Long> before = everythingWritten();

        for (int hour = settings.dailyAfter().getHour(); hour < 24; hour++) {
            assertThat(at(hour).runDue().failed()).as("at %d o'clock", hour).isZero();
            assertThat(everythingWritten()).as("at %d o'clock", hour).isEqualTo(before);
        }

        assertThat(scheduled())
                .singleElement()
                .satisfies(run -> assertThat(run.runs()).isEqualTo(1));
    }

    /** A gateway that could not deliver an event for a day, or a payment that is booked back into a day already done. */
    @Test
    void v47_whatArrivesAfterTheNightOfItsDayIsCountedOnceInTheNextNight() {
        LocalDate day = books.day();
        assertThat(atDay(day.plusDays(1)).runDue().failed()).isZero();
        assertThat(scheduled()).extracting(ReconciliationRun::recordCount).containsExactly(0L);
        books.charged("ch_late", "10.00", "usd", "succeeded", 0, books.at(day, 12, 0), null);
        books.paid(books.account(), "ch_booked_back", "20.00", day);

        assertThat(atDay(day.plusDays(2)).runDue().failed()).isZero();

        assertThat(scheduled())
                .extracting(run -> run.period().start(), ReconciliationRun::recordCount)
                .containsExactly(tuple(day.plusDays(1), 0L), tuple(day, 2L));
        assertThat(books.types())
                .containsExactlyInAnyOrder(
                        DiscrepancyType.MISSING_INTERNAL_RECORD, DiscrepancyType.MISSING_PROVIDER_RECORD);
    }

    @Test
    void whatWasRefundedOnThePageOfTheGatewayNineDaysAfterItsChargeIsFoundUnderTheDayOfTheCharge() {
        LocalDate day = yesterday.minusDays(11);
        var payment = books.paid(books.account(), "ch_refunded", "120.00", day);
        books.charged("ch_refunded", "120.00", "usd", "succeeded", 0, books.at(day, 12, 0), null);
        books.paid(books.account(), "ch_as_it_was", "50.00", day.plusDays(1));
        books.charged("ch_as_it_was", "50.00", "usd", "succeeded", 0, books.at(day.plusDays(1), 12, 0), null);
        assertThat(atDay(day.plusDays(2)).runDue().failed()).isZero();
        books.run(Period.of(day));
        assertThat(books.types()).isEmpty();

        books.charged("ch_refunded", "120.00", "usd", "succeeded", 4_000, books.at(day.plusDays(9), 12, 0), null);
        assertThat(at(settings.dailyAfter().getHour()).runDue().failed()).isZero();

        assertThat(books.only().type()).isEqualTo(DiscrepancyType.STATUS_MISMATCH);
        assertThat(books.only().occurredOn()).isEqualTo(day);
        assertThat(scheduled())
                .filteredOn(run -> run.recordCount() > 0)
                .extracting(
                        run -> run.period().start(),
                        ReconciliationRun::runs,
                        ReconciliationRun::recordCount,
                        ReconciliationRun::matchedCount)
                .containsExactly(tuple(day.plusDays(1), 1, 1L, 1L), tuple(day, 2, 1L, 0L));

        // What both sides know by now is nothing to look at again.
        books.refunded(payment, "40.00");
        assertThat(atDay(yesterday.plusDays(1)).runDue().failed()).isZero();
        assertThat(books.types()).isEmpty();
        assertThat(scheduled())
                .filteredOn(run -> run.period().start().equals(day))
                .extracting(ReconciliationRun::runs)
                .containsExactly(2);
    }

    @Test
    void daysOnWhichNothingRanAreMadeUpFor() {
        LocalDate day = books.day();
        assertThat(atDay(day.minusDays(3)).runDue().failed()).isZero();

        assertThat(atDay(day.plusDays(1)).runDue().failed()).isZero();

        assertThat(scheduled())
                .extracting(run -> run.period().start())
                .containsExactly(day, day.minusDays(1), day.minusDays(2), day.minusDays(3), day.minusDays(4));
    }

    @Test
    void whoeverReconcilesYesterdayInTheMorningDoesNotKeepTheNightFromLookingBack() {
        assertThat(atDay(yesterday.minusDays(2)).runDue().failed()).isZero();
        books.run(Period.of(yesterday.minusDays(1)));

        assertThat(at(settings.dailyAfter().getHour()).runDue().failed()).isZero();

        assertThat(scheduled())
                .extracting(run -> run.period().start(), ReconciliationRun::runs)
                .containsExactly(
                        tuple(yesterday.minusDays(1), 2),
                        tuple(yesterday.minusDays(2), 1),
                        tuple(yesterday.minusDays(3), 2));
    }

    @Test
    void beforeItsNightIsFarEnoughNothingIsDue() {
        assertThat(at(0).runDue().failed()).isZero();

        assertThat(scheduled()).isEmpty();
    }

    /** The hospital's yesterday at that hour: what is written now is later than that. */
    private DailyReconciliation at(int hour) {
        return at(yesterday, hour);
    }

    /** In the night at the beginning of that day, when the day before is reconciled. */
    private DailyReconciliation atDay(LocalDate day) {
        return at(day, settings.dailyAfter().getHour());
    }

    private DailyReconciliation at(LocalDate day, int hour) {
        return new DailyReconciliation(
                runs, organizations, settings, Clock.fixed(books.at(day, hour, 10), ZoneOffset.UTC));
    }

    private List<ReconciliationRun> scheduled() {
        return books.hospital.call(() -> runs.list(null, 20));
    }

    /** For this hospital: the night of another one may end later. */
    private List<Long> everythingWritten() {
        var superuser = JdbcClient.create(TestServices.postgres().superuser());
        return List.of(
                superuser
                        .sql("select coalesce(sum(runs), 0) from reconciliation_runs where org_id = :org")
                        .param("org", books.hospital.id().value())
                        .query(Long.class)
                        .single(),
                superuser
                        .sql("select count(*) from reconciliation_items where org_id = :org")
                        .param("org", books.hospital.id().value())
                        .query(Long.class)
                        .single(),
                superuser
                        .sql("select count(*) from audit_log where org_id = :org and action = 'reconciliation-run'")
                        .param("org", books.hospital.id().value())
                        .query(Long.class)
                        .single());
    }
}

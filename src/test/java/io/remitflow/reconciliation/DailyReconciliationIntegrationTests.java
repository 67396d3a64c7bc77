package io.remitflow.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

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

    @Test
    void beforeItsNightIsFarEnoughNothingIsDue() {
        assertThat(at(0).runDue().failed()).isZero();

        assertThat(scheduled()).isEmpty();
    }

    /** The hospital's yesterday at that hour: what is written now is later than that. */
    private DailyReconciliation at(int hour) {
        return new DailyReconciliation(
                runs, organizations, settings, Clock.fixed(books.at(yesterday, hour, 10), ZoneOffset.UTC));
    }

    private List<ReconciliationRun> scheduled() {
        return books.hospital.call(() -> runs.list(null, 5));
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

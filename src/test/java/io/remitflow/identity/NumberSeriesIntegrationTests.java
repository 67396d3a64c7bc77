package io.remitflow.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.local.BooksTest;
import io.remitflow.local.TestHospital;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@BooksTest
class NumberSeriesIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    TransactionTemplate transactions;

    @Test
    void b9_aNumberOfNewYearsEveCarriesTheOldYearAlthoughItIsTheNewOneInUtc() {
        TestHospital hospital = TestHospital.create(context);

        assertThat(hospital.call(() -> nextAt("2027-01-01T04:59:59Z"))).isEqualTo("T-2026-000001");
        assertThat(hospital.call(() -> nextAt("2027-01-01T05:00:00Z"))).isEqualTo("T-2027-000001");
        assertThat(hospital.call(() -> nextAt("2026-12-31T12:00:00Z"))).isEqualTo("T-2026-000002");
    }

    private String nextAt(String instant) {
        var organizations = new Organizations(
                jdbc,
                transactions,
                context,
                context.getBean(AuditLog.class),
                Clock.fixed(Instant.parse(instant), ZoneOffset.UTC));
        return Objects.requireNonNull(transactions.execute(status -> new NumberSeries(jdbc, organizations).next("T")));
    }
}

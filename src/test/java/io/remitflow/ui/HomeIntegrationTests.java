package io.remitflow.ui;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.remittance.CashEvidence;
import io.remitflow.remittance.CashKind;
import io.remitflow.remittance.Settlements;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.joda.money.Money;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** The first page after the sign-in. */
@BooksTest
class HomeIntegrationTests {

    private static final Pattern SERIES = Pattern.compile("data-series=\"([^\"]*)\"");
    private static final int TODAY = 29;

    @Autowired
    ApplicationContext context;

    @LocalServerPort
    int port;

    @Test
    void theChartShowsWhatPayersAndPatientsPaidEachDayToThoseWhoMaySeeIt() throws IOException {
        var hospital = TestHospital.create(context);
        hospital.run(() -> {
            var today = context.getBean(Organizations.class).today();
            var account = context.getBean(PatientAccounts.class).open(NewPatientAccount.of("patient-of-the-chart"));
            for (String charge : new String[] {"ch_home_1", "ch_home_2"}) {
                context.getBean(Payments.class)
                        .record(NewPayment.card(
                                account, null, today, Money.parse("USD 40.00"), "4242", Gateways.SANDBOX, charge));
            }
            for (int daysAgo : new int[] {0, 2, 40}) {
                context.getBean(Settlements.class)
                        .cashSeen(new CashEvidence(
                                CashKind.EFT,
                                null,
                                "HOME" + daysAgo,
                                "1512345678",
                                "",
                                Money.parse("USD 100.00"),
                                Money.parse("USD 0.00"),
                                today.minusDays(daysAgo)));
            }
        });

        JsonNode manager = chart(hospital, Role.BILLING_MANAGER).getOrDefault("Money in", MissingNode.getInstance());
        assertThat(manager).hasSize(30);
        assertThat(manager.get(TODAY).decimalValue()).isEqualByComparingTo("180.00");
        assertThat(manager.get(TODAY - 1).decimalValue()).isZero();
        assertThat(manager.get(TODAY - 2).decimalValue()).isEqualByComparingTo("100.00");

        JsonNode analyst = chart(hospital, Role.ANALYST).getOrDefault("Money in", MissingNode.getInstance());
        assertThat(analyst.get(TODAY).decimalValue())
                .as("remittances, but no patient accounts")
                .isEqualByComparingTo("100.00");
        assertThat(chart(hospital, Role.ORG_ADMIN)).isEmpty();
    }

    /** The figures of each day by direction; empty if the page has no chart. */
    private Map<String, JsonNode> chart(TestHospital hospital, Role role) throws IOException {
        var page = TestClient.browser(port)
                .signIn(hospital.signInName(role), TestHospital.PASSWORD)
                .get("/app");
        assertThat(page.statusCode()).isEqualTo(200);
        var lines = new HashMap<String, JsonNode>();
        var series = SERIES.matcher(page.body());
        if (series.find()) {
            JsonMapper.builder()
                    .build()
                    .readTree(series.group(1).replace("&quot;", "\""))
                    .forEach(line -> lines.put(line.get("direction").asText(), line.get("amounts")));
        }
        return lines;
    }
}

package io.remitflow.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.core.Amounts;
import io.remitflow.identity.Role;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.joda.money.CurrencyUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Transfers as SePay reports them, in the shapes of its own samples. */
@BooksTest
class SePayIntegrationTests {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SECRET = "whsec_sepay_local";

    @Autowired
    ApplicationContext context;

    @Autowired
    Payments payments;

    @Autowired
    PatientAccounts accounts;

    @Autowired
    Clearing clearing;

    @LocalServerPort
    int port;

    TestHospital hospital;
    UUID account = new UUID(0, 0);
    String number = "";

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context, CurrencyUnit.of("VND"));
        hospital.run(() -> {
            context.getBean(Gateways.class).connect(Gateways.SEPAY, "token", SECRET, true);
            account = accounts.open(NewPatientAccount.of("patient-" + UUID.randomUUID()));
            number = accounts.get(account).number();
        });
    }

    @Test
    void aTransferThatNamesAnAccountIsAPaymentInWhateverAmountItHas() {
        assertThat(signed(transfer(92704, "in", 2_220_000, "TT " + number.replace("-", "") + " vien phi", null))
                        .body())
                .contains("\"success\":true");
        assertThat(signed(transfer(92705, "IN", 500, "tt " + number, "MBVCB.1")).statusCode())
                .isEqualTo(200);
        awaitWorked();

        assertThat(states()).containsExactly("92704 in matched", "92705 in matched");
        hospital.run(() -> {
            assertThat(accounts.get(account).balance()).isEqualTo(Amounts.ofMinor(-2_220_500, "VND"));
            assertThat(clearing.balance(
                            StandardAccount.CARD_CLEARING, new ClearingReference("gateway-payment", "92704")))
                    .isEqualTo(Amounts.ofMinor(2_220_000, "VND"));
            assertThat(payments.ofAccount(account)).allMatch(payment -> !payment.viaGateway());
        });
        Invariants.ofTests().hold();
    }

    @Test
    void d17_aTransferWhoseReferenceLooksLikeTheNumberOfACardIsBookedWithoutIt() {
        signed(transfer(6, "in", 100_000, number, Invariants.CARD_NUMBER));
        awaitWorked();

        assertThat(states()).containsExactly("6 in matched");
        hospital.run(() -> assertThat(payments.ofAccount(account))
                .singleElement()
                .satisfies(payment -> {
                    assertThat(payment.amount()).isEqualTo(Amounts.ofMinor(100_000, "VND"));
                    assertThat(payment.reference()).contains("4242").doesNotContain(Invariants.CARD_NUMBER);
                }));
    }

    @Test
    void b1_theSameTransferManyTimesAtOnceIsOnePayment() throws Exception {
        String body = transfer(7, "in", 100_000, number, "FT1");
        List<Callable<Integer>> calls = IntStream.range(0, 40)
                .mapToObj(i -> (Callable<Integer>) () -> signed(body).statusCode())
                .toList();
        try (var pool = Executors.newFixedThreadPool(16)) {
            for (var answer : pool.invokeAll(calls)) {
                assertThat(answer.get()).isEqualTo(200);
            }
        }
        awaitWorked();

        hospital.run(() -> assertThat(payments.ofAccount(account)).hasSize(1));
    }

    @Test
    void twoTransfersWithTheSameContentAreTwoPaymentsUnlessTheBankReferenceIsTheSame() {
        signed(transfer(1, "in", 100_000, number, "FT1"));
        awaitWorked();
        signed(transfer(2, "in", 100_000, number, "FT2"));
        signed(transfer(3, "in", 100_000, number, "FT1"));
        awaitWorked();

        assertThat(states()).containsExactly("1 in matched", "2 in matched", "3 in duplicate");
        hospital.run(() -> assertThat(payments.ofAccount(account)).hasSize(2));
    }

    @Test
    void b6_aTransferThatNamesNobodyIsUnappliedCash() {
        signed(transfer(4, "in", 1_700_000, "Thanh toan QR SE123456", "FT123456789"));
        signed(transfer(5, "out", 500_000, "Chuyen tien", null));
        awaitWorked();

        assertThat(states()).containsExactly("4 in unmatched", "5 out unmatched");
        hospital.run(() -> assertThat(
                        clearing.balance(StandardAccount.CARD_CLEARING, new ClearingReference("gateway-payment", "4")))
                .isEqualTo(Amounts.ofMinor(1_700_000, "VND")));
        Invariants.ofTests().hold();
    }

    @Test
    void b6_aTransferThatNamesNobodyIsGivenToAnAccountOverTheApi() throws Exception {
        signed(transfer(4, "in", 1_700_000, "Thanh toan QR SE123456", "FT123456789"));
        signed(transfer(5, "out", 500_000, "Chuyen tien", null));
        signed(transfer(8, "in", 20_000, number, "FT8"));
        awaitWorked();
        var clerk = TestClient.api(port, hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        var analyst = TestClient.api(port, hospital.signInName(Role.ANALYST), TestHospital.PASSWORD);
        JsonNode listed = JSON.readTree(clerk.get("/billing/bank-transfers").body());
        assertThat(listed.path("items")).hasSize(1);
        JsonNode only = listed.at("/items/0");
        assertThat(only.path("transferId").asText()).isEqualTo("4");
        assertThat(only.path("amount").asText()).isEqualTo("1700000");
        assertThat(only.path("currency").asText()).isEqualTo("VND");
        JsonNode page = JSON.readTree(
                clerk.get("/billing/bank-transfers?show=all&limit=1").body());
        assertThat(page.at("/items/0/transferId").asText()).isEqualTo("8");
        assertThat(JSON.readTree(clerk.get("/billing/bank-transfers?show=all&after="
                                        + page.path("next").asText())
                                .body())
                        .at("/items/0/transferId")
                        .asText())
                .isEqualTo("4");
        String path = "/billing/bank-transfers/" + only.path("id").asText();
        String body = "{\"accountNumber\": \"%s\"}".formatted(number);

        assertThat(analyst.json("POST", path + "/assignment", body).statusCode())
                .isEqualTo(403);
        assertThat(clerk.json("POST", path + "/assignment", "{\"accountNumber\": \"PA-0\"}")
                        .statusCode())
                .isEqualTo(400);
        for (int time = 0; time < 2; time++) {
            var answer = clerk.send(clerk.request(path + "/assignment")
                    .header("Content-Type", "application/json")
                    .header("Idempotency-Key", "first")
                    .POST(BodyPublishers.ofString(body)));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(JSON.readTree(answer.body()).path("state").asText()).isEqualTo("matched");
        }

        assertThat(clerk.json("POST", path + "/assignment", body).statusCode()).isEqualTo(409);
        assertThat(JSON.readTree(clerk.get(path).body()).path("paymentId").isTextual())
                .isTrue();
        assertThat(clerk.get("/billing/bank-transfers?show=some").statusCode()).isEqualTo(400);
        hospital.run(() -> assertThat(accounts.get(account).balance()).isEqualTo(Amounts.ofMinor(-1_720_000, "VND")));
        Invariants.ofTests().hold();
    }

    @Test
    void b3_b4_onlyTheKeyOrAFreshSignatureOverTheVeryBytesIsBelieved() {
        String body = transfer(6, "in", 1_000, number, null);
        long now = Instant.now().getEpochSecond();

        assertThat(post(body, "X-SePay-Signature", signature(body, now), "X-SePay-Timestamp", "" + (now + 1))
                        .statusCode())
                .isEqualTo(400);
        assertThat(post(body, "X-SePay-Signature", signature(body, now - 360), "X-SePay-Timestamp", "" + (now - 360))
                        .statusCode())
                .isEqualTo(400);
        assertThat(post(body, "Authorization", "Apikey wrong").statusCode()).isEqualTo(400);
        assertThat(post(body, "X-Nothing", "x").statusCode()).isEqualTo(400);
        assertThat(post(body, "Authorization", "Apikey " + SECRET).statusCode()).isEqualTo(200);
        assertThat(signed(body.replace("1000,", "10.5,")).statusCode()).isEqualTo(400);
        awaitWorked();
        assertThat(states()).containsExactly("6 in matched");
    }

    private HttpResponse<String> signed(String body) {
        long now = Instant.now().getEpochSecond();
        return post(body, "X-SePay-Signature", signature(body, now), "X-SePay-Timestamp", Long.toString(now));
    }

    private HttpResponse<String> post(String body, String... headers) {
        TestClient sepay = TestClient.browser(port);
        return sepay.send(sepay.request("/billing/payments/webhooks/sepay/" + hospital.code())
                .header("Content-Type", "application/json")
                .headers(headers)
                .POST(BodyPublishers.ofString(body)));
    }

    private static String signature(String body, long at) {
        return "sha256="
                + HexFormat.of().formatHex(WebhookSignature.hmac(SECRET, at, body.getBytes(StandardCharsets.UTF_8)));
    }

    private static String transfer(
            long id, String type, long amount, String content, @org.jspecify.annotations.Nullable String reference) {
        return """
                {"id": %d, "gateway": "MBBank", "transactionDate": "2024-05-25 21:11:02", "accountNumber": "0359123456",
                 "subAccount": null, "code": null, "content": "%s", "transferType": "%s", "description": "",
                 "transferAmount": %d, "referenceCode": %s, "accumulated": 0}
                """.formatted(id, content, type, amount, reference == null ? "null" : "\"" + reference + "\"");
    }

    private void awaitWorked() {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> superuser()
                                .sql(
                                        "select count(*) from payments_gateway_events where org_id = ? and state = 'received'")
                                .param(hospital.id().value())
                                .query(Long.class)
                                .single()
                        == 0);
    }

    private List<String> states() {
        return superuser()
                .sql(
                        "select transfer_id || ' ' || direction || ' ' || state from payments_bank_transfers where org_id = ? order by transfer_id")
                .param(hospital.id().value())
                .query(String.class)
                .list();
    }

    private static JdbcClient superuser() {
        return JdbcClient.create(TestServices.postgres().superuser());
    }
}

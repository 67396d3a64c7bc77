package io.remitflow.payments;

import static org.awaitility.Awaitility.await;

import com.stripe.net.Webhook;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.Ports;
import io.remitflow.local.StripeStandIn;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A hospital with an account at Stripe's stand-in and one patient account. The caller closes it. */
final class StripeBooks implements AutoCloseable {

    final TestHospital hospital;
    final StripeStandIn stripe;
    final UUID account;
    private final ApplicationContext context;
    private final int port;

    /** @param port of the application */
    StripeBooks(ApplicationContext context, int port) {
        this.context = context;
        this.port = port;
        int stripePort = Ports.free();
        hospital = TestHospital.create(context);
        hospital.run(() -> context.getBean(Gateways.class)
                .register(
                        Gateways.STRIPE,
                        "Stripe",
                        URI.create("http://127.0.0.1:" + stripePort),
                        StripeStandIn.API_KEY,
                        StripeStandIn.WEBHOOK_SECRET,
                        true));
        account = newAccount();
        stripe = new StripeStandIn(null)
                .confirmAfter(Duration.ofHours(1))
                .reportTo(URI.create(
                        "http://127.0.0.1:%d/billing/payments/webhooks/stripe/%s".formatted(port, hospital.code())));
        stripe.start(stripePort);
    }

    UUID newAccount() {
        return hospital.call(() ->
                context.getBean(PatientAccounts.class).open(NewPatientAccount.of("patient-" + UUID.randomUUID())));
    }

    /** Started and opened at Stripe. */
    Checkout checkout(String amount) {
        return hospital.call(() -> {
            var checkouts = context.getBean(Checkouts.class);
            return checkouts
                    .present(checkouts.start(account, null, usd(amount)))
                    .checkout();
        });
    }

    Checkout again(Checkout checkout) {
        return hospital.call(() -> context.getBean(Checkouts.class).get(checkout.id()));
    }

    /** Paid at Stripe and posted. */
    Payment paid(String amount) {
        Checkout checkout = checkout(amount);
        stripe.pay(String.valueOf(checkout.gatewayTransactionId()));
        awaitWorked();
        return hospital.call(() -> context.getBean(Payments.class).ofAccount(account).stream()
                .filter(payment ->
                        String.valueOf(checkout.gatewayTransactionId()).equals(payment.gatewayTransactionId()))
                .findFirst()
                .orElseThrow());
    }

    Payment again(Payment payment) {
        return hospital.call(() -> context.getBean(Payments.class).get(payment.id()));
    }

    Money balance() {
        return hospital.call(
                () -> context.getBean(PatientAccounts.class).get(account).balance());
    }

    Money ledger(StandardAccount of) {
        return hospital.call(
                () -> context.getBean(ChartOfAccounts.class).get(of).balance());
    }

    Money clearing(StandardAccount of, String kind, String value) {
        return hospital.call(() -> context.getBean(Clearing.class).balance(of, new ClearingReference(kind, value)));
    }

    /** The answer to a webhook that Stripe signs. */
    int report(String event) {
        TestClient stranger = TestClient.browser(port);
        return stranger.send(stranger.request("/billing/payments/webhooks/stripe/" + hospital.code())
                        .header("Content-Type", "application/json")
                        .header("Stripe-Signature", signature(event))
                        .POST(BodyPublishers.ofString(event)))
                .statusCode();
    }

    /** Everything that Stripe reported is worked through. */
    void awaitWorked() {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> superuser()
                                .sql(
                                        "select count(*) from payments_gateway_events where org_id = ? and state = 'received'")
                                .param(hospital.id().value())
                                .query(Long.class)
                                .single()
                        == 0);
    }

    /** Like {@code payment_intent.succeeded processed}. */
    List<String> events() {
        return superuser()
                .sql(
                        "select event_type || ' ' || state from payments_gateway_events where org_id = ? order by received_at, id")
                .param(hospital.id().value())
                .query(String.class)
                .list();
    }

    long count(String table) {
        return superuser()
                .sql("select count(*) from %s where org_id = ?".formatted(table))
                .param(hospital.id().value())
                .query(Long.class)
                .single();
    }

    Map<String, Object> object(Checkout checkout) {
        return stripe.object(String.valueOf(checkout.gatewayTransactionId()));
    }

    static Money usd(String amount) {
        return Money.of(CurrencyUnit.USD, new BigDecimal(amount));
    }

    static JdbcClient superuser() {
        return JdbcClient.create(TestServices.postgres().superuser());
    }

    private static String signature(String event) {
        try {
            return Webhook.Signature.generateSignatureHeader(
                    event, StripeStandIn.WEBHOOK_SECRET, Instant.now().getEpochSecond());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        stripe.close();
    }
}

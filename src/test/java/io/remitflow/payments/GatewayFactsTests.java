package io.remitflow.payments;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What events of the gateways say about a payment. */
class GatewayFactsTests {

    static final Instant RECEIVED = Instant.parse("2026-03-02T10:00:00Z");

    @Test
    void aChargeIsKnownByItsIntentAndHappenedWhenTheGatewaySays() {
        GatewayFacts facts = of("stripe", """
                {"type": "charge.succeeded", "created": 1772445600, "data": {"object": {"object": "charge", "id": "ch_1",
                 "payment_intent": "pi_1", "amount": 12000, "amount_captured": 12000, "amount_refunded": 0,
                 "currency": "usd", "status": "succeeded", "captured": true, "customer": "cus_1",
                 "payment_method_details": {"card": {"fingerprint": "Xt5EWLLDS7FJjR1c"}}}}}
                """).orElseThrow();

        assertThat(facts)
                .isEqualTo(new GatewayFacts(
                        "charge",
                        "pi_1",
                        "ch_1",
                        12_000,
                        0L,
                        "USD",
                        "succeeded",
                        "cus_1",
                        "Xt5EWLLDS7FJjR1c",
                        Instant.ofEpochSecond(1_772_445_600)));
    }

    @Test
    void whatWasNeverCapturedIsNoRefund() {
        GatewayFacts facts = of("stripe", """
                {"type": "charge.refunded", "created": 1772445600, "data": {"object": {"id": "ch_1",
                 "payment_intent": null, "amount": 12000, "amount_captured": 7000, "amount_refunded": 6000,
                 "currency": "usd", "status": "succeeded", "captured": true}}}
                """).orElseThrow();

        assertThat(facts.transactionId()).isEqualTo("ch_1");
        assertThat(facts.amountMinor()).isEqualTo(7_000);
        assertThat(facts.refundedMinor()).isEqualTo(1_000);
    }

    @Test
    void anAuthorizationIsNoMoneyYet() {
        assertThat(of("stripe", """
                        {"type": "charge.succeeded", "data": {"object": {"id": "ch_1", "amount": 100, "currency": "usd",
                         "status": "succeeded", "captured": false}}}
                        """).orElseThrow().status()).isEqualTo("pending");
    }

    @Test
    void anIntentThatLostItsPaymentMethodHasFailedOnlyIfThereWasAnError() {
        String intent = """
                {"type": "payment_intent.payment_failed", "data": {"object": {"id": "pi_1", "amount": 100,
                 "currency": "usd", "status": "requires_payment_method", "latest_charge": "ch_1"%s}}}
                """;
        assertThat(of("stripe", intent.formatted("")).orElseThrow().status()).isEqualTo("pending");
        assertThat(of("stripe", intent.formatted(", \"last_payment_error\": {\"code\": \"card_declined\"}"))
                        .orElseThrow()
                        .status())
                .isEqualTo("failed");
    }

    @Test
    void aTransferOfSePayHappenedInTheTimeOfVietnamAndOnlyIncomingOnesCount() {
        String transfer = """
                {"id": 92704, "transactionDate": "2026-03-02 23:50:00", "transferType": "%s", "transferAmount": 2277000,
                 "referenceCode": "MBVCB.1", "content": "PA-2026-000001"}
                """;

        GatewayFacts facts = of("sepay", transfer.formatted("in")).orElseThrow();

        assertThat(facts.transactionId()).isEqualTo("92704");
        assertThat(facts.currency()).isEqualTo("VND");
        assertThat(facts.amountMinor()).isEqualTo(2_277_000);
        assertThat(facts.occurredAt()).isEqualTo(Instant.parse("2026-03-02T16:50:00Z"));
        assertThat(of("sepay", transfer.formatted("out"))).isEmpty();
    }

    @Test
    void eventsThatSayNothingComparableHaveNoFacts() {
        assertThat(of("stripe", "{\"type\": \"customer.created\", \"data\": {\"object\": {\"id\": \"cus_1\"}}}"))
                .isEmpty();
        assertThat(of("stripe", """
                        {"type": "charge.succeeded", "data": {"object": {"id": "ch_1", "amount": 10.5, "currency": "usd",
                         "status": "succeeded"}}}
                        """)).isEmpty();
        assertThat(of("stripe", """
                        {"type": "charge.succeeded", "data": {"object": {"id": "ch_1", "amount": 10, "currency": "zzz",
                         "status": "succeeded"}}}
                        """)).isEmpty();
    }

    private static Optional<GatewayFacts> of(String provider, String event) {
        try {
            return GatewayFacts.of(provider, new ObjectMapper().readTree(event), RECEIVED);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}

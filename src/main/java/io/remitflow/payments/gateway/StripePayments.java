package io.remitflow.payments.gateway;

import com.stripe.StripeClient;
import com.stripe.exception.CardException;
import com.stripe.exception.InvalidRequestException;
import com.stripe.exception.StripeException;
import com.stripe.model.BalanceTransaction;
import com.stripe.model.Charge;
import com.stripe.model.Dispute;
import com.stripe.model.PaymentIntent;
import com.stripe.param.PaymentIntentCreateParams;
import com.stripe.param.PaymentIntentCreateParams.AutomaticPaymentMethods;
import com.stripe.param.PaymentIntentRetrieveParams;
import com.stripe.param.PaymentIntentSearchParams;
import io.remitflow.payments.CardGateway;
import io.remitflow.payments.CardGateway.GatewayOutcomeUnknown;
import io.remitflow.payments.CheckoutGateway;
import io.remitflow.payments.DisputeStatus;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.PaymentMethod;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Payments and disputes at Stripe through its official client: PaymentIntents that the patient's browser confirms with
 * Stripe itself.
 */
@Component
class StripePayments implements CheckoutGateway {

    private static final Logger log = LoggerFactory.getLogger(StripePayments.class);

    private final StripeCalls stripe;

    StripePayments(StripeCalls stripe) {
        this.stripe = stripe;
    }

    @Override
    public String provider() {
        return Gateways.STRIPE;
    }

    @Override
    public GatewayPayment open(PaymentOrder order) {
        var params = PaymentIntentCreateParams.builder()
                .setAmount(order.amount().getAmountMinorLong())
                .setCurrency(order.amount().getCurrencyUnit().getCode().toLowerCase(Locale.ROOT))
                .setAutomaticPaymentMethods(
                        AutomaticPaymentMethods.builder().setEnabled(true).build())
                .setDescription(order.description())
                .putMetadata(CardGateway.METADATA_KEY, order.idempotencyKey())
                .putMetadata(METADATA_ACCOUNT, order.accountId().toString())
                .build();
        StripeClient client = stripe.client();
        try {
            return payment(client.v1().paymentIntents().create(params, StripeCalls.keyed(order.idempotencyKey())));
        } catch (CardException | InvalidRequestException e) {
            log.info("Stripe answered {} to {}", e.getStatusCode(), order.idempotencyKey());
            return new GatewayPayment(
                    "",
                    PaymentState.DECLINED,
                    Money.zero(order.amount().getCurrencyUnit()),
                    order.idempotencyKey(),
                    order.accountId().toString(),
                    PaymentMethod.ONLINE,
                    null,
                    null,
                    StripeCalls.refusal(e),
                    null);
        } catch (StripeException e) {
            throw StripeCalls.sendingFailed(e);
        }
    }

    @Override
    public Optional<GatewayPayment> payment(String transactionId) {
        var params =
                PaymentIntentRetrieveParams.builder().addExpand("latest_charge").build();
        return stripe.ask(
                client -> Optional.of(payment(client.v1().paymentIntents().retrieve(transactionId, params))));
    }

    @Override
    public Optional<GatewayPayment> paymentOfKey(String idempotencyKey) {
        var params = PaymentIntentSearchParams.builder()
                .setQuery("metadata['%s']:'%s'".formatted(CardGateway.METADATA_KEY, idempotencyKey))
                .addExpand("data.latest_charge")
                .build();
        return stripe.ask(client -> client.v1().paymentIntents().search(params).getData().stream()
                .findFirst()
                .map(StripePayments::payment));
    }

    @Override
    public GatewayPayment cancel(String transactionId, String idempotencyKey) {
        StripeClient client = stripe.client();
        try {
            return payment(client.v1().paymentIntents().cancel(transactionId, StripeCalls.keyed(idempotencyKey)));
        } catch (InvalidRequestException e) {
            // It was paid or closed meanwhile; how it stands says which.
            return payment(transactionId)
                    .orElseThrow(() -> new GatewayOutcomeUnknown("Stripe does not know the payment any more", e));
        } catch (StripeException e) {
            throw StripeCalls.sendingFailed(e);
        }
    }

    @Override
    public Optional<GatewayDispute> dispute(String disputeId) {
        return stripe.ask(client -> Optional.of(dispute(client.v1().disputes().retrieve(disputeId))));
    }

    private static GatewayPayment payment(PaymentIntent intent) {
        PaymentState state = switch (Objects.requireNonNullElse(intent.getStatus(), "")) {
            case "requires_payment_method", "requires_confirmation", "requires_action" -> PaymentState.OPEN;
            case "processing", "requires_capture" -> PaymentState.PROCESSING;
            case "succeeded" -> PaymentState.SUCCEEDED;
            case "canceled" -> PaymentState.CANCELLED;
            default -> throw new GatewayOutcomeUnknown("unknown state of a payment", new IllegalStateException());
        };
        Map<String, String> metadata = Objects.requireNonNullElse(intent.getMetadata(), Map.of());
        Charge charge = intent.getLatestChargeObject();
        return new GatewayPayment(
                intent.getId(),
                state,
                StripeCalls.money(Objects.requireNonNullElse(intent.getAmountReceived(), 0L), intent.getCurrency()),
                metadata.get(CardGateway.METADATA_KEY),
                metadata.get(METADATA_ACCOUNT),
                method(charge),
                card(charge).map(Charge.PaymentMethodDetails.Card::getLast4).orElse(null),
                card(charge)
                        .map(Charge.PaymentMethodDetails.Card::getFingerprint)
                        .orElse(null),
                intent.getLastPaymentError() == null
                        ? null
                        : Objects.requireNonNullElse(
                                intent.getLastPaymentError().getCode(), "declined"),
                intent.getClientSecret());
    }

    private static PaymentMethod method(@Nullable Charge charge) {
        if (charge == null || charge.getPaymentMethodDetails() == null) {
            return PaymentMethod.ONLINE;
        }
        var details = charge.getPaymentMethodDetails();
        return switch (Objects.requireNonNullElse(details.getType(), "")) {
            case "card" ->
                details.getCard() != null && "debit".equals(details.getCard().getFunding())
                        ? PaymentMethod.DEBIT_CARD
                        : PaymentMethod.CREDIT_CARD;
            case "us_bank_account", "ach_debit" -> PaymentMethod.ACH;
            default -> PaymentMethod.ONLINE;
        };
    }

    private static Optional<Charge.PaymentMethodDetails.Card> card(@Nullable Charge charge) {
        return Optional.ofNullable(charge)
                .map(Charge::getPaymentMethodDetails)
                .map(Charge.PaymentMethodDetails::getCard);
    }

    private static GatewayDispute dispute(Dispute dispute) {
        DisputeStatus status = switch (Objects.requireNonNullElse(dispute.getStatus(), "")) {
            case "warning_needs_response", "warning_under_review" -> DisputeStatus.INQUIRY;
            case "warning_closed", "prevented" -> DisputeStatus.CLOSED;
            case "needs_response" -> DisputeStatus.NEEDS_RESPONSE;
            case "under_review" -> DisputeStatus.UNDER_REVIEW;
            case "won" -> DisputeStatus.WON;
            case "lost" -> DisputeStatus.LOST;
            default -> throw new GatewayOutcomeUnknown("unknown state of a dispute", new IllegalStateException());
        };
        var evidence = dispute.getEvidenceDetails();
        return new GatewayDispute(
                dispute.getId(),
                Stream.of(dispute.getPaymentIntent(), dispute.getCharge())
                        .filter(Objects::nonNull)
                        .collect(Collectors.toUnmodifiableSet()),
                StripeCalls.money(dispute.getAmount(), dispute.getCurrency()),
                Objects.requireNonNullElse(dispute.getReason(), "general"),
                status,
                Instant.ofEpochSecond(dispute.getCreated()),
                evidence == null || evidence.getDueBy() == null ? null : Instant.ofEpochSecond(evidence.getDueBy()),
                Objects.requireNonNullElse(dispute.getBalanceTransactions(), List.<BalanceTransaction>of()).stream()
                        .map(moved -> new Movement(
                                moved.getId(),
                                StripeCalls.money(moved.getAmount(), moved.getCurrency()),
                                StripeCalls.money(Objects.requireNonNullElse(moved.getFee(), 0L), moved.getCurrency())))
                        .toList());
    }
}

package io.remitflow.payments.web;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.payments.Checkout;
import io.remitflow.payments.CheckoutStatus;
import io.remitflow.payments.Checkouts;
import io.remitflow.payments.IdempotentRequests;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Payments that patients make at the gateway, for a portal or a desk: no card number comes this way. */
@RestController
@RequestMapping("/billing/checkouts")
class CheckoutResource {

    private final Checkouts checkouts;
    private final IdempotentRequests requests;
    private final Organizations organizations;

    CheckoutResource(Checkouts checkouts, IdempotentRequests requests, Organizations organizations) {
        this.checkouts = checkouts;
        this.requests = requests;
        this.organizations = organizations;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    Page list(
            @RequestParam(required = false) @Nullable UUID accountId,
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        int most = Math.clamp(limit, 1, 200);
        List<CheckoutView> items = checkouts.list(status(status), accountId, after, most).stream()
                .map(checkout -> CheckoutView.of(checkout, null))
                .toList();
        return new Page(items, items.size() < most ? null : items.getLast().id());
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    CheckoutView get(@PathVariable UUID id) {
        return CheckoutView.of(checkouts.get(id), null);
    }

    /**
     * Starts a payment. The answer has the secret with which the patient's browser pays at the gateway; without it the
     * gateway did not answer yet, and the same request asks again.
     */
    @PostMapping
    @PreAuthorize("hasAuthority('payments.post')")
    ResponseEntity<CheckoutView> start(
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody @Valid NewCheckoutBody body) {
        String currency = organizations.current().currency().getCode();
        UUID id = requests.once(
                "checkouts",
                key,
                body,
                () -> checkouts.start(body.accountId(), body.claimId(), Amounts.parse(body.amount(), currency)));
        return ResponseEntity.created(URI.create("/billing/checkouts/" + id)).body(view(checkouts.present(id)));
    }

    /** Asks the gateway how it stands, and gives the secret again while the patient has not paid. */
    @PostMapping("/{id}/question")
    @PreAuthorize("hasAuthority('payments.post')")
    CheckoutView ask(@PathVariable UUID id) {
        return view(checkouts.present(id));
    }

    @PostMapping("/{id}/cancellation")
    @PreAuthorize("hasAuthority('payments.post')")
    CheckoutView cancel(@PathVariable UUID id) {
        checkouts.cancel(id);
        return CheckoutView.of(checkouts.get(id), null);
    }

    private static CheckoutView view(Checkouts.Presented presented) {
        return CheckoutView.of(presented.checkout(), presented.clientSecret());
    }

    private static @Nullable CheckoutStatus status(@Nullable String key) {
        try {
            return key == null || key.isBlank() ? null : CheckoutStatus.ofKey(key);
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "unknown status");
        }
    }

    record Page(List<CheckoutView> items, @Nullable UUID next) {}

    record NewCheckoutBody(
            @NotNull UUID accountId,
            @Nullable UUID claimId,
            @NotBlank @Size(max = 30) String amount) {}

    record CheckoutView(
            UUID id,
            String number,
            UUID accountId,
            @Nullable UUID claimId,
            String amount,
            String currency,
            String status,
            @Nullable String declineCode,
            @Nullable String refusalReason,
            @Nullable String gatewayTransactionId,
            @Nullable UUID paymentId,
            Instant startedAt,
            @Nullable String clientSecret) {

        static CheckoutView of(Checkout checkout, @Nullable String clientSecret) {
            return new CheckoutView(
                    checkout.id(),
                    checkout.number(),
                    checkout.accountId(),
                    checkout.claimId(),
                    checkout.amount().getAmount().toPlainString(),
                    checkout.amount().getCurrencyUnit().getCode(),
                    checkout.status().key(),
                    checkout.declineCode(),
                    checkout.refusalReason(),
                    checkout.gatewayTransactionId(),
                    checkout.paymentId(),
                    checkout.startedAt(),
                    clientSecret);
        }

        @Override
        public String toString() {
            return "CheckoutView[" + number + "]";
        }
    }
}

package io.remitflow.payments.web;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.payments.CounterPayments;
import io.remitflow.payments.CounterPayments.Kind;
import io.remitflow.payments.CounterPayments.Part;
import io.remitflow.payments.IdempotentRequests;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payment;
import io.remitflow.payments.PaymentFilter;
import io.remitflow.payments.PaymentMethod;
import io.remitflow.payments.PaymentStatus;
import io.remitflow.payments.Payments;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
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

@RestController
@RequestMapping("/billing/payments")
class PaymentResource {

    private final Payments payments;
    private final CounterPayments counter;
    private final IdempotentRequests requests;
    private final Organizations organizations;

    PaymentResource(
            Payments payments, CounterPayments counter, IdempotentRequests requests, Organizations organizations) {
        this.payments = payments;
        this.counter = counter;
        this.requests = requests;
        this.organizations = organizations;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    Page list(
            @RequestParam(required = false) @Nullable UUID accountId,
            @RequestParam(required = false) @Nullable UUID claimId,
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        var filter = new PaymentFilter(accountId, claimId, status(status), after, limit);
        List<PaymentView> items =
                payments.list(filter).stream().map(PaymentView::of).toList();
        return new Page(
                items, items.size() < filter.limit() ? null : items.getLast().id());
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    PaymentView get(@PathVariable UUID id) {
        return PaymentView.of(payments.get(id));
    }

    @PostMapping
    @PreAuthorize("hasAuthority('payments.post')")
    ResponseEntity<PaymentView> record(
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody @Valid NewPaymentBody body) {
        UUID id = requests.once("payments", key, body, () -> {
            NewPayment payment = body.toPayment(currency(body));
            return body.allocations() == null
                    ? payments.record(payment)
                    : counter.take(
                            payment,
                            body.checkDate(),
                            body.parts(currency(body)),
                            Boolean.TRUE.equals(body.anotherCheck()));
        });
        return ResponseEntity.created(URI.create("/billing/payments/" + id)).body(PaymentView.of(payments.get(id)));
    }

    /** What it paid when it was taken: invoices, and patient shares of claims. */
    @GetMapping("/{id}/allocations")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    List<AllocationBody> allocations(@PathVariable UUID id) {
        payments.get(id);
        return counter.allocations(id).stream()
                .map(each -> new AllocationBody(
                        each.invoiceId(),
                        each.claimId(),
                        each.amount().getAmount().toPlainString()))
                .toList();
    }

    /** The receipt, as PDF. */
    @GetMapping(path = "/{id}/receipt", produces = MediaType.APPLICATION_PDF_VALUE)
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    ResponseEntity<byte[]> receipt(@PathVariable UUID id) {
        return CounterController.receipt(counter, payments, id);
    }

    private String currency(NewPaymentBody body) {
        return body.currency() == null ? organizations.current().currency().getCode() : body.currency();
    }

    private static @Nullable PaymentStatus status(@Nullable String key) {
        try {
            return key == null || key.isBlank() ? null : PaymentStatus.ofKey(key);
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "unknown status");
        }
    }

    record Page(List<PaymentView> items, @Nullable UUID next) {}

    record NewPaymentBody(
            @NotNull UUID accountId,
            @Nullable UUID claimId,
            @NotNull LocalDate date,
            @NotBlank @Size(max = 30) String amount,
            @Nullable @Pattern(regexp = "[A-Z]{3}") String currency,
            @NotBlank @Size(max = 20) String method,
            @Nullable @Size(max = 100) String reference,
            @Nullable @Pattern(regexp = "\\d{4}") String cardLast4,
            @Nullable @Size(max = 50) String gatewayProvider,
            @Nullable @Size(max = 150) String gatewayTransactionId,
            @Nullable LocalDate checkDate,
            @Nullable Boolean anotherCheck,

            @Nullable @Valid @Size(max = CounterPayments.MOST_PARTS) List<AllocationBody> allocations) {

        List<Part> parts(String currency) {
            return allocations == null
                    ? List.of()
                    : allocations.stream().map(each -> each.toPart(currency)).toList();
        }

        NewPayment toPayment(String currency) {
            PaymentMethod payBy;
            try {
                payBy = PaymentMethod.ofKey(method);
            } catch (IllegalArgumentException e) {
                throw new RuleViolation(Refusal.INVALID_INPUT, "unknown payment method");
            }
            return new NewPayment(
                    accountId,
                    claimId,
                    date,
                    Amounts.parse(amount, currency),
                    payBy,
                    reference,
                    cardLast4,
                    gatewayProvider,
                    gatewayTransactionId);
        }
    }

    /** An invoice, or else a claim, and what it gets. */
    record AllocationBody(
            @Nullable UUID invoiceId,
            @Nullable UUID claimId,
            @NotBlank @Size(max = 30) String amount) {

        Part toPart(String currency) {
            if ((invoiceId == null) == (claimId == null)) {
                throw new RuleViolation(Refusal.INVALID_INPUT, "an allocation names an invoice or a claim");
            }
            return invoiceId != null
                    ? new Part(Kind.INVOICE, invoiceId, Amounts.parse(amount, currency))
                    : new Part(Kind.CLAIM, Objects.requireNonNull(claimId), Amounts.parse(amount, currency));
        }
    }

    record PaymentView(
            UUID id,
            String number,
            UUID accountId,
            @Nullable UUID claimId,
            LocalDate date,
            String amount,
            String refunded,
            String disputed,
            String refundable,
            String currency,
            String method,
            String status,
            @Nullable String reference,
            @Nullable String cardLast4,
            @Nullable String gatewayProvider,
            @Nullable String gatewayTransactionId) {

        static PaymentView of(Payment payment) {
            return new PaymentView(
                    payment.id(),
                    payment.number(),
                    payment.accountId(),
                    payment.claimId(),
                    payment.date(),
                    payment.amount().getAmount().toPlainString(),
                    payment.refunded().getAmount().toPlainString(),
                    payment.disputed().getAmount().toPlainString(),
                    payment.refundable().getAmount().toPlainString(),
                    payment.amount().getCurrencyUnit().getCode(),
                    payment.method().key(),
                    payment.status().name().toLowerCase(Locale.ROOT),
                    payment.reference(),
                    payment.cardLast4(),
                    payment.gatewayProvider(),
                    payment.gatewayTransactionId());
        }
    }
}

package io.remitflow.payments;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.UserId;
import io.remitflow.payments.CardGateway.GatewayOutcomeUnknown;
import io.remitflow.payments.CardGateway.GatewayUnavailable;
import io.remitflow.payments.CheckoutGateway.GatewayPayment;
import io.remitflow.payments.CheckoutGateway.PaymentOrder;
import io.remitflow.payments.CheckoutGateway.PaymentState;
import io.remitflow.receivables.AccountStatus;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Payments that patients make at a gateway: the wish is committed before the gateway hears of it, and posted when the
 * gateway has the money, exactly once.
 *
 * <p>Reports of the gateway only make us read the payment there, so their order and repetition change nothing. Money that
 * is not what was asked for is refused: it is shown to people and posted to nobody.
 */
@Service
public class Checkouts implements UnsettledAtGateway {

    /** Subject of the timeline and of the audit log. */
    public static final String SUBJECT = "checkout";

    private static final Logger log = LoggerFactory.getLogger(Checkouts.class);
    private static final String KEY = "checkout-";

    /** For so long the gateway surely knows a key, and a repeat opens nothing twice. */
    private static final Duration KEY_IS_KNOWN = Duration.ofHours(20);

    /** So long a patient may take to pay before the gateway is asked whether we missed its report. */
    private static final Duration PATIENT_MAY_TAKE = Duration.ofHours(1);

    private final CheckoutRows rows;
    private final PaymentRows paymentRows;
    private final Payments payments;
    private final CardFingerprints cards;
    private final PatientAccounts accounts;
    private final CardGateways gateways;
    private final Gateways connections;
    private final NumberSeries numbers;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    Checkouts(
            CheckoutRows rows,
            PaymentRows paymentRows,
            Payments payments,
            CardFingerprints cards,
            PatientAccounts accounts,
            CardGateways gateways,
            Gateways connections,
            NumberSeries numbers,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions,
            Clock clock) {
        this.rows = rows;
        this.paymentRows = paymentRows;
        this.payments = payments;
        this.cards = cards;
        this.accounts = accounts;
        this.gateways = gateways;
        this.connections = connections;
        this.numbers = numbers;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** A checkout as its patient needs it: with the secret by which the browser pays, while there is something to pay. */
    public record Presented(Checkout checkout, @Nullable String clientSecret) {
        @Override
        public String toString() {
            return "Presented[" + checkout.number() + "]";
        }
    }

    /** Writes down that a patient wants to pay; nothing is sent. {@link #present} sends it. */
    @Transactional
    public UUID start(UUID accountId, @Nullable UUID claimId, Money amount) {
        if (!amount.isPositive()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a payment must be more than zero");
        }
        if (!amount.getCurrencyUnit().equals(organizations.current().currency())) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "payments are made in " + organizations.current().currency().getCode());
        }
        if (accounts.get(accountId).status() == AccountStatus.CLOSED) {
            throw new RuleViolation(Refusal.ACCOUNT_NOT_ACTIVE, "a closed account takes no payment");
        }
        if (connections.connection(Gateways.STRIPE).isEmpty()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "no gateway is connected at which patients can pay");
        }
        UUID id = Ids.next();
        Instant now = clock.instant();
        var checkout = new Checkout(
                id,
                numbers.next("CO"),
                accountId,
                claimId,
                amount,
                Gateways.STRIPE,
                KEY + id,
                null,
                CheckoutStatus.INTENDED,
                null,
                null,
                null,
                now,
                now);
        rows.insert(checkout, CurrentUser.find().map(UserId::value).orElse(null));
        timeline.add(SUBJECT, id, "Started", Amounts.format(amount));
        return id;
    }

    /** Opens it at the gateway, or finds what was opened before; repeating it is safe at any time. */
    public Presented present(UUID id) {
        Checkout checkout = get(id);
        if (!checkout.status().waits()) {
            return new Presented(checkout, null);
        }
        Optional<GatewayPayment> answer = find(checkout);
        Checkout now = settle(id, answer);
        String secret = answer.map(GatewayPayment::clientSecret).orElse(null);
        return new Presented(now, now.status() == CheckoutStatus.OPEN ? secret : null);
    }

    /** Closes a checkout that nobody has paid; one that was paid meanwhile is posted instead. */
    public void cancel(UUID id) {
        Checkout checkout = get(id);
        if (checkout.status() != CheckoutStatus.OPEN || checkout.gatewayTransactionId() == null) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE, "checkout %s is not open any more".formatted(checkout.number()));
        }
        try {
            settle(
                    id,
                    Optional.of(gateways.cancelPayment(
                            checkout.gatewayProvider(),
                            checkout.gatewayTransactionId(),
                            checkout.idempotencyKey() + "-cancel")));
        } catch (GatewayOutcomeUnknown | GatewayUnavailable e) {
            log.warn("Checkout {} could not be cancelled: {}", checkout.number(), e.getMessage());
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE, "the gateway does not answer; try again in a few minutes");
        }
    }

    public Checkout get(UUID id) {
        Optional<Checkout> found = transactions.execute(status -> rows.find(id));
        return Objects.requireNonNull(found).orElseThrow(() -> RuleViolation.notFound("the checkout"));
    }

    /** By which a payment came. */
    @Transactional(readOnly = true)
    public Optional<Checkout> ofPayment(UUID paymentId) {
        return rows.ofPayment(paymentId);
    }

    /**
     * Newest first.
     *
     * @param after the id of the last one already seen
     */
    @Transactional(readOnly = true)
    public List<Checkout> list(
            @Nullable CheckoutStatus status, @Nullable UUID accountId, @Nullable UUID after, int limit) {
        return rows.list(status, accountId, after, Math.clamp(limit, 1, 200));
    }

    @Override
    public String kind() {
        return SUBJECT;
    }

    @Override
    @Transactional(readOnly = true)
    public List<Unsettled> unsettled(Instant before, int limit) {
        return rows.withoutNews(before, before.minus(PATIENT_MAY_TAKE), limit).stream()
                .map(checkout -> new Unsettled(
                        checkout.id(),
                        checkout.number(),
                        checkout.gatewayProvider(),
                        checkout.status().key(),
                        checkout.amount(),
                        checkout.changedAt(),
                        "/app/payments/checkouts/" + checkout.id()))
                .toList();
    }

    @Override
    public boolean ask(UUID id) {
        Checkout checkout = get(id);
        return !checkout.status().waits()
                || !settle(id, find(checkout)).status().waits();
    }

    /** Reads what a report of the gateway is about; what it means is found out in the transaction of the event. */
    EventEffect reported(String provider, String transactionId) {
        Optional<GatewayPayment> answer = gateways.payment(provider, transactionId);
        return () -> {
            String key = answer.map(GatewayPayment::key).orElse(null);
            Optional<Checkout> checkout = key == null ? Optional.empty() : rows.ofKey(key);
            if (answer.isEmpty() || checkout.isEmpty()) {
                // Made by somebody at the gateway's own pages: of interest only if money came.
                boolean paid = answer.isPresent() && answer.get().state() == PaymentState.SUCCEEDED;
                return key != null || paid ? "unmatched" : "ignored";
            }
            take(rows.lock(checkout.get().id()), answer.get());
            return "processed";
        };
    }

    /** What the gateway knows of it; empty: nobody knows yet. */
    private Optional<GatewayPayment> find(Checkout checkout) {
        String provider = checkout.gatewayProvider();
        try {
            if (checkout.gatewayTransactionId() != null) {
                return gateways.payment(provider, checkout.gatewayTransactionId());
            }
            if (checkout.status() != CheckoutStatus.INTENDED) {
                Optional<GatewayPayment> opened = gateways.paymentOfKey(provider, checkout.idempotencyKey());
                if (opened.isPresent()) {
                    return opened;
                }
            }
            if (checkout.startedAt().isBefore(clock.instant().minus(KEY_IS_KNOWN))) {
                return Optional.of(neverOpened(checkout));
            }
            return Optional.of(gateways.openPayment(new PaymentOrder(
                    provider, checkout.idempotencyKey(), checkout.accountId(), checkout.amount(), checkout.number())));
        } catch (GatewayOutcomeUnknown | GatewayUnavailable e) {
            log.warn("Checkout {} has no answer yet: {}", checkout.number(), e.getMessage());
            return Optional.empty();
        }
    }

    private static GatewayPayment neverOpened(Checkout checkout) {
        return new GatewayPayment(
                "",
                PaymentState.DECLINED,
                Money.zero(checkout.amount().getCurrencyUnit()),
                checkout.idempotencyKey(),
                checkout.accountId().toString(),
                PaymentMethod.ONLINE,
                null,
                null,
                "never_opened",
                null);
    }

    private Checkout settle(UUID id, Optional<GatewayPayment> answer) {
        return Objects.requireNonNull(transactions.execute(status -> {
            Checkout checkout = rows.lock(id);
            if (answer.isPresent()) {
                return take(checkout, answer.get());
            }
            return checkout.status() == CheckoutStatus.INTENDED
                    ? save(checkout, null, CheckoutStatus.UNKNOWN, checkout.declineCode())
                    : checkout;
        }));
    }

    /** Money counts whatever we thought before; everything else changes nothing once it came to an end. */
    private Checkout take(Checkout checkout, GatewayPayment answer) {
        if (checkout.status() == CheckoutStatus.SUCCEEDED || checkout.status() == CheckoutStatus.REFUSED) {
            return checkout;
        }
        if (answer.state() == PaymentState.SUCCEEDED) {
            Optional<String> misfit = misfit(checkout, answer);
            return misfit.isPresent() ? refuse(checkout, answer, misfit.get()) : post(checkout, answer);
        }
        if (!checkout.status().waits()) {
            return checkout;
        }
        return switch (answer.state()) {
            case OPEN -> save(checkout, answer.id(), CheckoutStatus.OPEN, answer.declineCode());
            case PROCESSING -> save(checkout, answer.id(), CheckoutStatus.PROCESSING, null);
            case CANCELLED -> ended(checkout, answer, CheckoutStatus.CANCELLED, "Cancelled");
            case DECLINED -> ended(checkout, answer, CheckoutStatus.DECLINED, "Declined by the gateway");
            case SUCCEEDED -> throw new IllegalStateException();
        };
    }

    private Checkout ended(Checkout checkout, GatewayPayment answer, CheckoutStatus status, String step) {
        timeline.add(SUBJECT, checkout.id(), step, Objects.requireNonNullElse(answer.declineCode(), ""));
        return save(
                checkout,
                answer.id().isEmpty() ? checkout.gatewayTransactionId() : answer.id(),
                status,
                answer.declineCode());
    }

    private Checkout post(Checkout checkout, GatewayPayment answer) {
        UUID payment = payments.record(new NewPayment(
                checkout.accountId(),
                checkout.claimId(),
                organizations.today(),
                checkout.amount(),
                answer.method(),
                null,
                answer.cardLast4(),
                checkout.gatewayProvider(),
                answer.id()));
        cards.told(checkout.gatewayProvider(), answer.cardFingerprint(), Stream.of(answer.id()));
        timeline.add(
                SUBJECT,
                checkout.id(),
                "Paid",
                "Posted as " + payments.get(payment).number());
        return save(new Checkout(
                checkout.id(),
                checkout.number(),
                checkout.accountId(),
                checkout.claimId(),
                checkout.amount(),
                checkout.gatewayProvider(),
                checkout.idempotencyKey(),
                answer.id(),
                CheckoutStatus.SUCCEEDED,
                null,
                null,
                payment,
                checkout.startedAt(),
                clock.instant()));
    }

    private Optional<String> misfit(Checkout checkout, GatewayPayment answer) {
        String known = checkout.gatewayTransactionId();
        if (known != null && !known.equals(answer.id())) {
            return Optional.of("the gateway has two payments under one key");
        }
        if (!answer.received().getCurrencyUnit().equals(checkout.amount().getCurrencyUnit())) {
            return Optional.of("paid in %s instead of %s"
                    .formatted(
                            answer.received().getCurrencyUnit().getCode(),
                            checkout.amount().getCurrencyUnit().getCode()));
        }
        if (!answer.received().isEqual(checkout.amount())) {
            return Optional.of("%s paid instead of %s"
                    .formatted(Amounts.format(answer.received()), Amounts.format(checkout.amount())));
        }
        if (!checkout.accountId().toString().equals(answer.account())) {
            return Optional.of("the gateway names another account than the one that was to be paid");
        }
        return paymentRows
                .ofGateway(checkout.gatewayProvider(), answer.id())
                .filter(payment -> !payment.accountId().equals(checkout.accountId())
                        || !payment.amount().isEqual(checkout.amount()))
                .map(payment -> "the same transaction is already payment " + payment.number());
    }

    private Checkout refuse(Checkout checkout, GatewayPayment answer, String reason) {
        timeline.add(SUBJECT, checkout.id(), "Not posted", reason);
        audit.record("checkout-refused", SUBJECT, checkout.id().toString(), Map.of("reason", reason));
        boolean ours = checkout.gatewayTransactionId() == null
                && rows.ofTransaction(checkout.gatewayProvider(), answer.id()).isEmpty();
        return save(new Checkout(
                checkout.id(),
                checkout.number(),
                checkout.accountId(),
                checkout.claimId(),
                checkout.amount(),
                checkout.gatewayProvider(),
                checkout.idempotencyKey(),
                ours ? answer.id() : checkout.gatewayTransactionId(),
                CheckoutStatus.REFUSED,
                null,
                reason,
                null,
                checkout.startedAt(),
                clock.instant()));
    }

    private Checkout save(
            Checkout checkout, @Nullable String transaction, CheckoutStatus status, @Nullable String declineCode) {
        if (status == checkout.status()
                && Objects.equals(transaction, checkout.gatewayTransactionId())
                && Objects.equals(declineCode, checkout.declineCode())) {
            return checkout;
        }
        return save(new Checkout(
                checkout.id(),
                checkout.number(),
                checkout.accountId(),
                checkout.claimId(),
                checkout.amount(),
                checkout.gatewayProvider(),
                checkout.idempotencyKey(),
                transaction,
                status,
                declineCode,
                null,
                null,
                checkout.startedAt(),
                clock.instant()));
    }

    private Checkout save(Checkout checkout) {
        rows.save(checkout, checkout.changedAt());
        return checkout;
    }
}

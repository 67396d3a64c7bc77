package io.remitflow.payments;

import static io.remitflow.ledger.StandardAccount.AR_PATIENTS;
import static io.remitflow.ledger.StandardAccount.CARD_CLEARING;
import static io.remitflow.ledger.StandardAccount.DISPUTED_PAYMENTS;
import static io.remitflow.ledger.StandardAccount.MERCHANT_FEES;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.payments.CheckoutGateway.GatewayDispute;
import io.remitflow.payments.CheckoutGateway.Movement;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Payments that cardholders dispute. Money that the gateway takes waits on an account of its own, per dispute, until it is
 * won and the money is back, or lost and the patient owes it again.
 *
 * <p>Each movement of money is booked once by its number at the gateway, and what follows from the decision is the
 * difference to what is booked: reports may come in any order and as often as they like.
 */
@Service
public class Disputes implements UnsettledAtGateway {

    /** Subject of the timeline and of the audit log. */
    public static final String SUBJECT = "dispute";

    /** Banks take weeks; once a day is often enough. */
    private static final Duration AT_THE_BANK = Duration.ofDays(1);

    private final DisputeRows rows;
    private final PaymentRows paymentRows;
    private final Payments payments;
    private final Checkouts checkouts;
    private final CardGateways gateways;
    private final PatientAccounts accounts;
    private final Journal journal;
    private final NumberSeries numbers;
    private final Organizations organizations;
    private final ObjectProvider<DisputeNews> listeners;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    Disputes(
            DisputeRows rows,
            PaymentRows paymentRows,
            Payments payments,
            Checkouts checkouts,
            CardGateways gateways,
            PatientAccounts accounts,
            Journal journal,
            NumberSeries numbers,
            Organizations organizations,
            ObjectProvider<DisputeNews> listeners,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions,
            Clock clock) {
        this.rows = rows;
        this.paymentRows = paymentRows;
        this.payments = payments;
        this.checkouts = checkouts;
        this.gateways = gateways;
        this.accounts = accounts;
        this.journal = journal;
        this.numbers = numbers;
        this.organizations = organizations;
        this.listeners = listeners;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
        this.clock = clock;
    }

    public Dispute get(UUID id) {
        Optional<Dispute> found = transactions.execute(status -> rows.find(id));
        return Objects.requireNonNull(found).orElseThrow(() -> RuleViolation.notFound("the dispute"));
    }

    /** Oldest first. */
    @Transactional(readOnly = true)
    public List<Dispute> ofPayment(UUID paymentId) {
        return rows.ofPayment(paymentId);
    }

    /**
     * What waits for us comes first, by the day the evidence is due.
     *
     * @param decided null: whether or not
     */
    @Transactional(readOnly = true)
    public List<Dispute> list(@Nullable Boolean decided, @Nullable DisputeStatus status, int limit) {
        return rows.list(decided, status, Math.clamp(limit, 1, 500));
    }

    /** How much more than was paid has gone out of a payment by refunds and disputes together; usually nothing. */
    @Transactional(readOnly = true)
    public Money overdrawn(UUID paymentId) {
        Payment payment = payments.get(paymentId);
        Money out = claimedOf(paymentId, payment.amount()).plus(payment.refunded());
        return out.isGreaterThan(payment.amount())
                ? out.minus(payment.amount())
                : Money.zero(payment.amount().getCurrencyUnit());
    }

    @Override
    public String kind() {
        return SUBJECT;
    }

    @Override
    @Transactional(readOnly = true)
    public List<Unsettled> unsettled(Instant before, int limit) {
        return rows.withoutNews(before.minus(AT_THE_BANK), limit).stream()
                .map(dispute -> new Unsettled(
                        dispute.id(),
                        dispute.number(),
                        dispute.gatewayProvider(),
                        dispute.status().key(),
                        dispute.amount(),
                        dispute.changedAt(),
                        "/app/payments/disputes/" + dispute.id()))
                .toList();
    }

    @Override
    public boolean ask(UUID id) {
        Dispute dispute = get(id);
        EventEffect answer = reported(dispute.gatewayProvider(), dispute.gatewayDisputeId());
        transactions.executeWithoutResult(status -> answer.apply());
        Dispute now = get(id);
        return now.status().decided() && now.held().isZero();
    }

    /** Reads what a report of the gateway is about; what it means is found out in the transaction of the event. */
    EventEffect reported(String provider, String gatewayDisputeId) {
        Optional<GatewayDispute> answer = gateways.dispute(provider, gatewayDisputeId);
        if (answer.isEmpty()) {
            return () -> "unmatched";
        }
        GatewayDispute dispute = answer.get();
        boolean posted = Objects.requireNonNull(
                transactions.execute(status -> paymentOf(provider, dispute).isPresent()));
        // Reports have no order: the one of the payment may still be on its way.
        List<EventEffect> payment = posted
                ? List.of()
                : dispute.transactions().stream()
                        .filter(transaction -> transaction.startsWith("pi_"))
                        .map(transaction -> checkouts.reported(provider, transaction))
                        .toList();
        return () -> {
            payment.forEach(EventEffect::apply);
            return paymentOf(provider, dispute)
                    .map(known -> {
                        take(known.id(), provider, dispute);
                        return "processed";
                    })
                    .orElse("unmatched");
        };
    }

    private Optional<Payment> paymentOf(String provider, GatewayDispute dispute) {
        return dispute.transactions().stream()
                .flatMap(transaction -> paymentRows.ofGateway(provider, transaction).stream())
                .findFirst();
    }

    private void take(UUID paymentId, String provider, GatewayDispute news) {
        Money others = claimedOf(paymentId, payments.get(paymentId).amount());
        if (news.status().claimsMoney() && sameCurrency(news.amount())) {
            Money claimed = rows.ofGateway(provider, news.id())
                    .map(known -> others.minus(known.claimed()).plus(news.amount()))
                    .orElse(others.plus(news.amount()));
            listeners.forEach(listener -> listener.claimed(paymentId, claimed));
        }
        Payment payment = payments.lock(paymentId);
        // Before the first entry, whose number others wait for who hold the account.
        accounts.lock(List.of(payment.accountId()));
        Dispute before = rows.ofGateway(provider, news.id()).orElseGet(() -> open(payment, provider, news));
        Dispute after = decide(payment, move(advance(before, news), news));
        if (!after.equals(before)) {
            rows.save(after);
            payments.disputed(paymentId, claimedOf(paymentId, payment.amount()));
        }
    }

    private Money claimedOf(UUID paymentId, Money paid) {
        return rows.ofPayment(paymentId).stream()
                .filter(dispute -> dispute.amount().getCurrencyUnit().equals(paid.getCurrencyUnit()))
                .map(Dispute::claimed)
                .reduce(Money.zero(paid.getCurrencyUnit()), Money::plus);
    }

    private Dispute open(Payment payment, String provider, GatewayDispute news) {
        Instant now = clock.instant();
        Money nothing = Money.zero(news.amount().getCurrencyUnit());
        var dispute = new Dispute(
                Ids.next(),
                numbers.next("DP"),
                payment.id(),
                payment.accountId(),
                provider,
                news.id(),
                news.amount(),
                news.reason(),
                DisputeStatus.INQUIRY,
                news.evidenceDueAt(),
                nothing,
                nothing,
                nothing,
                nothing,
                null,
                0,
                news.openedAt(),
                now,
                null);
        rows.insert(dispute);
        timeline.add(
                SUBJECT,
                dispute.id(),
                "Opened",
                "%s of payment %s: %s"
                        .formatted(
                                Amounts.format(news.amount()),
                                payment.number(),
                                news.reason().replace('_', ' ')));
        audit.record("dispute-opened", SUBJECT, dispute.id().toString(), Map.of("payment", payment.number()));
        return dispute;
    }

    private Dispute advance(Dispute dispute, GatewayDispute news) {
        boolean further = dispute.status().canBecome(news.status());
        if (further && dispute.status() != news.status()) {
            timeline.add(
                    SUBJECT, dispute.id(), "At the gateway", news.status().key().replace('_', ' '));
        }
        DisputeStatus status = further ? news.status() : dispute.status();
        Instant closed = dispute.closedAt() == null && status.decided() ? clock.instant() : dispute.closedAt();
        String problem = sameCurrency(news.amount())
                        && news.movements().stream().allMatch(movement -> sameCurrency(movement.amount()))
                ? null
                : "The dispute is not in the currency of the books: its money was not booked";
        var next = new Dispute(
                dispute.id(),
                dispute.number(),
                dispute.paymentId(),
                dispute.accountId(),
                dispute.gatewayProvider(),
                dispute.gatewayDisputeId(),
                news.amount().getCurrencyUnit().equals(dispute.amount().getCurrencyUnit())
                        ? news.amount()
                        : dispute.amount(),
                news.reason(),
                status,
                news.evidenceDueAt() == null ? dispute.evidenceDueAt() : news.evidenceDueAt(),
                dispute.withdrawn(),
                dispute.reinstated(),
                dispute.fee(),
                dispute.lost(),
                problem,
                dispute.version(),
                dispute.openedAt(),
                dispute.changedAt(),
                closed);
        return next.equals(dispute) ? dispute : changed(next);
    }

    /** Books what moved on the balance at the gateway and was not booked yet. */
    private Dispute move(Dispute dispute, GatewayDispute news) {
        Set<String> known = rows.moved(dispute.id());
        Dispute next = dispute;
        for (Movement movement : news.movements()) {
            if (known.contains(movement.id()) || movement.amount().isZero() || !sameCurrency(movement.amount())) {
                continue;
            }
            Money amount = movement.amount();
            var entry = journal.post(NewEntry.on(
                            organizations.today(),
                            "payments",
                            "dispute-movement:%s:%s".formatted(dispute.id(), movement.id()),
                            "Dispute " + dispute.number())
                    .move(DISPUTED_PAYMENTS, amount.negated(), heldUnder(dispute))
                    .move(MERCHANT_FEES, movement.fee(), null)
                    .move(
                            CARD_CLEARING,
                            amount.minus(movement.fee()),
                            new ClearingReference("gateway-dispute", dispute.gatewayDisputeId()))
                    .reference(SUBJECT, dispute.id())
                    .referenceNumber(dispute.number())
                    .inOpenPeriod()
                    .build());
            rows.insert(dispute.id(), movement, entry.id(), clock.instant());
            timeline.add(
                    SUBJECT,
                    dispute.id(),
                    amount.isNegative() ? "Money taken" : "Money back",
                    movement.fee().isZero()
                            ? Amounts.format(amount.abs())
                            : "%s, fee %s".formatted(Amounts.format(amount.abs()), Amounts.format(movement.fee())));
            next = changed(with(
                    next,
                    amount.isNegative() ? next.withdrawn().plus(amount.abs()) : next.withdrawn(),
                    amount.isNegative() ? next.reinstated() : next.reinstated().plus(amount),
                    next.fee().plus(movement.fee()),
                    next.lost()));
        }
        return next;
    }

    /** Lost: the patient owes what is gone. Anything else: nobody does, whatever was thought before. */
    private Dispute decide(Payment payment, Dispute dispute) {
        Money gone = dispute.withdrawn().minus(dispute.reinstated());
        Money owed = dispute.status() == DisputeStatus.LOST ? gone : Money.zero(gone.getCurrencyUnit());
        Money more = owed.minus(dispute.lost());
        if (more.isZero()) {
            return dispute;
        }
        Dispute next = changed(with(dispute, dispute.withdrawn(), dispute.reinstated(), dispute.fee(), owed));
        String key = "dispute-decided:%s:%d".formatted(next.id(), next.version());
        var entry = journal.post(NewEntry.on(organizations.today(), "payments", key, "Dispute " + next.number())
                .move(AR_PATIENTS, more, null)
                .move(DISPUTED_PAYMENTS, more.negated(), heldUnder(next))
                .reference(SUBJECT, next.id())
                .referenceNumber(next.number())
                .inOpenPeriod()
                .build());
        accounts.record(new AccountPosting(
                payment.accountId(),
                organizations.today(),
                TransactionType.PAYMENT,
                Responsibility.PATIENT,
                more,
                payment.claimId(),
                payment.id(),
                null,
                entry.id(),
                "Payment %s: dispute %s".formatted(payment.number(), next.number()),
                key,
                payment.claimId() == null ? payment.date() : null));
        timeline.add(
                SUBJECT,
                next.id(),
                more.isPositive() ? "Lost" : "Won after all",
                "The patient's account was changed by " + Amounts.format(more));
        listeners.forEach(listener -> listener.decided(payment));
        return next;
    }

    private Dispute changed(Dispute dispute) {
        return new Dispute(
                dispute.id(),
                dispute.number(),
                dispute.paymentId(),
                dispute.accountId(),
                dispute.gatewayProvider(),
                dispute.gatewayDisputeId(),
                dispute.amount(),
                dispute.reason(),
                dispute.status(),
                dispute.evidenceDueAt(),
                dispute.withdrawn(),
                dispute.reinstated(),
                dispute.fee(),
                dispute.lost(),
                dispute.problem(),
                dispute.version() + 1,
                dispute.openedAt(),
                clock.instant(),
                dispute.closedAt());
    }

    private static Dispute with(Dispute dispute, Money withdrawn, Money reinstated, Money fee, Money lost) {
        return new Dispute(
                dispute.id(),
                dispute.number(),
                dispute.paymentId(),
                dispute.accountId(),
                dispute.gatewayProvider(),
                dispute.gatewayDisputeId(),
                dispute.amount(),
                dispute.reason(),
                dispute.status(),
                dispute.evidenceDueAt(),
                withdrawn,
                reinstated,
                fee,
                lost,
                dispute.problem(),
                dispute.version(),
                dispute.openedAt(),
                dispute.changedAt(),
                dispute.closedAt());
    }

    private boolean sameCurrency(Money amount) {
        return amount.getCurrencyUnit().equals(organizations.current().currency());
    }

    private static ClearingReference heldUnder(Dispute dispute) {
        return new ClearingReference("dispute", dispute.number());
    }
}

package io.remitflow.payments;

import static io.remitflow.ledger.StandardAccount.BANK_SUSPENSE;
import static io.remitflow.ledger.StandardAccount.CARD_CLEARING;
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
import io.remitflow.payments.PayoutGateway.BalanceTransaction;
import io.remitflow.payments.PayoutGateway.GatewayPayout;
import io.remitflow.payments.PayoutMembers.Member;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Payouts of gateways: each moves what waits in card clearing under its payments, refunds and disputes into one reference
 * of its own, in one entry, once all its transactions are known and add up exactly. What the bank brings clears that
 * reference.
 *
 * <p>Whatever is reported, and however often, the payout is read at the gateway and what follows is the difference to what
 * is booked.
 */
@Service
public class Payouts implements UnsettledAtGateway {

    /** Subject of the timeline and of the audit log. */
    public static final String SUBJECT = "payout";

    /** A journal entry takes so many lines, less those of the fees and of the payout itself. */
    static final int MOST_LINES = NewEntry.MAX_LINES - 10;

    private static final Logger log = LoggerFactory.getLogger(Payouts.class);

    /** So many of its unknown transactions are asked for at a time. */
    private static final int QUESTIONS = 50;

    /** Gateways say within days whether a bank took it. */
    private static final Duration AT_THE_BANK = Duration.ofDays(1);

    private static final int BANKS_MAY_RETURN_DAYS = 14;
    private static final String MODULE = "payments";

    private final PayoutRows rows;
    private final PayoutMembers members;
    private final CardGateways gateways;
    private final Checkouts checkouts;
    private final Disputes disputes;
    private final ObjectProvider<RefundNews> refunds;
    private final Journal journal;
    private final NumberSeries numbers;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    Payouts(
            PayoutRows rows,
            PayoutMembers members,
            CardGateways gateways,
            Checkouts checkouts,
            Disputes disputes,
            ObjectProvider<RefundNews> refunds,
            Journal journal,
            NumberSeries numbers,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions,
            Clock clock) {
        this.rows = rows;
        this.members = members;
        this.gateways = gateways;
        this.checkouts = checkouts;
        this.disputes = disputes;
        this.refunds = refunds;
        this.journal = journal;
        this.numbers = numbers;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
        this.clock = clock;
    }

    public Payout get(UUID id) {
        return inTransaction(() -> rows.find(id)).orElseThrow(() -> RuleViolation.notFound("the payout"));
    }

    /** Newest first. */
    @Transactional(readOnly = true)
    public List<Payout> list(PayoutFilter filter) {
        return rows.list(filter);
    }

    /**
     * In the order in which they happened.
     *
     * @param after the id of the last one already seen
     */
    @Transactional(readOnly = true)
    public List<PayoutLine> lines(UUID payoutId, @Nullable UUID after, int limit) {
        return rows.lines(payoutId, after, Math.clamp(limit, 1, 500));
    }

    /** What payouts carried of a payment, its refunds and its disputes. */
    @Transactional(readOnly = true)
    public List<PayoutLine> ofPayment(UUID paymentId) {
        return rows.ofPayment(paymentId);
    }

    @Override
    public String kind() {
        return SUBJECT;
    }

    @Override
    @Transactional(readOnly = true)
    public List<Unsettled> unsettled(Instant before, int limit) {
        return rows
                .withoutNews(
                        before,
                        before.minus(AT_THE_BANK),
                        organizations.today().minusDays(BANKS_MAY_RETURN_DAYS),
                        limit)
                .stream()
                .map(payout -> new Unsettled(
                        payout.id(),
                        payout.number(),
                        payout.gatewayProvider(),
                        payout.standing(organizations.today()).key(),
                        payout.amount(),
                        payout.checkedAt(),
                        "/app/payments/payouts/" + payout.id()))
                .toList();
    }

    @Override
    public boolean ask(UUID id) {
        Payout payout = get(id);
        EventEffect answer = reported(payout.gatewayProvider(), payout.gatewayPayoutId());
        transactions.executeWithoutResult(status -> answer.apply());
        Payout now = get(id);
        boolean over = now.status() == PayoutStatus.PAID
                || (now.status().cameBack() && now.open().isZero());
        return over && now.state() == Payout.State.POSTED && now.unknown() == 0;
    }

    /** Reads what a report of the gateway is about; what it means is found out in the transaction of the event. */
    EventEffect reported(String provider, String payoutId) {
        Optional<GatewayPayout> answer = gateways.payout(provider, payoutId);
        if (answer.isEmpty()) {
            return () -> "unmatched";
        }
        GatewayPayout payout = answer.get();
        List<BalanceTransaction> made = transactionsOf(provider, payout);
        catchUp(provider, made);
        return () -> {
            take(provider, payout, made);
            return "processed";
        };
    }

    /** Empty if they are not needed any more. */
    private List<BalanceTransaction> transactionsOf(String provider, GatewayPayout payout) {
        boolean needed = payout.automatic()
                && inTransaction(() -> rows.ofGateway(provider, payout.id()))
                        .map(known -> known.state() != Payout.State.POSTED || known.unknown() > 0)
                        .orElse(true);
        return needed ? gateways.payoutTransactions(provider, payout.id(), MOST_LINES) : List.of();
    }

    /** Reports have no order: those of the payments, refunds and disputes may still be on their way, or lost. */
    private void catchUp(String provider, List<BalanceTransaction> made) {
        if (made.isEmpty() || made.size() > MOST_LINES) {
            return;
        }
        inTransaction(() -> Optional.of(members.of(provider, made))).orElseThrow().stream()
                .filter(Member::unknown)
                .limit(QUESTIONS)
                .forEach(member -> ask(provider, member.transaction()));
    }

    private void ask(String provider, BalanceTransaction transaction) {
        switch (transaction.kind()) {
            case PAYMENT ->
                transaction.sources().stream()
                        .filter(source -> source.startsWith("pi_"))
                        .findFirst()
                        .ifPresent(source -> apply(checkouts.reported(provider, source)));
            case DISPUTE ->
                transaction.sources().stream()
                        .findFirst()
                        .ifPresent(source -> apply(disputes.reported(provider, source)));
            case REFUND -> {
                String key = transaction.key();
                if (key != null) {
                    refunds.forEach(listener -> listener.refundMayHaveChanged(provider, key)
                            .ifPresent(effect -> transactions.executeWithoutResult(status -> effect.run())));
                }
            }
            case FEE, RETURNED_PAYOUT, OTHER -> {}
        }
    }

    private void apply(EventEffect effect) {
        transactions.executeWithoutResult(status -> effect.apply());
    }

    private void take(String provider, GatewayPayout news, List<BalanceTransaction> made) {
        open(provider, news);
        Payout before = rows.lock(provider, news.id());
        Payout after = advance(before, news);
        if (after.state() != Payout.State.POSTED) {
            after = settle(after, news, made);
        } else if (after.unknown() > 0 && !made.isEmpty()) {
            resolve(after, made);
        }
        // What was posted or resolved just now has changed what is open.
        rows.save(after);
        Payout saved = rows.lock(provider, news.id());
        if (saved.status().cameBack()) {
            rows.save(comeBack(saved));
        }
    }

    private void open(String provider, GatewayPayout news) {
        if (rows.ofGateway(provider, news.id()).isPresent()) {
            return;
        }
        // One after the other, so that no number of the series is lost.
        rows.lockGateway(provider);
        if (rows.ofGateway(provider, news.id()).isPresent()) {
            return;
        }
        UUID id = Ids.next();
        rows.insert(id, numbers.next("PO"), provider, news, clock.instant());
        timeline.add(SUBJECT, id, "Announced", "%s for %s".formatted(Amounts.format(news.amount()), news.arrivesOn()));
        audit.record(
                "payout-announced",
                SUBJECT,
                id.toString(),
                Map.of("amount", news.amount().toString()));
    }

    private Payout advance(Payout payout, GatewayPayout news) {
        boolean further = payout.status().canBecome(news.status());
        if (further) {
            timeline.add(
                    SUBJECT,
                    payout.id(),
                    "At the gateway",
                    news.failureCode() == null
                            ? news.status().key().replace('_', ' ')
                            : "%s: %s"
                                    .formatted(
                                            news.status().key(),
                                            news.failureCode().replace('_', ' ')));
        }
        boolean current = further || payout.status() == news.status();
        return new Payout(
                payout.id(),
                payout.number(),
                payout.gatewayProvider(),
                payout.gatewayPayoutId(),
                payout.amount(),
                further ? news.status() : payout.status(),
                payout.automatic(),
                current ? news.arrivesOn() : payout.arrivesOn(),
                payout.issuedAt(),
                news.traceNumber() == null ? payout.traceNumber() : news.traceNumber(),
                news.statementDescriptor() == null ? payout.statementDescriptor() : news.statementDescriptor(),
                further ? news.failureCode() : payout.failureCode(),
                payout.state(),
                payout.holdReason(),
                payout.gross(),
                payout.fee(),
                payout.lineCount(),
                payout.journalEntryId(),
                payout.returnEntryId(),
                payout.open(),
                payout.unknown(),
                payout.firstSeenAt(),
                clock.instant());
    }

    private Payout settle(Payout payout, GatewayPayout news, List<BalanceTransaction> made) {
        if (!payout.amount().getCurrencyUnit().equals(organizations.current().currency())) {
            return held(
                    payout,
                    "It is in %s, the books are in %s"
                            .formatted(
                                    payout.amount().getCurrencyUnit().getCode(),
                                    organizations.current().currency().getCode()));
        }
        if (!payout.amount().isEqual(news.amount())) {
            return held(payout, "The gateway says %s now".formatted(Amounts.format(news.amount())));
        }
        if (payout.amount().isZero()) {
            return held(payout, "It is of nothing");
        }
        if (!payout.automatic()) {
            return postTotal(payout);
        }
        Optional<String> misfit = misfit(payout, made);
        if (misfit.isPresent()) {
            return news.complete() ? held(payout, misfit.get()) : payout;
        }
        return post(payout, made);
    }

    private Optional<String> misfit(Payout payout, List<BalanceTransaction> made) {
        if (made.size() > MOST_LINES) {
            return Optional.of("It has more than %d transactions".formatted(MOST_LINES));
        }
        Money sum = Money.zero(payout.amount().getCurrencyUnit());
        for (BalanceTransaction each : made) {
            if (!each.net().getCurrencyUnit().equals(sum.getCurrencyUnit())) {
                return Optional.of("Transaction %s is in %s"
                        .formatted(each.id(), each.net().getCurrencyUnit().getCode()));
            }
            if (!each.amount().minus(each.fee()).isEqual(each.net())) {
                return Optional.of("Of transaction %s, %s less the fee of %s is not %s"
                        .formatted(
                                each.id(),
                                Amounts.format(each.amount()),
                                Amounts.format(each.fee()),
                                Amounts.format(each.net())));
            }
            sum = sum.plus(each.net());
        }
        if (!sum.isEqual(payout.amount())) {
            return Optional.of("Its %d transactions add up to %s, not to %s"
                    .formatted(made.size(), Amounts.format(sum), Amounts.format(payout.amount())));
        }
        return rows.carriedElsewhere(
                        payout.gatewayProvider(),
                        made.stream().map(BalanceTransaction::id).toList())
                .map("Transaction "::concat);
    }

    private Payout held(Payout payout, String reason) {
        if (reason.equals(payout.holdReason())) {
            return payout;
        }
        log.warn("Payout {} was not posted: {}", payout.number(), reason);
        timeline.add(SUBJECT, payout.id(), "Not posted", reason);
        audit.record("payout-held", SUBJECT, payout.id().toString(), Map.of("reason", reason));
        return with(payout, Payout.State.HELD, reason, payout.gross(), payout.fee(), 0, null);
    }

    private Payout post(Payout payout, List<BalanceTransaction> made) {
        Money nothing = Money.zero(payout.amount().getCurrencyUnit());
        var entry = entry(payout, "payout:" + payout.id(), "Payout " + payout.number());
        List<PayoutLine> lines = new ArrayList<>(made.size());
        Money gross = nothing;
        Money fees = nothing;
        Money expense = nothing;
        for (Member member : members.of(payout.gatewayProvider(), made)) {
            BalanceTransaction transaction = member.transaction();
            boolean charged = transaction.kind() == PayoutLineKind.FEE;
            gross = charged ? gross : gross.plus(transaction.amount());
            fees = charged ? fees.minus(transaction.net()) : fees.plus(transaction.fee());
            expense = expense.plus(member.fee());
            if (member.unknown()) {
                entry.move(BANK_SUSPENSE, transaction.net().negated(), suspense(transaction.id()));
            } else {
                entry.move(CARD_CLEARING, member.cleared().negated(), member.reference());
            }
            lines.add(line(Ids.next(), payout.id(), member));
        }
        UUID posted = journal.post(entry.move(MERCHANT_FEES, expense, null)
                        .move(CARD_CLEARING, payout.amount(), reference(payout))
                        .build())
                .id();
        rows.insert(payout.gatewayProvider(), lines);
        long unknown = lines.stream().filter(PayoutLine::unknown).count();
        timeline.add(
                SUBJECT,
                payout.id(),
                "Posted",
                "%d transactions%s, fees of %s"
                        .formatted(
                                lines.size(),
                                unknown == 0 ? "" : ", %d of them unknown and in suspense".formatted(unknown),
                                Amounts.format(fees)));
        audit.record(
                "payout-posted",
                SUBJECT,
                payout.id().toString(),
                Map.of("transactions", lines.size(), "unknown", unknown));
        return with(payout, Payout.State.POSTED, null, gross, fees, lines.size(), posted);
    }

    /** Of which payments it is made is unknowable: they stay open until a person sorts them out. */
    private Payout postTotal(Payout payout) {
        UUID posted = journal.post(entry(payout, "payout:" + payout.id(), "Payout " + payout.number() + " by hand")
                        .move(CARD_CLEARING, payout.amount(), reference(payout))
                        .move(
                                CARD_CLEARING,
                                payout.amount().negated(),
                                PayoutMembers.balanceOf(payout.gatewayProvider()))
                        .build())
                .id();
        timeline.add(SUBJECT, payout.id(), "Posted", "The total only: the gateway does not say what it is made of");
        audit.record("payout-posted", SUBJECT, payout.id().toString(), Map.of("automatic", false));
        return with(payout, Payout.State.POSTED, null, payout.gross(), payout.fee(), 0, posted);
    }

    /** Takes out of suspense what became known since. */
    private void resolve(Payout payout, List<BalanceTransaction> made) {
        Map<String, BalanceTransaction> byId =
                made.stream().collect(Collectors.toMap(BalanceTransaction::id, Function.identity()));
        Map<String, PayoutLine> unknown = rows.unknownLines(payout.id()).stream()
                .filter(line -> byId.containsKey(line.transactionId()))
                .collect(Collectors.toMap(PayoutLine::transactionId, Function.identity()));
        List<BalanceTransaction> again = unknown.keySet().stream()
                .map(id -> Objects.requireNonNull(byId.get(id)))
                .toList();
        for (Member member : members.of(payout.gatewayProvider(), again)) {
            PayoutLine line =
                    Objects.requireNonNull(unknown.get(member.transaction().id()));
            boolean same = member.transaction().net().isEqual(line.net());
            if (member.unknown() || !same) {
                continue;
            }
            UUID posted = journal.post(entry(
                                    payout,
                                    "payout-line:" + line.id(),
                                    "Payout %s: %s is known".formatted(payout.number(), line.transactionId()))
                            .move(BANK_SUSPENSE, line.net(), suspense(line.transactionId()))
                            .move(CARD_CLEARING, member.cleared().negated(), member.reference())
                            .move(MERCHANT_FEES, member.fee(), null)
                            .build())
                    .id();
            rows.resolve(line(line.id(), payout.id(), member), posted);
            timeline.add(
                    SUBJECT,
                    payout.id(),
                    "Known after all",
                    "%s of %s left suspense".formatted(Amounts.format(line.net()), line.transactionId()));
        }
    }

    /**
     * It did not reach the bank, or not for good. Its money waits under its reference for a later payout; if the bank had
     * brought it, the bank will take it back, and that is awaited under a reference of its own.
     */
    private Payout comeBack(Payout payout) {
        if (payout.state() != Payout.State.POSTED || payout.returnEntryId() != null) {
            return payout;
        }
        Money carriedOn = Money.ofMinor(payout.amount().getCurrencyUnit(), rows.carriedOn(payout.id()));
        Money brought = payout.amount().minus(carriedOn).minus(payout.open());
        boolean atTheBank = brought.isEqual(payout.amount());
        if (!atTheBank && (payout.automatic() || !brought.isZero())) {
            return payout;
        }
        var undone = entry(
                payout,
                "payout-returned:" + payout.id(),
                "Payout %s %s".formatted(payout.number(), payout.status().key()));
        undone.move(
                CARD_CLEARING,
                payout.amount(),
                payout.automatic() ? reference(payout) : PayoutMembers.balanceOf(payout.gatewayProvider()));
        undone.move(
                CARD_CLEARING,
                payout.amount().negated(),
                atTheBank ? new ClearingReference(PayoutMembers.RETURN, payout.gatewayPayoutId()) : reference(payout));
        UUID posted = journal.post(undone.build()).id();
        timeline.add(
                SUBJECT,
                payout.id(),
                "Came back",
                atTheBank
                        ? "The bank takes %s back".formatted(Amounts.format(payout.amount()))
                        : "It is on the balance at the gateway again");
        audit.record("payout-came-back", SUBJECT, payout.id().toString(), Map.of("atTheBank", atTheBank));
        return returned(payout, posted);
    }

    private NewEntry.Builder entry(Payout payout, String key, String words) {
        return NewEntry.on(organizations.today(), MODULE, key, words)
                .reference(SUBJECT, payout.id())
                .referenceNumber(payout.number())
                .inOpenPeriod();
    }

    private static PayoutLine line(UUID id, UUID payoutId, Member member) {
        BalanceTransaction transaction = member.transaction();
        return new PayoutLine(
                id,
                payoutId,
                transaction.id(),
                transaction.type(),
                transaction.kind(),
                member.sourceId(),
                transaction.amount(),
                transaction.fee(),
                transaction.net(),
                member.reference(),
                member.paymentId(),
                member.disputeId(),
                member.relatedPayoutId(),
                member.problem(),
                null,
                transaction.occurredAt());
    }

    private static ClearingReference reference(Payout payout) {
        return new ClearingReference(PayoutMembers.PAYOUT, payout.gatewayPayoutId());
    }

    private static ClearingReference suspense(String transactionId) {
        return new ClearingReference("gateway-transaction", transactionId);
    }

    private static Payout with(
            Payout payout,
            Payout.State state,
            @Nullable String holdReason,
            Money gross,
            Money fee,
            int lines,
            @Nullable UUID entryId) {
        return new Payout(
                payout.id(),
                payout.number(),
                payout.gatewayProvider(),
                payout.gatewayPayoutId(),
                payout.amount(),
                payout.status(),
                payout.automatic(),
                payout.arrivesOn(),
                payout.issuedAt(),
                payout.traceNumber(),
                payout.statementDescriptor(),
                payout.failureCode(),
                state,
                holdReason,
                gross,
                fee,
                lines,
                entryId,
                payout.returnEntryId(),
                payout.open(),
                payout.unknown(),
                payout.firstSeenAt(),
                payout.checkedAt());
    }

    private static Payout returned(Payout payout, UUID entryId) {
        return new Payout(
                payout.id(),
                payout.number(),
                payout.gatewayProvider(),
                payout.gatewayPayoutId(),
                payout.amount(),
                payout.status(),
                payout.automatic(),
                payout.arrivesOn(),
                payout.issuedAt(),
                payout.traceNumber(),
                payout.statementDescriptor(),
                payout.failureCode(),
                payout.state(),
                payout.holdReason(),
                payout.gross(),
                payout.fee(),
                payout.lineCount(),
                payout.journalEntryId(),
                entryId,
                payout.open(),
                payout.unknown(),
                payout.firstSeenAt(),
                payout.checkedAt());
    }

    private <T> Optional<T> inTransaction(java.util.function.Supplier<Optional<T>> read) {
        Optional<T> answer = transactions.execute(status -> read.get());
        return Objects.requireNonNull(answer);
    }
}

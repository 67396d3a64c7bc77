package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import io.remitflow.payments.Payment;
import io.remitflow.payments.Payments;
import io.remitflow.ui.AgeBars;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Refunds as people ask for them and look at them; what happens in between is {@code bpmn/refund.bpmn}. */
@Service
@Transactional
public class Refunds {

    /** Subject of timelines, decisions and audit entries. */
    public static final String SUBJECT = "refund";

    public static final Set<String> REASONS = Set.of(
            "overpayment", "duplicate_payment", "billing_error", "insurance_adjustment", "patient_request", "other");

    private static final int MAX_TEXT = 500;

    /** Policy of the accounting plan, section 3.5: refund within 30 days of detection. */
    private static final int DAYS_TO_REFUND = 30;

    private static final String ACCOUNT_UNKNOWN = "The payment does not say which bank account it came from";

    private static final int REMINDED_BEFORE = 7;

    private final RefundRows rows;
    private final Payments payments;
    private final CreditBalances creditBalances;
    private final AchDestinations destinations;
    private final ProcessMessages messages;
    private final ProcessInstances instances;
    private final Timeline timeline;
    private final AuditLog audit;
    private final NumberSeries numbers;
    private final Organizations organizations;
    private final Clock clock;

    Refunds(
            RefundRows rows,
            Payments payments,
            CreditBalances creditBalances,
            AchDestinations destinations,
            ProcessMessages messages,
            ProcessInstances instances,
            Timeline timeline,
            AuditLog audit,
            NumberSeries numbers,
            Organizations organizations,
            Clock clock) {
        this.rows = rows;
        this.payments = payments;
        this.creditBalances = creditBalances;
        this.destinations = destinations;
        this.messages = messages;
        this.instances = instances;
        this.timeline = timeline;
        this.audit = audit;
        this.numbers = numbers;
        this.organizations = organizations;
        this.clock = clock;
    }

    /** Reserves the amount on its payment and starts the process, in the name of the signed-in person. */
    public UUID request(RefundRequest request) {
        return request(request, null);
    }

    /** The money of a refund came back and goes out anew, in the name of the signed-in person and approved anew. */
    UUID reissue(Refund returned, RefundMethod method, String reason) {
        return request(
                new RefundRequest(
                        returned.paymentId(),
                        returned.amount(),
                        method,
                        returned.reason(),
                        "Instead of %s, which came back".formatted(returned.number()),
                        reason),
                returned.id());
    }

    private UUID request(RefundRequest request, @Nullable UUID reissueOf) {
        Payment payment = payments.lock(request.paymentId());
        requireWithinPayment(payment, request.amount(), null);
        RefundMethod original = RefundMethod.originalOf(payment);
        RefundMethod method = request.method() == null ? original : request.method();
        requireMethod(payment, method, method == original, request.methodReason());
        requireTexts(request);
        Optional<CreditBalance> credit = creditBalances.unresolvedOf(payment, true);
        credit.ifPresent(Refunds::requireNotOfPayer);
        Refund refund = refund(payment, credit.orElse(null), request, method, reissueOf);
        rows.insert(refund);
        creditBalances.refundRequested(refund.creditBalanceId());
        messages.publish(
                "refunds.requested",
                refund.id().toString(),
                Map.of(
                        "refundId",
                        refund.id().toString(),
                        "refundRemindAt",
                        startOf(refund.dueOn().minusDays(REMINDED_BEFORE)),
                        "refundDueAt",
                        startOf(refund.dueOn().plusDays(1))));
        timeline.add(
                SUBJECT,
                refund.id(),
                "Requested",
                "%s %s by %s, from payment %s"
                        .formatted(
                                Amounts.format(refund.amount()),
                                refund.amount().getCurrencyUnit(),
                                words(method),
                                payment.number()));
        audit.record(
                "refund-requested",
                SUBJECT,
                refund.id().toString(),
                Map.of("amount", refund.amount().toString(), "method", method.key(), "payment", payment.number()));
        return refund.id();
    }

    /** While nothing was decided; whoever had approved must approve again. */
    public void changeAmount(UUID id, Money amount) {
        // Refund first, payment second, as everywhere: two orders would wait for each other.
        RefundCase refund = rows.lock(id);
        Money before = refund.state().amount();
        requireWithinPayment(payments.lock(refund.state().paymentId()), amount, id);
        refund.amountChanged(amount, CurrentUser.id());
        rows.save(refund.state(), clock.instant());
        messages.publish("refunds.changed", id.toString(), Map.of());
        timeline.add(
                SUBJECT,
                id,
                "Amount changed",
                "From %s to %s; approvals so far no longer count"
                        .formatted(Amounts.format(before), Amounts.format(amount)));
        audit.record("refund-amount-changed", SUBJECT, id.toString(), Map.of("amount", amount.toString()));
    }

    /** Possible until money is on its way; the process ends. */
    public void cancel(UUID id, @Nullable String reason) {
        if (reason != null && reason.length() > MAX_TEXT) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a reason has at most 500 characters");
        }
        CardNumbers.requireNoneIn(reason);
        RefundCase refund = rows.lock(id);
        refund.cancelled();
        rows.save(refund.state(), clock.instant());
        creditBalances.refundAbandoned(refund.state().creditBalanceId(), id);
        messages.publish("refunds.cancelled", id.toString(), Map.of());
        instances.caseEnded(RefundSteps.PROCESS, id.toString());
        timeline.add(SUBJECT, id, "Cancelled", reason == null || reason.isBlank() ? "No reason given" : reason);
        audit.record("refund-cancelled", SUBJECT, id.toString(), Map.of());
    }

    @Transactional(readOnly = true)
    public Refund get(UUID id) {
        return rows.get(id);
    }

    @Transactional(readOnly = true)
    public List<Refund> list(RefundFilter filter) {
        return rows.list(filter);
    }

    /** Of a board: those that wait longest come first, and none is left out before them. */
    @Transactional(readOnly = true)
    public List<Refund> oldest(RefundFilter filter) {
        return rows.oldest(filter);
    }

    /** How many there are in each state, also of what the limit of the filter leaves out. */
    @Transactional(readOnly = true)
    public Map<RefundStatus, Long> counts(RefundFilter filter) {
        return rows.counts(filter);
    }

    @Transactional(readOnly = true)
    public List<RefundTotal> totals() {
        return rows.totals();
    }

    /** How many are not at their end although their money should be back with the patient. */
    @Transactional(readOnly = true)
    public long overdueCount() {
        return rows.overdue(organizations.today());
    }

    /** The thirty days run out, or have. Repeating it changes nothing. */
    public void remindDue(UUID id, boolean overdue) {
        rows.lock(id);
        Refund refund = rows.get(id);
        if (refund.status().underWay()
                && timeline.addFirst(
                        SUBJECT,
                        id,
                        overdue ? "Overdue" : "Due soon",
                        overdue
                                ? "The money should have been back by %s; it goes before other refunds now"
                                        .formatted(refund.dueOn())
                                : "The money should be back by %s".formatted(refund.dueOn()))) {
            audit.record(overdue ? "refund-overdue" : "refund-due-soon", SUBJECT, id.toString(), Map.of());
        }
    }

    /** What is under way by its age, in the organization's currency. */
    @Transactional(readOnly = true)
    public AgeBars ages() {
        return rows.ages(organizations.current().currency().getCode(), clock.instant());
    }

    /** What was returned per business day, in the organization's currency. */
    @Transactional(readOnly = true)
    public Map<LocalDate, Money> returnedPerDay(LocalDate first, LocalDate last) {
        var organization = organizations.current();
        Map<LocalDate, Money> days = new TreeMap<>();
        for (var day : rows.days(first, last, organization.timeZone().getId())) {
            if (day.amount().getCurrencyUnit().equals(organization.currency())) {
                days.put(day.day(), day.amount());
            }
        }
        return days;
    }

    /** What can still be asked for: paid, less refunded, disputed and under way. */
    @Transactional(readOnly = true)
    public Money refundable(UUID paymentId) {
        Payment payment = payments.get(paymentId);
        return payment.refundable().minusMinor(rows.underWayMinor(paymentId, null));
    }

    /** Why nothing of this payment can be asked for, whatever is left of it. */
    @Transactional(readOnly = true)
    public Optional<String> whyNot(UUID paymentId) {
        return creditBalances
                .unresolvedOf(payments.get(paymentId), false)
                .filter(CreditBalance::isOfPayer)
                .map(credit -> "the credit is classified as the payer's money");
    }

    private String startOf(LocalDate day) {
        return day.atStartOfDay(organizations.current().timeZone()).format(DateTimeFormatter.ISO_OFFSET_DATE_TIME);
    }

    private Refund refund(
            Payment payment,
            @Nullable CreditBalance credit,
            RefundRequest request,
            RefundMethod method,
            @Nullable UUID reissueOf) {
        var person = CurrentUser.id();
        boolean original = method.returnsToOrigin(payment);
        String methodReason = request.methodReason();
        UUID destination = method == RefundMethod.ACH
                ? destinations
                        .activeOf(payment.accountId())
                        .map(AchDestination::id)
                        .orElse(null)
                : null;
        return new Refund(
                Ids.next(),
                numbers.next("RF"),
                payment.accountId(),
                payment.id(),
                credit == null ? null : credit.id(),
                organizations.today(),
                request.amount(),
                method,
                original,
                original ? null : methodReason == null || methodReason.isBlank() ? ACCOUNT_UNKNOWN : methodReason,
                request.reason(),
                request.description().strip(),
                RefundStatus.PENDING,
                RefundSteps.COLLECT_FACTS,
                1,
                null,
                null,
                null,
                person,
                person,
                Set.of(),
                null,
                null,
                clock.instant(),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                destination,
                null,
                reissueOf,
                dueOn(credit));
    }

    /** Thirty days after the overpayment was noticed; without a case, after it was asked for. */
    private LocalDate dueOn(@Nullable CreditBalance credit) {
        return credit == null ? organizations.today().plusDays(DAYS_TO_REFUND) : credit.refundDue();
    }

    /** Whatever page or client asks for it. */
    private static void requireNotOfPayer(CreditBalance credit) {
        if (credit.isOfPayer()) {
            throw new RuleViolation(
                    Refusal.CREDIT_CHOICE_NOT_ALLOWED,
                    "the credit is classified as the payer's money: it is not refunded to the patient");
        }
    }

    private void requireWithinPayment(Payment payment, Money amount, @Nullable UUID except) {
        if (!amount.isPositive()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a refund must be more than zero");
        }
        if (!amount.getCurrencyUnit().equals(payment.amount().getCurrencyUnit())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a refund is made in the currency of its payment");
        }
        Money left = payment.refundable().minusMinor(rows.underWayMinor(payment.id(), except));
        if (amount.isGreaterThan(left)) {
            throw new RuleViolation(
                    Refusal.REFUND_EXCEEDS_PAYMENT,
                    "%s cannot be refunded: of payment %s only %s are left"
                            .formatted(Amounts.format(amount), payment.number(), Amounts.format(left)));
        }
    }

    private static void requireMethod(Payment payment, RefundMethod method, boolean usual, @Nullable String reason) {
        if (method == RefundMethod.CREDIT_CARD_REVERSAL && !payment.viaGateway()) {
            throw new RuleViolation(
                    Refusal.INSTRUMENT_NOT_REFUNDABLE, "the payment did not come by a card that can be credited");
        }
        if (!usual && (reason == null || reason.isBlank())) {
            throw new RuleViolation(
                    Refusal.METHOD_NEEDS_REASON, "another way than the original payment needs a reason");
        }
    }

    private static void requireTexts(RefundRequest request) {
        if (!REASONS.contains(request.reason())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the reason is not one of the list");
        }
        if (request.description().isBlank() || request.description().length() > MAX_TEXT) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 500 characters why the refund is due");
        }
        CardNumbers.requireNoneIn(request.description());
        CardNumbers.requireNoneIn(request.methodReason());
        if (request.methodReason() != null && request.methodReason().length() > MAX_TEXT) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a reason has at most 500 characters");
        }
    }

    static String words(RefundMethod method) {
        return method.key().replace('_', ' ');
    }
}

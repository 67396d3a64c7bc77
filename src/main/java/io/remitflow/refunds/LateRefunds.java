package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.Discrepancy;
import io.remitflow.discrepancies.DiscrepancyEvidence;
import io.remitflow.discrepancies.DiscrepancyType;
import io.remitflow.discrepancies.FoundDiscrepancy;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.Organizations;
import io.remitflow.payments.CardGateway.GatewayRefund;
import io.remitflow.payments.CardGateway.GatewayState;
import io.remitflow.refunds.GatewayAttempts.Attempt;
import io.remitflow.refunds.GatewayAttempts.State;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Refunds that a gateway booked although the books had given them up: a call that timed out and arrived after all. Each
 * is a discrepancy with an owner and a deadline at once. Nothing is booked by itself, for nobody's approval stands behind
 * it any more; the money does not count as left of its payment, and a refund still under way is held back.
 */
@Component
class LateRefunds implements DiscrepancyEvidence {

    static final String SUBJECT = "late-gateway-refund";

    private final GatewayAttempts attempts;
    private final RefundRows rows;
    private final RefundHolds holds;
    private final Discrepancies discrepancies;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    LateRefunds(
            GatewayAttempts attempts,
            RefundRows rows,
            RefundHolds holds,
            Discrepancies discrepancies,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.attempts = attempts;
        this.rows = rows;
        this.holds = holds;
        this.discrepancies = discrepancies;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /** Called with the row of the refund locked. Repeating it changes nothing. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void booked(RefundCase refund, Attempt attempt, GatewayRefund news) {
        Refund state = refund.state();
        State now = stateOf(attempt, news, state.status().underWay());
        if (attempt.state() != now) {
            attempts.change(attempt.id(), now, news.id(), null, clock.instant());
        }
        boolean first = timeline.addFirst(
                Refunds.SUBJECT,
                state.id(),
                "Booked at the gateway after all",
                "%s %s as gateway refund %s"
                        .formatted(Amounts.format(news.amount()), news.amount().getCurrencyUnit(), news.id()));
        if (!first) {
            return;
        }
        audit.record(
                "refund-late-at-gateway",
                Refunds.SUBJECT,
                state.id().toString(),
                Map.of("status", state.status().key(), "gatewayRefund", news.id()));
        discrepancies.report(
                state.id(),
                SUBJECT,
                List.of(new FoundDiscrepancy(
                        DiscrepancyType.MISSING_INTERNAL_RECORD,
                        SUBJECT,
                        attempt.idempotencyKey(),
                        state.id(),
                        "refund %s, %s at the gateway".formatted(state.number(), news.id()),
                        news.amount(),
                        organizations.today())));
        holds.leftUnexpectedly(
                refund,
                "The gateway has booked %s of this refund after all: check that the same money does not go out twice"
                        .formatted(Amounts.format(news.amount())));
    }

    /** A refund that may be approved again takes it over itself, which it does with attempts that are not settled. */
    private static State stateOf(Attempt attempt, GatewayRefund news, boolean underWay) {
        if (news.state() == GatewayState.SUCCEEDED && (!underWay || attempt.state() == State.DECLINED)) {
            return State.SUCCEEDED;
        }
        return attempt.state() == State.DECLINED ? State.DECLINED : State.PENDING;
    }

    /** Its refund was approved again and has taken it over. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void taken(String idempotencyKey) {
        end(idempotencyKey, "The refund has taken it over");
    }

    /** The gateway could not deliver it either. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void cameToNothing(String idempotencyKey) {
        end(idempotencyKey, "The gateway says that it failed");
    }

    private void end(String idempotencyKey, String evidence) {
        discrepancies.agree(
                discrepancies.unresolved(SUBJECT).stream()
                        .filter(one -> one.subjectKey().equals(idempotencyKey))
                        .map(Discrepancies.Standing::id)
                        .toList(),
                evidence);
    }

    @Override
    public String subjectType() {
        return SUBJECT;
    }

    @Override
    @Transactional(readOnly = true)
    public List<Compared> of(String subjectKey) {
        return attempts.ofKey(subjectKey)
                .map(attempt -> {
                    Refund refund = rows.get(attempt.refundId());
                    boolean taken = attempt.gatewayRefundId() != null
                            && attempt.gatewayRefundId().equals(refund.gatewayRefundId());
                    String amount = Amounts.format(attempt.amount()) + " "
                            + attempt.amount().getCurrencyUnit();
                    return List.of(
                            new Compared("Refund", refund.number(), attempt.gatewayRefundId()),
                            new Compared("Returned", taken ? amount : null, amount),
                            new Compared(
                                    "Status",
                                    refund.status().key(),
                                    attempt.state() == State.DECLINED ? "failed" : "booked"));
                })
                .orElse(List.of());
    }

    @Override
    public @Nullable String href(Discrepancy discrepancy) {
        UUID refund = discrepancy.subjectId();
        return refund == null ? null : "/app/refunds/" + refund;
    }
}

package io.remitflow.refunds;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.payments.UnsettledAtGateway;
import io.remitflow.refunds.GatewayAttempts.Attempt;
import io.remitflow.refunds.RefundIssuing.GatewayAnswer;
import io.remitflow.refunds.RefundIssuing.Issued;
import io.remitflow.workflow.ProcessMessages;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/** Refunds at gateways that have not said yet what became of them. */
@Component
class RefundQuestions implements UnsettledAtGateway {

    /** A webhook is repeated for as long, and a call that timed out is no later than that. */
    private static final Duration MAY_ARRIVE_LATE = Duration.ofDays(3);

    private final RefundRows rows;
    private final GatewayAttempts attempts;
    private final RefundIssuing issuing;
    private final ProcessMessages messages;
    private final TransactionTemplate transactions;
    private final Clock clock;

    RefundQuestions(
            RefundRows rows,
            GatewayAttempts attempts,
            RefundIssuing issuing,
            ProcessMessages messages,
            TransactionTemplate transactions,
            Clock clock) {
        this.rows = rows;
        this.attempts = attempts;
        this.issuing = issuing;
        this.messages = messages;
        this.transactions = transactions;
        this.clock = clock;
    }

    @Override
    public String kind() {
        return Refunds.SUBJECT;
    }

    @Override
    @Transactional(readOnly = true)
    public List<Unsettled> unsettled(Instant before, int limit) {
        return attempts.withoutNews(before, clock.instant().minus(MAY_ARRIVE_LATE), limit);
    }

    /** The process goes on as if the gateway had reported by itself. */
    @Override
    public boolean ask(UUID id) {
        Asked asked = Objects.requireNonNull(transactions.execute(status -> new Asked(rows.get(id), attempts.of(id))));
        List<Attempt> open = asked.known().stream()
                .filter(attempt -> !attempt.state().settled())
                .toList();
        if (open.isEmpty()) {
            return true;
        }
        if (!asked.refund().step().equals(RefundSteps.AWAIT_GATEWAY)) {
            open.forEach(this::hearOf);
            return Objects.requireNonNull(transactions.execute(status -> attempts.of(id))).stream()
                    .allMatch(attempt -> attempt.state().settled());
        }
        try {
            Issued issued = issuing.issue(id);
            if (issued.answer() == GatewayAnswer.OPEN) {
                return false;
            }
        } catch (RuleViolation held) {
            if (held.refusal() != Refusal.REFUND_EXCEEDS_PAYMENT) {
                throw held;
            }
            // The gateway does not have it, and it is not sent any more: the process asks too, and goes to the
            // approvers.
        }
        transactions.executeWithoutResult(status -> messages.publish(
                "refunds.gateway-confirmed", asked.known().getLast().idempotencyKey(), Map.of()));
        return true;
    }

    /** The refund went another way since: whether its call arrived after all. */
    private void hearOf(Attempt attempt) {
        issuing.refundMayHaveChanged(attempt.provider(), attempt.idempotencyKey())
                .ifPresent(effect -> transactions.executeWithoutResult(status -> effect.run()));
    }

    private record Asked(Refund refund, List<Attempt> known) {}
}

package io.remitflow.refunds;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.payments.UnsettledAtGateway;
import io.remitflow.refunds.GatewayAttempts.Attempt;
import io.remitflow.refunds.RefundIssuing.GatewayAnswer;
import io.remitflow.refunds.RefundIssuing.Issued;
import io.remitflow.workflow.ProcessMessages;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/** Refunds at gateways that have not said yet what became of them. */
@Component
class RefundQuestions implements UnsettledAtGateway {

    private final RefundRows rows;
    private final GatewayAttempts attempts;
    private final RefundIssuing issuing;
    private final ProcessMessages messages;
    private final TransactionTemplate transactions;

    RefundQuestions(
            RefundRows rows,
            GatewayAttempts attempts,
            RefundIssuing issuing,
            ProcessMessages messages,
            TransactionTemplate transactions) {
        this.rows = rows;
        this.attempts = attempts;
        this.issuing = issuing;
        this.messages = messages;
        this.transactions = transactions;
    }

    @Override
    public String kind() {
        return Refunds.SUBJECT;
    }

    @Override
    @Transactional(readOnly = true)
    public List<Unsettled> unsettled(Instant before, int limit) {
        return attempts.withoutNews(before, limit);
    }

    /** The process goes on as if the gateway had reported by itself. */
    @Override
    public boolean ask(UUID id) {
        List<Attempt> known = transactions.execute(status -> {
            rows.get(id);
            return attempts.of(id);
        });
        if (known == null || known.isEmpty() || known.getLast().state().settled()) {
            return true;
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
        transactions.executeWithoutResult(status ->
                messages.publish("refunds.gateway-confirmed", known.getLast().idempotencyKey(), Map.of()));
        return true;
    }
}

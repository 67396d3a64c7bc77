package io.remitflow.refunds;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.UserId;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/** A refund while it is worked on, its row locked: every change is a verb that knows when it is allowed. */
class RefundCase {

    private Refund state;

    RefundCase(Refund state) {
        this.state = state;
    }

    Refund state() {
        return state;
    }

    /** The rule answered for this version; without levels the rule itself approves. */
    void ruleAnswered(List<String> levels, String reason, Instant at) {
        require(RefundStatus.PENDING);
        state = with(state.status(), levels.isEmpty() ? RefundSteps.ISSUE : RefundSteps.APPROVE)
                .levels(levels)
                .approvalReason(reason)
                .build();
        if (levels.isEmpty()) {
            state = become(RefundStatus.APPROVED).approvedAt(at).build();
        }
    }

    void approved(UserId approver, boolean lastLevel, Instant at) {
        require(RefundStatus.PENDING);
        state = with(state.status(), RefundSteps.APPROVE).refusalReason(null).build();
        if (lastLevel) {
            state = become(RefundStatus.APPROVED)
                    .step(RefundSteps.VERIFY)
                    .hold(null)
                    .approvedBy(approver)
                    .approvedAt(at)
                    .build();
        }
    }

    void rejected(@Nullable String reason) {
        require(RefundStatus.PENDING);
        state = become(RefundStatus.REJECTED)
                .step(RefundSteps.REJECTED)
                .refusalReason(reason)
                .build();
    }

    /** A completed task that did not count, with what its next holder must know. */
    void taskRefused(String reason) {
        state = with(state.status(), state.step()).refusalReason(reason).build();
    }

    /** From here on money may leave. Repeating it changes nothing. */
    void processing(String step) {
        if (state.status() == RefundStatus.PROCESSING) {
            state = with(RefundStatus.PROCESSING, step).build();
            return;
        }
        state = become(RefundStatus.PROCESSING).step(step).build();
    }

    void declined(String code) {
        if (state.status() == RefundStatus.FAILED) {
            return;
        }
        state = become(RefundStatus.FAILED)
                .step(RefundSteps.CHOOSE_METHOD)
                .declineCode(code)
                .build();
    }

    /** Another way for the money is another version: it is approved anew, and never by who chose it. */
    void methodChosen(
            RefundMethod method, boolean original, String reason, UserId preparer, @Nullable UUID destination) {
        require(RefundStatus.FAILED);
        state = become(RefundStatus.PENDING)
                .step(RefundSteps.COLLECT_FACTS)
                .nextVersion(preparer)
                .method(method, original, reason)
                .destination(destination)
                .build();
    }

    void amountChanged(Money amount, UserId preparer) {
        require(RefundStatus.PENDING);
        state = with(RefundStatus.PENDING, RefundSteps.COLLECT_FACTS)
                .nextVersion(preparer)
                .amount(amount)
                .build();
    }

    /** The approved amount is no longer left of its payment: another version, and somebody must look at it. */
    void fallsShort(List<String> approvers, String approverReason, String reason) {
        requireNotLeft();
        state = become(RefundStatus.PENDING)
                .step(RefundSteps.APPROVE)
                .nextVersion(state.preparedBy())
                .levels(approvers)
                .approvalReason(approverReason)
                .refusalReason(reason)
                .build();
    }

    /** Another bank account is another version: whoever approved the first one did not approve this one. */
    void destinationChanged(UUID destination, UserId preparer) {
        requireNotLeft();
        RefundStatus before = state.status();
        Changes changes =
                before == RefundStatus.PENDING ? with(before, RefundSteps.COLLECT_FACTS) : become(RefundStatus.PENDING);
        state = changes.step(RefundSteps.COLLECT_FACTS)
                .nextVersion(preparer)
                .destination(destination)
                .build();
    }

    /** Somebody else returns the same money. Before money leaves this asks for another decision, afterwards it only warns. */
    void held(String reason) {
        if (state.status() == RefundStatus.PENDING) {
            state = with(RefundStatus.PENDING, RefundSteps.COLLECT_FACTS)
                    .nextVersion(state.preparedBy())
                    .build();
        }
        state = with(state.status(), state.step()).hold(reason).build();
    }

    /** Money is on its way and booked; the refund is complete when it was not returned for long enough. */
    void released(UserId processor, String reference, UUID journalEntryId, Instant at) {
        require(RefundStatus.PROCESSING);
        state = with(RefundStatus.PROCESSING, RefundSteps.AWAIT_RETURN)
                .paidOut(processor, reference, at)
                .booked(journalEntryId)
                .build();
    }

    /** The bank showed the transfer; who made it there is not known here. */
    void transferSeen(String reference, Instant at) {
        require(RefundStatus.PROCESSING);
        state = with(state.status(), RefundSteps.COMPLETE)
                .transferred(reference, at)
                .build();
    }

    /** Another check carries the same money. */
    void referenceChanged(String reference) {
        state = with(state.status(), state.step()).reference(reference).build();
    }

    void paidOut(UserId processor, String reference, Instant at) {
        require(RefundStatus.PROCESSING);
        state = with(state.status(), RefundSteps.COMPLETE)
                .paidOut(processor, reference, at)
                .build();
    }

    void confirmed(String gatewayRefundId, Instant at) {
        require(RefundStatus.PROCESSING);
        state = with(state.status(), RefundSteps.COMPLETE)
                .confirmed(gatewayRefundId, at)
                .build();
    }

    void completed(UUID journalEntryId, Instant at) {
        state = become(RefundStatus.COMPLETED)
                .step(RefundSteps.COMPLETED)
                .completed(journalEntryId, at)
                .build();
    }

    void returned(String code) {
        state = become(RefundStatus.RETURNED)
                .step(RefundSteps.RETURNED)
                .declineCode(code)
                .build();
    }

    void cancelled() {
        state = become(RefundStatus.CANCELLED).step(RefundSteps.CANCELLED).build();
    }

    private void requireNotLeft() {
        if (state.left()) {
            throw new RuleViolation(
                    Refusal.REFUND_NOT_IN_STATE, "the money of refund %s has left".formatted(state.number()));
        }
    }

    void require(RefundStatus status) {
        if (state.status() != status) {
            throw new RuleViolation(
                    Refusal.REFUND_NOT_IN_STATE,
                    "refund %s is %s".formatted(state.number(), state.status().key()));
        }
    }

    private Changes become(RefundStatus next) {
        if (!state.status().canBecome(next)) {
            throw new RuleViolation(
                    Refusal.REFUND_NOT_IN_STATE,
                    "refund %s is %s and cannot become %s"
                            .formatted(state.number(), state.status().key(), next.key()));
        }
        return with(next, state.step());
    }

    private Changes with(RefundStatus status, String step) {
        return new Changes(state, status, step);
    }

    /** A copy of the refund in the making. */
    private static final class Changes {
        private final Refund from;
        private final RefundStatus status;
        private String step;
        private Money amount;
        private RefundMethod method;
        private boolean original;
        private @Nullable String methodReason;
        private int version;
        private @Nullable List<String> levels;
        private @Nullable String approvalReason;
        private @Nullable String refusalReason;
        private UserId preparedBy;
        private @Nullable UserId approvedBy;
        private @Nullable UserId processedBy;
        private @Nullable Instant approvedAt;
        private @Nullable Instant processedAt;
        private @Nullable Instant completedAt;
        private @Nullable String payoutReference;
        private @Nullable String gatewayRefundId;
        private @Nullable String declineCode;
        private @Nullable UUID journalEntryId;
        private @Nullable UUID achDestinationId;
        private @Nullable String holdReason;

        Changes(Refund from, RefundStatus status, String step) {
            this.from = from;
            this.status = status;
            this.step = step;
            this.amount = from.amount();
            this.method = from.method();
            this.original = from.originalMethod();
            this.methodReason = from.methodReason();
            this.version = from.version();
            this.levels = from.levels();
            this.approvalReason = from.approvalReason();
            this.refusalReason = from.refusalReason();
            this.preparedBy = from.preparedBy();
            this.approvedBy = from.approvedBy();
            this.processedBy = from.processedBy();
            this.approvedAt = from.approvedAt();
            this.processedAt = from.processedAt();
            this.completedAt = from.completedAt();
            this.payoutReference = from.payoutReference();
            this.gatewayRefundId = from.gatewayRefundId();
            this.declineCode = from.declineCode();
            this.journalEntryId = from.journalEntryId();
            this.achDestinationId = from.achDestinationId();
            this.holdReason = from.holdReason();
        }

        Changes step(String value) {
            step = value;
            return this;
        }

        Changes levels(List<String> value) {
            levels = List.copyOf(value);
            return this;
        }

        Changes approvalReason(String value) {
            approvalReason = value;
            return this;
        }

        Changes refusalReason(@Nullable String value) {
            refusalReason = value;
            return this;
        }

        Changes approvedBy(UserId value) {
            approvedBy = value;
            return this;
        }

        Changes approvedAt(Instant value) {
            approvedAt = value;
            return this;
        }

        Changes declineCode(String value) {
            declineCode = value;
            return this;
        }

        Changes amount(Money value) {
            Assert.isTrue(value.isPositive(), "a refund is more than zero");
            amount = value;
            return this;
        }

        Changes method(RefundMethod value, boolean isOriginal, String reason) {
            method = value;
            original = isOriginal;
            methodReason = reason;
            return this;
        }

        Changes nextVersion(UserId preparer) {
            version = from.version() + 1;
            preparedBy = preparer;
            levels = null;
            approvalReason = null;
            refusalReason = null;
            approvedBy = null;
            approvedAt = null;
            processedBy = null;
            processedAt = null;
            payoutReference = null;
            return this;
        }

        Changes paidOut(UserId processor, String reference, Instant at) {
            processedBy = processor;
            payoutReference = reference;
            processedAt = at;
            refusalReason = null;
            return this;
        }

        Changes destination(@Nullable UUID value) {
            achDestinationId = value;
            return this;
        }

        Changes hold(@Nullable String value) {
            holdReason = value;
            return this;
        }

        Changes booked(UUID entryId) {
            journalEntryId = entryId;
            return this;
        }

        Changes reference(String value) {
            payoutReference = value;
            return this;
        }

        Changes transferred(String reference, Instant at) {
            payoutReference = reference;
            processedAt = at;
            refusalReason = null;
            return this;
        }

        Changes confirmed(String refundId, Instant at) {
            gatewayRefundId = refundId;
            processedAt = at;
            return this;
        }

        Changes completed(UUID entryId, Instant at) {
            journalEntryId = entryId;
            completedAt = at;
            return this;
        }

        Refund build() {
            return new Refund(
                    from.id(),
                    from.number(),
                    from.accountId(),
                    from.paymentId(),
                    from.creditBalanceId(),
                    from.date(),
                    amount,
                    method,
                    original,
                    methodReason,
                    from.reason(),
                    from.description(),
                    status,
                    step,
                    version,
                    levels,
                    approvalReason,
                    refusalReason,
                    from.requestedBy(),
                    preparedBy,
                    from.preparers(),
                    approvedBy,
                    processedBy,
                    from.requestedAt(),
                    approvedAt,
                    processedAt,
                    completedAt,
                    payoutReference,
                    gatewayRefundId,
                    declineCode,
                    journalEntryId,
                    achDestinationId,
                    holdReason,
                    from.reissueOf(),
                    from.dueOn());
        }
    }
}

package io.remitflow.refunds;

import static io.remitflow.ledger.StandardAccount.AR_INSURANCE;
import static io.remitflow.ledger.StandardAccount.OUTGOING_PAYMENTS_CLEARING;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.PostedEntry;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.workflow.Approvals;
import io.remitflow.workflow.Timeline;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Books what is paid back to a payer, and what comes back of it; in the transaction of whoever calls. */
@Service
@Transactional(propagation = Propagation.MANDATORY)
class CreditReturnBooking {

    private static final String WORDS = "Refund to the payer of a credit balance";

    private final CreditReturnRows returns;
    private final CreditRows rows;
    private final CreditBalances credits;
    private final PatientAccounts accounts;
    private final Journal journal;
    private final Approvals approvals;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;

    CreditReturnBooking(
            CreditReturnRows returns,
            CreditRows rows,
            CreditBalances credits,
            PatientAccounts accounts,
            Journal journal,
            Approvals approvals,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit) {
        this.returns = returns;
        this.rows = rows;
        this.credits = credits;
        this.accounts = accounts;
        this.journal = journal;
        this.approvals = approvals;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
    }

    CreditReturn get(UUID id) {
        return returns.get(id);
    }

    CreditBalance creditOf(CreditReturn paid) {
        return rows.get(paid.creditId());
    }

    /** Accounts before the case, as the posting of a remittance does it. */
    CreditReturn lock(UUID id) {
        CreditReturn known = returns.get(id);
        accounts.lock(List.of(rows.get(known.creditId()).accountId()));
        rows.lock(known.creditId());
        return returns.get(id);
    }

    /** Whoever requested or approved it, if it needed an approval, does not pay it out as well. */
    void requireMayPayOut(CreditReturn wanted, @Nullable Person person) {
        if (person == null || !person.may(Permission.REFUNDS_PAY_OUT)) {
            throw new RuleViolation(Refusal.NOT_PERMITTED, "Whoever pays out needs the permission to");
        }
        boolean involved = person.id().equals(wanted.requestedBy())
                || approvals.of(CreditReturns.SUBJECT, wanted.id()).stream()
                        .anyMatch(approval -> approval.involves(person.id()));
        if (involved && !Objects.requireNonNullElse(wanted.levels(), List.of()).isEmpty()) {
            throw new RuleViolation(
                    Refusal.SELF_APPROVAL, "Whoever requested or approved it cannot pay it out as well");
        }
    }

    /** @param reference the number of its check, or of a transfer */
    PostedEntry paid(CreditBalance credit, CreditReturn wanted, Person person, String reference) {
        Money amount = wanted.amount();
        String key = "credit-return:" + wanted.id();
        PostedEntry entry = journal.post(NewEntry.on(organizations.today(), "refunds", key, WORDS)
                .debit(AR_INSURANCE, amount)
                .credit(
                        OUTGOING_PAYMENTS_CLEARING,
                        amount,
                        wanted.byCheck()
                                ? new ClearingReference("check", reference)
                                : new ClearingReference("refund", wanted.id().toString()))
                .reference(CreditBalances.SUBJECT, credit.id())
                .referenceNumber(reference)
                .inOpenPeriod()
                .build());
        accounts.record(posting(credit, TransactionType.REFUND, amount, entry.id(), WORDS, key));
        returns.posted(wanted.id(), entry.id(), person.id(), reference);
        return entry;
    }

    /** The money of one check moves to another one. */
    void moveToCheck(CreditReturn paid, String from, String to) {
        journal.post(NewEntry.on(
                        organizations.today(),
                        "refunds",
                        "refund-check:" + from + ":" + to,
                        "%s: check %s instead of %s".formatted(WORDS, to, from))
                .debit(OUTGOING_PAYMENTS_CLEARING, paid.amount(), new ClearingReference("check", from))
                .credit(OUTGOING_PAYMENTS_CLEARING, paid.amount(), new ClearingReference("check", to))
                .reference(CreditBalances.SUBJECT, paid.creditId())
                .referenceNumber(to)
                .inOpenPeriod()
                .build());
        returns.referenceChanged(paid.id(), to);
    }

    /** With the case locked: the payer did not get its money, so it is owed again, since the day it was found at first. */
    void takeBack(CreditReturn paid, String words) {
        requirePosted(paid);
        CreditBalance credit = rows.get(paid.creditId());
        String key = "credit-return-returned:" + paid.id();
        String text = WORDS + " came back";
        PostedEntry reversal = journal.takeBack(Objects.requireNonNull(paid.journalEntryId()), text, key);
        accounts.record(posting(credit, TransactionType.CREDIT, paid.amount().negated(), reversal.id(), text, key));
        returns.returned(paid.id());
        timeline.add(
                CreditBalances.SUBJECT,
                credit.id(),
                CurrentUser.find().orElse(null),
                "Came back",
                "%s; %s is owed again, journal entry %s"
                        .formatted(words, Amounts.format(paid.amount()), reversal.number()));
        audit.record(
                "credit-return-returned",
                CreditBalances.SUBJECT,
                credit.id().toString(),
                Map.of("return", paid.id().toString(), "entry", reversal.number()));
        credits.owedAgain(credit);
    }

    void requirePosted(CreditReturn paid) {
        if (paid.status() != CreditReturn.Status.POSTED) {
            throw new RuleViolation(
                    Refusal.REFUND_NOT_IN_STATE,
                    "the refund to the payer is %s".formatted(paid.status().key()));
        }
    }

    private AccountPosting posting(
            CreditBalance credit, TransactionType type, Money amount, UUID entryId, String text, String key) {
        return new AccountPosting(
                credit.accountId(),
                organizations.today(),
                type,
                Responsibility.INSURANCE,
                amount,
                credit.claimId(),
                null,
                credit.payerId(),
                entryId,
                text,
                key);
    }
}

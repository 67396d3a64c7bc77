package io.remitflow.refunds;

import io.remitflow.claims.Claim;
import io.remitflow.claims.ClaimOutcome;
import io.remitflow.claims.Claims;
import io.remitflow.claims.Payers;
import io.remitflow.core.Amounts;
import io.remitflow.payments.Payment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.AccountTransaction;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.refunds.CreditClassification.BelongsTo;
import io.remitflow.refunds.CreditClassification.Cause;
import io.remitflow.refunds.CreditClassification.PayerClass;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What the books say about a credit before a person has looked at it: whose money it is and how it arose. */
@Component
class CreditProposals {

    private static final Set<String> THEMSELVES = Set.of("self", "patient");

    private final Claims claims;
    private final Payers payers;
    private final Payments payments;
    private final PatientAccounts accounts;

    CreditProposals(Claims claims, Payers payers, Payments payments, PatientAccounts accounts) {
        this.claims = claims;
        this.payers = payers;
        this.payments = payments;
        this.accounts = accounts;
    }

    /** @param evidence in words, without names of patients */
    record Proposal(CreditClassification classification, String evidence) {}

    private record Found(Cause cause, String evidence) {}

    /**
     * @param claimId null: money that belongs to no claim
     * @param payerId who paid too much; null: the credit is on the side of the patient
     * @param paidTwice whether a remittance said that it may have paid the same before
     */
    Proposal propose(UUID accountId, @Nullable UUID claimId, @Nullable UUID payerId, Money credit, boolean paidTwice) {
        if (payerId == null || claimId == null) {
            return ofPatient(accountId, claimId, credit);
        }
        var payer = payers.get(payerId);
        Found found = contractualPostedTwice(claimId, credit)
                .or(() -> paidTwice
                        ? Optional.of(
                                new Found(
                                        Cause.DUPLICATE_PAYMENT,
                                        "The same claim was paid before with the same amounts, and nothing was reversed in between"))
                        : Optional.empty())
                .or(() -> secondPayer(claimId, payerId))
                .orElseGet(() -> new Found(
                        Cause.PAYER_OVERPAID,
                        "Payments and adjustments of the payer are %s more than the claim"
                                .formatted(Amounts.format(credit))));
        return new Proposal(
                new CreditClassification(BelongsTo.PAYER, PayerClass.ofPayer(payer.payerClass()), found.cause()),
                "%s. The payer is %s, class %s".formatted(found.evidence(), payer.name(), payer.payerClass()));
    }

    private Proposal ofPatient(UUID accountId, @Nullable UUID claimId, Money credit) {
        var account = accounts.get(accountId);
        String relationship = account.guarantorRelationship();
        boolean guarantor = account.guarantorId() != null
                && !account.guarantorId().equals(account.patientId())
                && (relationship == null || !THEMSELVES.contains(relationship.toLowerCase(Locale.ROOT)));
        Found found = claimId == null
                ? ofAccount(accountId, credit)
                : paidTwice("the same claim", payments.ofClaim(claimId), credit)
                        .or(() -> shareLowered(claimId))
                        .orElseGet(() -> new Found(
                                Cause.PATIENT_OVERPAID,
                                "What was paid for the claim is %s more than the patient's share"
                                        .formatted(Amounts.format(credit))));
        return new Proposal(
                new CreditClassification(
                        guarantor ? BelongsTo.GUARANTOR : BelongsTo.PATIENT, PayerClass.SELF_PAY, found.cause()),
                found.evidence() + (guarantor ? ". The account has a guarantor other than the patient" : ""));
    }

    private Found ofAccount(UUID accountId, Money credit) {
        List<Payment> withoutClaim = payments.ofAccount(accountId).stream()
                .filter(payment -> payment.claimId() == null)
                .toList();
        return paidTwice("the account", withoutClaim, credit)
                .orElseGet(() -> new Found(
                        Cause.PATIENT_OVERPAID,
                        "What the account got without a claim is %s more than it and its claims owe"
                                .formatted(Amounts.format(credit))));
    }

    /** An adjustment as large as the credit that stands there twice and was never taken back. */
    private Optional<Found> contractualPostedTwice(UUID claimId, Money credit) {
        List<AccountTransaction> adjustments = accounts.transactionsOfClaim(claimId).stream()
                .filter(line -> line.responsibility() == Responsibility.INSURANCE)
                .filter(line -> line.type() == TransactionType.ADJUSTMENT)
                .toList();
        long same = adjustments.stream()
                .filter(line -> line.amount().isEqual(credit.negated()))
                .count();
        long takenBack = adjustments.stream()
                .filter(line -> line.amount().isEqual(credit))
                .count();
        return same - takenBack < 2
                ? Optional.empty()
                : Optional.of(new Found(
                        Cause.CONTRACTUAL_POSTED_TWICE,
                        "A contractual adjustment of %s was posted %d times"
                                .formatted(Amounts.format(credit), same - takenBack)));
    }

    private Optional<Found> secondPayer(UUID claimId, UUID payerId) {
        Claim claim = claims.get(claimId);
        return claim.payerId().equals(payerId)
                ? Optional.empty()
                : Optional.of(new Found(
                        Cause.COORDINATION_OF_BENEFITS,
                        "A second payer paid for a claim that was sent to another one"));
    }

    private static Optional<Found> paidTwice(String what, List<Payment> paid, Money credit) {
        for (Payment one : paid) {
            for (Payment other : paid) {
                if (!one.id().equals(other.id())
                        && one.amount().isEqual(other.amount())
                        && !credit.isGreaterThan(one.amount())
                        && one.method() == other.method()
                        && one.refundable().isPositive()
                        && other.refundable().isPositive()) {
                    return Optional.of(new Found(
                            Cause.DUPLICATE_PAYMENT,
                            "Payments %s and %s are both %s for %s"
                                    .formatted(one.number(), other.number(), Amounts.format(one.amount()), what)));
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Found> shareLowered(UUID claimId) {
        boolean lowered = claims.responses(claimId).stream()
                .anyMatch(answer -> answer.kind() == ClaimOutcome.Kind.REVERSED
                        && answer.patientResponsibility().isNegative());
        return lowered
                ? Optional.of(new Found(
                        Cause.PATIENT_OVERPAID,
                        "The payer corrected the claim and left the patient less to pay than was paid already"))
                : Optional.empty();
    }
}

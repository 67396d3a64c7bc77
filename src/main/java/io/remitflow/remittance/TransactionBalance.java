package io.remitflow.remittance;

import io.remitflow.core.CardNumbers;
import io.remitflow.remittance.Imbalance.Level;
import io.remitflow.remittance.Imbalance.Rule;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Balances one transaction at its three levels while its claims pass by: each service line, each claim, the payment.
 *
 * <p>Adds and compares whole cents, with no tolerance. AMT and QTY are information only and take no part.
 */
public final class TransactionBalance {

    private final EraTransaction transaction;
    private final List<Imbalance> imbalances = new ArrayList<>();
    private final List<Imbalance> warnings = new ArrayList<>();
    private int imbalanceCount;
    private int warningCount;
    private int claims;
    private int serviceLines;
    private int providerAdjustments;
    private long chargedMinor;
    private long claimsPaidMinor;
    private long providerAdjustmentsMinor;

    public TransactionBalance(EraTransaction transaction) {
        this.transaction = transaction;
    }

    /** @throws ArithmeticException if the sums leave the range of a long */
    public void add(EraClaim claim) {
        claims++;
        serviceLines += claim.lines().size();
        chargedMinor = Math.addExact(chargedMinor, claim.chargedMinor());
        claimsPaidMinor = Math.addExact(claimsPaidMinor, claim.paidMinor());
        long lineAdjustments = 0;
        for (var line : claim.lines()) {
            lineAdjustments = Math.addExact(lineAdjustments, balance(claim, line));
        }
        balance(claim, lineAdjustments);
        checkPatientResponsibility(claim);
        checkAdjustments(claim.adjustments(), claim, null);
    }

    public void add(ProviderAdjustment adjustment) {
        providerAdjustments++;
        providerAdjustmentsMinor = Math.addExact(providerAdjustmentsMinor, adjustment.amountMinor());
        if (adjustment.amountMinor() == 0) {
            found(
                    Rule.PROVIDER_ADJUSTMENT_NOT_ZERO,
                    Level.PROVIDER_ADJUSTMENT,
                    "provider adjustment " + providerAdjustments,
                    adjustment.position(),
                    0,
                    0,
                    "Provider adjustment %d (%s) has an amount of zero, which is not allowed"
                            .formatted(providerAdjustments, adjustment.code()));
        }
    }

    /** After the last claim and provider adjustment. */
    public EraTotals totals(String contentHash) {
        balanceTransaction();
        return new EraTotals(
                claims,
                serviceLines,
                providerAdjustments,
                chargedMinor,
                claimsPaidMinor,
                providerAdjustmentsMinor,
                contentHash,
                new Balance(imbalances, warnings, imbalanceCount, warningCount));
    }

    private long balance(EraClaim claim, EraServiceLine line) {
        long adjusted = line.adjustedMinor();
        long expected = Math.subtractExact(line.chargedMinor(), adjusted);
        if (expected != line.paidMinor()) {
            found(
                    Rule.SERVICE_LINE_BALANCES,
                    Level.SERVICE_LINE,
                    name(claim) + ", line " + line.index(),
                    line.position(),
                    expected,
                    line.paidMinor(),
                    "%s, line %d: charge %s less adjustments %s is %s, but the payer says it paid %s (%s)"
                            .formatted(
                                    said(claim),
                                    line.index(),
                                    money(line.chargedMinor()),
                                    money(adjusted),
                                    money(expected),
                                    money(line.paidMinor()),
                                    off(expected, line.paidMinor())));
        }
        checkAdjustments(line.adjustments(), claim, line);
        return adjusted;
    }

    private void balance(EraClaim claim, long lineAdjustments) {
        long claimAdjustments = EraAdjustment.sum(claim.adjustments());
        long adjusted = Math.addExact(claimAdjustments, lineAdjustments);
        long expected = Math.subtractExact(claim.chargedMinor(), adjusted);
        if (expected != claim.paidMinor()) {
            boolean twice = claimAdjustments != 0 && claimAdjustments == lineAdjustments;
            found(
                    Rule.CLAIM_BALANCES,
                    Level.CLAIM,
                    name(claim),
                    claim.position(),
                    expected,
                    claim.paidMinor(),
                    "%s: charge %s less adjustments %s is %s, but the payer says it paid %s (%s)%s"
                            .formatted(
                                    said(claim),
                                    money(claim.chargedMinor()),
                                    money(adjusted),
                                    money(expected),
                                    money(claim.paidMinor()),
                                    off(expected, claim.paidMinor()),
                                    twice
                                            ? "; the adjustments of the claim add up to those of its lines, as if given twice"
                                            : ""));
            return;
        }
        if (claim.lines().isEmpty() || !claim.adjustments().isEmpty()) {
            return;
        }
        long linesPaid = 0;
        for (EraServiceLine line : claim.lines()) {
            linesPaid = Math.addExact(linesPaid, line.paidMinor());
        }
        if (linesPaid != claim.paidMinor()) {
            found(
                    Rule.LINES_ADD_UP_TO_CLAIM,
                    Level.CLAIM,
                    name(claim),
                    claim.position(),
                    linesPaid,
                    claim.paidMinor(),
                    "%s: its lines say %s was paid, but the claim says %s (%s)"
                            .formatted(
                                    said(claim),
                                    money(linesPaid),
                                    money(claim.paidMinor()),
                                    off(linesPaid, claim.paidMinor())));
        }
    }

    /** Information only: payers disagree on what a reversal shows there. */
    private void checkPatientResponsibility(EraClaim claim) {
        if (claim.isReversal()) {
            return;
        }
        long expected = patientsShare(claim.adjustments());
        for (EraServiceLine line : claim.lines()) {
            expected = Math.addExact(expected, patientsShare(line.adjustments()));
        }
        if (expected != claim.patientResponsibilityMinor()) {
            found(
                    Rule.PATIENT_RESPONSIBILITY_ADDS_UP,
                    Level.CLAIM,
                    name(claim),
                    claim.position().withElement(5),
                    expected,
                    claim.patientResponsibilityMinor(),
                    "%s: the patient's share is %s by its adjustments, but the claim says %s"
                            .formatted(said(claim), money(expected), money(claim.patientResponsibilityMinor())));
        }
    }

    private static long patientsShare(List<EraAdjustment> adjustments) {
        long share = 0;
        for (EraAdjustment adjustment : adjustments) {
            if (adjustment.group().equals("PR")) {
                share = Math.addExact(share, adjustment.amountMinor());
            }
        }
        return share;
    }

    private void checkAdjustments(List<EraAdjustment> adjustments, EraClaim claim, @Nullable EraServiceLine line) {
        if (adjustments.isEmpty()) {
            return;
        }
        Set<String> seen = adjustments.size() > 1 ? new HashSet<>() : Set.of();
        for (var adjustment : adjustments) {
            // Words are made for what is found only: they would cost more than the check.
            boolean knownGroup = isGroup(adjustment.group());
            boolean repeated = adjustments.size() > 1 && !seen.add(adjustment.group() + "-" + adjustment.reason());
            if (knownGroup && adjustment.amountMinor() != 0 && !repeated) {
                continue;
            }
            var level = line == null ? Level.CLAIM : Level.SERVICE_LINE;
            var where = name(claim) + (line == null ? "" : ", line " + line.index());
            var said = said(claim) + (line == null ? "" : ", line " + line.index());
            var code = adjustment.group() + "-" + adjustment.reason();
            if (!knownGroup) {
                found(
                        Rule.GROUP_CODE_KNOWN,
                        level,
                        where,
                        adjustment.position(),
                        0,
                        adjustment.amountMinor(),
                        "%s: the adjustment %s of %s has no known group, so nobody can say who bears it"
                                .formatted(said, code, money(adjustment.amountMinor())));
            }
            if (adjustment.amountMinor() == 0) {
                found(
                        Rule.ADJUSTMENT_NOT_ZERO,
                        level,
                        where,
                        adjustment.position(),
                        0,
                        0,
                        "%s: the adjustment %s has an amount of zero".formatted(said, code));
            }
            if (repeated) {
                found(
                        Rule.ADJUSTMENT_NOT_REPEATED,
                        level,
                        where,
                        adjustment.position(),
                        0,
                        adjustment.amountMinor(),
                        "%s: the adjustment %s is given more than once".formatted(said, code));
            }
        }
    }

    private void balanceTransaction() {
        var bpr = transaction.position();
        long paid = transaction.paidMinor();
        long expected = Math.subtractExact(claimsPaidMinor, providerAdjustmentsMinor);
        if (expected != paid) {
            foundInTransaction(
                    Rule.TRANSACTION_BALANCES,
                    expected,
                    "The payment: claims paid %s less provider adjustments %s is %s, but the payment is %s (%s)"
                            .formatted(
                                    money(claimsPaidMinor),
                                    money(providerAdjustmentsMinor),
                                    money(expected),
                                    money(paid),
                                    off(expected, paid)));
        }
        boolean prenotified = transaction.handlingCode().equals("P");
        boolean notification =
                transaction.handlingCode().equals("H") || transaction.method().equals("NON") || prenotified;
        boolean prenotification = prenotified && transaction.method().equals("ACH");
        if (paid < 0) {
            foundInTransaction(
                    Rule.PAYMENT_NOT_NEGATIVE,
                    0,
                    "The payment is %s; a payer cannot pay less than nothing but must carry the rest forward (FB)"
                            .formatted(money(paid)));
        } else if (paid > 0 && notification) {
            foundInTransaction(
                    Rule.NO_PAYMENT_MEANS_ZERO,
                    0,
                    "The payer says that no money moves (%s, %s), but the payment is %s"
                            .formatted(transaction.handlingCode(), transaction.method(), money(paid)));
        } else if (paid == 0
                && !prenotification
                && !(transaction.handlingCode().equals("H")
                        && transaction.method().equals("NON"))) {
            foundInTransaction(
                    Rule.ZERO_PAYMENT_MARKED_AS_SUCH,
                    0,
                    "Nothing is paid, but the payer does not mark it as information only (H, NON): it says %s, %s"
                            .formatted(transaction.handlingCode(), transaction.method()));
        }
        if (paid != 0 && transaction.creditOrDebit().equals("D")) {
            foundInTransaction(
                    Rule.DEBIT_NOT_EXPECTED,
                    paid,
                    "The payer says that %s is taken from us (debit), not paid to us".formatted(money(paid)));
        }
        if (transaction.paymentDate() == null) {
            foundInTransaction(
                    Rule.PAYMENT_DATE_READABLE, 0, "The date of the payment (BPR16) is missing or not a date");
        }
    }

    private void foundInTransaction(Rule rule, long expectedMinor, String text) {
        found(rule, Level.TRANSACTION, "payment", transaction.position(), expectedMinor, transaction.paidMinor(), text);
    }

    private void found(
            Rule rule, Level level, String where, EraPosition position, long expected, long found, String text) {
        var imbalance = new Imbalance(rule, level, where, position, expected, found, text);
        if (rule.holds()) {
            imbalanceCount++;
            keep(imbalances, imbalance);
        } else {
            warningCount++;
            keep(warnings, imbalance);
        }
    }

    private static void keep(List<Imbalance> list, Imbalance imbalance) {
        if (list.size() < Balance.KEPT) {
            list.add(imbalance);
        }
    }

    private static boolean isGroup(String group) {
        return switch (group) {
            case "CO", "PR", "OA", "PI", "CR" -> true;
            default -> false;
        };
    }

    private static String name(EraClaim claim) {
        return "claim %d (%s)".formatted(claim.index(), CardNumbers.removedFrom(claim.controlNumber()));
    }

    private static String said(EraClaim claim) {
        return "Claim %d".formatted(claim.index());
    }

    private static String off(long expected, long found) {
        long difference = Math.subtractExact(found, expected);
        return "%s too %s".formatted(money(Math.abs(difference)), difference < 0 ? "little" : "much");
    }

    private static String money(long minor) {
        return BigDecimal.valueOf(minor, 2).toPlainString();
    }
}

package io.remitflow.checks;

import io.remitflow.core.RuleViolation;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.payments.PaymentReturns;
import io.remitflow.payments.UndepositedReceipt;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Checks that were brought to the bank, for whoever sees a line with which it takes one back: scanned ones, and those of the desk. */
@Service
@Transactional
public class ReturnedItems {

    private static final int MOST = 50;

    /** Of more than that over one amount nobody can tell which one it is. */
    private static final int MOST_OF_ONE_AMOUNT = 500;

    private final UndepositedChecks scanned;
    private final CheckReturns returns;
    private final PaymentReturns atTheDesk;
    private final Clearing clearing;

    ReturnedItems(UndepositedChecks scanned, CheckReturns returns, PaymentReturns atTheDesk, Clearing clearing) {
        this.scanned = scanned;
        this.returns = returns;
        this.atTheDesk = atTheDesk;
        this.clearing = clearing;
    }

    /** Those over this amount that left the drawer, the latest first. */
    @Transactional(readOnly = true)
    public List<UndepositedReceipt> candidates(Money amount) {
        return deposited(scanned.ofAmount(amount, MOST), atTheDesk.ofAmount(amount, MOST));
    }

    /** As {@link #candidates}, but all of them; empty if there are too many. */
    @Transactional(readOnly = true)
    public Optional<List<UndepositedReceipt>> allCandidates(Money amount) {
        List<UndepositedReceipt> scans = scanned.ofAmount(amount, MOST_OF_ONE_AMOUNT + 1);
        List<UndepositedReceipt> desk = atTheDesk.ofAmount(amount, MOST_OF_ONE_AMOUNT + 1);
        return scans.size() > MOST_OF_ONE_AMOUNT || desk.size() > MOST_OF_ONE_AMOUNT
                ? Optional.empty()
                : Optional.of(deposited(scans, desk));
    }

    /** Empty once it was returned. */
    @Transactional(readOnly = true)
    public Optional<UndepositedReceipt> find(UUID id) {
        return scanned.find(id).or(() -> atTheDesk.find(id));
    }

    private List<UndepositedReceipt> deposited(List<UndepositedReceipt> scans, List<UndepositedReceipt> desk) {
        List<UndepositedReceipt> found = new ArrayList<>(scans);
        found.addAll(desk);
        found.removeIf(receipt -> !clearing.balance(StandardAccount.UNDEPOSITED_CHECKS, receipt.reference())
                .isZero());
        found.sort(Comparator.comparing(UndepositedReceipt::receivedOn).reversed());
        return found;
    }

    /**
     * Records the return, in the transaction that clears the line of the bank.
     *
     * @param kind of the {@link UndepositedReceipt}
     * @return under what the bank is owed the amount now, among undeposited checks
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public ClearingReference returned(String kind, UUID id, CheckReturnCode code) {
        if (kind.equals(Checks.SUBJECT)) {
            ClearingReference reference = scanned.lock(id)
                    .map(UndepositedReceipt::reference)
                    .orElseThrow(() -> RuleViolation.notFound("a confirmed check"));
            returns.returnedByBank(id, code, "");
            return reference;
        }
        return atTheDesk.returned(id, code.text());
    }
}

package io.remitflow.payments;

import static io.remitflow.ledger.StandardAccount.UNDEPOSITED_CHECKS;

import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.OpenReference;
import io.remitflow.payments.DepositAccounts.DepositAccount;
import io.remitflow.workflow.Timeline;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Checks and cash on their way to the bank.
 *
 * <p>One person prepares a deposit, another one verifies it against what lies on the table. Only then one entry moves its
 * receipts from their own references to the one of the deposit, DR undeposited checks under the deposit, CR undeposited
 * checks under each receipt, so that the bank's line of the total clears it.
 */
@Service
@Transactional
public class Deposits {

    /** Subject of timelines and audit entries, and kind of the clearing reference. */
    public static final String SUBJECT = "deposit";

    public static final int MOST_ITEMS = 500;

    private static final int MOST_DAYS_AGO = 31;
    private static final int MOST_DAYS_AHEAD = 7;
    private static final int MAX_REASON = 500;
    private static final int MAX_SLIP = 40;

    private final DepositRows rows;
    private final Map<String, UndepositedReceipts> sources;
    private final DepositAccounts bankAccounts;
    private final Clearing clearing;
    private final Journal journal;
    private final NumberSeries numbers;
    private final Organizations organizations;
    private final Users users;
    private final Timeline timeline;
    private final AuditLog audit;

    Deposits(
            DepositRows rows,
            List<UndepositedReceipts> sources,
            DepositAccounts bankAccounts,
            Clearing clearing,
            Journal journal,
            NumberSeries numbers,
            Organizations organizations,
            Users users,
            Timeline timeline,
            AuditLog audit) {
        this.rows = rows;
        this.sources = sources.stream().collect(Collectors.toMap(UndepositedReceipts::kind, Function.identity()));
        this.bankAccounts = bankAccounts;
        this.clearing = clearing;
        this.journal = journal;
        this.numbers = numbers;
        this.organizations = organizations;
        this.users = users;
        this.timeline = timeline;
        this.audit = audit;
    }

    /**
     * What goes to the bank together.
     *
     * @param receipts the {@link UndepositedReceipt#key() keys} of what is in it
     */
    public record NewDeposit(
            DepositMethod method,
            UUID bankAccountId,
            LocalDate date,
            @Nullable String slipNumber,
            List<String> receipts) {

        public NewDeposit {
            receipts = List.copyOf(receipts);
            slipNumber = slipNumber == null || slipNumber.isBlank() ? null : slipNumber.strip();
        }
    }

    @Transactional(readOnly = true)
    public Deposit get(UUID id) {
        return rows.find(id).orElseThrow(Deposits::unknown);
    }

    @Transactional(readOnly = true)
    public List<Deposit.Item> items(UUID id) {
        return rows.items(id);
    }

    @Transactional(readOnly = true)
    public List<Deposit> list(DepositFilter filter) {
        return rows.list(filter);
    }

    /** What the bank has to credit yet, oldest first. */
    @Transactional(readOnly = true)
    public List<Deposit> onTheWay() {
        return rows.onTheWay();
    }

    /** The deposit a check or payment went with; the last one if it was in several that were cancelled. */
    @Transactional(readOnly = true)
    public Optional<Deposit> ofReceipt(String kind, UUID receiptId) {
        return rows.ofReceipt(kind, receiptId);
    }

    @Transactional(readOnly = true)
    public List<DepositAccount> accounts() {
        return bankAccounts.inUse();
    }

    /**
     * What is booked, not in a deposit, and not credited by the bank on its own, oldest first; post-dated checks too, though
     * they have to wait for their date.
     */
    @Transactional(readOnly = true)
    public List<UndepositedReceipt> waiting() {
        Map<ClearingReference, Money> open = new HashMap<>();
        for (OpenReference reference : clearing.open(UNDEPOSITED_CHECKS)) {
            if (reference.balance().isPositive()) {
                open.put(reference.reference(), reference.balance());
            }
        }
        List<UndepositedReceipt> known = new ArrayList<>();
        sources.values().forEach(source -> known.addAll(source.under(open.keySet())));
        Set<String> taken = rows.taken(known);
        known.removeIf(receipt -> taken.contains(receipt.key()));
        known.sort(Comparator.comparing(UndepositedReceipt::receivedOn).thenComparing(UndepositedReceipt::number));
        List<UndepositedReceipt> waiting = new ArrayList<>();
        for (UndepositedReceipt receipt : known) {
            // Two people's checks may carry the same number; together they are never worth more than what is booked.
            Money left = open.get(receipt.reference());
            if (left != null && !left.isLessThan(receipt.amount())) {
                open.put(receipt.reference(), left.minus(receipt.amount()));
                waiting.add(receipt);
            }
        }
        return waiting;
    }

    /** Nothing is booked yet, but no other deposit gets what is in this one. */
    public UUID prepare(NewDeposit deposit) {
        requireSound(deposit);
        List<UndepositedReceipt> receipts = locked(deposit);
        Money amount = receipts.stream()
                .map(UndepositedReceipt::amount)
                .reduce(Money.zero(organizations.current().currency()), Money::plus);
        UUID id = Ids.next();
        String number = numbers.next("BD");
        try {
            rows.insert(id, number, deposit, receipts, amount, CurrentUser.id().value());
        } catch (DuplicateKeyException e) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE,
                    "one of these is in another deposit meanwhile, look at what waits again");
        }
        timeline.add(
                SUBJECT,
                id,
                "Prepared",
                "%d %s, %s"
                        .formatted(receipts.size(), receipts.size() == 1 ? "item" : "items", Amounts.format(amount)));
        audit.record(
                "deposit-prepared",
                SUBJECT,
                id.toString(),
                Map.of("number", number, "amount", amount.toString(), "items", receipts.size()));
        return id;
    }

    /**
     * A second person counted it: books it.
     *
     * @param version the one that was looked at
     */
    public void verify(UUID id, int version) {
        Deposit deposit = rows.lock(id).orElseThrow(Deposits::unknown);
        requireStatus(deposit, DepositStatus.PREPARED, "verified");
        if (deposit.version() != version) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "somebody changed this deposit, look at it again");
        }
        UUID by = CurrentUser.id().value();
        if (deposit.preparedBy().equals(by)) {
            throw new RuleViolation(
                    Refusal.SELF_APPROVAL, "you prepared %s: another person verifies it".formatted(deposit.number()));
        }
        List<Deposit.Item> items = rows.items(id);
        items.stream()
                .sorted(Comparator.comparing(Deposit.Item::receiptId))
                .forEach(item -> requireStillThere(deposit, item));
        var entry = NewEntry.on(organizations.today(), "payments", "deposit:" + id, "Bank deposit " + deposit.number())
                .debit(UNDEPOSITED_CHECKS, deposit.amount(), deposit.reference())
                .reference(SUBJECT, id)
                .referenceNumber(deposit.number())
                .inOpenPeriod();
        for (Deposit.Item item : items) {
            entry.credit(UNDEPOSITED_CHECKS, item.amount(), item.reference());
        }
        UUID entryId = journal.post(entry.build()).id();
        // The posting holds the references now: whoever cleared one of them meanwhile is seen here, and nobody can any
        // more.
        for (Deposit.Item item : items) {
            if (clearing.balance(UNDEPOSITED_CHECKS, item.reference()).isNegative()) {
                throw noLongerThere(deposit, item);
            }
        }
        rows.verified(id, by, entryId);
        timeline.add(SUBJECT, id, "Verified", Amounts.format(deposit.amount()));
        audit.record(
                "deposit-verified",
                SUBJECT,
                id.toString(),
                Map.of("number", deposit.number(), "amount", deposit.amount().toString()));
    }

    /** It does not go to the bank: what is in it waits again. Not once the bank credited something of it. */
    public void cancel(UUID id, int version, String reason) {
        String why = CardNumbers.removedFrom(reason.strip());
        if (why.isEmpty() || reason.length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 500 characters why");
        }
        Deposit deposit = rows.lock(id).orElseThrow(Deposits::unknown);
        if (deposit.version() != version) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "somebody changed this deposit, look at it again");
        }
        UUID entryId = deposit.journalEntryId();
        if (entryId == null) {
            requireStatus(deposit, DepositStatus.PREPARED, "cancelled");
        } else {
            requireStatus(deposit, DepositStatus.VERIFIED, "cancelled");
            requireMayVerify();
            journal.takeBack(
                    entryId, "Deposit %s was cancelled".formatted(deposit.number()), "deposit-cancelled:" + id);
            if (!clearing.balance(UNDEPOSITED_CHECKS, deposit.reference()).isZero()) {
                throw new RuleViolation(
                        Refusal.DEPOSIT_NOT_IN_STATE,
                        "the bank credited part of %s already".formatted(deposit.number()));
            }
        }
        rows.cancelled(id, CurrentUser.id().value(), why);
        timeline.add(SUBJECT, id, "Cancelled", why);
        audit.record("deposit-cancelled", SUBJECT, id.toString(), Map.of("number", deposit.number()));
    }

    /** Those of the items that came back from the bank after they were deposited. */
    @Transactional(readOnly = true)
    public Set<ClearingReference> returnedAmong(List<Deposit.Item> items) {
        Set<ClearingReference> references =
                items.stream().map(Deposit.Item::reference).collect(Collectors.toSet());
        return clearing.open(UNDEPOSITED_CHECKS).stream()
                .filter(open -> open.balance().isNegative() && references.contains(open.reference()))
                .map(OpenReference::reference)
                .collect(Collectors.toSet());
    }

    /** For the bank, as PDF: numbers and amounts, no names of patients. */
    @Transactional(readOnly = true)
    public byte[] slip(UUID id) {
        Deposit deposit = get(id);
        if (deposit.status() == DepositStatus.CANCELLED) {
            throw new RuleViolation(
                    Refusal.DEPOSIT_NOT_IN_STATE,
                    "%s was cancelled: it has no slip any more".formatted(deposit.number()));
        }
        return DepositSlip.pdf(
                deposit,
                rows.items(id),
                organizations.current().name(),
                nameOf(deposit.preparedBy()),
                deposit.verifiedBy() == null ? null : nameOf(deposit.verifiedBy()));
    }

    public String nameOf(UUID person) {
        return users.find(new UserId(person)).map(Person::displayName).orElse("Someone");
    }

    private void requireSound(NewDeposit deposit) {
        LocalDate today = organizations.today();
        if (deposit.date().isBefore(today.minusDays(MOST_DAYS_AGO))
                || deposit.date().isAfter(today.plusDays(MOST_DAYS_AHEAD))) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "a deposit is dated at most %d days back and %d days ahead"
                            .formatted(MOST_DAYS_AGO, MOST_DAYS_AHEAD));
        }
        String slip = deposit.slipNumber();
        if (slip != null && (slip.length() > MAX_SLIP || !slip.equals(CardNumbers.removedFrom(slip)))) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "that is no number of a deposit slip");
        }
        if (bankAccounts.inUse().stream().noneMatch(account -> account.id().equals(deposit.bankAccountId()))) {
            throw RuleViolation.notFound("the bank account");
        }
        if (deposit.receipts().isEmpty() || deposit.receipts().size() > MOST_ITEMS) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a deposit has 1 to %d checks or payments".formatted(MOST_ITEMS));
        }
    }

    private List<UndepositedReceipt> locked(NewDeposit deposit) {
        Map<String, UndepositedReceipt> waiting =
                waiting().stream().collect(Collectors.toMap(UndepositedReceipt::key, Function.identity()));
        LocalDate today = organizations.today();
        List<UndepositedReceipt> receipts = new ArrayList<>();
        for (String key : new LinkedHashSet<>(deposit.receipts())) {
            UndepositedReceipt receipt = waiting.get(key);
            if (receipt == null) {
                throw new RuleViolation(
                        Refusal.CHANGED_MEANWHILE, "something of this does not wait for a deposit any more");
            }
            if (receipt.method() != deposit.method()) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT, "%s goes with another deposit".formatted(receipt.number()));
            }
            if (receipt.isPostDated(today)) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT,
                        "%s is post-dated: it goes to the bank from %s on"
                                .formatted(receipt.number(), receipt.depositFrom()));
            }
            receipts.add(receipt);
        }
        for (UndepositedReceipt receipt : receipts.stream()
                .sorted(Comparator.comparing(UndepositedReceipt::id))
                .toList()) {
            if (source(receipt.kind()).lock(receipt.id()).isEmpty()) {
                throw new RuleViolation(
                        Refusal.CHANGED_MEANWHILE, "%s was taken back meanwhile".formatted(receipt.number()));
            }
        }
        return receipts;
    }

    private void requireStillThere(Deposit deposit, Deposit.Item item) {
        boolean there = source(item.kind())
                .lock(item.receiptId())
                .filter(receipt -> receipt.amount().isEqual(item.amount())
                        && receipt.reference().equals(item.reference()))
                .isPresent();
        if (!there) {
            throw noLongerThere(deposit, item);
        }
    }

    private static RuleViolation noLongerThere(Deposit deposit, Deposit.Item item) {
        return new RuleViolation(
                Refusal.CHANGED_MEANWHILE,
                "%s was taken back or cleared meanwhile: cancel %s and prepare it without"
                        .formatted(item.receiptNumber(), deposit.number()));
    }

    /** What two people stand for is not taken back by somebody who could not have verified it. */
    private void requireMayVerify() {
        boolean may = users.find(CurrentUser.id())
                .filter(person -> person.may(Permission.CHECKS_CONFIRM))
                .isPresent();
        if (!may) {
            throw new RuleViolation(
                    Refusal.NOT_PERMITTED, "this needs the permission " + Permission.CHECKS_CONFIRM.key());
        }
    }

    private static void requireStatus(Deposit deposit, DepositStatus wanted, String what) {
        if (deposit.status() != wanted) {
            throw new RuleViolation(
                    Refusal.DEPOSIT_NOT_IN_STATE,
                    "%s is %s, it cannot be %s"
                            .formatted(deposit.number(), deposit.status().key(), what));
        }
    }

    private UndepositedReceipts source(String kind) {
        UndepositedReceipts source = sources.get(kind);
        if (source == null) {
            throw new IllegalStateException("no module knows receipts of the kind " + kind);
        }
        return source;
    }

    private static RuleViolation unknown() {
        return RuleViolation.notFound("the deposit");
    }
}

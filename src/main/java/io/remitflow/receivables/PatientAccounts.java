package io.remitflow.receivables;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The patient accounts of the organization; the balances of an account always agree with its transactions. */
@Service
@Transactional
public class PatientAccounts {

    private static final int MAX_TEXT = 200;
    private static final int MAX_NOTES = 2000;

    private final AccountRows accounts;
    private final TransactionRows transactions;
    private final AgingQuery aging;
    private final NumberSeries numbers;
    private final Organizations organizations;
    private final AuditLog audit;
    private final ApplicationEventPublisher events;

    PatientAccounts(
            AccountRows accounts,
            TransactionRows transactions,
            AgingQuery aging,
            NumberSeries numbers,
            Organizations organizations,
            AuditLog audit,
            ApplicationEventPublisher events) {
        this.accounts = accounts;
        this.transactions = transactions;
        this.aging = aging;
        this.numbers = numbers;
        this.organizations = organizations;
        this.audit = audit;
        this.events = events;
    }

    public UUID open(NewPatientAccount account) {
        String patientId = required(account.patientId(), "a patient id");
        checkLengths(account.familyName(), account.givenName(), account.guarantorId(), account.guarantorRelationship());
        UUID id = Ids.next();
        String number = account.number() == null ? numbers.next("PA") : required(account.number(), "a number");
        String currency = organizations.current().currency().getCode();
        if (!accounts.insert(id, number, patientId, currency, account)) {
            throw new RuleViolation(
                    Refusal.DUPLICATE_PATIENT_ACCOUNT, "this patient already has an account, or its number is taken");
        }
        audit.record("patient-account.opened", "patient-account", id.toString(), Map.of("number", number));
        return id;
    }

    /** Refused if somebody changed the account after {@link AccountChange#version} was read. */
    public PatientAccount change(UUID id, AccountChange change) {
        var account = accounts.lock(id).orElseThrow(PatientAccounts::unknown);
        if (account.version() != change.version()) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "somebody changed this account, look at it again");
        }
        checkLengths(change.familyName(), change.givenName(), change.guarantorId(), change.guarantorRelationship());
        if (change.notes() != null && change.notes().length() > MAX_NOTES) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "notes have at most %d characters".formatted(MAX_NOTES));
        }
        checkStatus(account, change.status());
        checkCreditLimit(account, change.creditLimit());
        accounts.update(id, change);
        audit.record(
                "patient-account.changed",
                "patient-account",
                id.toString(),
                Map.of(
                        "status-before",
                        account.status().key(),
                        "status-after",
                        (change.status() == null ? account.status() : change.status()).key()));
        return get(id);
    }

    /**
     * Records one posting; the same source key again changes nothing, with other content it is refused. An amount of
     * zero records nothing.
     */
    public void record(AccountPosting posting) {
        record(List.of(posting));
    }

    /** As {@link #record(AccountPosting)} for each of them in this order, but with a few statements for all; all or nothing. */
    public void record(List<AccountPosting> all) {
        var postings =
                all.stream().filter(posting -> !posting.amount().isZero()).toList();
        if (postings.isEmpty()) {
            return;
        }
        var locked = accounts.lockToPost(postings.stream()
                .map(AccountPosting::accountId)
                .distinct()
                .sorted()
                .toList());
        var recorded = transactions.bySourceKey(
                postings.stream().map(AccountPosting::sourceKey).toList());
        var agingStarts = transactions.agingStarts(postings);
        Map<String, AccountPosting> added = new HashMap<>();
        List<RunningAccount.Next> next = new ArrayList<>(postings.size());
        for (AccountPosting posting : postings) {
            var account = locked.get(posting.accountId());
            if (account == null) {
                throw unknown();
            }
            account.check(posting);
            var before = recorded.get(posting.sourceKey());
            var twice = before == null ? added.putIfAbsent(posting.sourceKey(), posting) : null;
            if (before != null) {
                requireSame(posting, before.accountId(), before.type(), before.responsibility(), before.amount());
            } else if (twice != null) {
                requireSame(posting, twice.accountId(), twice.type(), twice.responsibility(), twice.amount());
            } else {
                next.add(account.add(posting, agingStarts.dateOf(posting)));
            }
        }
        if (!next.isEmpty()) {
            transactions.insert(next);
            accounts.write(
                    locked.values().stream().filter(RunningAccount::changed).toList());
            events.publishEvent(news(next));
        }
    }

    /**
     * Locks accounts until the transaction ends, in one fixed order. Whoever records on several accounts in one
     * transaction calls this first, so that two of them never wait for each other.
     */
    public void lock(Collection<UUID> ids) {
        var sorted = ids.stream().distinct().sorted().toList();
        if (accounts.lockAll(sorted) != sorted.size()) {
            throw unknown();
        }
    }

    @Transactional(readOnly = true)
    public PatientAccount get(UUID id) {
        return accounts.find(id).orElseThrow(PatientAccounts::unknown);
    }

    /** By id; ids nobody knows are missing. */
    @Transactional(readOnly = true)
    public Map<UUID, PatientAccount> all(Collection<UUID> ids) {
        return accounts.all(ids);
    }

    @Transactional(readOnly = true)
    public Optional<PatientAccount> byNumber(String number) {
        return accounts.byNumber(number.strip());
    }

    /** The other accounts for which the same guarantor answers; none if no guarantor is known. */
    @Transactional(readOnly = true)
    public List<UUID> ofSameGuarantor(UUID id) {
        return accounts.ofSameGuarantor(id);
    }

    @Transactional(readOnly = true)
    public List<PatientAccount> list(AccountFilter filter) {
        if (filter.limit() < 1 || filter.limit() > AccountFilter.MAX_LIMIT) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a page has between 1 and %d accounts".formatted(AccountFilter.MAX_LIMIT));
        }
        return accounts.list(filter);
    }

    /** Of all accounts that the filter selects, whatever its page. */
    @Transactional(readOnly = true)
    public AccountTotals totals(AccountFilter filter) {
        return accounts.totals(filter, organizations.current().currency());
    }

    /** All transactions, oldest first. */
    @Transactional(readOnly = true)
    public List<AccountTransaction> transactions(UUID accountId) {
        get(accountId);
        return transactions.ofAccount(accountId);
    }

    /** Newest first, those before {@code before} (a transaction's id), at most {@code limit}. */
    @Transactional(readOnly = true)
    public List<AccountTransaction> transactions(UUID accountId, @Nullable UUID before, int limit) {
        get(accountId);
        return transactions.ofAccount(accountId, before, Math.clamp(limit, 1, 500));
    }

    @Transactional(readOnly = true)
    public List<AccountTransaction> transactionsOfClaim(UUID claimId) {
        return transactions.ofClaim(claimId);
    }

    /** By claim, for the claims of the account that have transactions. */
    @Transactional(readOnly = true)
    public Map<UUID, ClaimBalance> claimBalances(UUID accountId) {
        return transactions.claimBalances(accountId);
    }

    @Transactional(readOnly = true)
    public Aging aging(UUID accountId, LocalDate asOf) {
        return aging.ofAccount(accountId, asOf, get(accountId).balance().getCurrencyUnit());
    }

    /** Of all accounts together. */
    @Transactional(readOnly = true)
    public Aging aging(LocalDate asOf) {
        return aging.ofAll(asOf, null, organizations.current().currency());
    }

    /** Of all accounts together, from the transactions that were recorded by that instant. */
    @Transactional(readOnly = true)
    public Aging aging(LocalDate asOf, Instant knownAt) {
        return aging.ofAll(asOf, knownAt, organizations.current().currency());
    }

    /** What the patient owes for a claim; negative: the patient has a credit. */
    @Transactional(readOnly = true)
    public Money patientBalanceOfClaim(UUID claimId) {
        return balanceOfClaim(claimId, Responsibility.PATIENT);
    }

    @Transactional(readOnly = true)
    public Money insuranceBalanceOfClaim(UUID claimId) {
        return balanceOfClaim(claimId, Responsibility.INSURANCE);
    }

    private static AccountsPosted news(List<RunningAccount.Next> recorded) {
        Set<UUID> accountIds = new HashSet<>();
        Set<UUID> claimIds = new HashSet<>();
        for (RunningAccount.Next next : recorded) {
            UUID claimId = next.posting().claimId();
            accountIds.add(next.posting().accountId());
            if (claimId != null) {
                claimIds.add(claimId);
            }
        }
        return new AccountsPosted(accountIds, claimIds);
    }

    private static void requireSame(
            AccountPosting posting, UUID accountId, TransactionType type, Responsibility responsibility, Money amount) {
        if (!accountId.equals(posting.accountId())
                || type != posting.type()
                || responsibility != posting.responsibility()
                || !amount.equals(posting.amount())) {
            throw new RuleViolation(
                    Refusal.IDEMPOTENCY_KEY_REUSED,
                    "%s was recorded before, with other content".formatted(posting.sourceKey()));
        }
    }

    private Money balanceOfClaim(UUID claimId, Responsibility responsibility) {
        return Money.ofMinor(organizations.current().currency(), transactions.balanceOfClaim(claimId, responsibility));
    }

    private static void checkStatus(PatientAccount account, @Nullable AccountStatus status) {
        if (status == AccountStatus.CLOSED && !account.balance().isZero()) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "account %s has a balance of %s and cannot be closed"
                            .formatted(account.number(), Amounts.format(account.balance())));
        }
    }

    private static void checkCreditLimit(PatientAccount account, @Nullable Money limit) {
        if (limit != null && (limit.isNegative() || !limit.isSameCurrency(account.creditLimit()))) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a credit limit is not negative and in the account's currency");
        }
    }

    private static String required(String text, String what) {
        if (text.isBlank() || text.length() > MAX_TEXT) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "an account needs %s of at most %d characters".formatted(what, MAX_TEXT));
        }
        return text.strip();
    }

    private static void checkLengths(@Nullable String... texts) {
        for (String text : texts) {
            if (text != null && text.length() > MAX_TEXT) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT, "names and ids have at most %d characters".formatted(MAX_TEXT));
            }
        }
    }

    private static RuleViolation unknown() {
        return RuleViolation.notFound("this patient account");
    }
}

package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.JournalEntry;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.refunds.CreditBalance;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.remittance.RemittancePreview.CreditChange;
import io.remitflow.remittance.RemittancePreview.CreditChange.Kind;
import io.remitflow.remittance.RemittancePreview.Entry;
import io.remitflow.remittance.RemittancePreview.LedgerChange;
import io.remitflow.remittance.RemittancePreview.Line;
import io.remitflow.remittance.RemittancePreview.PatientChange;
import io.remitflow.remittance.RemittanceRecording.InReview;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.Assert;

/**
 * Shows what posting a remittance would do, by posting it and taking everything back.
 *
 * <p>There is no second calculation that could differ from the posting. Inside of the transaction the books are as they
 * would be; everybody else, and so a second connection, still sees them as they are. What both read lies under the locks of
 * the posting, so nothing else moves in between. Other postings of the organization wait that long.
 */
@Service
public class RemittancePreviews {

    /** Each takes two connections and makes postings wait. */
    private static final int AT_ONCE = 2;

    /** Beyond this, other postings keep winning. */
    private static final int ATTEMPTS = 3;

    private final Remittances remittances;
    private final RemittanceRows rows;
    private final ReviewRows reviews;
    private final RemittanceRegister register;
    private final Takebacks takebacks;
    private final Journal journal;
    private final PatientAccounts accounts;
    private final CreditBalances credits;
    private final JdbcClient jdbc;
    private final TransactionTemplate inside;
    private final TransactionTemplate outside;
    private final Semaphore places = new Semaphore(AT_ONCE, true);

    RemittancePreviews(
            Remittances remittances,
            RemittanceRows rows,
            ReviewRows reviews,
            RemittanceRegister register,
            Takebacks takebacks,
            Journal journal,
            PatientAccounts accounts,
            CreditBalances credits,
            JdbcClient jdbc,
            PlatformTransactionManager transactions) {
        this.remittances = remittances;
        this.rows = rows;
        this.reviews = reviews;
        this.register = register;
        this.takebacks = takebacks;
        this.journal = journal;
        this.accounts = accounts;
        this.credits = credits;
        this.jdbc = jdbc;
        this.inside = new TransactionTemplate(transactions);
        this.outside = new TransactionTemplate(transactions);
        this.outside.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.outside.setReadOnly(true);
    }

    /**
     * Of a remittance that waits for its review. Nothing is kept and nobody is told.
     *
     * @throws RuleViolation {@link Refusal#REMITTANCE_NOT_IN_REVIEW}
     */
    public RemittancePreview of(UUID remittanceId) {
        Assert.state(
                !TransactionSynchronizationManager.isActualTransactionActive(),
                "a preview takes back its whole transaction");
        places.acquireUninterruptibly();
        try {
            for (int attempt = 1; ; attempt++) {
                try {
                    return once(remittanceId);
                } catch (ConcurrencyFailureException e) {
                    if (attempt == ATTEMPTS) {
                        throw e;
                    }
                }
            }
        } finally {
            places.release();
        }
    }

    private RemittancePreview once(UUID remittanceId) {
        return Objects.requireNonNull(inside.execute(status -> {
            status.setRollbackOnly();
            InReview remittance = rows.inReview(remittanceId)
                    .orElseThrow(() -> new RuleViolation(
                            Refusal.REMITTANCE_NOT_IN_REVIEW,
                            "only a remittance that waits for its review has a preview"));
            UUID start = Ids.next();
            remittances.postReviewed(reviews.find(remittanceId)
                    .filter(RemittanceReview::conflictOpen)
                    .map(review -> remittance.distinctFrom(review.conflictWith()))
                    .orElse(remittance));
            // What else the database checks at the end of a transaction, it checks now.
            jdbc.sql("set constraints all immediate").update();
            return read(remittanceId, start);
        }));
    }

    private RemittancePreview read(UUID remittanceId, UUID start) {
        RemittanceDetail detail = register.get(remittanceId);
        boolean posted = detail.summary().state() == RemittanceState.POSTED;
        List<JournalEntry> entries = posted ? entriesSince(start) : List.of();
        List<ClaimOfAccount> claims = posted ? claims(remittanceId) : List.of();
        List<UUID> patients =
                claims.stream().map(ClaimOfAccount::accountId).distinct().toList();
        return new RemittancePreview(
                detail.summary().state(),
                detail.findings(),
                ledger(entries, detail.summary().paid().getCurrencyUnit().getCode()),
                entries.stream().map(RemittancePreviews::entry).toList(),
                patients.size(),
                patients(patients.subList(0, Math.min(patients.size(), RemittancePreview.SHOWN))),
                credits(claims.stream().map(ClaimOfAccount::claimId).distinct().toList()),
                posted ? takebacks.ofRemittance(remittanceId) : List.of(),
                detail.summary().deniedClaims(),
                posted ? register.deniedOf(remittanceId, RemittancePreview.SHOWN) : List.of(),
                register.notPostedCount(remittanceId),
                register.notPosted(remittanceId, RemittancePreview.SHOWN));
    }

    /** Those of this transaction: it sees them and nobody else does. */
    private List<JournalEntry> entriesSince(UUID start) {
        List<UUID> seen = ids(start);
        Set<UUID> others = new HashSet<>(fromOutside(() -> ids(start)));
        return seen.stream()
                .filter(id -> !others.contains(id))
                .map(id -> journal.find(id).orElseThrow())
                .toList();
    }

    private List<UUID> ids(UUID start) {
        return jdbc.sql("select id from accounting_journal_entries where org_id = :org and id > :start order by id")
                .param("org", organization())
                .param("start", start)
                .query(UUID.class)
                .list();
    }

    private List<LedgerChange> ledger(List<JournalEntry> entries, String currency) {
        List<String> codes = entries.stream()
                .flatMap(entry -> entry.lines().stream())
                .map(JournalEntry.Line::accountCode)
                .distinct()
                .toList();
        if (codes.isEmpty()) {
            return List.of();
        }
        Map<String, Balance> before = fromOutside(() -> balances(codes));
        return balances(codes).entrySet().stream()
                .map(after -> new LedgerChange(
                        after.getKey(),
                        after.getValue().name(),
                        Amounts.ofMinor(
                                Objects.requireNonNull(before.get(after.getKey()))
                                        .minor(),
                                currency),
                        Amounts.ofMinor(after.getValue().minor(), currency)))
                .sorted(Comparator.comparing(LedgerChange::code))
                .toList();
    }

    private Map<String, Balance> balances(List<String> codes) {
        var balances = new HashMap<String, Balance>();
        jdbc.sql("""
                        select account_code, account_name, current_balance from accounting_chart_of_accounts
                        where org_id = :org and account_code in (:codes)
                        """).param("org", organization()).param("codes", codes).query(row -> {
            balances.put(row.getString(1), new Balance(row.getString(2), row.getLong(3)));
        });
        return balances;
    }

    private List<PatientChange> patients(List<UUID> ids) {
        Map<UUID, PatientAccount> before = fromOutside(() -> accounts.all(ids));
        Map<UUID, PatientAccount> after = accounts.all(ids);
        return ids.stream()
                .map(id -> patient(Objects.requireNonNull(before.get(id)), Objects.requireNonNull(after.get(id))))
                .toList();
    }

    private static PatientChange patient(PatientAccount before, PatientAccount after) {
        return new PatientChange(
                after.id(),
                after.number(),
                before.insuranceBalance(),
                after.insuranceBalance(),
                before.patientBalance(),
                after.patientBalance());
    }

    private List<CreditChange> credits(Collection<UUID> claims) {
        Map<UUID, CreditBalance> before = fromOutside(() -> credits.unresolvedOf(claims));
        Map<UUID, CreditBalance> after = credits.unresolvedOf(claims);
        var changes = new ArrayList<CreditChange>();
        after.forEach((id, credit) -> {
            CreditBalance known = before.get(id);
            if (known == null) {
                changes.add(change(credit, Kind.OPENED, null, credit.amount()));
            } else if (!known.amount().isEqual(credit.amount())) {
                changes.add(change(credit, Kind.CHANGED, known.amount(), credit.amount()));
            }
        });
        before.forEach((id, credit) -> {
            if (!after.containsKey(id)) {
                changes.add(change(credit, Kind.RESOLVED, credit.amount(), null));
            }
        });
        return changes;
    }

    private static CreditChange change(CreditBalance credit, Kind kind, @Nullable Money before, @Nullable Money after) {
        Money nothing = Money.zero(credit.amount().getCurrencyUnit());
        return new CreditChange(
                credit.accountId(),
                Objects.requireNonNull(credit.claimId()),
                credit.owner(),
                kind,
                Objects.requireNonNullElse(before, nothing),
                Objects.requireNonNullElse(after, nothing),
                credit.cause());
    }

    private List<ClaimOfAccount> claims(UUID remittanceId) {
        return jdbc.sql("""
                        select account_id, claim_id from billing_remittance_claims
                        where org_id = :org and remittance_id = :remittance and treatment = 'posted' order by position
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .query(ClaimOfAccount.class)
                .list();
    }

    private static Entry entry(JournalEntry entry) {
        return new Entry(
                entry.date(),
                entry.description(),
                entry.total(),
                entry.lines().stream()
                        .map(line -> new Line(
                                line.accountCode(),
                                line.accountName(),
                                line.text(),
                                line.clearing() == null ? null : line.clearing().toString(),
                                line.debit(),
                                line.credit()))
                        .toList());
    }

    private <T> T fromOutside(Supplier<T> work) {
        return Objects.requireNonNull(outside.execute(status -> work.get()));
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    record ClaimOfAccount(UUID accountId, UUID claimId) {}

    /** Debits minus credits. */
    private record Balance(String name, long minor) {}
}

package io.remitflow.refunds;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import io.remitflow.receivables.AccountsPosted;
import io.remitflow.receivables.PatientAccounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Sees to it that every credit has a case: in the transaction that posts, and every night for what was posted otherwise, as
 * before cases were kept of all credits. One organization or account failing does not stop the others.
 */
@Component
class CreditWatch {

    private static final Logger log = LoggerFactory.getLogger(CreditWatch.class);

    private final CreditBalances credits;
    private final CreditRows rows;
    private final PatientAccounts accounts;
    private final Organizations organizations;
    private final TransactionTemplate transactions;

    CreditWatch(
            CreditBalances credits,
            CreditRows rows,
            PatientAccounts accounts,
            Organizations organizations,
            TransactionTemplate transactions) {
        this.credits = credits;
        this.rows = rows;
        this.accounts = accounts;
        this.organizations = organizations;
        this.transactions = transactions;
    }

    /** Balances in between, as within a remittance, are no credits: only what the transaction leaves is looked at. */
    @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
    void posted(AccountsPosted news) {
        credits.posted(news.accountIds(), news.claimIds());
    }

    @Scheduled(cron = "${remitflow.refunds.missing-credits:0 50 2 * * *}")
    void run() {
        organizations.having(CreditRows.OUT_OF_STEP).forEach(this::sweep);
    }

    private void sweep(Organization organization) {
        try {
            int mended = CurrentOrganization.call(organization.id(), this::sweep);
            log.warn("{} accounts of {} had credits without an up-to-date case", mended, organization.code());
        } catch (RuntimeException e) {
            log.error("credits of {} could not be compared with their cases", organization.code(), e);
        }
    }

    private int sweep() {
        Map<UUID, List<CreditRows.Difference>> found =
                Objects.requireNonNull(transactions.execute(status -> rows.outOfStep())).stream()
                        .collect(Collectors.groupingBy(CreditRows.Difference::accountId));
        int mended = 0;
        for (var account : found.entrySet()) {
            List<UUID> claims = new ArrayList<>();
            for (CreditRows.Difference difference : account.getValue()) {
                UUID claimId = difference.claimId();
                if (claimId != null) {
                    claims.add(claimId);
                }
            }
            try {
                transactions.executeWithoutResult(status -> {
                    accounts.lock(List.of(account.getKey()));
                    credits.posted(List.of(account.getKey()), claims);
                });
                mended++;
            } catch (RuntimeException e) {
                log.error("the credits of account {} have no up-to-date case", account.getKey(), e);
            }
        }
        return mended;
    }
}

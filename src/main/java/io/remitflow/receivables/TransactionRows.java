package io.remitflow.receivables;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The rows of billing_patient_transactions: added, never changed. */
@Repository
class TransactionRows {

    private final JdbcClient jdbc;
    private final Clock clock;

    TransactionRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** Adds the posting as the next transaction of the locked account; false if its source key is already there. */
    boolean insert(PatientAccount account, AccountPosting posting) {
        return jdbc.sql("""
                        insert into billing_patient_transactions (org_id, id, account_id, transaction_number,
                            transaction_date, aging_date, transaction_type, responsibility, currency, amount, balance_after,
                            claim_id, payment_id, payer_type, payer_id, journal_entry_id, source_key, description,
                            posted_by, posted_at)
                        select :org, :id, account.id,
                            account.account_number || '-' || lpad((account.transaction_count + 1)::text, 4, '0'),
                            :date,
                            coalesce(
                                :agingDate,
                                (select min(earlier.aging_date) from billing_patient_transactions earlier
                                 where earlier.claim_id = :claim and earlier.responsibility = :responsibility
                                   and earlier.amount > 0 and :amount > 0),
                                :date),
                            :type, :responsibility, :currency, :amount, account.current_balance + :amount,
                            :claim, :payment, :payerType, :payer, :entry, :sourceKey, :description, :postedBy, :now
                        from billing_patient_accounts account
                        where account.id = :account
                        on conflict (org_id, source_key) do nothing
                        """)
                        .param("org", CurrentOrganization.id().value())
                        .param("id", Ids.next())
                        .param("account", account.id())
                        .param("date", posting.date())
                        .param("agingDate", posting.agingDate(), java.sql.Types.DATE)
                        .param("type", posting.type().key())
                        .param("responsibility", posting.responsibility().key())
                        .param("currency", posting.amount().getCurrencyUnit().getCode())
                        .param("amount", posting.amount().getAmountMinorLong())
                        .param("claim", posting.claimId(), java.sql.Types.OTHER)
                        .param("payment", posting.paymentId(), java.sql.Types.OTHER)
                        .param("payerType", payerType(posting))
                        .param("payer", posting.payerId(), java.sql.Types.OTHER)
                        .param("entry", posting.journalEntryId(), java.sql.Types.OTHER)
                        .param("sourceKey", posting.sourceKey())
                        .param("description", posting.description())
                        .param("postedBy", CurrentUser.find().map(UserId::value).orElse(null), java.sql.Types.OTHER)
                        .param("now", OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                        .update()
                == 1;
    }

    /** @throws RuleViolation if the source key stands for something else */
    void requireSame(AccountPosting posting) {
        var recorded = jdbc.sql("select * from billing_patient_transactions where source_key = :key")
                .param("key", posting.sourceKey())
                .query(TransactionRows::transaction)
                .single();
        if (!recorded.accountId().equals(posting.accountId())
                || recorded.type() != posting.type()
                || recorded.responsibility() != posting.responsibility()
                || !recorded.amount().equals(posting.amount())) {
            throw new RuleViolation(
                    Refusal.IDEMPOTENCY_KEY_REUSED,
                    "%s was recorded before, with other content".formatted(posting.sourceKey()));
        }
    }

    List<AccountTransaction> ofAccount(UUID accountId) {
        return jdbc.sql("select * from billing_patient_transactions where account_id = :account order by id")
                .param("account", accountId)
                .query(TransactionRows::transaction)
                .list();
    }

    List<AccountTransaction> ofAccount(UUID accountId, @Nullable UUID before, int limit) {
        return jdbc.sql("select * from billing_patient_transactions where account_id = :account"
                        + (before == null ? "" : " and id < :before") + " order by id desc limit :limit")
                .param("account", accountId)
                .param("before", before)
                .param("limit", limit)
                .query(TransactionRows::transaction)
                .list();
    }

    List<AccountTransaction> ofClaim(UUID claimId) {
        return jdbc.sql("select * from billing_patient_transactions where claim_id = :claim order by id")
                .param("claim", claimId)
                .query(TransactionRows::transaction)
                .list();
    }

    long balanceOfClaim(UUID claimId, Responsibility responsibility) {
        return jdbc.sql("""
                        select coalesce(sum(amount), 0)::bigint from billing_patient_transactions
                        where claim_id = :claim and responsibility = :responsibility
                        """)
                .param("claim", claimId)
                .param("responsibility", responsibility.key())
                .query(Long.class)
                .single();
    }

    Map<UUID, ClaimBalance> claimBalances(UUID accountId) {
        var balances = new HashMap<UUID, ClaimBalance>();
        jdbc.sql("""
                        select claim_id, currency,
                            coalesce(sum(amount) filter (where responsibility = 'insurance'), 0)::bigint as insurance,
                            coalesce(sum(amount) filter (where responsibility = 'patient'), 0)::bigint as patient
                        from billing_patient_transactions
                        where account_id = :account and claim_id is not null
                        group by claim_id, currency
                        """).param("account", accountId).query(row -> {
            String currency = row.getString("currency");
            balances.put(
                    row.getObject("claim_id", UUID.class),
                    new ClaimBalance(
                            Amounts.ofMinor(row.getLong("insurance"), currency),
                            Amounts.ofMinor(row.getLong("patient"), currency)));
        });
        return balances;
    }

    private static @Nullable String payerType(AccountPosting posting) {
        if (posting.payerId() != null) {
            return "insurance";
        }
        boolean money = posting.type() == TransactionType.PAYMENT || posting.type() == TransactionType.REFUND;
        return money ? posting.responsibility().key() : null;
    }

    private static AccountTransaction transaction(ResultSet row, int number) throws SQLException {
        String currency = row.getString("currency");
        return new AccountTransaction(
                row.getObject("id", UUID.class),
                row.getObject("account_id", UUID.class),
                row.getString("transaction_number"),
                row.getObject("transaction_date", LocalDate.class),
                row.getObject("aging_date", LocalDate.class),
                TransactionType.ofKey(row.getString("transaction_type")),
                Responsibility.ofKey(row.getString("responsibility")),
                Amounts.ofMinor(row.getLong("amount"), currency),
                Amounts.ofMinor(row.getLong("balance_after"), currency),
                row.getObject("claim_id", UUID.class),
                row.getObject("payment_id", UUID.class),
                row.getObject("payer_id", UUID.class),
                row.getObject("journal_entry_id", UUID.class),
                row.getString("description"),
                row.getString("source_key"),
                row.getObject("posted_at", OffsetDateTime.class).toInstant());
    }
}

package io.remitflow.receivables;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
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

    /** Adds transactions of locked accounts, all with one statement. */
    void insert(List<RunningAccount.Next> transactions) {
        int count = transactions.size();
        var ids = new UUID[count];
        var accounts = new UUID[count];
        var numbers = new String[count];
        var dates = new String[count];
        var agingDates = new String[count];
        var types = new String[count];
        var responsibilities = new String[count];
        var currencies = new String[count];
        var amounts = new long[count];
        var balances = new long[count];
        var claims = new @Nullable UUID[count];
        var payments = new @Nullable UUID[count];
        var payerTypes = new @Nullable String[count];
        var payers = new @Nullable UUID[count];
        var entries = new @Nullable UUID[count];
        var sourceKeys = new String[count];
        var descriptions = new String[count];
        for (int i = 0; i < count; i++) {
            var next = transactions.get(i);
            var posting = next.posting();
            ids[i] = Ids.next();
            accounts[i] = posting.accountId();
            numbers[i] = next.number();
            dates[i] = posting.date().toString();
            agingDates[i] = next.agingDate().toString();
            types[i] = posting.type().key();
            responsibilities[i] = posting.responsibility().key();
            currencies[i] = posting.amount().getCurrencyUnit().getCode();
            amounts[i] = posting.amount().getAmountMinorLong();
            balances[i] = next.balanceAfterMinor();
            claims[i] = posting.claimId();
            payments[i] = posting.paymentId();
            payerTypes[i] = payerType(posting);
            payers[i] = posting.payerId();
            entries[i] = posting.journalEntryId();
            sourceKeys[i] = posting.sourceKey();
            descriptions[i] = posting.description();
        }
        jdbc.sql("""
                        insert into billing_patient_transactions (org_id, posted_by, posted_at, id, account_id,
                            transaction_number, transaction_date, aging_date, transaction_type, responsibility, currency,
                            amount, balance_after, claim_id, payment_id, payer_type, payer_id, journal_entry_id, source_key,
                            description)
                        select :org, cast(:postedBy as uuid), :now, new.*
                        from unnest(:ids::uuid[], :accounts::uuid[], :numbers::text[], :dates::date[], :agingDates::date[],
                            :types::text[], :responsibilities::text[], :currencies::text[], :amounts::bigint[],
                            :balances::bigint[], :claims::uuid[], :payments::uuid[], :payerTypes::text[], :payers::uuid[],
                            :entries::uuid[], :sourceKeys::text[], :descriptions::text[]) as new
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("postedBy", CurrentUser.find().map(UserId::value).orElse(null), java.sql.Types.OTHER)
                .param("now", OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                .param("ids", ids)
                .param("accounts", accounts)
                .param("numbers", numbers)
                .param("dates", dates)
                .param("agingDates", agingDates)
                .param("types", types)
                .param("responsibilities", responsibilities)
                .param("currencies", currencies)
                .param("amounts", amounts)
                .param("balances", balances)
                .param("claims", claims)
                .param("payments", payments)
                .param("payerTypes", payerTypes)
                .param("payers", payers)
                .param("entries", entries)
                .param("sourceKeys", sourceKeys)
                .param("descriptions", descriptions)
                .update();
    }

    /** What is recorded under these source keys already. */
    Map<String, AccountTransaction> bySourceKey(List<String> sourceKeys) {
        Map<String, AccountTransaction> found = new HashMap<>();
        jdbc.sql("""
                        select * from billing_patient_transactions
                        where org_id = :org and source_key = any(:keys::text[])
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("keys", sourceKeys.toArray(String[]::new))
                .query(TransactionRows::transaction)
                .list()
                .forEach(transaction -> found.put(transaction.sourceKey(), transaction));
        return found;
    }

    /** Where the age of each debit among the postings starts, which depends on the earlier ones of its claim. */
    AgingStarts agingStarts(List<AccountPosting> postings) {
        var starts = new AgingStarts();
        UUID[] claims = postings.stream()
                .filter(AgingStarts::dependsOnClaim)
                .map(AccountPosting::claimId)
                .distinct()
                .toArray(UUID[]::new);
        if (claims.length > 0) {
            jdbc.sql("""
                            select claim_id, responsibility, min(aging_date) as aging_date from billing_patient_transactions
                            where org_id = :org and claim_id = any(:claims::uuid[]) and amount > 0
                            group by claim_id, responsibility
                            """)
                    .param("org", CurrentOrganization.id().value())
                    .param("claims", claims)
                    .query(row -> {
                        starts.known(
                                row.getObject("claim_id", UUID.class),
                                Responsibility.ofKey(row.getString("responsibility")),
                                row.getObject("aging_date", LocalDate.class));
                    });
        }
        return starts;
    }

    /** A debit that returns keeps its first date; credits and debits without a claim have the date of their own. */
    static final class AgingStarts {

        private final Map<Start, LocalDate> first = new HashMap<>();

        private record Start(UUID claimId, Responsibility responsibility) {}

        static boolean dependsOnClaim(AccountPosting posting) {
            return posting.claimId() != null && posting.amount().isPositive();
        }

        /** Asked for the postings in their order: each of them counts for those behind it. */
        LocalDate dateOf(AccountPosting posting) {
            UUID claim = posting.claimId();
            if (claim == null || !dependsOnClaim(posting)) {
                return posting.agingDate() == null ? posting.date() : posting.agingDate();
            }
            LocalDate earlier = first.get(new Start(claim, posting.responsibility()));
            LocalDate date =
                    posting.agingDate() != null ? posting.agingDate() : earlier != null ? earlier : posting.date();
            known(claim, posting.responsibility(), date);
            return date;
        }

        private void known(UUID claimId, Responsibility responsibility, LocalDate date) {
            first.merge(new Start(claimId, responsibility), date, (one, other) -> one.isBefore(other) ? one : other);
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

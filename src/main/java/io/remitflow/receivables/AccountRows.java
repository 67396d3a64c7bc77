package io.remitflow.receivables;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The rows of billing_patient_accounts. */
@Repository
class AccountRows {

    private final JdbcClient jdbc;
    private final Clock clock;

    AccountRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** False if the number or the patient is already there. */
    boolean insert(UUID id, String number, String patientId, String currency, NewPatientAccount account) {
        return jdbc.sql("""
                        insert into billing_patient_accounts (org_id, id, account_number, patient_id,
                            patient_family_name, patient_given_name, currency, guarantor_id, guarantor_relationship,
                            created_at, updated_at)
                        values (:org, :id, :number, :patient, :family, :given, :currency, :guarantor, :relationship,
                            :now, :now)
                        on conflict do nothing
                        """)
                        .param("org", CurrentOrganization.id().value())
                        .param("id", id)
                        .param("number", number)
                        .param("patient", patientId)
                        .param("family", account.familyName())
                        .param("given", account.givenName())
                        .param("currency", currency)
                        .param("guarantor", account.guarantorId())
                        .param("relationship", account.guarantorRelationship())
                        .param("now", now())
                        .update()
                == 1;
    }

    void update(UUID id, AccountChange change) {
        jdbc.sql("""
                        update billing_patient_accounts
                        set account_status = coalesce(:status, account_status),
                            credit_limit = coalesce(:creditLimit, credit_limit),
                            patient_family_name = coalesce(:family, patient_family_name),
                            patient_given_name = coalesce(:given, patient_given_name),
                            guarantor_id = coalesce(:guarantor, guarantor_id),
                            guarantor_relationship = coalesce(:relationship, guarantor_relationship),
                            notes = coalesce(:notes, notes),
                            version = version + 1,
                            updated_at = :now
                        where id = :id
                        """)
                .param(
                        "status",
                        change.status() == null ? null : change.status().key())
                .param(
                        "creditLimit",
                        change.creditLimit() == null
                                ? null
                                : change.creditLimit().getAmountMinorLong())
                .param("family", change.familyName())
                .param("given", change.givenName())
                .param("guarantor", change.guarantorId())
                .param("relationship", change.guarantorRelationship())
                .param("notes", change.notes())
                .param("now", now())
                .param("id", id)
                .update();
    }

    /** Writes the caches of locked accounts to which postings were added, all with one statement. */
    void write(List<RunningAccount> accounts) {
        int count = accounts.size();
        var ids = new UUID[count];
        var insurance = new long[count];
        var patient = new long[count];
        var transactions = new long[count];
        var lastDates = new @Nullable String[count];
        var lastAmounts = new @Nullable Long[count];
        for (int i = 0; i < count; i++) {
            var account = accounts.get(i);
            ids[i] = account.id;
            insurance[i] = account.insuranceMinor();
            patient[i] = account.patientMinor();
            transactions[i] = account.transactions();
            lastDates[i] = account.lastPaymentDate() == null
                    ? null
                    : account.lastPaymentDate().toString();
            lastAmounts[i] = account.lastPaymentMinor();
        }
        jdbc.sql("""
                        update billing_patient_accounts account
                        set current_balance = new.insurance + new.patient, insurance_balance = new.insurance,
                            patient_balance = new.patient, transaction_count = new.transactions,
                            last_payment_date = new.last_date, last_payment_amount = new.last_amount, updated_at = :now
                        from unnest(:ids::uuid[], :insurance::bigint[], :patient::bigint[], :transactions::bigint[],
                                :lastDates::date[], :lastAmounts::bigint[])
                            as new (id, insurance, patient, transactions, last_date, last_amount)
                        where account.org_id = :org and account.id = new.id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("now", now())
                .param("ids", ids)
                .param("insurance", insurance)
                .param("patient", patient)
                .param("transactions", transactions)
                .param("lastDates", lastDates)
                .param("lastAmounts", lastAmounts)
                .update();
    }

    /** Locks in the order of ids, which must be sorted; those nobody knows are missing. */
    Map<UUID, RunningAccount> lockToPost(List<UUID> ids) {
        Map<UUID, RunningAccount> locked = new HashMap<>();
        jdbc.sql("""
                        select id, account_number, account_status, currency, insurance_balance, patient_balance,
                            transaction_count, last_payment_date, last_payment_amount
                        from billing_patient_accounts
                        where org_id = :org and id = any(:ids::uuid[]) order by id for no key update
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("ids", ids.toArray(UUID[]::new))
                .query((row, number) -> new RunningAccount(
                        row.getObject("id", UUID.class),
                        row.getString("account_number"),
                        AccountStatus.ofKey(row.getString("account_status")),
                        row.getString("currency"),
                        row.getLong("insurance_balance"),
                        row.getLong("patient_balance"),
                        row.getLong("transaction_count"),
                        row.getObject("last_payment_date", LocalDate.class),
                        row.getObject("last_payment_amount", Long.class)))
                .list()
                .forEach(account -> locked.put(account.id, account));
        return locked;
    }

    Optional<PatientAccount> find(UUID id) {
        return jdbc.sql("select * from billing_patient_accounts where id = :id")
                .param("id", id)
                .query(AccountRows::account)
                .optional();
    }

    Map<UUID, PatientAccount> all(Collection<UUID> ids) {
        Map<UUID, PatientAccount> found = new HashMap<>();
        jdbc.sql("select * from billing_patient_accounts where org_id = :org and id = any(:ids)")
                .param("org", CurrentOrganization.id().value())
                .param("ids", ids.toArray(UUID[]::new))
                .query(AccountRows::account)
                .list()
                .forEach(account -> found.put(account.id(), account));
        return found;
    }

    /** As {@link #find}, and locked until the transaction ends. */
    Optional<PatientAccount> lock(UUID id) {
        return jdbc.sql("select * from billing_patient_accounts where id = :id for no key update")
                .param("id", id)
                .query(AccountRows::account)
                .optional();
    }

    /** Locks in the order of ids; returns how many there are. Of any number: one array is one parameter. */
    int lockAll(List<UUID> ids) {
        return ids.isEmpty()
                ? 0
                : jdbc.sql("""
                                with locked as (
                                    select id from billing_patient_accounts
                                    where org_id = :org and id = any(:ids::uuid[]) order by id for no key update)
                                select count(*) from locked
                                """)
                        .param("org", CurrentOrganization.id().value())
                        .param("ids", ids.toArray(UUID[]::new))
                        .query(Integer.class)
                        .single();
    }

    List<UUID> ofSameGuarantor(UUID id) {
        return jdbc.sql("""
                        select other.id from billing_patient_accounts one
                        join billing_patient_accounts other
                          on other.org_id = one.org_id and other.guarantor_id = one.guarantor_id and other.id <> one.id
                        where one.id = :id limit 500
                        """).param("id", id).query(UUID.class).list();
    }

    Optional<PatientAccount> byNumber(String number) {
        return jdbc.sql("select * from billing_patient_accounts where account_number = :number")
                .param("number", number)
                .query(AccountRows::account)
                .optional();
    }

    List<PatientAccount> list(AccountFilter filter) {
        var parameters = parameters(filter);
        String after = "";
        if (filter.after() != null) {
            after = " and account_number > :after";
            parameters.put("after", filter.after());
        }
        parameters.put("limit", filter.limit());
        return jdbc.sql("select * from billing_patient_accounts where " + condition(filter) + after
                        + " order by account_number limit :limit")
                .params(parameters)
                .query(AccountRows::account)
                .list();
    }

    AccountTotals totals(AccountFilter filter, CurrencyUnit currency) {
        return jdbc.sql("""
                        select count(*) as accounts, coalesce(sum(current_balance), 0)::bigint as balance,
                            coalesce(sum(insurance_balance), 0)::bigint as insurance,
                            coalesce(sum(patient_balance), 0)::bigint as patient
                        from billing_patient_accounts where
                        """ + condition(filter))
                .params(parameters(filter))
                .query((row, number) -> new AccountTotals(
                        row.getLong("accounts"),
                        Money.ofMinor(currency, row.getLong("balance")),
                        Money.ofMinor(currency, row.getLong("insurance")),
                        Money.ofMinor(currency, row.getLong("patient"))))
                .single();
    }

    private static String condition(AccountFilter filter) {
        var condition = new StringBuilder(
                switch (filter.balance()) {
                    case ANY -> "true";
                    case OWED -> "current_balance > 0";
                    case CREDIT -> "(patient_balance < 0 or insurance_balance < 0)";
                    case ZERO -> "current_balance = 0";
                });
        if (filter.status() != null) {
            condition.append(" and account_status = :status");
        }
        if (text(filter) != null) {
            condition.append("""
                     and (starts_with(account_number, upper(:text)) or patient_id = :text
                          or starts_with(lower(patient_family_name), lower(:text)))
                    """);
        }
        return condition.toString();
    }

    private static Map<String, Object> parameters(AccountFilter filter) {
        var parameters = new HashMap<String, Object>();
        if (filter.status() != null) {
            parameters.put("status", filter.status().key());
        }
        String text = text(filter);
        if (text != null) {
            parameters.put("text", text);
        }
        return parameters;
    }

    private static @Nullable String text(AccountFilter filter) {
        return filter.text() == null || filter.text().isBlank()
                ? null
                : filter.text().strip();
    }

    private OffsetDateTime now() {
        return OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    private static PatientAccount account(ResultSet row, int number) throws SQLException {
        String currency = row.getString("currency");
        long lastPayment = row.getLong("last_payment_amount");
        Money lastPaymentAmount = row.wasNull() ? null : Amounts.ofMinor(lastPayment, currency);
        return new PatientAccount(
                row.getObject("id", UUID.class),
                row.getString("account_number"),
                row.getString("patient_id"),
                row.getString("patient_family_name"),
                row.getString("patient_given_name"),
                AccountStatus.ofKey(row.getString("account_status")),
                Amounts.ofMinor(row.getLong("credit_limit"), currency),
                Amounts.ofMinor(row.getLong("current_balance"), currency),
                Amounts.ofMinor(row.getLong("insurance_balance"), currency),
                Amounts.ofMinor(row.getLong("patient_balance"), currency),
                row.getObject("last_payment_date", LocalDate.class),
                lastPaymentAmount,
                row.getString("guarantor_id"),
                row.getString("guarantor_relationship"),
                row.getString("notes"),
                row.getLong("version"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getObject("updated_at", OffsetDateTime.class).toInstant());
    }
}

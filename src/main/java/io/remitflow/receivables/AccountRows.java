package io.remitflow.receivables;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
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

    /** Adds a recorded posting to the caches; the row must be locked. */
    void add(AccountPosting posting) {
        boolean payment =
                posting.type() == TransactionType.PAYMENT && posting.amount().isNegative();
        jdbc.sql("""
                        update billing_patient_accounts
                        set current_balance = current_balance + :amount,
                            insurance_balance = insurance_balance + :insurance,
                            patient_balance = patient_balance + :patient,
                            transaction_count = transaction_count + 1,
                            last_payment_amount = case when :payment and :date >= coalesce(last_payment_date, :date)
                                then - :amount else last_payment_amount end,
                            last_payment_date = case when :payment
                                then greatest(last_payment_date, :date) else last_payment_date end,
                            updated_at = :now
                        where id = :id
                        """)
                .param("amount", posting.amount().getAmountMinorLong())
                .param("insurance", posting.responsibility() == Responsibility.INSURANCE ? minor(posting) : 0)
                .param("patient", posting.responsibility() == Responsibility.PATIENT ? minor(posting) : 0)
                .param("payment", payment)
                .param("date", posting.date())
                .param("now", now())
                .param("id", posting.accountId())
                .update();
    }

    Optional<PatientAccount> find(UUID id) {
        return jdbc.sql("select * from billing_patient_accounts where id = :id")
                .param("id", id)
                .query(AccountRows::account)
                .optional();
    }

    /** As {@link #find}, and locked until the transaction ends. */
    Optional<PatientAccount> lock(UUID id) {
        return jdbc.sql("select * from billing_patient_accounts where id = :id for update")
                .param("id", id)
                .query(AccountRows::account)
                .optional();
    }

    /** Locks in the order of ids; returns how many there are. */
    int lockAll(List<UUID> ids) {
        return ids.isEmpty()
                ? 0
                : jdbc.sql("select id from billing_patient_accounts where id in (:ids) order by id for update")
                        .param("ids", ids)
                        .query(UUID.class)
                        .list()
                        .size();
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

    private static long minor(AccountPosting posting) {
        return posting.amount().getAmountMinorLong();
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

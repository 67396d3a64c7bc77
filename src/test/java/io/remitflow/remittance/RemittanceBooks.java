package io.remitflow.remittance;

import io.remitflow.claims.CareSetting;
import io.remitflow.claims.Claim;
import io.remitflow.claims.Claims;
import io.remitflow.claims.NewClaim;
import io.remitflow.claims.NewPayer;
import io.remitflow.claims.Payers;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.JournalEntry;
import io.remitflow.local.TestHospital;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import java.io.ByteArrayInputStream;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** A hospital with one payer whose claims were sent and charged, and what a test wants to know of its books. */
final class RemittanceBooks {

    private static final LocalDate SERVED = LocalDate.of(2026, 10, 20);

    final TestHospital hospital;
    final ApplicationContext context;
    final UUID payer;

    RemittanceBooks(ApplicationContext context) {
        this(context, TestHospital.create(context));
    }

    RemittanceBooks(ApplicationContext context, TestHospital hospital) {
        this.context = context;
        this.hospital = hospital;
        this.payer = hospital.call(
                () -> bean(Payers.class).create(new NewPayer("Greenleaf Health Plan", "commercial", EraText.PAYER)));
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** A claim of a patient of its own. */
    RemittanceBooks claim(String controlNumber, String... lineAmounts) {
        hospital.run(() -> {
            UUID account = bean(PatientAccounts.class).open(NewPatientAccount.of("patient-" + controlNumber));
            List<NewClaim.Line> lines = java.util.Arrays.stream(lineAmounts)
                    .map(amount -> NewClaim.Line.procedure("99213", SERVED, usd(amount)))
                    .toList();
            bean(Claims.class)
                    .create(new NewClaim(account, payer, controlNumber, CareSetting.OUTPATIENT, SERVED, lines));
        });
        return this;
    }

    /** A claim of one line, of a patient with this name. */
    RemittanceBooks claimOf(String controlNumber, String familyName, String givenName, String amount) {
        hospital.run(() -> {
            UUID account = bean(PatientAccounts.class)
                    .open(new NewPatientAccount("patient-" + controlNumber, null, familyName, givenName, null, null));
            bean(Claims.class)
                    .create(new NewClaim(
                            account,
                            payer,
                            controlNumber,
                            CareSetting.OUTPATIENT,
                            SERVED,
                            List.of(NewClaim.Line.procedure("99213", SERVED, usd(amount)))));
        });
        return this;
    }

    RemittanceBooks payer(String name, String payerClass, String identifier) {
        hospital.run(() -> bean(Payers.class).create(new NewPayer(name, payerClass, identifier)));
        return this;
    }

    void patientPays(String controlNumber, String amount) {
        Claim claim = claimOf(controlNumber);
        hospital.run(() -> bean(Payments.class)
                .record(NewPayment.check(
                        claim.accountId(), claim.id(), LocalDate.of(2026, 11, 16), usd(amount), "1001")));
    }

    Receipt receive(String name, byte[] bytes) {
        return hospital.call(
                () -> bean(Remittances.class).receive("era-upload", name, new ByteArrayInputStream(bytes)));
    }

    Receipt receive(EraText text) {
        return receive("remit.835", text.bytes());
    }

    Claim claimOf(String controlNumber) {
        return hospital.call(
                () -> bean(Claims.class).byControlNumber(controlNumber).orElseThrow());
    }

    Money insuranceBalance(String controlNumber) {
        return hospital.call(() -> bean(PatientAccounts.class)
                .insuranceBalanceOfClaim(claimOf(controlNumber).id()));
    }

    Money patientBalance(String controlNumber) {
        return hospital.call(() -> bean(PatientAccounts.class)
                .patientBalanceOfClaim(claimOf(controlNumber).id()));
    }

    /** "DR 1050 1,180.00 trn ..." in the order of the entry. */
    List<String> entryLines(UUID remittanceId) {
        return entry(remittanceId).lines().stream()
                .map(line -> "%s %s %s%s"
                        .formatted(
                                line.debit().isPositive() ? "DR" : "CR",
                                line.accountCode(),
                                (line.debit().isPositive() ? line.debit() : line.credit()).getAmount(),
                                line.clearing() == null ? "" : " " + line.clearing()))
                .toList();
    }

    JournalEntry entry(UUID remittanceId) {
        return hospital.call(() -> {
            UUID id = query(
                    "select journal_entry_id from billing_remittances where id = '%s'".formatted(remittanceId),
                    UUID.class);
            return bean(Journal.class).find(id).orElseThrow();
        });
    }

    long count(String table) {
        return query("select count(*) from " + table, Long.class);
    }

    /** Debit minus credit of an account. */
    long balanceMinor(String accountCode) {
        return query("""
                        select coalesce(sum(l.debit_amount - l.credit_amount), 0) from accounting_journal_lines l
                        join accounting_chart_of_accounts a on a.org_id = l.org_id and a.id = l.account_id
                        where a.account_code = '%s'
                        """.formatted(accountCode), Long.class);
    }

    <T> T query(String sql, Class<T> type) {
        return hospital.call(() -> Objects.requireNonNull(bean(TransactionTemplate.class)
                .execute(status -> bean(JdbcClient.class).sql(sql).query(type).single())));
    }

    <T> List<T> queryAll(String sql, Class<T> type) {
        return hospital.call(() -> Objects.requireNonNull(bean(TransactionTemplate.class)
                .execute(status -> bean(JdbcClient.class).sql(sql).query(type).list())));
    }

    static Money usd(String amount) {
        return Money.parse("USD " + amount);
    }
}

package io.remitflow.remittance;

import io.remitflow.claims.NewPayer;
import io.remitflow.claims.Payers;
import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.TestHospital;
import io.remitflow.remittance.feed.EraReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Date;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/** Sends and charges the claims that a generated file answers, each for a patient of its own, many rows at a time. */
public final class BilledClaims implements EraHandler {

    private static final int PAGE = 1_000;
    private static final LocalDate SERVED = LocalDate.of(2025, 12, 1);

    private final ApplicationContext context;
    private final TestHospital hospital;
    private final UUID payer;
    private final UUID journalEntry;
    private final List<EraClaim> page = new ArrayList<>();

    private BilledClaims(ApplicationContext context, TestHospital hospital, long chargedMinor) {
        this.context = context;
        this.hospital = hospital;
        this.payer = hospital.call(() ->
                context.getBean(Payers.class).create(new NewPayer("Insurance of Example", "commercial", "1512345678")));
        var charged = Amounts.ofMinor(chargedMinor, "USD");
        this.journalEntry = hospital.call(() -> context.getBean(Journal.class)
                .post(NewEntry.on(
                                context.getBean(Organizations.class).today(),
                                "claims",
                                "billed-claims",
                                "Charges of all claims of the file")
                        .debit(StandardAccount.AR_INSURANCE, charged)
                        .credit(StandardAccount.REVENUE_OUTPATIENT, charged)
                        .inOpenPeriod()
                        .build())
                .id());
    }

    static TestHospital of(ApplicationContext context, Path file) throws IOException {
        var hospital = TestHospital.create(context);
        of(context, hospital, file);
        // What a database in use has known for long. Not of empty tables: cached plans would take them for empty for
        // good.
        try (var connection =
                        io.remitflow.local.TestServices.postgres().superuser().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("vacuum analyze billing_patient_accounts, billing_claims, billing_claim_lines, "
                    + "billing_patient_transactions");
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
        return hospital;
    }

    /** In a hospital that is there. */
    public static void of(ApplicationContext context, TestHospital hospital, Path file) throws IOException {
        var sum = new Sum();
        read(file, sum);
        var claims = new BilledClaims(context, hospital, sum.chargedMinor);
        read(file, claims);
        claims.write();
    }

    private static void read(Path file, EraHandler handler) throws IOException {
        try (var bytes = Files.newInputStream(file)) {
            new EraReader().read(bytes, handler);
        }
    }

    @Override
    public void transactionStarted(EraTransaction transaction) {}

    @Override
    public void claim(EraClaim claim) {
        page.add(claim);
        if (page.size() == PAGE) {
            write();
        }
    }

    @Override
    public void providerAdjustment(ProviderAdjustment adjustment) {}

    @Override
    public void transactionEnded(EraTotals totals) {}

    private void write() {
        List<Object[]> accounts = new ArrayList<>();
        List<Object[]> claims = new ArrayList<>();
        List<Object[]> lines = new ArrayList<>();
        List<Object[]> charges = new ArrayList<>();
        UUID org = hospital.id().value();
        for (EraClaim claim : page) {
            UUID account = Ids.next();
            UUID id = Ids.next();
            String number = claim.controlNumber();
            long charged = claim.chargedMinor();
            accounts.add(new Object[] {org, account, "PA-" + number, "patient-" + number, charged, charged});
            claims.add(new Object[] {
                org, id, account, payer, number, Date.valueOf(SERVED), Date.valueOf(SERVED), charged, journalEntry
            });
            for (EraServiceLine line : claim.lines()) {
                lines.add(new Object[] {
                    org,
                    Ids.next(),
                    id,
                    line.index(),
                    String.valueOf(line.lineControlNumber()),
                    line.procedureCode(),
                    Date.valueOf(SERVED),
                    line.chargedMinor()
                });
            }
            charges.add(new Object[] {
                org,
                Ids.next(),
                account,
                "PA-" + number + "-0001",
                charged,
                charged,
                id,
                payer,
                journalEntry,
                "charge:" + id
            });
        }
        page.clear();
        hospital.run(() -> context.getBean(TransactionTemplate.class).executeWithoutResult(transaction -> {
            var jdbc = context.getBean(JdbcTemplate.class);
            jdbc.batchUpdate("""
                    insert into billing_patient_accounts (org_id, id, account_number, patient_id, currency,
                        current_balance, insurance_balance, transaction_count, created_at, updated_at)
                    values (?, ?, ?, ?, 'USD', ?, ?, 1, now(), now())
                    """, accounts);
            jdbc.batchUpdate("""
                    insert into billing_claims (org_id, id, account_id, payer_id, control_number, care_setting, status,
                        service_from, service_to, currency, charged, submitted_on, journal_entry_id, created_at, updated_at)
                    values (?, ?, ?, ?, ?, 'outpatient', 'submitted', ?, ?, 'USD', ?, date '2025-12-05', ?, now(), now())
                    """, claims);
            jdbc.batchUpdate("""
                    insert into billing_claim_lines (org_id, id, claim_id, position, line_control_number, procedure_code,
                        service_date, units, currency, charged)
                    values (?, ?, ?, ?, ?, ?, ?, 1, 'USD', ?)
                    """, lines);
            jdbc.batchUpdate("""
                    insert into billing_patient_transactions (org_id, id, account_id, transaction_number, transaction_date,
                        aging_date, transaction_type, responsibility, currency, amount, balance_after, claim_id, payer_type,
                        payer_id, journal_entry_id, source_key, description, posted_at)
                    values (?, ?, ?, ?, date '2025-12-05', date '2025-12-01', 'charge', 'insurance', 'USD', ?, ?, ?,
                        'insurance', ?, ?, ?, 'Charges', now())
                    """, charges);
        }));
    }

    private static final class Sum implements EraHandler {

        private long chargedMinor;

        @Override
        public void transactionStarted(EraTransaction transaction) {}

        @Override
        public void claim(EraClaim claim) {
            chargedMinor = Math.addExact(chargedMinor, claim.chargedMinor());
        }

        @Override
        public void providerAdjustment(ProviderAdjustment adjustment) {}

        @Override
        public void transactionEnded(EraTotals totals) {}
    }
}

package io.remitflow.reconciliation;

import static io.remitflow.reconciliation.ReceivablesBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.remitflow.claims.Claim;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.ledger.FiscalPeriods;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Patient accounts against their control accounts (accounting plan 6.2, domain rules 4.6). */
@BooksTest
class ReceivablesReconciliationIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    ReceivablesReconciliation reconciliation;

    @LocalServerPort
    int port;

    ReceivablesBooks books;
    Claim first;

    /** 800.00 charged; of the first 500.00 the payer pays 400.00, adjusts 60.00, and the patient pays the other 40.00. */
    @BeforeEach
    void openBooks() {
        books = new ReceivablesBooks(context);
        first = books.claim("C1", "500.00", 40);
        books.claim("C2", "300.00", 35);
        books.remittance("EFT-1", "400.00", 20, """
                CLP*C1*1*500*400*40*12*ICN1
                CAS*CO*45*60
                CAS*PR*1*40
                """);
        books.patientPays(first.accountId(), "40.00", 10, "1001");
    }

    @Test
    void d46_soundBooksTieOutAndOpenDebitsLessOpenCreditsAreTheControlAccounts() {
        books.patientPays(first.accountId(), "15.00", 9, "1002");

        var tieOut = tieOut(books.today);

        assertThat(tieOut.agrees()).isTrue();
        assertThat(tieOut.breaks()).isEmpty();
        assertThat(tieOut.controls())
                .extracting(
                        ReceivablesTieOut.Control::code,
                        ReceivablesTieOut.Control::debitBalances,
                        ReceivablesTieOut.Control::creditBalances,
                        ReceivablesTieOut.Control::ledger)
                .containsExactly(
                        tuple("1100", usd("0.00"), usd("-15.00"), usd("-15.00")),
                        tuple("1110", usd("300.00"), usd("0.00"), usd("300.00")));
        assertThat(tieOut.total().difference()).isEqualTo(usd("0.00"));
    }

    @Test
    void d46_anEntryPostedToTheControlAccountByHandIsABreakWithItsLine() {
        UUID entry = direct("12.50", books.today);

        var tieOut = tieOut(books.today);

        assertThat(tieOut.agrees()).isFalse();
        assertThat(tieOut.breaks()).singleElement().satisfies(found -> {
            assertThat(found.id()).isEqualTo(entry);
            assertThat(found.cause()).isEqualTo(ReceivablesBreakCause.LEDGER_ONLY);
            assertThat(found.accountCode()).isEqualTo("1100");
            assertThat(found.difference()).isEqualTo(usd("-12.50"));
        });
        var both = books.call(() -> reconciliation.entry(entry));
        assertThat(both.subledger()).isEmpty();
        assertThat(both.ledger())
                .singleElement()
                .satisfies(line -> assertThat(line.amount()).isEqualTo(usd("12.50")));
        assertThat(tieOut(books.today.minusDays(1)).agrees()).isTrue();
        books.hospital.forget();
    }

    @Test
    void d46_everySingleRowRemovedOrChangedIsFound() {
        String cutoff = books.today.plusDays(1).toString();
        var missed = new ArrayList<String>();
        for (String row : rows("billing_patient_transactions", "true")) {
            missed.addAll(damaged(
                    "billing_patient_transactions",
                    row,
                    "id",
                    List.of(
                            "delete from %s where %s",
                            "update %s set amount = amount + 1 where %s",
                            "update %s set amount = -amount where %s",
                            "update %s set journal_entry_id = null where %s",
                            "update %s set responsibility = case responsibility when 'patient' then 'insurance' else 'patient' end"
                                    + " where %s",
                            "update %s set transaction_date = '" + cutoff + "' where %s")));
        }
        String control = """
                account_id in (select id from accounting_chart_of_accounts where account_code in ('1100', '1110'))
                """;
        for (String row : rows("accounting_journal_lines", control)) {
            missed.addAll(damaged(
                    "accounting_journal_lines",
                    row,
                    "journal_entry_id, line_number",
                    List.of(
                            "delete from %s where %s",
                            "update %s set debit_amount = debit_amount + sign(debit_amount), credit_amount = credit_amount + sign(credit_amount)"
                                    + " where %s",
                            "update %s set debit_amount = credit_amount, credit_amount = debit_amount where %s",
                            "update %s set entry_date = '" + cutoff + "' where %s")));
        }
        assertThat(missed).isEmpty();
        assertThat(tieOut(books.today).agrees()).as("everything was put back").isTrue();
        books.hospital.forget();
    }

    @Test
    void d46_causesAreToldApart() {
        UUID entry = query(
                "select journal_entry_id from billing_patient_transactions where transaction_type = 'payment'"
                        + " and responsibility = 'insurance'",
                UUID.class);
        damage("update billing_patient_transactions set amount = amount - 700 where journal_entry_id = '" + entry
                + "' and transaction_type = 'payment'");
        damage("update billing_patient_transactions set journal_entry_id = null where claim_id is null"
                + " and transaction_type = 'payment'");

        var tieOut = tieOut(books.today);

        assertThat(tieOut.causes())
                .extracting(ReceivablesTieOut.Cause::cause)
                .containsExactlyInAnyOrder(
                        ReceivablesBreakCause.AMOUNT,
                        ReceivablesBreakCause.LEDGER_ONLY,
                        ReceivablesBreakCause.WITHOUT_ENTRY);
        assertThat(sum(tieOut)).isEqualTo(tieOut.total().difference()).isEqualTo(usd("-7.00"));

        damage("update billing_patient_transactions set responsibility = 'patient' where transaction_type = 'charge'");
        assertThat(tieOut(books.today).causes())
                .extracting(ReceivablesTieOut.Cause::cause)
                .contains(ReceivablesBreakCause.WRONG_ACCOUNT);
        books.hospital.forget();
    }

    @Test
    void d46_whatCameAfterTheCloseIsACutoffBreakOfThatMonthOnly() {
        LocalDate lastMonth = YearMonth.from(books.today).minusMonths(1).atEndOfMonth();
        books.hospital.runAs(
                Role.CFO,
                () -> context.getBean(FiscalPeriods.class)
                        .close(YearMonth.from(lastMonth).toString()));
        int daysAgo = (int) java.time.temporal.ChronoUnit.DAYS.between(lastMonth, books.today);
        books.claim("LATE", "70.00", daysAgo);

        var then = tieOut(lastMonth);

        assertThat(then.causes()).singleElement().satisfies(cause -> {
            assertThat(cause.cause()).isEqualTo(ReceivablesBreakCause.CUTOFF);
            assertThat(cause.difference()).isEqualTo(usd("70.00"));
        });
        var line = books.call(
                        () -> reconciliation.entry(then.breaks().getFirst().id()))
                .ledger()
                .getFirst();
        assertThat(line.effectiveDate()).isEqualTo(lastMonth);
        assertThat(line.entryDate()).isEqualTo(lastMonth.plusDays(1));
        assertThat(tieOut(books.today).agrees()).isTrue();
    }

    @Test
    void aPastDayGivesTheSameFiguresLater() {
        LocalDate day = books.today.minusDays(15);
        Instant then = context.getBean(Clock.class).instant();
        var before = books.call(() -> reconciliation.tieOut(reconciliation.asOf(day, then)));
        var agingBefore = books.call(() -> reconciliation.aging(reconciliation.asOf(day, then)));
        var metricsBefore = books.call(() -> reconciliation.metrics(reconciliation.asOf(day, then), 90));
        var rollBefore = books.call(() -> reconciliation.rollForward(reconciliation.asOf(day, then), 3));
        books.patientPays(first.accountId(), "25.00", 16, "1003");
        direct("3.00", day);

        assertThat(books.<ReceivablesTieOut>call(() -> reconciliation.tieOut(reconciliation.asOf(day, then))))
                .isEqualTo(before);
        assertThat(books.<Object>call(() -> reconciliation.aging(reconciliation.asOf(day, then))))
                .isEqualTo(agingBefore);
        assertThat(books.<Object>call(() -> reconciliation.metrics(reconciliation.asOf(day, then), 90)))
                .isEqualTo(metricsBefore);
        assertThat(books.<Object>call(() -> reconciliation.rollForward(reconciliation.asOf(day, then), 3)))
                .isEqualTo(rollBefore);
        var now = tieOut(day);
        assertThat(now.total().subledger())
                .as("as known now, the payment that was entered late counts")
                .isEqualTo(before.total().subledger().minus(usd("25.00")));
        assertThat(now.total().difference()).isEqualTo(usd("-3.00"));
        books.hospital.forget();
    }

    @Test
    void d46_theRollForwardGoesFromBalanceToBalancePerClassOfPayer() {
        var months = books.call(() -> reconciliation.rollForward(reconciliation.asOf(null, null), 4))
                .months();

        assertThat(months).hasSize(4);
        for (int i = 1; i < months.size(); i++) {
            assertThat(months.get(i).total().opening())
                    .isEqualTo(months.get(i - 1).total().closing());
        }
        assertThat(months).allSatisfy(month -> {
            LocalDate end = month.month().atEndOfMonth();
            LocalDate day = end.isAfter(books.today) ? books.today : end;
            assertThat(month.total().closing()).isEqualTo(tieOut(day).total().subledger());
            assertThat(month.difference()).isEqualTo(usd("0.00"));
        });
        assertThat(all(months, ReceivablesRollForward.Line::charges)).isEqualTo(usd("800.00"));
        assertThat(all(months, ReceivablesRollForward.Line::payments)).isEqualTo(usd("-440.00"));
        assertThat(all(months, ReceivablesRollForward.Line::contractual)).isEqualTo(usd("-60.00"));
        assertThat(all(months, ReceivablesRollForward.Line::transfersOut)).isEqualTo(usd("-40.00"));
        assertThat(all(months, ReceivablesRollForward.Line::transfersIn)).isEqualTo(usd("40.00"));
        assertThat(months.getLast().lines())
                .extracting(ReceivablesRollForward.Line::payerClass, ReceivablesRollForward.Line::closing)
                .containsExactly(tuple("commercial", usd("300.00")), tuple("patient", usd("0.00")));
    }

    @Test
    void d46_anApplicationInJuneDoesNotChangeWhatWasUnappliedInApril() {
        Claim claim = books.claim("C3", "100.00", 60);
        books.patientPays(claim.accountId(), "30.00", 50, "2001");
        LocalDate april = books.today.minusDays(45);
        assertThat(unapplied(april)).isEqualTo(usd("30.00"));

        books.remittance("EFT-3", "70.00", 5, "CLP*C3*1*100*70*30*12*ICN3\nCAS*PR*1*30");

        assertThat(unapplied(april)).isEqualTo(usd("30.00"));
        assertThat(unapplied(books.today)).isEqualTo(usd("0.00"));
    }

    @Test
    void d46_unappliedCashWithoutAReceiptIsADifference() {
        UUID entry = books.call(() -> context.getBean(Journal.class)
                .post(NewEntry.on(books.today, "manual", "unapplied:" + UUID.randomUUID(), "Cash without an account")
                        .debit(StandardAccount.CASH_OPERATING, usd("9.00"))
                        .credit(StandardAccount.UNAPPLIED_CASH, usd("9.00"))
                        .build())
                .id());

        var unapplied = books.call(() -> reconciliation.unapplied(reconciliation.asOf(null, null)));

        assertThat(unapplied.ledger()).isEqualTo(usd("9.00"));
        assertThat(unapplied.difference()).isEqualTo(usd("-9.00"));
        assertThat(unapplied.differences())
                .singleElement()
                .satisfies(item -> assertThat(item.id()).isEqualTo(entry));
    }

    @Test
    void d46_metricsOfKnownBooks() {
        var metrics = books.call(() -> reconciliation.metrics(reconciliation.asOf(null, null), 90));

        assertThat(metrics.receivables()).isEqualTo(usd("300.00"));
        assertThat(metrics.charges()).isEqualTo(usd("800.00"));
        assertThat(metrics.payments()).isEqualTo(usd("440.00"));
        assertThat(metrics.netRevenue()).isEqualTo(usd("740.00"));
        assertThat(metrics.netCollectionPercent()).isEqualByComparingTo("59.5");
        assertThat(metrics.grossCollectionPercent()).isEqualByComparingTo("55.0");
        assertThat(metrics.daysInReceivables()).isEqualByComparingTo("36.5");
        assertThat(metrics.badDebtPercent()).isEqualByComparingTo("0.0");
    }

    @Test
    void d46_aBaseOfZeroIsNotAvailableAndNeverInfinite() {
        var empty = TestHospital.create(context);

        var metrics = empty.call(() -> reconciliation.metrics(reconciliation.asOf(null, null), 90));

        assertThat(metrics.daysInReceivables()).isNull();
        assertThat(metrics.netCollectionPercent()).isNull();
        assertThat(metrics.grossCollectionPercent()).isNull();
        assertThat(metrics.badDebtPercent()).isNull();
        var page = TestClient.browser(port).signIn(empty.signInName(Role.CFO), TestHospital.PASSWORD);
        assertThat(page.get("/app/reconciliation/receivables").body()).contains("n/a");
    }

    @Test
    void clientsAndPeopleReadTheSame() throws Exception {
        UUID entry = direct("12.50", books.today);
        var api = TestClient.api(port, books.hospital.signInName(Role.ACCOUNTING_STAFF), TestHospital.PASSWORD);

        var report = JsonMapper.builder()
                .build()
                .readTree(api.get("/accounting/ar-reconciliation?months=2").body());

        assertThat(report.get("agrees").asBoolean()).isFalse();
        assertThat(report.at("/total/difference").asText()).isEqualTo("-12.50");
        assertThat(report.at("/breaks/0/id").asText()).isEqualTo(entry.toString());
        assertThat(report.at("/rollForward").size()).isEqualTo(2);
        assertThat(api.get("/accounting/ar-reconciliation/" + entry).body()).contains("\"amount\":\"12.50\"");
        assertThat(api.get("/accounting/ar-reconciliation/" + UUID.randomUUID()).statusCode())
                .isEqualTo(404);
        assertThat(api.get("/accounting/ar-reconciliation?known=2999-01-01T00:00:00Z")
                        .statusCode())
                .isEqualTo(400);
        var page = TestClient.browser(port)
                .signIn(books.hospital.signInName(Role.ACCOUNTING_STAFF), TestHospital.PASSWORD);
        assertThat(page.get("/app/reconciliation/receivables").body())
                .contains("Out of balance", "Only in the ledger", "-12.50");
        assertThat(page.get("/app/reconciliation/receivables/" + entry).body())
                .contains("Nothing on a patient account");
        books.hospital.forget();
    }

    @Test
    void anotherOrganizationsRowsCountNowhere() {
        var empty = TestHospital.create(context);

        var tieOut = empty.call(() -> reconciliation.tieOut(reconciliation.asOf(null, null)));

        assertThat(tieOut.agrees()).isTrue();
        assertThat(tieOut.total().subledger()).isEqualTo(usd("0.00"));
        UUID entry = query("select id from accounting_journal_entries limit 1", UUID.class);
        assertThatExceptionOfType(RuleViolation.class).isThrownBy(() -> empty.run(() -> reconciliation.entry(entry)));
    }

    private ReceivablesTieOut tieOut(LocalDate day) {
        return books.call(() -> reconciliation.tieOut(reconciliation.asOf(day, null)));
    }

    private Money unapplied(LocalDate day) {
        return books.call(() -> reconciliation.unapplied(reconciliation.asOf(day, null)))
                .onAccounts();
    }

    private UUID direct(String amount, LocalDate day) {
        return books.call(() -> context.getBean(Journal.class)
                .post(NewEntry.on(day, "manual", "direct:" + UUID.randomUUID(), "By hand")
                        .debit(StandardAccount.AR_PATIENTS, usd(amount))
                        .credit(StandardAccount.OTHER_OPERATING_REVENUE, usd(amount))
                        .build())
                .id());
    }

    private static Money sum(ReceivablesTieOut tieOut) {
        return tieOut.breaks().stream().map(ReceivablesTieOut.Break::difference).reduce(usd("0.00"), Money::plus);
    }

    private static Money all(
            List<ReceivablesRollForward.Month> months,
            java.util.function.Function<ReceivablesRollForward.Line, Money> part) {
        return months.stream().map(month -> part.apply(month.total())).reduce(usd("0.00"), Money::plus);
    }

    private List<String> damaged(String table, String row, String key, List<String> statements) {
        var missed = new ArrayList<String>();
        String where = "(org_id, %s) = (select org_id, %s from jsonb_populate_record(null::%s, '%s'::jsonb))"
                .formatted(key, key, table, row.replace("'", "''"));
        for (String statement : statements) {
            damage(statement.formatted(table, where));
            var tieOut = tieOut(books.today);
            if (tieOut.agrees() || !sum(tieOut).equals(tieOut.total().difference())) {
                missed.add(statement + " of " + row);
            }
            change("delete from %s where %s".formatted(table, where));
            damage("insert into %s select * from jsonb_populate_record(null::%s, '%s'::jsonb)"
                    .formatted(table, table, row.replace("'", "''")));
        }
        return missed;
    }

    private List<String> rows(String table, String condition) {
        return JdbcClient.create(TestServices.postgres().superuser())
                .sql("select to_jsonb(t)::text from %s t where org_id = :org and %s".formatted(table, condition))
                .param("org", books.hospital.id().value())
                .query(String.class)
                .list();
    }

    private void damage(String sql) {
        assertThat(change(sql)).isPositive();
    }

    private int change(String sql) {
        var superuser = TestServices.postgres().superuser();
        var database = JdbcClient.create(superuser);
        return Objects.requireNonNull(new TransactionTemplate(new JdbcTransactionManager(superuser))
                .execute(transaction -> {
                    // As a replica no trigger is asked.
                    database.sql("set local session_replication_role = replica").update();
                    String only = sql.startsWith("insert") || sql.contains("org_id")
                            ? sql
                            : sql
                                    + " and org_id = '%s'"
                                            .formatted(books.hospital.id().value());
                    return database.sql(only).update();
                }));
    }

    private <T> T query(String sql, Class<T> type) {
        return books.call(() -> Objects.requireNonNull(context.getBean(TransactionTemplate.class)
                .execute(status ->
                        context.getBean(JdbcClient.class).sql(sql).query(type).single())));
    }
}

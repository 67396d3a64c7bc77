package io.remitflow.receivables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestHospital;
import io.remitflow.ui.BooksChecks;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@BooksTest
class PatientAccountsIntegrationTests {

    static final LocalDate DAY = LocalDate.of(2026, 3, 2);

    @Autowired
    ApplicationContext context;

    @Autowired
    PatientAccounts accounts;

    @Autowired
    AccountBalances balances;

    @Autowired
    TransactionTemplate transactions;

    @Autowired
    JdbcClient jdbc;

    TestHospital hospital;
    UUID account;

    @BeforeEach
    void openAccount() {
        hospital = TestHospital.create(context);
        account = hospital.call(() -> accounts.open(NewPatientAccount.of("patient-1")));
    }

    @Test
    void opensOneAccountPerPatient() {
        assertThat(get().number()).matches("PA-\\d{4}-000001");
        assertRefused(Refusal.DUPLICATE_PATIENT_ACCOUNT, () -> accounts.open(NewPatientAccount.of("patient-1")));
    }

    @Test
    void keepsBalancesByResponsibility() {
        record("charge", TransactionType.CHARGE, Responsibility.INSURANCE, "500.00");
        record("paid", TransactionType.PAYMENT, Responsibility.INSURANCE, "-300.00");
        record("share-out", TransactionType.TRANSFER, Responsibility.INSURANCE, "-75.00");
        record("share-in", TransactionType.TRANSFER, Responsibility.PATIENT, "75.00");

        assertThat(get().balance()).isEqualTo(usd("200.00"));
        assertThat(get().insuranceBalance()).isEqualTo(usd("125.00"));
        assertThat(get().patientBalance()).isEqualTo(usd("75.00"));
        assertThat(get().lastPaymentAmount()).isEqualTo(usd("300.00"));
        assertThat(hospital.call(() -> accounts.transactions(account)))
                .extracting(AccountTransaction::balanceAfter)
                .containsExactly(usd("500.00"), usd("200.00"), usd("125.00"), usd("200.00"));
        assertThat(hospital.call(balances::differences)).isEmpty();
    }

    @Test
    void recordsABusinessEventOnce() {
        record("charge", TransactionType.CHARGE, Responsibility.INSURANCE, "500.00");
        record("charge", TransactionType.CHARGE, Responsibility.INSURANCE, "500.00");

        assertThat(get().balance()).isEqualTo(usd("500.00"));
        assertRefused(
                Refusal.IDEMPOTENCY_KEY_REUSED,
                () -> accounts.record(
                        posting("charge", TransactionType.CHARGE, Responsibility.INSURANCE, "499.99", DAY, null)));
    }

    @Test
    void c9_losesNoPostingOfSixteenAtOnce() throws Exception {
        try (var threads = Executors.newFixedThreadPool(16)) {
            var postings = IntStream.range(0, 64)
                    .mapToObj(number -> threads.submit(
                            () -> record("posting-" + number, TransactionType.CHARGE, Responsibility.PATIENT, "1.25")))
                    .toList();
            for (var posting : postings) {
                posting.get();
            }
        }

        assertThat(get().patientBalance()).isEqualTo(usd("80.00"));
        assertThat(hospital.call(balances::differences)).isEmpty();
    }

    @Test
    void findsABalanceThatDiffersFromItsTransactions() {
        record("charge", TransactionType.CHARGE, Responsibility.PATIENT, "10.00");
        keepBalance(1001);

        assertThat(hospital.call(balances::differences)).singleElement().satisfies(difference -> {
            assertThat(difference.storedPatient()).isEqualTo(usd("10.01"));
            assertThat(difference.rebuiltPatient()).isEqualTo(usd("10.00"));
        });
        var night = context.getBean(NightlyBalanceCheck.class);
        var checks = context.getBean(BooksChecks.class);
        night.run();
        assertThat(hospital.call(checks::unsound)).singleElement().satisfies(outcome -> {
            assertThat(outcome.check()).isEqualTo("Patient accounts");
            assertThat(outcome.first())
                    .containsExactly(new BooksChecks.Difference(
                            "account " + get().number(),
                            "insurance 0.00, patient 10.01",
                            "insurance 0.00, patient 10.00"));
        });

        keepBalance(1000);
        night.run();
        assertThat(hospital.call(checks::unsound)).isEmpty();
    }

    private void keepBalance(long minor) {
        hospital.run(() -> transactions.executeWithoutResult(transaction -> jdbc.sql(
                        "update billing_patient_accounts set current_balance = :minor, patient_balance = :minor")
                .param("minor", minor)
                .update()));
    }

    @Test
    void neverChangesATransaction() {
        record("charge", TransactionType.CHARGE, Responsibility.PATIENT, "10.00");

        hospital.run(() -> assertThatThrownBy(() -> transactions.executeWithoutResult(
                        transaction -> jdbc.sql("update billing_patient_transactions set amount = 1")
                                .update()))
                .rootCause()
                .hasMessageContaining("permission denied"));
    }

    @Test
    void agesByInclusiveBounds() {
        charge("a30", DAY.minusDays(30), "1.00");
        charge("a31", DAY.minusDays(31), "2.00");
        charge("a60", DAY.minusDays(60), "4.00");
        charge("a61", DAY.minusDays(61), "8.00");
        charge("a90", DAY.minusDays(90), "16.00");
        charge("a91", DAY.minusDays(91), "32.00");
        charge("a120", DAY.minusDays(120), "64.00");
        charge("a121", DAY.minusDays(121), "128.00");

        assertBuckets(aging(DAY).patient(), "1.00", "6.00", "24.00", "96.00", "128.00", "0.00");
    }

    @Test
    void appliesCreditsToTheOldestFirstAndShowsWhatIsLeft() {
        charge("old", DAY.minusDays(100), "40.00");
        charge("new", DAY.minusDays(5), "30.00");
        record("payment", TransactionType.PAYMENT, Responsibility.PATIENT, "-50.00");
        assertBuckets(aging(DAY).patient(), "20.00", "0.00", "0.00", "0.00", "0.00", "0.00");

        record("more", TransactionType.PAYMENT, Responsibility.PATIENT, "-25.00");
        assertBuckets(aging(DAY).patient(), "0.00", "0.00", "0.00", "0.00", "0.00", "5.00");
        assertThat(aging(DAY).total().balance()).isEqualTo(get().balance());
    }

    @Test
    void aLaterPaymentDoesNotChangeAnEarlierDay() {
        charge("charge", DAY.minusDays(40), "40.00");
        var before = aging(DAY.minusDays(1));
        record("payment", TransactionType.PAYMENT, Responsibility.PATIENT, "-40.00");

        assertThat(aging(DAY.minusDays(1))).isEqualTo(before);
        assertThat(aging(DAY).patient().open()).isEqualTo(usd("0.00"));
    }

    @Test
    void refusesAChangeBySomeoneWhoSawAnOlderVersion() {
        var change = new AccountChange(0, AccountStatus.SUSPENDED, usd("100.00"), null, null, null, null, "called");
        hospital.run(() -> accounts.change(account, change));

        assertThat(get().status()).isEqualTo(AccountStatus.SUSPENDED);
        assertThat(get().creditLimit()).isEqualTo(usd("100.00"));
        assertRefused(Refusal.CHANGED_MEANWHILE, () -> accounts.change(account, change));
    }

    @Test
    void closesOnlyAnAccountThatOwesNothing() {
        record("charge", TransactionType.CHARGE, Responsibility.PATIENT, "10.00");
        var close = new AccountChange(0, AccountStatus.CLOSED, null, null, null, null, null, null);
        assertRefused(Refusal.INVALID_INPUT, () -> accounts.change(account, close));

        record("payment", TransactionType.PAYMENT, Responsibility.PATIENT, "-10.00");
        hospital.run(() -> accounts.change(account, close));
        assertRefused(
                Refusal.ACCOUNT_NOT_ACTIVE,
                () -> accounts.record(
                        posting("late", TransactionType.CHARGE, Responsibility.PATIENT, "1.00", DAY, null)));
    }

    @Test
    void listsPageByPageAndSums() {
        hospital.run(() -> {
            accounts.open(new NewPatientAccount("patient-2", "B-2", "Okafor", "Ada", null, null));
            accounts.open(new NewPatientAccount("patient-3", "B-3", "Olsen", "Per", null, null));
        });
        record("credit", TransactionType.PAYMENT, Responsibility.PATIENT, "-10.00");

        assertThat(list(null, AccountFilter.Balance.ANY, null, 2))
                .extracting(PatientAccount::number)
                .startsWith("B-2", "B-3");
        assertThat(list(null, AccountFilter.Balance.ANY, "B-3", 2))
                .extracting(PatientAccount::id)
                .containsExactly(account);
        assertThat(list("ok", AccountFilter.Balance.ANY, null, 9))
                .extracting(PatientAccount::number)
                .containsExactly("B-2");
        assertThat(list(null, AccountFilter.Balance.CREDIT, null, 9))
                .extracting(PatientAccount::id)
                .containsExactly(account);
        var totals =
                hospital.call(() -> accounts.totals(new AccountFilter(null, null, AccountFilter.Balance.ANY, null, 9)));
        assertThat(totals).isEqualTo(new AccountTotals(3, usd("-10.00"), usd("0.00"), usd("-10.00")));
    }

    @Test
    void e2_showsNothingToAnotherOrganization() {
        var other = TestHospital.create(context);

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> other.run(() -> accounts.get(account)))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.NOT_FOUND));
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> other.run(() -> accounts.record(
                        posting("x", TransactionType.CHARGE, Responsibility.PATIENT, "1.00", DAY, null))))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.NOT_FOUND));
    }

    private void charge(String key, LocalDate agingDate, String amount) {
        hospital.run(() -> accounts.record(
                posting(key, TransactionType.CHARGE, Responsibility.PATIENT, amount, agingDate, agingDate)));
    }

    private void record(String key, TransactionType type, Responsibility responsibility, String amount) {
        hospital.run(() -> accounts.record(posting(key, type, responsibility, amount, DAY, null)));
    }

    private AccountPosting posting(
            String key,
            TransactionType type,
            Responsibility responsibility,
            String amount,
            LocalDate date,
            @Nullable LocalDate agingDate) {
        return new AccountPosting(
                account, date, type, responsibility, usd(amount), null, null, null, null, key, key, agingDate);
    }

    private Aging aging(LocalDate asOf) {
        return hospital.call(() -> accounts.aging(account, asOf));
    }

    private PatientAccount get() {
        return hospital.call(() -> accounts.get(account));
    }

    private List<PatientAccount> list(
            @Nullable String text, AccountFilter.Balance balance, @Nullable String after, int limit) {
        return hospital.call(() -> accounts.list(new AccountFilter(text, null, balance, after, limit)));
    }

    private void assertRefused(Refusal refusal, Runnable work) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> hospital.run(work))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(refusal));
    }

    private static void assertBuckets(Aging.Buckets buckets, String... amounts) {
        assertThat(List.of(
                        buckets.days0To30(),
                        buckets.days31To60(),
                        buckets.days61To90(),
                        buckets.days91To120(),
                        buckets.over120(),
                        buckets.unapplied()))
                .containsExactly(
                        usd(amounts[0]),
                        usd(amounts[1]),
                        usd(amounts[2]),
                        usd(amounts[3]),
                        usd(amounts[4]),
                        usd(amounts[5]));
    }

    private static Money usd(String amount) {
        return Amounts.parse(amount, "USD");
    }
}

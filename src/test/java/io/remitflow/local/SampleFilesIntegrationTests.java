package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.claims.ClaimStatus;
import io.remitflow.claims.Claims;
import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.receivables.AccountBalances;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.remittance.Receipt;
import io.remitflow.remittance.RemittanceState;
import io.remitflow.remittance.Remittances;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** The files in samples/835, given to the demo hospital, do what samples/README.md says. */
@BooksTest
class SampleFilesIntegrationTests {

    private static final AtomicInteger NUMBER = new AtomicInteger();

    @Autowired
    ApplicationContext context;

    @Autowired
    Remittances remittances;

    @Autowired
    PatientAccounts accounts;

    @Autowired
    AccountBalances balances;

    @Autowired
    Claims claims;

    @Autowired
    CreditBalances credits;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    TransactionTemplate transactions;

    OrganizationId hospital;
    Map<String, Money> before;

    @BeforeEach
    void loadHospital() {
        String code = "demo-%d-%d".formatted(ProcessHandle.current().pid(), NUMBER.incrementAndGet());
        hospital = DemoHospital.load(context, code);
        before = books();
    }

    @Test
    void loadsTheDemoHospitalOnce() {
        String code = call(() -> context.getBean(io.remitflow.identity.Organizations.class)
                .current()
                .code());

        assertThat(DemoHospital.load(context, code)).isEqualTo(hospital);
        assertThat(books()).isEqualTo(before);
        assertThat(account("MRC-1009").patientBalance()).isEqualTo(usd("-250.00"));
        assertThat(account("MRC-1009").insuranceBalance()).isEqualTo(usd("1450.00"));
        assertTied();
    }

    @Test
    void postsTheCleanOne() {
        assertThat(state("01-clean-multi-claim")).isEqualTo(RemittanceState.POSTED);

        assertMoved(Map.of("1050", "6366.00", "4900", "3210.00", "1100", "904.00", "1110", "-10480.00"));
        assertBalances("MRC-1001", "0.00", "25.00");
        assertBalances("MRC-1002", "0.00", "304.00");
        assertBalances("MRC-1003", "0.00", "500.00");
        assertBalances("MRC-1008", "0.00", "0.00");
        assertThat(status("MG-1001-1")).isEqualTo(ClaimStatus.PAID);
    }

    @Test
    void leavesDeniedChargesOpen() {
        assertThat(state("02-denial")).isEqualTo(RemittanceState.POSTED);

        assertMoved(Map.of("1050", "73.60", "4900", "78.00", "1100", "18.40", "1110", "-170.00"));
        assertBalances("MRC-1004", "850.00", "0.00");
        assertBalances("MRC-1005", "90.00", "18.40");
        assertThat(status("MG-1004-1")).isEqualTo(ClaimStatus.DENIED);
        assertThat(status("MG-1005-1")).isEqualTo(ClaimStatus.PARTIALLY_PAID);
    }

    @Test
    void v1_booksWhatThePayerMovesOutsideOfClaims() {
        assertThat(state("03-plb")).isEqualTo(RemittanceState.POSTED);

        assertMoved(Map.of(
                "1050",
                "1180.00",
                "1130",
                "325.00",
                "4210",
                "-5.00",
                "4900",
                "-75.00",
                "1100",
                "75.00",
                "1110",
                "-1500.00"));
        assertBalances("MRC-1006", "0.00", "75.00");
        assertBalances("MRC-1007", "0.00", "0.00");
    }

    @Test
    void v2_reversesAndCorrectsAndLeavesACreditOf40() {
        receive("01-clean-multi-claim");
        before = books();
        assertThat(state("04-reversal-correction")).isEqualTo(RemittanceState.POSTED);

        assertMoved(Map.of("1050", "40.00", "1100", "-40.00"));
        assertBalances("MRC-1008", "0.00", "-40.00");
        assertThat(status("MG-1008-1")).isEqualTo(ClaimStatus.PAID);
        assertCredits("40.00");
    }

    @Test
    void opensCreditsOfPatientsWhoPaidTooMuch() {
        assertThat(state("05-overpayment")).isEqualTo(RemittanceState.POSTED);

        assertMoved(Map.of("1050", "800.00", "4900", "855.00", "1100", "115.00", "1110", "-1770.00"));
        assertBalances("MRC-1009", "0.00", "-175.00");
        assertBalances("MRC-1010", "0.00", "-60.00");
        assertCredits("60.00", "175.00");
    }

    @Test
    void v8_holdsTheWholeTransactionWhenOffByOneCent() {
        assertThat(state("06-out-of-balance")).isEqualTo(RemittanceState.HELD);

        assertMoved(Map.of());
        assertBalances("MRC-1012", "140.00", "0.00");
    }

    @Test
    void v17_putsTheMoneyOfAnUnknownClaimIntoSuspense() {
        assertThat(state("07-unknown-claim")).isEqualTo(RemittanceState.POSTED);

        assertMoved(Map.of("1050", "140.00", "4900", "78.00", "1110", "-130.00", "2010", "-88.00"));
        assertBalances("MRC-1013", "0.00", "0.00");
    }

    @Test
    void opensACreditThatNeedsTwoApprovals() {
        assertThat(state("08-large-overpayment")).isEqualTo(RemittanceState.POSTED);

        assertMoved(Map.of("1050", "14500.00", "4900", "9000.00", "1100", "500.00", "1110", "-24000.00"));
        assertBalances("MRC-1011", "0.00", "-5500.00");
        assertCredits("5500.00");
    }

    @Test
    void postsTheOneThatWaitsAtClaimMd() {
        var receipt = call(() -> remittances.receive(
                "era-claimmd",
                "claimmd-1001.835",
                new ByteArrayInputStream(DemoHospital.CLAIMMD_ERA.getBytes(StandardCharsets.UTF_8))));

        assertThat(receipt.remittances())
                .singleElement()
                .satisfies(part -> assertThat(part.state()).isEqualTo(RemittanceState.POSTED));
        assertThat(books().getOrDefault("1050", usd("0.00"))).isEqualTo(usd("180.00"));
        assertThat(books().getOrDefault("2010", usd("0.00")))
                .as("nothing of it in suspense")
                .isEqualTo(before.getOrDefault("2010", usd("0.00")));
        assertTied();
    }

    private RemittanceState state(String sample) {
        return receive(sample).remittances().getFirst().state();
    }

    private Receipt receive(String sample) {
        var file = SampleFilesTests.SAMPLES.resolve(sample + ".835");
        return call(() -> {
            try (var bytes = Files.newInputStream(file)) {
                return remittances.receive("era-test", sample + ".835", bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void assertMoved(Map<String, String> expected) {
        var moved = new TreeMap<String, Money>();
        books().forEach((code, balance) -> {
            Money difference = balance.minus(before.getOrDefault(code, usd("0.00")));
            if (!difference.isZero()) {
                moved.put(code, difference);
            }
        });
        var amounts = new TreeMap<String, Money>();
        expected.forEach((code, amount) -> amounts.put(code, usd(amount)));
        assertThat(moved).isEqualTo(amounts);
        assertTied();
    }

    /** The patient accounts say what the control accounts of the ledger say. */
    private void assertTied() {
        var sums = call(() -> accounts.totals(new io.remitflow.receivables.AccountFilter(
                null, null, io.remitflow.receivables.AccountFilter.Balance.ANY, null, 1)));
        assertThat(books().get("1110")).isEqualTo(sums.insurance());
        assertThat(books().get("1100")).isEqualTo(sums.patient());
        assertThat(call(balances::differences)).isEmpty();
    }

    private void assertBalances(String number, String insurance, String patient) {
        assertThat(account(number).insuranceBalance()).isEqualTo(usd(insurance));
        assertThat(account(number).patientBalance()).isEqualTo(usd(patient));
    }

    private void assertCredits(String... amounts) {
        assertThat(call(() -> credits.list(null, 50)))
                .extracting(credit -> Amounts.format(credit.amount()).replace(",", ""))
                .containsExactlyInAnyOrder(amounts);
    }

    private PatientAccount account(String number) {
        return call(() -> accounts.byNumber(number).orElseThrow());
    }

    private ClaimStatus status(String controlNumber) {
        return call(() -> claims.byControlNumber(controlNumber).orElseThrow().status());
    }

    /** Debits less credits by account code. */
    private Map<String, Money> books() {
        return call(() -> transactions.execute(transaction -> {
            var books = new TreeMap<String, Money>();
            jdbc.sql("""
                            select a.account_code, sum(l.debit_amount - l.credit_amount) as balance
                            from accounting_journal_lines l
                            join accounting_chart_of_accounts a on a.org_id = l.org_id and a.id = l.account_id
                            group by a.account_code
                            """).query(row -> {
                books.put(row.getString("account_code"), Amounts.ofMinor(row.getLong("balance"), "USD"));
            });
            return books;
        }));
    }

    private <T> T call(Supplier<T> work) {
        return CurrentOrganization.call(hospital, work);
    }

    private static Money usd(String amount) {
        return Amounts.parse(amount, "USD");
    }
}

package io.remitflow.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.bank.BankLine;
import io.remitflow.bank.BankMatches;
import io.remitflow.core.Amounts;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.Ports;
import io.remitflow.local.SePayStandIn;
import io.remitflow.local.TestBank;
import io.remitflow.local.TestBank.Movement;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.payments.CardGateway.GatewayUnavailable;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.reconciliation.ReceivablesReconciliation;
import io.remitflow.reconciliation.ReceivablesUnapplied;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Map;
import java.util.UUID;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Transfers whose report was lost are found by asking, and those that name nobody are assigned by people. */
@BooksTest
class SePayReconciliationIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    TransferReconciliation reconciliation;

    @Autowired
    BankTransfers transfers;

    @Autowired
    Payments payments;

    @Autowired
    PatientAccounts accounts;

    @LocalServerPort
    int port;

    TestHospital hospital;
    SePayStandIn sepay;
    UUID account = new UUID(0, 0);
    String number = "";
    LocalDate today = LocalDate.now(ZoneId.of("Asia/Ho_Chi_Minh"));

    @BeforeEach
    void openHospital() {
        int sepayPort = Ports.free();
        sepay = new SePayStandIn();
        sepay.start(sepayPort);
        hospital = TestHospital.create(context, CurrencyUnit.of("VND"));
        hospital.run(() -> {
            context.getBean(Gateways.class)
                    .register(
                            Gateways.SEPAY,
                            "SePay",
                            URI.create("http://127.0.0.1:" + sepayPort),
                            SePayStandIn.TOKEN,
                            "whsec_sepay_of_tests",
                            true);
            account = accounts.open(NewPatientAccount.of("patient-" + UUID.randomUUID()));
            number = accounts.get(account).number();
        });
    }

    @AfterEach
    void closeSePay() {
        sepay.close();
    }

    @Test
    void transfersOfAnOutageAreFoundInTheNightAndCountOnce() {
        sepay.transfer(today.minusDays(2).toString(), 501, 1_200_000, 0, "TT " + number, "FT501");
        sepay.transfer(today.minusDays(1).toString(), 502, 300_000, 0, "Chuyen tien", "FT502");
        sepay.transfer(today.minusDays(1).toString(), 503, 0, 50_000, "Phi dich vu", "FT503");

        assertThat(reconcile()).isEqualTo(3);
        sepay.transfer(today.toString(), 504, 10_000, 0, number, "FT504");
        int calls = sepay.calls();
        assertThat(reconcile()).isEqualTo(1);
        assertThat(sepay.calls() - calls).as("only the day that had not ended").isLessThanOrEqualTo(2);
        assertThat(reconcile()).isZero();

        hospital.run(() -> {
            assertThat(payments.ofAccount(account)).hasSize(2);
            assertThat(accounts.get(account).balance()).isEqualTo(Amounts.ofMinor(-1_210_000, "VND"));
        });
        Invariants.ofTests().hold();
    }

    @Test
    void aDayThatCannotBeAskedForIsAskedForByTheNextRun() {
        sepay.transfer(today.toString(), 601, 700_000, 0, number, "FT601");
        sepay.deaf(true);
        assertThatExceptionOfType(GatewayUnavailable.class).isThrownBy(this::reconcile);

        sepay.deaf(false);
        assertThat(reconcile()).isEqualTo(1);
    }

    @Test
    void aPersonAssignsATransferThatNamesNobodyOnce() {
        sepay.transfer(today.toString(), 701, 450_000, 0, "Nguyen Van A chuyen tien", "FT701");
        assertThat(reconcile()).isEqualTo(1);
        var transfer = hospital.call(() -> transfers.incoming(true, null, 10)).getFirst();
        assertThat(unapplied()).isEqualTo(Amounts.ofMinor(450_000, "VND"));
        TestClient clerk =
                TestClient.browser(port).signIn(hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        String page = "/app/payments/transfers";
        assertThat(clerk.get(page).body()).contains("Nguyen Van A chuyen tien", "Assign to account");
        var before = Instant.now();

        clerk.post(page + "/" + transfer.id() + "/assignment", Map.of("accountNumber", "PA-1999-000000"));
        assertThat(unapplied()).isEqualTo(Amounts.ofMinor(450_000, "VND"));
        clerk.post(page + "/" + transfer.id() + "/assignment", Map.of("accountNumber", number));
        clerk.post(page + "/" + transfer.id() + "/assignment", Map.of("accountNumber", number));

        assertThat(unapplied()).isEqualTo(Amounts.ofMinor(0, "VND"));
        hospital.run(() -> {
            assertThat(payments.ofAccount(account)).hasSize(1);
            assertThat(accounts.get(account).balance()).isEqualTo(Amounts.ofMinor(-450_000, "VND"));
        });
        assertThat(register(null).items()).isEmpty();
        assertThat(register(before).received()).isEqualTo(Amounts.ofMinor(450_000, "VND"));
        assertThat(register(before).differences()).isEmpty();
        assertThat(clerk.get(page).body()).contains("No transfers here");
        assertThat(clerk.get(page + "?show=all").body()).contains("Nguyen Van A chuyen tien");
        Invariants.ofTests().hold();
    }

    private ReceivablesUnapplied register(@Nullable Instant knownAt) {
        var receivables = context.getBean(ReceivablesReconciliation.class);
        return hospital.call(() -> receivables.unapplied(receivables.asOf(null, knownAt)));
    }

    @Test
    void theLineOfTheBankIsTheSameMoneyAsTheTransferAndIsNotBookedTwice() {
        sepay.transfer(today.toString(), 801, 1_200_000, 0, "TT " + number, "FT26001234801");
        sepay.transfer(today.toString(), 802, 300_000, 0, "Chuyen tien", "FT26001234802");
        assertThat(reconcile()).isEqualTo(2);
        assertThat(ledger(StandardAccount.CASH_OPERATING)).isEqualTo(Amounts.ofMinor(0, "VND"));

        LocalDate day = hospital.call(() -> context.getBean(Organizations.class).today());
        assertThat(new TestBank(context, hospital)
                        .books(
                                day,
                                new Movement("1200000", "FT26001234801 TT " + number),
                                new Movement("300000", "FT26001234802 CHUYEN TIEN")))
                .extracting(BankLine::state)
                .containsOnly(BankLine.State.CLEARED);

        assertThat(ledger(StandardAccount.CARD_CLEARING)).isEqualTo(Amounts.ofMinor(0, "VND"));
        assertThat(ledger(StandardAccount.BANK_SUSPENSE)).isEqualTo(Amounts.ofMinor(0, "VND"));
        assertThat(ledger(StandardAccount.CASH_OPERATING)).isEqualTo(Amounts.ofMinor(1_500_000, "VND"));
        hospital.run(() -> assertThat(accounts.get(account).balance()).isEqualTo(Amounts.ofMinor(-1_200_000, "VND")));
        Invariants.ofTests().hold();
    }

    @Test
    void aTransferThatIsReportedAfterItsBankLineIsSuggestedForItByItsReference() {
        LocalDate day = hospital.call(() -> context.getBean(Organizations.class).today());
        var bank = new TestBank(context, hospital);
        assertThat(bank.books(day, new Movement("1200000", "FT26001234901 TT " + number)))
                .extracting(BankLine::state)
                .containsExactly(BankLine.State.SUSPENSE);

        sepay.transfer(today.toString(), 901, 1_200_000, 0, "TT " + number, "FT26001234901");
        assertThat(reconcile()).isEqualTo(1);
        hospital.run(() -> context.getBean(BankMatches.class).suggest());

        assertThat(bank.acceptOnly().rule()).isEqualTo("reference");
        assertThat(ledger(StandardAccount.CARD_CLEARING)).isEqualTo(Amounts.ofMinor(0, "VND"));
        assertThat(ledger(StandardAccount.BANK_SUSPENSE)).isEqualTo(Amounts.ofMinor(0, "VND"));
        assertThat(ledger(StandardAccount.CASH_OPERATING)).isEqualTo(Amounts.ofMinor(1_200_000, "VND"));
        Invariants.ofTests().hold();
    }

    private int reconcile() {
        return hospital.call(reconciliation::reconcile);
    }

    private Money unapplied() {
        return ledger(StandardAccount.UNAPPLIED_CASH);
    }

    private Money ledger(StandardAccount of) {
        return hospital.call(
                () -> context.getBean(ChartOfAccounts.class).get(of).balance());
    }
}

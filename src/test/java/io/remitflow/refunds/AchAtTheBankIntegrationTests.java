package io.remitflow.refunds;

import static io.remitflow.refunds.RefundFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.bank.BankLine;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.TestBank;
import io.remitflow.local.TestBank.Movement;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** What a bank statement says about the ACH files that we sent, and about what came back of them. */
@BooksTest
class AchAtTheBankIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    RefundBooking booking;

    PayoutBooks payouts;
    LocalDate today = LocalDate.EPOCH;

    @BeforeEach
    void openHospital() {
        payouts = new PayoutBooks(context);
        payouts.bankAccount("123456789");
        today = payouts.books.hospital.call(
                () -> context.getBean(Organizations.class).today());
    }

    @Test
    void oneLineOfTheBankClearsAllRefundsOfItsBatch() {
        payouts.approved(RefundMethod.ACH, "120.50");
        payouts.approved(RefundMethod.ACH, "300.00");
        AchBatch batch = payouts.release(Role.ACCOUNTING_STAFF);

        assertThat(bank().books(today, new Movement("-420.50", "RIVERSIDE HOSP REFUND " + batch.number())))
                .singleElement()
                .satisfies(line -> assertThat(line.state()).isEqualTo(BankLine.State.CLEARED));

        assertThat(payouts.clearing("ach-batch", batch.number())).isEqualTo(usd("0.00"));
        assertThat(ledger(StandardAccount.OUTGOING_PAYMENTS_CLEARING)).isEqualTo(usd("0.00"));
        assertThat(ledger(StandardAccount.CASH_OPERATING)).isEqualTo(usd("-420.50"));
        Invariants.ofTests().hold();
    }

    @Test
    void aLineThatIsTheExactSumOfTwoBatchesIsSuggestedForBoth() {
        payouts.approved(RefundMethod.ACH, "120.50");
        AchBatch first = payouts.release(Role.ACCOUNTING_STAFF);
        payouts.approved(RefundMethod.ACH, "300.00");
        payouts.approved(RefundMethod.ACH, "45.25");
        AchBatch second = payouts.release(Role.ACCOUNTING_STAFF);
        TestBank bank = bank();

        assertThat(bank.books(today, new Movement("-465.75", "ACH ORIGINATION RIVERSIDE HOSP")))
                .singleElement()
                .satisfies(line -> assertThat(line.state()).isEqualTo(BankLine.State.SUGGESTED));
        assertThat(bank.acceptOnly().records()).hasSize(2);

        assertThat(payouts.clearing("ach-batch", first.number())).isEqualTo(usd("0.00"));
        assertThat(payouts.clearing("ach-batch", second.number())).isEqualTo(usd("0.00"));
        assertThat(ledger(StandardAccount.BANK_SUSPENSE)).isEqualTo(usd("0.00"));
        Invariants.ofTests().hold();
    }

    @Test
    void whatTheBankReturnsOfABatchComesBackToItsReferenceAndIsClearedByItsLine() {
        UUID returned = payouts.approved(RefundMethod.ACH, "120.50");
        payouts.approved(RefundMethod.ACH, "300.00");
        AchBatch batch = payouts.release(Role.ACCOUNTING_STAFF);
        TestBank bank = bank();
        bank.books(today, new Movement("-420.50", "RIVERSIDE HOSP REFUND " + batch.number()));

        payouts.books.hospital.run(() -> booking.takeBack(returned, "R03", "No account"));
        assertThat(payouts.clearing("ach-batch", batch.number())).isEqualTo(usd("120.50"));
        bank.books(today, new Movement("120.50", "RETURN R03 RIVERSIDE HOSP"));
        bank.acceptOnly();

        assertThat(payouts.clearing("ach-batch", batch.number())).isEqualTo(usd("0.00"));
        assertThat(ledger(StandardAccount.OUTGOING_PAYMENTS_CLEARING)).isEqualTo(usd("0.00"));
        assertThat(ledger(StandardAccount.CASH_OPERATING)).isEqualTo(usd("-300.00"));
        Invariants.ofTests().hold();
    }

    @Test
    void aTransferThatCameBackIsClearedByItsLine() {
        UUID refund = payouts.approved(RefundMethod.WIRE, "75.25");
        payouts.payOut(refund, 85_001, "W-77");
        payouts.books.hospital.run(() -> booking.complete(refund));
        String number = payouts.books.refund(refund).number();
        TestBank bank = bank();
        bank.books(today, new Movement("-75.25", "OUTGOING WIRE " + number));
        assertThat(payouts.clearing("refund", number)).isEqualTo(usd("0.00"));

        payouts.books.hospital.runAs(
                Role.ACCOUNTING_STAFF,
                () -> context.getBean(RefundReturns.class).cameBack(refund, "Beneficiary unknown"));
        assertThat(payouts.clearing("refund", number)).isEqualTo(usd("75.25"));
        assertThat(bank.books(today, new Movement("75.25", "RETURNED WIRE " + number)))
                .singleElement()
                .satisfies(line -> assertThat(line.state()).isEqualTo(BankLine.State.CLEARED));

        assertThat(payouts.clearing("refund", number)).isEqualTo(usd("0.00"));
        assertThat(ledger(StandardAccount.CASH_OPERATING)).isEqualTo(usd("0.00"));
        Invariants.ofTests().hold();
    }

    private TestBank bank() {
        return new TestBank(context, payouts.books.hospital);
    }

    private Money ledger(StandardAccount of) {
        return payouts.books.hospital.call(
                () -> context.getBean(ChartOfAccounts.class).get(of).balance());
    }
}

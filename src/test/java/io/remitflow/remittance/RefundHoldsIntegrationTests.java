package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.core.Amounts;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.payments.Payments;
import io.remitflow.refunds.CreditBalance;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.Refund;
import io.remitflow.refunds.RefundApprovals;
import io.remitflow.refunds.RefundMethod;
import io.remitflow.refunds.RefundPayouts;
import io.remitflow.refunds.RefundRequest;
import io.remitflow.refunds.RefundStatus;
import io.remitflow.refunds.Refunds;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** Rule V5: the same money does not go back twice, as a refund and as a payer's takeback. */
@BooksTest
class RefundHoldsIntegrationTests {

    private static final String CORRECTED = """
            CLP*C1*1*500*340*35*12*PCN1*11*1
            CAS*CO*45*125
            CAS*PR*1*35
            NM1*QC*1*DOE*JANE
            """;

    /** The payer pays less after all: the patient owes what was paid. */
    private static final String CORRECTED_BACK = CORRECTED
                    .replace("*1*500", "*22*-500")
                    .replace("340*35", "-340*-35")
                    .replace("*125", "*-125")
                    .replace("PR*1*35", "PR*1*-35")
            + ReversalsIntegrationTests.ANSWER;

    private static final String FORWARDED = "PLB*1234567893*20261231*FB:RH*-40\n";

    RemittanceBooks books;

    @BeforeEach
    void aPatientHasPaidTooMuch(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "500.00");
        books.receive(EraText.of("RH1", "300", ReversalsIntegrationTests.ANSWER));
        books.patientPays("C1", "75.00");
        books.receive(EraText.of("RH2", "40", ReversalsIntegrationTests.REVERSAL + CORRECTED));
    }

    @Test
    void v5_aRefundWhoseCreditARemittanceTookIsStoppedBeforeItLeaves() {
        UUID refund = request();
        ruleLetsItPass(refund);
        books.hospital.run(() -> books.bean(RefundPayouts.class).awaitPayout(refund));

        books.receive(EraText.of("RH3", "0", CORRECTED_BACK + FORWARDED));

        assertThat(books.patientBalance("C1")).isEqualTo(Amounts.parse("0.00", "USD"));
        assertThat(refund(refund).holdReason()).contains("the credit of the patient is now 0.00");
        assertThat(books.queryAll(
                        "select message_name from workflow_outbox where message_name = 'refunds.held'", String.class))
                .hasSize(1);
        books.hospital.run(() -> books.bean(RefundApprovals.class).fellShort(refund));
        assertThat(refund(refund).status()).isEqualTo(RefundStatus.PENDING);
        assertThat(refund(refund).levels()).containsExactly("billing-manager");
    }

    @Test
    void v5_aRefundThatIsNotDecidedYetIsDecidedKnowingIt() {
        UUID refund = request();
        ruleLetsNothingPass(refund);
        int before = refund(refund).version();

        books.receive(EraText.of("RH4", "0", CORRECTED_BACK + FORWARDED));

        assertThat(refund(refund).version())
                .as("whoever looks at the old version approves nothing")
                .isEqualTo(before + 1);
        ruleLetsItPass(refund);
        assertThat(refund(refund).status()).as("no rule alone lets it pass").isEqualTo(RefundStatus.PENDING);
        assertThat(refund(refund).levels()).containsExactly("billing-manager");
    }

    @Test
    void v5_whatThePayerWithholdsForTheClaimHoldsItsRefund() {
        UUID refund = request();
        ruleLetsItPass(refund);

        books.claim("C2", "500.00");
        books.receive(EraText.of(
                "RH5",
                "260",
                ReversalsIntegrationTests.ANSWER.replace("*C1*", "*C2*") + "PLB*1234567893*20261231*WO:C1*40\n"));

        assertThat(refund(refund).holdReason()).contains("The payer takes 40.00 of this claim back");
    }

    @Test
    void aRemittanceThatLeavesTheCreditAloneHoldsNothing() {
        UUID refund = request();
        ruleLetsItPass(refund);
        books.claim("C2", "500.00");

        books.receive(EraText.of("RH6", "300", ReversalsIntegrationTests.ANSWER.replace("*C1*", "*C2*")));

        assertThat(refund(refund).holdReason()).isNull();
        assertThat(refund(refund).status()).isEqualTo(RefundStatus.APPROVED);
    }

    private UUID request() {
        AtomicReference<UUID> id = new AtomicReference<>();
        books.hospital.runAs(Role.BILLING_CLERK, () -> {
            CreditBalance credit = books.bean(CreditBalances.class)
                    .list(CreditBalance.State.OPEN, 10)
                    .getFirst();
            UUID payment = java.util.Objects.requireNonNull(credit.paymentId());
            assertThat(books.bean(Payments.class).get(payment).claimId()).isNotNull();
            id.set(books.bean(Refunds.class)
                    .request(new RefundRequest(
                            payment, credit.amount(), RefundMethod.CHECK, "overpayment", "Paid too much", null)));
        });
        return id.get();
    }

    private void ruleLetsItPass(UUID refund) {
        rule(refund, List.of());
    }

    private void ruleLetsNothingPass(UUID refund) {
        rule(refund, List.of("billing-manager"));
    }

    private void rule(UUID refund, List<String> levels) {
        books.hospital.run(() -> books.bean(RefundApprovals.class)
                .ruleAnswered(refund, refund(refund).version(), levels, "Test rule"));
    }

    private Refund refund(UUID id) {
        return books.hospital.call(() -> books.bean(Refunds.class).get(id));
    }
}

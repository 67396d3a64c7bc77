package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.CardGatewayStandIn;
import io.remitflow.local.TestServices;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.refunds.CreditBalance;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.Refund;
import io.remitflow.refunds.RefundApprovals;
import io.remitflow.refunds.RefundIssuing;
import io.remitflow.refunds.RefundIssuing.GatewayAnswer;
import io.remitflow.refunds.RefundMethod;
import io.remitflow.refunds.RefundPayouts;
import io.remitflow.refunds.RefundRequest;
import io.remitflow.refunds.RefundStatus;
import io.remitflow.refunds.Refunds;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

    @Test
    void v5_aCardRefundThatNeverReachedItsGatewayIsNotSentAfterTheTakeback(@TempDir Path directory) {
        UUID refund = cardRefund("ch_unsent");
        try (var down = new CardGatewayStandIn(directory.resolve("gateway.json"))) {
            assertThat(issue(refund)).isEqualTo(GatewayAnswer.OPEN);
            thePayerTakesBack();
            assertThat(warning(refund)).contains("If the gateway does not have it yet, it is not sent");

            down.confirmAfter(Duration.ofHours(1)).start(TestServices.partnerPort());
            for (int i = 0; i < 2; i++) {
                assertThatExceptionOfType(RuleViolation.class)
                        .isThrownBy(() -> issue(refund))
                        .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.REFUND_EXCEEDS_PAYMENT));
            }
            assertThat(down.refundsOf("ch_unsent")).isEmpty();
            books.hospital.run(() -> books.bean(RefundApprovals.class).fellShort(refund));
            assertThat(refund(refund).status()).isEqualTo(RefundStatus.PENDING);
            assertThatExceptionOfType(RuleViolation.class)
                    .as("nobody approved it anew")
                    .isThrownBy(() -> issue(refund));

            // Somebody found out that it is other money after all.
            books.hospital.runAs(
                    Role.BILLING_MANAGER,
                    () -> books.bean(RefundApprovals.class)
                            .decide(
                                    refund,
                                    new ApprovalDecision(1, refund(refund).version(), true, null)));
            issue(refund);
            assertThat(down.refundsOf("ch_unsent"))
                    .singleElement()
                    .satisfies(booked ->
                            assertThat(booked.key()).as("the key of before").isEqualTo("refund-" + refund + "-1"));
        }
    }

    @Test
    void v5_aCardRefundThatItsGatewayHasIsConfirmedAndMarkedWhenThePayerTakesBack(@TempDir Path directory) {
        UUID refund = cardRefund("ch_answer_lost");
        try (var gateway = new CardGatewayStandIn(directory.resolve("gateway.json"))) {
            gateway.behave("ch_answer_lost", CardGatewayStandIn.Behaviour.LOSE_ANSWER);
            gateway.confirmAfter(Duration.ofHours(1)).start(TestServices.partnerPort());
            assertThat(issue(refund)).isEqualTo(GatewayAnswer.OPEN);
            thePayerTakesBack();
            gateway.setState("refund-" + refund + "-1", "succeeded", null);

            assertThat(issue(refund)).isEqualTo(GatewayAnswer.CONFIRMED);

            assertThat(gateway.refundsOf("ch_answer_lost")).hasSize(1);
            assertThat(refund(refund).holdReason()).contains("The payer takes 40.00 of this claim back");
        }
    }

    @Test
    void v5_aCardRefundHeldBeforeItsFirstCallIsNeverSent(@TempDir Path directory) {
        UUID refund = cardRefund("ch_held_first");
        try (var gateway = new CardGatewayStandIn(directory.resolve("gateway.json"))) {
            gateway.start(TestServices.partnerPort());
            thePayerTakesBack();

            assertThatExceptionOfType(RuleViolation.class).isThrownBy(() -> issue(refund));

            assertThat(gateway.refundsOf("ch_held_first")).isEmpty();
            assertThat(refund(refund).status()).isEqualTo(RefundStatus.APPROVED);
        }
    }

    /** Approved by rule, of a claim C3 that the patient paid by card. */
    private UUID cardRefund(String transaction) {
        books.claim("C3", "500.00");
        books.receive(EraText.of("CR1", "300", ReversalsIntegrationTests.ANSWER.replace("*C1*", "*C3*")));
        var claim = books.claimOf("C3");
        books.hospital.run(() -> books.bean(Payments.class)
                .record(NewPayment.card(
                        claim.accountId(),
                        claim.id(),
                        books.bean(Organizations.class).today(),
                        Amounts.parse("75.00", "USD"),
                        "4242",
                        Gateways.SANDBOX,
                        transaction)));
        books.receive(
                EraText.of("CR2", "40", (ReversalsIntegrationTests.REVERSAL + CORRECTED).replace("*C1*", "*C3*")));
        AtomicReference<UUID> id = new AtomicReference<>();
        books.hospital.runAs(Role.BILLING_CLERK, () -> {
            CreditBalance credit = books.bean(CreditBalances.class).list(CreditBalance.State.OPEN, 10).stream()
                    .filter(each -> claim.id().equals(each.claimId()))
                    .findFirst()
                    .orElseThrow();
            id.set(books.bean(Refunds.class)
                    .request(new RefundRequest(
                            java.util.Objects.requireNonNull(credit.paymentId()),
                            credit.amount(),
                            null,
                            "overpayment",
                            "Paid too much",
                            null)));
        });
        ruleLetsItPass(id.get());
        return id.get();
    }

    /** The payer withholds it from another claim's payment. */
    private void thePayerTakesBack() {
        books.claim("C2", "500.00");
        books.receive(EraText.of(
                "CR3",
                "260",
                ReversalsIntegrationTests.ANSWER.replace("*C1*", "*C2*") + "PLB*1234567893*20261231*WO:C3*40\n"));
    }

    private GatewayAnswer issue(UUID refund) {
        return books.hospital
                .call(() -> books.bean(RefundIssuing.class).issue(refund))
                .answer();
    }

    private String warning(UUID refund) {
        return books.hospital.call(() -> books.bean(Timeline.class).of(Refunds.SUBJECT, refund)).stream()
                .filter(entry -> entry.step().equals("Warning"))
                .map(TimelineEntry::text)
                .findFirst()
                .orElseThrow();
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

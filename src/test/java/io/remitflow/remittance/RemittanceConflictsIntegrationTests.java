package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** The same payment with other content (key c), and what was rejected or held and is looked at once more. */
@BooksTest
class RemittanceConflictsIntegrationTests {

    private static final AtomicLong KEYS = new AtomicLong(8_000);

    RemittanceBooks books;
    RemittanceConflicts conflicts;
    RemittanceReviews reviews;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "100.00").claim("C2", "100.00");
        conflicts = books.bean(RemittanceConflicts.class);
        reviews = books.bean(RemittanceReviews.class);
        books.receive(EraText.of("CF1", "80.00", body("C1")));
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void c_isNeverPostedByItself() {
        UUID conflict = conflicting();

        assertThat(review(conflict).reasons()).containsExactly("The same payment is posted with other content");
        assertThat(review(conflict).step()).isEqualTo(RemittanceReviewSteps.DECIDE_CONFLICT);
        assertThat(books.insuranceBalance("C2")).isEqualTo(usd("100.00"));
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.hospital.call(() -> reviews.post(conflict)))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.REMITTANCE_NOT_IN_REVIEW));
    }

    @Test
    void c_thePostedPaymentSentAgainIsRejectedWithPersonAndReason() {
        UUID conflict = conflicting();

        decide(conflict, ConflictChoice.RESEND, "The payer corrected a remark");

        assertThat(review(conflict).state()).isEqualTo(RemittanceState.REJECTED);
        assertThat(review(conflict).conflict()).satisfies(decision -> {
            assertThat(decision.choice()).isEqualTo(ConflictChoice.RESEND);
            assertThat(decision.reason()).isEqualTo("The payer corrected a remark");
            assertThat(decision.by()).isEqualTo(books.hospital.user(Role.BILLING_MANAGER));
        });
        assertThat(steps(conflict)).contains("The posted payment sent again");
        assertThat(books.insuranceBalance("C2")).isEqualTo(usd("100.00"));
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
        assertThat(books.receive(
                                "once-more.835",
                                (EraText.of("CF1", "80.00", body("C2")).text() + "\n")
                                        .getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .remittances()
                        .getFirst()
                        .state())
                .as("the rejected content once more is a duplicate of it")
                .isEqualTo(RemittanceState.DUPLICATE);
    }

    @Test
    void c_anotherPaymentIsPostedBesideTheFirst() {
        UUID conflict = conflicting();
        RemittancePreview preview =
                books.hospital.call(() -> books.bean(RemittancePreviews.class).of(conflict));
        assertThat(preview.outcome()).as("what posting it would do").isEqualTo(RemittanceState.POSTED);

        decide(conflict, ConflictChoice.ANOTHER_PAYMENT, "Two payments on one day");
        assertThat(books.hospital.call(() -> reviews.post(conflict))).isEqualTo(RemittanceState.POSTED);

        assertThat(books.insuranceBalance("C2")).isEqualTo(usd("0.00"));
        assertThat(books.balanceMinor("1050")).isEqualTo(16_000);
        assertThat(books.queryAll(
                        "select payment_number from billing_remittances order by payment_number", Integer.class))
                .containsExactly(1, 2);
        assertThat(books.queryAll("select expected_amount from billing_settlements", Long.class))
                .as("both are expected under the trace number")
                .containsExactly(16_000L);
    }

    @Test
    void c_anotherPaymentStillNeedsTheApprovalThatThePolicyWants() {
        books.hospital.run(
                () -> books.bean(ReviewPolicies.class).change(new ReviewPolicy(usd("50.00"), false, Set.of())));
        UUID conflict = conflicting();
        assertThat(review(conflict).reasons())
                .containsExactly("The same payment is posted with other content", "It moves more than 50.00");

        decide(conflict, ConflictChoice.ANOTHER_PAYMENT, "Two payments on one day");

        assertThat(review(conflict).approved()).isNull();
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.hospital.call(() -> reviews.post(conflict)));
        books.hospital.run(() -> reviews.ruleAnswered(conflict, List.of("cfo"), "Test rule"));
        books.hospital.runAs(
                Role.CFO, () -> reviews.decide(conflict, new ApprovalDecision(KEYS.incrementAndGet(), 1, true, null)));
        assertThat(books.hospital.call(() -> reviews.post(conflict))).isEqualTo(RemittanceState.POSTED);
    }

    @Test
    void c8_whoeverCompletesTheTaskInTasklistIsCheckedAfterwards() {
        UUID conflict = conflicting();

        complete(conflict, Role.BILLING_CLERK, Map.of("conflictChoice", "another-payment", "conflictReason", "So"));
        assertThat(review(conflict).conflict()).isNull();
        assertThat(review(conflict).refusalReason()).contains("permission");
        complete(conflict, Role.BILLING_MANAGER, Map.of("conflictChoice", "another-payment"));
        assertThat(review(conflict).refusalReason()).contains("characters why");
        complete(conflict, Role.BILLING_MANAGER, Map.of("conflictChoice", "reject", "conflictReason", "Not ours"));

        assertThat(review(conflict).state()).isEqualTo(RemittanceState.REJECTED);
        assertThat(review(conflict).refusalReason()).isNull();
    }

    @Test
    void c_whoeverUploadedTheSecondOneDoesNotDecideWhatItIs() {
        Receipt[] receipt = new Receipt[1];
        books.hospital.runAs(
                Role.BILLING_MANAGER, () -> receipt[0] = books.receive(EraText.of("CF1", "80.00", body("C2"))));
        UUID conflict = receipt[0].remittances().getFirst().id();

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> decide(conflict, ConflictChoice.ANOTHER_PAYMENT, "Two payments on one day"))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.SELF_APPROVAL));
        complete(
                conflict,
                Role.BILLING_MANAGER,
                Map.of("conflictChoice", "another-payment", "conflictReason", "Two payments"));
        assertThat(review(conflict).refusalReason()).contains("uploaded");
        books.hospital.runAs(
                Role.CFO,
                () -> conflicts.decide(conflict, KEYS.incrementAndGet(), ConflictChoice.REJECT, "It is altered"));

        assertThat(review(conflict).state()).isEqualTo(RemittanceState.REJECTED);
    }

    @Test
    void aRejectedRemittanceOpenedAgainIsPostedOnlyAfterAnApprovalBySomebodyElse() {
        UUID conflict = conflicting();
        decide(conflict, ConflictChoice.REJECT, "Not ours");
        ended(conflict);

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> reopen(conflict, " "))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.INVALID_INPUT));
        reopen(conflict, "It was ours");

        assertThat(review(conflict).state()).isEqualTo(RemittanceState.REVIEW);
        assertThat(review(conflict).round()).isEqualTo(2);
        assertThat(review(conflict).conflict()).as("decided anew").isNull();
        assertThat(books.insuranceBalance("C2")).isEqualTo(usd("100.00"));
        decide(conflict, ConflictChoice.ANOTHER_PAYMENT, "The payer confirmed it");
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.hospital.call(() -> reviews.post(conflict)));
        books.hospital.run(() -> reviews.ruleAnswered(conflict, List.of("billing-manager"), "Test rule"));
        assertThatExceptionOfType(RuleViolation.class)
                .as("whoever opened it again does not approve it")
                .isThrownBy(() -> approve(Role.BILLING_MANAGER, conflict))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.SELF_APPROVAL));
        approve(Role.CFO, conflict);
        assertThat(books.hospital.call(() -> reviews.post(conflict))).isEqualTo(RemittanceState.POSTED);
        assertThat(steps(conflict)).contains("Not to be posted", "Opened again", "Approved", "Posted");
    }

    @Test
    void aCorrectedOneTakesThePlaceOfThePosted() {
        UUID posted = books.query("select id from billing_remittances where state = 'posted'", UUID.class);
        UUID conflict = conflicting();
        decide(conflict, ConflictChoice.REJECT, "It counts instead of the other");
        ended(conflict);
        books.hospital.runAs(
                Role.BILLING_MANAGER,
                () -> books.bean(RemittanceReversals.class).reverse(posted, "The payer corrected it"));

        reopen(conflict, "The payer corrected it");
        assertThat(review(conflict).conflictWith())
                .as("nothing posted reports this payment any more")
                .isNull();
        books.hospital.run(() -> reviews.ruleAnswered(conflict, List.of("billing-manager"), "Test rule"));
        approve(Role.CFO, conflict);

        assertThat(books.hospital.call(() -> reviews.post(conflict))).isEqualTo(RemittanceState.POSTED);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("100.00"));
        assertThat(books.insuranceBalance("C2")).isEqualTo(usd("0.00"));
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
    }

    @Test
    void whatDoesNotBalanceOrIsPostedIsNotOpenedAgain() {
        UUID held = books.receive(EraText.of("CF9", "80.01", body("C2")))
                .remittances()
                .getFirst()
                .id();
        UUID posted = books.query("select id from billing_remittances where state = 'posted'", UUID.class);

        for (UUID each : List.of(held, posted)) {
            assertThatExceptionOfType(RuleViolation.class)
                    .isThrownBy(() -> reopen(each, "Please"))
                    .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.REMITTANCE_NOT_REOPENABLE));
        }
    }

    private static String body(String claim) {
        return "CLP*%s*1*100*80*20*12*P%1$s*11*1\nCAS*PR*1*20\nNM1*QC*1*DOE*JANE\n".formatted(claim);
    }

    private UUID conflicting() {
        Receipt receipt = books.receive(EraText.of("CF1", "80.00", body("C2")));
        assertThat(receipt.remittances().getFirst().state()).isEqualTo(RemittanceState.REVIEW);
        return receipt.remittances().getFirst().id();
    }

    private RemittanceReview review(UUID id) {
        return books.hospital.call(() -> reviews.get(id));
    }

    private void decide(UUID id, ConflictChoice choice, String reason) {
        books.hospital.runAs(Role.BILLING_MANAGER, () -> conflicts.decide(id, KEYS.incrementAndGet(), choice, reason));
    }

    private void approve(Role role, UUID id) {
        books.hospital.runAs(
                role,
                () -> reviews.decide(
                        id,
                        new ApprovalDecision(
                                KEYS.incrementAndGet(), reviews.get(id).round(), true, null)));
    }

    private void reopen(UUID id, String reason) {
        books.hospital.runAs(Role.BILLING_MANAGER, () -> reviews.reopen(id, reason));
    }

    private void complete(UUID id, Role role, Map<String, Object> variables) {
        books.hospital.user(role);
        books.hospital.run(() -> conflicts.taskCompleted(
                id,
                List.of(new CompletedTask(
                        KEYS.incrementAndGet(), books.hospital.signInName(role), java.time.Instant.EPOCH, variables)),
                KEYS.incrementAndGet()));
    }

    /** As the engine tells it; there is none here. */
    private void ended(UUID id) {
        books.hospital.run(() -> {
            long instance = KEYS.incrementAndGet();
            var instances = books.bean(ProcessInstances.class);
            instances.started(RemittanceReviewSteps.PROCESS, review(id).processKey(), instance);
            instances.ended(RemittanceReviewSteps.PROCESS, review(id).processKey(), instance);
        });
    }

    private List<String> steps(UUID id) {
        return books.hospital.call(() -> books.bean(Timeline.class).of("remittance", id)).stream()
                .map(TimelineEntry::step)
                .toList();
    }
}

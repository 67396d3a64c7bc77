package io.remitflow.refunds;

import static io.remitflow.refunds.RefundFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.intake.IntakeFile;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.PaymentMethod;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.refunds.gateway.AchOutbox;
import io.remitflow.workflow.RelatedCases;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Refunds by ACH: from the bank account of the payee to the file for the bank, and back if the bank returns it. */
@BooksTest
class AchRefundsIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    AchBatches batches;

    @Autowired
    AchReturns returns;

    @Autowired
    AchDestinations destinations;

    @Autowired
    Refunds refunds;

    @Autowired
    RefundBooking booking;

    @Autowired
    AchOutbox outbox;

    @Value("${remitflow.outbox.directory}")
    Path outboxDirectory;

    @LocalServerPort
    int port;

    PayoutBooks payouts;

    @BeforeEach
    void openHospital() {
        payouts = new PayoutBooks(context);
    }

    @Test
    void allApprovedRefundsLeaveInOneFileThatAThirdPersonReleases() {
        payouts.bankAccount("123456789");
        UUID first = payouts.approved(RefundMethod.ACH, "120.50");
        UUID second = payouts.approved(RefundMethod.ACH, "300.00");
        payouts.requested(RefundMethod.ACH, "70.00");

        refused(Refusal.REFUND_NOT_IN_STATE, () -> payouts.release(Role.BILLING_CLERK));
        refused(Refusal.REFUND_NOT_IN_STATE, () -> payouts.release(Role.BILLING_MANAGER));
        AchBatch batch = payouts.release(Role.ACCOUNTING_STAFF);

        assertThat(batch.entries()).isEqualTo(2);
        assertThat(batch.amount()).isEqualTo(usd("420.50"));
        String text = payouts.books.as(
                Role.ACCOUNTING_STAFF, () -> new String(batches.file(batch.id()), StandardCharsets.US_ASCII));
        assertThat(NachaReader.read(text).items()).isEmpty();
        assertThat(text).contains("622021000021123456789", "0000012050", "0000030000", "ANA NUNEZ");
        assertThat(payouts.clearing("ach-batch", batch.number())).isEqualTo(usd("-420.50"));
        for (UUID refund : List.of(first, second)) {
            assertThat(payouts.books.refund(refund)).satisfies(state -> {
                assertThat(state.status()).isEqualTo(RefundStatus.PROCESSING);
                assertThat(state.step()).isEqualTo(RefundSteps.AWAIT_RETURN);
                assertThat(state.payoutReference()).isEqualTo(batch.number());
                assertThat(state.journalEntryId()).isNotNull();
            });
            payouts.books.hospital.run(() -> assertThat(
                            refunds.refundable(payouts.books.refund(refund).paymentId()))
                    .as("booked once, counted once")
                    .isEqualTo(usd("0.00")));
        }
        refused(Refusal.REFUND_NOT_IN_STATE, () -> payouts.release(Role.ACCOUNTING_STAFF));
        payouts.books.hospital.run(() -> booking.complete(first));
        assertThat(payouts.books.refund(first).status()).isEqualTo(RefundStatus.COMPLETED);
        assertThat(payouts.clearing("ach-batch", batch.number())).isEqualTo(usd("-420.50"));
    }

    @Test
    void traceNumbersAreNeverUsedAgainAndTheAccountNumberIsNowhereToRead() {
        payouts.bankAccount("999988887777");
        payouts.approved(RefundMethod.ACH, "120.00");
        AchBatch first = payouts.release(Role.ACCOUNTING_STAFF);
        payouts.approved(RefundMethod.ACH, "130.00");
        AchBatch second = payouts.release(Role.ACCOUNTING_STAFF);

        List<String> traces = payouts.books.hospital.call(() -> Stream.of(first, second)
                .flatMap(batch -> batches.entries(batch.id()).stream())
                .map(AchBatch.Entry::traceNumber)
                .toList());
        assertThat(traces).containsExactly("091000010000001", "091000010000002");
        assertThat(JdbcClient.create(TestServices.postgres().superuser())
                        .sql("""
                                select count(*) from refund_ach_destinations d, refund_ach_batches b
                                where d.org_id = :org and b.org_id = :org
                                  and (position('999988887777'::bytea in account_encrypted) > 0
                                    or position('999988887777'::bytea in content_encrypted) > 0)
                                """)
                        .param("org", payouts.books.hospital.id().value())
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void aRefundWithoutBankAccountWaitsAndAnotherAccountIsApprovedAnew() {
        UUID refund = payouts.approved(RefundMethod.ACH, "120.00");
        refused(Refusal.REFUND_NOT_IN_STATE, () -> payouts.release(Role.ACCOUNTING_STAFF));

        refused(
                Refusal.INVALID_INPUT,
                () -> payouts.books.hospital.runAs(
                        Role.BILLING_CLERK,
                        () -> destinations.enter(payouts.account, "021000022", "123456789", "checking")));
        payouts.bankAccount("123456789");

        assertThat(payouts.books.refund(refund).status()).isEqualTo(RefundStatus.PENDING);
        assertThat(payouts.books.refund(refund).version()).isEqualTo(2);
        assertThat(messages(refund)).contains("refunds.payout-changed");
        payouts.bankAccount("123456789");
        assertThat(payouts.books.refund(refund).version())
                .as("the same account again")
                .isEqualTo(2);
        payouts.books.ruleAnswers(refund, "billing-manager");
        payouts.books.decide(Role.BILLING_MANAGER, refund, true);
        payouts.books.hospital.run(() -> payouts.bean(RefundPayouts.class).awaitPayout(refund));
        assertThat(payouts.release(Role.ACCOUNTING_STAFF).entries()).isEqualTo(1);
    }

    @Test
    void r03_aReturnReinstatesWhatIsOwedAndTheDeadAccountIsNotUsedAgain() {
        payouts.bankAccount("123456789");
        UUID refund = payouts.approved(RefundMethod.ACH, "120.00");
        UUID other = payouts.approved(RefundMethod.ACH, "80.00");
        AchBatch batch = payouts.release(Role.ACCOUNTING_STAFF);
        String trace = traceOf(batch, refund);
        NachaReturns file = NachaReturns.file().returned("R03", trace, 12_000);

        assertThat(receive(file).state()).isEqualTo(IntakeFile.State.ACCEPTED);

        Refund returned = payouts.books.refund(refund);
        assertThat(returned.status()).isEqualTo(RefundStatus.RETURNED);
        assertThat(returned.declineCode()).isEqualTo("R03");
        assertThat(payouts.clearing("ach-batch", batch.number()))
                .as("what the bank gives back is expected")
                .isEqualTo(usd("-80.00"));
        assertThat(messages(refund)).contains("refunds.came-back", "refunds.returned");
        payouts.books.hospital.run(() -> {
            assertThat(payouts.bean(Payments.class).refundable(returned.paymentId()))
                    .isEqualTo(usd("120.00"));
            assertThat(payouts.bean(PatientAccounts.class).get(payouts.account).patientBalance())
                    .as("payments of 200, one refund of 80 still out")
                    .isEqualTo(usd("-120.00"));
            assertThat(destinations.activeOf(payouts.account)).isEmpty();
        });
        assertThat(payouts.books.refund(other).status()).isEqualTo(RefundStatus.PROCESSING);

        receive(file);
        receive(file.numbered(2));
        assertThat(payouts.books.hospital.call(() -> returns.list(false, 10)))
                .extracting(AchReturn::state)
                .containsExactly(AchReturn.State.REPEATED, AchReturn.State.APPLIED);
        assertThat(payouts.clearing("ach-batch", batch.number())).isEqualTo(usd("-80.00"));
    }

    @Test
    void aReturnAfterTheRefundWasCompletedTakesItBackAsWell() {
        payouts.bankAccount("123456789");
        UUID refund = payouts.approved(RefundMethod.ACH, "120.00");
        AchBatch batch = payouts.release(Role.ACCOUNTING_STAFF);
        payouts.books.hospital.run(() -> booking.complete(refund));

        receive(NachaReturns.file().returned("R16", traceOf(batch, refund), 12_000));

        assertThat(payouts.books.refund(refund).status()).isEqualTo(RefundStatus.RETURNED);
        assertThat(messages(refund)).contains("refunds.returned").doesNotContain("refunds.came-back");
        assertThat(payouts.clearing("ach-batch", batch.number())).isEqualTo(usd("0.00"));
    }

    @Test
    void whatIsNotOursOrNotAsSentWaitsForAPerson() {
        payouts.bankAccount("123456789");
        UUID refund = payouts.approved(RefundMethod.ACH, "120.00");
        AchBatch batch = payouts.release(Role.ACCOUNTING_STAFF);

        receive(NachaReturns.file()
                .returned("R03", "091000010999999", 500)
                .returned("R03", traceOf(batch, refund), 11_999)
                .returned("R61", traceOf(batch, refund), 12_000));

        assertThat(payouts.books.refund(refund).status()).isEqualTo(RefundStatus.PROCESSING);
        List<AchReturn> open = payouts.books.hospital.call(() -> returns.list(true, 10));
        assertThat(open).hasSize(3).allMatch(item -> item.state() == AchReturn.State.UNMATCHED);
        payouts.books.hospital.runAs(
                Role.BILLING_CLERK, () -> returns.dismiss(open.getFirst().id()));
        refused(
                Refusal.TASK_ALREADY_DECIDED,
                () -> payouts.books.hospital.runAs(
                        Role.BILLING_CLERK,
                        () -> returns.dismiss(open.getFirst().id())));
        assertThat(payouts.books.hospital.call(() -> returns.openCount())).isEqualTo(2);
    }

    @Test
    void r61_whatABankReturnsInAnotherWayIsTakenBackByAPersonOnce() {
        payouts.bankAccount("123456789");
        UUID refund = payouts.approved(RefundMethod.ACH, "120.00");
        AchBatch batch = payouts.release(Role.ACCOUNTING_STAFF);
        receive(NachaReturns.file()
                .returned("R61", traceOf(batch, refund), 12_000)
                .returned("R03", "091000010999999", 500)
                .returned("R03", traceOf(batch, refund), 11_999));
        List<AchReturn> open = payouts.books.hospital.call(() -> returns.list(true, 10));
        AchReturn misrouted = only(open, item -> item.code().equals("R61"));
        AchReturn foreign = only(open, item -> item.refundId() == null);
        AchReturn another = only(open, item -> item.amount().equals(usd("119.99")));
        String page = "/app/refunds/ach/returns";
        var clerk = browser(Role.BILLING_CLERK);
        assertThat(clerk.get(page).body()).contains("Take back all the same");
        assertThat(clerk.post(page + "/" + misrouted.id() + "/take-back", Map.of("reason", " "))
                        .statusCode())
                .isEqualTo(400);
        refused(
                Refusal.INVALID_INPUT,
                () -> payouts.books.hospital.runAs(
                        Role.BILLING_CLERK, () -> returns.takeBack(foreign.id(), "The bank says so")));
        assertThat(payouts.books.refund(refund).status()).isEqualTo(RefundStatus.PROCESSING);
        assertThat(browser(Role.ANALYST)
                        .post(page + "/" + misrouted.id() + "/take-back", Map.of("reason", "Because"))
                        .statusCode())
                .isEqualTo(403);

        clerk.post(page + "/" + misrouted.id() + "/take-back", Map.of("reason", "Their letter of Monday"));

        assertThat(payouts.books.refund(refund)).satisfies(state -> {
            assertThat(state.status()).isEqualTo(RefundStatus.RETURNED);
            assertThat(state.declineCode()).isEqualTo("R61");
        });
        assertThat(payouts.clearing("ach-batch", batch.number())).isEqualTo(usd("0.00"));
        assertThat(messages(refund)).contains("refunds.returned");
        payouts.books.hospital.run(() -> {
            assertThat(refunds.refundable(payouts.books.refund(refund).paymentId()))
                    .as("owed again")
                    .isEqualTo(usd("120.00"));
            assertThat(returns.get(misrouted.id())).satisfies(item -> {
                assertThat(item.state()).isEqualTo(AchReturn.State.APPLIED);
                assertThat(item.note()).contains("Taken back: Their letter of Monday");
            });
        });
        assertThat(clerk.get("/app/refunds/" + refund).body()).contains("Came back", "Their letter of Monday");
        refused(
                Refusal.TASK_ALREADY_DECIDED,
                () -> payouts.books.hospital.runAs(
                        Role.BILLING_CLERK, () -> returns.takeBack(misrouted.id(), "Again")));
        refused(
                Refusal.CHANGED_MEANWHILE,
                () -> payouts.books.hospital.runAs(
                        Role.BILLING_CLERK, () -> returns.takeBack(another.id(), "The other one")));
        assertThat(payouts.clearing("ach-batch", batch.number())).isEqualTo(usd("0.00"));
    }

    private static AchReturn only(List<AchReturn> items, Predicate<AchReturn> wanted) {
        assertThat(items).filteredOn(wanted).hasSize(1);
        return items.stream().filter(wanted).findFirst().orElseThrow();
    }

    private TestClient browser(Role role) {
        return TestClient.browser(port).signIn(payouts.books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    @Test
    void d15_aFileWhoseTotalsAreWrongChangesNothing() {
        payouts.bankAccount("123456789");
        UUID refund = payouts.approved(RefundMethod.ACH, "120.00");
        AchBatch batch = payouts.release(Role.ACCOUNTING_STAFF);
        String text = NachaReturns.file()
                .returned("R03", traceOf(batch, refund), 12_000)
                .text();

        IntakeFile file = payouts.books.hospital.call(() -> returns.receive(
                "ach-returns",
                "returns.ach",
                new ByteArrayInputStream(
                        text.replaceFirst("000000012000", "000000012001").getBytes(StandardCharsets.US_ASCII))));

        assertThat(file.state()).isEqualTo(IntakeFile.State.REJECTED);
        assertThat(file.reason()).startsWith("line 5: total of credits in cents of the batch");
        assertThat(payouts.books.refund(refund).status()).isEqualTo(RefundStatus.PROCESSING);
        assertThat(payouts.books.hospital.call(() -> returns.list(false, 10))).isEmpty();
    }

    @Test
    void aNoticeOfChangeIsNoReturnAndTakesEffectWhenAPersonConfirmsIt() {
        payouts.bankAccount("123456789");
        UUID refund = payouts.approved(RefundMethod.ACH, "120.00");
        AchBatch batch = payouts.release(Role.ACCOUNTING_STAFF);
        UUID waiting = payouts.approved(RefundMethod.ACH, "90.00");

        receive(NachaReturns.file().notice("C01", traceOf(batch, refund), "1918171614"));
        assertThat(payouts.books.refund(refund).status()).isEqualTo(RefundStatus.PROCESSING);
        AchReturn notice =
                payouts.books.hospital.call(() -> returns.list(true, 10)).getFirst();
        assertThat(notice.correctedShown()).isEqualTo("account ending 1614");
        assertThat(payouts.books
                        .hospital
                        .call(() -> destinations.activeOf(payouts.account))
                        .orElseThrow()
                        .last4())
                .isEqualTo("6789");

        payouts.books.hospital.runAs(Role.BILLING_CLERK, () -> returns.confirm(notice.id()));

        assertThat(payouts.books
                        .hospital
                        .call(() -> destinations.activeOf(payouts.account))
                        .orElseThrow())
                .satisfies(destination -> {
                    assertThat(destination.last4()).isEqualTo("1614");
                    assertThat(destination.fromNotice()).isTrue();
                });
        assertThat(payouts.books.refund(waiting).status())
                .as("approved for the other account")
                .isEqualTo(RefundStatus.PENDING);
    }

    @Test
    void aNoticeAboutAnAccountThatWasReplacedChangesNothing() {
        payouts.bankAccount("123456789");
        UUID refund = payouts.approved(RefundMethod.ACH, "120.00");
        AchBatch batch = payouts.release(Role.ACCOUNTING_STAFF);
        receive(NachaReturns.file().notice("C02", traceOf(batch, refund), "091000019"));
        payouts.bankAccount("5550001");
        AchReturn notice =
                payouts.books.hospital.call(() -> returns.list(true, 10)).getFirst();

        payouts.books.hospital.runAs(Role.BILLING_CLERK, () -> returns.confirm(notice.id()));

        assertThat(payouts.books
                        .hospital
                        .call(() -> destinations.activeOf(payouts.account))
                        .orElseThrow())
                .satisfies(destination -> {
                    assertThat(destination.last4()).isEqualTo("0001");
                    assertThat(destination.routingNumber()).isEqualTo(PayoutBooks.ROUTING);
                });
        assertThat(payouts.books.hospital.call(() -> returns.get(notice.id()))).satisfies(noted -> {
            assertThat(noted.state()).isEqualTo(AchReturn.State.DISMISSED);
            assertThat(noted.note()).contains("no longer in use");
        });
    }

    @Test
    void aSecondNoticeThatSaysSomethingElseWaitsForAPersonToo() {
        payouts.bankAccount("123456789");
        UUID refund = payouts.approved(RefundMethod.ACH, "120.00");
        String trace = traceOf(payouts.release(Role.ACCOUNTING_STAFF), refund);
        receive(NachaReturns.file().notice("C01", trace, "1918171614"));
        receive(NachaReturns.file().numbered(2).notice("C01", trace, "1918171615"));
        receive(NachaReturns.file().numbered(3).notice("C01", trace, "1918171615"));

        assertThat(payouts.books.hospital.call(() -> returns.list(true, 10)))
                .extracting(AchReturn::correctedShown)
                .containsExactly("account ending 1615", "account ending 1614");
        assertThat(payouts.books.hospital.call(() -> returns.list(false, 10)))
                .extracting(AchReturn::state)
                .containsExactly(AchReturn.State.WAITING, AchReturn.State.WAITING, AchReturn.State.REPEATED);
    }

    @Test
    void aSmallRefundToATypedAccountNeedsASecondPersonThoughThePaymentCameByAch() {
        UUID payment = payouts.books.as(
                Role.BILLING_CLERK,
                () -> payouts.bean(Payments.class)
                        .record(new NewPayment(
                                payouts.account,
                                null,
                                RefundFixture.today(),
                                usd("100.00"),
                                PaymentMethod.ACH,
                                "trace-1",
                                null,
                                null,
                                null)));

        UUID refund = payouts.books.request(payment, "100.00");

        Refund asked = payouts.books.refund(refund);
        assertThat(asked.method()).isEqualTo(RefundMethod.ACH);
        assertThat(asked.originalMethod()).isFalse();
        assertThat(asked.methodReason()).contains("does not say which bank account");
        assertThat(payouts.books.hospital.call(
                        () -> payouts.bean(RefundApprovals.class).facts(refund).inputs()))
                .containsEntry("originalMethod", false);
    }

    @Test
    void c6_refundsOfSeveralPatientsToOneBankAccountAreFoundTogether() {
        payouts.bankAccount("123456789");
        UUID first = payouts.requested(RefundMethod.ACH, "90.00");
        var stranger = new PayoutBooks(context, payouts.books);
        stranger.bankAccount("123456789");
        UUID second = stranger.requested(RefundMethod.ACH, "80.00");
        var another = new PayoutBooks(context, payouts.books);
        another.bankAccount("123456780");
        another.requested(RefundMethod.ACH, "70.00");
        // As before accounts had fingerprints.
        JdbcClient.create(TestServices.postgres().superuser())
                .sql("update refund_ach_destinations set fingerprint = null where org_id = ?")
                .param(payouts.books.hospital.id().value())
                .update();
        Instant since = Instant.now().minus(Duration.ofDays(7));

        payouts.books.hospital.run(() -> payouts.bean(TransactionTemplate.class).executeWithoutResult(transaction -> {
            destinations.completeFingerprints();
            var rows = payouts.bean(RefundRows.class);
            var found = rows.related(rows.get(second), RelatedCases.Relation.PAYEE, List.of(), 8_000, since);
            assertThat(found.others()).extracting(RelatedCases.Numbered::id).containsExactly(first);
            assertThat(found.together()).isEqualTo(usd("170.00"));
        }));
    }

    @Test
    void nobodySendsMoneyToAnAccountTheyTypedOrARefundTheyAskedFor() {
        UserId both = payouts.books.hospital.user(Role.BILLING_CLERK);
        UserId typist = payouts.books.hospital.user(Role.ACCOUNTING_STAFF);
        payouts.books.hospital.run(() -> {
            payouts.bean(Users.class).setRoles(both, Set.of(Role.BILLING_CLERK, Role.ACCOUNTING_STAFF));
            payouts.bean(Users.class).setRoles(typist, Set.of(Role.BILLING_CLERK, Role.ACCOUNTING_STAFF));
        });
        payouts.books.as(
                Role.ACCOUNTING_STAFF,
                () -> destinations.enter(payouts.account, PayoutBooks.ROUTING, "123456789", "checking"));
        UUID refund = payouts.requested(RefundMethod.ACH, "50.00");
        // As a hospital's own, laxer rule might answer.
        payouts.books.ruleAnswers(refund);
        payouts.books.hospital.run(() -> payouts.bean(RefundPayouts.class).awaitPayout(refund));

        refused(Refusal.REFUND_NOT_IN_STATE, () -> payouts.release(Role.BILLING_CLERK));
        refused(Refusal.REFUND_NOT_IN_STATE, () -> payouts.release(Role.ACCOUNTING_STAFF));
        assertThat(payouts.release(Role.BILLING_MANAGER).entries()).isEqualTo(1);
    }

    @Test
    void i1_theFileIsWrittenForTheBankOnceWhateverIsRepeated() throws IOException {
        payouts.bankAccount("123456789");
        payouts.approved(RefundMethod.ACH, "120.00");
        AchBatch batch = payouts.release(Role.ACCOUNTING_STAFF);

        outbox.sendAll();
        outbox.sendAll();

        Path written = outboxDirectory
                .resolve(payouts.books.hospital.code())
                .resolve("ach")
                .resolve(batch.fileName());
        byte[] content = payouts.books.hospital.call(() -> batches.content(batch.id()));
        assertThat(Files.readAllBytes(written)).isEqualTo(content);
        assertThat(batch(batch).state()).isEqualTo(AchBatch.State.SENT);
        Files.delete(written);
        outbox.sendAll();
        assertThat(written).as("the bank fetched it; it does not come again").doesNotExist();
    }

    @Test
    void aFileWhoseWritingFailedIsNotWrittenAgainBeforeAPersonLooked() throws IOException {
        payouts.bankAccount("123456789");
        payouts.approved(RefundMethod.ACH, "120.00");
        AchBatch batch = payouts.release(Role.ACCOUNTING_STAFF);
        Path written = outboxDirectory
                .resolve(payouts.books.hospital.code())
                .resolve("ach")
                .resolve(batch.fileName());
        Files.createDirectories(written.getParent());
        Files.writeString(written, "somebody else's file");

        outbox.sendAll();
        outbox.sendAll();

        assertThat(batch(batch).state()).isEqualTo(AchBatch.State.SENDING);
        assertThat(written).hasContent("somebody else's file");
        Files.delete(written);
        payouts.books.hospital.runAs(Role.ACCOUNTING_STAFF, () -> batches.settleSending(batch.id(), false));
        outbox.sendAll();
        assertThat(batch(batch).state()).isEqualTo(AchBatch.State.SENT);
        assertThat(written).exists();
    }

    private AchBatch batch(AchBatch batch) {
        return payouts.books.hospital.call(() -> batches.get(batch.id()));
    }

    private IntakeFile receive(NachaReturns file) {
        return payouts.books.hospital.call(() -> returns.receive("ach-returns", "returns.ach", file.bytes()));
    }

    private String traceOf(AchBatch batch, UUID refund) {
        return payouts.books.hospital.call(() -> batches.entries(batch.id())).stream()
                .filter(entry -> entry.refundId().equals(refund))
                .findFirst()
                .orElseThrow()
                .traceNumber();
    }

    private List<String> messages(UUID refund) {
        return JdbcClient.create(TestServices.postgres().superuser())
                .sql("select message_name from workflow_outbox where correlation_key = :key")
                .param("key", refund.toString())
                .query(String.class)
                .list();
    }

    private static void refused(Refusal refusal, ThrowingCallable work) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(work)
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(refusal));
    }
}

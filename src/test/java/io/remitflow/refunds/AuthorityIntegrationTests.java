package io.remitflow.refunds;

import static io.remitflow.refunds.RefundFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.adjustments.AdjustmentApprovals;
import io.remitflow.adjustments.AdjustmentRequest;
import io.remitflow.adjustments.AdjustmentStatus;
import io.remitflow.adjustments.AdjustmentType;
import io.remitflow.adjustments.Adjustments;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Delegations;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.CardGatewayStandIn;
import io.remitflow.local.LocalSettings;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.payments.GatewayEvents;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.ApprovalHistory;
import io.remitflow.workflow.RelatedCases.Numbered;
import io.remitflow.workflow.RelatedCases.Relation;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Who may decide about refunds and write-offs, whatever they try. */
@BooksTest
class AuthorityIntegrationTests {

    private static final AtomicLong TASKS = new AtomicLong(40_000_000);

    @Autowired
    ApplicationContext context;

    @Autowired
    RefundApprovals refundApprovals;

    @Autowired
    Adjustments adjustments;

    @Autowired
    AdjustmentApprovals writeOffApprovals;

    @Autowired
    Delegations delegations;

    @Autowired
    Users users;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    TransactionTemplate transactions;

    @LocalServerPort
    int port;

    RefundFixture books;
    UUID debtor;

    @BeforeEach
    void openHospital() {
        books = new RefundFixture(context);
        debtor = books.as(
                Role.BILLING_CLERK,
                () -> context.getBean(PatientAccounts.class).open(NewPatientAccount.of("patient-debtor")));
    }

    @Test
    void c2_aLentRoleIsLentForItsTimeAndNoOther() {
        UserId manager = books.hospital.user(Role.BILLING_MANAGER);
        UserId colleague = books.hospital.user(Role.ACCOUNTING_STAFF);
        books.hospital.run(() -> users.setRoles(manager, Set.of(Role.BILLING_MANAGER, Role.CFO)));

        UUID later = lend(manager, colleague, Set.of(Role.BILLING_MANAGER), Duration.ofDays(1), Duration.ofDays(3));
        UUID refund = waiting("150.00", "billing-manager");
        refused(Refusal.APPROVER_LACKS_AUTHORITY, () -> decide(colleague, refund));
        books.hospital.run(() -> CurrentUser.run(colleague, () -> delegations.end(later)));

        UUID now = lend(manager, colleague, Set.of(Role.BILLING_MANAGER), Duration.ofMinutes(-1), Duration.ofDays(3));
        UUID large = waiting("6000.00", "cfo");
        refused(Refusal.APPROVER_LACKS_AUTHORITY, () -> decide(colleague, large));
        decide(colleague, refund);
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.APPROVED);

        UUID third = waiting("150.00", "billing-manager");
        books.hospital.run(() -> CurrentUser.run(manager, () -> delegations.end(now)));
        refused(Refusal.APPROVER_LACKS_AUTHORITY, () -> decide(colleague, third));
    }

    @Test
    void c2_nobodyLendsThemselvesTheAuthorityOfSomebodyElseOrForLongerThanAMonth() {
        UserId manager = books.hospital.user(Role.BILLING_MANAGER);
        UserId colleague = books.hospital.user(Role.ACCOUNTING_STAFF);
        UserId admin = books.hospital.user(Role.ORG_ADMIN);

        refused(Refusal.NOT_PERMITTED, () -> lendAs(colleague, manager, colleague, Set.of(), Duration.ofDays(3)));
        refused(Refusal.NOT_PERMITTED, () -> lendAs(admin, manager, admin, Set.of(), Duration.ofDays(3)));
        refused(Refusal.INVALID_INPUT, () -> lendAs(manager, manager, manager, Set.of(), Duration.ofDays(3)));
        refused(Refusal.INVALID_INPUT, () -> lendAs(manager, manager, colleague, Set.of(), Duration.ofDays(32)));
        refused(Refusal.INVALID_INPUT, () -> lendAs(manager, manager, colleague, Set.of(Role.CFO), Duration.ofDays(3)));
        refused(Refusal.INVALID_INPUT, () -> lendAs(colleague, colleague, manager, Set.of(), Duration.ofDays(3)));
        lendAs(admin, manager, colleague, Set.of(Role.BILLING_MANAGER), Duration.ofDays(3));
        books.hospital.run(() -> assertThat(delegations.concerning(colleague)).hasSize(1));
    }

    @Test
    void c2_aDelegateOfTheFirstApproverIsNotTheSecond() {
        UserId manager = books.hospital.user(Role.BILLING_MANAGER);
        UserId cfo = books.hospital.user(Role.CFO);
        UserId colleague = books.hospital.user(Role.ACCOUNTING_STAFF);
        UUID refund = waiting("6000.00", "billing-manager", "cfo");
        lend(cfo, colleague, Set.of(), Duration.ofMinutes(-1), Duration.ofDays(3));

        decide(cfo, refund);
        refused(Refusal.APPROVER_LACKS_AUTHORITY, () -> decide(colleague, refund));
        refused(Refusal.APPROVER_USED_BEFORE, () -> decide(cfo, refund));
        refused(Refusal.APPROVER_LACKS_AUTHORITY, () -> decide(manager, refund));
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.PENDING);
    }

    @Test
    void c2_whoeverLentAuthorityDoesNotPayOutWhatWasApprovedWithIt() {
        UserId manager = books.hospital.user(Role.BILLING_MANAGER);
        UserId colleague = books.hospital.user(Role.ACCOUNTING_STAFF);
        lend(manager, colleague, Set.of(), Duration.ofMinutes(-1), Duration.ofDays(3));
        UUID refund = books.request(books.checkPayment("150.00"), "150.00");
        books.ruleAnswers(refund, "billing-manager");
        decide(colleague, refund);
        var payouts = context.getBean(RefundPayouts.class);
        books.hospital.run(() -> payouts.awaitPayout(refund));

        for (UserId person : List.of(manager, colleague)) {
            refused(
                    Refusal.SELF_APPROVAL,
                    () -> books.hospital.run(() ->
                            CurrentUser.run(person, () -> payouts.payOut(refund, TASKS.incrementAndGet(), "7001"))));
        }
    }

    @Test
    void c2_whoeverPreparedAnEarlierVersionNeitherApprovesNorPaysOutALaterOne() {
        UserId manager = books.hospital.user(Role.BILLING_MANAGER);
        UserId colleague = books.hospital.user(Role.ACCOUNTING_STAFF);
        UserId cfo = books.hospital.user(Role.CFO);
        var refunds = context.getBean(Refunds.class);
        var payouts = context.getBean(RefundPayouts.class);
        UUID refund = books.request(books.checkPayment("300.00"), "150.00");
        books.hospital.run(() -> CurrentUser.run(manager, () -> refunds.changeAmount(refund, usd("160.00"))));
        books.hospital.runAs(Role.BILLING_CLERK, () -> refunds.changeAmount(refund, usd("161.00")));
        books.hospital.run(() -> refundApprovals.ruleAnswered(refund, 3, List.of("billing-manager"), "Test rule"));
        lend(manager, colleague, Set.of(), Duration.ofMinutes(-1), Duration.ofDays(3));

        var third = new ApprovalDecision(TASKS.incrementAndGet(), 3, true, null);
        refused(
                Refusal.SELF_APPROVAL,
                () -> books.hospital.run(() -> CurrentUser.run(manager, () -> refundApprovals.decide(refund, third))));
        refused(
                Refusal.APPROVER_LACKS_AUTHORITY,
                () -> books.hospital.run(
                        () -> CurrentUser.run(colleague, () -> refundApprovals.decide(refund, third))));
        books.hospital.run(() -> CurrentUser.run(cfo, () -> refundApprovals.decide(refund, third)));
        books.hospital.run(() -> payouts.awaitPayout(refund));
        refused(
                Refusal.SELF_APPROVAL,
                () -> books.hospital.run(
                        () -> CurrentUser.run(manager, () -> payouts.payOut(refund, TASKS.incrementAndGet(), "7001"))));
        assertThatExceptionOfType(DataIntegrityViolationException.class)
                .as("the database refuses it too")
                .isThrownBy(() -> JdbcClient.create(TestServices.postgres().superuser())
                        .sql("update billing_refunds set approved_by = ? where id = ?")
                        .params(manager.value(), refund)
                        .update());
        books.hospital.run(
                () -> CurrentUser.run(colleague, () -> payouts.payOut(refund, TASKS.incrementAndGet(), "7001")));
    }

    @Test
    void c3_approvingAndRejectingAtTheSameInstantHasOneWinner() throws Exception {
        UserId cfo = books.hospital.user(Role.CFO);
        UserId manager = books.hospital.user(Role.BILLING_MANAGER);
        for (int round = 0; round < 10; round++) {
            UUID refund = waiting("150.00", "billing-manager");
            UUID writeOff = writeOff("60.00");
            long task = TASKS.incrementAndGet();
            long other = TASKS.incrementAndGet();
            assertOneWins(List.of(
                    () -> books.hospital.run(() -> CurrentUser.run(
                            cfo, () -> refundApprovals.decide(refund, new ApprovalDecision(task, 1, false, "No")))),
                    () -> books.hospital.run(() -> CurrentUser.run(
                            manager,
                            () -> refundApprovals.decide(refund, new ApprovalDecision(task, 1, true, null))))));
            assertOneWins(List.of(
                    () -> books.hospital.run(() -> CurrentUser.run(
                            cfo,
                            () -> writeOffApprovals.decide(writeOff, new ApprovalDecision(other, 1, false, "No")))),
                    () -> books.hospital.run(() -> CurrentUser.run(
                            manager,
                            () -> writeOffApprovals.decide(writeOff, new ApprovalDecision(other, 1, true, null))))));
            books.hospital.run(() -> {
                assertThat(refundApprovals.of(refund)).hasSize(1);
                assertThat(writeOffApprovals.of(writeOff)).hasSize(1);
            });
        }
    }

    @Test
    void c3_approvingWhileTheAmountIsChangedNeverApprovesTheNewAmount() throws Exception {
        UserId manager = books.hospital.user(Role.BILLING_MANAGER);
        var refunds = context.getBean(Refunds.class);
        for (int round = 0; round < 10; round++) {
            UUID refund = waiting("150.00", "billing-manager");
            atOnce(List.of(
                    () -> decide(manager, refund),
                    () -> books.hospital.runAs(Role.BILLING_CLERK, () -> refunds.changeAmount(refund, usd("151.00")))));
            Refund after = books.refund(refund);
            books.hospital.run(() -> assertThat(refundApprovals.of(refund))
                    .allSatisfy(approval -> assertThat(approval.amount()).isEqualTo(usd("150.00"))));
            if (after.status() == RefundStatus.APPROVED) {
                assertThat(after.amount()).isEqualTo(usd("150.00"));
            }
        }
    }

    @Test
    void c6_tenWriteOffsJustBelowTheLimitAreJudgedByTheirSum() {
        UUID last = null;
        for (int i = 0; i < 10; i++) {
            last = writeOff("49.00");
        }
        UUID tenth = java.util.Objects.requireNonNull(last);
        books.hospital.run(() -> assertThat(writeOffApprovals.facts(tenth).inputs())
                .containsEntry("amountMinor", 4_900L)
                .containsEntry("exposureMinor", 49_000L));
    }

    @Test
    void c6_requestsOfOneGuarantorCardAndRequesterAreFoundWithTheirSum() {
        UUID mother = account("guarantor-1");
        UUID child = account("guarantor-1");
        UUID stranger = account("guarantor-2");
        UUID first = requestOf(mother, "90.00", "1111");
        UUID second = requestOf(child, "80.00", "2222");
        UUID third = requestOf(stranger, "70.00", "1111");
        var rows = context.getBean(RefundRows.class);
        Instant since = Instant.now().minus(Duration.ofDays(7));
        List<UUID> family =
                books.hospital.call(() -> context.getBean(PatientAccounts.class).ofSameGuarantor(mother));

        books.hospital.run(() -> transactions.executeWithoutResult(tx -> {
            Refund refund = rows.get(first);
            var byGuarantor = rows.related(refund, Relation.GUARANTOR, family, 9_000, since);
            assertThat(byGuarantor.others()).extracting(Numbered::id).containsExactly(second);
            assertThat(byGuarantor.together()).isEqualTo(usd("170.00"));
            assertThat(rows.related(refund, Relation.PAYEE, family, 9_000, since)
                            .others())
                    .extracting(Numbered::id)
                    .containsExactly(third);
            var byRequester = rows.related(refund, Relation.REQUESTER, family, 9_000, since);
            assertThat(byRequester.others()).extracting(Numbered::id).containsExactly(third, second);
            assertThat(byRequester.together()).isEqualTo(usd("240.00"));
            assertThat(rows.related(refund, Relation.GUARANTOR, List.of(), 9_000, since)
                            .others())
                    .isEmpty();
        }));

        UUID credit = creditOnItsWay(child, books.refund(first).requestedBy(), "50.00");
        books.hospital.run(() -> transactions.executeWithoutResult(tx -> {
            for (Relation relation : List.of(Relation.GUARANTOR, Relation.REQUESTER)) {
                assertThat(rows.related(rows.get(first), relation, family, 9_000, since)
                                .others())
                        .as("a credit of the sibling goes elsewhere, %s", relation)
                        .extracting(Numbered::id)
                        .contains(credit);
            }
            assertThat(rows.related(rows.get(first), Relation.GUARANTOR, family, 9_000, since)
                            .together())
                    .isEqualTo(usd("220.00"));
        }));

        JdbcClient.create(TestServices.postgres().superuser())
                .sql("update billing_refunds set requested_at = requested_at - interval '9 days' where id in (?, ?, ?)")
                .params(first, second, third)
                .update();
        books.hospital.run(() -> transactions.executeWithoutResult(tx -> {
            for (Relation relation : Relation.values()) {
                assertThat(rows.related(rows.get(first), relation, family, 9_000, since)
                                .others())
                        .as("still under way, %s", relation)
                        .isNotEmpty();
            }
        }));
    }

    @Test
    void c6_refundsToOneCardAddUpWhateverItsLastDigitsOnTheReceipts() {
        UUID first = requestOf(account("guarantor-1"), "90.00", "1111", "ch_by_hand");
        UUID byPhone = requestOf(account("guarantor-2"), "80.00", "7777", "ch_by_phone");
        UUID another = requestOf(account("guarantor-3"), "70.00", "1111", "ch_another");
        assertThat(toOneCard(first)).as("nothing is known but the digits").containsExactly(another);

        cardOf("ch_by_hand", "Xt5EWLLDS7FJjR1c");
        cardOf("ch_by_phone", "Xt5EWLLDS7FJjR1c");
        cardOf("ch_another", "b9TkYVQnJ2LrWc03");

        assertThat(toOneCard(first)).as("the gateway knows the card").containsExactly(byPhone);
        assertThat(toOneCard(byPhone)).containsExactly(first);
        assertThat(toOneCard(another)).isEmpty();
    }

    @Test
    void c6_theCardIsKnownWhicheverComesFirstThePaymentOrTheNewsOfTheGateway() {
        cardOf("ch_early", "Xt5EWLLDS7FJjR1c");
        UUID early = requestOf(account("guarantor-1"), "90.00", "1111", "ch_early");
        UUID late = requestOf(account("guarantor-2"), "80.00", "7777", "ch_late");

        cardOf("ch_late", "Xt5EWLLDS7FJjR1c");

        assertThat(toOneCard(early)).containsExactly(late);
    }

    @Test
    void c6_whatCouldBeACardNumberIsNeverKeptAsAFingerprint() {
        cardOf("ch_number", "4242424242424242");
        cardOf("ch_number", "card-4242424242424242");

        books.hospital.run(() -> transactions.executeWithoutResult(
                tx -> assertThat(jdbc.sql("select count(*) from payments_card_fingerprints")
                                .query(Long.class)
                                .single())
                        .isZero()));
    }

    private List<UUID> toOneCard(UUID request) {
        var rows = context.getBean(RefundRows.class);
        return books.hospital.call(() -> java.util.Objects.requireNonNull(transactions.execute(tx -> rows
                .related(
                        rows.get(request),
                        Relation.PAYEE,
                        List.of(),
                        0,
                        Instant.now().minus(Duration.ofDays(7)))
                .others()
                .stream()
                .map(Numbered::id)
                .toList())));
    }

    /** The gateway reports the charge, as by webhook. */
    private void cardOf(String charge, String fingerprint) {
        String body = """
                {"id": "evt_%d", "type": "charge.succeeded", "data": {"object": {"object": "charge", "id": "%s",
                 "amount": 9000, "currency": "usd", "status": "succeeded",
                 "payment_method_details": {"card": {"fingerprint": "%s"}}}}}
                """.formatted(TASKS.incrementAndGet(), charge, fingerprint);
        String signature = CardGatewayStandIn.signature(
                body, Instant.now().getEpochSecond(), LocalSettings.GATEWAY_WEBHOOK_SECRET);
        assertThat(books.hospital.call(() -> context.getBean(GatewayEvents.class)
                        .receive(
                                Gateways.SANDBOX,
                                name -> name.equals("Gateway-Signature") ? signature : null,
                                body.getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(GatewayEvents.Receipt.STORED);
    }

    /** The credit that the payment of an account is, on its way to another account. */
    private UUID creditOnItsWay(UUID account, UserId requester, String amount) {
        JdbcClient superuser = JdbcClient.create(TestServices.postgres().superuser());
        UUID credit = superuser
                .sql("select id from billing_credit_balances where account_id = ? limit 1")
                .param(account)
                .query(UUID.class)
                .single();
        superuser
                .sql("""
                        insert into billing_credit_returns (org_id, id, credit_id, kind, amount, currency, target_account_id,
                            reason, status, requested_by, requested_at)
                        values (?, ?, ?, 'transfer', ?, 'USD', ?, 'For the sibling', 'pending', ?, now())
                        """)
                .params(
                        books.hospital.id().value(),
                        UUID.randomUUID(),
                        credit,
                        usd(amount).getAmountMinorLong(),
                        books.account,
                        requester.value())
                .update();
        return credit;
    }

    private UUID account(String guarantor) {
        return books.as(
                Role.BILLING_CLERK,
                () -> context.getBean(PatientAccounts.class)
                        .open(new NewPatientAccount(
                                "patient-" + UUID.randomUUID(), null, null, null, guarantor, "self")));
    }

    private UUID requestOf(UUID account, String amount, String lastFour) {
        return requestOf(account, amount, lastFour, "ch_" + TASKS.incrementAndGet());
    }

    private UUID requestOf(UUID account, String amount, String lastFour, String charge) {
        UUID payment = books.as(
                Role.BILLING_CLERK,
                () -> context.getBean(Payments.class)
                        .record(NewPayment.card(
                                account,
                                null,
                                RefundFixture.today(),
                                usd(amount),
                                lastFour,
                                Gateways.SANDBOX,
                                charge)));
        return books.request(payment, amount);
    }

    @Test
    void c7_aRoleTakenAwayBeforeTheDecisionIsRefusedAndLogged() {
        UUID writeOff = writeOff("60.00");
        UserId manager = books.hospital.user(Role.BILLING_MANAGER);
        books.hospital.run(() -> users.setRoles(manager, Set.of(Role.ANALYST)));

        refused(
                Refusal.APPROVER_LACKS_AUTHORITY,
                () -> books.hospital.run(() -> CurrentUser.run(
                        manager,
                        () -> writeOffApprovals.decide(
                                writeOff, new ApprovalDecision(TASKS.incrementAndGet(), 1, true, null)))));
        books.hospital.run(() -> transactions.executeWithoutResult(
                tx -> assertThat(jdbc.sql("select count(*) from audit_log where action = 'write-off-approval-refused'")
                                .query(Long.class)
                                .single())
                        .isEqualTo(1)));
    }

    @Test
    void theHistoryKnowsWhatEachPersonDecidedAndTheAuditLogWhoTookItOut() {
        UUID refund = waiting("150.00", "billing-manager");
        UUID writeOff = writeOff("60.00");
        decide(books.hospital.user(Role.BILLING_MANAGER), refund);
        books.hospital.runAs(
                Role.CFO,
                () -> writeOffApprovals.decide(
                        writeOff, new ApprovalDecision(TASKS.incrementAndGet(), 1, false, "Still collectible")));
        var history = context.getBean(ApprovalHistory.class);

        books.hospital.runAs(Role.CFO, () -> {
            assertThat(history.list(new ApprovalHistory.Filter(null, null, null, null, null), 50))
                    .hasSize(2);
            assertThat(history.list(new ApprovalHistory.Filter(CurrentUser.id(), null, false, null, null), 50))
                    .singleElement()
                    .satisfies(entry -> {
                        assertThat(entry.type()).isEqualTo("write-off");
                        assertThat(entry.number()).startsWith("WO-");
                        assertThat(entry.comment()).isEqualTo("Still collectible");
                    });
            assertThat(history.export(new ApprovalHistory.Filter(null, "refund", true, null, null)))
                    .extracting(ApprovalHistory.Entry::caseId)
                    .containsExactly(refund);
        });
        books.hospital.run(() -> transactions.executeWithoutResult(
                tx -> assertThat(jdbc.sql("select count(*) from audit_log where action = 'approvals.exported'")
                                .query(Long.class)
                                .single())
                        .isEqualTo(1)));
    }

    @Test
    void whatTwoLevelsApprovedCountsOnceInTheTotal() {
        UUID refund = waiting("6000.00", "billing-manager", "cfo");
        decide(books.hospital.user(Role.BILLING_MANAGER), refund);
        decide(books.hospital.user(Role.CFO), refund);

        var totals = books.hospital.call(() -> context.getBean(ApprovalHistory.class)
                .totals(new ApprovalHistory.Filter(null, Refunds.SUBJECT, null, null, null)));

        assertThat(totals.decisions()).isEqualTo(2);
        assertThat(totals.approved()).containsExactly(usd("6000.00"));
    }

    @Test
    void anExportIsWholeOrRefused() {
        UUID refund = waiting("150.00", "billing-manager");
        decide(books.hospital.user(Role.BILLING_MANAGER), refund);
        JdbcClient.create(TestServices.postgres().superuser())
                .sql("""
                        insert into workflow_approvals (org_id, id, subject_type, subject_id, subject_version, level, level_role,
                            decision, amount, currency, decided_by, decided_as, requested_by, prepared_by, task_key, source,
                            decided_at, case_number, warnings)
                        select org_id, gen_random_uuid(), 'test', gen_random_uuid(), 1, 1, level_role, decision, amount,
                            currency, decided_by, decided_as, requested_by, prepared_by, -n, source,
                            decided_at - interval '40 days', 'test', '{}'
                        from workflow_approvals, generate_series(1, 10000) n where subject_id = ?
                        """)
                .param(refund)
                .update();
        TestClient manager =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);

        var refused = manager.get("/app/approvals/export");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("more than 10,000 decisions");
        assertThat(manager.get("/app/approvals/export?from="
                                + RefundFixture.today().minusDays(7))
                        .body())
                .contains(refund.toString());
        assertThat(manager.get("/app/approvals").body())
                .as("the footer is about all of them")
                .contains("The 100 newest are shown, of 10,001.", "Approved in all, USD", "1,500,150.00");
        // Nobody held a role when these were decided.
        books.hospital.forget();
    }

    @Test
    void theOnlyCfoIsWarnedBeforeTakingALevelAfterWhichNobodyWouldBeLeft() {
        UUID refund = waiting("6000.00", "billing-manager", "cfo");
        UserId cfo = books.hospital.user(Role.CFO);
        UserId manager = books.hospital.user(Role.BILLING_MANAGER);
        assertThat(warning(cfo, refund))
                .hasValueSatisfying(words -> assertThat(words)
                        .contains("Nobody but you may decide level 2, as CFO", "leave this one to a colleague"));
        assertThat(warning(manager, refund)).isEmpty();
        var page = TestClient.browser(port).signIn(books.hospital.signInName(Role.CFO), TestHospital.PASSWORD);
        assertThat(page.get("/app/refunds/" + refund).body()).contains("Nobody but you may decide level 2");

        decide(cfo, refund);
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> decide(cfo, refund))
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.APPROVER_USED_BEFORE))
                .withMessageContaining("somebody else who may decide as CFO");

        UUID next = waiting("6000.00", "billing-manager", "cfo");
        books.hospital.run(() -> users.setRoles(manager, Set.of(Role.BILLING_MANAGER, Role.CFO)));
        assertThat(warning(cfo, next)).isEmpty();
    }

    private Optional<String> warning(UserId person, UUID refund) {
        AtomicReference<Optional<String>> warning = new AtomicReference<>(Optional.empty());
        books.hospital.run(() -> CurrentUser.run(person, () -> warning.set(refundApprovals.warningAboutMe(refund))));
        return warning.get();
    }

    @Test
    void g2_whatWasDecidedCanBeChangedByNobodyWhoUsesTheApplication() {
        UUID refund = waiting("150.00", "billing-manager");
        decide(books.hospital.user(Role.BILLING_MANAGER), refund);

        for (String change : List.of(
                "update workflow_approvals set decision = 'reject'",
                "delete from workflow_approvals",
                "truncate workflow_approvals")) {
            assertThatExceptionOfType(DataAccessException.class)
                    .as(change)
                    .isThrownBy(() -> books.hospital.run(() -> transactions.executeWithoutResult(
                            transaction -> jdbc.sql(change).update())))
                    .havingRootCause()
                    .withMessageContaining("permission denied for table workflow_approvals");
        }
    }

    @Test
    void d17_anApiThatDoesNotSayWhichVersionItLookedAtDecidesNothing() {
        UUID refund = waiting("150.00", "billing-manager");
        UUID writeOff = writeOff("60.00");
        TestClient manager =
                TestClient.api(port, books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);

        for (String path : List.of(
                "/billing/refunds/%s/approval".formatted(refund),
                "/billing/adjustments/%s/approval".formatted(writeOff))) {
            var answer = manager.json("POST", path, "{\"decision\": \"approve\"}");
            assertThat(answer.statusCode()).as(path).isEqualTo(400);
            assertThat(answer.body()).contains("invalid-input");
        }
    }

    @Test
    void e9_aClerkDecidesNothingWhateverFieldsAreSent() {
        UUID refund = waiting("150.00", "billing-manager");
        UUID writeOff = writeOff("60.00");
        TestClient clerk =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        clerk.get("/app/inbox");
        Map<String, String> form = Map.of(
                "task", "1", "version", "1", "decision", "approve", "role", "cfo", "decidedAs", "cfo", "choice", "1:1");

        for (String path : List.of(
                "/app/refunds/%s/approval".formatted(refund),
                "/app/write-offs/%s/approval".formatted(writeOff),
                "/app/approvals")) {
            assertThat(clerk.post(path, form).statusCode()).as(path).isEqualTo(403);
        }
        assertThat(clerk.get("/app/approvals/export").statusCode()).isEqualTo(403);
        assertThat(clerk.get("/app/approvals").statusCode()).isEqualTo(200);
        TestClient api = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        for (String path : List.of(
                "/billing/refunds/%s/approval".formatted(refund),
                "/billing/adjustments/%s/approval".formatted(writeOff))) {
            assertThat(api.json("POST", path, "{\"decision\": \"approve\", \"version\": 1}")
                            .statusCode())
                    .as(path)
                    .isEqualTo(403);
        }
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.PENDING);
    }

    @Test
    void e10_fieldsThatNobodyMaySendChangeNothing() {
        UUID payment = books.cardPayment("300.00", "ch_e10");
        TestClient clerk = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        String other = UUID.randomUUID().toString();
        var answer = clerk.send(clerk.request("/billing/payments/" + payment + "/refund")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "e10")
                .POST(BodyPublishers.ofString("""
                        {"amount": "150.00", "reason": "overpayment", "description": "Paid twice",
                         "status": "approved", "approvedBy": "%1$s", "orgId": "%1$s", "levels": [], "version": 7,
                         "originalMethod": true, "approvalLevels": [], "requestedBy": "%1$s"}
                        """.formatted(other))));
        UserId requester = books.hospital.user(Role.BILLING_CLERK);
        if (answer.statusCode() < 300) {
            books.hospital.run(() -> assertThat(
                            context.getBean(Refunds.class).list(new RefundFilter(null, false, null, payment, null, 5)))
                    .singleElement()
                    .satisfies(refund -> {
                        assertThat(refund.status()).isEqualTo(RefundStatus.PENDING);
                        assertThat(refund.requestedBy()).isEqualTo(requester);
                        assertThat(refund.approvedBy()).isNull();
                        assertThat(refund.levels()).isNull();
                        assertThat(refund.version()).isEqualTo(1);
                    }));
        } else {
            assertThat(answer.statusCode()).isEqualTo(400);
        }

        owes(books.account, "500.00");
        var writeOff = clerk.send(clerk.request("/billing/adjustments")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "e10-write-off")
                .POST(BodyPublishers.ofString("""
                        {"accountId": "%s", "responsibility": "patient", "type": "write_off", "amount": "60.00",
                         "reason": "Not collectible", "status": "posted", "approvedBy": "%s", "journalEntryId": "%s"}
                        """.formatted(books.account, other, other))));
        if (writeOff.statusCode() < 300) {
            assertThat(writeOff.body()).contains("\"status\":\"pending\"").doesNotContain(other);
        } else {
            assertThat(writeOff.statusCode()).isEqualTo(400);
        }
    }

    private UUID waiting(String amount, String... levels) {
        UUID refund = books.request(books.cardPayment("7000.00", "ch_" + TASKS.incrementAndGet()), amount);
        books.ruleAnswers(refund, levels);
        return refund;
    }

    private UUID writeOff(String amount) {
        owes(debtor, amount);
        UUID id = books.as(
                Role.BILLING_CLERK,
                () -> adjustments.request(new AdjustmentRequest(
                        debtor,
                        null,
                        Responsibility.PATIENT,
                        AdjustmentType.WRITE_OFF,
                        usd(amount),
                        "Not collectible")));
        books.hospital.run(() -> writeOffApprovals.ruleAnswered(id, 1, List.of("billing-manager"), "Test rule"));
        assertThat(books.hospital.call(() -> adjustments.get(id)).status()).isEqualTo(AdjustmentStatus.PENDING);
        return id;
    }

    private void owes(UUID account, String amount) {
        String key = "owes:" + UUID.randomUUID();
        books.hospital.run(() -> transactions.executeWithoutResult(transaction -> {
            var entry = context.getBean(Journal.class)
                    .post(NewEntry.on(RefundFixture.today(), "test", key, "Charge")
                            .debit(StandardAccount.AR_PATIENTS, usd(amount))
                            .credit(StandardAccount.REVENUE_OUTPATIENT, usd(amount))
                            .inOpenPeriod()
                            .build());
            context.getBean(PatientAccounts.class)
                    .record(new AccountPosting(
                            account,
                            RefundFixture.today(),
                            TransactionType.CHARGE,
                            Responsibility.PATIENT,
                            usd(amount),
                            null,
                            null,
                            null,
                            entry.id(),
                            "Charge",
                            key));
        }));
    }

    private UUID lend(UserId delegator, UserId delegate, Set<Role> roles, Duration from, Duration until) {
        Instant now = Instant.now();
        var id = new java.util.concurrent.atomic.AtomicReference<UUID>();
        books.hospital.run(() -> CurrentUser.run(
                delegator,
                () -> id.set(delegations.lend(delegator, delegate, roles, now.plus(from), now.plus(until), "Away"))));
        return id.get();
    }

    private void lendAs(UserId actor, UserId delegator, UserId delegate, Set<Role> roles, Duration until) {
        Instant now = Instant.now();
        books.hospital.run(() -> CurrentUser.run(
                actor, () -> delegations.lend(delegator, delegate, roles, now, now.plus(until), "Away")));
    }

    private void decide(UserId person, UUID refund) {
        books.hospital.run(() -> CurrentUser.run(
                person,
                () -> refundApprovals.decide(refund, new ApprovalDecision(TASKS.incrementAndGet(), 1, true, null))));
    }

    private static void assertOneWins(List<Runnable> all) throws Exception {
        assertThat(atOnce(all)).isEqualTo(1);
    }

    /** @return how many were not refused */
    private static long atOnce(List<Runnable> all) throws Exception {
        List<Callable<Boolean>> tries = all.stream()
                .map(work -> (Callable<Boolean>) () -> {
                    try {
                        work.run();
                        return true;
                    } catch (RuleViolation e) {
                        return false;
                    }
                })
                .toList();
        long succeeded = 0;
        try (var pool = Executors.newFixedThreadPool(tries.size())) {
            for (var result : pool.invokeAll(tries)) {
                succeeded += result.get() ? 1 : 0;
            }
        }
        return succeeded;
    }

    private static void refused(Refusal refusal, ThrowingCallable work) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(work)
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(refusal));
    }
}

package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.awaitility.Awaitility.await;

import io.remitflow.adjustments.WriteOffSteps;
import io.remitflow.claims.DenialClosing;
import io.remitflow.claims.DenialFilter;
import io.remitflow.claims.DenialSteps;
import io.remitflow.claims.Denials;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.local.LocalBrowser;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TasklistDesk;
import io.remitflow.refunds.CreditBalanceSteps;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.CreditFilter;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.TaskQuery;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.condition.EnabledIf;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** Each task of remittances, denials, write-offs and credits, done in the real Tasklist with its form. */
@RemitflowTest
@EnabledIf(value = "io.remitflow.local.LocalBrowser#isPresent", disabledReason = LocalBrowser.MISSING)
class RemittanceFormsBrowserTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Autowired
    ApplicationContext context;

    @Autowired
    HumanTasks tasks;

    LocalBrowser browser;
    RemittanceBooks books;
    TasklistDesk desk;

    @BeforeEach
    void open() {
        browser = LocalBrowser.open();
        books = new RemittanceBooks(context).claim("C1", "500.00").claim("C2", "500.00");
        books.hospital.user(Role.BILLING_MANAGER);
        desk = new TasklistDesk(browser, books.hospital);
    }

    @AfterEach
    void leave(TestInfo test) {
        browser.dismissVisitors(
                Path.of("target/browser-tests"),
                test.getTestMethod().orElseThrow().getName());
        browser.close();
    }

    @Test
    void aCreditIsClassifiedInvestigatedApprovedAndPaidBackToThePayer() {
        for (String trace : List.of("CB1", "CB2")) {
            books.receive(EraText.of(trace, "160.00", """
                    CLP*C1*1*500*160*40*12*PCN1*11*1
                    CAS*PR*1*40
                    CAS*CO*45*300
                    NM1*QC*1*DOE*JANE
                    """));
        }
        CreditBalances credits = books.bean(CreditBalances.class);
        UUID credit = books.hospital
                .call(() -> credits.list(CreditFilter.unresolved()))
                .getFirst()
                .id();

        HumanTask classify = awaitTask("creditId", credit, CreditBalanceSteps.CLASSIFY, -1);
        desk.complete(
                Role.BILLING_CLERK,
                classify.key(),
                "Whose money is it?",
                "Payer",
                "Class of the payer",
                "Commercial",
                "Cause",
                "The same was paid twice",
                "Why, if it is not as proposed (no names of patients)",
                "Two remittances for one service");
        HumanTask first = awaitTask("creditId", credit, CreditBalanceSteps.RESOLVE, -1);
        desk.complete(
                Role.BILLING_CLERK,
                first.key(),
                "What shall be done",
                "Investigate first",
                "Why (no names of patients)",
                "Looks like one payment");
        HumanTask investigate = awaitTask("creditId", credit, CreditBalanceSteps.INVESTIGATE, -1);
        desk.complete(
                Role.BILLING_CLERK,
                investigate.key(),
                "What was found out (no names of patients)",
                "It was paid twice");
        HumanTask second = awaitTask("creditId", credit, CreditBalanceSteps.RESOLVE, first.key());
        desk.complete(
                Role.BILLING_CLERK,
                second.key(),
                "What shall be done",
                "Refund it to the payer",
                "How the payer gets it",
                "Check",
                "Why (no names of patients)",
                "Paid twice");
        HumanTask approve = awaitTask("creditId", credit, CreditBalanceSteps.APPROVE, -1);
        desk.complete(Role.BILLING_MANAGER, approve.key(), "Decision", "Approve");
        HumanTask pay = awaitTask("creditId", credit, CreditBalanceSteps.PAY_BACK, -1);
        desk.complete(Role.ACCOUNTING_STAFF, pay.key(), "Trace number, or number of the check", "4711");

        await().atMost(PATIENCE)
                .until(() -> books.hospital.call(() -> credits.get(credit)).isResolved());
    }

    @Test
    void aDenialIsCorrectedAppealedAndWrittenOff() {
        books.receive(EraText.of("DF1", "0", """
                CLP*C1*4*500*0*0*12*PCN1*11*1
                CAS*CO*197*500
                NM1*QC*1*DOE*JANE
                """).paidOn(today()));
        Denials denials = books.bean(Denials.class);
        UUID claim = books.claimOf("C1").id();
        UUID denial = books.hospital
                .call(() -> denials.list(DenialFilter.ofClaim(claim, false)))
                .getFirst()
                .id();

        HumanTask first = awaitTask("denialId", denial, DenialSteps.WORK, -1);
        desk.complete(Role.BILLING_CLERK, first.key(), "What shall be done", "Correct the claim and send it again");
        HumanTask correct = awaitTask("denialId", denial, DenialSteps.CORRECT, -1);
        desk.complete(Role.BILLING_CLERK, correct.key(), "Outcome", "Choose another way");
        HumanTask second = awaitTask("denialId", denial, DenialSteps.WORK, first.key());
        desk.complete(Role.BILLING_CLERK, second.key(), "What shall be done", "Appeal");
        HumanTask appeal = awaitTask("denialId", denial, DenialSteps.APPEAL, -1);
        desk.complete(Role.BILLING_CLERK, appeal.key(), "Outcome", "Choose another way");
        HumanTask third = awaitTask("denialId", denial, DenialSteps.WORK, second.key());
        desk.complete(Role.BILLING_CLERK, third.key(), "What shall be done", "Write off");
        HumanTask approve = awaitTask(null, denial, WriteOffSteps.APPROVE, -1);
        desk.complete(Role.BILLING_MANAGER, approve.key(), "Decision", "Approve");

        await().atMost(PATIENCE)
                .until(() -> books.hospital.call(() -> denials.get(denial)).closing() == DenialClosing.WRITTEN_OFF);
    }

    @Test
    void moneyWithoutARemittanceIsTracedAndAMismatchIsResolved() {
        Settlements settlements = books.bean(Settlements.class);
        recordEft("EFT-OLD", "300.00", today().minusDays(90));
        UUID traced = only("EFT-OLD");
        HumanTask trace = awaitTask("settlementId", traced, SettlementSteps.REQUEST_TRACE, -1);
        desk.complete(Role.BILLING_CLERK, trace.key(), "What did you do?", "The request is sent");
        await().atMost(PATIENCE)
                .until(() -> books.hospital
                        .call(() -> settlements.get(traced))
                        .step()
                        .equals(SettlementSteps.AWAIT_PAYER));

        books.receive(EraText.of("EFT-BAD", "300.00", "CLP*C2*1*500*300**12*ICN-C2\nCAS*CO*45*200")
                .paidOn(today()));
        recordEft("EFT-BAD", "30.00", today());
        UUID mismatched = only("EFT-BAD");
        HumanTask resolve = awaitTask("settlementId", mismatched, SettlementSteps.RESOLVE_MISMATCH, -1);
        desk.complete(
                Role.BILLING_CLERK,
                resolve.key(),
                "What is right?",
                "The amount was recorded wrongly: correct it",
                "Amount as the bank has it",
                "300.00");
        await().atMost(PATIENCE)
                .until(() ->
                        books.hospital.call(() -> settlements.get(mismatched)).state() == SettlementState.SETTLED);
    }

    @Test
    void aVirtualCardIsAskedAgainst() {
        books.receive(EraText.of("VC-FORM", "300.00", "CLP*C1*1*500*300**12*ICN-C1\nCAS*CO*45*200")
                .paidOn(today()));
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> books.bean(Settlements.class)
                        .cashSeen(new CashEvidence(
                                CashKind.CARD,
                                null,
                                "VC-FORM",
                                EraText.PAYER,
                                "",
                                usd("292.50"),
                                usd("7.50"),
                                books.bean(Organizations.class).today())));
        CardOptOuts optOuts = books.bean(CardOptOuts.class);
        UUID id = books.hospital.call(() -> optOuts.list(5)).getFirst().id();

        HumanTask ask = awaitTask("optOutId", id, CardOptOutSteps.ASK, -1);
        desk.complete(Role.BILLING_CLERK, ask.key(), "What did you do?", "The payer has stopped");

        await().atMost(PATIENCE)
                .until(() -> books.hospital.call(() -> optOuts.get(id)).state() == CardOptOut.State.OPTED_OUT);
    }

    @Test
    void anotherContentOfAPaymentIsDecided() {
        books.receive(EraText.of("RV-1", "300.00", "CLP*C1*1*500*300**12*ICN-C1\nCAS*CO*45*200"));
        UUID conflict = books.receive(EraText.of("RV-1", "300.00", "CLP*C2*1*500*300**12*ICN-C2\nCAS*CO*45*200"))
                .remittances()
                .getFirst()
                .id();

        HumanTask decide = awaitTask("remittanceId", conflict, RemittanceReviewSteps.DECIDE_CONFLICT, -1);
        desk.complete(
                Role.BILLING_MANAGER,
                decide.key(),
                "What is it?",
                "Another payment under the same numbers: post it",
                "Why (no patient names)",
                "The payer confirmed it");
        awaitPosted(conflict);
    }

    @Test
    void aPreviewIsApproved() {
        UUID[] id = new UUID[1];
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> id[0] = books.bean(Remittances.class)
                        .receive(
                                "era-upload" + Remittances.LOOK_FIRST,
                                "remit.835",
                                EraText.of("RV-2", "300.00", "CLP*C1*1*500*300**12*ICN-C1\nCAS*CO*45*200").stream())
                        .remittances()
                        .getFirst()
                        .id());

        HumanTask approve = awaitTask("remittanceId", id[0], RemittanceReviewSteps.APPROVE, -1);
        desk.complete(Role.BILLING_MANAGER, approve.key(), "Decision", "Approve: post it");

        awaitPosted(id[0]);
    }

    private void awaitPosted(UUID remittance) {
        await().atMost(PATIENCE)
                .until(() -> books.hospital
                                .call(() -> books.bean(RemittanceReviews.class).get(remittance))
                                .state()
                        == RemittanceState.POSTED);
    }

    private LocalDate today() {
        return books.hospital.call(() -> books.bean(Organizations.class).today());
    }

    private void recordEft(String trace, String amount, LocalDate bankDate) {
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> books.bean(Settlements.class)
                        .cashSeen(new CashEvidence(
                                CashKind.EFT, null, trace, EraText.PAYER, "", usd(amount), usd("0.00"), bankDate)));
    }

    private UUID only(String trace) {
        return books.hospital
                .call(() -> books.bean(Settlements.class).list(new SettlementFilter(null, true, trace, null, 5)))
                .getFirst()
                .id();
    }

    /** @param variable that holds the id; null: any of this hospital */
    private HumanTask awaitTask(@Nullable String variable, UUID id, String element, long newerThan) {
        return await().atMost(PATIENCE)
                .until(
                        () -> books
                                .hospital
                                .call(() -> tasks.open(TaskQuery.all().at(element)))
                                .stream()
                                .filter(task -> task.key() > newerThan)
                                .flatMap(task -> books.hospital.call(() -> tasks.find(task.key())).stream())
                                .filter(task -> variable == null
                                        || id.toString().equals(task.variables().get(variable)))
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
    }
}

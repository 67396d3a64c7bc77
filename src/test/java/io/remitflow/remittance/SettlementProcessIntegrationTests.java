package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestServices;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.TaskQuery;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** The process of a settlement on the real engine, whose clock the test moves. */
@RemitflowTest
class SettlementProcessIntegrationTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** Longer than 4 business days whatever the weekends and holidays, and than the follow-up. */
    private static final Duration A_FORTNIGHT = Duration.ofDays(14);

    @Autowired
    ApplicationContext context;

    @Autowired
    HumanTasks tasks;

    RemittanceBooks books;
    Settlements settlements;
    SettlementCases cases;

    @BeforeEach
    void openBooks() {
        books = new RemittanceBooks(context).claim("C1", "500.00").claim("C2", "500.00");
        settlements = books.bean(Settlements.class);
        cases = books.bean(SettlementCases.class);
    }

    @Test
    void aPaymentThatDoesNotComeIsLateThenMissingThenTracedAndSettledWhenItComes() {
        UUID settlement = remittance("EFT-LATE", "300.00", "C1");
        awaitStarted(settlement);
        assertThat(get(settlement).state()).isEqualTo(SettlementState.WAITING);

        strikeUntil(settlement, SettlementState.LATE);
        strikeUntil(settlement, SettlementState.MISSING);
        HumanTask trace = awaitTask(settlement, SettlementSteps.REQUEST_TRACE);
        assertThat(trace.variables().get("traceText")).asString().contains("EFT-LATE", "300.00 USD");
        as(Role.BILLING_CLERK, () -> cases.traceHandled(settlement, trace.key(), "sent", "By portal"));
        assertThat(get(settlement).step()).isEqualTo(SettlementSteps.AWAIT_PAYER);

        recordEft("EFT-LATE", "300.00");
        awaitOver(settlement);
        assertThat(steps(settlement))
                .containsExactly("Waiting", "Late", "Missing", "Trace requested", "Money received", "Settled");
    }

    @Test
    void moneyWithoutRemittanceIsUnidentifiedWhenLateAndSettledByTheRemittance() {
        recordEft("EFT-FIRST", "300.00");
        UUID settlement = only("EFT-FIRST");
        awaitStarted(settlement);
        strikeUntil(settlement, SettlementState.LATE);
        assertThat(books.balanceMinor(StandardAccount.UNIDENTIFIED_PAYER_CASH.code()))
                .isEqualTo(-30_000);

        remittance("EFT-FIRST", "300.00", "C1");

        awaitOver(settlement);
        assertThat(books.balanceMinor(StandardAccount.UNIDENTIFIED_PAYER_CASH.code()))
                .isZero();
    }

    @Test
    void aMismatchIsDecidedOnOurPage() {
        UUID settlement = remittance("EFT-PAGE", "300.00", "C1");
        recordEft("EFT-PAGE", "30.00");
        HumanTask task = awaitTask(settlement, SettlementSteps.RESOLVE_MISMATCH);
        assertThat(task.candidateGroups()).contains("billing-clerk");

        as(
                Role.BILLING_CLERK,
                () -> cases.resolve(
                        settlement,
                        task.key(),
                        new SettlementCases.Resolution("correct-receipt", "300.00", "One zero was missing")));

        awaitOver(settlement);
    }

    @Test
    void c8_aMismatchDecidedInTasklistIsCheckedAfterwards() {
        UUID first = remittance("EFT-TL", "300.00", "C1");
        UUID second = remittance("EFT-TL2", "150.00", "C2");
        recordEft("EFT-TL", "450.00");
        HumanTask task = awaitTask(first, SettlementSteps.RESOLVE_MISMATCH);
        completeInTasklist(Role.ORG_ADMIN, task, Map.of("resolution", "accept-split"));

        HumanTask again = awaitOtherTask(first, SettlementSteps.RESOLVE_MISMATCH, task);
        assertThat(get(first).refusalReason()).contains("permission");
        completeInTasklist(Role.BILLING_CLERK, again, Map.of("resolution", "card-fee"));
        HumanTask third = awaitOtherTask(first, SettlementSteps.RESOLVE_MISMATCH, again);
        assertThat(get(first).refusalReason()).contains("card fee");
        assertThat(get(first).state()).isEqualTo(SettlementState.MISMATCHED);

        completeInTasklist(Role.BILLING_CLERK, third, Map.of("resolution", "accept-split"));

        awaitOver(first);
        awaitOver(second);
        assertThat(get(first).state()).isEqualTo(SettlementState.SETTLED);
        assertThat(get(second).state()).isEqualTo(SettlementState.SETTLED);
    }

    @Test
    void whatNobodyTakesOnIsRemindedOfThenGoesToTheManagerAndTheCfo() {
        UUID settlement = remittance("EFT-IDLE", "300.00", "C1");
        recordEft("EFT-IDLE", "30.00");
        HumanTask task = awaitTask(settlement, SettlementSteps.RESOLVE_MISMATCH);
        assertThat(task.candidateGroups())
                .containsExactlyInAnyOrder("billing-clerk", "billing-manager", "accounting-staff");

        advanceUntil(settlement, Duration.ofDays(2).plusHours(1), "Reminder");
        assertThat(awaitTask(settlement, SettlementSteps.RESOLVE_MISMATCH).key())
                .isEqualTo(task.key());
        advanceUntil(settlement, Duration.ofDays(2).plusHours(1), "Escalated");

        HumanTask escalated = awaitOtherTask(settlement, SettlementSteps.RESOLVE_MISMATCH, task);
        assertThat(escalated.candidateGroups()).containsExactlyInAnyOrder("billing-manager", "cfo");
        as(
                Role.CFO,
                () -> cases.resolve(
                        settlement,
                        escalated.key(),
                        new SettlementCases.Resolution("correct-receipt", "300.00", "One zero was missing")));
        awaitOver(settlement);
        assertThat(steps(settlement)).containsOnlyOnce("Reminder", "Escalated");
    }

    private void advanceUntil(UUID settlement, Duration time, String step) {
        TestServices.stack().broker().advance(time);
        await().atMost(PATIENCE).until(() -> steps(settlement).contains(step));
    }

    @Test
    void moneyThatTheBankTakesBackStartsAnotherRound() {
        UUID settlement = remittance("EFT-BACK", "300.00", "C1");
        CashReceipt receipt = recordEft("EFT-BACK", "300.00");
        awaitOver(settlement);

        as(
                Role.ACCOUNTING_STAFF,
                () -> settlements.takeBack(
                        receipt.id(), books.bean(Organizations.class).today(), "Returned by the bank"));

        assertThat(get(settlement).round()).isEqualTo(2);
        awaitStarted(settlement);
        recordEft("EFT-BACK", "300.00");
        awaitOver(settlement);
    }

    @Test
    void aPayerOfVirtualCardsIsAskedUntilItHasStopped() {
        remittance("VC-ASK", "300.00", "C1");
        as(
                Role.BILLING_CLERK,
                () -> settlements.cashSeen(new CashEvidence(
                        CashKind.CARD,
                        null,
                        "VC-ASK",
                        EraText.PAYER,
                        "",
                        usd("292.50"),
                        usd("7.50"),
                        books.bean(Organizations.class).today())));
        CardOptOuts optOuts = books.bean(CardOptOuts.class);
        UUID id = books.hospital.call(() -> optOuts.list(5)).getFirst().id();

        HumanTask first = awaitTask("optOutId", id, CardOptOutSteps.ASK, -1);
        assertThat(first.variables().get("requestText")).asString().contains("VC-ASK", "300.00 USD");
        completeInTasklist(Role.ORG_ADMIN, first, Map.of("optOutOutcome", "opted-out"));
        HumanTask second = awaitTask("optOutId", id, CardOptOutSteps.ASK, first.key());
        assertThat(books.hospital.call(() -> optOuts.get(id)).refusalReason()).contains("permission");
        completeInTasklist(Role.BILLING_CLERK, second, Map.of("optOutOutcome", "requested", "optOutNote", "By portal"));
        await().atMost(PATIENCE)
                .until(() -> books.hospital.call(() -> optOuts.get(id)).state() == CardOptOut.State.REQUESTED);

        for (int fortnight = 0;
                fortnight < 4 && books.hospital.call(() -> optOuts.get(id)).state() != CardOptOut.State.OPEN;
                fortnight++) {
            TestServices.stack().broker().advance(A_FORTNIGHT);
            await().pollDelay(Duration.ofSeconds(5)).until(() -> true);
        }
        HumanTask third = awaitTask("optOutId", id, CardOptOutSteps.ASK, second.key());
        as(Role.BILLING_CLERK, () -> optOuts.record(id, third.key(), "opted-out", "From December"));
        await().atMost(PATIENCE)
                .until(() -> books.hospital
                        .call(() -> books.bean(ProcessInstances.class).find(CardOptOutSteps.PROCESS, id.toString()))
                        .filter(instance -> instance.endedAt() != null)
                        .isPresent());
        assertThat(books.hospital.call(() -> optOuts.get(id)).state()).isEqualTo(CardOptOut.State.OPTED_OUT);
    }

    private UUID remittance(String trace, String paid, String claim) {
        String adjusted = usd("500.00").minus(usd(paid)).getAmount().toPlainString();
        Receipt receipt = books.receive(EraText.of(
                        trace, paid, "CLP*%s*1*500*%s**12*ICN-%s\nCAS*CO*45*%s".formatted(claim, paid, claim, adjusted))
                .paidOn(books.hospital.call(
                        () -> books.bean(Organizations.class).today())));
        UUID remittance = receipt.remittances().getFirst().id();
        return books.hospital.call(
                () -> settlements.ofRemittance(remittance).orElseThrow().id());
    }

    private CashReceipt recordEft(String trace, String amount) {
        return recordEft(
                trace,
                amount,
                books.hospital.call(() -> books.bean(Organizations.class).today()));
    }

    private CashReceipt recordEft(String trace, String amount, LocalDate bankDate) {
        AtomicReference<CashReceipt> receipt = new AtomicReference<>();
        as(
                Role.BILLING_CLERK,
                () -> receipt.set(settlements.cashSeen(new CashEvidence(
                        CashKind.EFT, null, trace, EraText.PAYER, "", usd(amount), usd("0.00"), bankDate))));
        return receipt.get();
    }

    private UUID only(String trace) {
        return books.hospital
                .call(() -> settlements.list(new SettlementFilter(null, true, trace, null, 5)))
                .getFirst()
                .id();
    }

    private Settlement get(UUID id) {
        return books.hospital.call(() -> settlements.get(id));
    }

    private List<String> steps(UUID id) {
        return books.hospital.call(() -> books.bean(Timeline.class).of(Settlements.SUBJECT, id)).stream()
                .map(TimelineEntry::step)
                .toList();
    }

    private void awaitStarted(UUID id) {
        String key = get(id).processKey();
        await().atMost(PATIENCE)
                .until(() -> books.hospital
                        .call(() -> books.bean(ProcessInstances.class).find(SettlementSteps.PROCESS, key))
                        .isPresent());
    }

    /** The timer may not be set yet when the first fortnight has passed. */
    private void strikeUntil(UUID id, SettlementState state) {
        for (int fortnight = 0; fortnight < 6 && get(id).state() != state; fortnight++) {
            TestServices.stack().broker().advance(A_FORTNIGHT);
            long end = System.nanoTime() + Duration.ofSeconds(15).toNanos();
            while (get(id).state() != state && System.nanoTime() < end) {
                await().pollDelay(Duration.ofMillis(300)).until(() -> true);
            }
        }
        assertThat(get(id).state()).isEqualTo(state);
    }

    private void awaitOver(UUID id) {
        await().atMost(PATIENCE).until(() -> {
            Settlement settlement = get(id);
            return settlement.state().over()
                    && books.hospital
                            .call(() -> books.bean(ProcessInstances.class)
                                    .find(SettlementSteps.PROCESS, settlement.processKey()))
                            .filter(instance -> instance.endedAt() != null)
                            .isPresent();
        });
    }

    private HumanTask awaitTask(UUID settlement, String element) {
        return awaitTask(settlement, element, -1);
    }

    private HumanTask awaitOtherTask(UUID settlement, String element, HumanTask before) {
        return awaitTask(settlement, element, before.key());
    }

    private HumanTask awaitTask(UUID settlement, String element, long olderThan) {
        return awaitTask("settlementId", settlement, element, olderThan);
    }

    private HumanTask awaitTask(String variable, UUID id, String element, long olderThan) {
        return await().atMost(PATIENCE)
                .until(
                        () -> books
                                .hospital
                                .call(() -> tasks.open(TaskQuery.all().at(element)))
                                .stream()
                                .filter(task -> task.key() > olderThan)
                                .flatMap(task -> books.hospital.call(() -> tasks.find(task.key())).stream())
                                .filter(task ->
                                        id.toString().equals(task.variables().get(variable)))
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
    }

    private void completeInTasklist(Role role, HumanTask task, Map<String, ?> variables) {
        books.hospital.run(() -> tasks.complete(task.key(), books.hospital.signInName(role), variables));
    }

    private void as(Role role, Runnable work) {
        books.hospital.runAs(role, work);
    }
}

package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.claims.CareSetting;
import io.remitflow.claims.Claims;
import io.remitflow.claims.NewClaim;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.TestServices;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.refunds.CreditAging;
import io.remitflow.refunds.CreditBalance;
import io.remitflow.refunds.CreditBalance.Closing;
import io.remitflow.refunds.CreditBalanceSettings;
import io.remitflow.refunds.CreditBalanceSteps;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.CreditCases;
import io.remitflow.refunds.CreditCases.Choice;
import io.remitflow.refunds.CreditCases.Resolution;
import io.remitflow.refunds.CreditClassification;
import io.remitflow.refunds.CreditClassification.BelongsTo;
import io.remitflow.refunds.CreditClassification.Cause;
import io.remitflow.refunds.CreditClassification.PayerClass;
import io.remitflow.refunds.CreditEvidence;
import io.remitflow.refunds.CreditFilter;
import io.remitflow.refunds.CreditReturn;
import io.remitflow.refunds.CreditReturns;
import io.remitflow.refunds.CreditReturns.Answer;
import io.remitflow.refunds.RefundCheck;
import io.remitflow.refunds.RefundChecks;
import io.remitflow.refunds.Refunds;
import io.remitflow.workflow.ApprovalDecision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Whose money a credit is, its clock, and how it goes back: in the books, without the engine. */
@BooksTest
class CreditCasesIntegrationTests {

    private static final AtomicLong TASKS = new AtomicLong(7_000);

    private static final String PAID = """
            CLP*C1*1*100*80*20*12*PCN1*11*1
            CAS*PR*1*20
            NM1*QC*1*DOE*JANE
            """;
    private static final String REVERSED = """
            CLP*C1*22*-100*-80*-20*12*PCN1*11*1
            CAS*PR*1*-20
            NM1*QC*1*DOE*JANE
            """;
    private static final LocalDate SERVED = LocalDate.of(2026, 10, 20);

    @Autowired
    ApplicationContext context;

    @Autowired
    CreditBalances credits;

    @Autowired
    CreditCases cases;

    @Autowired
    CreditReturns returns;

    @Autowired
    PatientAccounts accounts;

    @Autowired
    Refunds refunds;

    @Autowired
    RefundChecks checks;

    RemittanceBooks books;

    @BeforeEach
    void openHospital() {
        books = new RemittanceBooks(context);
        books.hospital.user(Role.BILLING_MANAGER);
        books.hospital.user(Role.CFO);
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void moneyThatMedicarePaidTwiceIsProposedAsMedicaresWithSixtyDays() {
        CreditBalance credit = paidTwice("medicare");

        assertThat(credit.classification())
                .isEqualTo(new CreditClassification(BelongsTo.PAYER, PayerClass.MEDICARE, Cause.DUPLICATE_PAYMENT));
        assertThat(credit.classifiedBy()).isNull();
        assertThat(credit.refundDue()).isEqualTo(today().plusDays(60));
        assertThat(credit.step()).isEqualTo(CreditBalanceSteps.CLASSIFY);
        books.hospital.run(() -> assertThat(credits.classifications(credit.id()))
                .singleElement()
                .satisfies(made -> assertThat(made.evidence()).contains("paid before", "medicare")));
        assertThat(books.queryAll(
                        "select correlation_key from workflow_outbox where message_name = 'refunds.credit-balance-opened'",
                        String.class))
                .containsExactly(credit.id().toString());
    }

    @Test
    void aCreditOfACommercialPayerHasTheClockThatTheOrganizationSet() {
        settings(45, 90, false);

        assertThat(paidTwice("commercial").refundDue()).isEqualTo(today().plusDays(90));
        settings(45, 20, false);
        assertThat(only().refundDue()).isEqualTo(today().plusDays(20));
    }

    @Test
    void aPatientWhosePaymentsAreTheSameTwiceIsProposedAsPaidTwice() {
        CreditBalance credit = patientCredit(null);

        assertThat(credit.classification())
                .isEqualTo(new CreditClassification(BelongsTo.PATIENT, PayerClass.SELF_PAY, Cause.DUPLICATE_PAYMENT));
        assertThat(credit.refundDue()).isEqualTo(today().plusDays(30));
    }

    @Test
    void moneyOfAGuarantorIsProposedAsTheGuarantors() {
        assertThat(Objects.requireNonNull(patientCredit("guarantor-1").classification())
                        .belongsTo())
                .isEqualTo(BelongsTo.GUARANTOR);
    }

    @Test
    void aPersonConfirmsTheProposalOrChangesItWithAReason() {
        CreditBalance credit = paidTwice("medicare");
        var other = new CreditClassification(BelongsTo.PAYER, PayerClass.COMMERCIAL, Cause.PAYER_OVERPAID);

        refused(Refusal.INVALID_INPUT, Role.BILLING_CLERK, () -> cases.classify(credit.id(), task(), other, " "));
        refused(
                Refusal.NOT_PERMITTED,
                Role.ACCOUNTING_STAFF,
                () -> cases.classify(credit.id(), task(), other, "The contract was taken over"));
        refused(
                Refusal.INVALID_INPUT,
                Role.BILLING_CLERK,
                () -> cases.classify(
                        credit.id(),
                        task(),
                        new CreditClassification(BelongsTo.PATIENT, PayerClass.SELF_PAY, Cause.OTHER),
                        "Somebody wants it"));
        as(Role.BILLING_CLERK, () -> cases.classify(credit.id(), task(), other, "The contract was taken over"));

        assertThat(only().classification()).isEqualTo(other);
        assertThat(only().step()).isEqualTo(CreditBalanceSteps.RESOLVE);
        assertThat(only().refundDue()).isEqualTo(today().plusDays(30));
        books.hospital.run(() -> assertThat(credits.classifications(credit.id()))
                .extracting(CreditBalances.Classified::decidedBy)
                .containsExactly(null, books.hospital.user(Role.BILLING_CLERK)));
        refused(
                Refusal.CHANGED_MEANWHILE,
                Role.BILLING_CLERK,
                () -> cases.classify(credit.id(), task(), other, "Once more"));
    }

    @Test
    void anInvestigationHoldsTheClockOfMedicareAndItsEndLetsItRun() {
        CreditBalance credit = classified(paidTwice("medicare"));

        as(Role.BILLING_CLERK, () -> cases.resolve(credit.id(), task(), choice(Choice.INVESTIGATE)));

        assertThat(only().refundDue()).isEqualTo(today().plusDays(240));
        books.hospital.run(
                () -> assertThat(credits.deadline(only()).isSuspended(today())).isTrue());
        refused(Refusal.INVALID_INPUT, Role.BILLING_CLERK, () -> cases.conclude(credit.id(), task(), ""));
        as(Role.BILLING_CLERK, () -> cases.conclude(credit.id(), task(), "80.00 of it is Medicare's"));
        assertThat(only().refundDue()).isEqualTo(today().plusDays(60));
        assertThat(only().step()).isEqualTo(CreditBalanceSteps.RESOLVE);
    }

    @Test
    void evidenceIsKeptAndNeverChanges() {
        CreditBalance credit = paidTwice("medicare");
        UUID entry = books.query(
                "select journal_entry_id from billing_remittances where journal_entry_id is not null limit 1",
                UUID.class);

        as(
                Role.BILLING_CLERK,
                () -> credits.addEvidence(
                        credit.id(),
                        "Same service, same day, card 4242 4242 4242 4242",
                        usd("80.00"),
                        today(),
                        null,
                        null,
                        entry));

        books.hospital.run(() -> assertThat(credits.evidence(credit.id()))
                .singleElement()
                .extracting(CreditEvidence::note, CreditEvidence::amount, CreditEvidence::journalEntryId)
                .containsExactly("Same service, same day, card [number removed]", usd("80.00"), entry));
        assertThatExceptionOfType(DataAccessException.class)
                .isThrownBy(() -> change("update billing_credit_evidence set note = 'nothing'"));
        assertThatExceptionOfType(DataAccessException.class)
                .isThrownBy(() -> change("delete from billing_credit_classifications"));
        refused(
                Refusal.NOT_FOUND,
                Role.BILLING_CLERK,
                () -> credits.addEvidence(credit.id(), "Elsewhere", null, null, UUID.randomUUID(), null, null));
    }

    @Test
    void medicareMoneyIsNeverTransferredWhateverThePolicy() {
        settings(30, 30, true);
        CreditBalance credit = classified(paidTwice("medicare"));

        books.hospital.run(() -> {
            assertThat(returns.targets(credit.id())).isEmpty();
            assertThat(returns.whyNoTransfer(credit.id()))
                    .hasValueSatisfying(why -> assertThat(why).contains("Medicare"));
            assertThat(cases.choices(credit.id()).get(Choice.REFUND)).contains("payer's money");
        });
        refused(
                Refusal.CREDIT_CHOICE_NOT_ALLOWED,
                Role.BILLING_MANAGER,
                () -> cases.resolve(
                        credit.id(),
                        task(),
                        new Resolution(
                                Choice.TRANSFER,
                                "Pays the rest",
                                credit.accountId().toString(),
                                "")));
    }

    @Test
    void aPatientsCreditPaysAnotherBalanceOfTheGuarantorOnlyWithPolicyAndApproval() {
        CreditBalance credit = classified(patientCredit("guarantor-1"));
        owes("C2", "guarantor-1", "60");
        owes("C3", "guarantor-2", "60");
        books.hospital.run(() -> assertThat(returns.whyNoTransfer(credit.id())).isPresent());
        settings(30, 30, true);
        var target = books.hospital.call(() -> returns.targets(credit.id())).getFirst();
        assertThat(books.hospital.call(() -> returns.targets(credit.id())))
                .extracting(CreditReturns.Target::claimId)
                .containsExactly(books.claimOf("C2").id());

        as(
                Role.BILLING_CLERK,
                () -> cases.resolve(
                        credit.id(), task(), new Resolution(Choice.TRANSFER, "As the family asked", target.key(), "")));
        CreditReturn wanted = underWay(credit);
        assertThat(wanted.amount()).isEqualTo(usd("20.00"));
        UUID payment = Objects.requireNonNull(credit.paymentId());
        assertThat(books.hospital.call(() -> refunds.refundable(payment))).isEqualTo(usd("0.00"));
        books.hospital.run(() -> assertThat(returns.facts(wanted))
                .containsEntry("amountMinor", 2_000L)
                .containsEntry("type", "transfer"));

        books.hospital.run(() ->
                returns.ruleAnswered(credit.id(), wanted.id(), Answer.of(List.of("billing-manager"), "Test rule")));
        refused(Refusal.CHANGED_MEANWHILE, Role.BILLING_CLERK, () -> returns.postTransfer(credit.id()));
        assertThat(books.patientBalance("C2")).as("not before it is approved").isEqualTo(usd("60.00"));
    }

    @Test
    void anApprovedTransferMovesTheCreditThroughTheJournalAndClosesTheCase() {
        CreditBalance credit = transferring("60");

        refused(Refusal.APPROVER_LACKS_AUTHORITY, Role.ACCOUNTING_STAFF, () -> decide(credit, true));
        refused(Refusal.SELF_APPROVAL, Role.BILLING_CLERK, () -> decide(credit, true));
        as(Role.BILLING_MANAGER, () -> decide(credit, true));
        books.hospital.run(() -> returns.postTransfer(credit.id()));
        books.hospital.run(() -> returns.postTransfer(credit.id()));

        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C2")).isEqualTo(usd("40.00"));
        assertThat(get(credit).closing()).isEqualTo(Closing.BALANCE_GONE);
        assertThat(books.queryAll("select status from billing_credit_returns", String.class))
                .containsExactly("posted");
        UUID payment = Objects.requireNonNull(credit.paymentId());
        assertThat(books.hospital.call(() -> refunds.refundable(payment)))
                .as("the money cannot be refunded as well")
                .isEqualTo(usd("0.00"));
    }

    @Test
    void aTransferIsStoppedWhenNothingIsOwedThereAnyMore() {
        CreditBalance credit = transferring("60");
        as(Role.BILLING_MANAGER, () -> decide(credit, true));
        books.patientPays("C2", "60.00");

        books.hospital.run(() -> returns.postTransfer(credit.id()));

        assertThat(get(credit).step()).isEqualTo(CreditBalanceSteps.RESOLVE);
        assertThat(get(credit).refusal()).contains("not owed");
        assertThat(books.patientBalance("C1")).isEqualTo(usd("-20.00"));
    }

    @Test
    void aRejectedTransferGoesBackToWhoeverDecides() {
        CreditBalance credit = transferring("60");

        as(Role.BILLING_MANAGER, () -> decide(credit, false));

        assertThat(get(credit).step()).isEqualTo(CreditBalanceSteps.RESOLVE);
        assertThat(get(credit).refusal()).startsWith("Rejected");
        books.hospital.run(() -> assertThat(returns.underWay(credit.id())).isEmpty());
    }

    @Test
    void aPayerIsPaidBackByAThirdPersonAndTheBooksFollow() {
        CreditBalance credit = classified(paidTwice("medicare"));
        as(
                Role.BILLING_CLERK,
                () -> cases.resolve(
                        credit.id(), task(), new Resolution(Choice.PAYER_REFUND, "Paid twice", "", "check")));
        UUID wanted = underWay(credit).id();
        books.hospital.run(
                () -> returns.ruleAnswered(credit.id(), wanted, Answer.of(List.of("billing-manager"), "Test rule")));
        refused(
                Refusal.CHANGED_MEANWHILE,
                Role.ACCOUNTING_STAFF,
                () -> cases.payBack(credit.id(), task(), "Check 4711"));
        as(Role.BILLING_MANAGER, () -> decide(credit, true));
        assertThat(get(credit).step()).isEqualTo(CreditBalanceSteps.PAY_BACK);
        refused(Refusal.SELF_APPROVAL, Role.BILLING_CLERK, () -> cases.payBack(credit.id(), task(), "Check 4711"));
        refused(Refusal.SELF_APPROVAL, Role.BILLING_MANAGER, () -> cases.payBack(credit.id(), task(), "Check 4711"));
        refused(Refusal.INVALID_INPUT, Role.ACCOUNTING_STAFF, () -> cases.payBack(credit.id(), task(), "Check 4711"));

        as(Role.ACCOUNTING_STAFF, () -> cases.payBack(credit.id(), task(), "4711"));

        assertThat(get(credit).closing()).isEqualTo(Closing.BALANCE_GONE);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.balanceMinor("1080")).isEqualTo(-8_000);
        assertThat(books.queryAll(
                        "select reference_kind || ' ' || reference_value from accounting_clearing_references where balance < 0",
                        String.class))
                .contains("check 4711");
        assertThat(books.hospital.call(() -> checks.list(null, true, null, 10)))
                .as("in the check register")
                .singleElement()
                .satisfies(check -> {
                    assertThat(check.reference()).isEqualTo("4711");
                    assertThat(check.creditReturnId()).isEqualTo(wanted);
                    assertThat(check.amount()).isEqualTo(usd("80.00"));
                    assertThat(books.hospital.call(() -> checks.payeeOf(check)).name())
                            .isEqualTo("Greenleaf Health Plan");
                });
    }

    @Test
    void e_whatWasPaidTwiceGoesBackInFullAndWhatIsOpenOfTheClaimStaysOpen() {
        change("update billing_payers set payer_class = 'medicare'");
        books.claim("C1", "100.00");
        String partly = "CLP*C1*1*100*60*0*12*PCN1*11*1\nCAS*CO*197*40\nNM1*QC*1*DOE*JANE\n";
        books.receive(EraText.of("PT5", "60.00", partly));
        books.receive(EraText.of("PT6", "60.00", partly));
        CreditBalance credit = payableByCheck(only());
        assertThat(credit.amount()).isEqualTo(usd("60.00"));

        as(Role.ACCOUNTING_STAFF, () -> cases.payBack(credit.id(), task(), "4711"));

        assertThat(get(credit).closing()).isEqualTo(Closing.BALANCE_GONE);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("40.00"));
        RefundCheck check = onlyCheck();
        as(Role.ACCOUNTING_STAFF, () -> checks.voidCheck(check.id(), check.version(), "The payer sent it back"));
        assertThat(only().amount()).as("owed again").isEqualTo(usd("60.00"));
    }

    @Test
    void c12_eachCheckToAPayerTakesTheNextNumberAndNoneIsUsedTwice() {
        CreditBalance credit = payableByCheck();
        as(Role.ACCOUNTING_STAFF, () -> cases.payBack(credit.id(), task(), ""));

        RefundCheck check = onlyCheck();
        assertThat(check.reference()).isEqualTo("1001");
        books.claim("C2", "100.00");
        String again = PAID.replace("*C1*", "*C2*");
        books.receive(EraText.of("PT3", "80.00", again));
        books.receive(EraText.of("PT4", "80.00", again));
        CreditBalance second = payableByCheck(only());
        refused(Refusal.INVALID_INPUT, Role.ACCOUNTING_STAFF, () -> cases.payBack(second.id(), task(), "1001"));
        as(Role.ACCOUNTING_STAFF, () -> cases.payBack(second.id(), task(), ""));
        assertThat(books.queryAll("select reference from refund_checks order by check_number", String.class))
                .containsExactly("1001", "1002");
    }

    @Test
    void aCheckToAPayerIsPrintedReissuedAndClearedByTheBank() {
        CreditBalance credit = payableByCheck();
        as(Role.ACCOUNTING_STAFF, () -> cases.payBack(credit.id(), task(), "4711"));
        RefundCheck first = onlyCheck();
        as(Role.ACCOUNTING_STAFF, () -> assertThat(checks.print(first.id())).startsWith("%PDF".getBytes(UTF_8)));
        RefundCheck printed = books.hospital.call(() -> checks.get(first.id()));
        refused(
                Refusal.SELF_APPROVAL,
                Role.BILLING_MANAGER,
                () -> checks.reissue(first.id(), printed.version(), "Lost"));
        as(Role.ACCOUNTING_STAFF, () -> checks.reissue(first.id(), printed.version(), "Lost"));
        RefundCheck next = onlyCheck();
        assertThat(next.replacesId()).isEqualTo(first.id());
        assertThat(clearing("4711")).isZero();
        assertThat(clearing(next.reference())).isEqualTo(-8_000);

        assertThat(cleared("4711", "80.00")).as("it was replaced").isFalse();
        assertThat(cleared(next.reference(), "79.99")).isFalse();
        assertThat(cleared(next.reference(), "80.00")).isTrue();

        assertThat(books.hospital.call(() -> checks.get(next.id())).state()).isEqualTo(RefundCheck.State.CLEARED);
        refused(Refusal.REFUND_NOT_IN_STATE, Role.ACCOUNTING_STAFF, () -> checks.voidCheck(next.id(), 2, "Too late"));
        assertThat(get(credit).isResolved()).isTrue();
    }

    @Test
    void aVoidedCheckToAPayerIsOwedAgainSinceTheDayTheCreditWasFound() {
        CreditBalance credit = payableByCheck();
        change("update billing_credit_balances set identified_on = identified_on - 20");
        as(Role.ACCOUNTING_STAFF, () -> cases.payBack(credit.id(), task(), "4711"));
        RefundCheck first = onlyCheck();
        as(Role.ACCOUNTING_STAFF, () -> checks.reissue(first.id(), first.version(), "Damaged"));
        RefundCheck check = onlyCheck();

        as(Role.ACCOUNTING_STAFF, () -> checks.voidCheck(check.id(), check.version(), "The payer sent it back"));
        refused(
                Refusal.REFUND_NOT_IN_STATE,
                Role.ACCOUNTING_STAFF,
                () -> checks.stop(check.id(), check.version() + 1, "Twice"));

        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("-80.00"));
        assertThat(clearing("4711")).isZero();
        assertThat(clearing(check.reference())).isZero();
        assertThat(books.queryAll("select status from billing_credit_returns", String.class))
                .containsExactly("returned");
        CreditBalance again = only();
        assertThat(again.amount()).isEqualTo(usd("80.00"));
        assertThat(again.refundDue())
                .as("the clock of Medicare never stood still")
                .isEqualTo(today().plusDays(40));
        CreditBalance payable = payableByCheck(again);
        as(Role.ACCOUNTING_STAFF, () -> cases.payBack(payable.id(), task(), ""));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
    }

    @Test
    void aTransferToAPayerThatComesBackIsOwedAgainSinceTheDayTheCreditWasFound() {
        CreditBalance credit = payableBy("ach", paidTwice("medicare"));
        change("update billing_credit_balances set identified_on = identified_on - 20");
        refused(
                Refusal.REFUND_NOT_IN_STATE,
                Role.ACCOUNTING_STAFF,
                () -> returns.cameBack(credit.id(), "Nothing has left yet"));
        as(Role.ACCOUNTING_STAFF, () -> cases.payBack(credit.id(), task(), "TRACE-1"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        refused(Refusal.INVALID_INPUT, Role.ACCOUNTING_STAFF, () -> returns.cameBack(credit.id(), " "));

        as(Role.ACCOUNTING_STAFF, () -> returns.cameBack(credit.id(), "The bank says that the account is closed"));

        refused(Refusal.REFUND_NOT_IN_STATE, Role.ACCOUNTING_STAFF, () -> returns.cameBack(credit.id(), "Said twice"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("-80.00"));
        assertThat(only().amount()).isEqualTo(usd("80.00"));
        assertThat(only().refundDue())
                .as("the clock of Medicare never stood still")
                .isEqualTo(today().plusDays(40));
    }

    private CreditBalance payableByCheck() {
        return payableByCheck(paidTwice("medicare"));
    }

    /** Asked for by the clerk, approved by the billing manager. */
    private CreditBalance payableByCheck(CreditBalance found) {
        return payableBy("check", found);
    }

    private CreditBalance payableBy(String method, CreditBalance found) {
        CreditBalance credit = classified(found);
        as(
                Role.BILLING_CLERK,
                () -> cases.resolve(
                        credit.id(), task(), new Resolution(Choice.PAYER_REFUND, "Paid twice", "", method)));
        UUID wanted = underWay(credit).id();
        books.hospital.run(
                () -> returns.ruleAnswered(credit.id(), wanted, Answer.of(List.of("billing-manager"), "Test rule")));
        as(Role.BILLING_MANAGER, () -> decide(credit, true));
        return credit;
    }

    private RefundCheck onlyCheck() {
        List<RefundCheck> found = books.hospital.call(() -> checks.list(null, true, null, 10));
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private boolean cleared(String reference, String amount) {
        LocalDate on = today();
        return Boolean.TRUE.equals(books.hospital.call(() -> context.getBean(TransactionTemplate.class)
                .execute(status -> checks.cleared(reference, usd(amount), on, "line 1"))));
    }

    private long clearing(String check) {
        return books.queryAll(
                        "select coalesce(sum(balance), 0)::bigint from accounting_clearing_references "
                                + "where reference_kind = 'check' and reference_value = '%s'".formatted(check),
                        Long.class)
                .getFirst();
    }

    @Test
    void v4_aTakebackThatTheRemittanceTellsOfClosesTheCase() {
        CreditBalance credit = classified(paidTwice("commercial"));
        as(Role.BILLING_CLERK, () -> cases.resolve(credit.id(), task(), choice(Choice.TAKEBACK)));
        books.claim("C9", "300.00");

        books.receive(EraText.of("TB1", "300", """
                CLP*C9*1*300*300*0*12*PCN9*11*1
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*WO:PCN1*80
                """));

        assertThat(books.count("billing_remittances where state = 'posted'"))
                .as("out of balance and held: nothing is told")
                .isEqualTo(2);
        assertThat(get(credit).isResolved()).isFalse();
        books.receive(EraText.of("TB2", "220", """
                CLP*C9*1*300*300*0*12*PCN9*11*1
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*WO:PCN1*80
                """));
        assertThat(get(credit).closing()).isEqualTo(Closing.TAKEN_BACK);
        assertThat(get(credit).resolution()).contains("TB2");
        books.hospital.run(() -> assertThat(credits.evidence(credit.id()))
                .singleElement()
                .satisfies(each -> assertThat(each.remittanceId()).isNotNull()));
        assertThat(books.count("billing_credit_balances")).isOne();
    }

    @Test
    void v5_anAnnouncedTakebackStopsARefundToThePayerThatIsUnderWay() {
        CreditBalance credit = classified(paidTwice("commercial"));
        as(
                Role.BILLING_CLERK,
                () -> cases.resolve(credit.id(), task(), new Resolution(Choice.PAYER_REFUND, "Paid twice", "", "ach")));
        books.claim("C9", "300.00");

        books.receive(EraText.of("TB3", "380", """
                CLP*C9*1*300*300*0*12*PCN9*11*1
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*WO:PCN1*-80
                """));

        books.hospital.run(() -> assertThat(returns.underWay(credit.id())).isEmpty());
        assertThat(get(credit).step()).isEqualTo(CreditBalanceSteps.RESOLVE);
        assertThat(get(credit).refusal()).contains("takes the money back itself");
    }

    @Test
    void aTakebackOfOnePayerLeavesTheCreditOfAnotherAsItIs() {
        books.payer("State Medicaid", "medicaid", "1555555555");
        CreditBalance credit = classified(paidTwice("commercial"));
        books.claim("C9", "300.00");

        books.receive(takes("OP1", "300", "220", "80").from("1555555555"));

        assertThat(get(credit).isResolved()).isFalse();
        assertThat(get(credit).left()).isEqualTo(usd("80.00"));
        books.hospital.run(() -> assertThat(credits.evidence(credit.id())).isEmpty());
    }

    @Test
    void whatOnlySettlesAnAnnouncementLeavesANewerCreditAsItIs() {
        paidTwice("commercial");
        books.receive(EraText.of("AN1", "0", REVERSED + "PLB*1234567893*20261231*WO:PCN1*-80\n"));
        assertThat(books.count("billing_credit_balances where closing = 'balance_gone'"))
                .isOne();
        books.receive(EraText.of("AN2", "80", PAID));
        CreditBalance newer = classified(only());
        assertThat(newer.left())
                .as("the announced takeback is of what was reversed")
                .isEqualTo(usd("80.00"));
        books.claim("C9", "300.00");

        books.receive(takes("AN3", "300", "220", "80"));

        assertThat(books.count("billing_takebacks where code = 'WO' and open_amount <> 0"))
                .isZero();
        assertThat(get(newer).isResolved()).isFalse();
        assertThat(get(newer).left()).isEqualTo(usd("80.00"));
    }

    @Test
    void whatThePayerTookInPartDoesNotGoBackToItOnceMore() {
        CreditBalance credit = classified(paidTwice("commercial"));
        books.claim("C9", "300.00");
        books.receive(takes("PT3", "300", "250", "50"));
        assertThat(get(credit).amount()).isEqualTo(usd("80.00"));
        assertThat(get(credit).taken()).isEqualTo(usd("50.00"));

        as(
                Role.BILLING_CLERK,
                () -> cases.resolve(credit.id(), task(), new Resolution(Choice.PAYER_REFUND, "The rest", "", "ach")));
        UUID wanted = underWay(credit).id();
        assertThat(underWay(credit).amount()).isEqualTo(usd("30.00"));
        books.hospital.run(
                () -> returns.ruleAnswered(credit.id(), wanted, Answer.of(List.of("billing-manager"), "Test rule")));
        as(Role.BILLING_MANAGER, () -> decide(credit, true));
        as(Role.ACCOUNTING_STAFF, () -> cases.payBack(credit.id(), task(), "T-30"));

        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("-50.00"));
        assertThat(get(credit).closing()).as("what is left of it was taken").isEqualTo(Closing.TAKEN_BACK);
    }

    @Test
    void whatThePayerAnnouncedIsNotReturnedUnlessItIsReversedWithIt() {
        CreditBalance credit = classified(paidTwice("commercial"));
        books.claim("C9", "300.00");
        books.receive(takes("PA1", "300", "380", "-80"));

        assertThat(get(credit).left()).isEqualTo(usd("0.00"));
        refused(
                Refusal.CREDIT_CHOICE_NOT_ALLOWED,
                Role.BILLING_CLERK,
                () -> cases.resolve(credit.id(), task(), new Resolution(Choice.PAYER_REFUND, "Now", "", "ach")));
    }

    @Test
    void ofACreditThatGrowsAfterItsTakebackOnlyTheRestIsLeftToReturn() {
        CreditBalance credit = classified(paidTwice("commercial"));
        books.claim("C9", "300.00");
        books.receive(takes("GR1", "300", "220", "80"));
        assertThat(get(credit).closing()).isEqualTo(Closing.TAKEN_BACK);

        adjust("C1", Responsibility.INSURANCE, "-10.00");

        CreditBalance grown = only();
        assertThat(grown.amount()).isEqualTo(usd("90.00"));
        assertThat(grown.left()).isEqualTo(usd("10.00"));

        adjust("C1", Responsibility.INSURANCE, "10.00");
        assertThat(get(grown).closing()).isEqualTo(Closing.TAKEN_BACK);
        adjust("C1", Responsibility.INSURANCE, "5.00");
        assertThat(books.count("billing_credit_balances where state <> 'resolved'"))
                .as("less than was taken is no other case")
                .isZero();
    }

    @Test
    void aTakebackWhoseRemittanceIsTakenBackOpensTheCreditAgain() {
        CreditBalance credit = classified(paidTwice("commercial"));
        books.claim("C9", "300.00");
        books.receive(takes("RB1", "300", "220", "80"));
        assertThat(get(credit).closing()).isEqualTo(Closing.TAKEN_BACK);
        UUID remittance = books.query("select id from billing_remittances where trace_number = 'RB1'", UUID.class);

        as(Role.BILLING_MANAGER, () -> books.bean(RemittanceReversals.class).reverse(remittance, "The wrong file"));

        assertThat(only().left()).isEqualTo(usd("80.00"));
    }

    /** Another claim is paid in full, and something is moved for C1 besides. */
    private static EraText takes(String trace, String paid, String net, String moved) {
        return EraText.of(trace, net, """
                CLP*C9*1*%1$s*%1$s*0*12*PCN9*11*1
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*WO:PCN1*%2$s
                """.formatted(paid, moved));
    }

    @Test
    void aReversalOfThePayerClosesTheCaseWhereverItStands() {
        CreditBalance credit = classified(paidTwice("commercial"));
        as(Role.BILLING_CLERK, () -> cases.resolve(credit.id(), task(), choice(Choice.INVESTIGATE)));

        books.receive(EraText.of("RV1", "0", REVERSED + "PLB*1234567893*20261231*FB:X*-80\n"));

        assertThat(get(credit).closing()).isEqualTo(Closing.BALANCE_GONE);
        books.hospital.run(() -> assertThat(credits.investigations(credit.id()))
                .singleElement()
                .satisfies(each -> assertThat(each.concludedOn()).isNotNull()));
        assertThat(books.queryAll(
                        "select message_name from workflow_outbox where correlation_key = '%s'".formatted(credit.id()),
                        String.class))
                .contains("refunds.credit-balance-changed");
    }

    @Test
    void onlyWhoeverApprovesRefundsSaysThatItIsNoCreditAndTheSameCreditOpensNoOtherCase() {
        CreditBalance credit = classified(patientCredit(null));
        refused(
                Refusal.NOT_PERMITTED,
                Role.BILLING_CLERK,
                () -> cases.resolve(credit.id(), task(), choice(Choice.NOT_A_CREDIT)));

        as(Role.BILLING_MANAGER, () -> cases.resolve(credit.id(), task(), choice(Choice.NOT_A_CREDIT)));

        assertThat(get(credit).closing()).isEqualTo(Closing.NOT_A_CREDIT);
        settle(credit);
        assertThat(books.count("billing_credit_balances")).isOne();
        books.patientPays("C1", "1.00");
        settle(credit);
        assertThat(books.count("billing_credit_balances where state <> 'resolved'"))
                .as("another credit is another case")
                .isOne();
    }

    @Test
    void theOwnerOfACreditThatNobodyTookBackIsWrittenToOnceAndThatIsListedUntilThen() {
        CreditBalance credit = classified(patientCredit(null));
        LocalDate found = credit.identifiedOn();
        askForLetter(credit);
        askForLetter(credit);

        assertThat(get(credit).needsLetter()).isTrue();
        assertThat(get(credit).letterAskedFor()).isEqualTo(found.plusYears(3).minusDays(120));
        assertThat(books.queryAll("select text from workflow_timeline where step = 'Write to the owner'", String.class))
                .containsExactly("Until %s; unclaimed property of the state from %s"
                        .formatted(found.plusYears(3).minusDays(120), found.plusYears(3)));
        assertThat(needingALetter()).containsExactly(credit.id());

        refused(Refusal.INVALID_INPUT, Role.BILLING_CLERK, () -> credits.letterSent(credit.id(), found.plusDays(1)));
        refused(Refusal.INVALID_INPUT, Role.BILLING_CLERK, () -> credits.letterSent(credit.id(), found.minusDays(1)));
        as(Role.BILLING_CLERK, () -> credits.letterSent(credit.id(), found));

        assertThat(get(credit).letterSentOn()).isEqualTo(found);
        assertThat(needingALetter()).isEmpty();
    }

    @Test
    void moneyOfMedicareIsNeverUnclaimedPropertyOfTheState() {
        CreditBalance credit = paidTwice("medicare");
        askForLetter(credit);

        assertThat(get(credit).letterAskedFor()).isNull();
        refused(
                Refusal.INVALID_INPUT,
                Role.BILLING_CLERK,
                () -> credits.letterSent(credit.id(), credit.identifiedOn()));
    }

    @Test
    void noLetterIsAskedForAnyMoreOnceTheMoneyIsFoundToBeMedicaids() {
        CreditBalance credit = paidTwice("commercial");
        askForLetter(credit);
        assertThat(needingALetter()).containsExactly(credit.id());

        as(
                Role.BILLING_CLERK,
                () -> cases.classify(
                        credit.id(),
                        task(),
                        new CreditClassification(BelongsTo.PAYER, PayerClass.MEDICAID, Cause.DUPLICATE_PAYMENT),
                        "A plan of Medicaid"));

        assertThat(get(credit).needsLetter()).isFalse();
        assertThat(needingALetter()).isEmpty();
    }

    private void askForLetter(CreditBalance credit) {
        books.hospital.run(() -> cases.askForLetter(credit.id()));
    }

    /** NullAway does not see what a class file says about parameters of nested types. */
    @SuppressWarnings("NullAway")
    private List<UUID> needingALetter() {
        return books
                .hospital
                .call(() -> credits.list(new CreditFilter(null, false, null, null, null, true, null, 10)))
                .stream()
                .map(CreditBalance::id)
                .toList();
    }

    @Test
    void aRefundThatIsAskedForFromTheCaseAndCancelledLeadsBackToTheDecision() {
        CreditBalance credit = classified(patientCredit(null));
        as(Role.BILLING_CLERK, () -> cases.resolve(credit.id(), task(), choice(Choice.REFUND)));
        assertThat(get(credit).state()).isEqualTo(CreditBalance.State.REFUND_REQUESTED);
        assertThat(get(credit).step()).isEqualTo(CreditBalanceSteps.AWAIT_REFUND);
        UUID refund = books.query("select id from billing_refunds", UUID.class);

        as(Role.BILLING_CLERK, () -> refunds.cancel(refund, "Mistake"));

        assertThat(get(credit).state()).isEqualTo(CreditBalance.State.OPEN);
        assertThat(get(credit).step()).isEqualTo(CreditBalanceSteps.RESOLVE);
    }

    /** NullAway does not see what a class file says about parameters of nested types. */
    @Test
    @SuppressWarnings("NullAway")
    void theListIsByDueDateAndTheTotalsAreByOwner() {
        CreditBalance credit = paidTwice("medicare");
        books.hospital.run(() -> {
            assertThat(credits.list(new CreditFilter(null, false, BelongsTo.PAYER, null, null, false, null, 10)))
                    .extracting(CreditBalance::id)
                    .containsExactly(credit.id());
            assertThat(credits.list(new CreditFilter(null, false, BelongsTo.PATIENT, null, null, false, null, 10)))
                    .isEmpty();
            assertThat(credits.list(new CreditFilter(null, false, null, PayerClass.MEDICARE, 30, false, null, 10)))
                    .isEmpty();
            assertThat(credits.list(new CreditFilter(null, false, null, PayerClass.MEDICARE, 60, false, null, 10)))
                    .hasSize(1);
            assertThat(credits.aging())
                    .extracting(CreditAging::belongsTo, CreditAging::total, CreditAging::overdue)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple(BelongsTo.PAYER, usd("80.00"), usd("0.00")));
            assertThat(credits.aging().getFirst().byDaysLeft())
                    .containsExactly(usd("0.00"), usd("0.00"), usd("0.00"), usd("80.00"), usd("0.00"));
        });
    }

    @Test
    void aCaseThatWasOpenBeforeThereWasAProcessGetsOneAndIsLookedAtThen() throws Exception {
        CreditBalance credit = paidTwice("medicare");
        String migration = Files.readString(
                Path.of("src/main/resources/db/migration/V039__processes_of_open_credit_balances.sql"));
        try (var connection = TestServices.postgres().superuser().getConnection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("delete from workflow_outbox where correlation_key = '%s'".formatted(credit.id()));
            statement.execute(migration.substring(migration.indexOf("do $$"), migration.indexOf("end $$;") + 7));
            try (var rows = statement.executeQuery("""
                    select message_name, variables->>'creditId', variables->>'orgId' from workflow_outbox
                    where correlation_key = '%s'
                    """.formatted(credit.id()))) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(1)).isEqualTo(CreditBalanceSteps.OPENED_MESSAGE);
                assertThat(rows.getString(2)).isEqualTo(credit.id().toString());
                assertThat(rows.getString(3)).isEqualTo(books.hospital.id().toString());
                assertThat(rows.next()).isFalse();
            }
            connection.rollback();
        }
        change("update billing_credit_balances set belongs_to = null, payer_class = null, cause_code = null,"
                + " refund_due = '2026-01-01'");

        books.hospital.run(() -> cases.standing(credit.id()));

        assertThat(Objects.requireNonNull(only().classification()).payerClass()).isEqualTo(PayerClass.MEDICARE);
        assertThat(only().refundDue()).isEqualTo(today().plusDays(60));
    }

    @Test
    void aPatientWhoPaysTwiceAfterTheRemittanceHasACaseAtOnce() {
        openClaim("C1", null, "100");
        books.receive(EraText.of("LT1", "80.00", PAID));
        books.patientPays("C1", "20.00");
        assertThat(books.count("billing_credit_balances")).isZero();

        books.patientPays("C1", "20.00");

        CreditBalance credit = only();
        assertThat(credit.amount()).isEqualTo(usd("20.00"));
        assertThat(credit.claimId()).isEqualTo(books.claimOf("C1").id());
        assertThat(credit.classification())
                .isEqualTo(new CreditClassification(BelongsTo.PATIENT, PayerClass.SELF_PAY, Cause.DUPLICATE_PAYMENT));
        assertThat(credit.paymentId()).isNotNull();
    }

    @Test
    void aLateAdjustmentOfAClaimIsACreditOfWhoeverPaidAndItsReversalClosesTheCase() {
        openClaim("C1", null, "100");
        books.receive(EraText.of("LT2", "80.00", PAID));
        books.patientPays("C1", "20.00");

        adjust("C1", Responsibility.PATIENT, "-5.00");
        adjust("C1", Responsibility.INSURANCE, "-7.00");

        List<CreditBalance> found = books.hospital.call(() -> credits.list(CreditFilter.unresolved()));
        assertThat(found)
                .extracting(credit -> credit.owner() + " " + credit.amount())
                .containsExactlyInAnyOrder("PATIENT USD 5.00", "PAYER USD 7.00");
        assertThat(found)
                .filteredOn(credit -> credit.owner() == CreditBalance.Owner.PAYER)
                .extracting(CreditBalance::payerId)
                .containsExactly(books.payer);
        adjust("C1", Responsibility.PATIENT, "5.00");
        adjust("C1", Responsibility.INSURANCE, "7.00");
        books.hospital.run(
                () -> assertThat(credits.list(CreditFilter.unresolved())).isEmpty());
    }

    @Test
    void whatAPatientPaysAheadIsNoCreditUntilThePayerHasAnsweredUnlessItIsMoreThanTheClaim() {
        openClaim("C1", null, "100");
        books.patientPays("C1", "60.00");
        assertThat(books.count("billing_credit_balances")).isZero();

        books.patientPays("C1", "50.00");
        assertThat(only().amount()).as("more than the whole claim").isEqualTo(usd("10.00"));
        books.receive(EraText.of("LT3", "80.00", PAID));

        assertThat(only().amount()).as("the share is 20.00").isEqualTo(usd("90.00"));
    }

    @Test
    void moneyWithoutAClaimCountsOnceAndPaysFirstWhatTheClaimsOfTheAccountOwe() {
        openClaim("C1", null, "100");
        books.receive(EraText.of("LT4", "80.00", PAID));
        UUID account = books.claimOf("C1").accountId();
        books.hospital.run(() ->
                books.bean(Payments.class).record(NewPayment.check(account, null, today(), usd("50.00"), "1002")));

        assertThat(only().claimId()).isNull();
        assertThat(only().amount()).as("20.00 of it are owed for the claim").isEqualTo(usd("30.00"));

        books.patientPays("C1", "25.00");

        assertThat(books.hospital.call(() -> credits.list(CreditFilter.unresolved())))
                .extracting(credit -> (credit.claimId() == null ? "account " : "claim ") + credit.amount())
                .containsExactlyInAnyOrder("account USD 50.00", "claim USD 5.00");
        books.hospital.run(() -> assertThat(credits.unresolvedTotal())
                .isEqualTo(accounts.get(account).patientBalance().negated()));
    }

    private void adjust(String controlNumber, Responsibility side, String amount) {
        var claim = books.claimOf(controlNumber);
        books.hospital.run(() -> accounts.record(new AccountPosting(
                claim.accountId(),
                today(),
                TransactionType.WRITE_OFF,
                side,
                usd(amount),
                claim.id(),
                null,
                null,
                null,
                "Corrected price",
                "test:" + UUID.randomUUID())));
    }

    private CreditBalance paidTwice(String payerClass) {
        change("update billing_payers set payer_class = '%s'".formatted(payerClass));
        books.claim("C1", "100.00");
        books.receive(EraText.of("PT1", "80.00", PAID));
        books.receive(EraText.of("PT2", "80.00", PAID));
        return only();
    }

    /** The share of 20.00 was paid twice, for a patient with this guarantor. */
    private CreditBalance patientCredit(@Nullable String guarantor) {
        openClaim("C1", guarantor, "100");
        books.patientPays("C1", "20.00");
        books.patientPays("C1", "20.00");
        books.receive(EraText.of("PC1", "80.00", PAID));
        return only();
    }

    private void owes(String controlNumber, String guarantor, String amount) {
        openClaim(controlNumber, guarantor, amount);
        books.receive(EraText.of("OW" + controlNumber, "0", """
                CLP*%1$s*1*%2$s*0*%2$s*12*PCN%1$s*11*1
                CAS*PR*1*%2$s
                NM1*QC*1*DOE*JANE
                """.formatted(controlNumber, amount)));
    }

    private void openClaim(String controlNumber, @Nullable String guarantor, String amount) {
        books.hospital.run(() -> {
            UUID account = accounts.open(new NewPatientAccount(
                    "patient-" + controlNumber, null, null, null, guarantor, guarantor == null ? null : "parent"));
            books.bean(Claims.class)
                    .create(new NewClaim(
                            account,
                            books.payer,
                            controlNumber,
                            CareSetting.OUTPATIENT,
                            SERVED,
                            List.of(NewClaim.Line.procedure("99213", SERVED, usd(amount + ".00")))));
        });
    }

    /** Asked for by the clerk, waiting for the billing manager. */
    private CreditBalance transferring(String owed) {
        settings(30, 30, true);
        CreditBalance credit = classified(patientCredit("guarantor-1"));
        owes("C2", "guarantor-1", owed);
        var target = books.hospital.call(() -> returns.targets(credit.id())).getFirst();
        as(
                Role.BILLING_CLERK,
                () -> cases.resolve(
                        credit.id(), task(), new Resolution(Choice.TRANSFER, "As the family asked", target.key(), "")));
        UUID wanted = underWay(credit).id();
        books.hospital.run(
                () -> returns.ruleAnswered(credit.id(), wanted, Answer.of(List.of("billing-manager"), "Test rule")));
        return credit;
    }

    private CreditBalance classified(CreditBalance credit) {
        as(
                Role.BILLING_CLERK,
                () -> cases.classify(credit.id(), task(), Objects.requireNonNull(credit.classification()), ""));
        return get(credit);
    }

    private void decide(CreditBalance credit, boolean approve) {
        returns.decide(underWay(credit).id(), new ApprovalDecision(task(), 1, approve, null));
    }

    private CreditReturn underWay(CreditBalance credit) {
        return books.hospital.call(() -> returns.underWay(credit.id())).orElseThrow();
    }

    private void settle(CreditBalance credit) {
        books.hospital.run(() -> context.getBean(TransactionTemplate.class)
                .executeWithoutResult(
                        status -> credits.claimSettled(credit.accountId(), Objects.requireNonNull(credit.claimId()))));
    }

    private void settings(int patientDays, int commercialDays, boolean transfers) {
        as(
                Role.ORG_ADMIN,
                () -> credits.changeSettings(
                        new CreditBalanceSettings(patientDays, commercialDays, 60, 7, 30, transfers, 3, 120)));
    }

    private static Resolution choice(Choice choice) {
        return new Resolution(choice, "Because of the file", "", "");
    }

    private CreditBalance only() {
        List<CreditBalance> found = books.hospital.call(() -> credits.list(CreditFilter.unresolved()));
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private CreditBalance get(CreditBalance credit) {
        return books.hospital.call(() -> credits.get(credit.id()));
    }

    private void refused(Refusal refusal, Role role, Runnable work) {
        var thrown = new AtomicReference<RuleViolation>();
        books.hospital.runAs(role, () -> {
            try {
                work.run();
            } catch (RuleViolation e) {
                thrown.set(e);
            }
        });
        assertThat(thrown.get()).as("refused").isNotNull();
        assertThat(thrown.get().refusal()).isEqualTo(refusal);
    }

    private void as(Role role, Runnable work) {
        books.hospital.runAs(role, work);
    }

    private void change(String sql) {
        books.hospital.run(() -> context.getBean(TransactionTemplate.class)
                .executeWithoutResult(
                        status -> context.getBean(JdbcClient.class).sql(sql).update()));
    }

    private LocalDate today() {
        return books.hospital.call(() -> context.getBean(Organizations.class).today());
    }

    private static long task() {
        return TASKS.incrementAndGet();
    }
}

package io.remitflow.checks;

import static io.remitflow.checks.CheckBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestServices;
import io.remitflow.payments.CounterPayments;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payment;
import io.remitflow.payments.PaymentStatus;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.AccountTransaction;
import io.remitflow.receivables.Aging;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.workflow.Timeline;
import java.sql.Connection;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@BooksTest
class CheckConfirmationsIntegrationTests {

    @Autowired
    ApplicationContext context;

    CheckBooks books;
    UUID rye;
    UUID portChester;

    @BeforeEach
    void openHospital() {
        books = new CheckBooks(context);
        rye = books.facility("The Enclave at Rye");
        portChester = books.facility("The Enclave at Port Chester");
    }

    @Test
    void s3_aPayerOfOnePlacePaysForAnother() {
        UUID ofRye = books.invoice(rye, 5, "1000.00");
        UUID ofPortChester = books.invoice(portChester, 5, "1000.00");
        books.payer("The Enclave at Port Chester", rye);
        var check = one(books.packet(
                "1211",
                "The Enclave at Port Chester",
                "1,000.00",
                "One thousand and 00/100",
                books.line(ofRye, 3, "1,000.00")));

        books.confirm(check.id());

        assertThat(books.status(ofRye)).isEqualTo("paid");
        assertThat(books.due(ofPortChester)).isEqualTo(usd("1000.00"));
        assertThat(books.balance(rye)).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("1000.00"));
        assertThat(books.ledger(StandardAccount.AR_PATIENTS)).isEqualTo(usd("1000.00"));
    }

    @Test
    void s3_aManagementCompanyPaysForSeveralFacilitiesWithOneCheck() {
        UUID ofRye = books.invoice(rye, 5, "1000.00");
        UUID ofPortChester = books.invoice(portChester, 12, "234.56");
        UUID notPaid = books.invoice(portChester, 60, "500.00");
        books.payer("New Premier*");
        var check = one(books.packet(
                "77",
                "New Premier Management LLC",
                "1,300.00",
                "One thousand three hundred and 00/100",
                books.line(ofRye, 5, "1,000.00"),
                books.line(ofPortChester, 10, "234.56")));

        books.confirm(check.id());

        assertThat(books.status(ofRye)).isEqualTo("paid");
        assertThat(books.status(ofPortChester)).isEqualTo("paid");
        assertThat(books.due(notPaid)).isEqualTo(usd("500.00"));
        assertThat(books.ledger(StandardAccount.UNAPPLIED_CASH)).isEqualTo(usd("65.44"));
        var remainder =
                books.as(() -> books.bean(CheckRemainders.class).open(10)).getFirst();
        assertThat(remainder.remaining()).isEqualTo(usd("65.44"));
        assertThat(remainder.facilityId()).as("nobody knows for whom it is").isNull();
        assertThat(payments(rye)).extracting(Payment::amount).containsExactly(usd("1000.00"));
        assertThat(payments(portChester)).extracting(Payment::reference).containsExactly("77");
        assertThat(books.as(() -> books.bean(CheckConfirmations.class).applications(check.id())))
                .extracting(CheckApplication::facilityId)
                .containsExactly(rye, portChester);
    }

    @Test
    void s3_theRestOfAnOnlyFacilityPaysItsOldestInvoicesAndIsThenUnapplied() {
        UUID named = books.invoice(rye, 5, "100.00");
        UUID oldest = books.invoice(rye, 90, "50.00");
        UUID old = books.invoice(rye, 60, "30.00");
        books.payer("The Enclave at Rye", rye);
        var check = one(books.packet(
                "78", "The Enclave at Rye", "200.00", "Two hundred and 00/100", books.line(named, 5, "100.00")));

        books.confirm(check.id());

        assertThat(List.of(books.status(named), books.status(oldest), books.status(old)))
                .containsOnly("paid");
        var remainder = books.as(() -> books.bean(CheckConfirmations.class).remainder(check.id()))
                .orElseThrow();
        assertThat(remainder.remaining()).isEqualTo(usd("20.00"));
        assertThat(remainder.facilityId()).isEqualTo(rye);
    }

    @Test
    void anInvoiceThatIsPaidInPartIsPartialAndTheNextCheckPaysTheRest() {
        UUID invoice = books.invoice(rye, 5, "100.00");
        books.payer("The Enclave at Rye", rye);
        var first = one(books.packet("1", "The Enclave at Rye", "60.00", "Sixty and 00/100"));
        books.confirm(first.id());
        assertThat(books.status(invoice)).isEqualTo("partial");
        assertThat(books.due(invoice)).isEqualTo(usd("40.00"));

        var second = one(
                books.packet("2", "The Enclave at Rye", "40.00", "Forty and 00/100", books.line(invoice, 5, "40.00")));
        books.confirm(second.id());

        assertThat(books.status(invoice)).isEqualTo("paid");
        assertThat(books.balance(rye)).isEqualTo(usd("0.00"));
    }

    @Test
    void whatAnInvoiceBillsOfAClaimIsPaidOnTheClaimTooAndOwedThereAgainWhenTheCheckComesBack() {
        UUID patient = books.facility("Nguyen");
        UUID claim = books.claimWithShare(patient, "75.00");
        UUID invoice = books.invoiceOfShare(patient, claim, "75.00");
        books.payer("Ha Nguyen", patient);

        UUID part =
                one(books.packet("1", "Ha Nguyen", "50.00", "Fifty and 00/100")).id();
        books.confirm(part);
        assertThat(books.shareOwed(claim))
                .as("20.00 for the visit, then 30.00 of the share")
                .isEqualTo(usd("45.00"));
        UUID rest = one(books.packet("2", "Ha Nguyen", "45.00", "Forty-five and 00/100"))
                .id();
        books.confirm(rest);

        assertThat(books.status(invoice)).isEqualTo("paid");
        assertThat(books.shareOwed(claim)).isEqualTo(usd("0.00"));
        assertThat(owedBy(patient)).isEqualTo(usd("0.00"));
        assertThat(books.as(() -> books.bean(CounterPayments.class).open(patient)))
                .isEmpty();
        refused(Refusal.INVOICE_EXCEEDS_SHARE, () -> books.invoiceOfShare(patient, claim, "75.00"));
        assertThat(payments(patient))
                .filteredOn(payment -> "2".equals(payment.reference()))
                .extracting(Payment::claimId)
                .as("so that it can be refunded to it")
                .containsExactly(claim);

        books.run(() -> books.bean(CheckReturns.class).returned(part, CheckReturnCode.NSF, ""));
        assertThat(books.shareOwed(claim)).isEqualTo(usd("30.00"));
        books.run(() -> books.bean(CheckReturns.class).returned(rest, CheckReturnCode.NSF, ""));
        assertThat(books.shareOwed(claim)).isEqualTo(usd("75.00"));
        assertThat(books.due(invoice)).isEqualTo(usd("95.00"));
        assertThat(books.as(() -> books.bean(PatientAccounts.class).transactions(patient)))
                .filteredOn(
                        each -> claim.equals(each.claimId()) && each.amount().isPositive() && each.paymentId() != null)
                .as("as old as it was")
                .hasSize(2)
                .extracting(AccountTransaction::agingDate)
                .containsOnly(books.today().minusDays(40));
        assertThat(books.ledger(StandardAccount.AR_PATIENTS)).isEqualTo(usd("20.00"));
    }

    @Test
    void whatWasUnappliedPaysTheClaimBehindAnInvoiceToo() {
        UUID patient = books.facility("Nguyen");
        UUID claim = books.claimWithShare(patient, "75.00");
        books.payer("Ha Nguyen", patient);
        UUID check = one(books.packet("1", "Ha Nguyen", "95.00", "Ninety-five and 00/100"))
                .id();
        books.confirm(check);
        UUID invoice = books.invoiceOfShare(patient, claim, "75.00");

        CheckRemainder left =
                books.as(() -> books.bean(CheckRemainders.class).open(10)).getFirst();
        books.run(() -> books.bean(CheckRemainders.class).assign(left.id(), invoice, usd("95.00"), left.remaining()));

        assertThat(books.status(invoice)).isEqualTo("paid");
        assertThat(books.shareOwed(claim)).isEqualTo(usd("0.00"));
        refused(Refusal.INVOICE_EXCEEDS_SHARE, () -> books.invoiceOfShare(patient, claim, "75.00"));

        books.run(() -> books.bean(CheckReturns.class).returned(check, CheckReturnCode.NSF, ""));
        assertThat(books.shareOwed(claim)).isEqualTo(usd("75.00"));
        assertThat(owedBy(patient)).isEqualTo(usd("95.00"));
    }

    @Test
    void c48_aSecondConfirmationIsRefused() {
        books.invoice(rye, 5, "100.00");
        books.payer("The Enclave at Rye", rye);
        var check = one(books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100"));
        String seen = books.preview(check.id()).seen();
        books.confirm(check.id(), check.version(), seen);

        refused(Refusal.CHECK_NOT_IN_REVIEW, () -> books.confirm(check.id(), check.version(), seen));

        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("100.00"));
    }

    @Test
    void ofTwoPeopleAtOnceOneWinsAndTheOthersAreTold() throws Exception {
        books.invoice(rye, 5, "100.00");
        books.payer("The Enclave at Rye", rye);
        var check = one(books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100"));
        String seen = books.preview(check.id()).seen();

        var outcomes = atOnce(4, () -> {
            books.confirm(check.id(), check.version(), seen);
            return "won";
        });

        assertThat(outcomes).containsOnlyOnce("won");
        assertThat(outcomes.stream().filter("CHECK_NOT_IN_REVIEW"::equals)).hasSize(3);
        assertThat(payments(rye)).hasSize(1);
    }

    @Test
    void twoChecksForOneInvoiceNeverPayItTwice() throws Exception {
        UUID invoice = books.invoice(rye, 5, "100.00");
        books.payer("The Enclave at Rye", rye);
        var one = one(books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100"));
        var two = one(books.packet("2", "The Enclave at Rye", "100.00", "One hundred and 00/100"));
        var ids = new ArrayList<>(List.of(one.id(), two.id()));
        var barrierIds = java.util.Collections.synchronizedList(ids);

        var outcomes = atOnce(2, () -> {
            UUID id = barrierIds.removeFirst();
            books.confirm(id, 1, books.preview(id).seen());
            return "won";
        });

        assertThat(outcomes).contains("won").isSubsetOf("won", "CHANGED_MEANWHILE");
        assertThat(books.due(invoice)).isEqualTo(usd("0.00"));
        assertThat(books.balance(rye).isNegative()).isFalse();
    }

    @Test
    void c48_theAllocationIsComputedAnewAndMustBeWhatWasShown() {
        UUID invoice = books.invoice(rye, 5, "100.00");
        books.payer("The Enclave at Rye", rye);
        var check = one(books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100"));
        String seen = books.preview(check.id()).seen();
        books.invoice(rye, 200, "70.00");

        refused(Refusal.CHANGED_MEANWHILE, () -> books.confirm(check.id(), check.version(), seen));

        assertThat(books.due(invoice)).isEqualTo(usd("100.00"));
        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("0.00"));
    }

    @Test
    void s3_anUnknownPayerIsNeverGuessedAndAPickIsProposedAsARule() {
        UUID invoice = books.invoice(rye, 5, "100.00");
        var check = one(books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100"));
        assertThat(books.preview(check.id()).doubts()).contains(Doubt.PAYER_UNRECOGNIZED);
        refused(Refusal.CHECK_NOT_CONFIRMABLE, () -> books.confirm(check.id()));

        var picked = books.as(() -> books.bean(Checks.class)
                .change(check.id(), check.version(), CheckFields.of(check).withFacilities(Set.of(rye))));
        books.confirm(picked.id());

        assertThat(books.status(invoice)).isEqualTo("paid");
        var proposal = books.as(() -> books.bean(CheckPayers.class).proposals()).getFirst();
        assertThat(proposal.facilityId()).isEqualTo(rye);
        assertThat(proposal.support()).isOne();
        books.run(() -> books.bean(CheckPayers.class).accept(proposal.id()));
        assertThat(books.as(() -> books.bean(CheckPayers.class).match("THE ENCLAVE AT RYE"))
                        .isSingleFacility())
                .isTrue();
    }

    @Test
    void whatIsPickedIsProposedUntilARuleSaysItAndAgainWhenTheRuleIsGone() {
        picked("1", rye);
        picked("2", rye);
        PayerProposal twice = proposals().getFirst();
        assertThat(twice.support()).isEqualTo(2);
        UUID rule = books.as(() -> books.bean(CheckPayers.class).accept(twice.id()));
        picked("3", rye);
        assertThat(proposals()).as("a rule says it").isEmpty();

        books.run(() -> books.bean(CheckPayers.class).remove(rule));
        picked("4", rye);
        assertThat(proposals()).singleElement().satisfies(again -> {
            assertThat(again.facilityId()).isEqualTo(rye);
            assertThat(again.support()).isEqualTo(3);
        });
        UUID restored = books.as(() ->
                books.bean(CheckPayers.class).accept(proposals().getFirst().id()));

        picked("5", portChester);
        assertThat(proposals()).extracting(PayerProposal::facilityId).containsExactly(portChester);
        assertThat(books.as(() -> books.bean(CheckPayers.class)
                        .accept(proposals().getFirst().id())))
                .as("the same rule says more")
                .isEqualTo(restored);
        assertThat(books.as(() -> books.bean(CheckPayers.class).match("New Premier"))
                        .facilities())
                .containsExactlyInAnyOrder(rye, portChester);

        picked("6", books.facility("A third one"));
        books.run(() ->
                books.bean(CheckPayers.class).dismiss(proposals().getFirst().id()));
        assertThat(proposals()).isEmpty();
    }

    private void picked(String number, UUID facility) {
        var check = one(books.packet(number, "New Premier", "10.00", "Ten and 00/100"));
        var picked = books.as(() -> books.bean(Checks.class)
                .change(check.id(), check.version(), CheckFields.of(check).withFacilities(Set.of(facility))));
        books.confirm(picked.id());
    }

    private List<PayerProposal> proposals() {
        return books.as(() -> books.bean(CheckPayers.class).proposals());
    }

    @Test
    void c48_aCheckThatWasTakenAtTheDeskIsBookedFromItsScanOnlyIfThatWasSeen() {
        books.invoice(rye, 5, "100.00");
        books.payer("The Enclave at Rye", rye);
        books.as(() -> books.bean(CounterPayments.class)
                .take(NewPayment.check(rye, null, books.today(), usd("100.00"), "001211"), books.today(), List.of()));
        var check = one(books.packet("1211", "The Enclave at Rye", "100.00", "One hundred and 00/100"));
        var other = one(books.packet("1212", "The Enclave at Rye", "100.00", "One hundred and 00/100"));

        assertThat(books.preview(check.id()).doubts()).contains(Doubt.TAKEN_AT_DESK);
        assertThat(books.preview(check.id()).atDesk()).hasSize(1);
        assertThat(books.preview(other.id()).doubts()).doesNotContain(Doubt.TAKEN_AT_DESK);
        refused(
                Refusal.CHECK_NOT_CONFIRMABLE,
                () -> books.run(() -> books.bean(CheckConfirmations.class)
                        .confirm(check.id(), new CheckConfirmations.Confirmation(1, null, false, null))));
        books.confirm(check.id());

        assertThat(books.as(() -> books.bean(Payments.class).checksAtDesk("1211", usd("100.00"))))
                .as("a scan is no doubt about itself")
                .hasSize(1);
        refused(
                Refusal.CHECK_TAKEN_BEFORE,
                () -> books.as(() -> books.bean(CounterPayments.class)
                        .take(
                                NewPayment.check(rye, null, books.today(), usd("100.00"), "1211"),
                                books.today(),
                                List.of())));
    }

    @Test
    void theDeskDoesNotTakeACheckOfWhichOnlyAPartPaid() {
        books.invoice(rye, 5, "80.00");
        books.payer("The Enclave at Rye", rye);
        books.confirm(one(books.packet("1211", "The Enclave at Rye", "100.00", "One hundred and 00/100"))
                .id());
        books.payer("New Premier*");
        books.confirm(one(books.packet("77", "New Premier", "50.00", "Fifty and 00/100"))
                .id());

        refused(Refusal.CHECK_TAKEN_BEFORE, () -> takeAtDesk("1211", "100.00"));
        refused(Refusal.CHECK_TAKEN_BEFORE, () -> takeAtDesk("077", "50.00"));
        takeAtDesk("1212", "100.00");
        assertThat(payments(rye)).hasSize(2);
    }

    private void takeAtDesk(String number, String amount) {
        books.as(() -> books.bean(CounterPayments.class)
                .take(NewPayment.check(rye, null, books.today(), usd(amount), number), books.today(), List.of()));
    }

    @Test
    void aDoubtThatWasNotShownIsNotSeen() {
        books.invoice(rye, 5, "100.00");
        books.payer("The Enclave at Rye", rye);
        takeAtDesk("1211", "100.00");
        var check = one(books.packet("1212", "The Enclave at Rye", "100.00", "Ten and 00/100"));
        check = change(check, CheckFields.of(check).withAmount(usd("100.00")));
        String seen = books.preview(check.id()).seen();

        var renumbered = change(check, numbered(CheckFields.of(check), "1211"));

        assertThat(books.preview(renumbered.id()).doubts()).contains(Doubt.TAKEN_AT_DESK);
        refused(Refusal.CHANGED_MEANWHILE, () -> books.confirm(renumbered.id(), renumbered.version(), seen));
        assertThat(books.check(renumbered.id()).status()).isEqualTo(CheckStatus.NEEDS_REVIEW);
    }

    private static CheckFields numbered(CheckFields fields, String number) {
        return new CheckFields(
                number,
                fields.date(),
                fields.payerName(),
                fields.payeeName(),
                fields.memo(),
                fields.amount(),
                fields.lines(),
                fields.facilities());
    }

    @Test
    void anAmountThatNobodyReadIsADoubt() {
        books.payer("The Enclave at Rye", rye);
        var check = one(
                books.packet("1", "The Enclave at Rye", "1,234.56", "One thousand two hundred thirty-four and 56/100"));
        assertThat(books.preview(check.id()).doubts()).doesNotContain(Doubt.AMOUNT_OF_NOBODY);

        change(check, CheckFields.of(check).withAmount(usd("1243.56")));

        assertThat(books.preview(check.id()).doubts()).contains(Doubt.AMOUNT_OF_NOBODY);
    }

    @Test
    void s3_aPayerOfTwoFacilitiesPaysInvoicesOfTheseTwoOnlyAndTheRestWaitsForThem() {
        UUID yonkers = books.facility("The Enclave at Yonkers");
        UUID ofRye = books.invoice(rye, 5, "100.00");
        UUID ofPortChester = books.invoice(portChester, 6, "50.00");
        UUID ofYonkers = books.invoice(yonkers, 5, "30.00");
        UUID rule = books.payer("Sound Shore Care", rye, portChester);
        var check = one(books.packet(
                "5",
                "Sound Shore Care",
                "180.00",
                "One hundred eighty and 00/100",
                books.line(ofRye, 5, "100.00"),
                books.line(ofPortChester, 6, "50.00"),
                books.line(ofYonkers, 5, "30.00")));

        books.confirm(check.id());

        assertThat(List.of(books.status(ofRye), books.status(ofPortChester))).containsOnly("paid");
        assertThat(books.due(ofYonkers)).isEqualTo(usd("30.00"));
        var left = books.as(() -> books.bean(CheckRemainders.class).open(10)).getFirst();
        assertThat(left.remaining()).isEqualTo(usd("30.00"));
        assertThat(books.as(() ->
                        books.bean(CheckRemainders.class).choices(left.id(), "").accounts()))
                .extracting(PatientAccount::id)
                .containsExactlyInAnyOrder(rye, portChester);
        refused(
                Refusal.NOT_FOUND,
                () -> books.run(() -> books.bean(CheckRemainders.class)
                        .assign(left.id(), ofYonkers, usd("30.00"), left.remaining())));

        books.run(() -> books.bean(CheckPayers.class).remove(rule));

        assertThat(books.as(() ->
                        books.bean(CheckRemainders.class).choices(left.id(), "").forNobody()))
                .as("without a rule it may go nowhere, not anywhere")
                .isTrue();
        refused(
                Refusal.NOT_FOUND,
                () -> books.run(() -> books.bean(CheckRemainders.class)
                        .assign(left.id(), ofYonkers, usd("30.00"), left.remaining())));
    }

    @Test
    void doubtsHaveToBeSeen() {
        books.invoice(rye, 5, "100.00");
        books.payer("The Enclave at Rye", rye);
        var check = one(books.packet("1", "The Enclave at Rye", "100.00", "Ten and 00/100"));
        assertThat(check.amount()).as("the words count").isEqualTo(usd("10.00"));
        assertThat(books.preview(check.id()).doubts()).contains(Doubt.AMOUNTS_DIFFER, Doubt.UNSURE);

        refused(
                Refusal.CHECK_NOT_CONFIRMABLE,
                () -> books.run(() -> books.bean(CheckConfirmations.class)
                        .confirm(check.id(), new CheckConfirmations.Confirmation(1, null, false, null))));
    }

    @Test
    void d16_anEarlierCheckThatIsCorrectedToBeLikeALaterOneMakesTheLaterOneADuplicateToDecide() {
        books.invoice(rye, 5, "200.00");
        books.payer("The Enclave at Rye", rye);
        var earlier = one(books.packet("1", "The Enclave at Rye", "10.00", "Ten and 00/100"));
        var later = one(books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100"));
        assertThat(later.isSuspectedDuplicate()).isFalse();

        change(earlier, CheckFields.of(earlier).withAmount(usd("100.00")));

        assertThat(books.check(earlier.id()).isSuspectedDuplicate()).isFalse();
        assertThat(books.check(later.id()).isSuspectedDuplicate()).isTrue();
        refused(Refusal.CHECK_NOT_CONFIRMABLE, () -> books.confirm(later.id()));
        books.run(() -> books.bean(Checks.class).decideDuplicate(later.id(), false, "Two months"));
        books.confirm(later.id());
        assertThat(books.check(later.id()).status()).isEqualTo(CheckStatus.CONFIRMED);
    }

    @Test
    void d16_aCheckThatIsNoMoreLikeAnotherOneNeedsNoDecision() {
        books.invoice(rye, 5, "200.00");
        books.payer("The Enclave at Rye", rye);
        var earlier = one(books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100"));
        var later = one(
                books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100", line("10.00", "90.00")));
        assertThat(later.isSuspectedDuplicate()).isTrue();

        change(earlier, CheckFields.of(earlier).withAmount(usd("10.00")));

        assertThat(books.check(later.id()).isSuspectedDuplicate()).isFalse();
        books.confirm(later.id());
    }

    @Test
    void d16_twoThatNobodyComparedAreFoundWhenTheLaterOneIsConfirmedAndThenSomebodyDecides() {
        books.invoice(rye, 5, "200.00");
        books.payer("The Enclave at Rye", rye);
        var earlier = one(books.packet("1", "The Enclave at Rye", "10.00", "Ten and 00/100"));
        var later = one(books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100"));
        JdbcClient.create(TestServices.postgres().superuser())
                .sql("update check_payments set amount = 10000 where id = :id")
                .param("id", earlier.id())
                .update();

        refused(Refusal.CHECK_NOT_CONFIRMABLE, () -> books.confirm(later.id()));

        assertThat(books.check(later.id()).isSuspectedDuplicate())
                .as("it stays so")
                .isTrue();
        books.run(() -> books.bean(Checks.class).decideDuplicate(later.id(), true, "Sent twice"));
        assertThat(books.check(later.id()).status()).isEqualTo(CheckStatus.REJECTED);
        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("0.00"));
    }

    @Test
    void d16_whileOneIsBookedAnotherThatBecomesLikeItWaitsAndIsThenADuplicate() throws Exception {
        books.invoice(rye, 5, "300.00");
        books.payer("The Enclave at Rye", rye);
        var earlier = one(books.packet("1", "The Enclave at Rye", "10.00", "Ten and 00/100"));
        var later = one(books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100"));
        var transactions = books.bean(TransactionTemplate.class);

        try (var threads = Executors.newSingleThreadExecutor()) {
            Future<?> confirming = books.as(() -> transactions.execute(status -> {
                books.bean(CheckConfirmations.class)
                        .confirm(later.id(), new CheckConfirmations.Confirmation(1, null, true, null));
                Future<?> meanwhile = threads.submit(() -> {
                    change(earlier, CheckFields.of(earlier).withAmount(usd("100.00")));
                    books.run(() -> books.bean(CheckConfirmations.class)
                            .confirm(earlier.id(), new CheckConfirmations.Confirmation(2, null, true, null)));
                });
                awaitAdvisoryLock();
                return meanwhile;
            }));
            assertThatThrownBy(() -> Objects.requireNonNull(confirming).get())
                    .hasCauseInstanceOf(RuleViolation.class)
                    .hasMessageContaining("another check");
        }

        assertThat(books.check(later.id()).status()).isEqualTo(CheckStatus.CONFIRMED);
        assertThat(books.check(earlier.id()).isSuspectedDuplicate()).isTrue();
        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("100.00"));
    }

    @Test
    void c48_aCheckOlderThanSixMonthsOrOfTomorrowIsDoubtful() {
        var check = aCheck();
        var fields = CheckFields.of(check);
        var today = books.today();

        assertThat(doubts(check, withDate(fields, today))).doesNotContain(Doubt.STALE, Doubt.POST_DATED);
        assertThat(doubts(check, withDate(fields, today.minusMonths(6)))).doesNotContain(Doubt.STALE);
        assertThat(doubts(check, withDate(fields, today.minusMonths(6).minusDays(1))))
                .contains(Doubt.STALE);
        assertThat(doubts(check, withDate(fields, today.plusDays(1)))).contains(Doubt.POST_DATED);
    }

    @Test
    void c48_anUnsignedCheckIsDoubtful() {
        var drawn = new PacketPdf.DrawnCheck(
                "1", books.today(), "The Enclave at Rye", "100.00", "One hundred and 00/100", "June", false, List.of());
        String name = books.as(() -> books.bean(Organizations.class).current().name());

        assertThat(books.preview(one(PacketPdf.from("x").to(name).check(drawn)).id())
                        .doubts())
                .contains(Doubt.UNSIGNED);
        assertThat(books.preview(aCheck().id()).doubts()).doesNotContain(Doubt.UNSIGNED);
    }

    @Test
    void c48_aCheckToSomebodyElseOrToSomebodyBesideUsIsDoubtful() {
        String name = books.as(() -> books.bean(Organizations.class).current().name());
        var check = aCheck();

        for (String ours : List.of(name, name.toUpperCase(java.util.Locale.ROOT), name + ", Inc.", "The " + name)) {
            assertThat(toPayee(check, ours)).as(ours).doesNotContain(Doubt.OTHER_PAYEE, Doubt.TWO_PARTY);
        }
        assertThat(toPayee(check, name + " Patient Accounts, PO Box 4711")).doesNotContain(Doubt.TWO_PARTY);
        assertThat(toPayee(check, "Saint Elsewhere"))
                .contains(Doubt.OTHER_PAYEE)
                .doesNotContain(Doubt.TWO_PARTY);
        for (String both :
                List.of(name + " AND John Doe", "John Doe & " + name, name + " or J. Doe", name + " John Doe")) {
            assertThat(toPayee(check, both)).as(both).contains(Doubt.TWO_PARTY);
        }
    }

    @Test
    void c48_linesThatDoNotAddUpAreDoubtful() {
        books.payer("The Enclave at Rye", rye);
        var same = one(
                books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100", line("40.00", "60.00")));
        var other = one(
                books.packet("2", "The Enclave at Rye", "100.00", "One hundred and 00/100", line("40.00", "60.01")));

        assertThat(books.preview(same.id()).doubts()).doesNotContain(Doubt.LINES_DIFFER);
        assertThat(books.preview(other.id()).doubts()).contains(Doubt.LINES_DIFFER);
    }

    @Test
    void s3_aPayerOfWhomTheRulesSayDifferentThingsIsNeverGuessed() {
        books.payer("The Enclave*", rye);
        books.payer("*at Rye", portChester);
        var check = one(books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100"));

        assertThat(books.preview(check.id()).doubts()).contains(Doubt.PAYER_AMBIGUOUS);
        refused(Refusal.CHECK_NOT_CONFIRMABLE, () -> books.confirm(check.id()));
    }

    @Test
    void c48_aCheckThatSaysItPaysEverythingCanBeRepaidForNinetyDaysAndSomebodyIsReminded() {
        books.invoice(rye, 5, "300.00");
        var check = aCheck();
        assertThat(books.preview(check.id()).doubts()).doesNotContain(Doubt.FULL_SETTLEMENT);
        for (String memo :
                List.of("Paid in full", "PAYMENT IN FULL acct 7", "full and final settlement", "Final payment")) {
            assertThat(doubts(check, withMemo(CheckFields.of(check), memo)))
                    .as(memo)
                    .contains(Doubt.FULL_SETTLEMENT);
        }
        var other = one(books.packet("2", "The Enclave at Rye", "50.00", "Fifty and 00/100"));
        books.confirm(other.id());
        var settling = change(check, withMemo(CheckFields.of(check), "Paid in full"));

        books.confirm(settling.id());

        assertThat(books.check(check.id()).settlementUntil())
                .isEqualTo(books.today().plusDays(90));
        assertThat(books.check(other.id()).settlementUntil()).isNull();
        assertThat(books.as(() -> books.bean(CheckConfirmations.class).settling()))
                .extracting(PaperCheck::id)
                .containsExactly(check.id());
        assertThat(books.as(() -> books.bean(Timeline.class).of(Checks.SUBJECT, check.id())))
                .anySatisfy(entry -> assertThat(entry.toString())
                        .contains("Repay it by " + books.today().plusDays(90)));
        books.run(() -> books.bean(CheckReturns.class).returned(check.id(), CheckReturnCode.NSF, ""));
        assertThat(books.as(() -> books.bean(CheckConfirmations.class).settling()))
                .as("it paid nothing")
                .isEmpty();
    }

    @Test
    void onlyWhoMayConfirmConfirms() {
        books.invoice(rye, 5, "100.00");
        books.payer("The Enclave at Rye", rye);
        var check = one(books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100"));

        refused(
                Refusal.NOT_PERMITTED,
                () -> books.hospital.runAs(
                        Role.BILLING_CLERK,
                        () -> books.bean(CheckConfirmations.class)
                                .confirm(check.id(), new CheckConfirmations.Confirmation(1, null, true, null))));
    }

    @Test
    void aRemainderPaysWhatAPersonSays() {
        UUID ofRye = books.invoice(rye, 100, "60.00");
        books.payer("New Premier*");
        var check = one(books.packet("77", "New Premier", "100.00", "One hundred and 00/100"));
        books.confirm(check.id());
        var remainder =
                books.as(() -> books.bean(CheckRemainders.class).open(10)).getFirst();

        books.run(() ->
                books.bean(CheckRemainders.class).assign(remainder.id(), ofRye, usd("60.00"), remainder.remaining()));

        refused(
                Refusal.CHANGED_MEANWHILE,
                () -> books.run(() -> books.bean(CheckRemainders.class)
                        .assign(remainder.id(), ofRye, usd("60.00"), remainder.remaining())));
        assertThat(books.status(ofRye)).isEqualTo("paid");
        assertThat(books.ledger(StandardAccount.UNAPPLIED_CASH)).isEqualTo(usd("40.00"));
        assertThat(books.balance(rye)).isEqualTo(usd("0.00"));
        assertThat(books.check(check.id()).applied()).isEqualTo(usd("60.00"));
    }

    @Test
    void c48_aCheckThatComesBackReopensItsInvoicesAsOldAsTheyWere() {
        UUID invoice = books.invoice(rye, 100, "100.00");
        books.payer("The Enclave at Rye", rye);
        var check = one(books.packet("1", "The Enclave at Rye", "130.00", "One hundred thirty and 00/100"));
        Aging before = aging();
        books.confirm(check.id());

        books.run(() -> books.bean(CheckReturns.class).returned(check.id(), CheckReturnCode.NSF, ""));

        assertThat(books.due(invoice)).isEqualTo(usd("100.00"));
        assertThat(books.status(invoice)).isEqualTo("sent");
        assertThat(aging()).as("no younger than it was").isEqualTo(before);
        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.UNAPPLIED_CASH)).isEqualTo(usd("0.00"));
        assertThat(payments(rye)).extracting(Payment::status).containsExactly(PaymentStatus.RETURNED);
        assertThat(books.check(check.id()).status()).isEqualTo(CheckStatus.RETURNED);
        refused(
                Refusal.CHECK_NOT_IN_REVIEW,
                () -> books.run(
                        () -> books.bean(CheckReturns.class).returned(check.id(), CheckReturnCode.NSF, "again")));
    }

    @Test
    void anEntryOfACheckIsNotReversedInTheLedgerAlone() {
        books.invoice(rye, 5, "100.00");
        books.payer("The Enclave at Rye", rye);
        var check = one(books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100"));
        books.confirm(check.id());
        UUID entry = Objects.requireNonNull(books.check(check.id()).journalEntryId());

        refused(
                Refusal.ENTRY_NOT_REVERSIBLE,
                () -> books.run(
                        () -> books.bean(Journal.class).reverseByHand(entry, books.today(), "By mistake", "by-hand")));
    }

    @Test
    void a1_aConfirmationThatIsKilledInTheMiddleHasBookedNothingAndIsDoneAgain() throws Exception {
        UUID invoice = books.invoice(rye, 5, "100.00");
        books.payer("The Enclave at Rye", rye);
        var check = one(books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100"));
        String seen = books.preview(check.id()).seen();
        var superuser = TestServices.postgres().superuser();

        try (var threads = Executors.newSingleThreadExecutor();
                Connection blocker = superuser.getConnection()) {
            // It has the check and the invoices by then, and wants to post.
            blocker.setAutoCommit(false);
            try (var statement = blocker.createStatement()) {
                statement.execute("select from billing_patient_accounts where id = '%s' for update".formatted(rye));
            }
            Future<?> confirming = threads.submit(() -> books.confirm(check.id(), check.version(), seen));
            killWhoeverWaits(superuser);
            assertThatThrownBy(confirming::get).isNotNull();
            blocker.rollback();
        }

        assertThat(books.check(check.id()).status()).isEqualTo(CheckStatus.NEEDS_REVIEW);
        assertThat(books.due(invoice)).isEqualTo(usd("100.00"));
        assertThat(payments(rye)).isEmpty();
        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("0.00"));
        books.confirm(check.id(), check.version(), seen);
        assertThat(books.status(invoice)).isEqualTo("paid");
        assertThat(payments(rye)).hasSize(1);
    }

    private static void killWhoeverWaits(DataSource superuser) {
        var database = JdbcClient.create(superuser);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> database.sql("""
                                select count(pg_terminate_backend(pid)) from pg_stat_activity
                                where datname = current_database() and wait_event_type = 'Lock' and query like '%billing_patient_accounts%'
                                """).query(Long.class).single() == 1);
    }

    private PaperCheck aCheck() {
        books.payer("The Enclave at Rye", rye);
        return one(books.packet("1", "The Enclave at Rye", "100.00", "One hundred and 00/100"));
    }

    private Set<Doubt> doubts(PaperCheck check, CheckFields fields) {
        return books.as(() -> books.bean(Checks.class).preview(check.id(), fields))
                .doubts();
    }

    private Set<Doubt> toPayee(PaperCheck check, String payee) {
        var fields = CheckFields.of(check);
        return doubts(
                check,
                new CheckFields(
                        fields.checkNumber(),
                        fields.date(),
                        fields.payerName(),
                        payee,
                        fields.memo(),
                        fields.amount(),
                        fields.lines(),
                        fields.facilities()));
    }

    private static CheckFields withDate(CheckFields fields, LocalDate date) {
        return new CheckFields(
                fields.checkNumber(),
                date,
                fields.payerName(),
                fields.payeeName(),
                fields.memo(),
                fields.amount(),
                fields.lines(),
                fields.facilities());
    }

    private static CheckFields withMemo(CheckFields fields, String memo) {
        return new CheckFields(
                fields.checkNumber(),
                fields.date(),
                fields.payerName(),
                fields.payeeName(),
                memo,
                fields.amount(),
                fields.lines(),
                fields.facilities());
    }

    private static void awaitAdvisoryLock() {
        var database = JdbcClient.create(TestServices.postgres().superuser());
        await().atMost(Duration.ofSeconds(30))
                .until(() -> database.sql("""
                                select count(*) from pg_stat_activity
                                where datname = current_database() and wait_event = 'advisory'
                                  and query like '%pg_advisory_xact_lock%'
                                """).query(Long.class).single() == 1);
    }

    private PaperCheck change(PaperCheck check, CheckFields fields) {
        return books.as(() -> books.bean(Checks.class).change(check.id(), check.version(), fields));
    }

    private PacketPdf.DrawnLine[] line(String... amounts) {
        return java.util.Arrays.stream(amounts)
                .map(amount -> new PacketPdf.DrawnLine("INV-0", books.today(), amount))
                .toArray(PacketPdf.DrawnLine[]::new);
    }

    private Money owedBy(UUID patient) {
        return books.as(() -> books.bean(PatientAccounts.class).get(patient)).patientBalance();
    }

    private Aging aging() {
        return books.as(() -> books.bean(PatientAccounts.class).aging(rye, books.today()));
    }

    private List<Payment> payments(UUID facility) {
        return books.as(() -> books.bean(Payments.class).ofAccount(facility));
    }

    private PaperCheck one(PacketPdf packet) {
        var staged = books.staged(packet.digital());
        assertThat(staged).hasSize(1);
        return staged.getFirst();
    }

    private static List<String> atOnce(int count, Callable<String> work) throws Exception {
        var barrier = new CyclicBarrier(count);
        try (var threads = Executors.newFixedThreadPool(count)) {
            List<Future<String>> futures = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                futures.add(threads.submit(() -> {
                    barrier.await();
                    try {
                        return work.call();
                    } catch (RuleViolation refused) {
                        return refused.refusal().name();
                    }
                }));
            }
            List<String> outcomes = new ArrayList<>();
            for (Future<String> future : futures) {
                outcomes.add(future.get());
            }
            return outcomes;
        }
    }

    private static void refused(Refusal refusal, ThrowingCallable work) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(work)
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(refusal));
    }
}

package io.remitflow.checks;

import static io.remitflow.checks.CheckBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.bank.BankAccounts;
import io.remitflow.bank.BankAccounts.NewBankAccount;
import io.remitflow.bank.BankLine;
import io.remitflow.bank.BankMatch;
import io.remitflow.bank.BankMatches;
import io.remitflow.bank.BankStatements;
import io.remitflow.bank.ManualMatches;
import io.remitflow.bank.ReturnedDeposits;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.FiscalPeriods;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.payments.CounterPayments;
import io.remitflow.payments.CounterPayments.Kind;
import io.remitflow.payments.CounterPayments.Part;
import io.remitflow.payments.DepositMethod;
import io.remitflow.payments.Deposits;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payment;
import io.remitflow.payments.PaymentReturns;
import io.remitflow.payments.PaymentStatus;
import io.remitflow.payments.Payments;
import io.remitflow.payments.UndepositedReceipt;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.Aging;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.YearMonth;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Checks that come back (4.8): from the bank's own line, after a refund, and presented again. */
@BooksTest
class CheckReturnsIntegrationTests {

    private static final String NUMBER = "0123456789";

    @Autowired
    ApplicationContext context;

    @LocalServerPort
    int port;

    CheckBooks books;
    UUID rye;
    UUID bank;

    @BeforeEach
    void openHospital() {
        books = new CheckBooks(context);
        rye = books.facility("The Enclave at Rye");
        books.payer("The Enclave at Rye", rye);
        bank = books.as(
                Role.ACCOUNTING_STAFF,
                () -> books.bean(BankAccounts.class)
                        .open(new NewBankAccount("Operating", "First Bank", NUMBER, "checking", "1000")));
    }

    @Test
    void c48_theLineOfTheBankSaysWhichCheckCameBackAndOneAcceptanceBooksBoth() {
        UUID invoice = books.invoice(rye, 100, "100.00");
        Aging before = aging();
        PaperCheck bad = confirmed("1211");
        PaperCheck other = confirmed("1212");
        deposited("200.00", "check:" + bad.id(), "check:" + other.id());

        bankSays("D100,00NRTINONREF|Returned item check 001211 NSF");
        BankLine line = unexplained();
        List<ReturnedDeposits.Candidate> candidates = candidates(line);
        assertThat(candidates).hasSize(2);
        assertThat(candidates.getFirst().named()).isTrue();
        assertThat(candidates.getFirst().receipt().number()).isEqualTo(bad.number());
        TestClient staff = page(Role.ACCOUNTING_STAFF);
        String page = staff.get("/app/bank/matching/preview?line=" + line.id()).body();
        assertThat(page).contains("Is it a returned check?", bad.number(), other.number(), "The line names it");

        var answer = staff.post(
                "/app/bank/lines/%s/returned-check".formatted(line.id()),
                Map.of("receipt", "check:" + bad.id(), "code", "NSF"));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(302);
        assertThat(books.check(bad.id()).status()).isEqualTo(CheckStatus.RETURNED);
        assertThat(books.check(other.id()).status()).isEqualTo(CheckStatus.CONFIRMED);
        assertThat(books.status(invoice)).isEqualTo("sent");
        assertThat(aging()).as("no younger than it was").isEqualTo(before);
        assertThat(open(bad.number())).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.CASH_OPERATING)).isEqualTo(usd("100.00"));
        assertThat(books.ledger(StandardAccount.BANK_SUSPENSE)).isEqualTo(usd("0.00"));
        assertThat(candidates(line)).isEmpty();
        refused(Refusal.CHANGED_MEANWHILE, () -> accept(line, "check:" + other.id()));
    }

    @Test
    void c48_theReturnOfTheOneCheckThatFitsIsSuggestedAndBookedOnlyWhenAPersonSaysWhy() {
        UUID invoice = books.invoice(rye, 100, "100.00");
        PaperCheck bad = confirmed("1211");
        deposited("100.00", "check:" + bad.id());

        bankSays("D100,00NRTINONREF|NSF");

        BankMatch suggestion = suggested().getFirst();
        assertThat(suggestion.rule()).isEqualTo("returned-check");
        assertThat(suggestion.undecided()).isFalse();
        assertThat(suggestion.evidence())
                .isEqualTo(
                        ("The bank's code NRTI says that an item came back; check %s (1211) over 100.00 was deposited, and "
                                        + "no other one has this amount")
                                .formatted(bad.number()));
        assertThat(suggestion.records())
                .extracting(BankMatch.Record::title)
                .containsExactly("Return of check %s (1211)".formatted(bad.number()));
        assertThat(books.check(bad.id()).status()).isEqualTo(CheckStatus.CONFIRMED);
        assertThat(books.ledger(StandardAccount.BANK_SUSPENSE)).isEqualTo(usd("100.00"));
        refused(
                Refusal.INVALID_INPUT,
                () -> books.as(Role.ACCOUNTING_STAFF, () -> {
                    books.bean(BankMatches.class).accept(suggestion.id(), 0);
                    return true;
                }));
        TestClient staff = page(Role.ACCOUNTING_STAFF);
        String path = "/app/bank/suggestions/" + suggestion.id();
        assertThat(staff.get(path).body()).contains("Why the bank returned it", "It came back", bad.number());

        var answer = staff.post(path + "/acceptance", Map.of("code", "NSF"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(302);
        assertThat(staff.post(path + "/acceptance", Map.of("code", "NSF")).statusCode())
                .isEqualTo(302);

        assertThat(books.check(bad.id()).status()).isEqualTo(CheckStatus.RETURNED);
        assertThat(books.status(invoice)).isEqualTo("sent");
        assertThat(open(bad.number())).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.CASH_OPERATING)).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.BANK_SUSPENSE)).isEqualTo(usd("0.00"));
        BankMatch accepted = books.as(
                Role.ACCOUNTING_STAFF, () -> books.bean(BankMatches.class).get(suggestion.id()));
        assertThat(accepted.status()).isEqualTo(BankMatch.Status.ACCEPTED);
        assertThat(accepted.evidence()).isEqualTo(suggestion.evidence());
        assertThat(accepted.records())
                .singleElement()
                .satisfies(record -> assertThat(record.isReference()).isTrue());
        assertThat(staff.get(path).statusCode()).isEqualTo(200);
    }

    @Test
    void ofTwoChecksOverOneAmountNoReturnIsSuggestedUnlessTheLineNamesOne() {
        books.invoice(rye, 100, "200.00");
        PaperCheck one = confirmed("1211");
        PaperCheck other = confirmed("1212");
        deposited("200.00", "check:" + one.id(), "check:" + other.id());

        bankSays("D100,00NRTINONREF|Returned item");
        assertThat(suggested()).isEmpty();

        bankSays("D100,00NMSCNONREF|Deposited item returned 0001212");
        assertThat(suggested()).singleElement().satisfies(match -> {
            assertThat(match.records()).extracting(BankMatch.Record::id).containsExactly(other.id());
            assertThat(match.evidence())
                    .startsWith("The bank calls it \"deposited item returned\"; check ")
                    .endsWith("of 2 over this amount it is the only one that the line names");
        });
    }

    @Test
    void aReturnIsSuggestedToTheCentForItemsThatCameBackOnlyAndNotAgainOnceDeclined() {
        books.invoice(rye, 100, "100.00");
        PaperCheck check = confirmed("1211");
        deposited("100.00", "check:" + check.id());

        bankSays("D99,99NRTINONREF|Returned item 1211");
        bankSays("D100,00NTRFNONREF|Rent of the garage");
        bankSays("D100,00NMSCNONREF|Returned item fee");
        assertThat(suggested()).isEmpty();

        bankSays("D100,00NRTINONREF|Returned item 1211");
        UUID suggestion = suggested().getFirst().id();
        books.as(Role.ACCOUNTING_STAFF, () -> {
            var matches = books.bean(BankMatches.class);
            matches.decline(suggestion, "It is another one");
            matches.suggest();
            return true;
        });
        assertThat(suggested()).isEmpty();
    }

    @Test
    void aSuggestedReturnIsLetGoWhenTheReturnWasRecordedOtherwise() {
        books.invoice(rye, 100, "100.00");
        PaperCheck check = confirmed("1211");
        deposited("100.00", "check:" + check.id());
        bankSays("D100,00NRTINONREF|Returned item");
        UUID suggestion = suggested().getFirst().id();

        returned(check.id(), CheckReturnCode.NSF);
        books.as(Role.ACCOUNTING_STAFF, () -> {
            books.bean(BankMatches.class).suggest();
            return true;
        });

        assertThat(suggested())
                .as("what the bank is owed has the amount of the line")
                .singleElement()
                .satisfies(match -> assertThat(match.records())
                        .allSatisfy(record -> assertThat(record.isReference()).isTrue()));
        assertThat(books.as(
                                Role.ACCOUNTING_STAFF,
                                () -> books.bean(BankMatches.class).get(suggestion))
                        .status())
                .isEqualTo(BankMatch.Status.LAPSED);
        refused(
                Refusal.MATCH_NOT_OPEN,
                () -> books.as(Role.ACCOUNTING_STAFF, () -> {
                    books.bean(BankMatches.class).accept(suggestion, 0, CheckReturnCode.NSF);
                    return true;
                }));
    }

    @Test
    void aCheckFromTheDeskComesBackTheSameWay() {
        UUID invoice = books.invoice(rye, 40, "70.00");
        Aging before = aging();
        UUID payment = books.as(
                Role.BILLING_CLERK,
                () -> books.bean(CounterPayments.class)
                        .take(
                                NewPayment.check(rye, null, books.today(), usd("80.00"), "1001"),
                                books.today(),
                                List.of(new Part(Kind.INVOICE, invoice, usd("70.00")))));
        assertThat(books.status(invoice)).isEqualTo("paid");
        deposited("80.00", "payment:" + payment);

        bankSays("D80,00NRTINONREF|Returned item 1001");
        accept(unexplained(), "payment:" + payment);

        assertThat(payment(payment).status()).isEqualTo(PaymentStatus.RETURNED);
        assertThat(books.due(invoice)).isEqualTo(usd("70.00"));
        assertThat(books.balance(rye)).isEqualTo(usd("70.00"));
        assertThat(aging()).isEqualTo(before);
        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.AR_PATIENTS)).isEqualTo(usd("70.00"));
        refused(
                Refusal.INVALID_INPUT,
                () -> books.as(() -> books.bean(CounterPayments.class).receipt(payment)));
        assertThat(page(Role.BILLING_CLERK).get("/app/payments/" + payment).body())
                .doesNotContain(">Receipt<");
    }

    @Test
    void aCheckFromTheDeskComesBackWhileTheMonthIsClosed() {
        UUID invoice = books.invoice(rye, 40, "70.00");
        UUID payment = books.as(
                Role.BILLING_CLERK,
                () -> books.bean(CounterPayments.class)
                        .take(
                                NewPayment.check(rye, null, books.today(), usd("70.00"), "1001"),
                                books.today(),
                                List.of(new Part(Kind.INVOICE, invoice, usd("70.00")))));
        books.run(() -> books.bean(FiscalPeriods.class)
                .close(YearMonth.from(books.today()).toString()));

        books.run(() -> books.bean(PaymentReturns.class).returned(payment, "Not sufficient funds"));

        assertThat(payment(payment).status()).isEqualTo(PaymentStatus.RETURNED);
        assertThat(books.due(invoice)).isEqualTo(usd("70.00"));
        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.AR_PATIENTS)).isEqualTo(usd("70.00"));
    }

    @Test
    void whatWasRefundedBeforeItCameBackIsOwedByTheAccountAndSaidLoudly() {
        UUID invoice = books.invoice(rye, 5, "100.00");
        PaperCheck check = confirmed("1");
        UUID payment = books.as(() -> books.bean(CheckConfirmations.class).applications(check.id()))
                .getFirst()
                .paymentId();
        refund(payment, "40.00");
        assertThat(books.balance(rye)).isEqualTo(usd("40.00"));

        books.run(() -> books.bean(CheckReturns.class).returned(check.id(), CheckReturnCode.CLOSED_ACCOUNT, ""));

        assertThat(payment(payment).status()).isEqualTo(PaymentStatus.RETURNED);
        assertThat(payment(payment).refundable()).isEqualTo(usd("0.00"));
        assertThat(books.due(invoice)).isEqualTo(usd("100.00"));
        assertThat(books.balance(rye)).as("the invoice, and what was refunded").isEqualTo(usd("140.00"));
        assertThat(books.ledger(StandardAccount.AR_PATIENTS)).isEqualTo(usd("140.00"));
        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("0.00"));
        assertThat(page(Role.BILLING_MANAGER).get("/app/checks/" + check.id()).body())
                .contains("40.00 left twice", "It cannot be presented again");
        assertThat(page(Role.BILLING_MANAGER).get("/app/payments/" + payment).body())
                .contains("40.00 left twice");
    }

    @Test
    void aRefundThatWasOnItsWayWhenTheCheckCameBackLeavesThePaymentReturned() {
        books.invoice(rye, 5, "100.00");
        PaperCheck check = confirmed("1");
        UUID payment = books.as(() -> books.bean(CheckConfirmations.class).applications(check.id()))
                .getFirst()
                .paymentId();
        books.run(() -> books.bean(CheckReturns.class).returned(check.id(), CheckReturnCode.NSF, ""));

        refund(payment, "40.00");

        assertThat(payment(payment).status()).isEqualTo(PaymentStatus.RETURNED);
        assertThat(payment(payment).refunded()).isEqualTo(usd("40.00"));
    }

    @Test
    void c48_aCheckIsPresentedAgainTwiceAtMostAndPaysWithoutANewScan() {
        UUID invoice = books.invoice(rye, 5, "100.00");
        PaperCheck first = confirmed("1");
        refused(Refusal.CHECK_NOT_IN_REVIEW, () -> present(first.id()));
        returned(first.id(), CheckReturnCode.NSF);
        TestClient manager = page(Role.BILLING_MANAGER);
        assertThat(manager.get("/app/checks/" + first.id()).body()).contains("The bank presents it again");

        var answer = manager.post("/app/checks/%s/presentment".formatted(first.id()), Map.of());

        String location = answer.headers().firstValue("Location").orElseThrow();
        UUID second = UUID.fromString(location.substring(location.lastIndexOf('/') + 1));
        assertThat(books.check(second).isSuspectedDuplicate()).isFalse();
        assertThat(books.check(second).amount()).isEqualTo(usd("100.00"));
        refused(Refusal.CHECK_NOT_IN_REVIEW, () -> present(first.id()));
        books.confirm(second);
        assertThat(books.status(invoice)).isEqualTo("paid");
        assertThat(open(books.check(second).number()))
                .as("waits for the credit")
                .isEqualTo(usd("100.00"));

        returned(second, CheckReturnCode.UNCOLLECTED);
        UUID third = present(second);
        books.confirm(third);
        returned(third, CheckReturnCode.NSF);
        refused(Refusal.CHECK_NOT_IN_REVIEW, () -> present(third));
        assertThat(books.due(invoice)).isEqualTo(usd("100.00"));
        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("0.00"));
    }

    @Test
    void c48_neitherAfter180DaysNorForEveryReason() {
        books.invoice(rye, 5, "100.00");
        PaperCheck stopped = confirmed("1");
        returned(stopped.id(), CheckReturnCode.STOP_PAYMENT);
        refused(Refusal.CHECK_NOT_IN_REVIEW, () -> present(stopped.id()));

        PaperCheck old = confirmed("2");
        returned(old.id(), CheckReturnCode.NSF);
        cameBackDaysAgo(old.id(), 181);
        refused(Refusal.CHECK_NOT_IN_REVIEW, () -> present(old.id()));
        cameBackDaysAgo(old.id(), 180);
        present(old.id());
    }

    @Test
    void c48_whatIsPresentedAgainHasTheSameAmountNumberAndPayer() {
        UUID invoice = books.invoice(rye, 5, "300.00");
        PaperCheck first = confirmed("1");
        returned(first.id(), CheckReturnCode.NSF);
        PaperCheck again = books.check(present(first.id()));
        CheckFields fields = CheckFields.of(again);

        refused(Refusal.INVALID_INPUT, () -> change(again, fields.withAmount(usd("300.00"))));
        refused(
                Refusal.INVALID_INPUT,
                () -> change(
                        again,
                        new CheckFields(
                                "2",
                                fields.date(),
                                fields.payerName(),
                                fields.payeeName(),
                                fields.memo(),
                                fields.amount(),
                                fields.lines(),
                                fields.facilities())));
        refused(
                Refusal.INVALID_INPUT,
                () -> change(
                        again,
                        new CheckFields(
                                fields.checkNumber(),
                                fields.date(),
                                "Somebody else",
                                fields.payeeName(),
                                fields.memo(),
                                fields.amount(),
                                fields.lines(),
                                fields.facilities())));
        change(again, fields.withLines(List.of(new RemittanceLine(1, null, books.today(), 10_000, invoice))));
        refused(
                Refusal.INVALID_INPUT,
                () -> books.as(() -> books.bean(Checks.class)
                        .split(again.id(), books.check(again.id()).version(), Set.of(1))));
        books.confirm(again.id());

        assertThat(books.due(invoice)).isEqualTo(usd("200.00"));
    }

    @Test
    void whatTheBankPresentsAgainIsNotBroughtToTheBankAgain() {
        books.invoice(rye, 5, "300.00");
        PaperCheck first = confirmed("1");
        returned(first.id(), CheckReturnCode.NSF);
        UUID again = present(first.id());
        books.confirm(again);
        PaperCheck other = confirmed("2");

        assertThat(books.as(() -> books.bean(Deposits.class).waiting()))
                .extracting(UndepositedReceipt::id)
                .containsExactly(other.id());
    }

    @Test
    void c48_whatWasPresentedInTimeButNotConfirmedWithin180DaysIsNotBooked() {
        books.invoice(rye, 5, "100.00");
        PaperCheck first = confirmed("1");
        returned(first.id(), CheckReturnCode.NSF);
        UUID again = present(first.id());

        cameBackDaysAgo(first.id(), 181);
        assertThat(books.preview(again).doubts()).contains(Doubt.PRESENTED_TOO_LATE);
        refused(Refusal.CHECK_NOT_CONFIRMABLE, () -> books.confirm(again));
        cameBackDaysAgo(first.id(), 180);
        books.confirm(again);

        assertThat(books.check(again).status()).isEqualTo(CheckStatus.CONFIRMED);
    }

    private PaperCheck change(PaperCheck check, CheckFields fields) {
        return books.as(() -> books.bean(Checks.class).change(check.id(), check.version(), fields));
    }

    private PaperCheck confirmed(String number) {
        PaperCheck check = books.staged(books.packet(number, "The Enclave at Rye", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        books.confirm(check.id());
        return books.check(check.id());
    }

    private void returned(UUID id, CheckReturnCode code) {
        books.run(() -> books.bean(CheckReturns.class).returned(id, code, ""));
    }

    private UUID present(UUID id) {
        return books.as(() -> books.bean(CheckRepresentations.class).present(id));
    }

    private void cameBackDaysAgo(UUID id, int days) {
        books.run(() -> books.bean(TransactionTemplate.class)
                .executeWithoutResult(done -> books.bean(JdbcClient.class)
                        .sql("update check_payments set returned_at = now() - :days * interval '1 day' where id = :id")
                        .param("days", days)
                        .param("id", id)
                        .update()));
    }

    private void deposited(String amount, String... receipts) {
        UUID id = books.as(
                Role.BILLING_CLERK,
                () -> books.bean(Deposits.class)
                        .prepare(new Deposits.NewDeposit(
                                DepositMethod.CHECK, bank, books.today(), "4711", List.of(receipts))));
        books.run(() -> books.bean(Deposits.class).verify(id, 1));
        String number = books.as(() -> books.bean(Deposits.class).get(id)).number();
        bankSays("C%sNTRFNONREF|Deposit %s".formatted(amount.replace('.', ','), number));
        books.as(Role.ACCOUNTING_STAFF, () -> {
            var matches = books.bean(BankMatches.class);
            matches.suggestions(null, 50).forEach(match -> matches.accept(match.id(), 0));
            return true;
        });
        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("0.00"));
    }

    private List<BankMatch> suggested() {
        return books.as(
                Role.ACCOUNTING_STAFF, () -> books.bean(BankMatches.class).suggestions(null, 10));
    }

    /** Something may be suggested for it. */
    private BankLine unexplained() {
        return books.as(
                        Role.ACCOUNTING_STAFF,
                        () -> books.bean(ManualMatches.class).lines(ManualMatches.Search.ANY, 10))
                .getFirst();
    }

    private List<ReturnedDeposits.Candidate> candidates(BankLine line) {
        return books.as(
                Role.ACCOUNTING_STAFF, () -> books.bean(ReturnedDeposits.class).candidates(line.id()));
    }

    private UUID accept(BankLine line, String receipt) {
        return books.as(
                Role.ACCOUNTING_STAFF,
                () -> books.bean(ReturnedDeposits.class).accept(line.id(), receipt, CheckReturnCode.NSF));
    }

    /** As a refund books it that left. */
    private void refund(UUID payment, String amount) {
        books.run(() -> books.bean(TransactionTemplate.class).executeWithoutResult(done -> {
            books.bean(PatientAccounts.class).lock(List.of(rye));
            var entry = books.bean(Journal.class)
                    .post(NewEntry.on(books.today(), "refunds", "test-refund:" + payment, "Refund")
                            .debit(StandardAccount.AR_PATIENTS, usd(amount), null)
                            .credit(
                                    StandardAccount.OUTGOING_PAYMENTS_CLEARING,
                                    usd(amount),
                                    new ClearingReference("refund", "RF-TEST"))
                            .build());
            books.bean(Payments.class).refunded(payment, usd(amount));
            books.bean(PatientAccounts.class)
                    .record(new AccountPosting(
                            rye,
                            books.today(),
                            TransactionType.REFUND,
                            Responsibility.PATIENT,
                            usd(amount),
                            null,
                            payment,
                            null,
                            entry.id(),
                            "Refund",
                            "test-refund:" + payment));
        }));
    }

    private Payment payment(UUID id) {
        return books.as(() -> books.bean(Payments.class).get(id));
    }

    private Aging aging() {
        return books.as(() -> books.bean(PatientAccounts.class).aging(rye, books.today()));
    }

    private Money open(String number) {
        return books.as(() -> books.bean(Clearing.class)
                .balance(StandardAccount.UNDEPOSITED_CHECKS, new ClearingReference("check", number)));
    }

    private TestClient page(Role role) {
        return TestClient.browser(port).signIn(books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    private int statements;

    /** One more statement with this line. */
    private void bankSays(String line) {
        String[] parts = line.split("\\|");
        String day = books.today().format(DateTimeFormatter.ofPattern("yyMMdd"));
        long minor = Long.parseLong(parts[0].replaceAll("^[CD]([0-9]+),([0-9]{2})N.*", "$1$2"));
        String closing = parts[0].startsWith("C") ? "C" : "D";
        String statement = ":20:S\n:25:%s\n:28C:%d/1\n:60F:C%sUSD0,00\n:61:%s%s\n:86:%s\n:62F:%s%sUSD%d,%02d\n-\n"
                .formatted(NUMBER, ++statements, day, day, parts[0], parts[1], closing, day, minor / 100, minor % 100);
        books.hospital.run(() -> books.bean(BankStatements.class)
                .receive(
                        "bank-upload",
                        "statement.txt",
                        new ByteArrayInputStream(statement.getBytes(StandardCharsets.UTF_8)),
                        null));
    }

    private static void refused(Refusal refusal, ThrowingCallable work) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(work)
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(refusal));
    }
}

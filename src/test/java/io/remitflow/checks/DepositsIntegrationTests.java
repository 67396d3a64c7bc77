package io.remitflow.checks;

import static io.remitflow.checks.CheckBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.bank.BankAccounts;
import io.remitflow.bank.BankAccounts.NewBankAccount;
import io.remitflow.bank.BankMatches;
import io.remitflow.bank.BankStatements;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.FiscalPeriods;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.JournalEntry;
import io.remitflow.ledger.MoneyNode;
import io.remitflow.ledger.MoneySearch;
import io.remitflow.ledger.MoneyState;
import io.remitflow.ledger.MoneyTrail;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.payments.Deposit;
import io.remitflow.payments.DepositFilter;
import io.remitflow.payments.DepositMethod;
import io.remitflow.payments.DepositStatus;
import io.remitflow.payments.Deposits;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.PaymentMethod;
import io.remitflow.payments.Payments;
import io.remitflow.payments.UndepositedReceipt;
import io.remitflow.receivables.Aging;
import io.remitflow.receivables.PatientAccounts;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.text.PDFTextStripper;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** Checks and cash from the drawer to the bank. */
@BooksTest
class DepositsIntegrationTests {

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
    void aDepositOfTwoChecksIsCreditedByOneLineOfTheBank() {
        PaperCheck one = confirmed("1211", "100.00", "One hundred and 00/100");
        PaperCheck two = confirmed("1212", "50.00", "Fifty and 00/100");
        assertThat(numbers(waiting())).containsExactly(one.number(), two.number());

        UUID id = prepare(one, two);
        assertThat(waiting()).isEmpty();
        assertThat(deposit(id).status()).isEqualTo(DepositStatus.PREPARED);
        assertThat(open(reference(one))).as("nothing is booked yet").isEqualTo(usd("100.00"));

        verify(id);
        assertThat(deposit(id).status()).isEqualTo(DepositStatus.VERIFIED);
        assertThat(deposit(id).open()).isEqualTo(usd("150.00"));
        assertThat(open(reference(one))).isEqualTo(usd("0.00"));
        assertThat(open(reference(two))).isEqualTo(usd("0.00"));
        assertThat(open(deposit(id).reference())).isEqualTo(usd("150.00"));
        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("150.00"));
        JournalEntry entry = books.as(() -> books.bean(Journal.class)
                .find(Objects.requireNonNull(deposit(id).journalEntryId()))
                .orElseThrow());
        assertThat(entry.lines()).hasSize(3);

        bankSays("C150,00NTRFNONREF|Deposit " + deposit(id).number());
        acceptWhatIsSuggested();

        assertThat(deposit(id).status()).isEqualTo(DepositStatus.CREDITED);
        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.CASH_OPERATING)).isEqualTo(usd("150.00"));
        assertThat(books.as(() -> books.bean(Deposits.class).onTheWay())).isEmpty();
        refused(Refusal.DEPOSIT_NOT_IN_STATE, () -> cancel(id));
    }

    @Test
    void aLineWithTheNumberOfTheSlipClearsItsDepositAtOnce() {
        PaperCheck one = confirmed("1", "100.00", "One hundred and 00/100");
        PaperCheck two = confirmed("2", "100.00", "One hundred and 00/100");
        UUID first = prepare(bank, books.today(), "88001", List.of("check:" + one.id()));
        UUID second = prepare(bank, books.today(), "DS-880020", List.of("check:" + two.id()));
        verify(first);
        verify(second);

        bankSays("C100,00NTRFDS880020|Deposit");

        assertThat(deposit(first).status()).isEqualTo(DepositStatus.VERIFIED);
        assertThat(deposit(second).status()).isEqualTo(DepositStatus.CREDITED);
    }

    @Test
    void aPostDatedCheckIsShownButGoesToTheBankNoEarlierThanItsDate() {
        LocalDate later = books.today().plusDays(10);
        PaperCheck postDated = confirmedDated("1", later);
        PaperCheck today = confirmed("2", "50.00", "Fifty and 00/100");
        UndepositedReceipt waits = waiting().stream()
                .filter(receipt -> receipt.id().equals(postDated.id()))
                .findFirst()
                .orElseThrow();
        assertThat(waits.depositFrom()).isEqualTo(later);
        assertThat(waits.isLate(later)).as("on its day").isFalse();
        assertThat(waits.depositBy()).isAfter(later);
        TestClient clerk = page(Role.BILLING_CLERK);

        assertThat(clerk.get("/app/deposits").body())
                .contains("Post-dated, from " + later, postDated.number(), "check:" + today.id())
                .doesNotContain("check:" + postDated.id());
        refused(Refusal.INVALID_INPUT, () -> prepare(postDated, today));
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> prepare(postDated))
                .withMessage("%s is post-dated: it goes to the bank from %s on", postDated.number(), later);
        assertThat(TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD)
                        .get("/billing/deposits/waiting")
                        .body())
                .contains("\"depositFrom\":\"%s\"".formatted(later));
        prepare(today);
        assertThat(clerk.get("/app/deposits").body())
                .contains("Post-dated, from " + later)
                .doesNotContain("Prepare deposit");
    }

    @Test
    void aMisreadDateOfAConfirmedCheckIsCorrectedAndItGoesToTheBank() {
        LocalDate misread = books.today().plusYears(3);
        PaperCheck check = confirmedDated("1", misread);
        String path = "/app/checks/" + check.id();
        TestClient clerk = page(Role.BILLING_CLERK);
        TestClient manager = page(Role.BILLING_MANAGER);
        Map<String, String> form = Map.of("date", books.today().toString(), "reason", "The year is badly written");
        assertThat(clerk.get(path).body()).contains("Post-dated").doesNotContain("Correct date");
        assertThat(clerk.post(path + "/date", form).statusCode()).isEqualTo(403);
        assertThat(manager.get(path).body()).contains("Correct date");
        assertThat(manager.post(path + "/date", Map.of("date", books.today().toString(), "reason", " "))
                        .statusCode())
                .as("without saying why")
                .isEqualTo(400);

        assertThat(manager.post(path + "/date", form).statusCode()).isEqualTo(302);

        assertThat(manager.get(path).body())
                .contains("From %s to %s: The year is badly written".formatted(misread, books.today()))
                .doesNotContain("Correct date");
        assertThat(prepare(check)).isNotNull();
        TestClient api = TestClient.api(port, books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        assertThat(api.json("POST", "/billing/checks/%s/date".formatted(check.id()), """
                        {"date": "%s", "reason": "Once more"}
                        """.formatted(misread))
                        .statusCode())
                .as("nothing depends on it any more")
                .isEqualTo(409);
        PaperCheck other = confirmedDated("2", misread);
        assertThat(api.json("POST", "/billing/checks/%s/date".formatted(other.id()), """
                        {"date": "%s", "reason": "Badly written"}
                        """.formatted(books.today()))
                        .body())
                .contains("\"date\":\"%s\"".formatted(books.today()));
    }

    @Test
    void aCheckDatedTodayGoesToTheBankToday() {
        PaperCheck check = confirmedDated("1", books.today());

        assertThat(prepare(check)).isNotNull();
    }

    @Test
    void cashGoesWithItsOwnDeposit() {
        PaperCheck check = confirmed("1", "100.00", "One hundred and 00/100");
        UUID cash = payment(PaymentMethod.CASH, null, "20.00");
        UUID counterCheck = payment(PaymentMethod.CHECK, "9001", "35.00");
        payment(PaymentMethod.WIRE, null, "77.00");

        assertThat(waiting())
                .extracting(UndepositedReceipt::method)
                .containsExactlyInAnyOrder(DepositMethod.CHECK, DepositMethod.CASH, DepositMethod.CHECK);
        refused(
                Refusal.INVALID_INPUT,
                () -> prepare(DepositMethod.CHECK, List.of("check:" + check.id(), "payment:" + cash)));

        UUID deposit = prepare(DepositMethod.CASH, List.of("payment:" + cash));
        verify(deposit);

        assertThat(deposit(deposit).amount()).isEqualTo(usd("20.00"));
        assertThat(waiting())
                .extracting(UndepositedReceipt::key)
                .containsExactlyInAnyOrder("check:" + check.id(), "payment:" + counterCheck);
    }

    @Test
    void theSameCheckNumberOfTwoPeopleIsTwoReceipts() {
        UUID first = payment(PaymentMethod.CHECK, "1001", "30.00");
        UUID second = payment(PaymentMethod.CHECK, "1001", "40.00");

        UUID one = prepare(DepositMethod.CHECK, List.of("payment:" + first));
        verify(one);

        assertThat(waiting()).extracting(UndepositedReceipt::key).containsExactly("payment:" + second);
        UUID two = prepare(DepositMethod.CHECK, List.of("payment:" + second));
        verify(two);
        assertThat(open(new ClearingReference("check", "1001"))).isEqualTo(usd("0.00"));
    }

    @Test
    void whoPreparedADepositDoesNotVerifyIt() {
        PaperCheck check = confirmed("1", "100.00", "One hundred and 00/100");
        UUID id = books.as(
                Role.BILLING_MANAGER,
                () -> books.bean(Deposits.class)
                        .prepare(newDeposit(DepositMethod.CHECK, List.of("check:" + check.id()))));

        refused(Refusal.SELF_APPROVAL, () -> verify(id));

        assertThat(deposit(id).status()).isEqualTo(DepositStatus.PREPARED);
        assertThat(open(reference(check))).isEqualTo(usd("100.00"));
        books.as(Role.CFO, () -> {
            books.bean(Deposits.class).verify(id, 1);
            return id;
        });
        assertThat(deposit(id).status()).isEqualTo(DepositStatus.VERIFIED);
    }

    @Test
    void ofTwoPeopleWhoVerifyAtOnceOneWins() throws Exception {
        UUID id = prepare(confirmed("1", "100.00", "One hundred and 00/100"));
        books.hospital.user(Role.CFO);
        books.hospital.user(Role.BILLING_MANAGER);
        var people = new ArrayList<>(List.of(Role.CFO, Role.BILLING_MANAGER));
        var next = java.util.Collections.synchronizedList(people);

        List<String> outcomes = atOnce(
                2,
                () -> books.as(next.removeFirst(), () -> {
                    books.bean(Deposits.class).verify(id, 1);
                    return "won";
                }));

        assertThat(outcomes).containsExactlyInAnyOrder("won", "DEPOSIT_NOT_IN_STATE");
        assertThat(open(deposit(id).reference())).isEqualTo(usd("100.00"));
    }

    @Test
    void aCheckIsNeverInTwoDeposits() throws Exception {
        PaperCheck check = confirmed("1", "100.00", "One hundred and 00/100");
        books.hospital.user(Role.BILLING_CLERK);

        List<String> outcomes = atOnce(3, () -> {
            prepare(check);
            return "won";
        });

        assertThat(outcomes).containsExactlyInAnyOrder("won", "CHANGED_MEANWHILE", "CHANGED_MEANWHILE");
        assertThat(books.as(() -> books.bean(Deposits.class).list(new DepositFilter(null, null, 10))))
                .hasSize(1);
        refused(Refusal.CHANGED_MEANWHILE, () -> prepare(check));
    }

    @Test
    void whatWasInACancelledDepositWaitsAgain() {
        PaperCheck check = confirmed("1", "100.00", "One hundred and 00/100");
        UUID notVerified = prepare(check);
        cancel(notVerified);
        assertThat(numbers(waiting())).containsExactly(check.number());

        UUID verified = prepare(check);
        verify(verified);
        refused(
                Refusal.NOT_PERMITTED,
                () -> books.hospital.runAs(
                        Role.BILLING_CLERK, () -> books.bean(Deposits.class).cancel(verified, 2, "Counted wrong")));
        cancel(verified);

        assertThat(deposit(verified).status()).isEqualTo(DepositStatus.CANCELLED);
        assertThat(open(reference(check))).isEqualTo(usd("100.00"));
        assertThat(open(deposit(verified).reference())).isEqualTo(usd("0.00"));
        JournalEntry entry = books.as(() -> books.bean(Journal.class)
                .find(Objects.requireNonNull(deposit(verified).journalEntryId()))
                .orElseThrow());
        assertThat(entry.isReversed()).as("by a linked reversal").isTrue();
        refused(Refusal.DEPOSIT_NOT_IN_STATE, () -> cancel(verified, 3));
        refused(Refusal.DEPOSIT_NOT_IN_STATE, () -> slip(verified));
        UUID again = prepare(check);
        verify(again);
        assertThat(deposit(again).open()).isEqualTo(usd("100.00"));
    }

    @Test
    void aDepositIsCancelledWhileTheMonthIsClosed() {
        PaperCheck check = confirmed("1", "100.00", "One hundred and 00/100");
        UUID deposit = prepare(check);
        verify(deposit);
        books.run(() -> books.bean(FiscalPeriods.class)
                .close(YearMonth.from(books.today()).toString()));

        cancel(deposit);

        assertThat(open(reference(check))).isEqualTo(usd("100.00"));
        assertThat(open(deposit(deposit).reference())).isEqualTo(usd("0.00"));
    }

    @Test
    void c48_aCheckThatBouncesAfterItsDepositWasCreditedIsDueAgainWithItsAge() {
        UUID invoice = books.invoice(rye, 100, "100.00");
        Aging before = aging();
        PaperCheck bad = confirmed("1", "100.00", "One hundred and 00/100");
        PaperCheck good = confirmed("2", "50.00", "Fifty and 00/100");
        UUID id = prepare(bad, good);
        verify(id);
        bankSays("C150,00NTRFNONREF|Deposit " + deposit(id).number());
        acceptWhatIsSuggested();

        books.run(() -> books.bean(CheckReturns.class).returned(bad.id(), CheckReturnCode.NSF, ""));

        assertThat(books.status(invoice)).isEqualTo("sent");
        assertThat(aging()).as("no younger than it was").isEqualTo(before);
        assertThat(deposit(id).status()).isEqualTo(DepositStatus.CREDITED);
        assertThat(open(reference(bad))).as("the bank will take it").isEqualTo(usd("-100.00"));
        List<Deposit.Item> items = books.as(() -> books.bean(Deposits.class).items(id));
        assertThat(books.as(() -> books.bean(Deposits.class).returnedAmong(items)))
                .containsExactly(reference(bad));
        assertThat(waiting()).isEmpty();

        bankSays("D100,00NRTINONREF|Returned item " + bad.number());
        acceptWhatIsSuggested();
        assertThat(open(reference(bad))).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.CASH_OPERATING)).isEqualTo(usd("50.00"));
    }

    @Test
    void aCheckThatCameBackBeforeItWasVerifiedStopsItsDeposit() {
        PaperCheck check = confirmed("1", "100.00", "One hundred and 00/100");
        PaperCheck other = confirmed("2", "50.00", "Fifty and 00/100");
        UUID id = prepare(check, other);
        books.run(() -> books.bean(CheckReturns.class).returned(check.id(), CheckReturnCode.NSF, ""));

        refused(Refusal.CHANGED_MEANWHILE, () -> verify(id));

        assertThat(open(deposit(id).reference())).isEqualTo(usd("0.00"));
        cancel(id);
        assertThat(numbers(waiting())).containsExactly(other.number());
    }

    @Test
    void aCheckThatTheBankCreditedOnItsOwnIsNotDepositedAnyMore() {
        PaperCheck check = confirmed("1", "100.00", "One hundred and 00/100");
        UUID id = prepare(check);
        bankSays("C100,00NTRFNONREF|Check " + check.number());
        acceptWhatIsSuggested();
        assertThat(open(reference(check))).isEqualTo(usd("0.00"));

        refused(Refusal.CHANGED_MEANWHILE, () -> verify(id));

        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("0.00"));
        cancel(id);
        assertThat(waiting()).isEmpty();
    }

    @Test
    void theEntryOfADepositIsNotReversedInTheLedgerAlone() {
        UUID id = prepare(confirmed("1", "100.00", "One hundred and 00/100"));
        verify(id);
        UUID entry = Objects.requireNonNull(deposit(id).journalEntryId());

        refused(
                Refusal.ENTRY_NOT_REVERSIBLE,
                () -> books.run(
                        () -> books.bean(Journal.class).reverseByHand(entry, books.today(), "By mistake", "by-hand")));
    }

    @Test
    void theSlipListsNumbersAndAmountsAndWhoStandsForThem() throws Exception {
        PaperCheck one = confirmed("1211", "100.00", "One hundred and 00/100");
        PaperCheck two = confirmed("1212", "1,050.00", "One thousand fifty and 00/100");
        UUID id = prepare(one, two);
        assertThat(text(slip(id))).contains("NOT VERIFIED");

        verify(id);
        String slip = text(slip(id));

        assertThat(slip)
                .contains(deposit(id).number(), one.number(), "1211", "100.00", "1,050.00", "1,150.00 USD", "2 checks")
                .contains(
                        "account ending 6789", "slip 4711", "Prepared by Billing Clerk", "Verified by Billing Manager")
                .doesNotContain("NOT VERIFIED", NUMBER, "Enclave");
    }

    @Test
    void aLongSlipHasSeveralPages() throws Exception {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 61; i++) {
            keys.add("payment:" + payment(PaymentMethod.CASH, null, "1.00"));
        }
        UUID id = prepare(DepositMethod.CASH, keys);

        try (var pdf = Loader.loadPDF(slip(id))) {
            assertThat(pdf.getNumberOfPages()).isEqualTo(3);
        }
        assertThat(text(slip(id))).contains("61.00 USD", "Page 3 of 3");
    }

    @Test
    void aDepositIsLateWhenTheBankHadTwoBusinessDays() {
        UUID id = books.as(
                Role.BILLING_CLERK,
                () -> books.bean(Deposits.class)
                        .prepare(new Deposits.NewDeposit(
                                DepositMethod.CHECK,
                                bank,
                                books.today().minusDays(14),
                                null,
                                List.of("check:"
                                        + confirmed("1", "100.00", "One hundred and 00/100")
                                                .id()))));
        assertThat(deposit(id).isLate(books.today())).as("nobody took it there").isFalse();

        verify(id);

        assertThat(deposit(id).isLate(books.today())).isTrue();
        assertThat(deposit(id).isLate(deposit(id).expectedBy())).isFalse();
    }

    @Test
    void whatIsUnsoundIsRefused() {
        String key =
                "check:" + confirmed("1", "100.00", "One hundred and 00/100").id();
        LocalDate today = books.today();

        refused(Refusal.INVALID_INPUT, () -> prepare(bank, today.plusDays(30), "1", List.of(key)));
        refused(Refusal.INVALID_INPUT, () -> prepare(bank, today.minusDays(90), "1", List.of(key)));
        refused(Refusal.INVALID_INPUT, () -> prepare(bank, today, "4111 1111 1111 1111", List.of(key)));
        refused(Refusal.INVALID_INPUT, () -> prepare(bank, today, "1", List.of()));
        refused(Refusal.NOT_FOUND, () -> prepare(UUID.randomUUID(), today, "1", List.of(key)));
        refused(Refusal.CHANGED_MEANWHILE, () -> prepare(bank, today, "1", List.of("check:" + UUID.randomUUID())));
        UUID id = prepare(bank, today, "1", List.of(key));
        refused(Refusal.CHANGED_MEANWHILE, () -> cancel(id, 7));
    }

    @Test
    void aDepositIsFoundOnTheWayOfItsMoney() {
        PaperCheck check = confirmed("1", "100.00", "One hundred and 00/100");
        UUID id = prepare(check);
        verify(id);
        MoneyTrail trail = (MoneyTrail) context.getBean("io.remitflow.payments.DepositMoneyTrail");
        var transactions = books.bean(TransactionTemplate.class);

        books.hospital.run(() -> transactions.executeWithoutResult(transaction -> {
            assertThat(trail.find(new MoneySearch("4711", null), 5).ids()).containsExactly(id);
            MoneyNode node = trail.nodes(List.of(check.id())).getFirst();
            assertThat(node.id()).isEqualTo(id);
            assertThat(node.state()).isEqualTo(MoneyState.WAITING);
            assertThat(node.next()).hasSize(1);
        }));
    }

    @Test
    void aDepositGoesItsWayOnThePages() {
        PaperCheck check = confirmed("1211", "100.00", "One hundred and 00/100");
        TestClient clerk = page(Role.BILLING_CLERK);
        TestClient manager = page(Role.BILLING_MANAGER);
        assertThat(clerk.get("/app/deposits").body())
                .contains(check.number(), "Waits for a deposit", "Operating, ending 6789", "No deposits here");

        var prepared = clerk.postFields(
                "/app/deposits",
                "method=check&account=%s&date=%s&slip=4711&receipt=check:%s"
                        .formatted(bank, books.today(), check.id()));
        assertThat(prepared.statusCode()).isEqualTo(302);
        String path = prepared.headers().firstValue("Location").orElseThrow().replaceFirst("^https?://[^/]+", "");
        assertThat(clerk.get(path).body())
                .contains("You prepared it", "Cancel deposit", check.number())
                .doesNotContain("Counted and verified");
        assertThat(clerk.post(path + "/verification", Map.of("version", "1")).statusCode())
                .isEqualTo(403);
        assertThat(manager.get(path).body()).contains("Counted and verified");
        assertThat(manager.post(path + "/verification", Map.of("version", "1")).statusCode())
                .isEqualTo(302);

        assertThat(clerk.get(path).body()).contains("Verified", "Expected by").doesNotContain("Cancel deposit");
        assertThat(manager.get(path).body()).contains("Cancel deposit", "Journal entry");
        var slip = clerk.get(path + "/slip");
        assertThat(slip.headers().firstValue("Content-Type")).hasValue("application/pdf");
        assertThat(slip.headers().firstValue("Content-Disposition").orElse("")).contains("deposit-BD-");
        assertThat(slip.body()).startsWith("%PDF");
        assertThat(clerk.get("/app/deposits").body()).contains("Nothing waits for a deposit", "100.00", path);
        assertThat(clerk.get("/app/checks/" + check.id()).body()).contains(path);
        assertThat(page(Role.ANALYST).get("/app/deposits").statusCode()).isEqualTo(403);
    }

    @Test
    void aDepositGoesItsWayOverHttp() {
        PaperCheck check = confirmed("1211", "100.00", "One hundred and 00/100");
        TestClient clerk = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        TestClient manager =
                TestClient.api(port, books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        String key = "check:" + check.id();
        assertThat(clerk.get("/billing/deposits/waiting").body()).contains(key, "1211", "100.00");

        var prepared = clerk.json("POST", "/billing/deposits", """
                {"method": "check", "bankAccountId": "%s", "date": "%s", "receipts": ["%s"]}
                """.formatted(bank, books.today(), key));
        assertThat(prepared.statusCode()).as(prepared.body()).isEqualTo(201);
        String path = prepared.headers().firstValue("Location").orElseThrow();
        assertThat(clerk.json("POST", path + "/verification", "{\"version\": 1}")
                        .statusCode())
                .isEqualTo(403);
        var verified = manager.json("POST", path + "/verification", "{\"version\": 1}");
        assertThat(verified.body()).contains("\"status\":\"verified\"", "\"open\":\"100.00\"", key);
        assertThat(manager.json("POST", path + "/verification", "{\"version\": 2}")
                        .statusCode())
                .isEqualTo(409);
        assertThat(manager.get("/billing/deposits?status=verified").body()).contains(path.substring(18));
        var cancelled = manager.json("POST", path + "/cancellation", "{\"version\": 2, \"reason\": \"Counted wrong\"}");
        assertThat(cancelled.body()).contains("\"status\":\"cancelled\"");
    }

    @Test
    void whatInsurersOrOthersBroughtGoesToTheBankToo() {
        UUID insurer = payment(PaymentMethod.INSURANCE, "88123", "40.00");
        UUID coins = payment(PaymentMethod.OTHER, null, "5.00");

        assertThat(waiting())
                .extracting(UndepositedReceipt::id, UndepositedReceipt::method, UndepositedReceipt::paperNumber)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(insurer, DepositMethod.CHECK, "88123"),
                        org.assertj.core.groups.Tuple.tuple(coins, DepositMethod.CASH, null));
        UUID id = prepare(DepositMethod.CHECK, List.of("payment:" + insurer));
        verify(id);
        assertThat(deposit(id).open()).isEqualTo(usd("40.00"));
    }

    @Test
    void whatNobodyDepositsIsLateAfterOneBusinessDayAndHomeSaysSo() {
        payment(PaymentMethod.CASH, null, "7.00");
        TestClient clerk = page(Role.BILLING_CLERK);
        assertThat(clerk.get("/app").body()).doesNotContain("Late deposits");
        LocalDate lastWeek = books.today().minusDays(7);
        books.as(
                Role.BILLING_CLERK,
                () -> books.bean(Payments.class)
                        .record(new NewPayment(
                                rye, null, lastWeek, usd("12.34"), PaymentMethod.CASH, null, null, null, null)));
        UndepositedReceipt late = waiting().getFirst();
        assertThat(late.isLate(books.today())).isTrue();
        assertThat(late.isLate(late.depositBy())).isFalse();
        PaperCheck check = confirmed("1", "100.00", "One hundred and 00/100");
        UUID deposit = prepare(bank, books.today().minusDays(7), "S-1", List.of("check:" + check.id()));
        verify(deposit);

        assertThat(clerk.get("/app").body()).contains("Late deposits", "112.34");
        assertThat(clerk.get("/app/deposits").body())
                .contains(
                        "Late in the drawer",
                        "12.34",
                        "Deposit it",
                        late.depositBy().toString());
    }

    private TestClient page(Role role) {
        return TestClient.browser(port).signIn(books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    private PaperCheck confirmed(String number, String amount, String words) {
        PaperCheck check = books.staged(books.packet(number, "The Enclave at Rye", amount, words)
                        .digital())
                .getFirst();
        books.confirm(check.id());
        return books.check(check.id());
    }

    private PaperCheck confirmedDated(String number, LocalDate date) {
        String payer = "The Enclave at Rye";
        PaperCheck check = books.staged(PacketPdf.from(payer)
                        .to(books.as(
                                () -> books.bean(Organizations.class).current().name()))
                        .check(number, date, payer, "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        books.confirm(check.id());
        return books.check(check.id());
    }

    private UUID payment(PaymentMethod method, @Nullable String reference, String amount) {
        return books.as(
                Role.BILLING_CLERK,
                () -> books.bean(Payments.class)
                        .record(new NewPayment(
                                rye, null, books.today(), usd(amount), method, reference, null, null, null)));
    }

    private List<UndepositedReceipt> waiting() {
        return books.as(() -> books.bean(Deposits.class).waiting());
    }

    private static List<String> numbers(List<UndepositedReceipt> receipts) {
        return receipts.stream().map(UndepositedReceipt::number).toList();
    }

    private UUID prepare(PaperCheck... checks) {
        return prepare(
                DepositMethod.CHECK,
                Arrays.stream(checks).map(check -> "check:" + check.id()).toList());
    }

    private UUID prepare(DepositMethod method, List<String> receipts) {
        return books.as(Role.BILLING_CLERK, () -> books.bean(Deposits.class).prepare(newDeposit(method, receipts)));
    }

    private UUID prepare(UUID account, LocalDate date, String slip, List<String> receipts) {
        return books.as(
                Role.BILLING_CLERK,
                () -> books.bean(Deposits.class)
                        .prepare(new Deposits.NewDeposit(DepositMethod.CHECK, account, date, slip, receipts)));
    }

    private Deposits.NewDeposit newDeposit(DepositMethod method, List<String> receipts) {
        return new Deposits.NewDeposit(method, bank, books.today(), "4711", receipts);
    }

    /** As the billing manager. */
    private void verify(UUID id) {
        books.run(() -> books.bean(Deposits.class).verify(id, 1));
    }

    private void cancel(UUID id) {
        cancel(id, deposit(id).version());
    }

    private void cancel(UUID id, int version) {
        books.run(() -> books.bean(Deposits.class).cancel(id, version, "Counted wrong"));
    }

    private byte[] slip(UUID id) {
        return books.as(() -> books.bean(Deposits.class).slip(id));
    }

    private Deposit deposit(UUID id) {
        return books.as(() -> books.bean(Deposits.class).get(id));
    }

    private static ClearingReference reference(PaperCheck check) {
        return new ClearingReference("check", check.number());
    }

    private Money open(ClearingReference reference) {
        return books.as(() -> books.bean(Clearing.class).balance(StandardAccount.UNDEPOSITED_CHECKS, reference));
    }

    private Aging aging() {
        return books.as(() -> books.bean(PatientAccounts.class).aging(rye, books.today()));
    }

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

    private int statements;

    /** What the matcher is sure of is booked already. */
    private void acceptWhatIsSuggested() {
        books.as(Role.ACCOUNTING_STAFF, () -> {
            var matches = books.bean(BankMatches.class);
            matches.suggestions(null, 50).forEach(match -> matches.accept(match.id(), 0));
            return true;
        });
    }

    private static String text(byte[] pdf) throws Exception {
        try (var document = Loader.loadPDF(pdf)) {
            return new PDFTextStripper().getText(document);
        }
    }

    private static void refused(Refusal refusal, ThrowingCallable work) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(work)
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(refusal));
    }

    private static List<String> atOnce(int times, Callable<String> work) throws Exception {
        var barrier = new CyclicBarrier(times);
        List<Future<String>> futures = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(times)) {
            for (int i = 0; i < times; i++) {
                futures.add(threads.submit(() -> {
                    barrier.await();
                    try {
                        return work.call();
                    } catch (RuleViolation e) {
                        return e.refusal().name();
                    }
                }));
            }
        }
        List<String> outcomes = new ArrayList<>();
        for (Future<String> future : futures) {
            outcomes.add(future.get());
        }
        return outcomes;
    }
}

package io.remitflow.reconciliation;

import static io.remitflow.reconciliation.BankPeriodBooks.line;
import static io.remitflow.reconciliation.BankPeriodBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.remitflow.bank.BankLine;
import io.remitflow.bank.BankMatches;
import io.remitflow.bank.BankStatements;
import io.remitflow.bank.LineUse;
import io.remitflow.bank.ManualMatches;
import io.remitflow.core.BusinessDays;
import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.Discrepancy;
import io.remitflow.discrepancies.DiscrepancyAction;
import io.remitflow.discrepancies.DiscrepancyEvidence;
import io.remitflow.discrepancies.DiscrepancyFilter;
import io.remitflow.discrepancies.DiscrepancyResolution;
import io.remitflow.discrepancies.DiscrepancyStatus;
import io.remitflow.discrepancies.DiscrepancyType;
import io.remitflow.identity.BillingSettings;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.identity.Settings;
import io.remitflow.identity.Users;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.workflow.ApprovalDecision;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Lines that nobody explains: whose case they become, when, and how it ends. */
@BooksTest
class SuspendedLinesIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    Discrepancies discrepancies;

    @Autowired
    ManualMatches matching;

    @Autowired
    TransactionTemplate transactions;

    @LocalServerPort
    int port;

    BankPeriodBooks books;
    LocalDate received = LocalDate.EPOCH;

    /** Two lines come into suspense: a check that came back over 490.00 and a fee of 25.00. */
    @BeforeEach
    void receiveStatement() {
        books = new BankPeriodBooks(context);
        received = today();
        books.firstMonth();
    }

    @Test
    void aLineIsSomebodysCaseFromTheDayAfterThreeBankDaysOn() {
        lookOn(BusinessDays.after(received, 3));
        assertThat(cases()).isEmpty();

        lookOn(tooLate(3));

        assertThat(cases()).extracting(Discrepancy::difference).containsExactly(usd("25.00"), usd("490.00"));
        assertThat(cases()).allSatisfy(one -> {
            assertThat(one.type()).isEqualTo(DiscrepancyType.MISSING_INTERNAL_RECORD);
            assertThat(one.status()).isEqualTo(DiscrepancyStatus.OPEN);
            assertThat(one.subjectId()).isEqualTo(lineOver(one.difference()).id());
            assertThat(one.reference())
                    .isEqualTo("bank line of " + lineOver(one.difference()).bookedOn());
        });
        assertThat(books.sql("select message_name from workflow_outbox where correlation_key in (%s)"
                        .formatted(String.join(
                                ",",
                                cases().stream()
                                        .map(one -> "'" + one.id() + "'")
                                        .toList()))))
                .hasSize(2);
    }

    @Test
    void theDaysAreASettingOfTheOrganization() {
        BillingSettings before =
                books.hospital.call(() -> context.getBean(Settings.class).billing());
        assertThat(before.bankSuspenseDays()).isEqualTo(3);
        books.hospital.runAs(
                Role.ORG_ADMIN, () -> context.getBean(Settings.class).changeBilling(with(before, 10)));

        lookOn(BusinessDays.after(received, 10));
        assertThat(cases()).isEmpty();
        lookOn(tooLate(10));

        assertThat(cases()).hasSize(2);
    }

    @Test
    void theDaysAreSetOnTheSettingsPageAndByTheApi() throws Exception {
        String admin = books.hospital.signInName(Role.ORG_ADMIN);
        TestClient browser = TestClient.browser(port).signIn(admin, TestHospital.PASSWORD);
        TestClient api = TestClient.api(port, admin, TestHospital.PASSWORD);
        assertThat(browser.get("/app/settings").body()).contains("Bank lines unexplained, days");
        var json = new ObjectMapper();
        var body = (ObjectNode) json.readTree(api.get("/billing/settings").body());
        assertThat(body.get("bank_suspense_days").asInt()).isEqualTo(3);

        body.put("bank_suspense_days", 5);
        assertThat(api.json("PUT", "/billing/settings", body.toString()).statusCode())
                .isEqualTo(200);
        body.remove("bank_suspense_days");
        assertThat(api.json("PUT", "/billing/settings", body.toString()).body())
                .as("a client that does not know it leaves it as it is")
                .contains("\"bank_suspense_days\":5");
        body.put("bank_suspense_days", 0);
        assertThat(api.json("PUT", "/billing/settings", body.toString()).statusCode())
                .isEqualTo(400);
        assertThat(browser.post(
                                "/app/settings",
                                Map.of(
                                        "paymentTermsDays", "30",
                                        "lateFeePercent", "0",
                                        "minimumInvoice", "10.00",
                                        "delivery", "email",
                                        "frequency", "monthly",
                                        "statementDay", "1",
                                        "collectionsThresholdDays", "120",
                                        "smallBalance", "10.00",
                                        "bulkApproval", "250.00",
                                        "bankSuspenseDays", "7"))
                        .statusCode())
                .isEqualTo(302);
        assertThat(books.hospital.call(() -> context.getBean(Settings.class).billing()))
                .extracting(BillingSettings::bankSuspenseDays)
                .isEqualTo(7);
    }

    @Test
    void lookingAgainAndTogetherOpensNoSecondCase() throws Exception {
        var failures = new ConcurrentLinkedQueue<Throwable>();
        List<Thread> threads = List.of(
                Thread.ofPlatform()
                        .uncaughtExceptionHandler((t, e) -> failures.add(e))
                        .start(() -> lookOn(tooLate(3))),
                Thread.ofPlatform()
                        .uncaughtExceptionHandler((t, e) -> failures.add(e))
                        .start(() -> lookOn(tooLate(3))));
        for (Thread thread : threads) {
            thread.join();
        }
        lookOn(tooLate(4));

        assertThat(failures).isEmpty();
        assertThat(cases()).hasSize(2);
        assertThat(actions(over("490.00"))).containsExactly("opened");
    }

    @Test
    void theCaseEndsByItselfOnceTheLineIsExplainedAndGoesOnIfThatIsUndone() {
        lookOn(tooLate(3));
        UUID match = as(
                Role.ACCOUNTING_STAFF,
                () -> matching.book(lineOver(usd("25.00")).id(), LineUse.BANK_FEE, "Monthly fee"));

        context.getBean(SuspendedLines.class).look();

        Discrepancy ended = over("25.00");
        assertThat(ended.status()).isEqualTo(DiscrepancyStatus.RESOLVED);
        assertThat(Objects.requireNonNull(ended.resolved()).resolution()).isEqualTo(DiscrepancyResolution.MATCHED);
        assertThat(over("490.00").status()).isEqualTo(DiscrepancyStatus.OPEN);

        books.hospital.runAs(
                Role.ACCOUNTING_STAFF, () -> context.getBean(BankMatches.class).undo(match, "It is no fee"));
        lookOn(BusinessDays.after(received, 3));
        assertThat(over("25.00").isResolved())
                .as("it is in suspense since today")
                .isTrue();
        lookOn(tooLate(3));

        assertThat(over("25.00").id()).isEqualTo(ended.id());
        assertThat(over("25.00").status()).isEqualTo(DiscrepancyStatus.OPEN);
        assertThat(over("25.00").round()).isEqualTo(2);
    }

    @Test
    void whatAPersonExplainedStaysExplained() {
        lookOn(tooLate(3));
        books.hospital.runAs(
                Role.CFO,
                () -> discrepancies.resolve(
                        over("490.00").id(), DiscrepancyResolution.EXPLAINED, "The payer sends a new check", null));

        lookOn(tooLate(5));

        assertThat(over("490.00").isResolved()).isTrue();
        assertThat(over("25.00").isResolved()).isFalse();
    }

    @Test
    void inABankPeriodThatIsWorkedOnALineIsTheTaskOfThatPeriod() {
        UUID period = books.start(books.end());
        lookOn(tooLate(3));
        assertThat(cases()).isEmpty();
        books.explainAll(period);
        books.hospital.runAs(
                Role.ACCOUNTING_STAFF,
                () -> books.reconciliations.complete(
                        period, 8_000_000_001L, books.get(period).version(), ""));
        lookOn(tooLate(3));
        assertThat(cases()).as("waits for its approval").isEmpty();
        books.hospital.runAs(
                Role.CFO,
                () -> books.reconciliations.decide(
                        period,
                        new ApprovalDecision(8_000_000_002L, books.get(period).version(), true, "Fine")));

        lookOn(tooLate(3));

        assertThat(cases())
                .as("what was carried")
                .extracting(Discrepancy::difference)
                .containsExactly(usd("490.00"));
    }

    @Test
    void aLineAfterThePeriodThatIsWorkedOnIsNotItsTask() {
        LocalDate later = books.end().plusDays(3);
        books.statement(books.end(), later, "3560.20", line(later, "77.00", "X1", "WHO KNOWS"));
        books.start(books.end());

        lookOn(tooLate(3));

        assertThat(cases()).extracting(Discrepancy::difference).containsExactly(usd("77.00"));
    }

    @Test
    void itsPageSaysWhatTheBankSaysAndLeadsWhoMayMatchToTheLine() {
        lookOn(tooLate(3));
        Discrepancy returned = over("490.00");
        DiscrepancyEvidence evidence = context.getBean(SuspendedLines.class);

        assertThat(books.hospital.call(() -> evidence.of(returned.subjectKey())))
                .extracting(DiscrepancyEvidence.Compared::fact, DiscrepancyEvidence.Compared::provider)
                .contains(tuple("Amount", "-490.00 USD"), tuple("Account", "Operating"));
        assertThat(as(Role.CFO, () -> evidence.href(returned)))
                .isEqualTo("/app/bank/matching?line=" + returned.subjectKey());
        assertThat(as(Role.BILLING_MANAGER, () -> String.valueOf(evidence.href(returned))))
                .isEqualTo("null");
    }

    private void lookOn(LocalDate day) {
        var organizations = context.getBean(Organizations.class);
        var organization = books.hospital.call(organizations::current);
        var lines = new SuspendedLines(
                context.getBean(JdbcClient.class),
                discrepancies,
                organizations,
                context.getBean(Settings.class),
                context.getBean(Users.class),
                transactions,
                Clock.fixed(day.atTime(12, 0).atZone(organization.timeZone()).toInstant(), ZoneOffset.UTC));
        books.hospital.run(() -> transactions.executeWithoutResult(status -> lines.look(organization)));
    }

    private <T> T as(Role role, Supplier<T> work) {
        var answer = new AtomicReference<T>();
        books.hospital.runAs(role, () -> answer.set(work.get()));
        return Objects.requireNonNull(answer.get());
    }

    private LocalDate tooLate(int bankDays) {
        return BusinessDays.after(received, bankDays).plusDays(1);
    }

    private LocalDate today() {
        return books.hospital.call(() -> context.getBean(Organizations.class).today());
    }

    /** The smallest first. */
    private List<Discrepancy> cases() {
        return books.hospital.call(() -> discrepancies.list(DiscrepancyFilter.all())).stream()
                .filter(one -> one.subjectType().equals(SuspendedLines.SUBJECT))
                .sorted(Comparator.comparing(Discrepancy::difference))
                .toList();
    }

    private Discrepancy over(String amount) {
        return cases().stream()
                .filter(one -> one.difference().equals(usd(amount)))
                .findFirst()
                .orElseThrow();
    }

    private List<String> actions(Discrepancy of) {
        return books.hospital.call(() -> discrepancies.actions(of.id())).stream()
                .map(DiscrepancyAction::action)
                .toList();
    }

    private BankLine lineOver(Money amount) {
        return books.hospital.call(() -> context.getBean(BankStatements.class).unexplained(null, 50)).stream()
                .filter(each -> each.amount().abs().equals(amount))
                .findFirst()
                .orElseThrow();
    }

    private static BillingSettings with(BillingSettings before, int days) {
        return new BillingSettings(
                before.paymentTermsDays(),
                before.lateFeeBasisPoints(),
                before.minimumInvoice(),
                before.autoGenerateInvoices(),
                before.invoiceDelivery(),
                before.statementFrequency(),
                before.statementDay(),
                before.collectionsThresholdDays(),
                before.smallBalance(),
                before.bulkApproval(),
                days);
    }
}

package io.remitflow.reconciliation;

import static io.remitflow.reconciliation.ReceivablesBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.remitflow.claims.Claim;
import io.remitflow.core.Ids;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import io.remitflow.ledger.MoneyMatches;
import io.remitflow.ledger.MoneyNode;
import io.remitflow.ledger.MoneySearch;
import io.remitflow.ledger.MoneyStage;
import io.remitflow.ledger.MoneyState;
import io.remitflow.ledger.MoneyTrail;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.refunds.RefundRequest;
import io.remitflow.refunds.Refunds;
import io.remitflow.remittance.SettlementCases;
import io.remitflow.remittance.SettlementSteps;
import io.remitflow.remittance.Settlements;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** Any number or amount leads to the way of its money. */
@BooksTest
class MoneyTracerIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    MoneyTracer tracer;

    @LocalServerPort
    int port;

    ReceivablesBooks books;
    Claim claim;
    UUID late;
    UUID settled;

    /** One payment that is late, one that is settled, and one of which the bank got less. */
    @BeforeEach
    void openBooks() {
        books = new ReceivablesBooks(context);
        claim = books.claim("C1", "1000.00", 40);
        books.claim("C2", "2000.00", 40);
        books.claim("C3", "3000.00", 40);
        late = books.remittance("EFT-LATE", "310.00", 20, "CLP*C1*1*1000*310**12*ICN1\nCAS*CO*45*690");
        books.hospital.run(() -> {
            var settlement =
                    context.getBean(Settlements.class).ofRemittance(late).orElseThrow();
            context.getBean(SettlementCases.class)
                    .clockStruck(settlement.id(), settlement.round(), SettlementSteps.AWAIT_OTHER_SIDE);
        });
        settled = books.remittance("EFT-DONE", "1220.50", 20, "CLP*C2*1*2000*1220.5**12*ICN2\nCAS*CO*45*779.5");
        books.eft("EFT-DONE", "1220.50", 19);
        books.remittance("EFT-LESS", "150.00", 20, "CLP*C3*1*3000*150**12*ICN3\nCAS*CO*45*2850");
        books.eft("EFT-LESS", "140.00", 19);
    }

    @Test
    void aPaymentThatIsLateIsLateAtTheBankAndOpenInClearing() {
        MoneyPath path = trace("EFT-LATE");

        assertThat(path.start().kind()).isEqualTo("remittance");
        assertThat(path.state()).isEqualTo(MoneyState.LATE);
        assertThat(step(path, MoneyStage.FILE))
                .singleElement()
                .satisfies(file -> assertThat(file.title()).isEqualTo("remit.835"));
        assertThat(path.start().text()).contains("number 1 in remit.835");
        assertThat(step(path, MoneyStage.POSTING)).hasSize(1);
        assertThat(step(path, MoneyStage.CLEARING)).singleElement().satisfies(reference -> {
            assertThat(reference.amount()).isEqualTo(usd("310.00"));
            assertThat(reference.state()).isEqualTo(MoneyState.WAITING);
        });
        assertThat(step(path, MoneyStage.CASH)).singleElement().satisfies(cash -> {
            assertThat(cash.kind()).isEqualTo("settlement");
            assertThat(cash.state()).isEqualTo(MoneyState.LATE);
        });
        assertThat(step(path, MoneyStage.PERIOD)).hasSize(1);
    }

    @Test
    void aSettledPaymentIsSettledFromTheFileToTheReceipt() {
        MoneyPath path = as(Role.CFO, () -> tracer.trace(settled));

        assertThat(path.state()).isEqualTo(MoneyState.SETTLED);
        assertThat(step(path, MoneyStage.CLEARING))
                .singleElement()
                .satisfies(reference -> assertThat(reference.amount()).isEqualTo(usd("0.00")));
        assertThat(step(path, MoneyStage.POSTING)).as("remittance and money").hasSize(2);
        assertThat(step(path, MoneyStage.CASH))
                .extracting(MoneyNode::kind)
                .containsExactlyInAnyOrder("settlement", "bank-receipt");
    }

    @Test
    void aPaymentOfWhichTheBankGotLessIsMismatched() {
        MoneyPath path = as(
                Role.CFO,
                () -> tracer.trace(tracer.find("150.00").matches().getFirst().id()));

        assertThat(path.state()).isEqualTo(MoneyState.MISMATCHED);
        assertThat(step(path, MoneyStage.CASH)).extracting(MoneyNode::amount).contains(usd("150.00"), usd("140.00"));
        assertThat(step(path, MoneyStage.CLEARING))
                .singleElement()
                .satisfies(reference -> assertThat(reference.amount()).isEqualTo(usd("10.00")));
    }

    @Test
    void aMissingPaymentIsMissing() {
        books.hospital.run(() -> {
            var settlement =
                    context.getBean(Settlements.class).ofRemittance(late).orElseThrow();
            context.getBean(SettlementCases.class)
                    .clockStruck(settlement.id(), settlement.round(), SettlementSteps.AWAIT_LATE_SIDE);
        });

        assertThat(trace("EFT-LATE").state()).isEqualTo(MoneyState.MISSING);
    }

    @Test
    void theSameWayIsReachedFromEachOfItsParts() {
        var path = as(Role.CFO, () -> tracer.trace(settled));
        for (MoneyNode node : path.steps().stream()
                .flatMap(step -> step.nodes().stream())
                .filter(node -> node.stage() != MoneyStage.FILE && node.stage() != MoneyStage.PERIOD)
                .toList()) {
            var other = as(Role.CFO, () -> tracer.trace(node.id()));
            assertThat(ids(other)).as(node.kind()).isEqualTo(ids(path));
        }
    }

    @Test
    void everyNumberIsFoundExactlyAndCounted() {
        UUID payment = books.patientPays(claim.accountId(), "77.10", 10, "900123");
        String entry = step(trace("EFT-LATE"), MoneyStage.POSTING).getFirst().title();
        String reference =
                step(trace("EFT-LATE"), MoneyStage.CLEARING).getFirst().title();

        assertThat(kinds("C1")).containsExactly("claim");
        assertThat(kinds("ICN1")).containsExactly("claim");
        assertThat(kinds(entry)).containsExactly("journal-entry");
        assertThat(kinds(entry.toLowerCase(Locale.ROOT))).containsExactly("journal-entry");
        assertThat(kinds(reference.substring(reference.indexOf(' ') + 1))).containsExactly("clearing-reference");
        assertThat(kinds("EFT-DONE")).containsExactlyInAnyOrder("remittance", "bank-receipt");
        assertThat(kinds("1,220.50")).containsExactlyInAnyOrder("remittance", "bank-receipt");
        assertThat(kinds("1220.5")).containsExactlyInAnyOrder("remittance", "bank-receipt");
        assertThat(kinds("900123")).containsExactlyInAnyOrder("payment", "clearing-reference");
        assertThat(kinds(" 77.10 ")).containsExactly("payment");
        MoneyPath way = as(Role.CFO, () -> tracer.trace(payment));
        assertThat(way.state()).isEqualTo(MoneyState.WAITING);
        assertThat(way.steps())
                .filteredOn(step -> step.stage() == MoneyStage.CASH)
                .extracting(MoneyPath.Step::absence, MoneyPath.Step::state)
                .containsExactly(tuple("The bank's side is not recorded yet", MoneyState.WAITING));
        for (String none :
                List.of("EFT", "122", "1220.51", "-1220.50", "1e3", "1,22.50", "99999999999999999999", "%")) {
            assertThat(as(Role.CFO, () -> tracer.find(none)).total()).as(none).isZero();
        }
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> as(Role.CFO, () -> tracer.find("1".repeat(101))));
    }

    @Test
    void aClaimLeadsToTheAnswersOfItsPayerButARemittanceNotToAllItsClaims() {
        assertThat(ids(as(Role.CFO, () -> tracer.trace(claim.id())))).contains(late);
        assertThat(ids(as(Role.CFO, () -> tracer.trace(late)))).doesNotContain(claim.id());
    }

    @Test
    void aRefundHangsOnItsPayment() {
        UUID payment = books.patientPays(claim.accountId(), "50.00", 10, "3001");
        var refund = new AtomicReference<UUID>();
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> refund.set(context.getBean(Refunds.class)
                        .request(new RefundRequest(payment, usd("20.00"), null, "overpayment", "Paid twice", null))));

        MoneyPath path = as(Role.CFO, () -> tracer.trace(payment));

        assertThat(ids(path)).contains(refund.get());
        assertThat(ids(as(Role.CFO, () -> tracer.trace(refund.get())))).isEqualTo(ids(path));
        assertThat(step(path, MoneyStage.DOCUMENT)).extracting(MoneyNode::kind).contains("payment", "refund");
    }

    @Test
    void whoMayNotSeeAPartNeitherFindsNorCountsIt() {
        assertThat(as(Role.ANALYST, () -> tracer.find("C1")).total()).isZero();
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> as(Role.ANALYST, () -> tracer.trace(claim.id())));
        assertThat(as(Role.ANALYST, () -> tracer.find("EFT-LATE")).total()).isEqualTo(1);
    }

    @Test
    void anotherOrganizationFindsNothing() {
        var other = TestHospital.create(context);
        other.runAs(Role.CFO, () -> {
            assertThat(tracer.find("EFT-LATE").total()).isZero();
            assertThat(tracer.find("310.00").total()).isZero();
            assertThatExceptionOfType(RuleViolation.class).isThrownBy(() -> tracer.trace(late));
        });
    }

    @Test
    void aModuleAddsItsPartByImplementingTheTrail() {
        UUID reference = step(trace("EFT-LATE"), MoneyStage.CLEARING).getFirst().id();
        UUID line = Ids.next();
        var trails = new ArrayList<>(context.getBeansOfType(MoneyTrail.class).values());
        trails.add(new OtherDocuments(line, reference));
        var extended = new MoneyTracer(trails, context.getBean(Users.class), context.getBean(Organizations.class));

        MoneyPath path = as(
                Role.CFO,
                () -> Objects.requireNonNull(
                        context.getBean(TransactionTemplate.class).execute(transaction -> extended.trace(late))));

        assertThat(step(path, MoneyStage.CASH)).extracting(MoneyNode::id).contains(line);
    }

    @Test
    void aLineOfTheBankThatAPersonBookedLeadsFromItsFileToTheEntryOfTheFee() {
        var bank = new BankPeriodBooks(context);
        bank.t1();
        UUID id = bank.start(bank.end());
        UUID fee = bank.unbooked(id, "-25.00").id();
        MoneyPath before = traced(bank, fee);
        assertThat(step(before, MoneyStage.FILE))
                .extracting(MoneyNode::title)
                .singleElement()
                .satisfies(name -> assertThat(name).startsWith("statement-"));
        assertThat(step(before, MoneyStage.CASH)).singleElement().satisfies(node -> {
            assertThat(node.kind()).isEqualTo("bank-line");
            assertThat(node.state()).isEqualTo(MoneyState.WAITING);
        });

        var booked = new AtomicReference<UUID>();
        bank.hospital.runAs(
                Role.ACCOUNTING_STAFF, () -> booked.set(bank.reconciliations.book(id, fee, "8140", "Monthly fee")));

        MoneyPath after = traced(bank, fee);
        assertThat(step(after, MoneyStage.CASH)).singleElement().satisfies(node -> {
            assertThat(node.state()).isEqualTo(MoneyState.SETTLED);
            assertThat(node.text()).contains("A person said what it is: Booked to an account");
        });
        UUID entry = bank.hospital
                .call(() -> bank.reconciliations.entriesOf(booked.get()))
                .getFirst();
        assertThat(step(after, MoneyStage.POSTING)).extracting(MoneyNode::id).contains(entry);
        assertThat(ids(traced(bank, entry))).contains(fee);
    }

    @Test
    void moneyThatWasBookedBeforeTheBankShowedItLeadsToItsLine() {
        var bank = new BankPeriodBooks(context);
        UUID cash = bank.entry(bank.day(5), "1000", "4200", "75.00");
        bank.statement(
                bank.day(1).minusDays(1),
                bank.end(),
                "1000.00",
                BankPeriodBooks.line(bank.day(6), "75.00", "CASH1", "CASH DEPOSIT"));
        UUID id = bank.start(bank.end());
        UUID line = bank.unbooked(id, "75.00").id();
        bank.hospital.runAs(
                Role.ACCOUNTING_STAFF, () -> bank.reconciliations.alreadyBooked(id, line, cash, "Of the cafeteria"));

        assertThat(ids(traced(bank, cash))).contains(line);
        assertThat(ids(traced(bank, line))).contains(cash);
    }

    @Test
    void aScannedCheckLeadsToThePacketWhosePagesShowIt() {
        var checks = new io.remitflow.checks.CheckBooks(context);
        UUID facility = checks.facility("Harbor View Care Home");
        checks.payer("Harbor View*", facility);
        UUID invoice = checks.invoice(facility, 10, "640.00");
        var check = checks.staged(checks.packet(
                                "70001",
                                "Harbor View Care Home",
                                "640.00",
                                "Six hundred forty and 00/100",
                                checks.line(invoice, 10, "640.00"))
                        .digital())
                .getFirst();
        checks.confirm(check.id());

        MoneyPath path = checks.as(Role.CFO, () -> tracer.trace(check.id()));

        assertThat(step(path, MoneyStage.FILE)).singleElement().satisfies(packet -> {
            assertThat(packet.kind()).isEqualTo("check-packet");
            assertThat(packet.href()).startsWith("/app/checks/packets/");
        });
        assertThat(step(path, MoneyStage.DOCUMENT)).anySatisfy(document -> {
            assertThat(document.kind()).isEqualTo("check");
            assertThat(document.amount()).isEqualTo(usd("640.00"));
            assertThat(document.text()).contains("page").contains("of packet");
        });
        assertThat(step(path, MoneyStage.POSTING)).isNotEmpty();
        MoneyNode reference = step(path, MoneyStage.CLEARING).getFirst();
        assertThat(reference.title()).startsWith("check CK-");
        assertThat(ids(checks.as(Role.CFO, () -> tracer.trace(reference.id()))))
                .contains(step(path, MoneyStage.FILE).getFirst().id());
        assertThat(checks.as(Role.CFO, () -> tracer.find("70001")).matches())
                .extracting(MoneyNode::kind)
                .contains("check");
        var page = TestClient.browser(port).signIn(checks.hospital.signInName(Role.CFO), TestHospital.PASSWORD);
        assertThat(page.get(Objects.requireNonNull(
                                step(path, MoneyStage.FILE).getFirst().href()))
                        .statusCode())
                .isEqualTo(200);
    }

    private MoneyPath traced(BankPeriodBooks bank, UUID id) {
        var path = new AtomicReference<MoneyPath>();
        bank.hospital.runAs(Role.CFO, () -> path.set(tracer.trace(id)));
        return path.get();
    }

    @Test
    void peopleTypeNothingIntoAddresses() {
        var page = TestClient.browser(port).signIn(books.hospital.signInName(Role.CFO), TestHospital.PASSWORD);
        assertThat(page.get("/app/trace").body()).contains("Look for any money");

        var one = page.post("/app/trace", Map.of("q", "EFT-LATE"));
        assertThat(one.headers().firstValue("Location").orElse("")).endsWith("/app/trace/" + late);
        assertThat(page.get("/app/trace/" + late).body())
                .contains(
                        "remit.835", "/app/remittances/" + late, "/app/settlements/", "/app/ledger/clearing/", "Late");
        var two = page.post("/app/trace", Map.of("q", "1220.50"));
        assertThat(two.body()).contains("2 matches");
        assertThat(page.post("/app/trace", Map.of("q", "4.44")).body()).contains("Nothing has exactly this");
        assertThat(page.get("/app/trace/" + UUID.randomUUID()).statusCode()).isEqualTo(404);
    }

    @Test
    void clientsReadTheSame() throws Exception {
        var api = TestClient.api(port, books.hospital.signInName(Role.CFO), TestHospital.PASSWORD);
        var json = JsonMapper.builder().build();

        var found = json.readTree(api.get("/accounting/trace?q=1220.50").body());
        assertThat(found.get("total").asInt()).isEqualTo(2);
        assertThat(found.get("amount").asText()).isEqualTo("1220.50");
        var path = json.readTree(api.get("/accounting/trace/" + late).body());
        assertThat(path.get("state").asText()).isEqualTo("late");
        assertThat(path.at("/steps/0/stage").asText()).isEqualTo("file");
        assertThat(api.get("/accounting/trace/" + UUID.randomUUID()).statusCode())
                .isEqualTo(404);
    }

    /** Hang on the clearing reference they settle. */
    private record OtherDocuments(UUID line, UUID reference) implements MoneyTrail {

        @Override
        public Permission permission() {
            return Permission.LEDGER_VIEW;
        }

        @Override
        public MoneyMatches find(MoneySearch search, int limit) {
            return new MoneyMatches(0, List.of());
        }

        @Override
        public List<MoneyNode> nodes(Collection<UUID> ids) {
            return ids.contains(reference) || ids.contains(line)
                    ? List.of(new MoneyNode(
                            line,
                            "bank-line",
                            MoneyStage.CASH,
                            "Line 7",
                            usd("310.00"),
                            null,
                            MoneyState.SETTLED,
                            "Statement 3",
                            null,
                            List.of(reference)))
                    : List.of();
        }
    }

    private MoneyPath trace(String text) {
        return as(Role.CFO, () -> {
            MoneyFound found = tracer.find(text);
            assertThat(found.total()).as("matches of %s", text).isEqualTo(1);
            return tracer.trace(found.matches().getFirst().id());
        });
    }

    private List<String> kinds(String text) {
        MoneyFound found = as(Role.CFO, () -> tracer.find(text));
        assertThat(found.total()).isEqualTo(found.matches().size());
        return found.matches().stream().map(MoneyNode::kind).toList();
    }

    private static List<MoneyNode> step(MoneyPath path, MoneyStage stage) {
        return path.steps().stream()
                .filter(step -> step.stage() == stage)
                .findFirst()
                .orElseThrow()
                .nodes();
    }

    private static Set<UUID> ids(MoneyPath path) {
        var ids = new HashSet<UUID>();
        path.steps().forEach(step -> step.nodes().forEach(node -> ids.add(node.id())));
        return ids;
    }

    private <T> T as(Role role, Supplier<T> work) {
        var user = books.hospital.user(role);
        return books.call(() -> {
            var result = new AtomicReference<T>();
            CurrentUser.run(user, () -> result.set(work.get()));
            return result.get();
        });
    }
}

package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.ledger.Journal;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** A posted remittance that a person takes back as a whole: nothing of it stays in any of the books. */
@BooksTest
class RemittanceReversalsIntegrationTests {

    static final String ANSWER = """
            CLP*C1*1*500*300*75*12*PCN1*11*1
            CAS*CO*45*125
            CAS*PR*1*75
            NM1*QC*1*DOE*JANE
            """;

    static final List<String> ACCOUNTS =
            List.of("1050", "1100", "1110", "1130", "2010", "2020", "2050", "2060", "4900", "1010");

    RemittanceBooks books;
    RemittanceReversals reversals;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "500.00");
        reversals = books.bean(RemittanceReversals.class);
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void takesBackTheEntryTheAccountsAndTheAnswersOfTheClaims() {
        List<Long> before = balances();
        UUID posted = post(EraText.of("BK1", "300", ANSWER));

        takeBack(posted);

        assertThat(balances()).isEqualTo(before);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("500.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.claimOf("C1").open()).isEqualTo(usd("500.00"));
        assertThat(state(posted)).isEqualTo("reversed");
        assertThat(books.hospital.call(() -> reversals.of(posted).orElseThrow()))
                .satisfies(reversal -> {
                    assertThat(reversal.reason()).isEqualTo("Posted by mistake");
                    assertThat(reversal.by()).isEqualTo(books.hospital.user(Role.BILLING_MANAGER));
                    assertThat(reversal.entryId()).isNotNull();
                    assertThat(reversal.postedAgainAs()).isNull();
                });
    }

    @Test
    void v3_theBalanceCarriedForwardIsOpenAsBefore() {
        post(EraText.of("BK2", "300", ANSWER));
        post(EraText.of("BK3", "0", reversalOfC1() + "PLB*1234567893*20261231*FB:BK3*-300\n"));
        List<Long> before = balances();
        assertThat(open()).containsExactly(-30_000L);
        books.claim("C2", "500.00");
        long receivable = books.balanceMinor("1110");
        UUID settles = post(EraText.of(
                "BK4",
                "0",
                ANSWER.replace("C1", "C2").replace("PCN1", "PCN2") + "PLB*1234567893*20261231*FB:BK3*300\n"));
        assertThat(open()).isEmpty();

        takeBack(settles);

        assertThat(open())
                .as("what the payer carried forward is owed to it again")
                .containsExactly(-30_000L);
        assertThat(books.balanceMinor("1110")).isEqualTo(receivable);
        assertThat(balances().subList(3, 9)).isEqualTo(before.subList(3, 9));
    }

    @Test
    void v5_aRefundConfirmedAndRecoveredTogetherIsTakenBackWithBothItsEntries() {
        List<Long> before = balances();
        UUID posted = post(EraText.of("BK5", "300", ANSWER + "PLB*1234567893*20261231*72:R1*-50*WO:R1*50\n"));

        takeBack(posted);

        assertThat(open()).isEmpty();
        assertThat(balances()).isEqualTo(before);
    }

    @Test
    void whatALaterPaymentBuildsUponStaysUntilThatOneIsTakenBack() {
        UUID first = post(EraText.of("BK6", "300", ANSWER));
        UUID second = post(EraText.of("BK7", "0", reversalOfC1() + "PLB*1234567893*20261231*FB:BK7*-300\n"));

        assertThat(books.hospital.call(() -> reversals.obstacle(first)))
                .hasValue("payment BK7 answered claim C1 later: take that one back first");
        assertRefused(() -> takeBack(first));
        takeBack(second);
        takeBack(first);

        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("500.00"));
        assertThat(open()).isEmpty();
    }

    @Test
    void anOpenItemThatALaterPaymentSettledStaysUntilThatOneIsTakenBack() {
        post(EraText.of("BK8", "300", ANSWER));
        UUID forwards = post(EraText.of("BK9", "0", reversalOfC1() + "PLB*1234567893*20261231*FB:BK9*-300\n"));
        books.claim("C2", "500.00");
        post(EraText.of(
                "BK10",
                "0",
                ANSWER.replace("C1", "C2").replace("PCN1", "PCN2") + "PLB*1234567893*20261231*FB:BK9*300\n"));

        assertThat(books.hospital.call(() -> reversals.obstacle(forwards)).orElseThrow())
                .contains("payment BK10 has settled");
        assertRefused(() -> takeBack(forwards));
    }

    @Test
    void m1_itsMoneyAtTheBankHasNoRemittanceAnyMoreAndIsSettledByTheNextOne() {
        UUID posted = post(EraText.of("BK11", "300", ANSWER));
        receiveMoney("BK11");
        assertThat(settlement()).isEqualTo("settled");

        takeBack(posted);

        assertThat(settlement()).isEqualTo("waiting");
        UUID again = books.hospital.call(() -> reversals.postAgain(posted, "It was right after all"));
        assertThat(settlement()).isEqualTo("settled");
        assertThat(state(again)).isEqualTo("posted");
    }

    @Test
    void aShareThatThePatientPaidIsACreditCaseThen() {
        UUID posted = post(EraText.of("BK12", "300", ANSWER));
        books.patientPays("C1", "75.00");

        takeBack(posted);

        assertThat(books.patientBalance("C1")).isEqualTo(usd("-75.00"));
        assertThat(books.queryAll(
                        "select owner || ' ' || amount || ' ' || state from billing_credit_balances", String.class))
                .containsExactly("patient 7500 open");
    }

    @Test
    void theWorkOnItsDenialsEnds() {
        UUID posted = post(EraText.of("BK13", "0", """
                CLP*C1*4*500*0*0*12*PCN1*11*1
                CAS*CO*197*500
                NM1*QC*1*DOE*JANE
                """));
        assertThat(books.queryAll("select status from billing_denials", String.class))
                .doesNotContain("closed");

        takeBack(posted);

        assertThat(books.queryAll("select status || ' ' || closing from billing_denials", String.class))
                .containsExactly("closed nothing_open");
    }

    @Test
    void theSameContentStaysADuplicateUntilAPersonHasItsFileReadAgain() {
        EraText text = EraText.of("BK14", "300", ANSWER);
        UUID posted = post(text);
        takeBack(posted);

        Receipt redelivered =
                books.receive("again.835", (text.text() + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(redelivered.remittances().getFirst().state()).isEqualTo(RemittanceState.DUPLICATE);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("500.00"));

        UUID again = books.hospital.call(() -> reversals.postAgain(posted, "The file was right"));

        assertThat(again).isNotEqualTo(posted);
        assertThat(state(again)).isEqualTo("posted");
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
        assertThat(books.hospital.call(() -> reversals.of(posted).orElseThrow()).postedAgainAs())
                .isEqualTo(again);
        assertRefused(() -> books.hospital.run(() -> reversals.postAgain(posted, "Once more")));
        takeBack(again);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("500.00"));
    }

    @Test
    void theEntryIsNotReversedInTheLedgerAlone() {
        UUID posted = post(EraText.of("BK15", "300", ANSWER));
        UUID entry = books.entry(posted).id();

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.hospital.run(() -> books.bean(Journal.class)
                        .reverseByHand(entry, LocalDate.of(2026, 11, 28), "By hand", "test:" + entry)))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.ENTRY_NOT_REVERSIBLE))
                .withMessageContaining("take back the remittance on its own page");
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
    }

    @Test
    void itIsTakenBackOnceHoweverManyTry() throws Exception {
        List<Long> before = balances();
        UUID posted = post(EraText.of("BK16", "300", ANSWER));
        books.hospital.user(Role.BILLING_MANAGER);
        Callable<Boolean> attempt = () -> {
            try {
                takeBack(posted);
                return true;
            } catch (RuleViolation e) {
                return false;
            }
        };
        try (var threads = Executors.newFixedThreadPool(4)) {
            List<Future<Boolean>> all = threads.invokeAll(List.of(attempt, attempt, attempt, attempt));
            int done = 0;
            for (Future<Boolean> each : all) {
                done += each.get() ? 1 : 0;
            }
            assertThat(done).isOne();
        }
        assertThat(balances()).isEqualTo(before);
    }

    private static String reversalOfC1() {
        return ANSWER.replace("*1*500*300*75*", "*22*-500*-300*-75*")
                .replace("*45*125", "*45*-125")
                .replace("PR*1*75", "PR*1*-75");
    }

    private UUID post(EraText text) {
        Receipt receipt = books.receive(text);
        assertThat(receipt.remittances().getFirst().state()).isEqualTo(RemittanceState.POSTED);
        return receipt.remittances().getFirst().id();
    }

    private void takeBack(UUID remittance) {
        books.hospital.runAs(Role.BILLING_MANAGER, () -> reversals.reverse(remittance, "Posted by mistake"));
    }

    private static void assertRefused(Runnable action) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(action::run)
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.REMITTANCE_NOT_REVERSIBLE));
    }

    private void receiveMoney(String trace) {
        books.hospital.run(() -> books.bean(Settlements.class)
                .cashSeen(new CashEvidence(
                        CashKind.EFT,
                        "bank:" + trace,
                        trace,
                        EraText.PAYER,
                        "",
                        usd("300.00"),
                        usd("0.00"),
                        LocalDate.of(2026, 11, 16))));
    }

    private List<Long> balances() {
        return ACCOUNTS.stream().map(books::balanceMinor).toList();
    }

    private List<Long> open() {
        return books.queryAll(
                "select open_amount from billing_takebacks where open_amount <> 0 order by id", Long.class);
    }

    private String state(UUID id) {
        return books.query("select state from billing_remittances where id = '%s'".formatted(id), String.class);
    }

    private String settlement() {
        return books.query("select state from billing_settlements", String.class);
    }
}

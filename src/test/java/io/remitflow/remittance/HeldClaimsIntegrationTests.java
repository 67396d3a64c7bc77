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
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** Claims whose money went into suspense, and the ways in which it leaves again. */
@BooksTest
class HeldClaimsIntegrationTests {

    static final List<String> ACCOUNTS = List.of("1050", "1100", "1110", "2010", "2050", "2060", "4900");

    static final String UNKNOWN = """
            CLP*NOBODY*1*500*300*75*12*PCN9*11*1
            CAS*CO*45*125
            CAS*PR*1*75
            NM1*QC*1*ROE*RICHARD
            """;

    static final String ORIGINAL = """
            CLP*C1*1*500*300*75*12*PCN1*11*1
            CAS*CO*45*125
            CAS*PR*1*75
            NM1*QC*1*DOE*JANE
            """;

    static final String REVERSAL = ORIGINAL.replace("*1*500*300*75*", "*22*-500*-300*-75*")
            .replace("CO*45*125", "CO*45*-125")
            .replace("PR*1*75", "PR*1*-75");

    static final String CORRECTION = """
            CLP*C1*1*500*350*25*12*PCN2*11*1
            CAS*CO*45*125
            CAS*PR*1*25
            NM1*QC*1*DOE*JANE
            """;

    RemittanceBooks books;
    HeldClaims held;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "500.00");
        held = books.bean(HeldClaims.class);
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void v17_aPersonSaysWhichClaimIsMeantAndTheMoneyLeavesSuspense() {
        UUID remittance = receive("HC1", "300", UNKNOWN);
        HeldClaim waiting = onlyOne();
        assertThat(waiting.kind()).isEqualTo(HeldReason.UNKNOWN_CLAIM);
        assertThat(waiting.paid()).isEqualTo(usd("300.00"));

        assign(waiting.id(), "C1", false);

        assertThat(releaseLines(waiting.id()))
                .containsExactlyInAnyOrder(
                        "DR 2010 300.00 claim NOBODY/PCN9",
                        "DR 4900 125.00",
                        "CR 1110 425.00",
                        "DR 1100 75.00",
                        "CR 1110 75.00");
        assertThat(books.balanceMinor("2010")).isZero();
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
        assertThat(books.claimOf("C1").paid()).isEqualTo(usd("300.00"));
        assertThat(waiting()).isEmpty();
        assertThat(books.query(
                        "select held_claim_count || ' ' || suspense_amount || ' ' || patient_amount from billing_remittances",
                        String.class))
                .isEqualTo("0 0 7500");
        assertThat(steps(remittance)).contains("Held claim assigned", "Held claim posted");
    }

    @Test
    void v17_isPostedOnceHoweverOftenSomebodyAsks() throws Exception {
        receive("HC2", "300", UNKNOWN);
        UUID id = onlyOne().id();
        var threads = Executors.newFixedThreadPool(3);
        List<Callable<Void>> clerks = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clerks.add(() -> {
                try {
                    assign(id, "C1", false);
                } catch (RuleViolation late) {
                    assertThat(late.refusal()).isEqualTo(Refusal.HELD_CLAIM_NOT_POSTABLE);
                }
                return null;
            });
        }

        for (Future<Void> each : threads.invokeAll(clerks)) {
            each.get();
        }
        threads.shutdown();

        assertThat(books.balanceMinor("2010")).isZero();
        assertThat(books.claimOf("C1").paid()).isEqualTo(usd("300.00"));
        assertRefused(() -> assign(id, "C1", false), "it is not held any more");
    }

    @Test
    void v17_anotherPatientIsOnlyMeantIfAPersonSaysSoDespiteTheName() {
        books.claimOf("C2", "Poe", "Edgar", "500.00");
        receive("HC3", "300", UNKNOWN);
        UUID id = onlyOne().id();

        assertRefused(() -> assign(id, "C2", false), "the patient's name is not that of the account");
        assertThat(books.balanceMinor("2010")).isEqualTo(-30_000);

        assign(id, "C2", true);

        assertThat(books.patientBalance("C2")).isEqualTo(usd("75.00"));
        assertThat(books.balanceMinor("2010")).isZero();
    }

    @Test
    void v17_theClaimIsRecordedLaterAndTheAnswerIsPostedByItself() {
        receive("HC4", "300", UNKNOWN);
        books.claim("NOBODY", "500.00");

        lookAgain();

        assertThat(books.patientBalance("NOBODY")).isEqualTo(usd("75.00"));
        assertThat(books.insuranceBalance("NOBODY")).isEqualTo(usd("0.00"));
        assertThat(books.balanceMinor("2010")).isZero();
        assertThat(books.query(
                        "select released_by is null and released_at is not null from billing_remittance_claims",
                        Boolean.class))
                .isTrue();
    }

    @Test
    void e7_theScheduleKeepsTwoOrganizationsApartHoweverManyOfItRunAtOnce() throws Exception {
        var other = new RemittanceBooks(books.context);
        receive("HC10", "300", UNKNOWN);
        other.receive(
                EraText.of("HC10", "200", UNKNOWN.replace("*300*", "*200*").replace("CO*45*125", "CO*45*225")));
        books.claim("NOBODY", "500.00");
        other.claim("NOBODY", "500.00");
        var schedule = books.bean(HeldClaimsAgain.class);

        try (var threads = Executors.newFixedThreadPool(16)) {
            List<Callable<Object>> looks = Collections.nCopies(16, Executors.callable(schedule::look));
            for (Future<Object> look : threads.invokeAll(looks)) {
                look.get();
            }
        }

        assertThat(books.claimOf("NOBODY").paid()).isEqualTo(usd("300.00"));
        assertThat(other.claimOf("NOBODY").paid()).isEqualTo(usd("200.00"));
        for (RemittanceBooks each : List.of(books, other)) {
            assertThat(each.balanceMinor("2010")).isZero();
            assertThat(each.patientBalance("NOBODY")).isEqualTo(usd("75.00"));
            assertThat(each.count("billing_remittance_claims")).isEqualTo(1);
        }
    }

    @Test
    void v17_aDenialOfAClaimRecordedLaterOpensItsCase() {
        receive("HC5", "0", """
                CLP*LATE*4*500*0*0*12*PCN1*11*1
                CAS*CO*197*500
                NM1*QC*1*DOE*JANE
                """);
        assertThat(waiting()).hasSize(1);
        books.claim("LATE", "500.00");

        lookAgain();

        assertThat(waiting()).isEmpty();
        assertThat(books.query("select count(*) from billing_denials where status <> 'closed'", Long.class))
                .isEqualTo(1);
    }

    @Test
    void v17_ofPatientsWhoShareANumberEachAnswerIsAssignedOnItsOwn() {
        books.claimOf("C2", "Poe", "Edgar", "500.00").claimOf("C3", "Roe", "Richard", "500.00");
        String poe = UNKNOWN.replace("ROE*RICHARD", "POE*EDGAR");
        String takenBack = poe.replace("*1*500*300*75*", "*22*-500*-300*-75*")
                .replace("CO*45*125", "CO*45*-125")
                .replace("PR*1*75", "PR*1*-75");
        receive("HC20", "600", UNKNOWN + poe + UNKNOWN.replace("ROE*RICHARD", "MOE*MARIA") + takenBack);
        List<HeldClaim> waiting = waiting();
        assertThat(waiting).hasSize(4);

        assign(waiting.get(1).id(), "C2", false);

        assertThat(books.claimOf("C2").paid()).as("with its reversal").isEqualTo(usd("0.00"));
        assertThat(books.query("select count(*) from billing_remittance_reversals", Long.class))
                .isOne();
        assertThat(books.balanceMinor("2010")).isEqualTo(-60_000);
        assertThat(waiting()).extracting(HeldClaim::position).containsExactly(1, 3);

        assign(waiting.get(0).id(), "C3", false);

        assertThat(books.claimOf("C3").paid()).isEqualTo(usd("300.00"));
        assertThat(waiting()).singleElement().satisfies(left -> {
            assertThat(left.position()).isEqualTo(3);
            assertThat(left.kind()).isEqualTo(HeldReason.UNKNOWN_CLAIM);
        });
        assertThat(books.balanceMinor("2010")).isEqualTo(-30_000);
    }

    @Test
    void anAssignedAnswerThatWaitsDoesNotTakeOthersOfItsNumberWithIt() {
        books.claimOf("C3", "Roe", "Richard", "500.00");
        String reversal = UNKNOWN.replace("*1*500*300*75*", "*22*-500*-300*-75*")
                .replace("CO*45*125", "CO*45*-125")
                .replace("PR*1*75", "PR*1*-75");
        receive("HC21", "0", reversal + UNKNOWN.replace("ROE*RICHARD", "MOE*MARIA"));
        List<HeldClaim> waiting = waiting();
        assign(waiting.getFirst().id(), "C3", false);
        assertThat(waiting()).as("nothing is there to be taken back").hasSize(2);
        receive("HC22", "300", UNKNOWN.replace("*NOBODY*", "*C3*"));

        lookAgain();

        assertThat(books.claimOf("C3").paid()).isEqualTo(usd("0.00"));
        assertThat(waiting()).singleElement().satisfies(left -> {
            assertThat(left.position()).isEqualTo(2);
            assertThat(left.kind()).isEqualTo(HeldReason.UNKNOWN_CLAIM);
        });
    }

    @Test
    void manyClaimsWithoutAnAccountLeaveSuspenseUnderTheReferenceOfTheirPayment() {
        var body = new StringBuilder();
        for (int i = 1; i <= 1_001; i++) {
            body.append("CLP*LATE%d*1*2*2*0*12*PCN%d*11*1\nNM1*QC*1*DOE*JANE\n".formatted(i, i));
        }
        receive("HC23", "2002", body.toString());
        assertThat(suspense()).containsExactly("trn 1987654321/HC23 -200200");
        books.claim("LATE7", "2.00");

        lookAgain();

        assertThat(books.claimOf("LATE7").paid()).isEqualTo(usd("2.00"));
        assertThat(suspense()).containsExactly("trn 1987654321/HC23 -200000");
        books.claim("LATE8", "2.00").claim("LATE9", "2.00");

        lookAgain();

        assertThat(suspense()).as("fewer than 1,000 are left").containsExactly("trn 1987654321/HC23 -199600");
    }

    private List<String> suspense() {
        return books.queryAll("""
                select r.reference_kind || ' ' || r.reference_value || ' ' || r.balance
                from accounting_clearing_references r
                join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id
                where a.account_code = '2010' and r.balance <> 0
                """, String.class);
    }

    @Test
    void tryingAgainSaysWhyItIsStillHeld() {
        receive("HC6", "300", UNKNOWN);
        UUID id = onlyOne().id();

        HeldClaim after = books.hospital.call(() -> held.tryAgain(id));

        assertThat(after.isWaiting()).isTrue();
        assertThat(after.reason()).isEqualTo("no claim with the control number NOBODY");
        books.claimOf("NOBODY", "Poe", "Edgar", "500.00");
        assertThat(books.hospital.call(() -> held.tryAgain(id))).satisfies(found -> {
            assertThat(found.isWaiting()).isTrue();
            assertThat(found.kind()).isEqualTo(HeldReason.OTHER_CLAIM);
            assertThat(found.accountNumber()).isNotNull();
        });
        assertThat(books.balanceMinor("2010")).isEqualTo(-30_000);
    }

    @Test
    void b12_aReversalBeforeItsOriginalIsPostedOnceTheOriginalArrives() {
        List<Long> before = balances();
        receive("HC7", "0", REVERSAL + "PLB*1234567893*20261231*FB:HC7*-300\n");
        assertThat(onlyOne().kind()).isEqualTo(HeldReason.EARLIER_ANSWER);
        receive("HC8", "300", ORIGINAL);

        lookAgain();

        assertThat(waiting()).isEmpty();
        assertThat(books.query("select kind from billing_remittance_reversals", String.class))
                .isEqualTo("exact");
        assertThat(books.balanceMinor("2010")).isZero();
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("500.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(balances().subList(1, 4)).as("net zero").isEqualTo(before.subList(1, 4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ORC", "OCR", "ROC", "RCO", "COR", "CRO"})
    void m7_theOrderInWhichAnswerReversalAndCorrectionArriveDoesNotMatter(String order) {
        for (char each : order.toCharArray()) {
            switch (each) {
                case 'O' -> receive("O" + order, "300", ORIGINAL);
                case 'R' -> receive("R" + order, "0", REVERSAL + "PLB*1234567893*20261231*FB:R*-300\n");
                default -> receive("C" + order, "350", CORRECTION);
            }
            lookAgain();
            Invariants.ofTests().hold();
        }

        assertThat(waiting()).isEmpty();
        assertThat(books.balanceMinor("2010")).isZero();
        assertThat(books.balanceMinor("4900")).isEqualTo(12_500);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("25.00"));
        assertThat(books.claimOf("C1").paid()).isEqualTo(usd("350.00"));
        assertThat(books.claimOf("C1").status().name()).isEqualTo("PAID");
        assertThat(books.query("select count(*) from billing_credit_balances where state <> 'resolved'", Long.class))
                .isZero();
    }

    @Test
    void b12_theReversalAndTheCorrectionBehindItArePostedTogetherInTheirOrder() {
        UUID both = receive("HC9", "50", REVERSAL + CORRECTION);
        assertThat(waiting()).hasSize(2);

        receive("HC10", "300", ORIGINAL);
        lookAgain();

        assertThat(waiting()).isEmpty();
        assertThat(books.patientBalance("C1")).isEqualTo(usd("25.00"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(steps(both)).contains("Held claim posted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PS", "SP"})
    void v6_theOrderInWhichTwoPayersAnswerDoesNotMatter(String order) {
        books.payer("State Medicaid", "medicaid", SecondaryPayersIntegrationTests.MEDICAID);
        for (char each : order.toCharArray()) {
            if (each == 'P') {
                receive("P" + order, "300", SecondaryPayersIntegrationTests.PRIMARY);
            } else {
                books.receive(EraText.of("S" + order, "65", SecondaryPayersIntegrationTests.GOOD)
                        .from(SecondaryPayersIntegrationTests.MEDICAID));
            }
            lookAgain();
        }

        assertThat(waiting()).isEmpty();
        assertThat(books.balanceMinor("2010")).isZero();
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.claimOf("C1").paid()).isEqualTo(usd("365.00"));
        assertThat(books.queryAll(
                        "select payer_sequence from billing_remittance_claims order by payer_sequence", Integer.class))
                .containsExactly(1, 2);
    }

    @Test
    void takingTheRemittanceBackTakesWhatLeftSuspenseToo() {
        List<Long> before = balances();
        UUID remittance = receive("HC11", "300", UNKNOWN);
        assign(onlyOne().id(), "C1", false);

        takeBack(remittance);

        assertThat(balances()).isEqualTo(before);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("500.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.claimOf("C1").open()).isEqualTo(usd("500.00"));
        assertThat(waiting()).isEmpty();
    }

    @Test
    void theAnswerThatAHeldOneWaitedForIsTakenBackAfterIt() {
        List<Long> before = balances();
        UUID reversal = receive("HC12", "0", REVERSAL + "PLB*1234567893*20261231*FB:HC12*-300\n");
        UUID original = receive("HC13", "300", ORIGINAL);
        lookAgain();

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> takeBack(original))
                .withMessageContaining("payment HC12 answered claim C1 later");
        takeBack(reversal);
        takeBack(original);

        assertThat(balances()).isEqualTo(before);
        assertThat(books.claimOf("C1").open()).isEqualTo(usd("500.00"));
    }

    @Test
    void listsWhatWaitsByReasonPayerAndAge() {
        receive("HC14", "300", UNKNOWN);
        receive("HC15", "0", REVERSAL + "PLB*1234567893*20261231*FB:HC15*-300\n");

        assertThat(list(HeldClaimFilter.ALL)).hasSize(2);
        assertThat(list(new HeldClaimFilter(HeldReason.UNKNOWN_CLAIM, null, null)))
                .singleElement()
                .satisfies(each -> assertThat(each.controlNumber()).isEqualTo("NOBODY"));
        assertThat(list(new HeldClaimFilter(null, "greenleaf", null))).hasSize(2);
        assertThat(list(new HeldClaimFilter(null, "100% other", null))).isEmpty();
        assertThat(list(new HeldClaimFilter(null, null, 1))).isEmpty();
        assertThat(books.hospital.call(() -> held.totals(HeldClaimFilter.ALL)))
                .extracting(total -> total.kind() + " " + total.count() + " " + total.amount())
                .containsExactlyInAnyOrder("UNKNOWN_CLAIM 1 USD 300.00", "EARLIER_ANSWER 1 USD -300.00");
        UUID unknown = list(new HeldClaimFilter(HeldReason.UNKNOWN_CLAIM, null, null))
                .getFirst()
                .id();
        assertThat(books.hospital.call(() -> held.candidates(unknown, "c1")))
                .singleElement()
                .satisfies(each -> assertThat(each.sameCharge()).isTrue());
        assertThat(books.hospital.call(() -> held.candidates(unknown, "%"))).isEmpty();
    }

    @Test
    void aNoteSaysWhyItStaysAndMovesNothing() {
        UUID remittance = receive("HC16", "300", UNKNOWN);
        UUID id = onlyOne().id();

        books.hospital.runAs(Role.BILLING_CLERK, () -> held.note(id, "The payer wants it back and sends a letter"));

        assertThat(onlyOne().note()).isEqualTo("The payer wants it back and sends a letter");
        assertThat(books.balanceMinor("2010")).isEqualTo(-30_000);
        assertThat(steps(remittance)).contains("Note about a held claim");
    }

    private UUID receive(String trace, String paid, String body) {
        Receipt receipt = books.receive(EraText.of(trace, paid, body));
        assertThat(receipt.remittances().getFirst().state()).isEqualTo(RemittanceState.POSTED);
        return receipt.remittances().getFirst().id();
    }

    private void lookAgain() {
        books.hospital.run(held::lookAgain);
    }

    private void assign(UUID id, String controlNumber, boolean despite) {
        books.hospital.runAs(
                Role.BILLING_MANAGER, () -> held.assign(id, controlNumber, "Found by the date of service", despite));
    }

    private void takeBack(UUID remittance) {
        books.hospital.runAs(
                Role.BILLING_MANAGER,
                () -> books.bean(RemittanceReversals.class).reverse(remittance, "Posted by mistake"));
    }

    private List<HeldClaim> waiting() {
        return list(HeldClaimFilter.ALL);
    }

    private List<HeldClaim> list(HeldClaimFilter filter) {
        return books.hospital.call(() -> held.list(filter, null, 10));
    }

    private HeldClaim onlyOne() {
        assertThat(waiting()).hasSize(1);
        return waiting().getFirst();
    }

    private List<Long> balances() {
        return ACCOUNTS.stream().map(books::balanceMinor).toList();
    }

    private List<String> steps(UUID remittance) {
        return books.hospital.call(() -> books.bean(Timeline.class).of("remittance", remittance)).stream()
                .map(TimelineEntry::step)
                .toList();
    }

    private List<String> releaseLines(UUID id) {
        UUID entry = books.query(
                "select release_entry_id from billing_remittance_claims where id = '%s'".formatted(id), UUID.class);
        return books.hospital.call(() -> books.bean(Journal.class).find(entry).orElseThrow()).lines().stream()
                .map(line -> "%s %s %s%s"
                        .formatted(
                                line.debit().isPositive() ? "DR" : "CR",
                                line.accountCode(),
                                (line.debit().isPositive() ? line.debit() : line.credit()).getAmount(),
                                line.clearing() == null ? "" : " " + line.clearing()))
                .toList();
    }

    private static void assertRefused(Runnable action, String words) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(action::run)
                .withMessageContaining(words)
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.HELD_CLAIM_NOT_POSTABLE));
    }
}

package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.ledger.Clearing;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.remittance.TakebackFilter.Status;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** What payers carry forward, announce, take back and confirm across their payments. */
@BooksTest
class TakebacksIntegrationTests {

    static final String PAID = """
            CLP*C1*1*500*300*75*12*PCN1*11*1
            CAS*CO*45*125
            CAS*PR*1*75
            NM1*QC*1*DOE*JANE
            """;

    static final String TAKEN_BACK = PAID.replace("*1*500*300*75*", "*22*-500*-300*-75*")
            .replace("*125", "*-125")
            .replace("*75\n", "*-75\n");

    RemittanceBooks books;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "500.00").claim("C2", "5000.00");
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void v3_aBalanceCarriedForwardIsTakenBackByTheNextPayment() {
        books.receive(EraText.of("T0", "300", PAID));
        books.receive(EraText.of("T1", "0", TAKEN_BACK + plb("FB:T1*-300")));

        assertThat(books.balanceMinor("2050")).isEqualTo(-30_000);
        Takeback forwarded = only(Status.OPEN);
        assertThat(forwarded.open()).isEqualTo(usd("-300.00"));
        assertThat(forwarded.isException()).isFalse();
        assertThat(forwarded.sentence())
                .isEqualTo(
                        "GREENLEAF HEALTH PLAN would have paid less than nothing with T1 and carried 300.00 forward to"
                                + " a later payment.");

        books.receive(EraText.of("T2", "150", paid("450") + plb("FB:T1*300")));

        assertThat(books.balanceMinor("2050")).isZero();
        assertThat(list(Status.OPEN)).isEmpty();
        TakebackDetail closed = get(only(Status.CLOSED));
        assertThat(closed.steps().getLast().sentence())
                .isEqualTo("GREENLEAF HEALTH PLAN took back 300.00 under reference T1 from payment T2; "
                        + "the balance is now zero.");
        assertThat(closed.claims()).singleElement().satisfies(claim -> {
            assertThat(claim.controlNumber()).isEqualTo("C1");
            assertThat(claim.paid()).isEqualTo(usd("-300.00"));
        });
    }

    @Test
    void v3_aPayerThatLeavesOutTheOneBeforeItsTaxIdSettlesItsOwnBalance() {
        books.receive(EraText.of("T0", "300", PAID));
        books.receive(EraText.of("T1", "0", TAKEN_BACK + plb("FB:T1*-300")));

        books.receive(EraText.of("T2", "150", paid("450") + plb("FB:T1*300")).from("987654321"));

        assertThat(list(Status.OPEN)).isEmpty();
        assertThat(openReferences()).isEmpty();
    }

    @Test
    void v3_aBalanceTakenBackUnderAnotherReferenceIsClearedInTheLedgerToo() {
        books.receive(EraText.of("T0", "300", PAID));
        books.receive(EraText.of("T1", "0", TAKEN_BACK + plb("FB:T1*-300")));
        UUID second = books.receive(EraText.of("T2", "150", paid("450") + plb("FB:T2*300")))
                .remittances()
                .getFirst()
                .id();

        assertThat(list(Status.OPEN)).isEmpty();
        assertThat(openReferences()).isEmpty();

        books.hospital.runAs(
                Role.BILLING_MANAGER,
                () -> books.bean(RemittanceReversals.class).reverse(second, "Posted by mistake"));
        assertThat(openReferences()).containsExactly("plb:1987654321/T1 -300.00");
    }

    @Test
    void v3b_whatIsLeftIsOneNewBalance() {
        books.receive(EraText.of("T0", "300", PAID));
        books.receive(EraText.of("T1", "0", TAKEN_BACK + plb("FB:T1*-300")));

        books.receive(EraText.of("T2", "0", paid("200") + plb("FB:T1*300*FB:T2*-100")));

        assertThat(only(Status.CLOSED).openedByTrace()).isEqualTo("T1");
        assertThat(only(Status.OPEN).open()).isEqualTo(usd("-100.00"));
        assertThat(only(Status.OPEN).openedByTrace()).isEqualTo("T2");
        assertThat(books.balanceMinor("2050")).isEqualTo(-10_000);
    }

    @Test
    void v3b_aBalanceThatThePayerDidNotMergeIsMergedAndShown() {
        books.receive(EraText.of("T0", "300", PAID));
        books.receive(EraText.of("T1", "0", TAKEN_BACK + plb("FB:T1*-300")));

        books.receive(EraText.of("T2", "300", paid("200") + plb("FB:T2*-100")));

        assertThat(only(Status.EXCEPTION).open()).isEqualTo(usd("-400.00"));
        assertThat(get(only(Status.CLOSED)).steps().getLast().sentence())
                .contains("became part of the newer balance", "the balance is now zero");
    }

    @Test
    void v4_anAnnouncedRecoveryIsTakenFromALaterPayment() {
        books.receive(EraText.of("T0", "300", PAID));
        books.receive(EraText.of("T1", "800", TAKEN_BACK + paid("800") + plb("WO:PCN1*-300")));
        assertThat(only(Status.OPEN).sentence())
                .isEqualTo("GREENLEAF HEALTH PLAN announced with payment T1 that it will take back 300.00 for claim C1"
                        + " later.");

        books.receive(EraText.of("T2", "600", paid("900") + plb("WO:C1*300")));

        assertThat(list(Status.OPEN)).isEmpty();
        assertThat(books.balanceMinor("1130")).isZero();
        assertThat(openReferences()).as("PCN1 and C1 are one claim").isEmpty();
        assertThat(only(Status.CLOSED).lastStep().sentence())
                .isEqualTo(
                        "GREENLEAF HEALTH PLAN took back 300.00 for claim C1 from payment T2; the balance is now zero.");
    }

    @Test
    void v4_aRecoveryInTwoPartsIsSettledInTwoParts() {
        books.receive(EraText.of("T0", "300", PAID));
        books.receive(EraText.of("T1", "800", TAKEN_BACK + paid("800") + plb("WO:PCN1*-300")));

        books.receive(EraText.of("T2", "700", paid("900") + plb("WO:PCN1*200")));

        assertThat(only(Status.OPEN).lastStep().sentence())
                .isEqualTo("GREENLEAF HEALTH PLAN took back 200.00 for claim C1 from payment T2; the balance is now"
                        + " 100.00.");
        assertThat(books.balanceMinor("1130")).isEqualTo(-10_000);
    }

    @Test
    void v5_aRefundConfirmedAndRecoveredInOnePaymentLeavesNothing() {
        books.receive(EraText.of("T1", "700", paid("700") + plb("72:CHK9*-50*WO:C1*50")));

        assertThat(list(Status.OPEN)).isEmpty();
        assertThat(list(Status.CLOSED)).hasSize(2);
        assertThat(books.balanceMinor("2060")).isZero();
        assertThat(books.balanceMinor("1130")).isZero();
        assertThat(books.query(
                        "select count(*) from accounting_clearing_references where balance <> 0 and reference_kind ="
                                + " 'plb'",
                        Long.class))
                .isZero();
    }

    @Test
    void v5_aLoneConfirmationOfARefundIsAnException() {
        books.receive(EraText.of("T1", "750", paid("700") + plb("72:CHK9*-50")));

        assertThat(only(Status.EXCEPTION).problem()).isEqualTo(TakebackProblem.REFUND_ALONE);
        assertThat(books.balanceMinor("2060")).isEqualTo(-5_000);
    }

    @Test
    void v10_allSevenAmountsAreOpen() {
        books.receive(EraText.of("T1", "965", paid("1000") + """
                PLB*1234567893*20261231*WO:A*1*WO:B*2*WO:C*3*WO:D*4*WO:E*5*WO:F*6
                PLB*1234567893*20261231*CS:G*14
                """));

        assertThat(list(Status.EXCEPTION)).hasSize(7);
        TakebackTotals totals =
                books.hospital.call(() -> books.bean(Takebacks.class).totals());
        assertThat(totals.taken()).isEqualTo(usd("35.00"));
        assertThat(totals.ages().getFirst().count()).isEqualTo(7);
        assertThat(totals.payers()).singleElement().satisfies(payer -> {
            assertThat(payer.count()).isEqualTo(7);
            assertThat(payer.exceptions()).isEqualTo(7);
            assertThat(payer.net()).isEqualTo(usd("35.00"));
        });
        assertThat(totals.accounts())
                .hasSize(2)
                .allSatisfy(account -> assertThat(account.difference()).isEqualTo(usd("0.00")));
    }

    @Test
    void v12_interestIsIncomeAtOnceAndNeverOpen() {
        books.receive(EraText.of("T1", "1067.81", """
                CLP*C2*1*1000*1000*0*12*PCN2*11*1
                NM1*QC*1*DOE*JANE
                AMT*I*67.81
                """ + plb("L6*-67.81")));

        assertThat(list(Status.ALL)).isEmpty();
        assertThat(books.balanceMinor("4210")).isEqualTo(-6_781);
    }

    @Test
    void aForwardBalanceThatNobodyForwardedIsAnExceptionUntilSomeoneExplainsIt() {
        books.receive(EraText.of("T1", "150", paid("450") + plb("FB:T0*300")));
        Takeback unknown = only(Status.EXCEPTION);
        assertThat(unknown.problem()).isEqualTo(TakebackProblem.FORWARD_BALANCE_UNKNOWN);

        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> books.bean(Takebacks.class).explain(unknown.id(), "Remittance of the former system"));

        assertThat(list(Status.EXCEPTION)).isEmpty();
        assertThat(only(Status.OPEN).explanation()).isEqualTo("Remittance of the former system");
        assertThat(books.balanceMinor("2050")).isEqualTo(30_000);
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> assertThatThrownBy(() -> books.bean(Takebacks.class).explain(unknown.id(), "Once more"))
                        .isInstanceOf(RuleViolation.class));
    }

    @Test
    void plb_whatNoPaymentWillSettleIsBookedByAnotherPersonThanExplainedIt() {
        var receipt = books.receive(EraText.of("T1", "400", paid("700") + plb("CS:ADJ7*300")));
        Takeback item = only(Status.EXCEPTION);
        var resolutions = books.bean(TakebackResolutions.class);
        assertRefused(
                Role.BILLING_MANAGER, () -> resolve(item, TakebackResolution.NON_REIMBURSABLE), "explains it first");
        explain(item, Role.BILLING_MANAGER);
        assertRefused(
                Role.BILLING_CLERK, () -> resolve(item, TakebackResolution.NON_REIMBURSABLE), "approve write-offs");
        assertRefused(
                Role.BILLING_MANAGER, () -> resolve(item, TakebackResolution.NON_REIMBURSABLE), "You explained it");

        books.hospital.runAs(Role.CFO, () -> resolve(item, TakebackResolution.NON_REIMBURSABLE));

        assertThat(list(Status.OPEN)).isEmpty();
        assertThat(books.balanceMinor("2070")).isZero();
        assertThat(books.balanceMinor("8130")).isEqualTo(30_000);
        assertThat(clearing("2070", "1987654321/ADJ7")).isZero();
        assertThat(only(Status.CLOSED).lastStep().sentence())
                .isEqualTo("300.00 was booked by hand: not reimbursable. Letter of 11/20");
        assertRefused(Role.CFO, () -> resolve(item, TakebackResolution.NON_REIMBURSABLE), "It is settled");
        var remittance = receipt.remittances().getFirst().id();
        assertThat(books.hospital.call(
                        () -> books.bean(RemittanceReversals.class).obstacle(remittance)))
                .hasValueSatisfying(words -> assertThat(words).contains("booked by hand"));
        Invariants.ofTests().hold();

        books.hospital.runAs(Role.CFO, () -> resolutions.takeBack(item.id(), "The payer paid it back after all"));

        assertThat(only(Status.OPEN).open()).isEqualTo(usd("300.00"));
        assertThat(books.balanceMinor("2070")).isEqualTo(30_000);
        assertThat(books.balanceMinor("8130")).isZero();
        assertThat(clearing("2070", "1987654321/ADJ7")).isEqualTo(30_000);
        assertRefused(Role.CFO, () -> resolutions.takeBack(item.id(), "Once more"), "not resolved by hand");
        Invariants.ofTests().hold();

        books.receive(EraText.of("T2", "1000", paid("700") + plb("CS:ADJ7*-300")));
        assertThat(list(Status.OPEN))
                .as("open as before, so the payer can settle it")
                .isEmpty();
    }

    @Test
    void plb_aBalanceOfAFormerSystemAndAnUnannouncedRecoveryCanBeBookedAway() {
        books.receive(EraText.of("T1", "100", paid("700") + plb("FB:OLD*300*WO:X7*300")));

        for (Takeback item : list(Status.EXCEPTION)) {
            explain(item, Role.BILLING_CLERK);
            books.hospital.runAs(Role.BILLING_MANAGER, () -> resolve(item, TakebackResolution.LOSS));
        }

        assertThat(list(Status.OPEN)).isEmpty();
        assertThat(books.balanceMinor("2050")).isZero();
        assertThat(books.balanceMinor("1130")).isZero();
        assertThat(books.balanceMinor("9000")).isEqualTo(60_000);
    }

    @Test
    void plb_whatAPayerHasGivenIsNotGivenUpToIncome() {
        books.receive(EraText.of("T1", "750", paid("700") + plb("72:REF1*-50")));
        Takeback lone = only(Status.EXCEPTION);
        explain(lone, Role.BILLING_CLERK);

        assertThat(TakebackResolution.of(lone)).doesNotContain(TakebackResolution.LOSS);
        assertRefused(Role.BILLING_MANAGER, () -> resolve(lone, TakebackResolution.LOSS), "goes back");
        books.hospital.runAs(Role.BILLING_MANAGER, () -> resolve(lone, TakebackResolution.REBATE));

        assertThat(books.balanceMinor("2060")).isZero();
        assertThat(books.balanceMinor("4220")).isEqualTo(-5_000);
    }

    @Test
    void plb_aBalanceThatAPaymentWillSettleIsNotBookedByHand() {
        books.receive(EraText.of("T0", "300", PAID));
        books.receive(EraText.of("T1", "0", TAKEN_BACK + plb("FB:T1*-300")));

        Takeback forwarded = only(Status.OPEN);
        assertRefused(Role.CFO, () -> resolve(forwarded, TakebackResolution.CONTRACTUAL), "A later payment settles it");
    }

    private void explain(Takeback item, Role role) {
        books.hospital.runAs(role, () -> books.bean(Takebacks.class).explain(item.id(), "Asked the payer"));
    }

    private void resolve(Takeback item, TakebackResolution resolution) {
        books.bean(TakebackResolutions.class).resolve(item.id(), resolution, "Letter of 11/20");
    }

    private void assertRefused(Role role, Runnable work, String words) {
        books.hospital.runAs(
                role,
                () -> assertThatThrownBy(work::run)
                        .isInstanceOf(RuleViolation.class)
                        .hasMessageContaining(words));
    }

    private long clearing(String account, String reference) {
        return books.query("""
                        select coalesce(sum(r.balance), 0) from accounting_clearing_references r
                        join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id
                        where a.account_code = '%s' and r.reference_kind = 'plb' and r.reference_value = '%s'
                        """.formatted(account, reference), Long.class);
    }

    /** What the page of the clearing accounts shows of provider adjustments. */
    private List<String> openReferences() {
        return books.hospital.call(() -> books.bean(Clearing.class).open()).stream()
                .filter(open -> open.reference().kind().equals("plb"))
                .map(open -> "%s:%s %s"
                        .formatted(
                                open.reference().kind(),
                                open.reference().value(),
                                open.balance().getAmount()))
                .toList();
    }

    @Test
    void b5_nothingIsOpenedByARemittanceThatIsHeld() {
        books.receive(EraText.of("T1", "400.01", paid("700") + plb("FB:T0*300")));

        assertThat(list(Status.ALL)).isEmpty();
    }

    /** B13: the random sequence includes each file twice; the invariants compare ledger and items after each. */
    @Test
    void openItemsAreTheLedgerBalanceAfterEachOfManyRandomPayments() {
        var random = new Random(13);
        for (int payment = 1; payment <= 40; payment++) {
            List<String> adjustments = new ArrayList<>();
            long sum = 0;
            for (int i = 0; i <= random.nextInt(4); i++) {
                long amount = (1 + random.nextInt(4)) * (random.nextBoolean() ? 100 : -100);
                sum += amount;
                adjustments.add("%s%s*%s"
                        .formatted(
                                List.of("FB", "FB", "WO", "72", "AP", "PI", "LE", "CS", "L6")
                                        .get(random.nextInt(9)),
                                random.nextInt(4) == 0 ? "" : ":R" + random.nextInt(5),
                                BigDecimal.valueOf(amount, 2).toPlainString()));
            }
            long paid = 10_000;
            EraText text = EraText.of(
                    "R" + payment,
                    BigDecimal.valueOf(paid - sum, 2).toPlainString(),
                    paid("100") + plb(String.join("*", adjustments)));
            books.receive(text);
            books.receive(text);
            Invariants.ofTests().hold();
            assertThat(openReferences()).containsExactlyInAnyOrderElementsOf(books.queryAll("""
                            select 'plb:' || payer_identifier || '/' || reference || ' ' || round(sum(open_amount) / 100.0, 2)
                            from billing_takebacks
                            where reference <> '' and account_code in ('1130', '2050', '2060', '2070', '2080', '2090')
                            group by account_code, payer_identifier, reference having sum(open_amount) <> 0
                            """, String.class));
        }
        assertThat(books.query("select count(*) from billing_remittances where state = 'posted'", Long.class))
                .isEqualTo(40);
        assertThat(list(Status.OPEN)).isNotEmpty();
        assertThat(list(Status.CLOSED)).isNotEmpty();
    }

    private static String paid(String amount) {
        return """
                CLP*C2*1*%s*%s*0*12*PCN2*11*1
                NM1*QC*1*DOE*JANE
                """.formatted(amount, amount);
    }

    private static String plb(String pairs) {
        return "PLB*1234567893*20261231*%s\n".formatted(pairs);
    }

    private List<Takeback> list(Status status) {
        return books.hospital.call(
                () -> books.bean(Takebacks.class).list(new TakebackFilter(status, null, null), null, 50));
    }

    private Takeback only(Status status) {
        assertThat(list(status)).hasSize(1);
        return list(status).getFirst();
    }

    private TakebackDetail get(Takeback takeback) {
        return books.hospital.call(() -> books.bean(Takebacks.class).get(takeback.id()));
    }
}

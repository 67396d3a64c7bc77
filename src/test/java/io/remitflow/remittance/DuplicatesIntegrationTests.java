package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.intake.IntakeFile;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** The five keys of the domain rules 4.2 by which a second delivery is recognised, and deliveries at the same moment. */
@BooksTest
class DuplicatesIntegrationTests {

    static final String BODY = """
            CLP*C1*1*100*80*20*12*PCN1*11*1
            CAS*PR*1*20
            NM1*QC*1*DOE*JANE
            """;

    RemittanceBooks books;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "100.00");
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void a_theSameFileAgainChangesNothing() {
        byte[] bytes = EraText.of("DUPA", "80.00", BODY).bytes();
        var first = books.receive("remit.835", bytes);

        var second = books.receive("remit.835", bytes);

        assertThat(second.repeated()).isTrue();
        assertThat(second.file().id()).isEqualTo(first.file().id());
        assertThat(second.remittances()).isEqualTo(first.remittances());
        assertPostedOnce();
        assertThat(audited("file.repeated")).isOne();
    }

    @Test
    void a_theSameFileUnderAnotherNameChangesNothing() {
        byte[] bytes = EraText.of("DUPN", "80.00", BODY).bytes();
        var first = books.receive("remit.835", bytes);

        var second = books.receive("other name.txt", bytes);

        assertThat(second.file().id()).isEqualTo(first.file().id());
        assertPostedOnce();
        assertThat(books.queryAll("select original_name from intake_deliveries order by id", String.class))
                .containsExactly("remit.835", "other name.txt");
    }

    @Test
    void b_reusedControlNumbersAreOnlyAWarning() {
        books.claim("C2", "100.00");
        String first = EraText.of("DUPB1", "80.00", BODY).text();
        books.receive("first.835", first.getBytes(UTF_8));

        var second = books.receive(
                "second.835",
                first.replace("DUPB1", "DUPB2")
                        .replace("CLP*C1*", "CLP*C2*")
                        .replace("PCN1", "PCN2")
                        .getBytes(UTF_8));

        assertThat(state(second)).isEqualTo(RemittanceState.POSTED);
        assertThat(books.queryAll("select rule from billing_remittance_findings where not holds", String.class))
                .containsExactly("CONTROL_NUMBERS_REUSED");
        assertThat(books.balanceMinor("1050")).isEqualTo(16_000);
    }

    @Test
    void c_aPayerThatLeavesOutTheOneBeforeItsTaxIdIsTheSamePayer() {
        books.receive(EraText.of("DUPT", "80.00", BODY));

        var second = books.receive(EraText.of("DUPT", "80.00", BODY).from("987654321"));

        assertThat(state(second)).isEqualTo(RemittanceState.REVIEW);
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
        assertThat(books.count("billing_settlements")).isOne();
    }

    @Test
    void c_theSamePaymentWithOtherContentWaitsForAPerson() {
        books.receive(EraText.of("DUPC", "80.00", BODY));

        var second = books.receive(EraText.of("DUPC", "80.00", BODY.replace("PCN1", "PCN1A")));

        assertThat(state(second)).isEqualTo(RemittanceState.REVIEW);
        assertThat(books.queryAll("select rule from billing_remittance_findings where holds", String.class))
                .containsExactly("SAME_PAYMENT_OTHER_CONTENT");
        assertThat(books.queryAll(
                        "select treatment from billing_remittance_claims where remittance_id = '%s'"
                                .formatted(second.remittances().getFirst().id()),
                        String.class))
                .containsExactly("not_posted");
        assertThat(books.query("select conflict_with from billing_remittances where state = 'review'", UUID.class))
                .as("the one to compare it with")
                .isNotEqualTo(second.remittances().getFirst().id());
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
    }

    @Test
    void v7_b11_twoZeroPaymentsUnderOneTraceNumberAreNoDuplicates() {
        books.claim("C2", "100.00");
        String denied = "CLP*%s*4*100*0*0*12*P%1$s*11*1\nCAS*CO*197*100\nNM1*QC*1*DOE*JANE\n";

        var first = books.receive(EraText.of("EO0000000000", "0", denied.formatted("C1")));
        var second = books.receive(EraText.of("EO0000000000", "0", denied.formatted("C2")));

        assertThat(state(first)).isEqualTo(RemittanceState.POSTED);
        assertThat(state(second)).isEqualTo(RemittanceState.POSTED);
        assertThat(books.queryAll("select rule from billing_remittance_findings", String.class))
                .isEmpty();
    }

    @Test
    void d_theSameContentInAnotherEnvelopeChangesNothing() {
        var first = books.receive(EraText.of("DUPD", "80.00", BODY));

        // Other control numbers, and other line ends.
        var second = books.receive(EraText.of("DUPD", "80.00", BODY).terminatedBy("~\r\n"));

        assertThat(second.repeated()).isFalse();
        assertThat(second.file().state()).isEqualTo(IntakeFile.State.DUPLICATE);
        assertThat(state(second)).isEqualTo(RemittanceState.DUPLICATE);
        assertThat(books.query("select duplicate_of from billing_remittances where state = 'duplicate'", UUID.class))
                .isEqualTo(first.remittances().getFirst().id());
        assertThat(audited("remittance.duplicate")).isOne();
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
        assertThat(entries()).isOne();
    }

    @Test
    void d_ofAFileWithOldAndNewOnlyTheNewIsPosted() {
        books.claim("C2", "100.00");
        String other = BODY.replace("C1*", "C2*").replace("PCN1", "PCN2");
        books.receive(EraText.of("DUPE1", "80.00", BODY));

        var mixed = books.receive(EraText.of("DUPE1", "80.00", BODY).and("DUPE2", "80.00", other));

        assertThat(mixed.file().state()).isEqualTo(IntakeFile.State.ACCEPTED);
        assertThat(mixed.remittances())
                .extracting(Receipt.Part::state)
                .containsExactly(RemittanceState.DUPLICATE, RemittanceState.POSTED);
        assertThat(books.balanceMinor("1050")).isEqualTo(16_000);
    }

    @Test
    void e_theSameClaimInAnotherPaymentIsPostedAndMarked() {
        books.receive(EraText.of("DUPF1", "80.00", BODY));

        var second = books.receive(EraText.of("DUPF2", "80.00", BODY));

        assertThat(state(second)).isEqualTo(RemittanceState.POSTED);
        assertThat(books.queryAll(
                        "select reason from billing_remittance_claims where treatment = 'posted' and reason is not null",
                        String.class))
                .singleElement()
                .asString()
                .startsWith("possible double payment");
        assertThat(books.queryAll("select rule from billing_remittance_findings", String.class))
                .containsExactly("POSSIBLE_DOUBLE_PAYMENT");
        assertThat(books.balanceMinor("1050")).isEqualTo(16_000);
        assertThat(books.insuranceBalance("C1")).as("what came twice").isEqualTo(usd("-80.00"));
        assertThat(books.patientBalance("C1")).as("the share is owed once").isEqualTo(usd("20.00"));
        assertThat(books.queryAll(
                        "select owner || ' ' || amount || ' ' || cause || ' ' || state from billing_credit_balances",
                        String.class))
                .containsExactly("payer 8000 The payer may have paid this claim twice open");

        books.receive(EraText.of("DUPF3", "0", """
                CLP*C1*22*-100*-80*-20*12*PCN1*11*1
                CAS*PR*1*-20
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*FB:X*-80
                """));
        assertThat(books.queryAll("select owner || ' ' || state from billing_credit_balances", String.class))
                .containsExactly("payer resolved");
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("20.00"));
    }

    @Test
    void e_whatIsWrittenOffIsWrittenOffOnceHoweverOftenItIsSaid() {
        String body = """
                CLP*C1*1*100*60*15*12*PCN1*11*1
                CAS*CO*45*25
                CAS*PR*1*15
                NM1*QC*1*DOE*JANE
                """;
        String reversal = """
                CLP*C1*22*-100*-60*-15*12*PCN1*11*1
                CAS*CO*45*-25
                CAS*PR*1*-15
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*FB:%s*-60
                """;
        books.receive(EraText.of("DUPH1", "60.00", body));
        books.receive(EraText.of("DUPH2", "60.00", body));
        books.receive(EraText.of("DUPH3", "60.00", body));
        assertThat(claimStands()).isEqualTo("-120.00 15.00, written off 2500");

        books.receive(EraText.of("DUPH4", "0", reversal.formatted("X")));
        books.receive(EraText.of("DUPH5", "0", reversal.formatted("Y")));
        assertThat(claimStands()).as("one answer is left").isEqualTo("0.00 15.00, written off 2500");
        assertThat(books.queryAll("select owner || ' ' || state from billing_credit_balances", String.class))
                .containsExactly("payer resolved");

        books.receive(EraText.of("DUPH6", "0", reversal.formatted("Z")));
        assertThat(claimStands()).as("none is left").isEqualTo("100.00 0.00, written off 0");

        books.receive(EraText.of("DUPH7", "60.00", body));
        assertThat(claimStands()).isEqualTo("0.00 15.00, written off 2500");
    }

    @Test
    void e_aDeductibleThatIsSaidTwiceIsOwedOnce() {
        String body = "CLP*C1*1*100*0*100*12*PCN1*11*1\nCAS*PR*1*100\nNM1*QC*1*DOE*JANE\n";
        books.receive(EraText.of("DUPI1", "0", body));

        books.receive(EraText.of("DUPI2", "0", body));

        assertThat(claimStands()).isEqualTo("0.00 100.00, written off 0");
        assertThat(books.queryAll("select rule from billing_remittance_findings", String.class))
                .as("no money came twice")
                .isEmpty();
    }

    @Test
    void e_aLaterPayerThatPaysTwiceIsNotHeldButHasACredit() {
        books.payer("Second Health Plan", "commercial", "1222222222");
        books.receive(
                EraText.of("DUPJ1", "60.00", BODY.replace("80*20", "60*40").replace("1*20", "1*40")));
        String second = """
                CLP*C1*2*100*30*10*12*SEC1*11*1
                CAS*OA*23*60
                CAS*PR*2*10
                NM1*QC*1*DOE*JANE
                """;
        books.receive(EraText.of("DUPJ2", "30.00", second).from("1222222222"));

        books.receive(EraText.of("DUPJ3", "30.00", second).from("1222222222"));

        assertThat(books.queryAll("select rule from billing_remittance_findings", String.class))
                .containsExactly("POSSIBLE_DOUBLE_PAYMENT");
        assertThat(claimStands()).isEqualTo("-30.00 10.00, written off 0");
        assertThat(books.queryAll("select owner || ' ' || amount from billing_credit_balances", String.class))
                .containsExactly("payer 3000");
    }

    @Test
    void e_whatWasPaidTwiceIsACreditInFullAlsoWhileSomethingElseOfTheClaimIsOpen() {
        String body = "CLP*C1*1*100*60*0*12*PCN1*11*1\nCAS*CO*197*40\nNM1*QC*1*DOE*JANE\n";
        books.receive(EraText.of("DUPK1", "60.00", body));

        books.receive(EraText.of("DUPK2", "60.00", body));

        assertThat(claimStands()).isEqualTo("-20.00 0.00, written off 0");
        assertThat(books.queryAll(
                        "select owner || ' ' || amount || ' ' || state from billing_credit_balances", String.class))
                .containsExactly("payer 6000 open");
        Invariants.ofTests().hold();

        books.receive(EraText.of("DUPK3", "0", """
                CLP*C1*22*-100*-60*0*12*PCN1*11*1
                CAS*CO*197*-40
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*FB:X*-60
                """));

        assertThat(claimStands()).as("the 40 are still to be worked on").isEqualTo("40.00 0.00, written off 0");
        assertThat(books.queryAll("select owner || ' ' || state from billing_credit_balances", String.class))
                .containsExactly("payer resolved");
    }

    private String claimStands() {
        return "%s %s, written off %d"
                .formatted(
                        books.insuranceBalance("C1").getAmount(),
                        books.patientBalance("C1").getAmount(),
                        books.claimOf("C1").contractual().getAmountMinorLong());
    }

    @Test
    void e_afterAReversalTheSameClaimIsNoDoublePayment() {
        books.receive(EraText.of("DUPG1", "80.00", BODY));
        books.receive(EraText.of("DUPG2", "0", """
                CLP*C1*22*-100*-80*-20*12*PCN1*11*1
                CAS*PR*1*-20
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*FB:X*-80
                """));

        books.receive(EraText.of("DUPG3", "80.00", BODY));

        assertThat(books.queryAll("select rule from billing_remittance_findings", String.class))
                .isEmpty();
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("20.00"));
    }

    @Test
    void theSameFileFromManyThreadsPostsOnce() throws Exception {
        byte[] bytes = EraText.of("RACE1", "80.00", BODY).bytes();

        List<Receipt> receipts = atOnce(bytes, bytes, bytes, bytes);

        assertThat(receipts)
                .extracting(receipt -> receipt.file().id())
                .containsOnly(receipts.getFirst().file().id());
        assertThat(receipts).filteredOn(receipt -> !receipt.repeated()).hasSize(1);
        assertPostedOnce();
    }

    @Test
    void theSameContentInTwoEnvelopesAtOncePostsOnce() throws Exception {
        List<Receipt> receipts = atOnce(
                EraText.of("RACE2", "80.00", BODY).bytes(),
                EraText.of("RACE2", "80.00", BODY).bytes());

        assertThat(receipts)
                .extracting(DuplicatesIntegrationTests::state)
                .containsExactlyInAnyOrder(RemittanceState.POSTED, RemittanceState.DUPLICATE);
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
        assertThat(entries()).isOne();
    }

    @Test
    void theSamePaymentWithTwoContentsAtOncePostsOnce() throws Exception {
        List<Receipt> receipts = atOnce(
                EraText.of("RACE3", "80.00", BODY).bytes(),
                EraText.of("RACE3", "80.00", BODY.replace("PCN1", "PCN1A")).bytes());

        assertThat(receipts)
                .extracting(DuplicatesIntegrationTests::state)
                .containsExactlyInAnyOrder(RemittanceState.POSTED, RemittanceState.REVIEW);
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
    }

    @Test
    void twoFilesOfTheSameAccountsAtOnceBothPost() throws Exception {
        for (int i = 2; i <= 9; i++) {
            books.claim("C" + i, "50.00", "50.00");
        }
        var forward = new StringBuilder();
        var backward = new StringBuilder();
        for (int i = 2; i <= 9; i++) {
            String claim = "CLP*C%d*1*50*50*0*12*PCN%d%%s*11*1\nNM1*QC*1*DOE*JANE\nSVC*HC:99213*50*50**1\nREF*6R*%%s\n"
                    .formatted(i, i);
            forward.append(claim.formatted("F", "1"));
            backward.insert(0, claim.formatted("B", "2"));
        }

        List<Receipt> receipts = atOnce(
                EraText.of("RACE4", "400.00", forward.toString()).bytes(),
                EraText.of("RACE5", "400.00", backward.toString()).bytes());

        assertThat(receipts).extracting(DuplicatesIntegrationTests::state).containsOnly(RemittanceState.POSTED);
        assertThat(books.balanceMinor("1050")).isEqualTo(80_000);
        for (int i = 2; i <= 9; i++) {
            assertThat(books.insuranceBalance("C" + i)).isEqualTo(usd("0.00"));
        }
    }

    private List<Receipt> atOnce(byte[]... files) throws Exception {
        var barrier = new CyclicBarrier(files.length);
        var running = new ArrayList<Future<Receipt>>();
        try (var threads = Executors.newFixedThreadPool(files.length)) {
            for (byte[] file : files) {
                running.add(threads.submit(() -> {
                    barrier.await();
                    return books.receive("remit.835", file);
                }));
            }
        }
        var receipts = new ArrayList<Receipt>();
        for (Future<Receipt> each : running) {
            receipts.add(each.get());
        }
        return receipts;
    }

    private void assertPostedOnce() {
        assertThat(books.count("intake_files")).isOne();
        assertThat(books.count("billing_remittances")).isOne();
        assertThat(entries()).isOne();
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
        assertThat(books.patientBalance("C1")).isEqualTo(usd("20.00"));
    }

    private long entries() {
        return books.query(
                "select count(*) from accounting_journal_entries where source_module = 'remittance'", Long.class);
    }

    private long audited(String action) {
        return books.query("select count(*) from audit_log where action = '%s'".formatted(action), Long.class);
    }

    private static RemittanceState state(Receipt receipt) {
        return receipt.remittances().getFirst().state();
    }
}

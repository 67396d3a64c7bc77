package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Role;
import io.remitflow.intake.IntakeFile;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** Files whose envelope is damaged, and remittances that pay somebody else. */
@BooksTest
class RejectedFilesIntegrationTests {

    static final String BODY = """
            CLP*C1*1*100*80*20*12*PCN1*11*1
            NM1*QC*1*DOE*JANE
            SVC*HC:99213*100*80**1
            CAS*PR*1*20
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

    static Stream<Arguments> damagedFiles() {
        String good = EraText.of("DMG", "80.00", BODY).text();
        String isa = good.substring(0, 106);
        String group = good.substring(good.indexOf("ST*"), good.indexOf("GE*"));
        return Stream.of(
                Arguments.of("a byte order mark", "\uFEFF" + good, "The byte order mark before the ISA is left out"),
                Arguments.of(
                        "text before the ISA",
                        "Dear hospital,\r\nhere is your file\r\n" + good,
                        "35 characters of other text before the ISA are left out"),
                Arguments.of(
                        "an ISA without its blanks",
                        Pattern.compile(" +").matcher(isa).replaceAll(" ") + good.substring(106),
                        "The ISA is padded to its 106 characters"),
                Arguments.of(
                        "no envelope", group, "An envelope (ISA, GS, GE, IEA) is put around the file, which has none"),
                Arguments.of(
                        "no interchange envelope",
                        good.substring(good.indexOf("GS*"), good.indexOf("IEA*")),
                        "An interchange envelope (ISA, IEA) is put around the file, which has none"),
                Arguments.of(
                        "a wrong count of segments",
                        good.replace("SE*14*", "SE*99*"),
                        "There are 14 segments from ST to SE, but SE says 99"),
                Arguments.of(
                        "a wrong count of transactions",
                        good.replace("GE*1*", "GE*10*"),
                        "There are 1 transactions in the group, but GE says 10"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damagedFiles")
    void v21_b6_aDamagedFileIsKeptAndLetInByAPerson(String damage, String text, String repair) {
        var rejected = books.receive("damaged.835", text.getBytes(UTF_8));

        assertThat(rejected.file().state()).isEqualTo(IntakeFile.State.REJECTED);
        assertThat(books.count("billing_remittances")).isZero();
        assertThat(file(rejected)).satisfies(file -> {
            assertThat(file.isConfirmable()).isTrue();
            assertThat(file.repairs()).singleElement().asString().startsWith(repair);
            assertThat(file.paid()).isEqualTo(usd("80.00"));
            assertThat(file.claims()).isOne();
            assertThat(file.confirmedBy()).isNull();
        });

        Receipt letIn = letIn(rejected.file().id(), "Confirmed with the payer by phone");

        assertThat(letIn.file().state()).isEqualTo(IntakeFile.State.ACCEPTED);
        assertThat(letIn.remittances()).extracting(Receipt.Part::state).containsExactly(RemittanceState.POSTED);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("20.00"));
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
        assertThat(file(rejected)).satisfies(file -> {
            assertThat(file.confirmedBy()).isNotBlank();
            assertThat(file.confirmation()).isEqualTo("Confirmed with the payer by phone");
        });
        assertThat(books.query(
                        "select count(*) from audit_log where action = 'remittance-file.let-in' and actor_id is not null",
                        Long.class))
                .isOne();
        assertThatThrownBy(() -> letIn(rejected.file().id(), "Once more"))
                .isInstanceOf(RuleViolation.class)
                .hasMessageContaining("let this file in before");
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
    }

    @Test
    void theSoundFileAfterwardsIsADuplicate() {
        var sound = EraText.of("DMG2", "80.00", BODY);
        var rejected = books.receive("bom.835", ("\uFEFF" + sound.text()).getBytes(UTF_8));
        letIn(rejected.file().id(), "Checked");

        var again = books.receive(sound);

        assertThat(again.file().state()).isEqualTo(IntakeFile.State.DUPLICATE);
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
    }

    @Test
    void damagedMoneyThatDoesNotBalanceIsNotLetIn() {
        var rejected = books.receive(
                "bom.835", ("\uFEFF" + EraText.of("DMG3", "80.01", BODY).text()).getBytes(UTF_8));

        assertThat(file(rejected)).satisfies(file -> {
            assertThat(file.isConfirmable()).isFalse();
            assertThat(file.reason()).contains("byte order mark");
            assertThat(file.obstacle()).startsWith("its money does not balance").contains("0.01 too much");
        });
        assertThatThrownBy(() -> letIn(rejected.file().id(), "Please"))
                .isInstanceOf(RuleViolation.class)
                .hasMessageContaining("does not balance");
        assertThat(books.balanceMinor("1050")).isZero();
    }

    @Test
    void v21_aTruncatedFileIsNeverLetIn() {
        String good = EraText.of("DMG4", "80.00", BODY).text();

        var rejected = books.receive("cut.835", ("\uFEFF" + good.substring(0, good.indexOf("SE*"))).getBytes(UTF_8));

        assertThat(file(rejected).isConfirmable()).isFalse();
        assertThat(file(rejected).obstacle()).contains("The file ends before its end segment");
    }

    @Test
    void whoLetsAFileInSaysWhy() {
        var rejected = books.receive(
                "bom.835", ("\uFEFF" + EraText.of("DMG5", "80.00", BODY).text()).getBytes(UTF_8));

        assertThatThrownBy(() -> letIn(rejected.file().id(), "  "))
                .isInstanceOf(RuleViolation.class)
                .hasMessageContaining("why the file may be let in");
        assertThat(file(rejected).isConfirmable()).isTrue();
    }

    @Test
    void v19_aRemittanceThatPaysSomebodyElseIsMisroutedAndNothingOfItIsKept() {
        books.hospital.run(() -> books.bean(PayeeIdentifiers.class).register("9999999999"));

        var receipt = books.receive(EraText.of("V19", "80.00", BODY));

        assertThat(receipt.file().state()).isEqualTo(IntakeFile.State.REJECTED);
        assertThat(receipt.file().reason()).contains("pays somebody else");
        for (String table : new String[] {"billing_remittances", "billing_remittance_claims"}) {
            assertThat(books.count(table)).as(table).isZero();
        }
        assertThat(books.balanceMinor("1050")).isZero();
        books.hospital.run(() -> assertThat(books.bean(PayeeIdentifiers.class).misrouted(10))
                .singleElement()
                .satisfies(each -> {
                    assertThat(each.payeeEnding()).isEqualTo("7893");
                    assertThat(each.transactionIndex()).isOne();
                }));
        assertThat(books.query(
                        "select count(*) from audit_log where facts::text like '%DOE%' or facts::text like '%PCN1%'",
                        Long.class))
                .isZero();
    }

    @Test
    void v19_onceItsPayeeIsRegisteredItIsPosted() {
        books.hospital.run(() -> books.bean(PayeeIdentifiers.class).register("9999999999"));
        var receipt = books.receive("remit.835", paying("2223334445", EraText.of("V19B", "80.00", BODY)));

        books.hospital.run(() -> books.bean(PayeeIdentifiers.class).register("22233-34445"));
        var again = books.hospital.call(() ->
                books.bean(Remittances.class).checkPayeesAgain(receipt.file().id()));

        assertThat(again.remittances()).extracting(Receipt.Part::state).containsExactly(RemittanceState.POSTED);
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
        assertThat(books.count("billing_misrouted_remittances")).isZero();
    }

    @Test
    void v19_withoutIdentifiersOfItsOwnAnOrganizationDoesNotGetWhatPaysAnother(@Autowired ApplicationContext context) {
        var other = new RemittanceBooks(context);
        other.hospital.run(() -> other.bean(PayeeIdentifiers.class).register("4445556667"));

        var receipt = books.receive("remit.835", paying("4445556667", EraText.of("V19E", "80.00", BODY)));

        assertThat(receipt.file().state()).isEqualTo(IntakeFile.State.REJECTED);
        assertThat(books.count("billing_remittances")).isZero();
        assertThat(books.count("billing_misrouted_remittances")).isOne();
        assertThat(books.balanceMinor("1050")).isZero();
        assertThat(books.receive(EraText.of("V19F", "80.00", BODY)).file().state())
                .as("what pays nobody we know is taken as ours")
                .isEqualTo(IntakeFile.State.ACCEPTED);
    }

    @Test
    void v19_theOthersOfTheFileArePosted() {
        books.hospital.run(() -> books.bean(PayeeIdentifiers.class).register("3334445556"));
        String both = EraText.of("V19C", "80.00", BODY)
                .and("V19D", "50.00", "CLP*X1*1*50*50*0*12*PX*11*1")
                .text()
                .replace("1234567893", "3334445556");
        int second = both.lastIndexOf("XX*3334445556");

        var receipt = books.receive(
                "two.835",
                (both.substring(0, second) + "XX*5555555555" + both.substring(second + "XX*3334445556".length()))
                        .getBytes(UTF_8));

        assertThat(receipt.file().state()).isEqualTo(IntakeFile.State.ACCEPTED);
        assertThat(receipt.remittances()).hasSize(1);
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
        assertThat(books.count("billing_misrouted_remittances")).isOne();
    }

    private static byte[] paying(String payee, EraText era) {
        return era.text().replace("1234567893", payee).getBytes(UTF_8);
    }

    private RejectedFiles.RejectedFile file(Receipt receipt) {
        return books.hospital.call(
                () -> books.bean(RejectedFiles.class).get(receipt.file().id()));
    }

    private Receipt letIn(UUID fileId, String comment) {
        var receipt = new AtomicReference<Receipt>();
        CurrentUser.run(
                books.hospital.user(Role.BILLING_MANAGER),
                () -> receipt.set(
                        books.hospital.call(() -> books.bean(Remittances.class).letIn(fileId, comment))));
        return receipt.get();
    }
}

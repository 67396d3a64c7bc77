package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.claims.BillingProvider;
import io.remitflow.claims.ClaimExchange;
import io.remitflow.claims.ClaimMdConnections;
import io.remitflow.claims.Claims;
import io.remitflow.claims.Insurances;
import io.remitflow.claims.NextPayer;
import io.remitflow.claims.NextPayer.State;
import io.remitflow.claims.SecondaryClaims;
import io.remitflow.claims.SubmissionDetails;
import io.remitflow.claims.SubmissionEvent;
import io.remitflow.claims.Submissions;
import io.remitflow.claims.Subscriber;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.ClaimMdStandIn;
import io.remitflow.local.Invariants;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** After the primary payer has answered, the claim goes to the secondary payer with what the first decided, or says why not. */
@BooksTest
class SecondaryClaimsIntegrationTests {

    static final String MEDICAID = "1555555555";

    static final String PRIMARY = """
            CLP*C1*1*500*300*75*MB*PCN1*11*1
            NM1*QC*1*DOE*JANE
            SVC*HC:99213*400*240**1
            CAS*CO*45*100
            CAS*PR*2*60
            REF*6R*1
            SVC*HC:99213*100*60**1
            CAS*CO*45*25
            CAS*PR*2*15
            REF*6R*2
            """;

    @LocalServerPort
    int port;

    RemittanceBooks books;
    ClaimMdStandIn.Account account;
    UUID medicaid;
    UUID claim;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).payer("State Medicaid", "medicaid", MEDICAID);
        books.claim("C1", "400.00", "100.00");
        claim = books.claimOf("C1").id();
        medicaid = books.query(
                "select id from billing_payers where remit_identifier = '%s'".formatted(MEDICAID), UUID.class);
        account = TestServices.claimMd().account(books.hospital.code());
        books.hospital.run(() -> {
            books.bean(ClaimMdConnections.class).connect(books.hospital.code(), null);
            var submissions = books.bean(Submissions.class);
            submissions.setProvider(new BillingProvider(
                    "Riverside Hospital",
                    "1234567893",
                    "001234567",
                    "282N00000X",
                    "1 River Road",
                    "Albany",
                    "NY",
                    "122070000",
                    "Billing Office",
                    "5185550100"));
            submissions.setRoute(books.payer, "GRN01");
            submissions.setRoute(medicaid, "MCD01");
        });
        insure(books.payer);
        insure(medicaid);
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void aPostedAnswerMakesTheClaimReadyForTheSecondaryPayerAndTheFileSaysWhatTheFirstDecided() {
        sendToPrimary();
        assertThat(next().state()).isEqualTo(State.WAITING);
        assertThat(next().reason()).isEqualTo("Greenleaf Health Plan has not answered yet.");

        books.receive(EraText.of("SEC1", "300", PRIMARY));

        assertThat(next().state()).isEqualTo(State.UNDER_WAY);
        assertThat(next().payerId()).isEqualTo(medicaid);
        var ready = books.hospital.call(() -> books.bean(Submissions.class).inState("ready"));
        assertThat(ready).singleElement().satisfies(submission -> {
            assertThat(submission.payerName()).isEqualTo("State Medicaid");
            assertThat(submission.rank()).isEqualTo("secondary");
            assertThat(submission.missing()).isNull();
        });

        send();

        String file = account.uploads().getLast();
        assertThat(file.lines().map(segment -> segment.replace("~", "")))
                .containsSubsequence(
                        "SBR*S*18*******MC",
                        "NM1*PR*2*STATE MEDICAID*****PI*MCD01",
                        "CLM*C1*500***22:B:1*Y*A*Y*Y",
                        "SBR*P*18*******CI",
                        "AMT*D*300",
                        "OI***Y***Y",
                        "NM1*PR*2*GREENLEAF HEALTH PLAN*****PI*GRN01",
                        "REF*F8*PCN1",
                        "SV1*HC:99213*400*UN*1***1",
                        "SVD*GRN01*240*HC:99213**1",
                        "CAS*CO*45*100",
                        "CAS*PR*2*60",
                        "DTP*573*D8*20261115",
                        "AMT*EAF*60",
                        "SV1*HC:99213*100*UN*1***1",
                        "SVD*GRN01*60*HC:99213**1",
                        "CAS*CO*45*25",
                        "CAS*PR*2*15",
                        "DTP*573*D8*20261115",
                        "AMT*EAF*15");
        assertThat(account.uploads()).hasSize(2);
        assertThat(next().reason()).contains("State Medicaid owes", "accepted");
        assertThat(kinds())
                .containsExactly("prepared", "batched", "sent", "accepted", "prepared", "batched", "sent", "accepted");

        books.receive(EraText.of("SEC2", "65", """
                CLP*C1*2*500*65*0*MC*MCD1*11*1
                CAS*OA*23*425
                CAS*CO*45*10
                NM1*QC*1*DOE*JANE
                """).from(MEDICAID));

        assertThat(next().state()).isEqualTo(State.NONE);
        assertThat(next().reason()).isEqualTo("Every insurance of the patient has answered.");
        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
    }

    @ParameterizedTest
    @CsvSource({"19, ''", "1, NM1*TT*2*STATE MEDICAID*****PI*MCD"})
    void aForwardedClaimGetsNoSecondaryClaimOfOursAndSaysWhy(String status, String crossover) {
        sendToPrimary();

        books.receive(EraText.of("FWD" + status, "300", """
                CLP*C1*%s*500*300*75*MB*PCN1*11*1
                CAS*CO*45*125
                CAS*PR*2*75
                NM1*QC*1*DOE*JANE
                %s""".formatted(status, crossover)));

        assertThat(next().state()).isEqualTo(State.FORWARDED);
        assertThat(next().reason())
                .startsWith("Greenleaf Health Plan sent the claim on")
                .endsWith("itself, so no claim of ours is sent.");
        assertThat(books.hospital.call(() -> books.bean(Submissions.class).inState("ready")))
                .isEmpty();
        assertThatThrownBy(this::prepare)
                .isInstanceOf(RuleViolation.class)
                .extracting(e -> ((RuleViolation) e).refusal())
                .isEqualTo(Refusal.CLAIM_FORWARDED);
        var clerk =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(clerk.get("/app/claims/" + claim).body())
                .contains("Forwarded")
                .contains("so no claim of ours is sent");
    }

    @Test
    void anAnswerThatIsTakenBackBeforeTheFileIsMadeStopsTheSecondaryClaim() {
        sendToPrimary();
        books.receive(EraText.of("SEC3", "300", PRIMARY));
        assertThat(next().state()).isEqualTo(State.UNDER_WAY);

        books.receive(EraText.of("SEC4", "0", """
                CLP*C1*22*-500*-300*-75*MB*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*-400*-240**-1
                CAS*CO*45*-100
                CAS*PR*2*-60
                REF*6R*1
                SVC*HC:99213*-100*-60**-1
                CAS*CO*45*-25
                CAS*PR*2*-15
                REF*6R*2
                PLB*1234567893*20261231*FB:SEC4*-300
                """));

        assertThat(next().state()).isEqualTo(State.WAITING);
        assertThat(books.hospital.call(() -> books.bean(Submissions.class).createBatches()))
                .isEmpty();
        assertThat(books.hospital.call(() -> books.bean(Submissions.class).inState("ready")))
                .singleElement()
                .satisfies(submission -> assertThat(submission.missing()).contains("has not answered yet"));
    }

    @Test
    void whatTheFirstPayerDeniedIsWorkedBeforeTheSecondIsAsked() {
        sendToPrimary();

        books.receive(EraText.of("SEC5", "0", """
                CLP*C1*4*500*0*0*MB*PCN1*11*1
                CAS*CO*197*500
                NM1*QC*1*DOE*JANE
                """));

        assertThat(next().state()).isEqualTo(State.DENIED);
        assertThat(next().reason()).contains("Greenleaf Health Plan denied; the denial DN-");
    }

    @Test
    void nothingIsAskedOfTheSecondPayerWhenTheFirstPaidAll() {
        sendToPrimary();

        books.receive(EraText.of("SEC6", "400", """
                CLP*C1*1*500*400*0*MB*PCN1*11*1
                CAS*CO*45*100
                NM1*QC*1*DOE*JANE
                """));

        assertThat(next().state()).isEqualTo(State.SETTLED);
        assertThat(books.hospital.call(() -> books.bean(Submissions.class).inState("ready")))
                .isEmpty();
    }

    @Test
    void aClaimThatWasNotSentFromHereWaitsForItsDiagnosesAndThenGoesToTheSecondPayer() {
        books.receive(EraText.of("SEC7", "300", PRIMARY));
        assertThat(next().state()).isEqualTo(State.DETAILS_MISSING);

        prepare();
        send();

        assertThat(account.uploads()).hasSize(1);
        assertThat(account.uploads().getFirst()).contains("SBR*S*18").contains("SVD*GRN01*240");
    }

    @Test
    void aSecondaryInsuranceThatIsRecordedLaterMakesTheClaimReady() {
        UUID patient = books.claimOf("C1").accountId();
        books.hospital.run(() -> books.bean(Insurances.class).remove(patient, medicaid));
        sendToPrimary();
        books.receive(EraText.of("SEC8", "300", PRIMARY));
        assertThat(next().state()).isEqualTo(State.NONE);

        insure(medicaid);

        assertThat(next().state()).isEqualTo(State.UNDER_WAY);
    }

    @Test
    void aLateAnswerAboutThePrimarySendingChangesNothing() {
        sendToPrimary();
        String primarySending = account.uploads().getFirst();
        books.receive(EraText.of("SEC9", "300", PRIMARY));
        account.respond("C1", "R", "Primary: member id is not known");

        books.hospital.call(() -> books.bean(ClaimExchange.class).read(books.hospital.id()));

        assertThat(primarySending).contains("SBR*P*18").doesNotContain("SVD*");
        assertThat(books.hospital.call(() -> books.bean(Submissions.class).find(claim)))
                .get()
                .satisfies(submission -> assertThat(submission.state()).isEqualTo("ready"));
    }

    @Test
    void theOrderOfInsurancesCanBeChangedAndHasNoGaps() {
        UUID patient = books.claimOf("C1").accountId();
        books.hospital.run(() -> books.bean(Insurances.class).record(patient, medicaid, 1, subscriber()));

        assertThat(ranks(patient)).containsExactly("State Medicaid primary", "Greenleaf Health Plan secondary");

        books.hospital.run(() -> books.bean(Insurances.class).remove(patient, medicaid));
        assertThat(ranks(patient)).containsExactly("Greenleaf Health Plan primary");
    }

    private List<String> ranks(UUID patient) {
        return books.hospital.call(() -> books.bean(Insurances.class).ofAccount(patient)).stream()
                .map(insurance -> insurance.payerName() + " " + insurance.rank())
                .toList();
    }

    private void insure(UUID payer) {
        UUID patient =
                books.hospital.call(() -> books.bean(Claims.class).get(claim).accountId());
        books.hospital.run(() -> books.bean(Insurances.class).record(patient, payer, null, subscriber()));
    }

    private static Subscriber subscriber() {
        return new Subscriber(
                "M1", null, "Doe", "Jane", LocalDate.of(1980, 2, 29), "F", "1 Elm St", "Albany", "NY", "12207");
    }

    private void prepare() {
        books.hospital.run(
                () -> books.bean(Submissions.class).prepare(claim, SubmissionDetails.professional("22", "J029")));
    }

    private void sendToPrimary() {
        prepare();
        send();
    }

    private void send() {
        books.hospital.call(() -> books.bean(Submissions.class).createBatches());
        assertThat(books.bean(ClaimExchange.class).send(books.hospital.id())).isTrue();
    }

    private NextPayer next() {
        return books.hospital.call(() -> books.bean(SecondaryClaims.class).next(claim));
    }

    private List<String> kinds() {
        return books.hospital.call(() -> books.bean(Submissions.class).history(claim)).stream()
                .map(SubmissionEvent::kind)
                .toList();
    }
}

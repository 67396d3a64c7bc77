package io.remitflow.claims;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.claims.SubmissionDetails.Attending;
import io.remitflow.claims.SubmissionDetails.Form;
import io.xlate.edi.stream.EDIInputFactory;
import io.xlate.edi.stream.EDIStreamEvent;
import io.xlate.edi.stream.EDIStreamReader;
import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Claims as X12 5010, read back by an independent reader. */
class ClaimFileTests {

    static final LocalDateTime AT = LocalDateTime.of(2026, 11, 20, 9, 5);
    static final LocalDate DAY = LocalDate.of(2026, 11, 3);
    static final BillingProvider PROVIDER = new BillingProvider(
            "Mercy General Hospital",
            "1234567893",
            "001234567",
            "282N00000X",
            "12 Harbor Road",
            "Albany",
            "NY",
            "122070000",
            "Billing Office",
            "5185550100");
    static final Subscriber SUBSCRIBER = new Subscriber(
            "KMH400101",
            "GRP1",
            "Müller*Ruiz",
            "José",
            LocalDate.of(1980, 2, 29),
            "F",
            "1 Elm St",
            "Albany",
            "NY",
            "12207");

    @Test
    void writesAProfessionalClaimElementByElement() throws Exception {
        var claim = claim("MG-1", line("99214", null, "220.00", "1"), line("85025", null, "60.50", "2.5"));
        var details = SubmissionDetails.professional("22", "J029", "R059");

        String text = write(Form.PROFESSIONAL, item(claim, details, CareSetting.OUTPATIENT));

        assertThat(text.lines().map(segment -> segment.replace("~", "")).toList())
                .containsExactly(
                        "ISA*00*          *00*          *ZZ*001234567      *ZZ*CLAIMMD        *261120*0905*^*00501*000000007*0*P*:",
                        "GS*HC*001234567*CLAIMMD*20261120*0905*7*X*005010X222A1",
                        "ST*837*0001*005010X222A1",
                        "BHT*0019*00*CB-2026-000007*20261120*0905*CH",
                        "NM1*41*2*MERCY GENERAL HOSPITAL*****46*001234567",
                        "PER*IC*BILLING OFFICE*TE*5185550100",
                        "NM1*40*2*CLAIM.MD*****46*CLAIMMD",
                        "HL*1**20*1",
                        "PRV*BI*PXC*282N00000X",
                        "NM1*85*2*MERCY GENERAL HOSPITAL*****XX*1234567893",
                        "N3*12 HARBOR ROAD",
                        "N4*ALBANY*NY*122070000",
                        "REF*EI*001234567",
                        "HL*2*1*22*0",
                        "SBR*P*18*GRP1******CI",
                        "NM1*IL*1*MULLER RUIZ*JOSE****MI*KMH400101",
                        "N3*1 ELM ST",
                        "N4*ALBANY*NY*12207",
                        "DMG*D8*19800229*F",
                        "NM1*PR*2*KEYSTONE MUTUAL*****PI*60054",
                        "CLM*MG-1*280.5***22:B:1*Y*A*Y*Y",
                        "REF*D9*REMOTE1",
                        "HI*ABK:J029*ABF:R059",
                        "LX*1",
                        "SV1*HC:99214:25*220*UN*1***1",
                        "DTP*472*D8*20261103",
                        "REF*6R*L-99214",
                        "LX*2",
                        "SV1*HC:85025:25*60.5*UN*2.5***1",
                        "DTP*472*D8*20261103",
                        "REF*6R*L-85025",
                        "SE*30*0001",
                        "GE*1*7",
                        "IEA*1*000000007");
        assertThat(mistakes(text)).isEmpty();
    }

    @Test
    void writesAnInstitutionalClaimWithItsDatesAndItsAttendingProvider() throws Exception {
        var claim = claim("MG-2", line(null, "0120", "9000.00", "3"), line("99285", "0450", "15000.00", "1"));
        var details = new SubmissionDetails(
                Form.INSTITUTIONAL,
                List.of("I219", "E119"),
                null,
                "111",
                DAY,
                "01",
                new Attending("1987654321", "Lee", "Ann"));

        String text = write(Form.INSTITUTIONAL, item(claim, details, CareSetting.EMERGENCY));

        assertThat(text)
                .contains("ST*837*0001*005010X223A2~")
                .contains("CLM*MG-2*24000***11:A:1**A*Y*Y~")
                .contains("DTP*434*RD8*20261103-20261103~\nDTP*435*D8*20261103~\nCL1*1*1*01~\nREF*D9*REMOTE1~")
                .contains("HI*ABK:I219~\nHI*ABJ:I219~\nHI*ABF:E119~")
                .contains("NM1*71*1*LEE*ANN****XX*1987654321~")
                .contains("SV2*0120**9000*UN*3~")
                .contains("SV2*0450*HC:99285:25*15000*UN*1~");
        assertThat(mistakes(text)).isEmpty();
    }

    @Test
    void aSecondaryClaimSaysForEachLineWhatThePrimaryPayerDecided() throws Exception {
        var claim = claim("MG-3", line("99214", null, "220.00", "1"), second(line("85025", null, "60.00", "2")));
        var decided = new Adjudication(
                claim.payerId(),
                1,
                DAY.plusDays(12),
                "PCN1",
                usd("280.00"),
                usd("150.00"),
                false,
                null,
                List.of(),
                List.of(
                        decidedLine(
                                1,
                                "99214",
                                "140.00",
                                adjusted("CO", "45", "40.00"),
                                adjusted("PR", "1", "25.00"),
                                adjusted("PR", "2", "15.00")),
                        decidedLine(2, "85025", "10.00", adjusted("CO", "45", "50.00"))),
                null);

        String text = write(
                Form.PROFESSIONAL,
                secondary(claim, SubmissionDetails.professional("22", "J029"), CareSetting.OUTPATIENT, decided));

        assertThat(text.lines()
                        .map(segment -> segment.replace("~", ""))
                        .dropWhile(segment -> !segment.startsWith("SBR*"))
                        .takeWhile(segment -> !segment.startsWith("SE*"))
                        .toList())
                .containsExactly(
                        "SBR*S*18*GRP1******MC",
                        "NM1*IL*1*MULLER RUIZ*JOSE****MI*KMH400101",
                        "N3*1 ELM ST",
                        "N4*ALBANY*NY*12207",
                        "DMG*D8*19800229*F",
                        "NM1*PR*2*STATE MEDICAID*****PI*MCD01",
                        "CLM*MG-3*280***22:B:1*Y*A*Y*Y",
                        "REF*D9*REMOTE2",
                        "HI*ABK:J029",
                        "SBR*P*18*GRP1******CI",
                        "AMT*D*150",
                        "OI***Y***Y",
                        "NM1*IL*1*MULLER RUIZ*JOSE****MI*KMH400101",
                        "NM1*PR*2*KEYSTONE MUTUAL*****PI*60054",
                        "REF*F8*PCN1",
                        "LX*1",
                        "SV1*HC:99214:25*220*UN*1***1",
                        "DTP*472*D8*20261103",
                        "REF*6R*L-99214",
                        "SVD*60054*140*HC:99214**1",
                        "CAS*CO*45*40",
                        "CAS*PR*1*25**2*15",
                        "DTP*573*D8*20261115",
                        "AMT*EAF*40",
                        "LX*2",
                        "SV1*HC:85025:25*60*UN*2***1",
                        "DTP*472*D8*20261103",
                        "REF*6R*L-85025",
                        "SVD*60054*10*HC:85025**2",
                        "CAS*CO*45*50",
                        "DTP*573*D8*20261115",
                        "AMT*EAF*0");
        assertThat(decided.isBalanced()).isTrue();
        assertThat(mistakes(text)).isEmpty();
    }

    @Test
    void aDecisionAboutTheClaimAsAWholeStandsBesideItsPayer() throws Exception {
        var claim = claim("MG-4", line(null, "0120", "9000.00", "3"));
        var details = new SubmissionDetails(
                Form.INSTITUTIONAL, List.of("I219"), null, "111", DAY, "01", new Attending("1987654321", "Lee", "Ann"));
        var decided = new Adjudication(
                claim.payerId(),
                1,
                DAY.plusDays(12),
                null,
                usd("9000.00"),
                usd("6000.00"),
                false,
                null,
                List.of(adjusted("CO", "45", "2000.00"), adjusted("PR", "1", "1000.00")),
                List.of(),
                null);

        String text = write(Form.INSTITUTIONAL, secondary(claim, details, CareSetting.INPATIENT, decided));

        assertThat(text)
                .contains("SBR*P*18*GRP1******CI~\nCAS*CO*45*2000~\nCAS*PR*1*1000~\nAMT*D*6000~\nAMT*EAF*1000~\n"
                        + "OI***Y***Y~\nNM1*IL*1*")
                .contains("NM1*PR*2*KEYSTONE MUTUAL*****PI*60054~\nDTP*573*D8*20261115~\nLX*1~")
                .doesNotContain("SVD*");
        assertThat(mistakes(text)).isEmpty();
    }

    @Test
    void aDecisionThatDoesNotExplainTheChargeIsNoticed() {
        var lines = List.of(decidedLine(1, "99214", "140.00", adjusted("CO", "45", "79.99")));
        var decided = new Adjudication(
                UUID.randomUUID(), 1, DAY, null, usd("220.00"), usd("140.00"), false, null, List.of(), lines, null);

        assertThat(decided.isBalanced()).isFalse();
    }

    @Test
    void eachClaimIsASubscriberBelowTheProvider() throws Exception {
        List<ClaimFile.Item> items = new ArrayList<>();
        for (int i = 1; i <= 300; i++) {
            items.add(item(
                    claim("MG-" + i, line("99213", null, "10.01", "1")),
                    SubmissionDetails.professional("11", "Z0000"),
                    CareSetting.OUTPATIENT));
        }

        String text = ClaimFile.write(Form.PROFESSIONAL, 1, "CB", AT, PROVIDER, items);

        assertThat(text.lines().filter(segment -> segment.startsWith("HL*")).toList())
                .hasSize(301)
                .endsWith("HL*301*1*22*0~");
        assertThat(mistakes(text)).isEmpty();
        BigDecimal charged = text.lines()
                .filter(segment -> segment.startsWith("CLM*"))
                .map(segment -> new BigDecimal(segment.split("\\*")[2]))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        assertThat(charged).isEqualByComparingTo("3003.00");
    }

    @Test
    void theRemoteIdIsTheSameForOneSendingAndAnotherForTheNext() {
        UUID claim = UUID.randomUUID();

        assertThat(Submissions.remoteId(claim, 1))
                .hasSize(20)
                .isEqualTo(Submissions.remoteId(claim, 1))
                .isNotEqualTo(Submissions.remoteId(claim, 2));
    }

    static String write(Form form, ClaimFile.Item item) {
        return ClaimFile.write(form, 7, "CB-2026-000007", AT, PROVIDER, List.of(item));
    }

    /** Counts, control numbers and syntax, as the reader judges them. */
    static List<String> mistakes(String text) throws Exception {
        List<String> mistakes = new ArrayList<>();
        var factory = EDIInputFactory.newFactory();
        factory.setProperty(EDIInputFactory.EDI_IGNORE_EXTRANEOUS_CHARACTERS, true);
        int transactions = 0;
        try (EDIStreamReader reader =
                factory.createEDIStreamReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)))) {
            while (reader.hasNext()) {
                EDIStreamEvent event = reader.next();
                if (event.isError()) {
                    mistakes.add(reader.getErrorType() + " at "
                            + reader.getLocation().getSegmentPosition());
                }
                if (event == EDIStreamEvent.END_TRANSACTION) {
                    transactions++;
                }
            }
        }
        assertThat(transactions).isOne();
        return mistakes;
    }

    @Test
    void aReplacementAndAVoidNameTheOriginalByThePayersNumber() throws Exception {
        var line = line("99214", "0450", "220.00", "1");
        var replacement = as(claim("MG-1R1", line), ClaimStatus.SUBMITTED, "PCN9", null);
        var details = SubmissionDetails.professional("22", "J029");
        var bill = new SubmissionDetails(
                Form.INSTITUTIONAL,
                List.of("J029"),
                null,
                "131",
                null,
                "01",
                new Attending("1234567893", "Hill", "Ann"));

        assertThat(write(Form.PROFESSIONAL, item(replacement, details, CareSetting.OUTPATIENT)))
                .contains("CLM*MG-1R1*220***22:B:7*Y*A*Y*Y~")
                .containsSubsequence("REF*F8*PCN9~", "REF*D9*REMOTE1~");
        assertThat(write(Form.INSTITUTIONAL, item(replacement, bill, CareSetting.OUTPATIENT)))
                .contains("*13:A:7*", "REF*F8*PCN9~");
        assertThat(write(
                        Form.INSTITUTIONAL,
                        item(as(claim("MG-1", line), ClaimStatus.VOIDED, null, "PCN1"), bill, CareSetting.OUTPATIENT)))
                .contains("CLM*MG-1*220***13:A:8*", "REF*F8*PCN1~");
    }

    private static Claim as(
            Claim claim, ClaimStatus status, @Nullable String original, @Nullable String payerClaimNumber) {
        return new Claim(
                claim.id(),
                claim.accountId(),
                claim.payerId(),
                claim.controlNumber(),
                payerClaimNumber,
                original == null ? null : new Claim.Replaced(UUID.randomUUID(), original),
                claim.serviceFrom(),
                claim.serviceTo(),
                claim.charged(),
                status,
                claim.paid(),
                claim.contractual(),
                claim.patientResponsibility(),
                claim.lines());
    }

    static ClaimFile.Item item(Claim claim, SubmissionDetails details, CareSetting setting) {
        return new ClaimFile.Item(
                claim, setting, details, SUBSCRIBER, "Keystone Mutual", "commercial", "60054", "REMOTE1", List.of());
    }

    static ClaimFile.Item secondary(Claim claim, SubmissionDetails details, CareSetting setting, Adjudication decided) {
        return new ClaimFile.Item(
                claim,
                setting,
                details,
                SUBSCRIBER,
                "State Medicaid",
                "medicaid",
                "MCD01",
                "REMOTE2",
                List.of(new ClaimFile.OtherPayer(decided, SUBSCRIBER, "Keystone Mutual", "commercial", "60054")));
    }

    static Adjudication.Line decidedLine(
            int line, String procedure, String paid, Adjudication.Adjustment... adjustments) {
        return new Adjudication.Line(line, procedure, List.of(), null, usd(paid), null, List.of(adjustments));
    }

    static Adjudication.Adjustment adjusted(String group, String reason, String amount) {
        return new Adjudication.Adjustment(group, reason, usd(amount), null);
    }

    static Money usd(String amount) {
        return Money.parse("USD " + amount);
    }

    static Claim claim(String controlNumber, ClaimLine... lines) {
        Money zero = Money.parse("USD 0.00");
        Money charged = Money.total(
                java.util.Arrays.stream(lines).map(ClaimLine::charged).toList());
        return new Claim(
                UUID.randomUUID(),
                UUID.randomUUID(),
                UUID.randomUUID(),
                controlNumber,
                null,
                null,
                DAY,
                DAY,
                charged,
                ClaimStatus.SUBMITTED,
                zero,
                zero,
                zero,
                List.of(lines));
    }

    static ClaimLine second(ClaimLine line) {
        return new ClaimLine(
                line.id(),
                2,
                line.controlNumber(),
                line.procedureCode(),
                line.modifiers(),
                line.revenueCode(),
                line.serviceDate(),
                line.units(),
                line.charged());
    }

    static ClaimLine line(@Nullable String procedure, @Nullable String revenue, String charged, String units) {
        return new ClaimLine(
                UUID.randomUUID(),
                1,
                "L-" + (procedure == null ? revenue : procedure),
                procedure,
                List.of("25"),
                revenue,
                DAY,
                new BigDecimal(units),
                Money.parse("USD " + charged));
    }
}

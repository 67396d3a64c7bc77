package io.remitflow.reconciliation;

import io.remitflow.claims.CareSetting;
import io.remitflow.claims.Claim;
import io.remitflow.claims.Claims;
import io.remitflow.claims.NewClaim;
import io.remitflow.claims.NewPayer;
import io.remitflow.claims.Payers;
import io.remitflow.identity.Organizations;
import io.remitflow.local.TestHospital;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.remittance.CashEvidence;
import io.remitflow.remittance.CashKind;
import io.remitflow.remittance.CashReceipt;
import io.remitflow.remittance.Remittances;
import io.remitflow.remittance.Settlements;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.joda.money.Money;
import org.springframework.context.ApplicationContext;

/** A hospital with a payer, and the ways in which money comes and goes there. */
final class ReceivablesBooks {

    static final String PAYER = "1987654321";

    private static final AtomicInteger CONTROL = new AtomicInteger(300_000_000);

    final TestHospital hospital;
    final ApplicationContext context;
    final UUID payer;
    final LocalDate today;

    ReceivablesBooks(ApplicationContext context) {
        this.context = context;
        this.hospital = TestHospital.create(context);
        this.payer = hospital.call(
                () -> bean(Payers.class).create(new NewPayer("Greenleaf Health Plan", "commercial", PAYER)));
        this.today = hospital.call(() -> bean(Organizations.class).today());
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    <T> T call(Supplier<T> work) {
        return hospital.call(work);
    }

    /** A claim of a patient of its own, submitted so many days ago. */
    Claim claim(String controlNumber, String amount, int daysAgo) {
        LocalDate day = today.minusDays(daysAgo);
        return call(() -> {
            UUID account = bean(PatientAccounts.class).open(NewPatientAccount.of("patient-" + controlNumber));
            UUID id = bean(Claims.class)
                    .create(new NewClaim(
                            account,
                            payer,
                            controlNumber,
                            CareSetting.OUTPATIENT,
                            day,
                            List.of(NewClaim.Line.procedure("99213", day, usd(amount)))));
            return bean(Claims.class).get(id);
        });
    }

    /** A remittance of the payer, paid so many days ago; one segment of the body per line. */
    UUID remittance(String traceNumber, String paid, int daysAgo, String body) {
        return remittanceOf(PAYER, traceNumber, paid, daysAgo, body);
    }

    UUID remittanceOf(String payerIdentifier, String traceNumber, String paid, int daysAgo, String body) {
        byte[] file = era(payerIdentifier, traceNumber, paid, today.minusDays(daysAgo), body)
                .getBytes(StandardCharsets.US_ASCII);
        return call(() -> bean(Remittances.class)
                .receive("era-upload", "remit.835", new ByteArrayInputStream(file))
                .remittances()
                .getFirst()
                .id());
    }

    CashReceipt eft(String traceNumber, String amount, int daysAgo) {
        return call(() -> bean(Settlements.class)
                .cashSeen(new CashEvidence(
                        CashKind.EFT,
                        null,
                        traceNumber,
                        PAYER,
                        "",
                        usd(amount),
                        usd("0.00"),
                        today.minusDays(daysAgo))));
    }

    UUID patientPays(UUID account, String amount, int daysAgo, String checkNumber) {
        return call(() -> bean(Payments.class)
                .record(NewPayment.check(account, null, today.minusDays(daysAgo), usd(amount), checkNumber)));
    }

    static Money usd(String amount) {
        return Money.parse("USD " + amount);
    }

    private static String era(String payerIdentifier, String traceNumber, String paid, LocalDate paidOn, String body) {
        boolean zero = usd(paid).isZero();
        String day = paidOn.format(DateTimeFormatter.BASIC_ISO_DATE);
        List<String> segments = new ArrayList<>();
        segments.add("ST*835*0001");
        segments.add("BPR*%s*%s*C*%s*CCP*01*999999992*DA*123456*1512345678**01*999988880*DA*98765*%s"
                .formatted(zero ? "H" : "I", paid, zero ? "NON" : "ACH", day));
        segments.add("TRN*1*%s*%s".formatted(traceNumber, payerIdentifier));
        segments.add("DTM*405*" + day);
        segments.add("N1*PR*GREENLEAF HEALTH PLAN*XV*12345");
        segments.add("N3*100 MAIN STREET");
        segments.add("N4*ALBANY*NY*12201");
        segments.add("N1*PE*RIVERSIDE HOSPITAL*XX*1234567893");
        segments.add("LX*1");
        body.strip().lines().map(String::strip).forEach(segments::add);
        segments.add("SE*%d*0001".formatted(segments.size() + 1));
        int control = CONTROL.incrementAndGet();
        segments.addFirst("GS*HP*GREENLEAF*RIVERSIDE*%s*0830*1*X*005010X221A1".formatted(day));
        segments.addFirst(
                "ISA*00*          *00*          *ZZ*GREENLEAF      *ZZ*RIVERSIDE      *%s*0830*^*00501*%09d*0*P*:"
                        .formatted(day.substring(2), control));
        segments.add("GE*1*1");
        segments.add("IEA*1*%09d".formatted(control));
        return String.join("~\n", segments) + "~\n";
    }
}

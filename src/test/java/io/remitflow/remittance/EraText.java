package io.remitflow.remittance;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Text of an 835: the test says what is paid, the envelope and its counts follow. */
final class EraText {

    static final String PAYER = "1987654321";

    private static final String PAID_ON = "20261115";
    private static final AtomicInteger CONTROL = new AtomicInteger(100_000_000);

    private final List<List<String>> transactions = new ArrayList<>();
    private final int controlNumber = CONTROL.incrementAndGet();
    private String terminator = "~\n";

    private String payer = PAYER;
    private String paidOn = PAID_ON;

    static EraText of(String traceNumber, String paid, String body) {
        return new EraText().and(traceNumber, paid, body);
    }

    /** Another remittance in the same file; one segment of the body per line. */
    EraText and(String traceNumber, String paid, String body) {
        boolean zero = new java.math.BigDecimal(paid).signum() == 0;
        List<String> segments = new ArrayList<>();
        segments.add("ST*835*%04d".formatted(transactions.size() + 1));
        segments.add("BPR*%s*%s*C*%s*CCP*01*999999992*DA*123456*1512345678**01*999988880*DA*98765*%s"
                .formatted(zero ? "H" : "I", paid, zero ? "NON" : "ACH", PAID_ON));
        segments.add("TRN*1*%s*%s".formatted(traceNumber, PAYER));
        segments.add("DTM*405*20261114");
        segments.add("N1*PR*GREENLEAF HEALTH PLAN*XV*12345");
        segments.add("N3*100 MAIN STREET");
        segments.add("N4*ALBANY*NY*12201");
        segments.add("N1*PE*RIVERSIDE HOSPITAL*XX*1234567893");
        segments.add("LX*1");
        body.strip().lines().map(String::strip).forEach(segments::add);
        segments.add("SE*%d*%04d".formatted(segments.size() + 1, transactions.size() + 1));
        transactions.add(segments);
        return this;
    }

    /** TRN03 of all its remittances. */
    EraText from(String payerIdentifier) {
        payer = payerIdentifier;
        return this;
    }

    /** BPR16 of all its remittances. */
    EraText paidOn(LocalDate day) {
        paidOn = day.format(DateTimeFormatter.BASIC_ISO_DATE);
        return this;
    }

    EraText terminatedBy(String terminator) {
        this.terminator = terminator;
        return this;
    }

    String text() {
        List<String> segments = new ArrayList<>();
        segments.add(
                "ISA*00*          *00*          *ZZ*GREENLEAF      *ZZ*RIVERSIDE      *261115*0830*^*00501*%09d*0*P*:"
                        .formatted(controlNumber));
        segments.add("GS*HP*GREENLEAF*RIVERSIDE*20261115*0830*1*X*005010X221A1");
        transactions.forEach(segments::addAll);
        segments.add("GE*%d*1".formatted(transactions.size()));
        segments.add("IEA*1*%09d".formatted(controlNumber));
        return (String.join(terminator, segments) + terminator)
                .replace("*" + PAYER, "*" + payer)
                .replace("*DA*98765*" + PAID_ON, "*DA*98765*" + paidOn);
    }

    byte[] bytes() {
        return text().getBytes(StandardCharsets.UTF_8);
    }

    InputStream stream() {
        return new ByteArrayInputStream(bytes());
    }
}

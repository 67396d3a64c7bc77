package io.remitflow.remittance.feed;

import java.util.ArrayList;
import java.util.List;

/** A small 835 for a test, counted correctly; the test says only what it is about. */
final class EraText {

    static final String ISA =
            "ISA*00*          *00*          *ZZ*PAYER          *ZZ*HOSPITAL       *260102*0803*^*00501*"
                    + "000000905*0*P*:~";
    static final String GS = "GS*HP*PAYER*HOSPITAL*20260102*0803*905*X*005010X221A1~";

    private final List<String> transactions = new ArrayList<>();

    /** The segments of one transaction, from after N1*PE to before SE. */
    static String file(String bpr, String... details) {
        return new EraText().transaction(bpr, "TRACE1", details).build();
    }

    static String paying(String amount, String... details) {
        return file("BPR*I*%s*C*ACH************20260105".formatted(amount), details);
    }

    static String notPaying(String... details) {
        return file("BPR*H*0*C*NON************20260105", details);
    }

    EraText transaction(String bpr, String trace, String... details) {
        var number = "%04d".formatted(transactions.size() + 1);
        var segments = new ArrayList<String>();
        segments.add("ST*835*" + number);
        segments.add(bpr);
        segments.add("TRN*1*%s*1512345678".formatted(trace));
        segments.add("N1*PR*INSURANCE OF EXAMPLE");
        segments.add("N1*PE*EXAMPLE HOSPITAL*XX*1234567893");
        segments.addAll(List.of(details));
        segments.add("SE*%d*%s".formatted(segments.size() + 1, number));
        transactions.add(String.join("~", segments) + "~");
        return this;
    }

    String build() {
        return ISA + GS + String.join("", transactions) + "GE*%d*905~IEA*1*000000905~".formatted(transactions.size());
    }
}

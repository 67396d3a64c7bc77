package io.remitflow.remittance;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A claim of one to four lines that a payer answers in a balanced way, and the reversal of that answer. */
record RandomClaim(String controlNumber, List<Line> lines) {

    record Line(long chargedMinor, long contractualMinor, long patientMinor, long deniedMinor) {

        long paidMinor() {
            return chargedMinor - contractualMinor - patientMinor - deniedMinor;
        }
    }

    static RandomClaim of(String controlNumber, Random random) {
        List<Line> lines = new ArrayList<>();
        for (int i = 0, count = 1 + random.nextInt(4); i < count; i++) {
            long charged = 100 + random.nextInt(100_000);
            long contractual = random.nextInt(5) == 0 ? -random.nextInt(5_000) : random.nextInt((int) charged / 3);
            lines.add(new Line(
                    charged,
                    contractual,
                    random.nextBoolean() ? random.nextInt((int) charged / 3) : 0,
                    random.nextInt(4) == 0 ? random.nextInt((int) charged / 3) : 0));
        }
        return new RandomClaim(controlNumber, lines);
    }

    long paidMinor() {
        return lines.stream().mapToLong(Line::paidMinor).sum();
    }

    String[] charges() {
        return lines.stream().map(line -> text(line.chargedMinor())).toArray(String[]::new);
    }

    String answer() {
        return segments(1);
    }

    String reversal() {
        return segments(-1);
    }

    private String segments(int sign) {
        var text = new StringBuilder("CLP*%s*%s*%s*%s*%s*12*PCN%1$s*11*1\nNM1*QC*1*DOE*JANE\n"
                .formatted(
                        controlNumber,
                        sign > 0 ? "1" : "22",
                        text(sign * lines.stream().mapToLong(Line::chargedMinor).sum()),
                        text(sign * paidMinor()),
                        text(sign * lines.stream().mapToLong(Line::patientMinor).sum())));
        int number = 0;
        for (Line line : lines) {
            text.append("SVC*HC:99213*%s*%s**1\n"
                    .formatted(text(sign * line.chargedMinor()), text(sign * line.paidMinor())));
            adjustment(text, "CO*45", sign * line.contractualMinor());
            adjustment(text, "PR*1", sign * line.patientMinor());
            adjustment(text, "CO*197", sign * line.deniedMinor());
            text.append("REF*6R*%d\n".formatted(++number));
        }
        return text.toString();
    }

    private static void adjustment(StringBuilder text, String code, long minor) {
        if (minor != 0) {
            text.append("CAS*%s*%s\n".formatted(code, text(minor)));
        }
    }

    private static String text(long minor) {
        return BigDecimal.valueOf(minor, 2).toPlainString();
    }
}

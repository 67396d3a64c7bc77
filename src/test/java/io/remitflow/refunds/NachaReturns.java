package io.remitflow.refunds;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A file as a bank writes it: what came back, in one batch. */
final class NachaReturns {

    private final List<String> records = new ArrayList<>();
    private long debits;
    private long credits;
    private long hash;
    private int sequence = 1;

    static NachaReturns file() {
        return new NachaReturns();
    }

    NachaReturns returned(String code, String trace, long amountMinor) {
        entry("21", amountMinor);
        credits += amountMinor;
        records.add(("799" + code + trace + " ".repeat(6) + "09100001" + " ".repeat(44))
                + "02100002%07d".formatted(sequence));
        return this;
    }

    NachaReturns notice(String code, String trace, String corrected) {
        entry("21", 0);
        records.add("798" + code + trace + " ".repeat(6) + "09100001" + left(corrected, 29) + " ".repeat(15)
                + "02100002%07d".formatted(sequence));
        return this;
    }

    /** Another file that says the same. */
    NachaReturns numbered(int number) {
        sequence = number;
        return this;
    }

    String text() {
        List<String> lines = new ArrayList<>();
        lines.add("101 091000019 0210000212611301030A094101" + left("FIRST BANK", 23) + left("FED", 23)
                + left("R" + sequence, 8));
        lines.add("5200" + left("RIVERSIDE HOSP", 16) + " ".repeat(20) + "1123456789PPD" + left("REFUND", 10)
                + "261130261130   1" + "021000020000001");
        lines.addAll(records);
        lines.add("8200" + "%06d%010d%012d%012d".formatted(records.size(), hash, debits, credits) + "1123456789"
                + " ".repeat(25) + "021000020000001");
        int blocks = (lines.size() + 1 + 9) / 10;
        lines.add("9000001" + "%06d%08d%010d%012d%012d".formatted(blocks, records.size(), hash, debits, credits)
                + " ".repeat(39));
        while (lines.size() % 10 != 0) {
            lines.add("9".repeat(94));
        }
        return String.join("\n", lines) + "\n";
    }

    InputStream bytes() {
        return new ByteArrayInputStream(text().getBytes(StandardCharsets.US_ASCII));
    }

    private void entry(String transactionCode, long amountMinor) {
        hash += 9_100_001;
        records.add("6" + transactionCode + "091000019" + left("123456789", 17) + "%010d".formatted(amountMinor)
                + left("RF", 15) + left("ANA NUNEZ", 22) + "  1" + "02100002%07d".formatted(sequence));
    }

    private static String left(String text, int length) {
        return text + " ".repeat(length - text.length());
    }
}

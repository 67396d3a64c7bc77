package io.remitflow.bank.feed;

import io.remitflow.bank.StatementLine.Trace;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the trace number of a remittance (835, TRN) in what a bank says about an EFT. */
final class TraceNumbers {

    private static final Pattern TRN =
            Pattern.compile("TRN\\s?\\*\\s?1\\s?\\*\\s?([^*\\\\~/|\\s]{1,50})(?:\\s?\\*\\s?([^*\\\\~/|\\s]{1,30}))?");
    private static final Pattern LABELLED = Pattern.compile("^\\s*[A-Z][A-Za-z]{1,9}:");

    private TraceNumbers() {}

    static @Nullable Trace in(String text) {
        Matcher found = TRN.matcher(text);
        if (!found.find()) {
            return null;
        }
        String payer = found.group(2);
        return new Trace(found.group(1), payer == null ? "" : payer);
    }

    /**
     * Banks cut a long text where their records end, in the middle of a number too, so pieces belong together without a
     * blank; unless a piece begins with a label of its own.
     */
    static @Nullable Trace in(List<String> pieces) {
        var joined = new StringBuilder();
        for (String piece : pieces) {
            if (LABELLED.matcher(piece).find()) {
                joined.append(' ');
            }
            joined.append(piece);
        }
        return in(joined.toString());
    }
}

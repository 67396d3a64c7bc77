package io.remitflow.intake;

import io.remitflow.core.CardNumbers;
import java.util.regex.Pattern;

/** Names given by strangers, made fit for a table cell and a log line. They are never used as a path. */
final class DisplayNames {

    private static final int MAXIMUM_LENGTH = 120;
    // Controls, line and paragraph separators, formatting characters such as right-to-left overrides, lone surrogates.
    private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cntrl}\\p{Zl}\\p{Zp}\\p{Cf}\\p{Cs}\\p{Co}\\p{Cn}]");

    private DisplayNames() {}

    static String clean(String name) {
        String lastPart = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        String visible = CardNumbers.removedFrom(
                INVISIBLE.matcher(lastPart).replaceAll("_").strip());
        if (visible.isEmpty()) {
            return "unnamed";
        }
        int length = visible.codePointCount(0, visible.length());
        return length <= MAXIMUM_LENGTH
                ? visible
                : visible.substring(0, visible.offsetByCodePoints(0, MAXIMUM_LENGTH - 1)) + "…";
    }
}

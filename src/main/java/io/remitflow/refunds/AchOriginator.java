package io.remitflow.refunds;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.time.LocalTime;
import java.util.ArrayList;

/**
 * How the organization signs its ACH files, as its bank told it.
 *
 * @param odfiRouting routing number of our bank, which is also the immediate destination of the file
 * @param immediateOrigin up to ten characters, mostly a 1 and the tax number
 * @param companyId ten characters
 * @param entryDescription what payees read on their statement, such as {@code REFUND}
 * @param cutOff a batch released later leaves on the next business day
 * @param returnWindowDays business days after settlement in which a bank returns an entry
 */
public record AchOriginator(
        String odfiRouting,
        String destinationName,
        String immediateOrigin,
        String originName,
        String companyName,
        String companyId,
        String entryDescription,
        LocalTime cutOff,
        int returnWindowDays) {

    public AchOriginator {
        new RoutingNumber(odfiRouting);
        var wrong = new ArrayList<String>();
        check(wrong, destinationName, 1, 23, "the name of the bank");
        check(wrong, immediateOrigin, 9, 10, "the immediate origin");
        check(wrong, originName, 1, 23, "the name of the origin");
        check(wrong, companyName, 1, 16, "the company name");
        check(wrong, companyId, 10, 10, "the company id");
        check(wrong, entryDescription, 1, 10, "the description of entries");
        if (returnWindowDays < 1 || returnWindowDays > 60) {
            wrong.add("banks have 1 to 60 business days");
        }
        if (!wrong.isEmpty()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "Not accepted: " + String.join("; ", wrong));
        }
    }

    RoutingNumber odfi() {
        return new RoutingNumber(odfiRouting);
    }

    private static void check(ArrayList<String> wrong, String text, int shortest, int longest, String what) {
        if (text.isBlank() || text.length() < shortest || text.length() > longest || !text.matches("[ -~]*")) {
            wrong.add("%s has %d to %d plain characters".formatted(what, shortest, longest));
        }
    }
}

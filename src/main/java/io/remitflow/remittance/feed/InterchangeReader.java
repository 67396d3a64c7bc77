package io.remitflow.remittance.feed;

import io.remitflow.remittance.EraEnvelope;
import io.remitflow.remittance.EraFileTotals;
import io.remitflow.remittance.EraHandler;
import io.remitflow.remittance.EraRejected.Reason;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Follows interchanges, groups and transactions, and holds their trailers against what was really there. */
final class InterchangeReader {

    /** More remittances in one group than any payer sends; bounds the control numbers kept to find repeated ones. */
    private static final int TRANSACTIONS_PER_GROUP = 100_000;

    /** More of them tell a person nothing new. */
    private static final int REPAIRS = 50;

    private enum Place {
        OUTSIDE,
        INTERCHANGE,
        GROUP,
        TRANSACTION
    }

    private final EraHandler handler;
    private final @Nullable List<String> repairs;
    private final TransactionReader transaction;

    private Place place = Place.OUTSIDE;
    private int interchanges;
    private int transactions;
    private long segments;
    private int groupsInInterchange;
    private long firstSegmentOfTransaction;
    private String interchangeControlNumber = "";
    private String groupControlNumber = "";
    private String transactionControlNumber = "";
    private final Set<String> controlNumbersInGroup = new HashSet<>();
    private @Nullable EraEnvelope interchange;
    private @Nullable EraEnvelope group;

    /** @param repairs receives wrong counts and control numbers; null to reject the file for them */
    InterchangeReader(EraHandler handler, @Nullable List<String> repairs) {
        this.handler = handler;
        this.repairs = repairs;
        this.transaction = new TransactionReader(handler);
    }

    void segment(Segment segment) {
        segments++;
        switch (segment.id()) {
            case "ISA" -> beginInterchange(segment);
            case "GS" -> beginGroup(segment);
            case "ST" -> beginTransaction(segment);
            case "SE" -> endTransaction(segment);
            case "GE" -> endGroup(segment);
            case "IEA" -> endInterchange(segment);
            case "TA1" -> expect(Place.INTERCHANGE, segment);
            default -> {
                expect(Place.TRANSACTION, segment);
                transaction.segment(segment);
            }
        }
    }

    EraFileTotals totals(long characters) {
        return new EraFileTotals(interchanges, transactions, transaction.claimsOfAll(), segments, characters);
    }

    private void beginInterchange(Segment isa) {
        expect(Place.OUTSIDE, isa);
        place = Place.INTERCHANGE;
        interchanges++;
        groupsInInterchange = 0;
        interchangeControlNumber = isa.required(13, "The control number of the interchange");
        interchange = new EraEnvelope(
                interchanges,
                isa.text(5).strip(),
                isa.text(6).strip(),
                isa.text(7).strip(),
                isa.text(8).strip(),
                DateText.parseShort(isa.text(9)),
                interchangeControlNumber,
                isa.text(15).equals("T"),
                "",
                "",
                "",
                isa.text(12));
    }

    private void beginGroup(Segment gs) {
        expect(Place.INTERCHANGE, gs);
        place = Place.GROUP;
        groupsInInterchange++;
        controlNumbersInGroup.clear();
        groupControlNumber = gs.required(6, "The control number of the group");
        var outer = opened(interchange);
        group = new EraEnvelope(
                outer.interchangeIndex(),
                outer.senderQualifier(),
                outer.senderId(),
                outer.receiverQualifier(),
                outer.receiverId(),
                outer.interchangeDate(),
                outer.interchangeControlNumber(),
                outer.test(),
                gs.text(2).strip(),
                gs.text(3).strip(),
                groupControlNumber,
                gs.text(8).strip());
    }

    private void beginTransaction(Segment st) {
        expect(Place.GROUP, st);
        var kind = st.text(1).strip();
        if (!kind.equals("835")) {
            throw st.reject(
                    Reason.NOT_AN_835,
                    1,
                    kind.matches("[0-9]{3}")
                            ? "This is an X12 file, but its transaction is a %s, not an 835 remittance".formatted(kind)
                            : "This is an X12 file, but its transaction is not an 835 remittance");
        }
        transactionControlNumber = st.required(2, "The control number of the transaction");
        if (!controlNumbersInGroup.add(transactionControlNumber)) {
            throw st.reject(
                    Reason.DUPLICATE_CONTROL_NUMBER, 2, "Two transactions of one group have the same control number");
        }
        if (controlNumbersInGroup.size() > TRANSACTIONS_PER_GROUP) {
            throw st.reject(
                    Reason.TOO_LARGE, 0, "A group has more than %d transactions".formatted(TRANSACTIONS_PER_GROUP));
        }
        place = Place.TRANSACTION;
        firstSegmentOfTransaction = segments;
        transactions++;
        transaction.begin(transactions, opened(group), transactionControlNumber);
    }

    private void endTransaction(Segment se) {
        expect(Place.TRANSACTION, se);
        checkCount(se, segments - firstSegmentOfTransaction + 1, "segments from ST to SE");
        checkNumber(se, transactionControlNumber, "ST");
        place = Place.GROUP;
        transaction.end(se);
    }

    private void endGroup(Segment ge) {
        expect(Place.GROUP, ge);
        checkCount(ge, controlNumbersInGroup.size(), "transactions in the group");
        checkNumber(ge, groupControlNumber, "GS");
        if (controlNumbersInGroup.isEmpty()) {
            throw ge.reject(Reason.WRONG_STRUCTURE, 0, "The group holds no transaction");
        }
        place = Place.INTERCHANGE;
    }

    private void endInterchange(Segment iea) {
        expect(Place.INTERCHANGE, iea);
        checkCount(iea, groupsInInterchange, "groups in the interchange");
        checkNumber(iea, interchangeControlNumber, "ISA");
        if (groupsInInterchange == 0) {
            throw iea.reject(Reason.WRONG_STRUCTURE, 0, "The interchange holds no group");
        }
        place = Place.OUTSIDE;
        handler.interchangeEnded(interchanges, interchangeControlNumber);
    }

    private void expect(Place expected, Segment segment) {
        if (place == expected) {
            return;
        }
        var message = switch (place) {
            case OUTSIDE -> "%s comes before any ISA";
            case INTERCHANGE -> "%s comes where a group (GS) must begin or the interchange (IEA) end";
            case GROUP -> "%s comes where a transaction (ST) must begin or the group (GE) end";
            case TRANSACTION -> "%s comes before the transaction is closed by its SE";
        };
        throw segment.reject(Reason.WRONG_STRUCTURE, 0, message.formatted(segment.id()));
    }

    private void checkCount(Segment trailer, long counted, String what) {
        var text = trailer.required(1, "The count of " + what);
        if (repairs != null && text.equals(EnvelopeRepair.COUNT)) {
            return;
        }
        boolean number = text.length() <= 10 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!number || Long.parseLong(text) != counted) {
            fault(
                    trailer,
                    Reason.WRONG_CONTROL_COUNT,
                    1,
                    "There are %d %s, but %s says %s"
                            .formatted(counted, what, trailer.id(), number ? text : "something else"));
        }
    }

    private void checkNumber(Segment trailer, String number, String header) {
        var text = trailer.required(2, "The control number");
        if (!text.equals(number) && !withoutZeros(text).equals(withoutZeros(number))) {
            fault(
                    trailer,
                    Reason.WRONG_CONTROL_NUMBER,
                    2,
                    "The control number of %s is not that of its %s".formatted(trailer.id(), header));
        }
    }

    private void fault(Segment trailer, Reason reason, int element, String message) {
        if (repairs == null) {
            throw trailer.reject(reason, element, message);
        }
        if (repairs.size() < REPAIRS) {
            repairs.add("%s (%s)".formatted(message, trailer.position(element).words()));
        }
    }

    /** Some senders pad a number in the header and not in the trailer. */
    private static String withoutZeros(String number) {
        int from = 0;
        while (from < number.length() - 1 && number.charAt(from) == '0') {
            from++;
        }
        return number.substring(from);
    }

    private static EraEnvelope opened(@Nullable EraEnvelope envelope) {
        if (envelope == null) {
            throw new IllegalStateException("not opened");
        }
        return envelope;
    }
}

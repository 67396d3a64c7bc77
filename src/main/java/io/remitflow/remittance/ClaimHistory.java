package io.remitflow.remittance;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What payers answered to one claim so far, as posted, and what one more answer means beside it.
 *
 * <p>A reversal is compared with what its payer's earlier answers left posted: line by line, group by group, reason by
 * reason. The patient's share is what the last payer in the order of the payers says, since each payer's answer replaces
 * the share that an earlier payer left. An answer that comes once more with another payment brings its money once more, but
 * says nothing new: what is written off and what the patient owes stays what it was.
 */
final class ClaimHistory {

    /** Group of the item that stands for the payment itself. */
    static final String PAID = "PAID";

    /** A second answer of the first payer to the whole claim, beside which the first one stands. */
    static final String ANSWERED_TWICE = "ANSWERED_TWICE";

    /** Group of old files for whatever a reversal takes back: it names the reason, but not the group that was posted. */
    private static final String REVERSED = "CR";

    private final List<Answer> answers = new ArrayList<>();

    /** @param line our line as {@code line 2}, or its code where we have no such line; empty for the claim as a whole */
    record Item(String line, String group, String reason) {

        Item ofClaim() {
            return line.isEmpty() ? this : new Item("", group, reason);
        }
    }

    /** @param treatment null for the payment */
    record Amount(Item item, @Nullable AdjustmentTreatment treatment, long minor) {

        private Place place() {
            return new Place(item, treatment);
        }
    }

    private record Place(Item item, @Nullable AdjustmentTreatment treatment) {}

    /**
     * One answer, with signs as the payer sent it: a reversal has negative amounts.
     *
     * @param claimKey the same in another remittance is the same answer once more, as the domain rules (4.2e) say
     * @param payer ours where we know it, else TRN03
     * @param sequence 1 for the primary payer
     * @param statedPatientMinor sum of PR
     * @param priorPayerMinor sum of OA-23
     * @param original of a reversal that took back exactly one answer
     */
    record Answer(
            UUID id,
            UUID remittanceId,
            String claimKey,
            String payer,
            int sequence,
            boolean reversal,
            String payerClaimNumber,
            long chargedMinor,
            long paidMinor,
            long contractualMinor,
            long statedPatientMinor,
            long priorPayerMinor,
            List<Amount> amounts,
            @Nullable UUID original) {

        Answer {
            amounts = List.copyOf(amounts);
        }

        Answer with(int sequence, long contractualMinor, List<Amount> amounts, @Nullable UUID original) {
            return new Answer(
                    id,
                    remittanceId,
                    claimKey,
                    payer,
                    sequence,
                    reversal,
                    payerClaimNumber,
                    chargedMinor,
                    paidMinor,
                    contractualMinor,
                    sum(amounts, AdjustmentTreatment.PATIENT),
                    sum(amounts, AdjustmentTreatment.OTHER_PAYER),
                    amounts,
                    original);
        }

        private boolean repeats(Answer earlier) {
            return claimKey.equals(earlier.claimKey) && !remittanceId.equals(earlier.remittanceId);
        }
    }

    static long sum(List<Amount> amounts, AdjustmentTreatment treatment) {
        return amounts.stream()
                .filter(amount -> amount.treatment() == treatment)
                .mapToLong(Amount::minor)
                .reduce(0, Math::addExact);
    }

    /** What a reversal takes back, as a word on its page. */
    enum Kind {
        EXACT,
        PARTIAL,
        FOREIGN
    }

    /** @param postedMinor before the reversal; what stays posted is the sum of both amounts */
    record ReversedLine(Item item, @Nullable AdjustmentTreatment treatment, long postedMinor, long reversedMinor) {}

    /**
     * @param original the one answer that is taken back, null if it is all of them together or none
     * @param contractualMinor what was written off and is charged again, never positive unless a negative write-off is
     *     taken back
     */
    record Reversal(
            Kind kind,
            @Nullable UUID original,
            int sequence,
            long contractualMinor,
            List<ReversedLine> lines,
            String consequence) {

        Reversal {
            lines = List.copyOf(lines);
        }
    }

    /** Why an answer of a later payer must not be posted. */
    record CobProblem(String code, String text) {}

    /** An answer that is posted. */
    void add(Answer answer) {
        answers.add(answer);
    }

    /** What the patient owes for the claim by all answers so far. */
    long patientShareMinor() {
        Map<Integer, List<Answer>> bySequence = new TreeMap<>();
        answers.forEach(answer -> bySequence
                .computeIfAbsent(answer.sequence(), none -> new ArrayList<>())
                .add(answer));
        Set<Answer> repeated = repeated();
        long share = 0;
        for (List<Answer> ofPayer : bySequence.values()) {
            if (isLeft(ofPayer)) {
                share = ofPayer.stream()
                        .filter(answer -> !repeated.contains(answer))
                        .mapToLong(Answer::statedPatientMinor)
                        .reduce(0, Math::addExact);
            }
        }
        return share;
    }

    /** What is written off for the claim by all answers so far. */
    long contractualMinor() {
        Set<Answer> repeated = repeated();
        return sum(answer -> !repeated.contains(answer), Answer::contractualMinor);
    }

    /** What was paid for the claim by answers that only came once more. */
    long repeatedMinor() {
        return repeated().stream().mapToLong(Answer::paidMinor).reduce(0, Math::addExact);
    }

    /** Whether an answer says once more what another remittance said, and nobody took that back since. */
    boolean isRepeated(Answer next) {
        if (next.reversal()) {
            return false;
        }
        List<Answer> standing = standing();
        standing.removeAll(repeated());
        return standing.stream().anyMatch(next::repeats);
    }

    /** Those that a later answer repeats, each by one of its own: the later one stands for both. */
    private Set<Answer> repeated() {
        Map<String, List<Answer>> alone = new HashMap<>();
        Set<Answer> repeated = new LinkedHashSet<>();
        for (Answer later : standing()) {
            List<Answer> alike = alone.computeIfAbsent(later.claimKey(), none -> new ArrayList<>());
            alike.stream().filter(later::repeats).findFirst().ifPresent(earlier -> {
                alike.remove(earlier);
                repeated.add(earlier);
            });
            alike.add(later);
        }
        return repeated;
    }

    /** The answers whose payment nobody took back. */
    private List<Answer> standing() {
        List<Answer> standing = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            Answer answer = answers.get(i);
            if (!answer.reversal()) {
                standing.add(answer);
            } else if (answer.original() != null) {
                standing.removeIf(each -> each.id().equals(answer.original()));
            } else if (!isLeft(answers.subList(0, i + 1).stream()
                    .filter(each -> each.sequence() == answer.sequence())
                    .toList())) {
                standing.removeIf(each -> each.sequence() == answer.sequence());
            } else {
                standing.stream()
                        .filter(each -> each.sequence() == answer.sequence() && each.paidMinor() == -answer.paidMinor())
                        .findFirst()
                        .ifPresent(standing::remove);
            }
        }
        return standing;
    }

    private static boolean isLeft(List<Answer> ofPayer) {
        return ofClaims(remaining(ofPayer)).values().stream().anyMatch(minor -> minor != 0);
    }

    /**
     * Which payer in the order of payers this is. A payer that says of itself that it comes first is believed only if it
     * does by what we recorded, or if nobody else answered before.
     *
     * @param status CLP02; a denial does not say the place
     * @param recorded the place by the claim's insurances, null if the payer is none of them
     */
    int sequenceOf(String status, String payer, @Nullable Integer recorded) {
        return switch (status) {
            case "2", "20" -> 2;
            case "3", "21" -> 3;
            default ->
                ofPayer(payer)
                        .map(Answer::sequence)
                        .findFirst()
                        .orElseGet(() -> recorded != null && recorded == 1
                                ? 1
                                : Math.max(recorded == null ? 1 : recorded, lastSequence() + 1));
        };
    }

    private int lastSequence() {
        return answers.stream().mapToInt(Answer::sequence).max().orElse(0);
    }

    private Stream<Answer> ofPayer(String payer) {
        return answers.stream().filter(answer -> answer.payer().equals(payer));
    }

    /**
     * The payer of a later answer must take into account what the earlier payers did: what it says of them (OA-23) is at
     * most what they paid and what was written off for them, and nothing may be posted beyond the charge. The first payer
     * may correct its own answer as it likes once it took that back, whatever others paid meanwhile, but it too must not come
     * as if nobody else had paid. An answer that only comes once more has passed before; what it pays too much is a credit of
     * the payer.
     *
     * @param billedMinor our charge of the claim
     */
    Optional<CobProblem> cobProblem(Answer next, long billedMinor) {
        boolean first = next.sequence() < 2;
        if (next.reversal() || isRepeated(next) || first && answers.isEmpty()) {
            return Optional.empty();
        }
        if (first && ofPayer(next.payer()).findAny().isPresent()) {
            return answeredTwice(next, billedMinor);
        }
        Set<Answer> repeated = repeated();
        Predicate<Answer> before = answer -> answer.sequence() < next.sequence() && !repeated.contains(answer);
        long explained = sum(before, Answer::paidMinor) + sum(before, Answer::contractualMinor);
        long said = sum(
                        answer -> answer.sequence() == next.sequence() && !repeated.contains(answer),
                        Answer::priorPayerMinor)
                + next.priorPayerMinor();
        if (said > explained) {
            return Optional.of(new CobProblem(
                    "COB_MISMATCH",
                    "the payer says that earlier payers explain %s (OA-23), but only %s of theirs is posted"
                            .formatted(money(said), money(explained))));
        }
        Predicate<Answer> once = answer -> !repeated.contains(answer);
        long posted = sum(once, Answer::paidMinor) + sum(once, Answer::contractualMinor);
        long open = billedMinor - posted - next.paidMinor() - next.contractualMinor() - shareWith(next);
        if (open < 0) {
            return Optional.of(
                    said == 0 && !first
                            ? new CobProblem(
                                    "COB_NO_OA23",
                                    "the payer leaves out what earlier payers did (no OA-23); posted, the claim would be %s"
                                            .formatted(money(open)))
                            : new CobProblem(
                                    "COB_MISMATCH",
                                    "with what other payers did, the claim would be %s".formatted(money(open))));
        }
        return Optional.empty();
    }

    /** Two answers to the whole claim, of which none is taken back: together they explain more than was charged. */
    private Optional<CobProblem> answeredTwice(Answer next, long billedMinor) {
        boolean stands = standing().stream().anyMatch(answer -> answer.sequence() == next.sequence());
        if (!stands || next.chargedMinor() < billedMinor) {
            return Optional.empty();
        }
        var repeated = repeated();
        Predicate<Answer> own = answer -> answer.sequence() == next.sequence() && !repeated.contains(answer);
        ToLongFunction<Answer> all =
                answer -> answer.paidMinor() + answer.contractualMinor() + answer.statedPatientMinor();
        long open = billedMinor - sum(own, all) - all.applyAsLong(next);
        return open >= 0
                ? Optional.empty()
                : Optional.of(new CobProblem(
                        ANSWERED_TWICE,
                        "the payer answered the whole claim before and has not taken that back; posted beside it, the claim"
                                + " would be %s. A correction comes with the reversal (22) of what it corrects"
                                        .formatted(money(open))));
    }

    /** The share after one more answer, which is not added. */
    private long shareWith(Answer next) {
        answers.add(next);
        try {
            return patientShareMinor();
        } finally {
            answers.removeLast();
        }
    }

    Reversal reversal(Answer reversal) {
        List<Answer> ofPayer = ofPayer(reversal.payer()).toList();
        int sequence = ofPayer.isEmpty() ? 1 : ofPayer.getLast().sequence();
        Map<Place, Long> remaining = remaining(ofPayer);
        if (ofClaims(remaining).values().stream().allMatch(minor -> minor == 0)
                && ofPayer.stream().noneMatch(answer -> !answer.reversal() && !isTakenBack(answer))) {
            return foreign(reversal, Map.of(), sequence, "it takes back an answer that is not posted for this claim");
        }
        for (Answer original : notTakenBack(ofPayer, reversal.payerClaimNumber())) {
            if (isNegativeOf(reversal, places(original.amounts()))
                    && reversal.chargedMinor() == -original.chargedMinor()
                    && isWithin(places(original.amounts()), remaining)) {
                return exact(places(original.amounts()), original.id(), original.sequence());
            }
        }
        if (isNegativeOf(reversal, remaining)
                && ofPayer.stream().mapToLong(Answer::chargedMinor).reduce(0, Math::addExact)
                        == -reversal.chargedMinor()) {
            return exact(remaining, null, sequence);
        }
        return partial(reversal, remaining, sequence)
                .orElseGet(() -> foreign(
                        reversal, remaining, sequence, "it takes back other amounts than were posted for this claim"));
    }

    private boolean isTakenBack(Answer answer) {
        return answers.stream().anyMatch(each -> answer.id().equals(each.original()));
    }

    /** The answer under the payer's own number first, the newest before older ones. */
    private List<Answer> notTakenBack(List<Answer> ofPayer, String payerClaimNumber) {
        List<Answer> open = new ArrayList<>();
        for (Answer answer : ofPayer.reversed()) {
            if (!answer.reversal() && !isTakenBack(answer)) {
                open.add(answer);
            }
        }
        open.sort((left, right) -> Boolean.compare(
                !left.payerClaimNumber().equals(payerClaimNumber),
                !right.payerClaimNumber().equals(payerClaimNumber)));
        return open;
    }

    private static Reversal exact(Map<Place, Long> posted, @Nullable UUID original, int sequence) {
        List<ReversedLine> lines = new ArrayList<>();
        posted.forEach((place, minor) -> {
            if (minor != 0) {
                lines.add(new ReversedLine(place.item(), place.treatment(), minor, Math.negateExact(minor)));
            }
        });
        return new Reversal(
                Kind.EXACT,
                original,
                sequence,
                contractual(lines),
                lines,
                original == null
                        ? "Takes back exactly what all answers of this payer left posted"
                        : "Takes back exactly one earlier answer");
    }

    /** Each amount is part of what is posted for the same line, group and reason. */
    private static Optional<Reversal> partial(Answer reversal, Map<Place, Long> remaining, int sequence) {
        boolean byLine = hasLines(places(reversal.amounts())) && hasLines(remaining);
        Map<Item, Long> wanted = items(inPostedGroups(reversal, remaining), byLine);
        List<ReversedLine> lines = new ArrayList<>();
        for (var each : wanted.entrySet()) {
            long left = Math.negateExact(each.getValue());
            for (var posted : placesOf(each.getKey(), remaining, byLine).entrySet()) {
                long part = sameSign(left, posted.getValue())
                        ? Math.abs(left) < Math.abs(posted.getValue()) ? left : posted.getValue()
                        : 0;
                left -= part;
                if (part != 0) {
                    lines.add(new ReversedLine(
                            posted.getKey().item(), posted.getKey().treatment(), posted.getValue(), -part));
                }
            }
            if (left != 0) {
                return Optional.empty();
            }
        }
        for (var posted : remaining.entrySet()) {
            boolean touched =
                    lines.stream().anyMatch(line -> new Place(line.item(), line.treatment()).equals(posted.getKey()));
            if (!touched && posted.getValue() != 0) {
                lines.add(
                        new ReversedLine(posted.getKey().item(), posted.getKey().treatment(), posted.getValue(), 0));
            }
        }
        long stays = lines.stream()
                .filter(line -> line.item().group().equals(PAID))
                .mapToLong(line -> line.postedMinor() + line.reversedMinor())
                .sum();
        return Optional.of(new Reversal(
                Kind.PARTIAL,
                null,
                sequence,
                contractual(lines),
                lines,
                "Takes back part of what was posted; a payment of %s stays posted".formatted(money(stays))));
    }

    private static Reversal foreign(Answer reversal, Map<Place, Long> remaining, int sequence, String reason) {
        boolean byLine = hasLines(places(reversal.amounts())) && hasLines(remaining);
        Map<Item, Long> posted = items(remaining, byLine);
        Map<Item, Long> reversed = items(places(reversal.amounts()), byLine);
        Map<Item, ReversedLine> lines = new LinkedHashMap<>();
        reversed.forEach(
                (item, minor) -> lines.put(item, new ReversedLine(item, null, posted.getOrDefault(item, 0L), minor)));
        posted.forEach((item, minor) -> {
            if (minor != 0) {
                lines.putIfAbsent(item, new ReversedLine(item, null, minor, 0));
            }
        });
        return new Reversal(Kind.FOREIGN, null, sequence, 0, List.copyOf(lines.values()), reason);
    }

    private static long contractual(List<ReversedLine> lines) {
        return lines.stream()
                .filter(line -> line.treatment() == AdjustmentTreatment.CONTRACTUAL)
                .mapToLong(ReversedLine::reversedMinor)
                .reduce(0, Math::addExact);
    }

    private static boolean isNegativeOf(Answer reversal, Map<Place, Long> posted) {
        Map<Place, Long> reversed = inPostedGroups(reversal, posted);
        boolean byLine = hasLines(reversed) && hasLines(posted);
        Map<Item, Long> left = items(posted, byLine);
        items(reversed, byLine).forEach((item, minor) -> left.merge(item, minor, Math::addExact));
        return left.values().stream().allMatch(minor -> minor == 0);
    }

    /**
     * What a reversal takes back, with group CR replaced by the groups under which the same reason is posted. Where several
     * are and CR takes back only a part of them, nobody can say of which: then it stays CR, which nothing was posted under.
     */
    private static Map<Place, Long> inPostedGroups(Answer reversal, Map<Place, Long> posted) {
        Map<Place, Long> said = places(reversal.amounts());
        boolean byLine = hasLines(said) && hasLines(posted);
        Map<Place, Long> left = new LinkedHashMap<>(posted);
        Map<Place, Long> found = new LinkedHashMap<>();
        said.forEach((place, minor) -> {
            if (!place.item().group().equals(REVERSED)) {
                found.merge(place, minor, Math::addExact);
                placesOf(byLine ? place.item() : place.item().ofClaim(), posted, byLine)
                        .keySet()
                        .forEach(left::remove);
            }
        });
        said.forEach((place, minor) -> {
            if (place.item().group().equals(REVERSED)) {
                Map<Place, Long> same = ofReason(place.item(), left, byLine);
                long groups = same.keySet().stream()
                        .map(each -> each.item().group())
                        .distinct()
                        .count();
                long sum = same.values().stream().mapToLong(Long::longValue).reduce(0, Math::addExact);
                if (groups == 1) {
                    Place one = same.keySet().iterator().next();
                    found.merge(one, minor, Math::addExact);
                } else if (groups > 1 && minor == -sum) {
                    same.forEach((each, there) -> {
                        found.merge(each, Math.negateExact(there), Math::addExact);
                        left.remove(each);
                    });
                } else {
                    found.merge(place, minor, Math::addExact);
                }
            }
        });
        return found;
    }

    private static Map<Place, Long> ofReason(Item item, Map<Place, Long> places, boolean byLine) {
        Map<Place, Long> found = new LinkedHashMap<>();
        places.forEach((place, minor) -> {
            if (minor != 0
                    && !place.item().group().equals(PAID)
                    && place.item().reason().equals(item.reason())
                    && (!byLine || place.item().line().equals(item.line()))) {
                found.put(place, minor);
            }
        });
        return found;
    }

    private static boolean isWithin(Map<Place, Long> part, Map<Place, Long> whole) {
        return part.entrySet().stream().allMatch(each -> {
            long there = whole.getOrDefault(each.getKey(), 0L);
            return each.getValue() == 0
                    || (sameSign(each.getValue(), there) && Math.abs(each.getValue()) <= Math.abs(there));
        });
    }

    private static Map<Place, Long> remaining(List<Answer> some) {
        Map<Place, Long> sums = new LinkedHashMap<>();
        some.forEach(answer ->
                answer.amounts().forEach(amount -> sums.merge(amount.place(), amount.minor(), Math::addExact)));
        return sums;
    }

    private static Map<Place, Long> places(List<Amount> amounts) {
        Map<Place, Long> sums = new LinkedHashMap<>();
        amounts.forEach(amount -> sums.merge(amount.place(), amount.minor(), Math::addExact));
        return sums;
    }

    private static Map<Item, Long> items(Map<Place, Long> places, boolean byLine) {
        Map<Item, Long> sums = new LinkedHashMap<>();
        places.forEach((place, minor) ->
                sums.merge(byLine ? place.item() : place.item().ofClaim(), minor, Math::addExact));
        return sums;
    }

    private static Map<Item, Long> ofClaims(Map<Place, Long> places) {
        return items(places, false);
    }

    private static Map<Place, Long> placesOf(Item item, Map<Place, Long> places, boolean byLine) {
        Map<Place, Long> found = new LinkedHashMap<>();
        places.forEach((place, minor) -> {
            if ((byLine ? place.item() : place.item().ofClaim()).equals(item)) {
                found.put(place, minor);
            }
        });
        return found;
    }

    /** Payments are said line by line. */
    private static boolean hasLines(Map<Place, Long> places) {
        return places.keySet().stream()
                .map(Place::item)
                .filter(item -> item.group().equals(PAID))
                .noneMatch(item -> item.line().isEmpty());
    }

    private long sum(Predicate<Answer> wanted, ToLongFunction<Answer> amount) {
        return answers.stream().filter(wanted).mapToLong(amount).reduce(0, Math::addExact);
    }

    private static boolean sameSign(long left, long right) {
        return (left > 0 && right > 0) || (left < 0 && right < 0);
    }

    private static String money(long minor) {
        return java.math.BigDecimal.valueOf(minor, 2).toPlainString();
    }
}

package io.remitflow.checks;

import io.remitflow.checks.PaperCheckRows.NewCheck;
import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Users;
import io.remitflow.ledger.NewEntry;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The checks of the packets, from their reading until somebody decides about them; nothing here books anything. */
@Service
@Transactional
public class Checks {

    /** Subject of timelines and audit entries. */
    public static final String SUBJECT = "check";

    static final int MAX_LINES = 200;

    private static final int MAX_REASON = 500;
    private static final int MAX_NAME = 200;
    private static final int MAX_NUMBER = 40;

    private final PaperCheckRows rows;
    private final CheckProposals proposals;
    private final PatientAccounts accounts;
    private final NumberSeries numbers;
    private final Users users;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;

    Checks(
            PaperCheckRows rows,
            CheckProposals proposals,
            PatientAccounts accounts,
            NumberSeries numbers,
            Users users,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit) {
        this.rows = rows;
        this.proposals = proposals;
        this.accounts = accounts;
        this.numbers = numbers;
        this.users = users;
        this.messages = messages;
        this.timeline = timeline;
        this.audit = audit;
    }

    @Transactional(readOnly = true)
    public PaperCheck get(UUID id) {
        return rows.find(id).orElseThrow(Checks::unknown);
    }

    @Transactional(readOnly = true)
    public List<CheckSummary> list(CheckFilter filter) {
        return rows.list(filter);
    }

    @Transactional(readOnly = true)
    public List<CheckTotal> totals() {
        return rows.totals();
    }

    @Transactional(readOnly = true)
    public List<PaperCheck> ofPacket(UUID packetId) {
        return rows.ofPacket(packetId);
    }

    /** How many checks wait for a review. */
    @Transactional(readOnly = true)
    public CheckTotal waiting(String currency) {
        return rows.totals().stream()
                .filter(total -> total.status() == CheckStatus.NEEDS_REVIEW)
                .findFirst()
                .orElseGet(() -> new CheckTotal(CheckStatus.NEEDS_REVIEW, 0, Amounts.zero(currency)));
    }

    /** For working through all that waits: the one after this, then from the beginning. */
    @Transactional(readOnly = true)
    public Optional<UUID> nextToReview(UUID after) {
        return rows.nextToReview(after);
    }

    /** What a confirmation would do now. */
    @Transactional(readOnly = true)
    public CheckPreview preview(UUID id) {
        PaperCheck check = get(id);
        return proposals.of(check, CheckFields.of(check), false);
    }

    /** What it would do with other fields, which nobody saved yet. */
    @Transactional(readOnly = true)
    public CheckPreview preview(UUID id, CheckFields fields) {
        return proposals.of(get(id), fields, false);
    }

    /**
     * Corrects what was read.
     *
     * @param version the one that was looked at
     * @param fields their lines have the numbers that they had, so that they are still found on the picture
     */
    public PaperCheck change(UUID id, int version, CheckFields fields) {
        PaperCheck check = inReview(id);
        if (check.version() != version) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "somebody changed this check, look at it again");
        }
        CheckFields clean = sound(check, fields);
        if (clean.equals(CheckFields.of(check))) {
            return check;
        }
        requireSameIfPresentedAgain(check, clean);
        rows.change(id, check.currency(), clean, FieldBox.withLines(check.boxes(), lineNumbers(fields.lines())));
        timeline.add(SUBJECT, id, "Corrected", "");
        compareAgain(id);
        audit.record(
                "check-corrected",
                SUBJECT,
                id.toString(),
                Map.of(
                        "amountBefore", String.valueOf(check.amount()),
                        "amount", String.valueOf(clean.amount()),
                        "facilitiesPicked", clean.facilities().size()));
        return get(id);
    }

    /** It is no check that we cash. */
    public void reject(UUID id, String reason) {
        String why = required(reason);
        PaperCheck check = inReview(id);
        rows.rejected(id, CurrentUser.id().value(), why);
        timeline.add(SUBJECT, id, "Rejected", why);
        audit.record("check-rejected", SUBJECT, id.toString(), Map.of("number", check.number()));
        decided(check, "rejected");
    }

    /** A clerk has to correct it, or to scan it again, before it is looked at again. */
    public void sendBack(UUID id, String reason) {
        noteSentBack(id, reason);
        messages.publish(CheckReviewSteps.DECIDED, id.toString(), Map.of("decision", "sent-back"));
    }

    /** In Tasklist: the process knows already, and a message would wait for the next task. */
    void noteSentBack(UUID id, String reason) {
        String why = required(reason);
        PaperCheck check = inReview(id);
        if (check.sentBackReason() != null) {
            throw new RuleViolation(Refusal.CHECK_NOT_IN_REVIEW, "%s was sent back already".formatted(check.number()));
        }
        rows.sentBack(id, why);
        timeline.add(SUBJECT, id, "Sent back", why);
        audit.record("check-sent-back", SUBJECT, id.toString(), Map.of("number", check.number()));
    }

    /** What it was sent back for is done. */
    public void corrected(UUID id) {
        noteCorrected(id);
        tellCorrected(id);
    }

    /** As {@link #noteSentBack}. */
    void noteCorrected(UUID id) {
        PaperCheck check = inReview(id);
        if (check.sentBackReason() == null) {
            throw new RuleViolation(Refusal.CHECK_NOT_IN_REVIEW, "%s was not sent back".formatted(check.number()));
        }
        rows.sentBack(id, null);
        timeline.add(SUBJECT, id, "Corrected", "It waits for its review again");
    }

    /**
     * These lines belong to another check of the packet, which the reader took for the same.
     *
     * @param lineNumbers none: there is another check on these pages, of which nothing is known yet
     * @return the new check
     */
    public UUID split(UUID id, int version, Set<Integer> lineNumbers) {
        PaperCheck check = inReview(id);
        if (check.version() != version) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "somebody changed this check, look at it again");
        }
        if (isPresentedAgain(id)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "what is presented again is one check, and stays one");
        }
        List<RemittanceLine> moved = new ArrayList<>();
        List<RemittanceLine> kept = new ArrayList<>();
        for (RemittanceLine line : check.lines()) {
            (lineNumbers.contains(line.number()) ? moved : kept).add(line);
        }
        if (moved.size() != lineNumbers.size()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "one of the lines is not on this check");
        }
        boolean known = !moved.isEmpty();
        if (known) {
            rows.change(
                    id,
                    check.currency(),
                    CheckFields.of(check).withLines(numbered(kept)),
                    FieldBox.withLines(check.boxes(), lineNumbers(kept)));
        }
        UUID other = stage(
                check.packetId(),
                check.currency(),
                new NewCheck(
                        new CheckFields(
                                null,
                                known ? check.date() : null,
                                known ? check.payerName() : null,
                                known ? check.payeeName() : null,
                                null,
                                null,
                                numbered(moved),
                                known ? check.facilities() : Set.of()),
                        null,
                        null,
                        null,
                        null,
                        check.firstPage(),
                        check.lastPage(),
                        FieldBox.ofLines(check.boxes(), lineNumbers(moved))));
        timeline.add(
                SUBJECT,
                id,
                "Split",
                "%s %s"
                        .formatted(
                                known ? "Some of it is" : "Beside it is",
                                get(other).number()));
        audit.record("check-split", SUBJECT, id.toString(), Map.of("into", other.toString()));
        return other;
    }

    /**
     * The other one is no check of its own: its lines belong to this one, and its amount was none.
     *
     * @throws RuleViolation {@link Refusal#NOT_PERMITTED} if an amount was read of it and the person may not confirm checks:
     *     then a check is put aside, as if it were rejected
     */
    public void merge(UUID id, UUID otherId) {
        if (id.equals(otherId)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a check cannot be merged with itself");
        }
        boolean first = id.compareTo(otherId) < 0;
        PaperCheck one = inReview(first ? id : otherId);
        PaperCheck two = inReview(first ? otherId : id);
        PaperCheck check = first ? one : two;
        PaperCheck other = first ? two : one;
        if (isPresentedAgain(id) || isPresentedAgain(otherId)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "what is presented again is one check, and stays one");
        }
        if (!check.packetId().equals(other.packetId())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "only checks of one packet can be merged");
        }
        Money amount = other.amount();
        if (amount != null) {
            requirePermission(Permission.CHECKS_CONFIRM);
        }
        String name = amount == null ? other.number() : "%s over %s".formatted(other.number(), Amounts.format(amount));
        List<RemittanceLine> lines = new ArrayList<>(check.lines());
        lines.addAll(other.lines());
        Map<String, FieldBox> boxes = new HashMap<>(check.boxes());
        for (RemittanceLine line : other.lines()) {
            FieldBox box = other.boxes().get(FieldBox.ofLine(line.number()));
            if (box != null) {
                boxes.put(FieldBox.ofLine(check.lines().size() + line.number()), box);
            }
        }
        rows.change(id, check.currency(), sound(check, CheckFields.of(check).withLines(numbered(lines))), boxes);
        rows.merged(otherId, id, CurrentUser.id().value());
        timeline.add(SUBJECT, id, "Merged", "With " + name);
        timeline.add(SUBJECT, otherId, "Merged", "Into %s".formatted(check.number()));
        audit.record(
                "check-merged",
                SUBJECT,
                otherId.toString(),
                Map.of("into", id.toString(), "amount", String.valueOf(amount)));
        decided(other, "rejected");
    }

    /** @param same the check was received before: this one is put aside */
    public void decideDuplicate(UUID id, boolean same, String reason) {
        String why = required(reason);
        PaperCheck check = inReview(id);
        if (!check.isSuspectedDuplicate()) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "it is decided already whether this is a duplicate");
        }
        UUID by = CurrentUser.id().value();
        rows.duplicateDecided(id, same ? "same" : "another", why, by);
        timeline.add(SUBJECT, id, same ? "Duplicate" : "No duplicate", why);
        audit.record("check-duplicate-decided", SUBJECT, id.toString(), Map.of("same", same, "number", check.number()));
        tellDuplicateDecided(id);
        if (same) {
            rows.rejected(id, by, why);
            messages.publish(CheckReviewSteps.DECIDED, id.toString(), Map.of("decision", "rejected"));
        }
    }

    /** Stages what was read, and asks for its review. */
    UUID stage(UUID packetId, String currency, NewCheck check) {
        UUID id = Ids.next();
        int position = rows.lastPosition(packetId) + 1;
        rows.insert(id, numbers.next("CK"), packetId, position, currency, check);
        timeline.add(SUBJECT, id, "Staged", "It waits for a review");
        suspect(id);
        messages.publish(CheckReviewSteps.REQUESTED, id.toString(), Map.of("checkId", id.toString()));
        return id;
    }

    /** The bank presents it again, without a new scan: as another check, which is reviewed like any. */
    UUID stageAgain(PaperCheck check, UUID first) {
        UUID id = Ids.next();
        CheckFields fields = CheckFields.of(check);
        rows.insert(
                id,
                numbers.next("CK"),
                check.packetId(),
                rows.lastPosition(check.packetId()) + 1,
                check.currency(),
                new NewCheck(
                        fields,
                        check.courtesyMinor(),
                        check.legalMinor(),
                        check.signed(),
                        check.confidence(),
                        check.firstPage(),
                        check.lastPage(),
                        check.boxes()));
        rows.represents(id, first);
        suspect(id);
        messages.publish(CheckReviewSteps.REQUESTED, id.toString(), Map.of("checkId", id.toString()));
        return id;
    }

    /** The row stays locked until the transaction ends. */
    PaperCheck inReview(UUID id) {
        PaperCheck check = rows.lock(id).orElseThrow(Checks::unknown);
        if (check.status() != CheckStatus.NEEDS_REVIEW) {
            throw new RuleViolation(
                    Refusal.CHECK_NOT_IN_REVIEW,
                    "%s is %s already"
                            .formatted(check.number(), check.status().key().replace('_', ' ')));
        }
        return check;
    }

    /** Tells the process, wherever it stands. */
    void decided(PaperCheck check, String decision) {
        if (check.isSuspectedDuplicate()) {
            tellDuplicateDecided(check.id());
        }
        if (check.sentBackReason() != null) {
            tellCorrected(check.id());
        }
        messages.publish(CheckReviewSteps.DECIDED, check.id().toString(), Map.of("decision", decision));
    }

    void requirePermission(Permission permission) {
        boolean may = users.find(CurrentUser.id())
                .filter(person -> person.may(permission))
                .isPresent();
        if (!may) {
            throw new RuleViolation(Refusal.NOT_PERMITTED, "this needs the permission " + permission.key());
        }
    }

    /**
     * Looks for its like once more, which may have come meanwhile.
     *
     * @return whether a person has to decide if it is the same as another one
     */
    public boolean suspectAgain(UUID id) {
        PaperCheck check = rows.lock(id).orElseThrow(Checks::unknown);
        if (check.status() == CheckStatus.NEEDS_REVIEW) {
            suspect(id);
        }
        return get(id).isSuspectedDuplicate();
    }

    /** As {@link #suspectAgain}; a process that waits for its review asks about the duplicate instead. */
    void suspectAndTell(UUID id) {
        boolean before = get(id).isSuspectedDuplicate();
        if (suspectAgain(id) && !before) {
            messages.publish(
                    CheckReviewSteps.DECIDED, id.toString(), Map.of("decision", CheckReviewSteps.DUPLICATE_SUSPECTED));
        }
    }

    /** For the holder of its row, before it is booked: no other check like it is booked until the transaction ends. */
    void suspectAlone(UUID id) {
        rows.lockLike(CheckFields.of(get(id)));
        suspect(id);
    }

    /** Its fields changed: it may be like another one now, and later ones like it, or no more. */
    private void compareAgain(UUID id) {
        suspectAndTell(id);
        rows.lockDoubtfulBecauseOf(id, CheckFields.of(get(id))).forEach(this::suspectAndTell);
    }

    private void suspect(UUID id) {
        PaperCheck check = get(id);
        UUID like = rows.like(id, CheckFields.of(check)).orElse(null);
        PaperCheck.Duplicate known = check.duplicate();
        if (like == null && known != null && known.decision() == null) {
            rows.suspectDuplicate(id, null);
            tellDuplicateDecided(id);
        } else if (like != null && (known == null || !known.of().equals(like))) {
            rows.suspectDuplicate(id, like);
            timeline.add(
                    SUBJECT,
                    id,
                    "May be a duplicate",
                    "Of %s".formatted(get(like).number()));
        }
    }

    private void tellDuplicateDecided(UUID id) {
        messages.publish(
                CheckReviewSteps.DUPLICATE_DECIDED, id.toString(), Map.of("duplicateChoice", CheckReviewSteps.ON_PAGE));
    }

    private void tellCorrected(UUID id) {
        messages.publish(CheckReviewSteps.CORRECTED, id.toString(), Map.of("correction", CheckReviewSteps.ON_PAGE));
    }

    static String required(String reason) {
        String why = FreeText.clean(reason);
        if (why.isEmpty() || reason.length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 500 characters why");
        }
        return why;
    }

    /** The bank presents the same paper: what was confirmed of it before stands. */
    private void requireSameIfPresentedAgain(PaperCheck check, CheckFields fields) {
        if (isPresentedAgain(check.id())
                && !(Objects.equals(fields.amount(), check.amount())
                        && Objects.equals(fields.checkNumber(), check.checkNumber())
                        && Objects.equals(fields.payerName(), check.payerName()))) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "%s is presented again: its amount, number and payer stay as they were".formatted(check.number()));
        }
    }

    private boolean isPresentedAgain(UUID id) {
        return !id.equals(rows.chain(id).first());
    }

    private static List<Integer> lineNumbers(List<RemittanceLine> lines) {
        return lines.stream().map(RemittanceLine::number).toList();
    }

    static List<RemittanceLine> numbered(List<RemittanceLine> lines) {
        List<RemittanceLine> numbered = new ArrayList<>();
        for (RemittanceLine line : lines) {
            numbered.add(new RemittanceLine(
                    numbered.size() + 1,
                    line.invoiceNumber(),
                    line.date(),
                    line.amountMinor(),
                    line.chosenInvoiceId()));
        }
        return numbered;
    }

    /** Without what must not be kept, and within limits. */
    private CheckFields sound(PaperCheck check, CheckFields fields) {
        Money amount = fields.amount();
        if (amount != null
                && (!amount.getCurrencyUnit().getCode().equals(check.currency())
                        || !amount.isPositive()
                        || amount.getAmountMinorLong() > NewEntry.MAX_AMOUNT_MINOR)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a check is worth more than zero, in " + check.currency());
        }
        if (fields.lines().size() > MAX_LINES) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a check has at most %d lines".formatted(MAX_LINES));
        }
        if (accounts.all(fields.facilities()).size() != fields.facilities().size()) {
            throw RuleViolation.notFound("one of the facilities");
        }
        return cleaned(fields);
    }

    static CheckFields cleaned(CheckFields fields) {
        List<RemittanceLine> lines = fields.lines().stream()
                .map(line -> new RemittanceLine(
                        line.number(),
                        cut(line.invoiceNumber(), MAX_NUMBER),
                        line.date(),
                        line.amountMinor(),
                        line.chosenInvoiceId()))
                .toList();
        return new CheckFields(
                number(fields.checkNumber()),
                fields.date(),
                cut(fields.payerName(), MAX_NAME),
                cut(fields.payeeName(), MAX_NAME),
                cut(fields.memo(), MAX_REASON),
                fields.amount(),
                numbered(lines),
                fields.facilities());
    }

    /** The printed number without leading zeros, so that "001211" and "1211" are one check. */
    private static @Nullable String number(@Nullable String text) {
        String clean = FreeText.cleanOrNull(text);
        if (clean == null || clean.contains(FreeText.MASK)) {
            return null;
        }
        String plain = clean.replaceAll("[^\\p{Alnum}-]", "").replaceFirst("^0+(?=.)", "");
        return plain.isEmpty() ? null : cut(plain, MAX_NUMBER);
    }

    private static @Nullable String cut(@Nullable String text, int most) {
        String clean = FreeText.cleanOrNull(text);
        return clean == null || clean.length() <= most ? clean : clean.substring(0, most);
    }

    private static RuleViolation unknown() {
        return RuleViolation.notFound("the check");
    }
}

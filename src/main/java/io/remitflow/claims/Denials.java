package io.remitflow.claims;

import io.remitflow.claims.DenialRows.Latest;
import io.remitflow.claims.DenialRows.NewDenial;
import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * What payers denied, as cases: opened and closed by their answers, worked on in between.
 *
 * <p>There is one case per claim and remittance that denies it, or pays it but keeps something for a reason that the
 * contract does not explain. A later answer closes the open cases of its claim: as paid
 * if nothing that was denied stays open, as denied again if it denies too. What a payment closed is open again when the
 * payment is taken back.
 */
@Service
@Transactional
public class Denials {

    public static final String SUBJECT = "denial";

    /** The reason code of an exact duplicate. */
    private static final String DUPLICATE = "18";

    private static final int SOON_DAYS = 14;
    private static final int ESCALATED_PRIORITY = 90;

    private final DenialRows rows;
    private final NumberSeries numbers;
    private final Organizations organizations;
    private final ObjectProvider<DenialWriteOffs> writeOffs;
    private final DenialReopening reopening;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    Denials(
            DenialRows rows,
            NumberSeries numbers,
            Organizations organizations,
            ObjectProvider<DenialWriteOffs> writeOffs,
            DenialReopening reopening,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.rows = rows;
        this.numbers = numbers;
        this.organizations = organizations;
        this.writeOffs = writeOffs;
        this.reopening = reopening;
        this.messages = messages;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Takes note of what a remittance answered, after the answers were applied to their claims and in the same transaction,
     * which holds the locks of their accounts. Telling it again changes nothing.
     *
     * <p>A duplicate (OA-18 only) of a claim that is paid itself and has nothing open is recorded as closed, with that as
     * evidence: nobody is asked. Where the payer means another claim of ours, this one is open, and somebody has to see
     * whether it is the same service twice or two services.
     *
     * @param answeredOn from here the payer's appeal limit runs
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void answered(UUID remittanceId, LocalDate answeredOn, List<RemittedAnswer> answers) {
        Map<UUID, Together> byClaim = new LinkedHashMap<>();
        answers.forEach(answer -> byClaim.computeIfAbsent(answer.claimId(), id -> new Together(answer))
                .add(answer));
        List<Together> denied =
                byClaim.values().stream().filter(claim -> claim.opensCase).toList();
        List<Denial> earlier = rows.lockOpenOf(byClaim.keySet()).stream()
                .filter(denial -> !denial.remittanceId().equals(remittanceId))
                .toList();
        Set<UUID> silent = open(remittanceId, answeredOn, denied);
        close(remittanceId, answeredOn, byClaim, earlier, silent);
        reopen(answeredOn, byClaim, earlier);
    }

    /**
     * The remittance that answered these claims was posted by mistake and is taken back: the cases it opened end, those it
     * closed are open again, whoever works on them hears of it. Telling it again changes nothing.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void takenBack(UUID remittanceId, Collection<UUID> claimIds) {
        Map<UUID, String> ended = new LinkedHashMap<>();
        Map<String, Map<String, ?>> news = new LinkedHashMap<>();
        for (Denial denial : rows.lockOpenOf(claimIds)) {
            if (denial.remittanceId().equals(remittanceId)) {
                ended.put(denial.id(), "The remittance that denied the claim was taken back");
                news.put(denial.processKey(), Map.of("outcome", DenialClosing.NOTHING_OPEN.key()));
                if (denial.status() == DenialStatus.WRITING_OFF) {
                    writeOffs.ifAvailable(all -> withdraw(all, denial));
                }
            }
        }
        rows.close(ended, DenialClosing.NOTHING_OPEN, clock.instant());
        timeline.add(SUBJECT, "Taken back", ended);
        messages.publish(DenialSteps.ANSWERED_MESSAGE, news);
        reopening.answerTakenBack(remittanceId, claimIds);
    }

    /**
     * The claim is withdrawn at the payer: the work on its denials ends.
     *
     * @param evidence without names or ids of patients
     */
    @Transactional(propagation = Propagation.MANDATORY)
    void withdrawn(UUID claimId, DenialClosing closing, String evidence) {
        Map<UUID, String> ended = new LinkedHashMap<>();
        Map<String, Map<String, ?>> news = new LinkedHashMap<>();
        for (Denial denial : rows.lockOpenOf(List.of(claimId))) {
            ended.put(denial.id(), evidence);
            news.put(denial.processKey(), Map.of("outcome", closing.key()));
            UUID writeOff = denial.status() == DenialStatus.WRITING_OFF ? denial.writeOffId() : null;
            if (writeOff != null) {
                writeOffs.ifAvailable(all -> all.withdraw(writeOff, evidence));
            }
        }
        rows.close(ended, closing, clock.instant());
        timeline.add(SUBJECT, closing == DenialClosing.VOIDED ? "Voided" : "Replaced", ended);
        messages.publish(DenialSteps.ANSWERED_MESSAGE, news);
    }

    /**
     * The posted write-off of a denial was reversed: the denial is worked on again. Call it in the transaction that reversed
     * it; told again, it changes nothing.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void writeOffTakenBack(UUID denialId, UUID writeOffId) {
        reopening.writeOffTakenBack(denialId, writeOffId);
    }

    /**
     * The write-off of a denial came to its end; call it in the transaction that posted, rejected or cancelled it. For a
     * denial that ended meanwhile, and when told again, it changes nothing.
     *
     * @param posted false: rejected or cancelled, the denial goes back to work
     * @param reason of a rejection, without names or ids of patients
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void writeOffEnded(UUID denialId, UUID writeOffId, boolean posted, @Nullable String reason) {
        Denial denial = rows.lock(denialId);
        if (denial.status() != DenialStatus.WRITING_OFF
                || !writeOffId.equals(denial.writeOffId())
                || denial.refusalReason() != null) {
            return;
        }
        if (posted) {
            rows.close(Map.of(denialId, "The write-off is posted"), DenialClosing.WRITTEN_OFF, clock.instant());
            timeline.add(SUBJECT, denialId, "Written off", "The write-off is posted");
        } else {
            boolean silent = reason == null || reason.isBlank();
            String words = reason == null || silent ? "The write-off was not approved" : shortened(reason);
            // The process takes it back to work when it gets there, so that its steps and ours stay in one order.
            // It is told to the engine; what an approver typed stays in the books.
            rows.refused(
                    denialId,
                    "The write-off was not approved" + (silent ? "" : ": the history of the case says why"),
                    clock.instant());
            timeline.add(SUBJECT, denialId, "Write-off not approved", words);
        }
        messages.publish(DenialSteps.WRITE_OFF_ENDED_MESSAGE, denial.processKey(), Map.of("writtenOff", posted));
    }

    @Transactional(readOnly = true)
    public Denial get(UUID id) {
        return rows.get(id);
    }

    @Transactional(readOnly = true)
    public List<DenialReason> reasons(UUID id) {
        return rows.reasons(id);
    }

    @Transactional(readOnly = true)
    public Map<UUID, List<DenialReason>> reasons(Collection<UUID> ids) {
        return rows.reasons(ids);
    }

    /** By denial as a duplicate (18) the other claim of ours that the payer may mean. */
    @Transactional(readOnly = true)
    public Map<UUID, RepeatedClaim> mayRepeat(Collection<UUID> ids) {
        return rows.mayRepeat(ids);
    }

    /** Open ones by their appeal limit, the nearest first; closed ones newest first. */
    @Transactional(readOnly = true)
    public List<Denial> list(DenialFilter filter) {
        return rows.list(filter, organizations.today());
    }

    /** By class, the largest amount first, in the organization's currency. */
    @Transactional(readOnly = true)
    public List<DenialClassTotal> totals(DenialFilter filter) {
        LocalDate today = organizations.today();
        return rows.totals(filter, today, organizations.current().currency().getCode(), today.plusDays(SOON_DAYS));
    }

    /** The signed-in person takes the case over. */
    public void take(UUID id) {
        Denial denial = rows.lock(id);
        var me = CurrentUser.id();
        if (!denial.isClosed() && !me.equals(denial.owner())) {
            rows.owned(id, me, clock.instant());
            timeline.add(SUBJECT, id, "Taken over", "The case has an owner");
        }
    }

    /** What the rule about triage is asked with: codes and amounts only. */
    @Transactional(readOnly = true)
    public Map<String, Object> triageInputs(UUID id) {
        Denial denial = rows.get(id);
        return inputs(denial, rows.reasons(id));
    }

    static Map<String, Object> inputs(Denial denial, List<DenialReason> reasons) {
        Optional<DenialReason> leading = leading(reasons);
        Map<String, Object> inputs = new LinkedHashMap<>();
        inputs.put("underpaid", denial.underpaid());
        inputs.put("reasonCode", leading.map(DenialReason::code).orElse(""));
        inputs.put("groupCode", leading.map(DenialReason::group).orElse(""));
        inputs.put(
                "hasRemark",
                !denial.remarks().isBlank()
                        || reasons.stream().anyMatch(reason -> !reason.remarks().isBlank()));
        inputs.put("deniedMinor", denial.denied().getAmountMinorLong());
        inputs.put("level", denial.level());
        return inputs;
    }

    /** The reason that took most; among equals the first. */
    static Optional<DenialReason> leading(List<DenialReason> reasons) {
        Map<String, Long> sums = reasons.stream()
                .collect(Collectors.groupingBy(
                        DenialReason::groupAndCode,
                        LinkedHashMap::new,
                        Collectors.summingLong(DenialReason::amountMinor)));
        return reasons.stream()
                .filter(DenialReason::counts)
                .max(Comparator.comparing((DenialReason reason) -> sums.get(reason.groupAndCode()))
                        .thenComparing(reasons::indexOf, Comparator.reverseOrder()))
                .or(() -> reasons.stream().findFirst());
    }

    /** Takes over what the rule said; repeating it changes nothing. */
    public Denial triaged(UUID id, Denial.Triage triage) {
        Denial denial = rows.lock(id);
        if (denial.triage() != null || denial.isClosed()) {
            return denial;
        }
        if (Role.ofKey(triage.ownerGroup()).isEmpty()) {
            throw new IllegalStateException("no role is called " + triage.ownerGroup());
        }
        rows.triaged(id, triage, clock.instant());
        timeline.add(SUBJECT, id, "Triaged", triage.reason());
        return rows.get(id);
    }

    /** The appeal limit comes near and nothing is at the payer; repeating it changes nothing. */
    public void remind(UUID id) {
        Denial denial = rows.lock(id);
        if (isOurTurn(denial) && !hasStep(id, "Reminder")) {
            timeline.add(SUBJECT, id, "Reminder", "The payer takes an appeal until " + denial.appealLimitOn());
        }
    }

    /** The case belongs to the billing manager from now on; repeating it changes nothing. */
    public void escalate(UUID id) {
        Denial denial = rows.lock(id);
        if (isOurTurn(denial) && !hasStep(id, "Escalated")) {
            rows.escalated(id, Role.BILLING_MANAGER.key(), ESCALATED_PRIORITY, clock.instant());
            timeline.add(SUBJECT, id, "Escalated", "Nothing was sent yet, and the limit is " + denial.appealLimitOn());
        }
    }

    /** The appeal limit passed; repeating it, or after something was sent in time, it changes nothing. */
    public void expire(UUID id) {
        Denial denial = rows.lock(id);
        if (isOurTurn(denial) && denial.sent() == null && denial.expiredAt() == null) {
            rows.expired(id, clock.instant());
            timeline.add(
                    SUBJECT,
                    id,
                    "Appeal limit passed",
                    "The payer took appeals until %s: %s %s can no longer be appealed"
                            .formatted(
                                    denial.appealLimitOn(),
                                    Amounts.format(denial.open()),
                                    denial.open().getCurrencyUnit()));
            audit.record(
                    "denial-appeal-expired",
                    SUBJECT,
                    id.toString(),
                    Map.of(
                            "number", denial.number(),
                            "open", denial.open().toString()));
        }
    }

    private static boolean isOurTurn(Denial denial) {
        return switch (denial.status()) {
            case OPEN, CORRECTING, APPEALING -> true;
            case WAITING, WRITING_OFF, BILLING_PATIENT, CLOSED -> false;
        };
    }

    /** In this round of work. */
    private boolean hasStep(UUID id, String step) {
        List<String> steps =
                timeline.of(SUBJECT, id).stream().map(TimelineEntry::step).toList();
        return steps.lastIndexOf(step) > steps.lastIndexOf(DenialReopening.STEP);
    }

    /** @return the claims whose denial was recorded without asking anybody */
    private Set<UUID> open(UUID remittanceId, LocalDate answeredOn, List<Together> all) {
        if (all.isEmpty()) {
            return Set.of();
        }
        Map<String, UUID> known = rows.bySource(
                all.stream().map(claim -> claim.source(remittanceId)).toList());
        List<Together> denied = answerable(all, remittanceId, known);
        List<Together> fresh = denied.stream()
                .filter(claim -> !known.containsKey(claim.source(remittanceId)))
                .toList();
        Map<UUID, UUID> ids = insert(remittanceId, answeredOn, fresh);
        Map<UUID, List<DenialReason>> reasons = new HashMap<>();
        denied.forEach(claim -> reasons.put(
                ids.getOrDefault(claim.first.claimId(), known.get(claim.source(remittanceId))), claim.reasons));
        rows.addReasons(reasons);

        Map<UUID, RepeatedClaim> originals = rows.paidAlready(fresh.stream()
                .filter(Together::isDuplicate)
                .map(claim -> claim.first.claimId())
                .toList());
        Map<UUID, String> evidence = new HashMap<>();
        originals.forEach((claim, original) -> evidence.put(
                ids.get(claim), "Claim %s is the original: %s".formatted(original.controlNumber(), original.words())));
        rows.close(evidence, DenialClosing.DUPLICATE, clock.instant());
        timeline.add(SUBJECT, "Closed by itself", evidence);

        Map<String, Map<String, ?>> opened = new LinkedHashMap<>();
        Map<UUID, String> texts = new LinkedHashMap<>();
        Map<UUID, String> underpaid = new LinkedHashMap<>();
        Map<UUID, RepeatedClaim> others = rows.mayRepeat(fresh.stream()
                .filter(claim ->
                        claim.reasons.stream().anyMatch(reason -> reason.code().equals(DUPLICATE)))
                .map(claim -> java.util.Objects.requireNonNull(ids.get(claim.first.claimId())))
                .toList());
        fresh.stream()
                .filter(claim -> !originals.containsKey(claim.first.claimId()))
                .forEach(claim -> {
                    UUID id = java.util.Objects.requireNonNull(ids.get(claim.first.claimId()));
                    opened.put(id.toString(), DenialSteps.opening(id, id.toString()));
                    RepeatedClaim other = others.get(id);
                    String repeats = other == null
                            ? ""
                            : "; it may repeat claim %s (%s)".formatted(other.controlNumber(), other.words());
                    (claim.denied ? texts : underpaid).put(id, claim.words() + repeats);
                });
        timeline.add(SUBJECT, "Denied", texts);
        timeline.add(SUBJECT, "Paid less", underpaid);
        messages.publish(DenialSteps.OPENED_MESSAGE, opened);
        return originals.keySet();
    }

    /** Without those of claims that were replaced or voided before: nothing is open there that anybody could work on. */
    private List<Together> answerable(List<Together> denied, UUID remittanceId, Map<String, UUID> known) {
        Set<UUID> withdrawn = rows.withdrawn(
                denied.stream().map(claim -> claim.first.claimId()).toList());
        return denied.stream()
                .filter(claim ->
                        !withdrawn.contains(claim.first.claimId()) || known.containsKey(claim.source(remittanceId)))
                .toList();
    }

    /** @return the ids of the new cases by claim */
    private Map<UUID, UUID> insert(UUID remittanceId, LocalDate answeredOn, List<Together> fresh) {
        if (fresh.isEmpty()) {
            return Map.of();
        }
        Map<UUID, Latest> latest =
                rows.latest(fresh.stream().map(claim -> claim.first.claimId()).toList());
        List<String> given = numbers.next("DN", organizations.today().getYear(), fresh.size());
        List<NewDenial> cases = new ArrayList<>();
        for (Together claim : fresh) {
            Latest before = latest.get(claim.first.claimId());
            cases.add(new NewDenial(
                    Ids.next(),
                    given.get(cases.size()),
                    claim.source(remittanceId),
                    claim.first.claimId(),
                    claim.first.accountId(),
                    claim.first.payerId(),
                    remittanceId,
                    before == null ? null : before.id(),
                    before == null || before.paid() ? 1 : before.level() + 1,
                    answeredOn,
                    claim.first.currency(),
                    String.join(" ", claim.remarks),
                    !claim.denied));
        }
        rows.insert(cases, clock.instant());
        return cases.stream().collect(Collectors.toMap(NewDenial::claimId, NewDenial::id));
    }

    private void close(
            UUID remittanceId,
            LocalDate answeredOn,
            Map<UUID, Together> answers,
            List<Denial> earlier,
            Set<UUID> silent) {
        Map<UUID, String> paid = new LinkedHashMap<>();
        Map<UUID, String> again = new LinkedHashMap<>();
        Map<UUID, String> partly = new LinkedHashMap<>();
        for (Denial denial : earlier) {
            Together answer = answers.get(denial.claimId());
            if (answer == null || !answer.answers || silent.contains(denial.claimId())) {
                continue;
            }
            if (answer.opensCase) {
                again.put(
                        denial.id(),
                        (answer.denied
                                        ? "A later answer of %s denies the claim again"
                                        : "A later answer of %s pays, but not all of it")
                                .formatted(answeredOn));
            } else if (!denial.open().isPositive()) {
                paid.put(
                        denial.id(),
                        "The answer of %s pays %s and leaves nothing of it open"
                                .formatted(answeredOn, Amounts.format(answer.paidMinor, answer.first.currency())));
            } else if (answer.paidMinor > 0) {
                partly.put(
                        denial.id(),
                        "The answer of %s pays %s; %s stays open"
                                .formatted(
                                        answeredOn,
                                        Amounts.format(answer.paidMinor, answer.first.currency()),
                                        Amounts.format(denial.open())));
            }
        }
        rows.close(paid, DenialClosing.PAID, remittanceId, clock.instant());
        rows.close(again, DenialClosing.DENIED_AGAIN, remittanceId, clock.instant());
        timeline.add(SUBJECT, "Paid", paid);
        timeline.add(SUBJECT, "Denied again", again);
        timeline.add(SUBJECT, "Paid in part", partly);

        Map<String, Map<String, ?>> ended = new LinkedHashMap<>();
        earlier.forEach(denial -> {
            if (paid.containsKey(denial.id())) {
                ended.put(denial.processKey(), Map.of("outcome", DenialClosing.PAID.key()));
            } else if (again.containsKey(denial.id())) {
                ended.put(denial.processKey(), Map.of("outcome", DenialClosing.DENIED_AGAIN.key()));
            }
        });
        messages.publish(DenialSteps.ANSWERED_MESSAGE, ended);
        earlier.stream()
                .filter(denial -> ended.containsKey(denial.processKey()))
                .filter(denial -> denial.status() == DenialStatus.WRITING_OFF && denial.writeOffId() != null)
                .forEach(denial -> writeOffs.ifAvailable(all -> withdraw(all, denial)));
    }

    /** A claim that is denied now, or was open before, has its case already. */
    private void reopen(LocalDate answeredOn, Map<UUID, Together> answers, List<Denial> earlier) {
        Map<UUID, String> takenBack = new LinkedHashMap<>();
        answers.forEach((claim, answer) -> {
            if (answer.takesBack && !answer.opensCase) {
                takenBack.put(
                        claim,
                        "The answer of %s takes back %s"
                                .formatted(answeredOn, Amounts.format(answer.takenBackMinor, answer.first.currency())));
            }
        });
        earlier.forEach(denial -> takenBack.remove(denial.claimId()));
        reopening.paymentTakenBack(answeredOn, takenBack);
    }

    private static void withdraw(DenialWriteOffs writeOffs, Denial denial) {
        UUID writeOff = denial.writeOffId();
        if (writeOff != null) {
            writeOffs.withdraw(writeOff, "The payer answered the claim of denial " + denial.number());
        }
    }

    private static String shortened(String text) {
        return text.length() <= 500 ? text : text.substring(0, 500);
    }

    /** All answers of one remittance to one claim. */
    private static final class Together {

        private final RemittedAnswer first;
        private final List<DenialReason> reasons = new ArrayList<>();
        private final Set<String> remarks = new HashSet<>();
        private long paidMinor;
        private long takenBackMinor;
        private boolean denied;
        private boolean opensCase;
        private boolean answers;
        private boolean takesBack;

        private Together(RemittedAnswer first) {
            this.first = first;
        }

        private void add(RemittedAnswer answer) {
            paidMinor = Math.addExact(paidMinor, answer.paidMinor());
            denied |= answer.denied();
            opensCase |= answer.opensCase();
            answers |= !answer.reversal();
            if (answer.reversal() || answer.paidMinor() < 0) {
                takesBack = true;
                takenBackMinor = Math.subtractExact(takenBackMinor, answer.paidMinor());
            }
            reasons.addAll(answer.reasons());
            if (answer.opensCase() && !answer.remarks().isBlank()) {
                remarks.addAll(List.of(answer.remarks().strip().split("\\s+")));
            }
        }

        private String source(UUID remittanceId) {
            return "remittance:%s:claim:%s".formatted(remittanceId, first.claimId());
        }

        /** The rule names OA-18; beside another reason the claim is more than a duplicate. */
        private boolean isDuplicate() {
            return denied
                    && !reasons.isEmpty()
                    && reasons.stream()
                            .allMatch(reason ->
                                    reason.group().equals("OA") && reason.code().equals(DUPLICATE));
        }

        private String words() {
            long amount = reasons.stream()
                    .filter(DenialReason::counts)
                    .mapToLong(DenialReason::amountMinor)
                    .sum();
            String codes = reasons.stream()
                    .map(DenialReason::groupAndCode)
                    .distinct()
                    .limit(8)
                    .collect(Collectors.joining(", "));
            return "%s %s, %s"
                    .formatted(
                            Amounts.format(amount, first.currency()),
                            first.currency(),
                            codes.isEmpty() ? "without a reason" : codes);
        }
    }
}
